import TestSupport
import Testing

@testable import Tools

/// Edits and patches that are made to be too much.
struct EditLimitTests {
  @Test("places that share lines are not all replaced, and are two where one is asked for")
  func overlaps() async throws {
    let files = ["f": "a \na \na \na \n", "g": "a \na \na \n", "h": "a \na \nx\na \na \n"]
    try await Bench.with(.generic, files) { bench async throws in
      let all = #"{"path":"f","oldText":"a\na\na","newText":"b","replace_all":true}"#
      _ = try await bench.call("edit", all)
      #expect(try await bench.text("f") == "b\na \n")
      // Control: what does not overlap is replaced everywhere.
      _ = try await bench.call("edit", #"{"path":"h","oldText":"a\na","newText":"b","replace_all":true}"#)
      #expect(try await bench.text("h") == "b\nx\nb\n")
      let one = try await bench.call("edit", #"{"path":"g","oldText":"a\na","newText":"b"}"#)
      #expect(one.isError && one.text.contains("at lines 1, 2"))
      #expect(try await bench.text("g") == "a \na \na \n")
    }
  }

  @Test("a search finds what a naive one finds")
  func search() throws {
    var random = SeededRandom(seed: 3)
    var found = 0
    for _ in 0..<3000 {
      let lines = (0..<Int.random(in: 0...12, using: &random)).map { _ in
        ["a", "b", "a ", " a", ""].randomElement(using: &random) ?? ""
      }
      let pattern = (0..<Int.random(in: 1...4, using: &random)).map { _ in
        Array((["a", "b", ""].randomElement(using: &random) ?? "").utf8)
      }
      let file = FileLines(Array(lines.map { $0 + "\n" }.joined().utf8))
      var search = LineSearch(file, isText: true)
      for likeness in Likeness.allCases + [.unspaced] {
        let keys = lines.map { Array(likeness.key(Array($0.utf8)[...])) }
        let start = Int.random(in: 0...3, using: &random)
        let naive = keys.indices.filter { $0 >= start && keys[$0...].starts(with: pattern) }
        #expect(try search.places(of: pattern, likeness, from: start) == naive)
        var apart: [Int] = []
        for place in naive where place >= (apart.last.map { $0 + pattern.count } ?? 0) { apart.append(place) }
        #expect(try search.places(of: pattern, likeness, from: start, apart: true) == apart)
        #expect(try search.places(of: pattern, likeness, from: start, limit: 1) == Array(naive.prefix(1)))
        found += naive.count
      }
      let bytes = lines.joined().utf8 + [0x61]
      let needle = pattern.flatMap { $0 }
      let first = needle.isEmpty ? nil : bytes.indices.first { bytes[$0...].starts(with: needle) }
      #expect(ByteSearch(needle).first(in: bytes[...]) == first)
    }
    #expect(found > 1000)
  }

  @Test("an edit that would make a file too large is refused before it is made")
  func size() throws {
    let file = [UInt8](repeating: UInt8(ascii: "a"), count: 100_000)
    let long = String(repeating: "b", count: 100_000)
    let fault = #expect(throws: EditFault.self) {
      try TextEdit.replace("a", with: long, all: true, in: file, name: "f")
    }
    #expect(fault?.text.contains("`f` would have 10000000000 bytes") == true)
    // The same where white space differs.
    let lines = Array(String(repeating: "a \n", count: 1000).utf8)
    #expect(throws: EditFault.self) {
      _ = try TextEdit.replace(" a\n", with: " " + long, all: true, in: lines, name: "f")
    }
    // Control.
    #expect(try TextEdit.replace("a", with: "bb", all: true, in: file, name: "f").bytes.count == 200_000)
    #expect(try TextEdit.replace(" a", with: " \(long)", all: true, in: Array(lines.prefix(3)), name: "f").places == 1)
  }

  @Test("what repeats a thousand times is found in a file where it repeats more often still")
  func repetition() throws {
    let blank = [UInt8](repeating: 10, count: 20_000)
    let pattern = String(repeating: "\n", count: 2000)
    let patch = try Patch(
      "*** Begin Patch\n*** Update File: f\n@@\n" + String(repeating: " \n", count: 2000) + "+x\n*** End Patch")
    guard case .update(_, _, let parts)? = patch.sections.first else { return #expect(Bool(false)) }
    #expect(try Patch.apply(parts, to: blank, name: "f")[2000] == UInt8(ascii: "x"))
    #expect(throws: EditFault.self) { try Patch.apply(parts, to: Array(blank.prefix(1999)), name: "f") }
    let fault = #expect(throws: EditFault.self) {
      try TextEdit.replace(pattern, with: "x", all: false, in: blank, name: "f")
    }
    #expect(fault?.text.contains("stands 10 times in `f`, at lines 1, 2001, 4001") == true)
    let often = #expect(throws: EditFault.self) {
      try TextEdit.replace("\n", with: "x", all: false, in: blank, name: "f")
    }
    #expect(often?.text.contains("stands at least 100 times in `f`") == true)
  }

  @Test("a search that takes too long ends, and so does that of a task that was cancelled")
  func effort() async throws {
    let file = FileLines([UInt8](repeating: 10, count: 200_000))
    let pattern = [Array("x".utf8)]
    var short = LineSearch(file, isText: true, steps: 300_000)
    #expect(try short.places(of: pattern, .exact) == [])
    #expect(throws: EditFault.self) { try short.places(of: pattern, .trailing) }
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      var search = LineSearch(file, isText: true)
      return try search.places(of: pattern, .exact)
    }
    await #expect(throws: EditFault.self) { try await task.value }
  }

  @Test("a part that is put in among lines that another one changes is refused")
  func inside() throws {
    let file = Array("1\n2\n3\n4\n".utf8)
    let apply = { (body: String) throws in
      let patch = try Patch("*** Begin Patch\n*** Update File: f\n\(body)*** End Patch")
      guard case .update(_, _, let parts)? = patch.sections.first else { return "" }
      return String(decoding: try Patch.apply(parts, to: file, name: "f"), as: UTF8.self)
    }
    #expect(throws: EditFault.self) { try apply("@@\n 1\n-2\n+two\n 3\n@@ 2\n+new\n") }
    // Controls: before the lines and behind them.
    #expect(try apply("@@\n-2\n+two\n 3\n@@ 1\n+new\n") == "1\nnew\ntwo\n3\n4\n")
    #expect(try apply("@@\n-2\n+two\n 3\n@@ 3\n+new\n") == "1\ntwo\n3\nnew\n4\n")
  }

  @Test("a page has the lines that the file has")
  func pages() {
    for text in ["", "a", "a\n", "\u{feff}a\r\nb\n\nc", "\n\u{feff}a\n", "a\r\n\r\n", "\u{feff}", "\r\n"] {
      let bytes = Array(text.utf8)
      let lines = FileLines(bytes).lines
      #expect(FileLines.count(bytes) == lines.count)
      #expect(FileLines.mark(of: bytes) + lines.flatMap { $0.text + $0.end } == bytes[...])
      for line in lines.indices {
        let page = FilePage(bytes, from: line + 1, to: line + 1, profile: .generic)
        let shown = String(decoding: OutputText.visible(Array(lines[line].text)), as: UTF8.self)
        #expect(page.text?.split(separator: "\n", omittingEmptySubsequences: false).first.map(String.init) == shown)
        #expect(page.total == lines.count)
      }
      #expect(FilePage(bytes, from: lines.count + 2, to: nil, profile: .generic).text == nil)
    }
  }
}
