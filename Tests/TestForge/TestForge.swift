internal import Dispatch
internal import Glibc
internal import Synchronization

/// A forge on loopback that is as strict as the real ones; Docs/TestForge.md.
///
/// It ends with ``stop()`` or with the value.
package final class TestForge: Sendable {
  /// How the forge is to be.
  package struct Options: Sendable {
    /// Gitea's version; what it can do depends on it.
    package enum Gitea: String, Sendable, CaseIterable {
      case old = "1.22.6"
      case new = "1.27.0"
      /// Forgejo, which answers 405 where threads are to be resolved.
      case forgejo15 = "15.0.0+gitea-1.22.0"
    }

    package var gitea = Gitea.new
    /// The largest page that is given, whatever is asked for; small ones show who does not turn pages.
    package var largestPage = 100
    package var knowsMergeabilityAtOnce = false
    /// Whether an app needs to write contents to settle a thread on GitHub, as people report.
    package var settlingNeedsContents = true
    /// Whether bodies are held against the descriptions; needs `ARBORIST_TEST_DATA`.
    package var checksBodies = true
    /// Whether webhooks are sent as they come; otherwise they are kept until ``TestForge/sendHooks()``.
    package var sendsHooks = true

    package init() {}
  }

  package let kind: ForgeKind
  package let options: Options
  /// `http://127.0.0.1:PORT`.
  package let address: String
  package let port: Int
  let world: Mutex<World>
  let line = DispatchQueue(label: "arborist.test.forge")
  let mail = DispatchQueue(label: "arborist.test.forge.mail")
  let descriptions: Descriptions
  private let server: Task<Void, any Error>

  /// What the API's paths stand behind: nothing on GitHub, `/api/v4` on GitLab, `/api/v1` on Gitea.
  package var apiAddress: String {
    switch kind {
    case .github: address
    case .gitlab: address + "/api/v4"
    case .gitea: address + "/api/v1"
    }
  }

  /// GitHub's address for GraphQL.
  package var graphQLAddress: String { address + "/graphql" }

  /// Whether bodies and GraphQL documents are held against the forge's descriptions.
  package var checksBodies: Bool { options.checksBodies && descriptions.isThere }

  private init(
    kind: ForgeKind, options: Options, address: String, port: Int, world: World, descriptions: Descriptions,
    gate: Gate, server: Task<Void, any Error>
  ) {
    self.kind = kind
    self.options = options
    self.address = address
    self.port = port
    self.world = Mutex(world)
    self.descriptions = descriptions
    self.server = server
    gate.open(self)
  }

  deinit { server.cancel() }

  /// Starts a forge.
  ///
  /// `directory`: Where the bare repositories lie or are made, as `OWNER/NAME.git`.
  /// `port`: 0 takes a free one.
  /// - Throws: ``ForgeFailure`` where the server cannot listen.
  package static func start(
    _ kind: ForgeKind, in directory: String, options: Options = Options(), port: Int = 0
  ) async throws -> TestForge {
    let gate = Gate()
    let (server, bound) = try await ServerEdge.start(port: port) { await gate.answer($0) }
    var world = World(kind: kind, options: options, directory: directory)
    world.address = "http://127.0.0.1:\(bound)"
    world.gitAddress = world.address
    return TestForge(
      kind: kind, options: options, address: world.address, port: bound, world: world,
      descriptions: Descriptions.found(for: kind, version: options.gitea), gate: gate, server: server)
  }

  /// Ends the server and closes its connections.
  package func stop() async {
    server.cancel()
    _ = await server.result
  }

  /// Does something with the state, on the forge's own thread, which may wait for git.
  @concurrent
  func withWorld<T: Sendable>(_ body: @escaping @Sendable (inout World) throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
      line.async {
        continuation.resume(with: Result { try self.world.withLock { try body(&$0) } })
      }
    }
  }
}

/// Why the forge cannot do what a test asks of it.
package struct ForgeFailure: Error, Sendable, Hashable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}

/// Stands before the forge until there is one: the server listens before its address is known.
///
/// It does not keep the forge: who holds the forge decides when it ends.
final class Gate: Sendable {
  private struct Weak: Sendable { weak var forge: TestForge? }
  private let forge = Mutex<Weak>(Weak())

  func open(_ forge: TestForge) { self.forge.withLock { $0.forge = forge } }

  func answer(_ call: Call) async -> Answer {
    guard let forge = forge.withLock({ $0.forge }) else { return .closed }
    return await forge.answer(call)
  }
}

/// What goes back over the connection.
enum Answer: Sendable {
  case reply(Reply)
  /// Nothing: the connection is closed.
  case closed
}
