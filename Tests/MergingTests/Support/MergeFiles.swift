import Testing

/// Three files of a merge; at random, an ancestor and two sides edited from it.
struct MergeFiles {
  var base: [UInt8]
  var ours: [UInt8]
  var theirs: [UInt8]

  /// How the files are made.
  struct Shape: Sendable, CustomTestStringConvertible {
    var name: String
    /// The lines the files are made of, without their ends.
    var alphabet: [String]
    /// The greatest number of lines of the ancestor.
    var lines: Int
    /// The greatest number of edits of each side.
    var edits: Int
    /// One more than the greatest number of lines that an edit takes out or puts in.
    var block = 4
    /// How many lines in a hundred are new to all files.
    var novelty = 12
    /// The line ends that occur.
    var ends: [String] = ["\n"]

    var testDescription: String { name }
  }

  init(base: [UInt8], ours: [UInt8], theirs: [UInt8]) {
    self.base = base
    self.ours = ours
    self.theirs = theirs
  }

  private struct Edit {
    var place: Int
    var removed: Int
    var inserted: [String]
  }

  init(_ shape: Shape, using random: inout SplitMix64) {
    func line() -> String {
      let text =
        Int.random(in: 0..<100, using: &random) < shape.novelty
        ? "unique \(random.next() % 1_000_000)" : shape.alphabet.randomElement(using: &random) ?? ""
      return text + (shape.ends.randomElement(using: &random) ?? "\n")
    }
    let ancestor = (0..<Int.random(in: 0...shape.lines, using: &random)).map { _ in line() }
    var shared: [Edit] = []
    func edited() -> [String] {
      var lines = ancestor
      var edits = (0..<Int.random(in: 0...shape.edits, using: &random)).map { _ in
        Edit(
          place: Int.random(in: 0...ancestor.count, using: &random),
          removed: Int.random(in: 0..<shape.block, using: &random),
          inserted: (0..<Int.random(in: 0..<shape.block, using: &random)).map { _ in line() }
        )
      }
      // Both sides make some of the edits.
      for edit in shared where Bool.random(using: &random) { edits.append(edit) }
      shared = edits
      for edit in edits.sorted(by: { $0.place > $1.place }) {
        let start = min(edit.place, lines.count)
        lines.replaceSubrange(start..<min(start + edit.removed, lines.count), with: edit.inserted)
      }
      return lines
    }
    func bytes(_ lines: [String]) -> [UInt8] {
      var bytes = Array(lines.joined().utf8)
      if Int.random(in: 0..<4, using: &random) == 0 {
        while let last = bytes.last, last == 0x0A || last == 0x0D { bytes.removeLast() }
      }
      return bytes
    }
    base = bytes(ancestor)
    ours = bytes(edited())
    theirs = bytes(edited())
  }
}
