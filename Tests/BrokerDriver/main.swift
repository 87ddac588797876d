// A broker for tests that is built in a moment: `broker-driver broker TAG` and `broker-driver broker-git TAG` are what
// `arborist` runs, with a forge whose answers come from a file. `broker-driver parent CONFIGURATION TAG` starts one and waits.

import Base
import Broker
import FileSystem
import Forges
import FoundationEssentials
import Git
import Glibc
import HTTP
import Work

/// What the file says that the configuration names as settings.
struct DriverSettings: Codable {
  var token: String
  var username: String
  var scheme: String
  var host: String
  var port: String?
  var repositories: [RepositoryState]
  var pullRequests: [PullRequestState]
  /// A line for each write is added to this file before it answers.
  var log: String
  /// Branches that the forge closes without naming them among the protected ones.
  var closed: [String]?
  /// Of each branch whether it is marked as protected; without it nobody may look at branches.
  var marked: [String: Bool]?
  /// Where a real GitHub is to be spoken to instead; the token is an account's.
  var web: String?
}

struct FileForge: Forge {
  let name = ForgeName.github
  let settings: DriverSettings

  var capabilities: ForgeCapabilities {
    ForgeCapabilities(
      hasChecks: true, hasNeutral: true, settlesThreads: true, answersThreads: true, hasSuggestions: true,
      reviewsAreWhole: true, checksAnchors: true, hasRanges: true)
  }

  func account() async throws(ForgeError) -> ForgeActor { ForgeActor(id: 7, login: "bot", isBot: true) }

  func repository(_ repository: ForgeRepository) async throws(ForgeError) -> RepositoryState {
    let found = settings.repositories.first {
      repository.id == 0 ? $0.repository.path == repository.path : $0.repository.id == repository.id
    }
    guard let found else { throw ForgeError(.notFound, "there is no \(repository.path)") }
    return found
  }

  func pullRequest(_ place: ForgePlace) async throws(ForgeError) -> PullRequestState {
    guard let found = settings.pullRequests.first(where: { $0.place.number == place.number }) else {
      throw ForgeError(.notFound, "there is no #\(place.number)")
    }
    return found
  }

  func openPullRequests(
    of repository: ForgeRepository, into base: RefName?
  ) async throws(ForgeError) -> [PullRequestState] { settings.pullRequests }

  func closure(of branch: RefName, in repository: ForgeRepository) async throws(ForgeError) -> String? {
    settings.closed?.contains(branch.shortDisplay) == true ? "a ruleset closes '\(branch.shortDisplay)'" : nil
  }

  func protection(
    of branch: RefName, in repository: ForgeRepository
  ) async throws(ForgeError) -> BranchProtection {
    guard let marked = settings.marked else { return .unknown("403") }
    return marked[branch.shortDisplay].map { $0 ? .protected : .open } ?? .absent
  }

  func permission(of actor: ForgeActor, on repository: ForgeRepository) async throws(ForgeError) -> ForgePermission {
    actor.id == 1 ? .write : .none
  }

  func comments(on place: ForgePlace) async throws(ForgeError) -> [PostedComment] { [] }

  func carryOut(
    _ effect: ForgeEffect, on place: ForgePlace, trial: EffectTrial
  ) async throws(ForgeError) -> ForgeResult {
    guard case .summary(let body, _) = effect else { return .refused("only summaries") }
    append("\(trial.isRetry ? "again" : "first") \(body)\n")
    if body == "wait", !trial.isRetry {
      do { try await Task.sleep(for: .seconds(86400)) } catch {
        append("cancelled\n")
        throw ForgeError(.cancelled, "cancelled")
      }
    }
    return .done(body)
  }

  private func append(_ line: String) {
    guard let file = try? FileDescriptor(opening: Array(settings.log.utf8), .append(mode: 0o600)) else { return }
    try? file.write(Array(line.utf8))
  }
}

func accounts(_ configuration: BrokerConfiguration) throws -> BrokerAccounts {
  let bytes = try File.read(Array(configuration.settings.utf8))
  let settings = try JSONDecoder().decode(DriverSettings.self, from: Data(bytes))
  let origin = RemoteHost(scheme: settings.scheme, host: settings.host, port: settings.port)
  if let web = settings.web {
    let site = ForgeSite(.github, web: try ForgeAddress(web))
    let token = TokenAuthority(site, token: Secret(settings.token))
    let meter = ForgeMeter()
    let client = MeteredTransport(
      try HTTPClient(HTTPClientOptions(proxy: .none)), forge: .github, meter: meter)
    let forge = try ForgeConnection.make(
      site, credential: .token(token), http: client, patience: .outlasting(.seconds(77)))
    return BrokerAccounts(accounts: [ForgeAccount(forge, site: site)], meter: meter)
  }
  let account = ForgeAccount(forge: FileForge(settings: settings), origin: origin) { _, _ in
    GitToken(username: settings.username, token: Secret(settings.token))
  }
  return BrokerAccounts(
    accounts: [account], signer: { content in content.reversed() }, secrets: [Secret(settings.token)])
}

let words = CommandLine.arguments
switch words.dropFirst().first {
case "broker":
  exit(await BrokerMain.run(gitArguments: ["broker-git"] + words.dropFirst(2), accounts: accounts))
case "broker-git":
  exit(await GitChildMain.run())
case "parent":
  let configuration = try JSONDecoder().decode(
    BrokerConfiguration.self, from: Data(try File.read(Array(words[2].utf8))))
  let broker = Broker(Broker.Launch(command: [words[0], "broker", words[3]], configuration: configuration))
  let forges = try await broker.forges()
  guard let repository = ForgeRepository(forge: .github, id: 12, path: "owner/name") else { exit(1) }
  print(forges.count)
  fflush(nil)
  _ = try? await broker.mirror(repository)
  while true { try await Task.sleep(for: .seconds(3600)) }
default:
  exit(64)
}
