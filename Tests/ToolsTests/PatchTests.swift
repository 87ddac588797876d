import Sandbox
import Testing

@testable import Tools

/// Patches.
struct PatchTests {
  @Test("a patch adds, changes, moves and deletes files at once")
  func several() async throws {
    try await Bench.with(.openai, ["a": "1\n2\n3\n", "b": "x\n", "c": "m\nn\n"]) { bench async throws in
      let answer = try await bench.patch(
        "*** Begin Patch\n*** Update File: a\n@@\n 1\n-2\n+two\n*** Delete File: b\n*** Add File: d/e\n+new\n+\n"
          + "*** Update File: c\n*** Move to: d/c\n@@\n-m\n+M\n*** End Patch\n")
      #expect(
        answer.text == "Success. Updated the following files:\nM a\nD b\nA d/e\nD c\nA d/c\n"
          + "a: changed at line 2\nd/c: changed at line 1")
      #expect(try await bench.text("a") == "1\ntwo\n3\n")
      #expect(try await bench.text("d/e") == "new\n\n")
      #expect(try await bench.text("d/c") == "M\nn\n")
      #expect(try await bench.exists("b") == false)
      #expect(try await bench.exists("c") == false)
    }
  }

  @Test("where one part does not fit, nothing is written")
  func nothing() async throws {
    try await Bench.with(.openai, ["a": "1\n2\n3\n", "b": "x\n"]) { bench async throws in
      for second in [
        "*** Update File: b\n@@\n-y\n+z\n", "*** Delete File: none\n", "*** Add File: b\n+other\n",
        "*** Update File: none\n@@\n-a\n+b\n", "*** Update File: ../x\n@@\n-a\n+b\n",
        "*** Update File: b\n*** Move to: a\n@@\n-x\n+z\n", "*** Update File: b\n@@ nowhere\n-x\n+z\n",
      ] {
        let answer = try await bench.patch("*** Begin Patch\n*** Update File: a\n@@\n-2\n+two\n\(second)*** End Patch")
        #expect(answer.isError && answer.text.contains("no file was changed"))
        #expect(try await bench.text("a") == "1\n2\n3\n")
      }
      let answer = try await bench.patch("*** Begin Patch\n*** Update File: a\n@@\n 1\n-zwei\n+two\n 3\n*** End Patch")
      #expect(answer.text.contains("     1\t1\n     2\t2\n     3\t3\n"))
    }
  }

  @Test("a patch is told where it went, where else it would fit, and what it does not change")
  func places() async throws {
    try await Bench.with(.openai, ["a": "x\ndup\ny\ndup\nz\ndup\n", "b": "1\n2\n"]) { bench async throws in
      let patch = { (body: String) async throws in
        try await bench.patch("*** Begin Patch\n\(body)\n*** End Patch").text
      }
      let head = "Success. Updated the following files:\n"
      #expect(
        try await patch("*** Update File: a\n@@\n-dup\n+DUP\n+DUP2")
          == head + "M a\na: changed at line 2 (the first that fits; lines 5, 7 would fit too)")
      #expect(try await bench.text("a") == "x\nDUP\nDUP2\ny\ndup\nz\ndup\n")
      // Lines above say which is meant.
      #expect(
        try await patch("*** Update File: a\n@@ z\n-dup\n+d\n@@\n x\n+new\n DUP")
          == head + "M a\na: part 1 at line 8, part 2 at line 2")
      #expect(try await bench.text("a") == "x\nnew\nDUP\nDUP2\ny\ndup\nz\nd\n")
      let nothing = "*** Update File: b\n@@\n-1\n+1\n 2"
      #expect(
        try await patch(nothing)
          == "The patch changes nothing. Not changed, because each is already what the patch makes of it: `b`")
      #expect(
        try await patch(nothing + "\n*** Update File: a\n@@\n-x\n+X")
          == head + "M a\na: changed at line 1\n"
          + "Not changed, because each is already what the patch makes of it: `b`")
    }
  }

  /// A file, the body of an update, and what comes of it.
  struct Fit: Sendable {
    let file: String
    let body: String
    let result: String?
  }

  @Test(
    "the lines of a patch are found as those of the field's tools are",
    arguments: [
      Fit(file: "a\nb  \nc\n", body: "@@\n a\n-b\n+B\n c", result: "a\nB\nc\n"),
      Fit(file: "  a\n\tb\n", body: "@@\n a\n-b\n+\tB", result: "  a\n\tB\n"),
      Fit(file: "x – “y”\nz\n", body: "@@\n x - \"y\"\n-z\n+Z", result: "x – “y”\nZ\n"),
      Fit(file: "f\n x\ng\n x\n", body: "@@ g\n- x\n+ y", result: "f\n x\ng\n y\n"),
      Fit(file: "c\nf\n x\nd\nf\n x\n", body: "@@ d\n@@ f\n- x\n+ y", result: "c\nf\n x\nd\nf\n y\n"),
      Fit(file: "a\nb\na\nb\n", body: "@@\n a\n-b\n+B\n*** End of File", result: "a\nb\na\nB\n"),
      Fit(file: "a\nb\nc\n", body: "@@\n+z", result: "a\nb\nc\nz\n"),
      Fit(file: "a\nb\n", body: "@@ a\n+z", result: "a\nz\nb\n"),
      Fit(file: "a\nb\nc\n", body: "@@ -1,2 +1,2 @@ f()\n a\n-b\n+B", result: "a\nB\nc\n"),
      Fit(file: "a\n\nb\n", body: "@@\n a\n\n-b\n+B", result: "a\n\nB\n"),
      Fit(file: "a\nb\n", body: "@@\na\n-b\n+B", result: "a\nB\n"),
      Fit(file: "1\n2\n3\n4\n", body: "@@\n-4\n+D\n@@\n-1\n+A", result: "A\n2\n3\nD\n"),
      Fit(file: "a\r\nb\r\nc\r\n", body: "@@\n a\n-b\n+B\n+BB", result: "a\r\nB\r\nBB\r\nc\r\n"),
      Fit(file: "a\nb", body: "@@\n a\n-b\n+B\n+C", result: "a\nB\nC"),
      Fit(file: "a\nb", body: "@@\n a\n-b", result: "a"),
      Fit(file: "\u{feff}a\nb\n", body: "@@\n-a\n+A", result: "\u{feff}A\nb\n"),
      Fit(file: "", body: "@@\n+a", result: "a\n"), Fit(file: "a\n", body: "-a\n+b", result: "b\n"),
      Fit(file: "a\nb\n", body: "@@\n a\n-b\n+c\n\n", result: "a\nc\n"),
      // A combining character behind the sign, and two spellings of one letter.
      Fit(file: "\u{301}a\n", body: "@@\n-\u{301}a\n+\u{302}b", result: "\u{302}b\n"),
      Fit(file: "e\u{301}\n\u{e9}\n", body: "@@\n-\u{e9}\n+x", result: "e\u{301}\nx\n"),
      Fit(file: "a\nb\n", body: "@@\n-c\n+d", result: nil),
      Fit(file: "a\nb\n", body: "@@\n-a\n+A\n@@\n-a\n+B", result: nil),
    ])
  func fits(_ fit: Fit) throws {
    let patch = try Patch("*** Begin Patch\n*** Update File: f\n\(fit.body)\n*** End Patch")
    guard case .update(_, _, let parts) = patch.sections.first else {
      Issue.record("it is no update")
      return
    }
    if let result = fit.result {
      #expect(String(decoding: try Patch.apply(parts, to: Array(fit.file.utf8), name: "f"), as: UTF8.self) == result)
    } else {
      #expect(throws: EditFault.self) { try Patch.apply(parts, to: Array(fit.file.utf8), name: "f") }
    }
  }

  @Test("a unified diff is taken for what it is")
  func unified() throws {
    let patch = try Patch(
      "--- a/x.c\n+++ b/x.c\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n"
        + "--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+new\n--- a/o\n+++ /dev/null\n@@ -1 +0,0 @@\n-old\n"
    )
    #expect(patch.sections.count == 3)
    #expect(patch.sections[1] == .add(path: "n", lines: ["new"]))
    #expect(patch.sections[2] == .delete(path: "o"))
    guard case .update("x.c", nil, let parts) = patch.sections[0] else {
      Issue.record("it is no update")
      return
    }
    #expect(try Patch.apply(parts, to: Array("a\nb\n".utf8), name: "x") == Array("a\nc\n".utf8))
  }

  @Test("a file of strange bytes is patched where it is text")
  func strange() throws {
    let patch = try Patch("*** Begin Patch\n*** Update File: f\n@@\n caf\\xe9\n-b\n+c\\xe8\n*** End Patch")
    guard case .update(_, _, let parts) = patch.sections[0] else { return }
    #expect(
      try Patch.apply(parts, to: [0x63, 0x61, 0x66, 0xe9, 10, 0x62, 10], name: "f") == [
        0x63, 0x61, 0x66, 0xe9, 10, 0x63, 0xe8, 10,
      ])
  }

  @Test("an executable file stays one, also where it is moved")
  func modes() async throws {
    try await Bench.with(.openai, ["run": "a\n"]) { bench async throws in
      try await bench.system("chmod", "755", "/workspace/run")
      _ = try await bench.patch("*** Begin Patch\n*** Update File: run\n*** Move to: go\n@@\n-a\n+b\n*** End Patch")
      #expect(try await bench.cell.read(bench.path("go"), from: 0, limit: 9).isExecutable)
    }
  }
}

/// Random edits of random files, written as a model would write them.
struct EditCorpusTests {
  /// A file of a few hundred lines with names that repeat, as code has them.
  private static func file(_ random: inout SeededRandom) -> [String] {
    let names = ["count", "index", "total", "value", "name", "result"]
    let pick = { (random: inout SeededRandom) in names.randomElement(using: &random) ?? "x" }
    return (0..<Int.random(in: 5...200, using: &random)).map { number in
      let indent = String(repeating: "  ", count: Int.random(in: 0...3, using: &random))
      switch Int.random(in: 0..<6, using: &random) {
      case 0: return ""
      case 1: return indent + "}"
      case 2: return indent + "if (\(pick(&random)) > \(number)) {"
      case 3: return indent + "return \(pick(&random));"
      default: return indent + "\(pick(&random)) = \(pick(&random)) + \(number);"
      }
    }
  }

  /// The file with a few lines changed, and for each change its place and how many lines stood and stand there.
  private static func edit(_ lines: [String], _ random: inout SeededRandom) -> [(range: Range<Int>, new: [String])] {
    var edits: [(range: Range<Int>, new: [String])] = []
    var start = 0
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      guard start < lines.count else { break }
      let low = Int.random(in: start..<lines.count, using: &random)
      let high = min(lines.count, low + Int.random(in: 0...3, using: &random))
      var new = (0..<Int.random(in: 0...3, using: &random)).map { "  new_\($0)_\(random.next() % 1000);" }
      if low == high, new.isEmpty { new = ["  added();"] }
      edits.append((low..<high, new))
      start = high + 8
    }
    return edits
  }

  private static func applied(_ edits: [(range: Range<Int>, new: [String])], to lines: [String]) -> [String] {
    var lines = lines
    for edit in edits.reversed() { lines.replaceSubrange(edit.range, with: edit.new) }
    return lines
  }

  /// How many lines of context make a place the only one from the last on.
  private static func context(_ range: Range<Int>, in lines: [String], from start: Int) -> (Int, Int) {
    for width in 3...12 {
      let low = max(start, range.lowerBound - width)
      let high = min(lines.count, range.upperBound + width)
      let trimmed = { (line: String) in line.filter { $0 != " " } }
      let old = lines[low..<high].map(trimmed)
      let count =
        old.isEmpty
        ? 0 : (0...(lines.count - old.count)).count { lines[$0..<($0 + old.count)].map(trimmed).elementsEqual(old) }
      if count == 1 { return (low, high) }
    }
    return (max(start, range.lowerBound - 12), min(lines.count, range.upperBound + 12))
  }

  @Test("patches with drifting context, other line ends and loose white space come to the right file")
  func patches() throws {
    var random = SeededRandom(seed: 3)
    var (right, all) = (0, 0)
    for round in 0..<600 {
      let lines = Self.file(&random)
      let edits = Self.edit(lines, &random)
      let end = round % 3 == 0 ? "\r\n" : "\n"
      let last = round % 5 == 0 ? "" : end
      var body = ""
      var drift = 0
      var previous = 0
      for edit in edits {
        let (low, high) = Self.context(edit.range, in: lines, from: previous)
        previous = high
        drift += 1
        body += round % 2 == 0 ? "@@\n" : "@@ -\(low + drift),3 +\(low),3 @@\n"
        let loosen = { (line: String) in round % 4 == 1 && !line.isEmpty ? line + "  " : line }
        for line in lines[low..<edit.range.lowerBound] { body += " \(loosen(line))\n" }
        for line in lines[edit.range] { body += "-\(line)\n" }
        for line in edit.new { body += "+\(line)\n" }
        for line in lines[edit.range.upperBound..<high] { body += " \(line)\n" }
      }
      let expected = Self.applied(edits, to: lines)
      all += 1
      let patch = try Patch("*** Begin Patch\n*** Update File: f\n\(body)*** End Patch")
      guard case .update(_, _, let parts) = patch.sections.first else { continue }
      let result = try? Patch.apply(parts, to: Array((lines.joined(separator: end) + last).utf8), name: "f")
      let isEmpty = expected.isEmpty
      if result == Array((expected.joined(separator: end) + (isEmpty ? "" : last)).utf8) { right += 1 }
    }
    #expect(Double(right) >= 0.98 * Double(all), "\(right) of \(all)")
  }

  @Test("honest replacements come to the right file", arguments: [ToolProfile.anthropic, .deepseek, .gemini, .generic])
  func replacements(_ profile: ToolProfile) throws {
    var random = SeededRandom(seed: UInt64(profile.rawValue.utf8.count))
    var (right, all) = (0, 0)
    for round in 0..<300 {
      let lines = Self.file(&random)
      guard let edit = Self.edit(lines, &random).first else { continue }
      let (low, high) = Self.context(edit.range, in: lines, from: 0)
      let end = round % 3 == 0 ? "\r\n" : "\n"
      let old = lines[low..<high].joined(separator: "\n")
      let new = (lines[low..<edit.range.lowerBound] + edit.new + lines[edit.range.upperBound..<high]).joined(
        separator: "\n")
      guard old != new, old.contains(where: { !$0.isWhitespace }) else { continue }
      // One in five loses white space at its line ends, or has the numbers of a view before its lines.
      var written: String
      switch round % 10 {
      case 3:
        written = old.split(separator: "\n", omittingEmptySubsequences: false).map { $0 + " " }.joined(separator: "\n")
      case 7 where profile == .anthropic || profile == .deepseek:
        written = PatchReport.numbered(lines[low..<high].map { Array($0.utf8) }, from: low + 1)
        written.removeLast()
      default: written = old
      }
      all += 1
      let expected =
        (lines[..<low] + new.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) + lines[high...])
        .joined(separator: end) + end
      let result = try? TextEdit.replace(
        written, with: new, all: false, in: Array((lines.joined(separator: end) + end).utf8), name: "f")
      if result?.bytes == Array(expected.utf8) { right += 1 }
    }
    #expect(Double(right) >= 0.98 * Double(all), "\(right) of \(all)")
  }

  @Test("a patch without its last line is taken as complete, which is said, unless it ends before a change")
  func cut() async throws {
    try await Bench.with(.openai, ["a": "1\n2\n3\n"]) { bench async throws in
      let body = "*** Begin Patch\n*** Update File: a\n@@\n 1\n-2\n+two\n"
      let refused = try await bench.patch(body + "@@\n 3\n")
      #expect(
        refused.isError && refused.text.contains("line 8 of the patch: it ends within a part that changes nothing"))
      #expect(try await bench.text("a") == "1\n2\n3\n")
      #expect(try await bench.patch(body).text.hasSuffix("\n[No `*** End Patch`: it was taken as complete.]"))
      #expect(try await bench.text("a") == "1\ntwo\n3\n")
      // The control: with its last line nothing is said.
      let whole = try await bench.patch(
        body.replacing("two", with: "2").replacing("-2", with: "-two") + "*** End Patch")
      #expect(!whole.isError && !whole.text.contains("End Patch"))
    }
  }

  @Test("of places with as many lines that are like those of a patch, that with the same indentation is shown")
  func nearest() async throws {
    let near = "  first line\n  second line\n  third\n"
    let far = String(repeating: "other\n", count: 20) + "first line\nsecond line\nfourth\n"
    try await Bench.with(.openai, ["a": near + far]) { bench async throws in
      let patch = { (indent: String) async throws in
        try await bench.patch(
          "*** Begin Patch\n*** Update File: a\n@@\n \(indent)first line\n \(indent)second line\n-gone\n+x\n"
            + "*** End Patch"
        ).text
      }
      #expect(try await patch("").contains("    24\tfirst line\n"))
      #expect(try await patch("  ").contains("     1\t  first line\n"))
    }
  }
}
