internal import Base
internal import Git
internal import Glibc
internal import Work

/// A search for words in the text files of a tree, within bounds.
struct TreeSearch {
  /// What is looked for, and where it counts.
  struct Needle: Hashable {
    /// The bytes, bounded by no letter, digit or underscore on either side.
    var text: [UInt8]
    var scope: Scope

    enum Scope: Hashable {
      /// Anywhere but in prose.
      case code
      /// On lines that ask for another file or module.
      case importLine
      /// On lines that refer to one file by its path or as a module; prose has none.
      case reference(ReferenceTest)
      /// On lines of source in the language of files with this ending, comments of whole lines aside.
      case language([UInt8])
      /// Anywhere, prose included.
      case everywhere
    }
  }

  /// What was found.
  struct Found {
    var places: [CodePlace] = []
    /// How many files of text were too large to be read.
    var unread = 0
    /// Whether there was more than may be read.
    var wasStopped = false
    /// Whether every file was read.
    var isComplete: Bool { unread == 0 && !wasStopped }
  }

  /// Files with more bytes are not searched.
  static let largestFile = 1 << 20
  /// Files with more bytes are not even looked at to see whether they are text.
  private static let largestLook = 16 << 20
  /// How many files and bytes are read at most.
  private static let mostFiles = 50_000
  private static let mostBytes = 512 << 20
  /// How many places are listed for one question.
  static let mostPlaces = 20

  /// Searches the files for several questions at once.
  ///
  /// - Parameters:
  ///   - files: The files by path; each is read once.
  ///   - questions: For each question its needles.
  ///   - repository: Where the files are.
  /// - Returns: For each question the first line of each file that holds one of its needles.
  /// - Throws: ``GitError`` where a file cannot be read.
  static func run(
    _ files: [(path: RepositoryPath, blob: ObjectID)], _ questions: [[Needle]], in repository: Repository
  ) throws(GitError) -> [Found] {
    var found = questions.map { _ in Found() }
    guard questions.contains(where: { !$0.isEmpty }) else { return found }
    var bytesRead = 0
    for (number, file) in files.enumerated() {
      let size = try repository.header(of: file.blob).size
      let isLooked = size <= largestLook
      guard number < mostFiles, bytesRead + (isLooked ? size : 0) <= mostBytes else {
        for index in found.indices { found[index].wasStopped = true }
        break
      }
      bytesRead += isLooked ? size : 0
      let content = isLooked ? try repository.content(of: file.blob, limit: largestLook) : []
      if BinaryContent.isBinary(content) { continue }
      guard size <= largestFile else {
        for index in found.indices { found[index].unread += 1 }
        continue
      }
      var search = FileSearch(of: content, at: file.path)
      for (index, needles) in questions.enumerated() where found[index].places.count < mostPlaces {
        for needle in needles {
          guard let place = search.first(needle) else { continue }
          found[index].places.append(place)
          break
        }
      }
    }
    return found
  }
}

/// A search in one file; its effort grows with the file and not with the length of its lines.
struct FileSearch {
  private let content: [UInt8]
  private let path: RepositoryPath
  private let isProse: Bool
  /// How many lines were judged.
  private(set) var judged = 0

  init(of content: [UInt8], at path: RepositoryPath) {
    self.content = content
    self.path = path
    isProse = Prose.isProse(path)
  }

  /// The first line on which a needle counts; no line is judged twice.
  mutating func first(_ needle: TreeSearch.Needle) -> CodePlace? {
    if isProse, needle.scope != .everywhere { return nil }
    if case .language(let ending) = needle.scope, !Languages.areAlike(ending, path.fileExtension) { return nil }
    var start = 0
    while start < content.count, let hit = Words.find(needle.text, in: content, from: start) {
      // What lies before `start` are lines that were judged, so that one is not walked through again.
      let lineStart = content[start..<hit].lastIndex(of: 0x0A).map { $0 + 1 } ?? start
      let lineEnd = content[hit...].firstIndex(of: 0x0A) ?? content.count
      if counts(needle.scope, content[lineStart..<lineEnd]) {
        let number = content[..<lineStart].count { $0 == 0x0A } + 1
        return CodePlace(path: path, line: number, text: Self.shown(content[lineStart..<lineEnd], around: hit))
      }
      start = lineEnd + 1
    }
    return nil
  }

  private mutating func counts(_ scope: TreeSearch.Needle.Scope, _ line: ArraySlice<UInt8>) -> Bool {
    judged += 1
    switch scope {
    case .code, .everywhere: return true
    case .importLine: return ImportWords.isImport(line)
    case .reference(let test): return test.holds(on: line, of: path)
    case .language: return !Self.isComment(line)
    }
  }

  /// Whether a line begins as comments do.
  private static func isComment(_ line: ArraySlice<UInt8>) -> Bool {
    let text = line.drop { $0 == 0x20 || $0 == 0x09 }
    return ["//", "*", "/*", "--", "# "].contains { text.starts(with: $0.utf8) }
  }

  /// The most bytes of a line that are shown.
  private static let mostShown = 200

  /// A line without its indentation; of a long one what stands around a place.
  private static func shown(_ line: ArraySlice<UInt8>, around place: Int) -> String {
    let text = line.drop { $0 == 0x20 || $0 == 0x09 }
    guard text.count > mostShown else { return DisplayText.line(text) }
    func isInside(_ index: Int) -> Bool { index < text.endIndex && text[index] & 0xC0 == 0x80 }
    var start = max(text.startIndex, min(place - mostShown / 4, text.endIndex - mostShown))
    var end = start + mostShown
    // A character is shown whole or not at all.
    while isInside(start) { start += 1 }
    while isInside(end) { end += 1 }
    return (start > text.startIndex ? "…" : "") + DisplayText.line(text[start..<end])
      + (end < text.endIndex ? "…" : "")
  }
}

/// Files that people read and no tool does.
enum Prose {
  static func isProse(_ path: RepositoryPath) -> Bool {
    let name = String(decoding: path.name, as: UTF8.self).lowercased()
    if name == "cmakelists.txt" { return false }
    if ["changelog", "changes", "history", "news", "authors", "license", "copying", "readme"].contains(where: {
      name.hasPrefix($0)
    }) {
      return true
    }
    return ["md", "rst", "txt", "adoc", "markdown", "po", "pot"].contains(
      String(decoding: path.fileExtension, as: UTF8.self))
  }
}

/// Whole words in bytes.
enum Words {
  /// Whether a byte belongs to a name.
  static func isNameByte(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "_") || byte >= 0x80 || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
      || (0x61...0x7A).contains(byte)
  }

  /// Where a text stands next with nothing of a name on either side; `nil` where it does no more.
  static func find(_ text: [UInt8], in content: [UInt8], from start: Int) -> Int? {
    guard !text.isEmpty, content.count >= text.count else { return nil }
    // Searched for is the byte of the text that other text has least.
    let anchor = text.indices.min { commonness(text[$0]) < commonness(text[$1]) } ?? 0
    return content.withUnsafeBytes { all -> Int? in
      guard let base = all.baseAddress else { return nil }
      var place = start + anchor
      while place < all.count, let hit = memchr(base + place, Int32(text[anchor]), all.count - place) {
        place = UnsafeRawPointer(hit) - base + 1
        let first = place - 1 - anchor
        let end = first + text.count
        guard first >= start, end <= all.count, all[first..<end].elementsEqual(text) else { continue }
        let isFree =
          (first == 0 || !isNameByte(all[first - 1]) || !isNameByte(text[0]))
          && (end == all.count || !isNameByte(all[end]) || !isNameByte(text[text.count - 1]))
        if isFree { return first }
      }
      return nil
    }
  }

  /// How often a byte stands in source text, roughly.
  private static func commonness(_ byte: UInt8) -> Int {
    switch byte {
    case 0x61...0x7A: "etaoinsrldcupmfghbywvkxjqz".utf8.enumerated().first { $1 == byte }.map { 40 - $0.offset } ?? 0
    case UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: ":"): 20
    default: 10
    }
  }

  /// The text with every whole occurrence of a word replaced.
  static func replacing(_ old: [UInt8], by new: [UInt8], in content: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var start = 0
    while let hit = find(old, in: content, from: start) {
      result += content[start..<hit] + new
      start = hit + old.count
    }
    return result + content[start...]
  }
}

/// Lines that ask for another file or module, in any of the common languages.
enum ImportWords {
  private static let openers: Set<String> = [
    "import", "from", "require", "require_relative", "require_once", "include", "include_once", "use", "using", "mod",
    "load", "source", "export", "part", "extern", "add_subdirectory", "requires", "exports",
  ]

  /// Whether a line begins with such a word, perhaps behind `#`, `@`, `pub` and the like, or calls one.
  static func isImport(_ line: ArraySlice<UInt8>) -> Bool {
    let text = line.prefix(1 << 12)
    let words = text.split { !Words.isNameByte($0) }.map { String(decoding: $0, as: UTF8.self) }
    if words.prefix(4).contains(where: openers.contains) { return true }
    // const x = require('y'), await import('y'): the call may stand anywhere.
    return ["require", "import", "include", "from"].contains { words.contains($0) }
      && (text.contains(UInt8(ascii: "'")) || text.contains(UInt8(ascii: "\"")))
  }
}
