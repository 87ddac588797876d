/// A merge made from arbitrary bytes: every sequence of bytes is one, and most are small files with small changes.
///
/// The first byte chooses the language, the second how the rest is read: as three files as they stand, or as a file
/// of lines from a list and two lists of changes to it, which meets conflicts far more often.
package struct MergeCase: Sendable {
  package var path: [UInt8]
  package var base: [UInt8]
  package var ours: [UInt8]
  package var theirs: [UInt8]

  package init(_ bytes: [UInt8]) {
    var reader = Reader(bytes: bytes)
    path = Array(Self.paths[Int(reader.next()) % Self.paths.count].utf8)
    if reader.next() % 8 == 0 {
      let parts = reader.rest.split(separator: 0xFF, maxSplits: 2, omittingEmptySubsequences: false)
      base = Array(parts[0])
      ours = parts.count > 1 ? Array(parts[1]) : base
      theirs = parts.count > 2 ? Array(parts[2]) : base
      return
    }
    let count = Int(reader.next() % 24)
    let lines = (0..<count).map { _ in reader.line() }
    base = Array(lines.joined())
    ours = Array(reader.edited(lines).joined())
    theirs = Array(reader.edited(lines).joined())
  }

  /// The files as text, for a report.
  package var text: String {
    func shown(_ bytes: [UInt8]) -> String {
      bytes.map { byte in
        switch byte {
        case 0x0A: "\\n"
        case 0x20...0x7E: String(UnicodeScalar(byte))
        default: "\\x" + String(byte, radix: 16)
        }
      }.joined()
    }
    return "\(shown(path)): base \(shown(base)), ours \(shown(ours)), theirs \(shown(theirs))"
  }

  private struct Reader {
    var bytes: [UInt8]
    var index = 0

    var rest: ArraySlice<UInt8> { bytes[index...] }

    mutating func next() -> UInt8 {
      guard index < bytes.count else { return 0 }
      index += 1
      return bytes[index - 1]
    }

    /// A line of the list, now and then with a changed byte or without its end.
    mutating func line() -> [UInt8] {
      let choice = Int(next())
      var line = Array(MergeCase.lines[choice % MergeCase.lines.count].utf8) + [0x0A]
      if choice >= 224 {
        let place = Int(next()) % line.count
        line[place] = next()
      }
      return line
    }

    mutating func edited(_ lines: [[UInt8]]) -> [[UInt8]] {
      var lines = lines
      for _ in 0..<(next() % 6) {
        let place = lines.isEmpty ? 0 : Int(next()) % (lines.count + 1)
        switch next() % 5 {
        case 0 where place < lines.count: lines.remove(at: place)
        case 1 where place < lines.count: lines[place] = line()
        case 2 where place < lines.count && !lines[place].isEmpty:
          lines[place].insert(next(), at: Int(next()) % lines[place].count)
        case 3 where place < lines.count: lines.swapAt(place, Int(next()) % lines.count)
        default: lines.insert(line(), at: place)
        }
      }
      return lines
    }
  }

  private static let paths = [
    "a.swift", "a.c", "a.cpp", "A.java", "a.go", "a.rs", "a.ts", "a.php", "a.kt", "a.cs", "a.scala", "a.dart", "a.py",
    "a.yaml", "a.rb", "a.lua", "a.xml", "a.html", "a.md", "a.rst", "a.json", "a.toml", "a.ini", "a.properties",
    "requirements.txt", "CMakeLists.txt", "Makefile", "build.gradle", "pom.xml", "BUILD.bazel", "CHANGELOG.md",
    "package.json", "Cargo.toml", "go.mod", "a.css", "a.sh", "a", "Cargo.lock",
  ]

  private static let lines = [
    "", "{", "}", "};", "end", "  }", "    return x", "  return y;", "import a", "import b.C;", "use a::{b, c};",
    "#include <a.h>", "#include \"b.h\"", "from a import b, c", "require 'a'", "const a = require('a');",
    "func a() {", "  func b(x: Int) {", "def a(self):", "  def b", "class A {", "public void a(int b) {", "case a",
    "case b = 2,", "a: 1", "b: 2", "  - a", "  - b: c", "\"a\": 1,", "\"b\": {", "},", "],", "\"c\": [", "a = 1",
    "b = \"2.3.4\"", "[section]", "version = 1.2.3", "version = 1.3.0-SNAPSHOT", "<a>", "</a>", "<b c=\"d\"/>",
    "<version>1.2</version>", "<!-- a -->", "# Title", "## 1.2.0", "* item one", "- item two", "| a | b |", "text",
    "// comment", "/* comment", "*/", "# comment", "\"\"\"", "'''", "<<EOS", "EOS", "x = foo(a, b, c)",
    "x = foo(a, bar, c)", "if (a && b) {", "} else {", "\tindented", "        indented", "<<<<<<< ours", "=======",
    ">>>>>>> theirs", "||||||| base", "`template ${a}", "\\", "\"unfinished", "((((", "))))", "\u{FEFF}bom", "é ü 漢",
    "gem 'a', '~> 1.2'", "a==1.0", "add_library(a b.c)", "a.o: a.c", "implementation 'a:b:1.0'", "  ]", "end # a",
  ]
}
