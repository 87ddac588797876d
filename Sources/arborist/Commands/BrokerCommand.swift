internal import ArgumentParser
internal import Broker

/// The command `arborist broker`: the process that alone holds the credentials of forges. `arborist serve` and
/// `arborist worker` start it; a person never does.
struct BrokerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "broker", abstract: "Hold the credentials of forges for a worker.", shouldDisplay: false)

  func run() async throws {
    let status = await BrokerMain.run(gitArguments: [BrokerGitCommand.name]) { configuration in
      try ForgeAccounts.read(configuration)
    }
    throw ExitCode(status)
  }
}

/// The command `arborist broker-git`: one operation of git over the network, in a process that can be killed.
struct BrokerGitCommand: AsyncParsableCommand {
  static let name = "broker-git"

  static let configuration = CommandConfiguration(
    commandName: name, abstract: "Carry out one operation of git for the broker.", shouldDisplay: false)

  func run() async throws {
    throw ExitCode(await GitChildMain.run())
  }
}
