import Base
import Egress

/// A generator whose numbers depend on the seed alone (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: Int) {
    state = UInt64(truncatingIfNeeded: seed) &* 0x9e37_79b9_7f4a_7c15
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
    return value ^ (value >> 31)
  }
}

/// Writes ClientHellos, right ones and wrong ones.
enum Hello {
  static func number(_ value: Int, bytes: Int) -> [UInt8] {
    (0..<bytes).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  static func vector(_ content: [UInt8], lengthBytes: Int) -> [UInt8] {
    number(content.count, bytes: lengthBytes) + content
  }

  static func serverNames(_ names: [String], type: UInt8 = 0) -> [UInt8] {
    vector(names.flatMap { [type] + vector(Array($0.utf8), lengthBytes: 2) }, lengthBytes: 2)
  }

  static func `extension`(_ type: Int, _ content: [UInt8]) -> [UInt8] {
    number(type, bytes: 2) + vector(content, lengthBytes: 2)
  }

  /// The extension that names servers.
  static func names(_ names: String..., type: UInt8 = 0) -> [UInt8] {
    `extension`(0, serverNames(names, type: type))
  }

  /// The other extensions of an ordinary client, in part.
  static let others = `extension`(0x2b, [2, 3, 4]) + `extension`(0x10, [0, 3, 2, 0x68, 0x32])

  /// A message with these extensions, without its records.
  static func message(
    extensions: [UInt8]?, version: Int = 0x0303, session: [UInt8] = Array(repeating: 7, count: 32),
    suites: [UInt8] = [0x13, 0x01, 0x13, 0x02], compression: [UInt8] = [0], after: [UInt8] = []
  ) -> [UInt8] {
    var body = number(version, bytes: 2) + Array(repeating: 0xab, count: 32) + vector(session, lengthBytes: 1)
    body += vector(suites, lengthBytes: 2) + vector(compression, lengthBytes: 1)
    if let extensions { body += vector(extensions, lengthBytes: 2) }
    return [1] + vector(body + after, lengthBytes: 3)
  }

  /// The message in records of at most so many bytes.
  static func records(_ message: [UInt8], of size: Int = 1 << 14, type: UInt8 = 22) -> [UInt8] {
    stride(from: 0, to: message.count, by: size).flatMap { start in
      [type, 3, 1] + vector(Array(message[start..<min(start + size, message.count)]), lengthBytes: 2)
    }
  }

  /// What an ordinary client sends to reach this host.
  static func to(_ host: String, recordsOf size: Int = 1 << 14) -> [UInt8] {
    records(message(extensions: others + names(host)), of: size)
  }
}

/// A verdict as something to compare.
enum Verdict<Value: Sendable & Equatable, Fault: Error & Equatable>: Equatable {
  case incomplete
  case accepted(Value, used: Int)
  case refused(Fault)
}

/// What becomes of a request that comes in these pieces.
func verdict(onRequest pieces: [[UInt8]]) -> Verdict<ConnectRequest, EgressRefusal> {
  var reader = ConnectRequestReader()
  var before = 0
  for piece in pieces {
    do throws(EgressRefusal) {
      if let (request, used) = try reader.read(piece) { return .accepted(request, used: before + used) }
    } catch {
      return .refused(error)
    }
    before += piece.count
  }
  return .incomplete
}

/// What becomes of a ClientHello that comes in these pieces.
func verdict(onHello pieces: [[UInt8]]) -> Verdict<ClientHello, ClientHelloFault> {
  var reader = ClientHelloReader()
  var before = 0
  for piece in pieces {
    do throws(ClientHelloFault) {
      if let (hello, used) = try reader.read(piece) { return .accepted(hello, used: before + used) }
    } catch {
      return .refused(error)
    }
    before += piece.count
  }
  return .incomplete
}

/// The bytes in pieces of random sizes.
func pieces(of bytes: [UInt8], using generator: inout SeededGenerator) -> [[UInt8]] {
  var result: [[UInt8]] = []
  var rest = bytes[...]
  while !rest.isEmpty {
    let part = rest.prefix(Int.random(in: 1...max(1, min(rest.count, 200)), using: &generator))
    result.append(Array(part))
    rest = rest.dropFirst(part.count)
  }
  return result
}

/// The bytes with something wrong with them.
func mutated(_ bytes: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
  var result = bytes
  for _ in 0..<Int.random(in: 1...4, using: &generator) where !result.isEmpty {
    let place = Int.random(in: 0..<result.count, using: &generator)
    switch Int.random(in: 0..<5, using: &generator) {
    case 0: result[place] = UInt8.random(in: 0...255, using: &generator)
    case 1: result.remove(at: place)
    case 2: result.insert(UInt8.random(in: 0...255, using: &generator), at: place)
    case 3: result.removeSubrange(place...)
    default: result.insert(contentsOf: result[place...].prefix(20), at: place)
    }
  }
  return result
}
