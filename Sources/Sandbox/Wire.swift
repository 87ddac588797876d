/// Bytes for a cell or the spawner; numbers in the machine's own order, because both ends are on one machine.
struct WireWriter {
  private(set) var bytes: [UInt8] = []

  mutating func put(_ value: UInt8) { bytes.append(value) }
  mutating func put(_ value: Bool) { bytes.append(value ? 1 : 0) }
  mutating func put(_ value: UInt32) { putNumber(value) }
  mutating func put(_ value: UInt64) { putNumber(value) }

  /// A count and the bytes.
  mutating func put(_ value: some Collection<UInt8>) {
    put(UInt32(value.count))
    bytes.append(contentsOf: value)
  }

  mutating func put(_ values: [[UInt8]]) {
    put(UInt32(values.count))
    for value in values { put(value) }
  }

  private mutating func putNumber(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
  }
}

/// Reads what a cell or the spawner sent; whatever it is, nothing beyond its bytes is touched.
struct WireReader {
  private let bytes: [UInt8]
  private var at: Int

  init(_ bytes: [UInt8], from start: Int = 0) {
    self.bytes = bytes
    at = start
  }

  var isAtEnd: Bool { at == bytes.count }

  mutating func byte() throws(SandboxError) -> UInt8 { try number(UInt8.self) }
  mutating func word() throws(SandboxError) -> UInt32 { try number(UInt32.self) }
  mutating func long() throws(SandboxError) -> UInt64 { try number(UInt64.self) }

  /// A number that counts something of ours.
  mutating func count() throws(SandboxError) -> Int {
    guard let value = Int(exactly: try long()) else { throw Self.malformed("a number is too large") }
    return value
  }

  /// A count and so many bytes.
  mutating func counted() throws(SandboxError) -> [UInt8] {
    let size = Int(try word())
    guard size <= bytes.count - at else { throw Self.malformed("an answer ends too early") }
    defer { at += size }
    return Array(bytes[at..<at + size])
  }

  /// Whatever is left.
  mutating func rest() -> [UInt8] {
    defer { at = bytes.count }
    return Array(bytes[at...])
  }

  private mutating func number<Number: FixedWidthInteger>(_: Number.Type) throws(SandboxError) -> Number {
    let size = MemoryLayout<Number>.size
    guard bytes.count - at >= size else { throw Self.malformed("an answer ends too early") }
    var value: Number = 0
    withUnsafeMutableBytes(of: &value) { $0.copyBytes(from: bytes[at..<at + size]) }
    at += size
    return value
  }

  static func malformed(_ detail: String) -> SandboxError {
    SandboxError(.malformed, operation: "read the answer of a cell", detail: detail)
  }
}
