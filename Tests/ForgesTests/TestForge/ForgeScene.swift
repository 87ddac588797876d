import Base
import Crypto
import FoundationEssentials
import Glibc
import HTTP
import JSON
import JWTKit
import TestForge
import TestSupport

/// A test forge with a repository `ada/app`, a pull request in it, and somebody who calls.
final class ForgeScene: Sendable {
  let directory: TemporaryDirectory
  let forge: TestForge
  let git: TestRepository
  let pull: Pull
  /// The token of `rob`, who may write.
  let token: String
  let base: String
  let head: String
  private let client: HTTPClient

  static let repository = "ada/app"

  /// Whether the forges' descriptions are there to check against.
  static var hasDescriptions: Bool { getenv("ARBORIST_TEST_DATA") != nil }

  /// `file.txt` has 60 lines; the branch `change` changes line 30 and adds one behind line 31.
  static func start(
    _ kind: ForgeKind, options: TestForge.Options = TestForge.Options(), access: Access = .write
  ) async throws -> ForgeScene {
    let directory = try TemporaryDirectory()
    let forge = try await TestForge.start(kind, in: directory.path, options: options)
    let repository = try await forge.addRepository(Self.repository, protected: ["main", "release-*"])
    let git = TestRepository(existing: repository.directory, bare: true, in: directory)
    let lines = (1...60).map { "line \($0)\n" }
    let base = try git.rootCommit("main", .write("file.txt", lines.joined()), .write("other.txt", "other\n"))
    var changed = lines
    changed[29] = "another line 30\n"
    changed[30] += "a line more\n"
    let head = try git.commit("change", parents: [base], .write("file.txt", changed.joined()))
    for login in ["ada", "rob", "eve"] { _ = try await forge.addAccount(login) }
    try await forge.grant(access, to: "rob", on: Self.repository)
    let pull = try await forge.openPullRequest(in: Self.repository, from: "change", by: "ada")
    return ForgeScene(
      directory: directory, forge: forge, git: git, pull: pull, token: try await forge.addToken(for: "rob"),
      base: base.hex, head: head.hex, client: try HTTPClient())
  }

  private init(
    directory: TemporaryDirectory, forge: TestForge, git: TestRepository, pull: Pull, token: String, base: String,
    head: String, client: HTTPClient
  ) {
    self.directory = directory
    self.forge = forge
    self.git = git
    self.pull = pull
    self.token = token
    self.base = base
    self.head = head
    self.client = client
  }

  struct Reply: Sendable {
    let status: Int
    let head: HTTPHead
    let body: [UInt8]
    var json: JSONValue { (try? JSONValue.parse(body)) ?? .null }
    var message: String { json["message"]?.string ?? "" }
  }

  /// Calls the forge; the token is `rob`'s unless another one is given, and `""` is none.
  func call(
    _ method: HTTPRequest.Method = .get, _ path: String, _ body: JSONValue? = nil, token: String? = nil,
    headers: [HTTPHeader] = []
  ) async throws -> Reply {
    let token = token ?? self.token
    var headers = headers + [HTTPHeader("User-Agent", "tests")]
    if !token.isEmpty {
      headers.append(
        forge.kind == .gitlab ? HTTPHeader("PRIVATE-TOKEN", token) : HTTPHeader("Authorization", "token \(token)"))
    }
    if body != nil { headers.append(HTTPHeader("Content-Type", "application/json")) }
    let url = path.hasPrefix("http") ? path : forge.apiAddress + path
    let reply = try await client.send(HTTPRequest(method, url, headers: headers, body: body?.compact() ?? []))
    return Reply(status: reply.head.status, head: reply.head, body: reply.body)
  }

  /// What stands behind `/repos/ada/app` on GitHub and Gitea.
  func repo(
    _ method: HTTPRequest.Method = .get, _ path: String = "", _ body: JSONValue? = nil, token: String? = nil,
    headers: [HTTPHeader] = []
  ) async throws -> Reply {
    try await call(method, "/repos/\(Self.repository)\(path)", body, token: token, headers: headers)
  }

  /// Moves the branch `change` on by a commit, and gives it.
  func advance(_ number: Int) throws -> String {
    try git.commit("change", .write("more.txt", "more \(number)\n")).hex
  }

  static func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

  /// An app on the repository with a token of its installation.
  func app(_ permissions: [String: String]) async throws -> (app: App, installation: Installation, privateKey: String) {
    let keys = try TestForge.makeKeys()
    let app = try await forge.addApp("arborist", permissions: permissions, publicKey: keys.publicKey)
    return (app, try await forge.install(app, on: [Self.repository]), keys.privateKey)
  }

  /// An app's own token.
  static func appToken(_ issuer: String, key: String, issued: Int, expires: Int) async throws -> String {
    struct Claims: JWTPayload {
      let iss: String
      let iat: Int
      let exp: Int
      func verify(using algorithm: some JWTAlgorithm) async throws {}
    }
    let keys = JWTKeyCollection()
    await keys.add(rsa: try Insecure.RSA.PrivateKey(pem: key), digestAlgorithm: .sha256)
    return try await keys.sign(Claims(iss: issuer, iat: issued, exp: expires))
  }
}
