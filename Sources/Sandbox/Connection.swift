internal import Base
internal import Glibc

/// Asks the other end of a socket and matches its answers to what was asked.
///
/// The other end may be in the hands of whoever runs in the cell: what it sends is bounded, what it does not send is
/// waited for until a deadline, and what makes no sense ends the connection with a typed error.
final class Connection: Sendable {
  enum Framing {
    /// A stream of frames, each with its length before it.
    case stream
    /// One message for each packet.
    case packets
  }

  /// The kinds of answers.
  enum Answer {
    static let done: UInt8 = 0x80
    /// More of the same answer comes (a stream's); with packets it is a failure.
    static let part: UInt8 = 0x81
    static let failed: UInt8 = 0x82
    static let hello: UInt8 = 0x90
  }

  /// What came back.
  enum Reply: Sendable {
    case done([UInt8])
    case failed([UInt8])
    case lost(SandboxError)
  }

  private struct Pending {
    let continuation: CheckedContinuation<Reply, Never>
    let deadline: ContinuousClock.Instant
    let limit: Int
    var parts: [UInt8] = []
  }

  private struct State {
    var pending: [UInt32: Pending] = [:]
    var next: UInt32 = 1
    var incoming: [UInt8] = []
    var outgoing: [UInt8] = []
    var sent = 0
    var lost: SandboxError?
    var descriptor: Int32 = -1
    var wasGreeted = false
    /// What the other end said first, where that came before it was asked for.
    var greeting: [UInt8]?
  }

  static let largestFrame = (1 << 20) + (64 << 10)

  let raw: Int32
  private let framing: Framing
  private let loop: SocketLoop
  private let state = Lock(State())
  /// Called once when the other end is gone, or talks nonsense.
  private let onLoss: @Sendable () -> Void

  /// Takes the descriptor over.
  init(raw: Int32, framing: Framing, loop: SocketLoop, onLoss: @escaping @Sendable () -> Void = {}) {
    self.raw = raw
    self.framing = framing
    self.loop = loop
    self.onLoss = onLoss
  }

  func begin() {
    loop.add(self)
  }

  /// Asks and waits for the answer; `descriptors` are sent along, and stay the caller's.
  ///
  /// With `hello` nothing is sent, because the other end speaks first, and listening begins here: what it says before
  /// anybody waits for it would be an answer that nobody asked for.
  func ask(
    _ type: UInt8, _ payload: [UInt8], within: Duration, limit: Int = 1 << 20, descriptors: [Int32] = [],
    hello: Bool = false, named: (@Sendable (UInt32) -> Void)? = nil
  ) async -> Reply {
    await withCheckedContinuation { continuation in
      var early: [UInt8]?
      let (failure, id) = state.withLock { state -> (SandboxError?, UInt32) in
        if let lost = state.lost { return (lost, 0) }
        if hello, let greeting = state.greeting {
          state.greeting = nil
          early = greeting
          return (nil, 0)
        }
        let id = hello ? 0 : state.next
        if !hello { state.next = state.next == .max ? 1 : state.next + 1 }
        state.pending[id] = Pending(
          continuation: continuation, deadline: ContinuousClock.now.advanced(by: within), limit: limit)
        if !hello, let error = send(type, id, payload, descriptors, &state) {
          state.pending[id] = nil
          return (error, 0)
        }
        return (nil, id)
      }
      if let early { return continuation.resume(returning: .done(early)) }
      if let failure { continuation.resume(returning: .lost(failure)) } else { named?(id) }
      if hello { begin() }
      if wantsToWrite { loop.wake() }
    }
  }

  /// Says something that is not answered.
  func tell(_ type: UInt8, _ payload: [UInt8]) {
    state.withLock { state in
      guard state.lost == nil else { return }
      _ = send(type, 0, payload, [], &state)
    }
    if wantsToWrite { loop.wake() }
  }

  /// The descriptor that came with the first answer, once; the caller's from then on.
  func takeDescriptor() -> Int32? {
    state.withLock { state in
      guard state.descriptor >= 0 else { return nil }
      defer { state.descriptor = -1 }
      return state.descriptor
    }
  }

  /// Ends the connection; whoever waits is told.
  func close(_ reason: SandboxError) {
    lose(reason)
    loop.remove(self)
  }

  deinit {
    let descriptor = state.withLock { $0.descriptor }
    if descriptor >= 0 { Glibc.close(descriptor) }
    Glibc.close(raw)
  }

  // MARK: - Sending

  private func send(
    _ type: UInt8, _ id: UInt32, _ payload: [UInt8], _ descriptors: [Int32], _ state: inout State
  ) -> SandboxError? {
    var writer = WireWriter()
    if framing == .stream { writer.put(UInt32(5 + payload.count)) }
    writer.put(type)
    writer.put(id)
    let bytes = writer.bytes + payload
    guard framing == .packets else {
      state.outgoing.append(contentsOf: bytes)
      flush(&state)
      return nil
    }
    guard sendMessage(raw, bytes, descriptors) else {
      return SandboxError(.cannotStart, operation: "ask the spawner", detail: String(cString: strerror(errno)))
    }
    return nil
  }

  private func flush(_ state: inout State) {
    while state.sent < state.outgoing.count {
      let count = state.outgoing.withUnsafeBytes { bytes in
        Glibc.send(
          raw, bytes.baseAddress?.advanced(by: state.sent), bytes.count - state.sent,
          Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
      }
      if count < 0 && errno == EINTR { continue }
      // A broken socket shows when it is read from.
      if count < 0 { return }
      state.sent += count
    }
    state.outgoing.removeAll(keepingCapacity: state.outgoing.capacity < 1 << 16)
    state.sent = 0
  }

  // MARK: - For the loop's thread

  var wantsToWrite: Bool { state.withLock { $0.sent < $0.outgoing.count } }

  /// When the first of those who wait is to be told that nothing came.
  var deadline: ContinuousClock.Instant? {
    state.withLock { state in state.pending.values.lazy.map(\.deadline).min() }
  }

  func expire(_ now: ContinuousClock.Instant) {
    guard let deadline, deadline <= now else { return }
    lose(SandboxError(.malformed, operation: "wait for a cell", detail: "it does not answer"))
  }

  func writable() {
    state.withLock { flush(&$0) }
  }

  func readable() {
    for _ in 0..<16 {
      var piece = [UInt8](repeating: 0, count: 64 << 10)
      var descriptor: Int32 = -1
      // Descriptors are taken along with the first answer only; with others the kernel throws them away.
      let takes = framing == .stream && state.withLock { !$0.wasGreeted }
      let count =
        takes
        ? receiveMessage(raw, &piece, &descriptor) : recv(raw, &piece, piece.count, Int32(MSG_DONTWAIT))
      if descriptor >= 0 {
        let replaced = state.withLock { state in
          defer { state.descriptor = descriptor }
          return state.descriptor
        }
        if replaced >= 0 { Glibc.close(replaced) }
      }
      if count < 0 && errno == EINTR { continue }
      if count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) { return }
      guard count > 0 else {
        return lose(SandboxError(.ended, operation: "talk to a cell", detail: "it has ended"))
      }
      take(piece[..<count])
    }
  }

  private func take(_ bytes: ArraySlice<UInt8>) {
    let (ready, failure) = state.withLock { state -> ([(Pending, Reply)], SandboxError?) in
      var ready: [(Pending, Reply)] = []
      do throws(SandboxError) {
        if framing == .packets {
          try accept(Array(bytes), &state, &ready)
        } else {
          state.incoming.append(contentsOf: bytes)
          try acceptFrames(&state, &ready)
        }
        return (ready, nil)
      } catch {
        return (ready, error)
      }
    }
    for (pending, reply) in ready { pending.continuation.resume(returning: reply) }
    if let failure { lose(failure) }
  }

  private func acceptFrames(_ state: inout State, _ ready: inout [(Pending, Reply)]) throws(SandboxError) {
    var offset = 0
    defer { state.incoming.removeFirst(offset) }
    while state.incoming.count - offset >= 4 {
      var reader = WireReader(Array(state.incoming[offset..<offset + 4]))
      let size = Int(try reader.word())
      guard size >= 5, size <= Self.largestFrame else { throw WireReader.malformed("a frame of \(size) bytes") }
      guard state.incoming.count - offset - 4 >= size else { return }
      let frame = Array(state.incoming[offset + 4..<offset + 4 + size])
      offset += 4 + size
      try accept(frame, &state, &ready)
    }
  }

  private func accept(_ frame: [UInt8], _ state: inout State, _ ready: inout [(Pending, Reply)]) throws(SandboxError) {
    var reader = WireReader(frame)
    let type = try reader.byte()
    let id = try reader.word()
    if framing == .stream, type == Answer.hello, id == 0, !state.wasGreeted {
      state.wasGreeted = true
      guard state.pending[0] != nil else {
        state.greeting = reader.rest()
        return
      }
    }
    guard var pending = state.pending[id] else { throw WireReader.malformed("an answer that nobody asked for") }
    let content = reader.rest()
    guard pending.parts.count + content.count <= pending.limit else {
      throw WireReader.malformed("an answer of more than \(pending.limit) bytes")
    }
    if framing == .stream && type == Answer.part {
      pending.parts.append(contentsOf: content)
      state.pending[id] = pending
      return
    }
    state.pending[id] = nil
    switch type {
    case Answer.done, Answer.hello:
      guard (type == Answer.hello) == (id == 0) else {
        let error = WireReader.malformed("a greeting out of place")
        ready.append((pending, .lost(error)))
        throw error
      }
      ready.append((pending, .done(pending.parts + content)))
    case Answer.failed, Answer.part:
      ready.append((pending, .failed(content)))
    default:
      ready.append((pending, .lost(WireReader.malformed("an answer of kind \(type)"))))
      throw WireReader.malformed("an answer of kind \(type)")
    }
  }

  private func lose(_ reason: SandboxError) {
    let (waiting, isFirst) = state.withLock { state -> ([Pending], Bool) in
      let isFirst = state.lost == nil
      state.lost = state.lost ?? reason
      defer {
        state.pending = [:]
        state.outgoing = []
        state.incoming = []
        state.sent = 0
      }
      return (Array(state.pending.values), isFirst)
    }
    for pending in waiting { pending.continuation.resume(returning: .lost(reason)) }
    if isFirst {
      shutdown(raw, Int32(SHUT_RDWR))
      loop.remove(self)
      onLoss()
    }
  }
}
