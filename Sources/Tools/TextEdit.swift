internal import Base

/// Replacing and inserting text in a file.
enum TextEdit {
  /// A file that was edited.
  struct Result: Hashable {
    var bytes: [UInt8]
    /// The lines that are new, counted from one, for a look at them.
    var first: Int
    var count: Int
    /// How many places were changed.
    var places = 1
    /// Whether one text was changed at several places.
    var isRepeated = false
    /// What had to be forgiven, for the model to know; `nil` where the text was exact.
    var note: String?

    /// What two edits in a row come to; the lines are those of the last.
    func behind(_ earlier: Result) -> Result {
      var result = self
      result.places += earlier.places
      result.isRepeated = isRepeated || earlier.isRepeated
      result.note = earlier.note.map { before in note.map { "\(before); \($0)" } ?? before } ?? note
      return result
    }
  }

  /// A file with one text for another.
  static func replace(_ old: String, with new: String, all: Bool, in bytes: [UInt8], name: String)
    throws(EditFault) -> Result
  {
    if old.isEmpty {
      throw EditFault("The text to be replaced is empty. Give the lines as they are in `\(name)`, or insert instead.")
    }
    if old.utf8.elementsEqual(new.utf8) {
      throw EditFault("The old and the new text are the same; nothing was changed in `\(name)`.")
    }
    let isText = DisplayText.isUTF8(bytes)
    // As the first line ends.
    let isPaired = bytes.firstIndex(of: 10).map { $0 > 0 && bytes[$0 - 1] == 13 } ?? false
    var (from, to) = (Array(old.utf8), Array(new.utf8))
    if !isText { (from, to) = (OutputText.unescaped(old), OutputText.unescaped(new)) }
    // What a model sees of a file has no carriage returns.
    let candidates: [([UInt8], [UInt8])] =
      isPaired
      ? [(pairs(from), pairs(to)), (from, to)]
      : [(from, to), (from.filter { $0 != 13 }, to.filter { $0 != 13 })]
    for (from, to) in candidates where !from.isEmpty {
      let search = ByteSearch(from)
      guard let place = search.first(in: bytes[...]) else { continue }
      if !all {
        var places: [Int] = []
        try visit(search, in: bytes, from: place, limit: mostPlaces) { places.append($0) }
        guard places.count == 1 else { throw ambiguous(lines(of: places, in: bytes), name: name) }
      }
      return try exact(search, from: place, all: all, new: to, in: bytes, name: name)
    }
    do throws(EditFault) {
      return try ByLines(bytes: bytes, isText: isText, name: name).replace(old, with: new, all: all)
    } catch {
      guard old.contains(#"\n"#), !old.contains("\n") else { throw error }
      return try overescaped(old, with: new, in: bytes, name: name, or: error)
    }
  }

  /// A file with one text for another, both with a backslash and a letter where line ends and quotes are meant.
  private static func overescaped(
    _ old: String, with new: String, in bytes: [UInt8], name: String, or fault: EditFault
  ) throws(EditFault) -> Result {
    do throws(EditFault) {
      var result = try replace(unescaped(old), with: unescaped(new), all: false, in: bytes, name: name)
      let note = #"`\n` in both texts was taken for a line break, as the file has it"#
      result.note = result.note.map { "\(note); \($0)" } ?? note
      return result
    } catch {
      throw EditFault(fault.text + #"\nThe text has a backslash and an `n` where lines end; send line breaks."#)
    }
  }

  /// A text without one level of escapes.
  private static func unescaped(_ text: String) -> String {
    var result: [UInt8] = []
    var isEscaped = false
    for byte in text.utf8 {
      if isEscaped {
        isEscaped = false
        switch byte {
        case UInt8(ascii: "n"): result.append(10)
        case UInt8(ascii: "t"): result.append(9)
        case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "\\"): result.append(byte)
        default: result += [UInt8(ascii: "\\"), byte]
        }
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else {
        result.append(byte)
      }
    }
    if isEscaped { result.append(UInt8(ascii: "\\")) }
    return String(decoding: result, as: UTF8.self)
  }

  /// A file with lines put in behind a line.
  static func insert(_ text: String, behind line: Int, in bytes: [UInt8], name: String) throws(EditFault) -> Result {
    let file = FileLines(bytes)
    guard (0...file.lines.count).contains(line) else {
      throw EditFault("`\(name)` has \(file.lines.count) lines; the line to insert behind must be from 0 to that.")
    }
    var new = FileLines.Writer()
    let isText = DisplayText.isUTF8(bytes)
    // An end behind the last line of the text makes no further one.
    for written in FileLines(isText ? Array(text.utf8) : OutputText.unescaped(text)).lines {
      new.append(written.text, end: file.end(at: line))
    }
    let count = new.count
    let result = try file.replacing([FileLines.Change(range: line..<line, lines: new)], name: name)
    return Result(bytes: result, first: line + 1, count: count)
  }

  private static func pairs(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    for byte in bytes where byte != 13 {
      if byte == 10 { result.append(13) }
      result.append(byte)
    }
    return result
  }

  /// How many places of a text that should be there once are looked at.
  private static let mostPlaces = 100

  /// Goes through where a text stands; places do not overlap.
  private static func visit(
    _ search: ByteSearch, in bytes: [UInt8], from first: Int, limit: Int, _ body: (Int) -> Void
  ) throws(EditFault) {
    var (start, count) = (first, 0)
    while count < limit, let next = search.first(in: bytes[start...]) {
      body(next)
      start = next + search.needle.count
      count += 1
      if count & 0xfff == 0, Task.isCancelled { throw EditFault("The call was cancelled; nothing was changed.") }
    }
  }

  /// The lines in which offsets are, which come in their order.
  static func lines(of offsets: [Int], in bytes: [UInt8]) -> [Int] {
    var (line, start) = (1, 0)
    return offsets.map { offset in
      for byte in bytes[start..<offset] where byte == 10 { line += 1 }
      start = offset
      return line
    }
  }

  static func ambiguous(_ lines: [Int], name: String) -> EditFault {
    var counted: [(line: Int, count: Int)] = []
    for line in lines {
      if counted.last?.line == line { counted[counted.count - 1].count += 1 } else { counted.append((line, 1)) }
    }
    let shown = counted.prefix(10).map { $0.count == 1 ? "\($0.line)" : "\($0.line) (\($0.count) times)" }
    let place = counted.count == 1 ? "all in line \(counted[0].line)" : "at lines \(shown.joined(separator: ", "))"
    return EditFault(
      "The text to be replaced stands \(lines.count < mostPlaces ? "" : "at least ")\(lines.count) times in `\(name)`, \(place)\(counted.count > 10 ? ", …" : ""); "
        + "nothing was changed. "
        + "Give more of the lines around the one that is meant.")
  }

  /// The file with the text at one place or at all of them replaced; its size is known before memory is taken for it.
  private static func exact(
    _ search: ByteSearch, from first: Int, all: Bool, new: [UInt8], in bytes: [UInt8], name: String
  ) throws(EditFault) -> Result {
    let old = search.needle
    var count = 0
    try visit(search, in: bytes, from: first, limit: all ? Int.max : 1) { _ in count += 1 }
    let (growth, isTooLarge) = (new.count - old.count).multipliedReportingOverflow(by: count)
    let (size, isFarTooLarge) = bytes.count.addingReportingOverflow(growth)
    try FileLines.admit(isTooLarge || isFarTooLarge ? nil : size, name: name)
    var result: [UInt8] = []
    result.reserveCapacity(size)
    var start = 0
    try visit(search, in: bytes, from: first, limit: count) { place in
      result += bytes[start..<place]
      result += new
      start = place + old.count
    }
    result += bytes[start...]
    return Result(
      bytes: result, first: lines(of: [first], in: bytes)[0], count: 1 + new.count { $0 == 10 }, places: count,
      isRepeated: count > 1)
  }

  /// Whole lines that are like those of the text.
  private struct ByLines {
    let bytes: [UInt8]
    let isText: Bool
    let name: String

    /// How many places are replaced at once where the text is not exact.
    private static let mostReplaced = 100_000

    func replace(_ old: String, with new: String, all: Bool) throws(EditFault) -> Result {
      let file = FileLines(bytes)
      var search = LineSearch(file, isText: isText)
      let pieces = Self.pieces(old, new)
      var candidates = [(pieces.0, pieces.1, "")]
      if let bare = Self.withoutNumbers(pieces.0) {
        let other = Self.withoutNumbers(pieces.1) ?? pieces.1
        candidates.append((bare, other, "the line numbers before the lines were left out, and "))
      }
      for (old, new, prefix) in candidates {
        // A blank line at either end may be where the text was cut, not a line of the file.
        for (old, new) in [(old, new), Self.trimmed(old, new)]
        where old.contains(where: { !Likeness.trimmed($0).isEmpty }) {
          for likeness in Likeness.allCases {
            // Two places that share lines are two that may be meant, but not both can be replaced.
            let places = try search.places(
              of: old, likeness, apart: all, limit: all ? Self.mostReplaced + 1 : TextEdit.mostPlaces)
            if places.isEmpty { continue }
            guard places.count <= Self.mostReplaced else {
              throw EditFault(
                "The text to be replaced stands more than \(Self.mostReplaced) times in `\(name)`, with other white space; "
                  + "nothing was changed. Replace it by a command.")
            }
            guard all || places.count == 1 else { throw TextEdit.ambiguous(places.map { $0 + 1 }, name: name) }
            if let result = try replaced(places, old: old, new: new, likeness: likeness, prefix: prefix, in: file) {
              return result
            }
          }
        }
      }
      // The first line from which on the same is written, whatever the white space.
      let spaced = try search.places(of: pieces.0, .unspaced, limit: 1).first.map {
        " It differs from what begins at line \($0 + 1) only in white space."
      }
      throw EditFault(
        "The text to be replaced is not in `\(name)`; nothing was changed.\(spaced ?? "")"
          + PatchReport.nearest(
            candidates[candidates.count - 1].0.map { String(decoding: $0, as: UTF8.self) }, in: &search, of: file)
      )
    }

    /// Both texts as lines; a line end behind the last line, where both have one, makes no further line.
    private static func pieces(_ old: String, _ new: String) -> ([[UInt8]], [[UInt8]]) {
      let split = { (text: String) in
        Array(text.utf8.filter { $0 != 13 }).split(separator: 10, omittingEmptySubsequences: false).map(Array.init)
      }
      var (left, right) = (split(old), split(new))
      if left.count > 1, left.last == [] {
        left.removeLast()
        if right.last == [] { right.removeLast() }
      }
      return (left, right)
    }

    /// The lines without blank ones at the ends of the old ones; as many blank ones go from the new ones.
    private static func trimmed(_ old: [[UInt8]], _ new: [[UInt8]]) -> ([[UInt8]], [[UInt8]]) {
      var (old, new) = (old[...], new[...])
      while let line = old.first, Likeness.trimmed(line).isEmpty {
        old.removeFirst()
        if let line = new.first, Likeness.trimmed(line).isEmpty { new.removeFirst() }
      }
      while let line = old.last, Likeness.trimmed(line).isEmpty {
        old.removeLast()
        if let line = new.last, Likeness.trimmed(line).isEmpty { new.removeLast() }
      }
      return (Array(old), Array(new))
    }

    /// The lines without the numbers that a view of the file has before them; `nil` where not all have one.
    private static func withoutNumbers(_ lines: [[UInt8]]) -> [[UInt8]]? {
      var result: [[UInt8]] = []
      for line in lines {
        if line.isEmpty {
          result.append(line)
          continue
        }
        let digits = line.drop { $0 == 0x20 }.prefix { $0 &- 0x30 < 10 }
        guard !digits.isEmpty, digits.endIndex < line.count, [9, 0x7c, 0x3a].contains(line[digits.endIndex]) else {
          return nil
        }
        result.append(Array(line[(digits.endIndex + 1)...]))
      }
      return result
    }

    private func replaced(
      _ places: [Int], old: [[UInt8]], new: [[UInt8]], likeness: Likeness, prefix: String, in file: FileLines
    ) throws(EditFault) -> Result? {
      var changes: [FileLines.Change] = []
      var size = 0
      for place in places {
        let range = place..<(place + old.count)
        guard let fitted = fitted(new, old: old, to: file.lines[range].map(\.text)) else { return nil }
        var lines = FileLines.Writer()
        for line in fitted {
          lines.append(
            isText ? line : OutputText.unescaped(String(decoding: line, as: UTF8.self)), end: file.end(at: place))
        }
        size += lines.bytes.count
        try FileLines.admit(size, name: name)
        changes.append(FileLines.Change(range: range, lines: lines))
      }
      let result = try file.replacing(changes, name: name)
      let what = likeness == .punctuation ? "white space or punctuation" : "white space"
      let note =
        likeness == .exact
        ? (prefix.isEmpty ? nil : prefix + "the text was found") : prefix + "\(what) was not the same"
      return Result(
        bytes: result, first: places[0] + 1, count: changes[0].lines.count, places: places.count,
        isRepeated: places.count > 1, note: note)
    }

    /// The new lines with the indentation that the file's lines have more or less than those that were given.
    private func fitted(_ new: [[UInt8]], old: [[UInt8]], to real: [ArraySlice<UInt8>]) -> [[UInt8]]? {
      var shift: (remove: [UInt8], add: [UInt8])?
      for (written, line) in zip(old, real) {
        let (left, right) = (Self.indent(written[...]), Self.indent(line))
        if Likeness.trimmed(written).isEmpty { continue }
        let common = zip(left.reversed(), right.reversed()).prefix { $0 == $1 }.count
        let own = (Array(left.dropLast(common)), Array(right.dropLast(common)))
        if let shift {
          // Spaces for tabs: every line has a shift of its own, and the new ones cannot be told.
          guard shift == own else { return Self.isTabbed(old, real) ? Self.tabbed(new, like: real, old: old) : nil }
        } else {
          shift = own
        }
      }
      guard let shift, !shift.remove.isEmpty || !shift.add.isEmpty else { return new }
      var result: [[UInt8]] = []
      for line in new {
        if Likeness.trimmed(line).isEmpty {
          result.append(line)
        } else if line.starts(with: shift.remove) {
          result.append(shift.add + line.dropFirst(shift.remove.count))
        } else {
          return nil
        }
      }
      return result
    }

    private static func indent(_ line: ArraySlice<UInt8>) -> [UInt8] { Array(line.prefix { $0 == 0x20 || $0 == 9 }) }

    /// Whether the file has tabs where the text has spaces only.
    private static func isTabbed(_ old: [[UInt8]], _ real: [ArraySlice<UInt8>]) -> Bool {
      real.contains { indent($0).contains(9) } && !real.contains { indent($0).contains(0x20) }
        && !old.contains { indent($0[...]).contains(9) }
    }

    /// The new lines with tabs for as many spaces as a tab stands for in the old ones.
    private static func tabbed(_ new: [[UInt8]], like real: [ArraySlice<UInt8>], old: [[UInt8]]) -> [[UInt8]]? {
      var width: Int?
      for (written, line) in zip(old, real) {
        let (spaces, tabs) = (indent(written[...]).count, indent(line).count)
        if tabs == 0 && spaces == 0 || Likeness.trimmed(written).isEmpty { continue }
        guard tabs > 0, spaces % tabs == 0, spaces > 0, width == nil || width == spaces / tabs else { return nil }
        width = spaces / tabs
      }
      guard let width else { return nil }
      return new.map { line in
        let spaces = indent(line[...]).count
        return [UInt8](repeating: 9, count: spaces / width) + [UInt8](repeating: 0x20, count: spaces % width)
          + line.dropFirst(spaces)
      }
    }
  }
}
