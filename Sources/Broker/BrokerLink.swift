internal import Base
internal import CBrokerShims
internal import FileSystem
internal import Forges
internal import Glibc

/// A running broker; it ends when nobody refers to this any more.
private final class RunningBroker: Sendable {
  private let process: ChildProcess
  private let control: Int32
  private let hasEnded: Lock<Bool>

  init(_ launch: Broker.Launch) throws(FileError) {
    let (ours, theirs) = try socketPair()
    defer { close(theirs) }
    let hasEnded = Lock(false)
    let input: Int32
    do {
      input = try Self.configured(launch.configuration)
    } catch {
      close(ours)
      throw error
    }
    defer { close(input) }
    do {
      process = try ChildProcess.start(
        launch.command, environment: launch.environment, input: input, socket: theirs
      ) { hasEnded.withLock { $0 = true } }
    } catch {
      close(ours)
      throw error
    }
    control = ours
    self.hasEnded = hasEnded
  }

  /// A socket from which the configuration can be read, and then its end.
  private static func configured(_ configuration: BrokerConfiguration) throws(FileError) -> Int32 {
    let (source, sink) = try socketPair()
    defer { close(sink) }
    let bytes = FrameCoding.encode(configuration) ?? []
    // A socket takes as much without a reader, so this never waits.
    guard bytes.count <= BrokerMain.longestConfiguration,
      send(sink, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    else {
      close(source)
      throw FileError("write", Array("the broker's configuration".utf8))
    }
    return source
  }

  deinit {
    close(control)
    process.kill()
  }

  var isEnded: Bool { hasEnded.withLock { $0 } }

  /// A new connection to it; `nil` where it takes none.
  func connect() -> Int32? {
    guard !isEnded, let (ours, theirs) = try? socketPair() else { return nil }
    defer { close(theirs) }
    guard arborist_send_descriptor(control, theirs) == 0 else {
      close(ours)
      return nil
    }
    return ours
  }

  func end() { process.kill() }
}

/// One connection to a running broker, and the requests that are under way on it.
final class BrokerLink: Sendable {
  private let broker: RunningBroker
  private let channel: FrameChannel
  private let pending: Pending

  /// Requests that wait for their answers.
  private final class Pending: Sendable {
    private struct State {
      var next: UInt64 = 1
      var waiting: [UInt64: CheckedContinuation<BrokerAnswer, Never>] = [:]
      var cancelled: Set<UInt64> = []
      var isEnded = false
    }

    private let state = Lock(State())

    var isEnded: Bool { state.withLock { $0.isEnded } }

    func number() -> UInt64 {
      state.withLock { state in
        defer { state.next += 1 }
        return state.next
      }
    }

    /// Lets a request wait; says why not where it cannot.
    func wait(_ continuation: CheckedContinuation<BrokerAnswer, Never>, for number: UInt64) -> ForgeError? {
      state.withLock { state in
        if state.isEnded { return BrokerLink.ended }
        if state.cancelled.remove(number) != nil { return BrokerLink.cancelled }
        state.waiting[number] = continuation
        return nil
      }
    }

    func isWaiting(_ number: UInt64) -> Bool { state.withLock { $0.waiting[number] != nil } }

    func resolve(_ number: UInt64, _ answer: BrokerAnswer) {
      state.withLock { $0.waiting.removeValue(forKey: number) }?.resume(returning: answer)
    }

    func cancel(_ number: UInt64) {
      let waiting = state.withLock { state in
        let waiting = state.waiting.removeValue(forKey: number)
        if waiting == nil { state.cancelled.insert(number) }
        return waiting
      }
      waiting?.resume(returning: .failed(BrokerLink.cancelled))
    }

    func forget(_ number: UInt64) {
      state.withLock { _ = $0.cancelled.remove(number) }
    }

    func end() {
      let waiting = state.withLock { state in
        state.isEnded = true
        defer { state.waiting = [:] }
        return state.waiting.values
      }
      for continuation in waiting { continuation.resume(returning: .failed(BrokerLink.ended)) }
    }
  }

  private static let ended = ForgeError(.unavailable, "the broker ended before it answered")
  private static let cancelled = ForgeError(.cancelled, "the request was given up")

  private init?(_ broker: RunningBroker) {
    guard let socket = broker.connect() else { return nil }
    self.broker = broker
    channel = FrameChannel(raw: socket, longest: BrokerMain.longestFrame)
    let pending = Pending()
    self.pending = pending
    channel.begin { [channel] frame in
      guard let reply = FrameCoding.decode(BrokerReply.self, from: frame) else { return channel.close() }
      pending.resolve(reply.number, reply.answer)
    } onEnd: { _ in
      pending.end()
    }
  }

  deinit { channel.close() }

  /// Starts a broker and connects to it.
  static func start(_ launch: Broker.Launch) throws(ForgeError) -> BrokerLink {
    do throws(FileError) {
      if let link = BrokerLink(try RunningBroker(launch)) { return link }
    } catch {
      throw ForgeError(.unavailable, error.description)
    }
    throw ForgeError(.unavailable, "the broker ended at once")
  }

  /// Another connection to the same broker; `nil` where it is not there any more.
  func reconnected() -> BrokerLink? { BrokerLink(broker) }

  var isEnded: Bool { pending.isEnded }

  /// Ends the broker itself.
  func end() {
    broker.end()
    channel.close()
  }

  func ask(_ request: BrokerRequest) async -> BrokerAnswer {
    let number = pending.number()
    guard let frame = FrameCoding.encode(BrokerCall(number: number, content: .ask(request))) else {
      return .failed(ForgeError(.rejected, "the request cannot be written down"))
    }
    let answer = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        if let error = pending.wait(continuation, for: number) {
          continuation.resume(returning: .failed(error))
        } else if !channel.send(frame) {
          let reason =
            pending.isEnded ? Self.ended : ForgeError(.rejected, "the request is too long, or too many wait")
          pending.resolve(number, .failed(reason))
        } else if !pending.isWaiting(number) {
          // It was given up before it was sent, so the broker did not know it when it was told.
          giveUp(number)
        }
      }
    } onCancel: {
      pending.cancel(number)
      giveUp(number)
    }
    pending.forget(number)
    return answer
  }

  private func giveUp(_ number: UInt64) {
    guard let frame = FrameCoding.encode(BrokerCall(number: number, content: .cancel)) else { return }
    channel.send(frame)
  }
}
