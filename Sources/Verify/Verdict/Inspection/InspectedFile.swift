internal import Base
internal import Merging

/// A file of a patch, with the lines that the patch brings.
struct InspectedFile {
  let path: RepositoryPath
  let old: SourceView?
  let new: SourceView
  /// The lines that the patch brings, counted from zero; a line that was only moved is not among them.
  let added: [Int]
  /// The code of all lines with blanks only where they part two words, as ``CodeReading`` reads it.
  let squeezed: [String]
  /// The same with the content of text literals.
  let literal: [String]
  /// Everything that the file held before, with text literals, as ``literal``.
  private let oldLiteral: String

  /// Whether another file says that this one is code.
  private let isLoaded: Bool

  /// - Parameters:
  ///   - file: The file.
  ///   - moved: Lines that the patch only moves.
  ///   - loader: The file that loads it as code of its own language; `nil` where its path tells the language.
  init(_ file: PatchedFile, moved: Set<String>, loadedBy loader: RepositoryPath? = nil) {
    path = file.path
    isLoaded = loader != nil
    let place = loader ?? file.path
    let new = SourceView(file.new?.content ?? [], path: place)
    self.new = new
    let old = file.old.map { SourceView($0.content, path: place) }
    self.old = old
    let changes = LineDiff.changes(from: file.old?.content ?? [], to: file.new?.content ?? [])
    added = changes.flatMap { Array($0.new.start..<$0.new.end) }.filter {
      $0 < new.count && !moved.contains(new.lines[$0].trimmed)
    }
    // In a language that is not known a line that begins with a number sign is a comment in most of them.
    let isUnknown = new.language == .unknown
    func squeeze(_ line: String) -> String { isUnknown && line.trimmed.hasPrefix("#") ? "" : line.squeezed }
    let plain = CodeReading(new, added: Set(added))
    squeezed = plain.lines(new.code.map(squeeze))
    literal = plain.lines(new.uncommented.map(squeeze))
    oldLiteral = (old?.uncommented ?? []).map(\.squeezed).joined(separator: "\n")
  }

  var language: String { new.language.name }
  var fileExtension: String { String(decoding: path.fileExtension, as: UTF8.self) }
  var name: String { String(decoding: path.name, as: UTF8.self) }

  /// Whether the file held these words before.
  func had(_ words: String) -> Bool { oldLiteral.contains(words) }

  /// Whether this is something that a person reads, where no rule for code means anything.
  var isProse: Bool {
    if isLoaded { return false }
    return new.language.family == .markup && !["XML", "HTML"].contains(language)
      || ["license", "changelog", "authors", "readme", "notice", "copying"].contains(name.lowercased())
  }

  /// Whether the file is a program that is run with words from a command line, by what was in it before the patch.
  ///
  /// Of a new file its own words are taken.
  var isProgram: Bool {
    let signs = [
      "argparse", "sys.argv", "optparse", "click.", "typer", "getopt", "__main__", "process.argv", "commander", "yargs",
      "flag.Parse", "os.Args", "package main", "func main(", "int main(", "void main(", "fn main(", "@main", "ARGV",
      "OptionParser", "$argv", "CommandLine.arguments", "header(", "env::args", "docopt", "fire.Fire",
    ]
    let text = old == nil ? literal.joined(separator: "\n") : oldLiteral
    return signs.contains(where: text.contains) || language == "Shell"
  }

  /// The name of the function that a line stands in; `nil` at the outermost level.
  func function(around line: Int) -> String? {
    var indent = new.indent(of: line)
    guard line > 0 else { return nil }
    for above in stride(from: line - 1, through: max(0, line - 400), by: -1) {
      // A brace on a line of its own belongs to the line above it.
      guard !new.isBlank(above), new.indent(of: above) < indent, new.code[above].trimmed != "{" else { continue }
      indent = new.indent(of: above)
      let code: String = new.code[above]
      let words: [String] = code.words.map(String.init)
      for (index, word) in words.enumerated() where ["def", "func", "fn", "function", "sub", "fun"].contains(word) {
        if index + 1 < words.count { return words[index + 1] }
      }
      // `int main(void) {`, `run() {`: what stands before the first parenthesis.
      if indent == 0 || code.trimmed.hasSuffix("{"), let open = code.firstIndex(of: "("),
        let name = String(code[..<open]).words.last, !["if", "for", "while", "switch", "catch"].contains(String(name))
      {
        return String(name)
      }
      if indent == 0 { return nil }
    }
    return nil
  }

  /// Whether a line stands in what a program does first: its main function, or one that prints help.
  func isInMain(_ line: Int) -> Bool {
    guard let function = function(around: line)?.lowercased() else {
      return new.code[max(0, line - 30)..<line].contains { $0.contains("__main__") }
    }
    let words = [
      "main", "usage", "help", "version", "cli", "command", "cmd", "parse_args", "parseargs", "run", "handle", "quit",
    ]
    return words.contains { function.contains($0) }
  }
}

extension String {
  /// Without blanks, but for one between two words.
  var squeezed: String {
    var result: [UInt8] = []
    result.reserveCapacity(utf8.count)
    var pending = false
    for byte in utf8 {
      if byte.isBlank {
        pending = true
        continue
      }
      if pending, let last = result.last, last.isWordByte, byte.isWordByte { result.append(0x20) }
      pending = false
      result.append(byte)
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// Whether one of its words is about tests: `test_name`, `pytest`, `tests::`, and not `latest`.
  var speaksOfTests: Bool {
    let known: Set<String> = [
      "test", "tests", "testing", "testcase", "pytest", "unittest", "unittests", "jest", "mocha",
    ]
    return words.contains { word in
      // `isTest`, `TestMain`: a capital begins a word.
      let parts = word.reduce(into: [""]) { parts, letter in
        if letter == "_" {
          parts.append("")
        } else if letter.isUppercase, parts.last?.last?.isLowercase ?? false {
          parts.append(letter.lowercased())
        } else {
          parts[parts.count - 1] += letter.lowercased()
        }
      }
      return parts.contains(where: known.contains)
    }
  }

  /// A line of squeezed code whose literals stand together where the code puts them together.
  var joiningLiterals: String {
    guard contains("\"+\"") || contains("'+'") || contains("\"\"") || contains("''") else { return self }
    let bytes = Array(utf8)
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
      let quote = bytes[index]
      let isQuote = quote == 0x22 || quote == 0x27
      let plus = isQuote && index + 2 < bytes.count && bytes[index + 1] == 0x2B && bytes[index + 2] == quote ? 1 : 0
      let next = index + 1 + plus
      // An empty literal has no content on one of its sides.
      if isQuote, next + 1 < bytes.count, bytes[next] == quote, let last = result.last,
        ![0x28, 0x3D, 0x2C].contains(last),
        bytes[next + 1].isWordByte || bytes[next + 1] == 0x2E || bytes[next + 1] == 0x2D || bytes[next + 1] == 0x3A
      {
        index = next + 1
      } else {
        result.append(quote)
        index += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// Whether the words stand in the text and are not a part of longer words.
  func has(_ words: String) -> Bool {
    let text = utf8
    let wanted = words.utf8
    guard let first = wanted.first, let last = wanted.last else { return false }
    var start = text.startIndex
    while let found = text[start...].firstIndex(of: first) {
      start = text.index(after: found)
      guard text[found...].starts(with: wanted) else { continue }
      let before = found > text.startIndex ? text[text.index(before: found)] : 0x20
      let end = text.index(found, offsetBy: wanted.count)
      let after = end < text.endIndex ? text[end] : 0x20
      if !(first.isWordByte && before.isWordByte), !(last.isWordByte && after.isWordByte) { return true }
    }
    return false
  }

  /// The first of the words that stands in the text.
  func first(of list: [String]) -> String? { list.first { has($0) } }
}

extension Character {
  var isWordCharacter: Bool { isLetter || isNumber || self == "_" }
}

extension Substring {
  /// Where a text begins and ends in this one for the first time.
  func firstRange(of text: String) -> Range<Index>? {
    guard let first = text.first else { return nil }
    var start = startIndex
    while let found = self[start...].firstIndex(of: first) {
      if self[found...].hasPrefix(text) { return found..<index(found, offsetBy: text.count) }
      start = index(after: found)
    }
    return nil
  }
}
