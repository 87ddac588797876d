/// A pattern over paths or branch names, matched byte for byte.
///
/// `?` is one byte other than `/`; `*` any run of such bytes; `**` any run of bytes, `/` included (and `**/` also
/// nothing); `[a-z]` and `[!a-z]` one byte of a set; a backslash takes away the meaning of what follows.
package struct Glob: Sendable, Hashable {
  /// The pattern as it was written.
  package let pattern: [UInt8]
  private let starCrossesSlash: Bool

  /// A pattern over paths.
  package init(_ pattern: some Collection<UInt8>) {
    self.init(pattern, starCrossesSlash: false)
  }

  /// A pattern over paths, from text.
  package init(_ pattern: String) {
    self.init(Array(pattern.utf8))
  }

  /// A pattern in which `*` also matches `/` where `starCrossesSlash` says so: the wider reading, for what protects.
  package init(_ pattern: some Collection<UInt8>, starCrossesSlash: Bool) {
    self.pattern = Array(pattern)
    self.starCrossesSlash = starCrossesSlash
  }

  /// Whether the pattern matches all of the bytes.
  package func matches(_ text: some Collection<UInt8>) -> Bool {
    let text = Array(text)
    var reachable = Set([0])
    // The pattern is walked once with the set of all places in the text that it can have come to, so that a hostile
    // pattern costs no more than its length times the text's.
    var index = 0
    while index < pattern.count {
      let step = nextStep(&index)
      reachable = advance(reachable, by: step, in: text)
      if reachable.isEmpty { return false }
    }
    return reachable.contains(text.count)
  }

  private enum Step {
    case byte(UInt8)
    case any
    case run(crossesSlash: Bool)
    case directories
    case set(ranges: [ClosedRange<UInt8>], negated: Bool)
  }

  private func nextStep(_ index: inout Int) -> Step {
    let byte = pattern[index]
    index += 1
    switch byte {
    case UInt8(ascii: "?"):
      return .any
    case UInt8(ascii: "*"):
      guard index < pattern.count, pattern[index] == UInt8(ascii: "*") else {
        return .run(crossesSlash: starCrossesSlash)
      }
      let opensComponent = index == 1 || pattern[index - 2] == UInt8(ascii: "/")
      while index < pattern.count, pattern[index] == UInt8(ascii: "*") { index += 1 }
      if opensComponent, index < pattern.count, pattern[index] == UInt8(ascii: "/") {
        index += 1
        return .directories
      }
      return .run(crossesSlash: true)
    case UInt8(ascii: "["):
      return set(&index) ?? .byte(byte)
    case UInt8(ascii: "\\") where index < pattern.count:
      index += 1
      return .byte(pattern[index - 1])
    default:
      return .byte(byte)
    }
  }

  private func set(_ index: inout Int) -> Step? {
    var cursor = index
    var negated = false
    if cursor < pattern.count, pattern[cursor] == UInt8(ascii: "!") || pattern[cursor] == UInt8(ascii: "^") {
      negated = true
      cursor += 1
    }
    var ranges: [ClosedRange<UInt8>] = []
    while cursor < pattern.count, pattern[cursor] != UInt8(ascii: "]") || ranges.isEmpty {
      let low = pattern[cursor]
      if cursor + 2 < pattern.count, pattern[cursor + 1] == UInt8(ascii: "-"), pattern[cursor + 2] != UInt8(ascii: "]")
      {
        let high = pattern[cursor + 2]
        ranges.append(min(low, high)...max(low, high))
        cursor += 3
      } else {
        ranges.append(low...low)
        cursor += 1
      }
    }
    guard cursor < pattern.count else { return nil }
    index = cursor + 1
    return .set(ranges: ranges, negated: negated)
  }

  private func advance(_ places: Set<Int>, by step: Step, in text: [UInt8]) -> Set<Int> {
    let slash = UInt8(ascii: "/")
    switch step {
    case .byte(let byte):
      return Set(places.lazy.filter { $0 < text.count && text[$0] == byte }.map { $0 + 1 })
    case .any:
      return Set(places.lazy.filter { $0 < text.count && (text[$0] != slash || starCrossesSlash) }.map { $0 + 1 })
    case .set(let ranges, let negated):
      return Set(
        places.lazy.filter { place in
          place < text.count && text[place] != slash && ranges.contains { $0.contains(text[place]) } != negated
        }.map { $0 + 1 })
    case .run(let crossesSlash):
      return spread(from: places, in: text) { crossesSlash || $0 != slash }
    case .directories:
      let reached = spread(from: places, in: text) { _ in true }
      return places.union(reached.filter { $0 > 0 && $0 <= text.count && text[$0 - 1] == slash })
    }
  }

  private func spread(from places: Set<Int>, in text: [UInt8], over allowed: (UInt8) -> Bool) -> Set<Int> {
    var result: Set<Int> = []
    for start in places.sorted() where !result.contains(start) {
      var place = start
      result.insert(place)
      while place < text.count, allowed(text[place]) {
        place += 1
        if !result.insert(place).inserted { break }
      }
    }
    return result
  }
}
