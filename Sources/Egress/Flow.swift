/// Bytes on their way in one direction.
///
/// Those that are held are not sent before they are released.
struct Flow {
  private var bytes: [UInt8] = []
  /// How many of the bytes were sent.
  private var sent = 0
  /// How many of the bytes may be sent.
  private var released = 0
  /// Whether nothing will be added.
  var hasEnded = false
  /// Whether the receiver has been told so.
  private var hasToldEnd = false

  enum Outcome {
    case moved
    case still
    case failed
  }

  /// Whether everything that came has been sent.
  var isEmpty: Bool { sent == bytes.count }

  /// Whether there is something that may be sent.
  var isReady: Bool { sent < released }

  /// Whether the receiver has everything and knows it.
  var isOver: Bool { hasToldEnd }

  var heldCount: Int { bytes.count - released }

  var held: ArraySlice<UInt8> { bytes[released...] }

  mutating func append(_ more: ArraySlice<UInt8>) {
    bytes += more
    released = bytes.count
  }

  mutating func hold(_ more: ArraySlice<UInt8>) {
    bytes += more
  }

  /// Lets all be sent but this many at the end.
  mutating func release(allBut kept: Int) {
    released = max(released, bytes.count - kept)
  }

  /// Takes out all that is there and has not been sent.
  mutating func takeAll() -> [UInt8]? {
    guard !isEmpty else { return nil }
    defer { (bytes, sent, released) = ([], 0, 0) }
    return Array(bytes[sent...])
  }

  /// Sends what may be sent, as far as there is room, and then the end, if that has come.
  mutating func send(to socket: Socket) -> Outcome {
    var outcome = Outcome.still
    while isReady {
      switch socket.send(bytes[sent..<released]) {
      case .bytes(let count):
        sent += count
        outcome = .moved
      case .later: return outcome
      case .end, .failed: return .failed
      }
    }
    if isEmpty {
      bytes.removeAll(keepingCapacity: true)
      (sent, released) = (0, 0)
      if hasEnded, !hasToldEnd {
        socket.endSending()
        hasToldEnd = true
      }
    }
    return outcome
  }
}
