import Merging
import Testing

@Suite("What stands around a line")
struct OutlineTests {
  private func heads(_ text: String, _ path: String, line: Int) throws -> [String] {
    let bytes = Array(text.utf8)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    return try #require(Outline(of: bytes, at: Array(path.utf8))).enclosing(line)
      .map { $0.head.map { String(lines[$0]) }.joined(separator: "\n") }
  }

  @Test("is told from the outside in")
  func nested() throws {
    let swift =
      "struct A {\n  let b = 1\n\n  func c(\n    _ d: Int\n  ) -> Int {\n    if d > 1 {\n      return 2\n    }\n"
      + "    return d\n  }\n}\n"
    #expect(try heads(swift, "a.swift", line: 7) == ["struct A {", "  func c(\n    _ d: Int\n  ) -> Int {"])
    #expect(try heads(swift, "a.swift", line: 1) == ["struct A {"])
    let python = "import os\n\nclass A:\n    def b(self, c):\n        for d in c:\n            print(d)\n\ne = 1\n"
    #expect(try heads(python, "a.py", line: 5) == ["class A:", "    def b(self, c):"])
    #expect(try heads(python, "a.py", line: 7) == [])
    #expect(Outline(of: Array("a\n b\n".utf8), at: Array("a.unknown".utf8)) == nil)
  }

  @Test(
    "comes to an end for every line of any bytes", arguments: ["a.swift", "a.py", "a.yml", "a.json", "a.md", "a.c"])
  func anything(path: String) {
    var state: UInt64 = 42
    for _ in 0..<40 {
      let bytes = (0..<400).map { _ -> UInt8 in
        state = state &* 6_364_136_223_846_793_005 &+ 1
        return Array("{}()[]:;,\n\n  \t\"'#/*def class func a b".utf8)[Int(state >> 33) % 36]
      }
      guard let outline = Outline(of: bytes, at: Array(path.utf8)) else { continue }
      for line in 0..<410 {
        for enclosing in outline.enclosing(line) {
          #expect(!enclosing.head.isEmpty && enclosing.lines.contains(line))
        }
      }
    }
  }

  @Test("may not become worse by an edit")
  func edits() {
    func objection(_ old: String, _ new: String, _ path: String) -> Bool {
      EditGate.objection(to: Array(new.utf8), from: Array(old.utf8), at: Array(path.utf8)) != nil
    }
    #expect(objection("f(a)\n", "f((a)\n", "a.c") && !objection("f(a)\n", "f((a))\n", "a.c"))
    #expect(objection("{\"a\": 1}\n", "{\"a\": }\n", "a.json") && !objection("{\"a\": 1}\n", "{\"a\": 2}\n", "a.json"))
    let twice = "def a():\n    pass\n\n\ndef a():\n    pass\n"
    #expect(objection("def a():\n    pass\n", twice, "a.py") && !objection(twice, twice + "\n", "a.py"))
  }
}
