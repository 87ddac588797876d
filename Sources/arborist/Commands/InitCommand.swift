internal import ArgumentParser
internal import Base
internal import FileSystem
internal import Git
internal import Glibc
internal import Installation
internal import Pipeline
internal import Work

/// The command `arborist init`.
struct InitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Install the hooks of a repository, or take them away again.",
    discussion: """
      In a bare repository: post-receive, which has pushes reviewed and their conflicts resolved. In a work tree: \
      pre-commit and pre-push, which review what is staged and what is about to leave, and the merge driver. A hook \
      that is there is kept and called. Running it twice changes nothing.

      Example: arborist init --repo /srv/git/project.git --pre-receive
      """)

  @Option(help: "The repository.")
  var repo = "."

  @Flag(help: "Take everything away and put back what was there.")
  var remove = false

  @Flag(help: "Of a bare repository: refuse pushes under the bot's own identity to anything but a feature branch.")
  var preReceive = false

  @Option(help: "Of a bare repository: where its state lives. Default: 'arborist' in the repository.")
  var state: String?

  @Flag(help: "Of a bare repository: something else, such as systemd, runs 'arborist worker'.")
  var service = false

  @Option(help: "The name under which Arborist commits and comments.")
  var botName = BotIdentity.standard.name

  @Option(help: "The address under which Arborist commits and comments.")
  var botEmail = BotIdentity.standard.email

  func run() async throws {
    let repo = repo
    let actor = try await RepositoryActor.open { () throws(GitError) in try Repository.discover(at: repo) }
    let facts = try await actor.perform { try InstallationReading.facts(of: $0) }
    let plan = remove ? try Installer.planRemoval(facts) : try Installer.plan(facts, try options())
    try plan.apply()
    for note in plan.notes { Terminal.note(note) }
    try Terminal.result(report(plan, facts))
  }

  private func options() throws -> InstallationOptions {
    guard !botEmail.isEmpty, !botName.isEmpty,
      !(botName + botEmail).utf8.contains(where: { "<>\n\0".utf8.contains($0) })
    else { throw CommandFailure(.usage, "--bot-name and --bot-email must not be empty or hold '<', '>' or a line end") }
    let programs = try Programs()
    var place: StateDirectory?
    if let state {
      let absolute = try File.absolute(Array(state.utf8))
      guard let directory = StateDirectory(absolute) else {
        throw CommandFailure(.usage, "--state '\(DisplayText.escaping(state.utf8))' is no directory's path")
      }
      place = directory
    }
    return InstallationOptions(
      arborist: programs.arborist, arboristHook: programs.arboristHook, version: Arborist.version, state: place,
      isService: service, preReceive: preReceive, bot: BotIdentity(name: botName, email: botEmail))
  }

  private func report(_ plan: InstallationPlan, _ facts: InstallationFacts) -> String {
    let place = DisplayText.escaping(facts.gitDirectory)
    if plan.isEmpty { return remove ? "Nothing of Arborist is in \(place).\n" : "All is in place in \(place).\n" }
    if remove { return "Arborist's hooks are gone from \(place).\n" }
    if facts.isBare {
      return "\(place) answers its pushes from now on. 'arborist runs --repo \(place)' shows what was done.\n"
    }
    return "\(place) has the hooks pre-commit and pre-push and the merge driver.\n"
  }
}

/// The two programs as hooks call them.
struct Programs {
  let arborist: [UInt8]
  let arboristHook: [UInt8]

  /// Finds the program that runs, and `arborist-hook` beside it.
  ///
  /// - Throws: ``CommandFailure`` where one of them is not there.
  init() throws {
    guard let own = try File.realPath(Array("/proc/self/exe".utf8)) else {
      throw CommandFailure(.surroundings, "the program cannot find itself: /proc is not there")
    }
    let directory = own.lastIndex(of: UInt8(ascii: "/")).map { Array(own[...$0]) } ?? []
    let hook = directory + Array("arborist-hook".utf8)
    guard try FileStatus(hook) != nil else {
      throw CommandFailure(
        .surroundings, "'\(DisplayText.escaping(hook))' is not there: install it beside 'arborist' ('make install')")
    }
    arborist = own
    arboristHook = hook
  }
}
