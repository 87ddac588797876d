/// Gives equal lines of several texts the same small number, so that a diff compares integers.
///
/// Numbers are handed out from zero in the order in which lines first appear.
struct LineInterner {
  /// Where a line with a number was first seen.
  private struct Line {
    var hash: UInt64
    var text: Int
    var start: Int
    var end: Int
  }

  private var texts: [[UInt8]] = []
  private var lines: [Line] = []
  /// An open hash table of numbers plus one, where zero is a free slot.
  ///
  /// Its size is a power of two.
  private var slots: [Int32]
  /// Differs from run to run, so that nobody can prepare a file full of colliding lines.
  private let seed = UInt64.random(in: .min ... .max)

  init() {
    slots = Array(repeating: 0, count: 1024)
  }

  /// How many different lines have been seen.
  var count: Int { lines.count }

  /// Cuts a text into lines and gives each its number.
  mutating func intern(_ bytes: [UInt8]) -> (table: LineTable, numbers: [Int32]) {
    texts.append(bytes)
    var offsets = [0]
    var numbers: [Int32] = []
    let span = bytes.span
    var start = 0
    var hash = seed
    for index in span.indices {
      hash = (hash ^ UInt64(span[index])) &* 0x0000_0100_0000_01B3
      if span[index] == 0x0A {
        numbers.append(number(hash: hash, start: start, end: index + 1))
        start = index + 1
        offsets.append(start)
        hash = seed
      }
    }
    if start < bytes.count { numbers.append(number(hash: hash, start: start, end: bytes.count)) }
    return (LineTable(bytes: bytes, lineEnds: offsets), numbers)
  }

  /// The number of a line of the last text, an old one where an equal line has been seen.
  private mutating func number(hash raw: UInt64, start: Int, end: Int) -> Int32 {
    // The multiplication mixes upwards only; the table takes its slot from the low bits.
    let hash = raw ^ (raw >> 32)
    var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while slots[slot] != 0 {
      let candidate = slots[slot] - 1
      if isEqual(lines[Int(candidate)], hash: hash, start: start, end: end) { return candidate }
      slot = (slot + 1) & (slots.count - 1)
    }
    let new = Int32(lines.count)
    lines.append(Line(hash: hash, text: texts.count - 1, start: start, end: end))
    slots[slot] = new + 1
    if lines.count * 2 > slots.count { grow() }
    return new
  }

  private func isEqual(_ line: Line, hash: UInt64, start: Int, end: Int) -> Bool {
    guard line.hash == hash, line.end - line.start == end - start else { return false }
    return texts[line.text][line.start..<line.end].elementsEqual(texts[texts.count - 1][start..<end])
  }

  private mutating func grow() {
    slots = Array(repeating: 0, count: slots.count * 2)
    for (number, line) in lines.enumerated() {
      var slot = Int(truncatingIfNeeded: line.hash) & (slots.count - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = Int32(number) + 1
    }
  }
}
