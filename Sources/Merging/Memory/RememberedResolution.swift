/// How people settled a conflict, and where.
package struct RememberedResolution: Sendable, Hashable {
  /// Whether the resolution may be used again.
  package enum State: UInt8, Sendable, Hashable {
    /// Everybody who met the conflict settled it so.
    case usable = 0
    /// The same conflict was settled in different ways.
    case disputed = 1
    /// A person changed the result soon afterwards.
    case revoked = 2
  }

  /// A merge in which the conflict was settled so.
  package struct Occurrence: Sendable, Hashable {
    /// The twenty bytes of the merge commit's name.
    package var merge: [UInt8]
    /// When the merge was committed, in seconds since 1970.
    package var time: Int64
    /// The path of the file in the merge.
    package var path: [UInt8]
    /// Whether what became of the lines afterwards has been seen to the end.
    package var isSettled: Bool

    package init(merge: [UInt8], time: Int64, path: [UInt8], isSettled: Bool = false) {
      self.merge = merge
      self.time = time
      self.path = path
      self.isSettled = isSettled
    }
  }

  package var key: ConflictKey
  /// The lines people committed, each ended by a line feed alone.
  package var lines: [UInt8]
  package var state: State
  /// Where it was seen, the first one first; never empty.
  package var occurrences: [Occurrence]

  package init(key: ConflictKey, lines: [UInt8], state: State = .usable, occurrences: [Occurrence]) {
    self.key = key
    self.lines = lines
    self.state = state
    self.occurrences = occurrences
  }

  /// The lines with a line feed alone at the end of each; white space within and at the end of a line stays.
  package static func withLineFeeds(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count + 1)
    for byte in bytes {
      if byte == 0x0A, result.last == 0x0D { result.removeLast() }
      result.append(byte)
    }
    if let last = result.last, last != 0x0A { result.append(0x0A) }
    return result
  }
}
