internal import Glibc

/// Where the members of a request's JSON object stand, and the entries of the one list that grows with each step.
///
/// What a request shares with the one before it is compared, not read again: a long history costs a `memcmp`.
struct BodyOutline: Sendable {
  var body: [UInt8]
  /// The values of the members, by their names.
  var members: [String: Range<Int>]
  /// Where the history begins; `nil` where it is no list.
  var historyStart: Int?
  /// The entries of the history, counted from its beginning.
  var entries: [Range<Int>]
  /// How many of the first entries are byte for byte those of the request before.
  var shared: Int

  /// The outline of a body; `nil` where it is not a JSON object.
  ///
  /// Values are only skipped, not checked.
  init?(_ body: [UInt8], history: String, after previous: BodyOutline?) {
    self.body = body
    members = [:]
    entries = []
    shared = 0
    let complete = body.withUnsafeBufferPointer { bytes in scan(bytes, history: history, after: previous) }
    guard complete else { return nil }
  }

  func bytes(_ name: String) -> ArraySlice<UInt8>? { members[name].map { body[$0] } }

  func entry(_ index: Int) -> ArraySlice<UInt8> {
    let start = historyStart ?? 0
    return body[(start + entries[index].lowerBound)..<(start + entries[index].upperBound)]
  }

  private mutating func scan(_ bytes: UnsafeBufferPointer<UInt8>, history: String, after previous: BodyOutline?) -> Bool
  {
    var index = Self.skipBlanks(bytes, 0)
    guard index < bytes.count, bytes[index] == UInt8(ascii: "{") else { return false }
    index = Self.skipBlanks(bytes, index + 1)
    if index < bytes.count, bytes[index] == UInt8(ascii: "}") {
      return Self.skipBlanks(bytes, index + 1) == bytes.count
    }
    while true {
      guard index < bytes.count, bytes[index] == UInt8(ascii: "\""), let nameEnd = Self.skipString(bytes, index) else {
        return false
      }
      let name = String(decoding: bytes[(index + 1)..<(nameEnd - 1)], as: UTF8.self)
      index = Self.skipBlanks(bytes, nameEnd)
      guard index < bytes.count, bytes[index] == UInt8(ascii: ":") else { return false }
      let start = Self.skipBlanks(bytes, index + 1)
      guard start < bytes.count else { return false }
      let isHistory = name == history && bytes[start] == UInt8(ascii: "[")
      guard let end = isHistory ? scanHistory(bytes, start, after: previous) : Self.skipValue(bytes, start) else {
        return false
      }
      members[name] = start..<end
      index = Self.skipBlanks(bytes, end)
      guard index < bytes.count else { return false }
      if bytes[index] == UInt8(ascii: "}") { return Self.skipBlanks(bytes, index + 1) == bytes.count }
      guard bytes[index] == UInt8(ascii: ",") else { return false }
      index = Self.skipBlanks(bytes, index + 1)
    }
  }

  private mutating func scanHistory(
    _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, after previous: BodyOutline?
  ) -> Int? {
    historyStart = start
    var index = start + 1
    if let previous, let other = previous.historyStart {
      let common = Self.commonPrefix(body[start...], previous.body[other...])
      shared = Self.partition(previous.entries) { $0.upperBound >= common }
      entries = Array(previous.entries[..<shared])
      if let last = entries.last { index = start + last.upperBound }
    }
    if entries.isEmpty {
      index = Self.skipBlanks(bytes, index)
      guard index < bytes.count else { return nil }
      if bytes[index] == UInt8(ascii: "]") { return index + 1 }
      guard let end = Self.skipValue(bytes, index) else { return nil }
      entries.append((index - start)..<(end - start))
      index = end
    }
    while true {
      index = Self.skipBlanks(bytes, index)
      guard index < bytes.count else { return nil }
      if bytes[index] == UInt8(ascii: "]") { return index + 1 }
      guard bytes[index] == UInt8(ascii: ",") else { return nil }
      index = Self.skipBlanks(bytes, index + 1)
      guard let end = Self.skipValue(bytes, index) else { return nil }
      entries.append((index - start)..<(end - start))
      index = end
    }
  }

  /// How many bytes two slices have in common at their beginnings.
  static func commonPrefix(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> Int {
    left.withUnsafeBufferPointer { left in
      right.withUnsafeBufferPointer { right in
        let count = min(left.count, right.count)
        guard let first = left.baseAddress, let second = right.baseAddress else { return 0 }
        var index = 0
        var step = 1 << 16
        while step > 0 {
          while index + step <= count, memcmp(first + index, second + index, step) == 0 { index += step }
          step /= 4
        }
        return index
      }
    }
  }

  private static func partition(_ ranges: [Range<Int>], by isBehind: (Range<Int>) -> Bool) -> Int {
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low + high) / 2
      if isBehind(ranges[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }

  private static func skipBlanks(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
    var index = start
    while index < bytes.count, bytes[index] == 32 || bytes[index] == 10 || bytes[index] == 13 || bytes[index] == 9 {
      index += 1
    }
    return index
  }

  private static func skipString(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int? {
    var index = start + 1
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "\\") {
        index += 2
      } else if bytes[index] == UInt8(ascii: "\"") {
        return index + 1
      } else {
        index += 1
      }
    }
    return nil
  }

  private static func skipValue(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int? {
    guard start < bytes.count else { return nil }
    switch bytes[start] {
    case UInt8(ascii: "\""): return skipString(bytes, start)
    case UInt8(ascii: "{"), UInt8(ascii: "["): return skipNested(bytes, start)
    default:
      var index = start
      while index < bytes.count, bytes[index] > 32, !",]}".utf8.contains(bytes[index]) { index += 1 }
      return index > start ? index : nil
    }
  }

  private static func skipNested(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int? {
    var depth = 0
    var index = start
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "\""):
        guard let end = skipString(bytes, index) else { return nil }
        index = end
        continue
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth -= 1
        if depth == 0 { return index + 1 }
      default: break
      }
      index += 1
    }
    return nil
  }
}
