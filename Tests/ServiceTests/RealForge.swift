import Base
import Forges
import Foundation
import HTTP
import JSON
import Testing
import Work

/// A repository on a forge that runs somewhere.
struct RealForge: Sendable {
  static let environment = ProcessInfo.processInfo.environment
  static let address = environment["FORGE_URL"]
  static let token = environment["FORGE_TOKEN"]

  let forge: any ConnectedForge
  let owner: String
  let name: String
  private let site: ForgeSite
  private let http: HTTPClient
  private let secret: String

  /// Makes a repository of a new name.
  static func start(at address: String, token: String) async throws -> RealForge {
    let site = ForgeSite(.gitea, web: try ForgeAddress(address, allowsPlain: true))
    let http = try HTTPClient()
    let forge = try ForgeConnection.make(
      site, credential: .token(TokenAuthority(site, token: Secret(token))), http: http)
    let real = RealForge(
      forge: forge, owner: try await forge.account().login,
      name: "arborist-trial-\(String(UInt32.random(in: 0 ... .max), radix: 16))", site: site, http: http, secret: token)
    let made: JSONValue = [
      "name": .string(real.name), "auto_init": true, "default_branch": "main", "private": true,
    ]
    _ = try await real.call(.post, "/user/repos", made)
    return real
  }

  private init(
    forge: any ConnectedForge, owner: String, name: String, site: ForgeSite, http: HTTPClient, secret: String
  ) {
    self.forge = forge
    self.owner = owner
    self.name = name
    self.site = site
    self.http = http
    self.secret = secret
  }

  private var path: String { "/repos/\(owner)/\(name)" }

  /// Makes a file of 60 lines, a branch that changes line 30, and a pull request with it.
  func openPullRequest() async throws -> Int {
    var lines = (1...60).map { "line \($0)\n" }
    let file = try await write("file.txt", lines.joined(), to: "main")
    lines[29] = "another line 30\n"
    try await write("file.txt", lines.joined(), over: file.blob, from: "main", to: "change")
    return try #require(try await open("change")["number"]?.integer)
  }

  /// Moves the branch on.
  func pushAgain() async throws { try await write("more.txt", "more\n", to: "change") }

  // MARK: What a person does

  /// Commits a file; `over` is the blob that it takes the place of, and `from` the branch, where `to` is made for it.
  @discardableResult
  func write(
    _ path: String, _ text: String, over blob: String? = nil, from branch: String? = nil, to target: String
  ) async throws -> (blob: String, commit: String) {
    var body: [String: JSONValue] = [
      "content": .string(Data(text.utf8).base64EncodedString()), "message": .string("Write \(path)"),
      "branch": .string(branch ?? target),
    ]
    if branch != nil { body["new_branch"] = .string(target) }
    if let blob { body["sha"] = .string(blob) }
    let made = try await call(blob == nil ? .post : .put, "\(self.path)/contents/\(path)", .object(body))
    return (try #require(made["content"]?["sha"]?.string), try #require(made["commit"]?["sha"]?.string))
  }

  /// Opens a pull request into `main`, and gives what the forge says of it.
  func open(_ branch: String) async throws -> JSONValue {
    try await call(
      .post, "\(path)/pulls", ["head": .string(branch), "base": "main", "title": "A change", "body": "Text"])
  }

  /// Writes a comment on a pull request, and gives its number.
  func comment(_ number: Int, _ text: String) async throws -> Int {
    try #require(
      try await call(.post, "\(path)/issues/\(number)/comments", ["body": .string(text)])["id"]?.integer)
  }

  /// Lets somebody administer the repository.
  func invite(_ login: String) async throws {
    _ = try await call(.put, "\(path)/collaborators/\(login)", ["permission": "admin"])
  }

  /// Has the forge report everything.
  func report(to address: String, secret: String) async throws {
    let events = ["pull_request", "pull_request_sync", "pull_request_comment", "issue_comment", "push", "status"]
    _ = try await call(
      .post, "\(path)/hooks",
      [
        "type": "gitea", "active": true, "events": .array(events.map { .string($0) }),
        "config": ["url": .string(address), "content_type": "json", "secret": .string(secret)],
      ])
  }

  // MARK: What is there

  /// What the forge says of the repository, and of the person.
  func about() async throws -> (repository: JSONValue, person: JSONValue) {
    (try await call(.get, path), try await call(.get, "/user"))
  }

  /// The commit that a branch is at, and its parents.
  func tip(_ branch: String) async throws -> (commit: String, parents: [String], tree: String?) {
    let commit = try #require(try await call(.get, "\(path)/branches/\(branch)")["commit"]?["id"]?.string)
    let parts = try await call(.get, "\(path)/git/commits/\(commit)")
    return (
      commit, parts["parents"]?.array?.compactMap { $0["sha"]?.string } ?? [],
      parts["commit"]?["tree"]?["sha"]?.string
    )
  }

  /// The newest state of a status; `nil` where there is none.
  func status(_ name: String, at commit: String) async throws -> String? {
    let all = try await call(.get, "\(path)/commits/\(commit)/statuses").array ?? []
    return all.filter { $0["context"]?.string == name }.max {
      ($0["id"]?.integer ?? 0) < ($1["id"]?.integer ?? 0)
    }?["status"]?.string
  }

  func remove() async throws { _ = try await call(.delete, path) }

  private func call(_ method: HTTPRequest.Method, _ path: String, _ body: JSONValue? = nil) async throws -> JSONValue {
    var headers = [HTTPHeader("Authorization", "token \(secret)"), HTTPHeader("Accept", "application/json")]
    if body != nil { headers.append(HTTPHeader("Content-Type", "application/json")) }
    let answer = try await http.send(
      HTTPRequest(method, site.api.text + path, headers: headers, body: body?.compact() ?? []))
    try #require(
      (200..<300).contains(answer.head.status),
      "\(method.rawValue) \(path): \(answer.head.status) \(String(decoding: answer.body.prefix(300), as: UTF8.self))")
    return (try? JSONValue.parse(answer.body)) ?? .null
  }
}
