internal import Base
internal import CBrokerShims
internal import Dispatch
internal import FileSystem
internal import Forges
internal import Glibc

/// The process that alone holds the credentials of forges and the signing key.
///
/// It reads its configuration from its standard input to the end. Over its descriptor 3 come connected sockets, on each
/// of which requests are answered; when the other end of that is closed, the process ends at once and so do its
/// children.
package enum BrokerMain {
  /// The longest configuration, in bytes.
  static let longestConfiguration = 32 << 10
  /// The longest request or answer, in bytes.
  package static let longestFrame = 128 << 20

  /// The status of a broker that somebody started who is not its parent.
  package static let notConfigured: Int32 = 65

  /// Answers until the parent is gone.
  ///
  /// - Parameters:
  ///   - gitArguments: What makes this program carry out a git task.
  ///   - accounts: Reads the secrets and makes the accounts.
  /// - Returns: The status to end with.
  package static func run(
    gitArguments: [String], accounts: @Sendable (BrokerConfiguration) async throws -> BrokerAccounts
  ) async -> Int32 {
    signal(SIGPIPE, SIG_IGN)
    guard arborist_seclude() == 0 else { return 70 }
    guard let program = try? OwnProgram.path(), let configuration = readConfiguration() else {
      return notConfigured
    }
    let desk = BrokerDesk()
    DispatchQueue(label: "arborist.broker.control").async {
      while true {
        let socket = arborist_receive_descriptor(3)
        if socket == -1 { _exit(0) }
        if socket >= 0 { desk.open(socket) }
      }
    }
    do {
      desk.begin(
        BrokerService(configuration, try await accounts(configuration), gitCommand: [program] + gitArguments))
    } catch let error as ForgeError {
      desk.refuse(error)
    } catch {
      desk.refuse(ForgeError(.forbidden, "\(error)"))
    }
    while true { try? await Task.sleep(for: .seconds(3600)) }
  }

  private static func readConfiguration() -> BrokerConfiguration? {
    guard let bytes = try? FileDescriptor.readStandardInput(limit: longestConfiguration) else { return nil }
    return FrameCoding.decode(BrokerConfiguration.self, from: bytes)
  }
}

/// Where the broker's connections are.
final class BrokerDesk: Sendable {
  private enum Answering {
    /// The secrets are not read yet; these sockets wait.
    case notYet([Int32])
    case service(BrokerService)
    case refusal(ForgeError)
  }

  private let state = Lock(Answering.notYet([]))

  /// Takes a connected socket.
  func open(_ socket: Int32) {
    state.withLock { state in
      switch state {
      case .notYet(let sockets): state = .notYet(sockets + [socket])
      case .service(let service): BrokerConnection.open(socket) { await service.answer($0) }
      case .refusal(let error): BrokerConnection.open(socket) { _ in .failed(error) }
      }
    }
  }

  /// Answers from now on.
  func begin(_ service: BrokerService) { change(to: .service(service)) }

  /// Answers everything with an error from now on.
  func refuse(_ error: ForgeError) { change(to: .refusal(error)) }

  private func change(to next: Answering) {
    let waiting = state.withLock { state in
      defer { state = next }
      if case .notYet(let sockets) = state { return sockets }
      return []
    }
    for socket in waiting { open(socket) }
  }
}

/// One connection to the broker, on which requests are answered as they are done.
package final class BrokerConnection: Sendable {
  private struct State {
    var tasks: [UInt64: Task<Void, Never>] = [:]
    var isEnded = false
  }

  private let channel: FrameChannel
  private let answer: @Sendable (BrokerRequest) async -> BrokerAnswer
  private let state = Lock(State())

  /// So many requests may be under way on one connection.
  package static let mostAtOnce = 1024

  private init(_ channel: FrameChannel, _ answer: @escaping @Sendable (BrokerRequest) async -> BrokerAnswer) {
    self.channel = channel
    self.answer = answer
  }

  /// Answers on a connected socket until it ends; then what is under way is cancelled.
  ///
  /// - Parameters:
  ///   - socket: The socket, which is closed in the end.
  ///   - longest: How many bytes a request has at most.
  ///   - answer: Answers one request.
  package static func open(
    _ socket: Int32, longest: Int = BrokerMain.longestFrame,
    answer: @escaping @Sendable (BrokerRequest) async -> BrokerAnswer
  ) {
    let channel = FrameChannel(raw: socket, longest: longest)
    let connection = BrokerConnection(channel, answer)
    channel.begin {
      connection.take($0)
    } onEnd: { _ in
      connection.end()
    }
  }

  private func take(_ frame: [UInt8]) {
    guard let call = FrameCoding.decode(BrokerCall.self, from: frame) else {
      // Whoever sends such a thing is not to be understood any more; others are.
      return channel.close()
    }
    switch call.content {
    case .cancel: state.withLock { $0.tasks[call.number] }?.cancel()
    case .ask(let request): begin(request, call.number)
    }
  }

  private func begin(_ request: BrokerRequest, _ number: UInt64) {
    let isTaken = state.withLock { state in
      guard !state.isEnded, state.tasks.count < Self.mostAtOnce, state.tasks[number] == nil else { return false }
      state.tasks[number] = Task {
        let answer = await self.answer(request)
        self.state.withLock { $0.tasks[number] = nil }
        self.reply(answer, to: number)
      }
      return true
    }
    if !isTaken { reply(.failed(ForgeError(.limited, "the broker has too much to do")), to: number) }
  }

  private func reply(_ answer: BrokerAnswer, to number: UInt64) {
    if let frame = FrameCoding.encode(BrokerReply(number: number, answer: answer)), channel.send(frame) { return }
    let error = ForgeError(.rejected, "the answer is too long, or cannot be written down")
    guard let frame = FrameCoding.encode(BrokerReply(number: number, answer: .failed(error))) else { return }
    channel.send(frame)
  }

  private func end() {
    let tasks = state.withLock { state in
      state.isEnded = true
      return state.tasks.values
    }
    for task in tasks { task.cancel() }
  }
}
