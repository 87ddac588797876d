internal import Base

/// Why an edit does not fit a file; the text says what stands there instead and what to do.
struct EditFault: Error, Hashable {
  let text: String

  init(_ text: String) {
    self.text = text
  }
}

extension Patch {
  /// The content of a new file.
  static func content(of lines: [String]) -> [UInt8] {
    lines.flatMap { Array($0.utf8) + [10] }
  }

  /// What comes of a file.
  struct Applied {
    var bytes: [UInt8]
    /// Where each part went, in the order of the patch; lines are those of the file as it is now, counted from one.
    var places: [Place]
  }

  /// Where the first line that a part changes is now.
  struct Place: Hashable {
    var line: Int
    /// The lines at which the part would have fitted as well; the first few.
    var others: [Int] = []
  }

  /// A file with the parts of a patch put in; it is called by its name where something does not fit.
  static func apply(_ parts: [Part], to bytes: [UInt8], name: String) throws(EditFault) -> [UInt8] {
    try applied(parts, to: bytes, name: name).bytes
  }

  /// The same, with the places.
  static func applied(_ parts: [Part], to bytes: [UInt8], name: String) throws(EditFault) -> Applied {
    let file = FileLines(bytes)
    let isText = DisplayText.isUTF8(bytes)
    var search = LineSearch(file, isText: isText)
    var changes: [FileLines.Change] = []
    var fits: [[Int]] = []
    var cursor = 0
    for (number, part) in parts.enumerated() {
      var start = cursor
      for context in part.contexts {
        let line = Array(context.utf8)
        var found = try search.context(line, from: start)
        if found == nil, start > 0 { found = try search.context(line, from: 0) }
        guard let place = found else {
          throw EditFault(
            "`\(name)`: the line `@@ \(context)` of part \(number + 1) is nowhere in the file."
              + PatchReport.nearest([context], in: &search, of: file))
        }
        start = place + 1
      }
      let (place, count, others) = try place(of: part, from: start, number: number, in: &search, file: file, name: name)
      let range = place..<(place + count)
      changes.append(
        FileLines.Change(range: range, lines: lines(of: part, at: place, count: count, in: file, isText: isText)))
      fits.append(others)
      cursor = range.upperBound
    }
    let ordered = try apart(changes, name: name)
    let result = try file.replacing(changes, name: name)
    // Lines move by what is put in and taken out before them.
    var growth = [0]
    for index in ordered {
      growth.append(growth[growth.count - 1] + changes[index].lines.count - changes[index].range.count)
    }
    let moved = { (line: Int) in
      var (low, high) = (0, ordered.count)
      while low < high {
        let middle = (low + high) / 2
        if changes[ordered[middle]].range.lowerBound < line { low = middle + 1 } else { high = middle }
      }
      return line + growth[low]
    }
    let places = parts.indices.map { index in
      let lead = parts[index].lead
      return Place(
        line: moved(changes[index].range.lowerBound) + lead + 1, others: fits[index].map { moved($0) + lead + 1 })
    }
    return Applied(bytes: result, places: places)
  }

  /// The indices of changes in the order of the file.
  ///
  /// - Throws: where one has lines that another one has too, or is put in between them.
  private static func apart(_ changes: [FileLines.Change], name: String) throws(EditFault) -> [Int] {
    let ordered = changes.indices.sorted {
      let (left, right) = (changes[$0].range, changes[$1].range)
      return (left.lowerBound, left.upperBound, $0) < (right.lowerBound, right.upperBound, $1)
    }
    for (first, second) in zip(ordered, ordered.dropFirst())
    where changes[second].range.lowerBound < changes[first].range.upperBound {
      throw EditFault(
        "`\(name)`: part \(max(first, second) + 1) changes lines that another part changes; make them one part.")
    }
    return ordered
  }

  /// Where a part belongs, how many of its old lines are there, and where else it would fit behind the part before it,
  /// unless it says by a line above it or the end of the file which place it means.
  private static func place(
    of part: Part, from start: Int, number: Int, in search: inout LineSearch, file: FileLines, name: String
  ) throws(EditFault) -> (Int, Int, [Int]) {
    var old = part.old.map { Array($0.utf8) }
    if old.isEmpty { return (part.contexts.isEmpty ? file.lines.count : start, 0, []) }
    while true {
      for likeness in Likeness.allCases {
        if part.isAtEnd, old.count <= file.lines.count {
          let tail = file.lines.count - old.count
          if try search.places(of: old, likeness, from: tail, limit: 1).first == tail { return (tail, old.count, []) }
        }
        // Parts may come in another order than the file's.
        for start in start > 0 ? [start, 0] : [start] {
          let places = try search.places(of: old, likeness, from: start, limit: part.contexts.isEmpty ? 6 : 1)
          if let first = places.first { return (first, old.count, Array(places.dropFirst())) }
        }
      }
      // A last blank line may be the layout of the patch.
      guard old.count > 1, old.last == [], case .context? = part.lines.last else { break }
      old.removeLast()
    }
    throw EditFault(
      "`\(name)`: the lines of part \(number + 1) are not in the file. Expected:\n"
        + part.old.prefix(12).joined(separator: "\n")
        + PatchReport.nearest(part.old, in: &search, of: file))
  }

  /// What stands there afterwards: kept lines as they are in the file, new ones with its line ends.
  private static func lines(
    of part: Part, at place: Int, count: Int, in file: FileLines, isText: Bool
  ) -> FileLines.Writer {
    var result = FileLines.Writer(behind: place > 0 ? file.lines[place - 1].end : nil)
    var index = place
    for line in part.lines {
      switch line {
      case .context:
        if index < place + count { result.append(file.lines[index].text, end: file.lines[index].end) }
        index += 1
      case .removed: index += 1
      case .added(let text):
        let bytes = isText ? Array(text.utf8) : OutputText.unescaped(text)
        result.append(bytes, end: file.end(at: min(index, file.lines.count)))
      }
    }
    return result
  }
}

/// Shows what a file has where something was expected.
enum PatchReport {
  /// The nearest real lines with their numbers, behind a blank; bounded in size.
  static func nearest(_ expected: [String], in search: inout LineSearch, of file: FileLines) -> String {
    if file.lines.isEmpty { return "\nThe file is empty." }
    guard let near = search.nearest(to: expected.map { Array($0.utf8) }) else {
      return "\nNothing in the file is like it; it has \(file.lines.count) lines. Read it before you edit it."
    }
    let first = max(0, near.index - 1)
    let last = min(file.lines.count, near.index + min(expected.count, 20) + 2)
    return "\nThe nearest lines of the file are:\n" + numbered(file.lines[first..<last].map(\.text), from: first + 1)
  }

  /// Lines with their numbers, each at most 400 bytes long.
  static func numbered(_ lines: [some Collection<UInt8>], from first: Int) -> String {
    var text: [UInt8] = []
    for (index, line) in lines.enumerated() {
      let number = String(first + index)
      text += Array(String(repeating: " ", count: max(0, 6 - number.count)).utf8) + Array(number.utf8) + [9]
      text += OutputText.visible(Array(line.prefix(400)) + Array((line.count > 400 ? "…" : "").utf8)) + [10]
    }
    return String(decoding: text, as: UTF8.self)
  }
}
