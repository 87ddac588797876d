import Base
import Broker
import FileSystem
import Forges
import FoundationEssentials
import Git
import Glibc
import TestSupport
import Testing
import Work

import class Foundation.Thread

/// `git-frontend.py`: git's own http-backend behind a web server that misbehaves where it is asked to.
final class ScriptedFrontend: Sendable {
  struct Event: Decodable, Sendable {
    var port: Int?
    var path: String?
    var method: String?
    var authorization: String?
    var status: Int?
  }

  let port: Int
  private let process: pid_t
  private let socket: Int32
  private let seen: Lock<[Event]>

  /// Serves the repositories of a directory to a user; with TLS where a directory has `server.pem` and `server.key`.
  ///
  /// - Throws: ``FileFailure`` or ``CommandFailure`` where it cannot be started.
  init(serving root: String, user: String, password: String, certificates: String? = nil) async throws {
    var pair: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &pair) == 0 else {
      throw FileFailure(action: "make", path: "a pair of sockets")
    }
    defer { close(pair[1]) }
    let script = #filePath.replacing("Support.swift", with: "git-frontend.py")
    let keys = certificates.map { ["\($0)/server.pem", "\($0)/server.key"] } ?? []
    process = try Command.start(
      ["python3", script, root, user, password] + keys, in: root, connectedTo: pair[1])
    socket = pair[0]
    let (socket, seen) = (pair[0], Lock<[Event]>([]))
    self.seen = seen
    Thread.detachNewThread {
      var line: [UInt8] = []
      var byte: UInt8 = 0
      while read(socket, &byte, 1) == 1 {
        guard byte == 0x0a else {
          line.append(byte)
          continue
        }
        if let event = try? JSONDecoder().decode(Event.self, from: Data(line)) { seen.withLock { $0.append(event) } }
        line = []
      }
    }
    while seen.withLock({ $0.isEmpty }) { try await Task.sleep(for: .milliseconds(10)) }
    port = seen.withLock { $0.first?.port } ?? 0
  }

  deinit {
    kill(process, SIGKILL)
    _ = Command.wait(for: process)
    shutdown(socket, Int32(SHUT_RDWR))
  }

  var events: [Event] { seen.withLock { $0 } }

  /// Waits until it stands still in the middle of a pack.
  func hasStopped(times: Int = 1) async throws {
    while events.count(where: { $0.path == "hang" }) < times { try await Task.sleep(for: .milliseconds(10)) }
  }

  /// Lets it go on.
  func goOn() { _ = write(socket, "\n", 1) }
}

/// What `broker-driver` reads; see there.
struct DriverSettings: Encodable {
  var token: String
  var username = "x-access-token"
  var scheme = "http"
  var host = "127.0.0.1"
  var port: String?
  var repositories: [RepositoryState]
  var pullRequests: [PullRequestState] = []
  var log: String
  var closed: [String]?
  var marked: [String: Bool]?
  var web: String?
}

/// A repository on a server, a fork of it, and a broker with the token for both.
final class Scene: Sendable {
  static let token = "canary-9f3c61d7a8"

  let directory: TemporaryDirectory
  let there: TestRepository
  let fork: TestRepository
  let base: ObjectID
  let server: ScriptedFrontend
  let broker: Broker
  let repository: ForgeRepository
  /// Names this scene's processes on their command lines.
  let tag: String

  /// Sets the scene with a server that behaves so (`git-frontend.py`) and wants to hear this password.
  ///
  /// - Throws: what its parts throw.
  init(
    _ kind: String = "auth", password: String = token, certificates: String? = nil, host: String = "127.0.0.1",
    change: (inout BrokerConfiguration, inout DriverSettings) -> Void = { _, _ in }
  ) async throws {
    directory = try TemporaryDirectory()
    for name in ["repos", "repos/owner", "repos/else", "workspaces"] {
      Files.makeDirectory("\(directory.path)/\(name)")
    }
    there = try TestRepository(bare: true, named: "repos/owner/name.git", in: directory)
    base = try there.commit("main", .write("a", "one\n"))
    try there.git("branch", "feature", base.hex)
    try there.git("update-ref", "refs/pull/4/head", base.hex)
    fork = try TestRepository(bare: true, named: "repos/else/name.git", in: directory)
    try fork.git("fetch", "-q", there.path, "refs/heads/*:refs/heads/*")
    server = try await ScriptedFrontend(
      serving: directory.path + "/repos", user: "x-access-token", password: password, certificates: certificates)
    repository = try #require(ForgeRepository(forge: .github, id: 12, path: "owner/name"))
    let other = try #require(ForgeRepository(forge: .github, id: 13, path: "else/name"))
    let scheme = certificates == nil ? "http" : "https"
    let root = "\(scheme)://\(host):\(server.port)/\(kind)"
    let main = try RefName("refs/heads/main")
    var settings = DriverSettings(
      token: Self.token, scheme: scheme, host: host, port: "\(server.port)",
      repositories: [
        RepositoryState(
          repository: repository, defaultBranch: main, protected: [], gitAddress: root + "/owner/name.git"),
        RepositoryState(repository: other, defaultBranch: main, protected: [], gitAddress: root + "/else/name.git"),
      ], log: directory.path + "/log")
    settings.pullRequests = [
      try Self.request(4, in: repository, at: base), try Self.request(5, in: repository, at: base, fork: "else/name"),
      try Self.request(6, in: repository, at: base, fork: "else/name", allowsPush: false),
    ]
    var configuration = BrokerConfiguration(
      settings: directory.path + "/settings.json", mirrors: directory.path + "/mirrors",
      workspaces: [directory.path + "/workspaces"])
    change(&configuration, &settings)
    try Files.write([UInt8](try JSONEncoder().encode(settings)), to: directory.path + "/settings.json", mode: 0o600)
    try Files.write(
      [UInt8](try JSONEncoder().encode(configuration)), to: directory.path + "/configuration.json", mode: 0o600)
    tag = String(directory.path.split(separator: "/").last ?? "")
    broker = Broker(
      Broker.Launch(command: [try Self.driver(), "broker", tag], configuration: configuration))
  }

  /// Another broker for the same mirrors, which waits as long as it takes.
  func patient() throws -> Broker {
    Broker(
      Broker.Launch(
        command: [try Self.driver(), "broker", tag],
        configuration: BrokerConfiguration(
          settings: directory.path + "/settings.json", mirrors: directory.path + "/mirrors", workspaces: [])))
  }

  private static func request(
    _ number: Int, in repository: ForgeRepository, at head: ObjectID, fork: String? = nil, allowsPush: Bool = true
  ) throws -> PullRequestState {
    PullRequestState(
      place: ForgePlace(repository: repository, number: number, fork: fork), isOpen: true, isDraft: false, title: "",
      body: "", head: head, branch: try RefName("refs/heads/feature"), base: try RefName("refs/heads/main"),
      baseTip: nil, author: nil, labels: [], isMergeable: nil, allowsPush: allowsPush)
  }

  static func driver() throws -> String {
    let bundle = try File.realPath(Array("/proc/self/exe".utf8)) ?? []
    let directory = bundle[...(bundle.lastIndex(of: UInt8(ascii: "/")) ?? 0)]
    return String(decoding: directory, as: UTF8.self) + "broker-driver"
  }

  var mirror: String { "\(directory.path)/mirrors/github-127.0.0.1-\(server.port)-12.git" }

  func place(_ number: Int = 4) -> ForgePlace { ForgePlace(repository: repository, number: number) }

  /// The processes of this scene's broker (`broker`) or of its git children (`broker-git`).
  func processes(_ role: String) -> [pid_t] {
    let names = (try? Directory.names(Array("/proc".utf8))) ?? []
    return names.compactMap { name in
      guard let number = pid_t(String(decoding: name, as: UTF8.self)),
        let line = try? File.read(Array("/proc/\(number)/cmdline".utf8))
      else { return nil }
      let words = line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
      return words.dropFirst().first == role && words.last == tag ? number : nil
    }
  }

  /// Waits until none of them is left.
  func areGone(_ role: String) async throws {
    while !processes(role).isEmpty { try await Task.sleep(for: .milliseconds(10)) }
  }

  /// A workspace that borrows from the mirror, with a commit on top of a parent.
  func work(
    _ name: String = "run", on parent: ObjectID? = nil, text: String = "two\n", message: String = "x\n",
    isOpen: Bool = false
  ) throws -> (String, ObjectID) {
    try commit(name, of: [parent ?? base], message: message, isOpen: isOpen, putting: ["a": text])
  }

  /// The same with a commit that has these parents, and the files of the first one with changes.
  func commit(
    _ name: String = "run", of parents: [ObjectID], message: String = "x\n", isOpen: Bool = false,
    putting files: [String: String]
  ) throws -> (String, ObjectID) {
    let path = "\(directory.path)/workspaces/\(name)"
    let workspace =
      isOpen
      ? try PrivateRepository.reopen(at: path)
      : try PrivateRepository.create(at: path, borrowing: [mirror + "/objects"])
    let changes = try files.sorted { $0.key < $1.key }.map { file in
      TreeEdit.put(
        try #require(RepositoryPath(file.key)), mode: .regular, blob: try workspace.writeBlob(Array(file.value.utf8)))
    }
    let tree = try workspace.writeTree(from: parents[0], changes)
    let signature = Signature(name: "Bot", email: "bot@example.com", time: Timestamp(seconds: 1_700_000_100))
    let commit = try workspace.writeCommit(
      tree: tree, parents: parents, author: signature, committer: signature, message: Array(message.utf8))
    return (path, commit)
  }

  /// An order to push to a branch, by rules that close `main` alone.
  func order(
    _ work: (String, ObjectID), number: Int = 4, branch: String = "feature", target: PushOrder.Target = .head,
    old: ObjectID? = nil, start: ObjectID? = nil, base: String = "main"
  ) throws -> PushOrder {
    let main = try RefName(branch: Array(base.utf8))
    let rules = BranchRules(base: main, defaultBranch: main, head: main)
    return PushOrder(
      place: place(number), target: target,
      branch: try FeatureBranch(Array("refs/heads/\(branch)".utf8), under: rules), old: old ?? self.base, new: work.1,
      start: start ?? self.base, workspace: work.0, rules: rules)
  }
}

/// The error that a body ends with.
func failure<Value>(_ body: () async throws(ForgeError) -> Value) async -> ForgeError? {
  do throws(ForgeError) {
    _ = try await body()
    return nil
  } catch {
    return error
  }
}
