/// How often each word and sign stands in a text.
struct WordCounts: Hashable {
  private(set) var counts: [ArraySlice<UInt8>: Int] = [:]
  private(set) var total = 0
  private(set) var numbers = 0

  init(_ bytes: some Sequence<UInt8>) {
    let bytes = Array(bytes)
    var index = 0
    while index < bytes.count {
      let start = index
      index += 1
      if isBlankByte(bytes[start]) || bytes[start] == UInt8(ascii: "\n") || bytes[start] == UInt8(ascii: "\r") {
        continue
      }
      if isDigitByte(bytes[start]) {
        while index < bytes.count, isDigitByte(bytes[index]) { index += 1 }
        numbers += 1
      } else if isNameByte(bytes[start]) {
        while index < bytes.count, isNameByte(bytes[index]) { index += 1 }
      }
      counts[bytes[start..<index], default: 0] += 1
      total += 1
    }
  }

  /// What one text has and another has not.
  struct Changes {
    var added = 0
    var deleted = 0
    var additions: [ArraySlice<UInt8>: Int] = [:]

    var count: Int { added + deleted }

    func sharesAdditions(with other: Changes) -> Bool {
      additions.keys.contains { other.additions[$0] != nil }
    }
  }

  func changes(from base: WordCounts) -> Changes {
    var changes = Changes()
    for (word, count) in counts where count > base.counts[word] ?? 0 {
      changes.additions[word] = count - (base.counts[word] ?? 0)
      changes.added += count - (base.counts[word] ?? 0)
    }
    for (word, count) in base.counts where count > counts[word] ?? 0 { changes.deleted += count - (counts[word] ?? 0) }
    return changes
  }
}

extension Conflict {
  /// Whether the sides exchanged two words in opposite directions, be they parts of names: each set right in its own
  /// way what did not fit together, and both ways at once fit no better.
  var exchangesWords: Bool {
    let base = PartCounts(self.base)
    let (our, their) = (PartCounts(ours), PartCounts(theirs))
    func added(_ side: PartCounts, _ other: PartCounts) -> Set<[UInt8]> {
      Set(
        side.counts.filter {
          $0.value > base.counts[$0.key] ?? 0 && other.counts[$0.key] ?? 0 < base.counts[$0.key] ?? 0
        }.keys)
    }
    return !added(our, their).isEmpty && !added(their, our).isEmpty
  }

  /// Whether both sides changed nothing but white space.
  var changesOnlySpace: Bool {
    func ink(_ bytes: [UInt8]) -> [UInt8] { bytes.filter { !isBlankByte($0) && $0 != 0x0A && $0 != 0x0D } }
    return ink(ours) == ink(theirs)
  }

  /// Whether a side changed nearly every word, so that there is hardly a line of which the other's change can be told.
  var isRewritten: Bool {
    let base = WordCounts(self.base)
    return [ours, theirs].contains { WordCounts($0).changes(from: base).count * 10 > 9 * (base.total + 1) }
  }
}

/// How often each part of a name stands in a text: `simple`, `insert` and `many` of `_simple_insertMany`, in lower case.
private struct PartCounts {
  var counts: [[UInt8]: Int] = [:]

  init(_ bytes: [UInt8]) {
    var part: [UInt8] = []
    var wasLower = false
    for byte in bytes + [0x0A] {
      let isUpper = (0x41...0x5A).contains(byte)
      let isLetter = isUpper || (0x61...0x7A).contains(byte)
      if !part.isEmpty, !isLetter || isUpper && wasLower {
        counts[part, default: 0] += 1
        part = []
      }
      if isLetter { part.append(byte | 0x20) }
      wasLower = isLetter && !isUpper
    }
  }
}
