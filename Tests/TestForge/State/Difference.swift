/// A difference as a forge shows it: the files with their hunks.
struct Difference: Sendable {
  /// A line of a hunk.
  struct Line: Sendable, Hashable {
    /// The line on the base side; `nil` for one that was added.
    let old: Int?
    /// The line on the head side; `nil` for one that was removed.
    let new: Int?
    let text: String
    /// Where both sides stand at the line, as GitLab's line codes name it.
    let oldAt: Int
    let newAt: Int
  }

  struct Hunk: Sendable, Hashable {
    let header: String
    var lines: [Line] = []

    func holds(_ line: Int, side: String) -> Bool {
      lines.contains { (side == "LEFT" ? $0.old : $0.new) == line }
    }

    /// The hunk's text up to a line, as comments carry it.
    func text(upTo line: Int, side: String) -> String {
      var result = header
      for entry in lines {
        result += "\n" + entry.text
        if (side == "LEFT" ? entry.old : entry.new) == line { break }
      }
      return result
    }
  }

  struct File: Sendable, Hashable {
    var oldPath: String
    var newPath: String
    var status: String
    var isBinary = false
    var hunks: [Hunk] = []

    var additions: Int { hunks.reduce(0) { $0 + $1.lines.count { $0.old == nil && $0.new != nil } } }
    var deletions: Int { hunks.reduce(0) { $0 + $1.lines.count { $0.new == nil && $0.old != nil } } }
    var patch: String {
      hunks.map { ([$0.header] + $0.lines.map(\.text)).joined(separator: "\n") }.joined(separator: "\n")
    }
  }

  var files: [File] = []

  /// The difference in what `git diff` prints.
  init(_ text: [UInt8]) {
    var file: File?
    var old = 0
    var new = 0
    // What is left of the hunk on both sides: a removed line may begin with `--- ` like a header.
    var oldLeft = 0
    var newLeft = 0
    for bytes in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      let line = String(decoding: bytes, as: UTF8.self)
      if oldLeft > 0 || newLeft > 0, let first = bytes.first, var hunk = file?.hunks.popLast() {
        if first != UInt8(ascii: "\\") {
          let added = first == UInt8(ascii: "+")
          let removed = first == UInt8(ascii: "-")
          hunk.lines.append(Line(old: added ? nil : old, new: removed ? nil : new, text: line, oldAt: old, newAt: new))
          if !added { (old, oldLeft) = (old + 1, oldLeft - 1) }
          if !removed { (new, newLeft) = (new + 1, newLeft - 1) }
        }
        file?.hunks.append(hunk)
      } else if line.hasPrefix("diff --git ") {
        if let file { files.append(file) }
        file = Self.begin(line)
      } else if let range = Self.range(line) {
        (old, oldLeft, new, newLeft) = range
        file?.hunks.append(Hunk(header: line))
      } else {
        Self.take(line, into: &file)
      }
    }
    if let file { files.append(file) }
  }

  private static func begin(_ line: String) -> File {
    // For a file that is not renamed both names are the same, so the second half is known by its length.
    let rest = line.dropFirst("diff --git ".count)
    let name = String(unquoted(String(rest.suffix((rest.count - 1) / 2))).dropFirst(2))
    return File(oldPath: name, newPath: name, status: "modified")
  }

  private static func take(_ line: String, into file: inout File?) {
    if line.hasPrefix("new file mode") { file?.status = "added" }
    if line.hasPrefix("deleted file mode") { file?.status = "removed" }
    if line.hasPrefix("Binary files ") { file?.isBinary = true }
    if line.hasPrefix("rename from ") {
      file?.status = "renamed"
      file?.oldPath = unquoted(String(line.dropFirst("rename from ".count)))
    }
    if line.hasPrefix("rename to ") { file?.newPath = unquoted(String(line.dropFirst("rename to ".count))) }
  }

  /// The ranges of a line such as `@@ -1,4 +1,5 @@`.
  private static func range(_ line: String) -> (Int, Int, Int, Int)? {
    guard line.hasPrefix("@@ -") else { return nil }
    let words = line.split(separator: " ")
    guard words.count >= 4, words[3] == "@@" else { return nil }
    func pair(_ word: Substring) -> (Int, Int)? {
      let numbers = word.dropFirst().split(separator: ",").compactMap { Int($0) }
      return numbers.first.map { ($0, numbers.count > 1 ? numbers[1] : 1) }
    }
    guard let left = pair(words[1]), let right = pair(words[2]) else { return nil }
    return (left.0, left.1, right.0, right.1)
  }

  /// Resolves the quotes that git puts around strange names.
  private static func unquoted(_ name: String) -> String {
    var rest = Array(name.utf8)[...]
    guard rest.first == UInt8(ascii: "\""), rest.last == UInt8(ascii: "\"") else { return name }
    rest = rest.dropFirst().dropLast()
    var bytes: [UInt8] = []
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\"), let next = rest.first else {
        bytes.append(byte)
        continue
      }
      if rest.count >= 3, let value = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8) {
        bytes.append(value)
        rest = rest.dropFirst(3)
      } else {
        bytes.append(next == UInt8(ascii: "t") ? 9 : next == UInt8(ascii: "n") ? 10 : next)
        rest = rest.dropFirst()
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  func file(_ path: String) -> File? {
    files.first { $0.newPath == path || ($0.status == "removed" && $0.oldPath == path) }
  }
}
