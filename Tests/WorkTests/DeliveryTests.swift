import Base
import Testing
import Work

@Suite("A delivery in the spool")
struct DeliveryTests {
  private func sample(repository: [UInt8] = Array("/srv/git/x.git".utf8), actor: String = "ada") throws -> Delivery {
    let id = try #require(ObjectID(hex: String(repeating: "a1", count: 20)))
    return Delivery(
      repository: repository, actor: Array(actor.utf8), time: Timestamp(milliseconds: 1_700_000_000_123),
      updates: [
        RefUpdate(ref: try RefName("refs/heads/x"), old: .zero, new: id),
        RefUpdate(ref: try RefName(Array("refs/heads/".utf8) + [0xff, 0x80]), old: id, new: .zero),
      ],
      failures: [
        CheckFailure(branch: try RefName("refs/heads/x"), head: id, check: "unit \"tests\" \\ é"),
        CheckFailure(branch: try RefName("refs/heads/y"), head: id, check: ""),
      ])
  }

  @Test("What was written is read again")
  func roundTrip() throws {
    let delivery = try sample()
    #expect(try Delivery(decoding: delivery.encoded()) == delivery)
    let strange = try sample(repository: Array("/srv/a b\n\"c\"".utf8) + [0xfe], actor: "x\ny")
    #expect(try Delivery(decoding: strange.encoded()) == strange)
  }

  @Test("A file cut short anywhere is refused, and the whole one is not")
  func truncated() throws {
    let whole = try sample().encoded()
    for length in 0..<(whole.count - 1) {
      #expect(throws: MalformedDelivery.self, "\(length) bytes") { try Delivery(decoding: Array(whole.prefix(length))) }
    }
    #expect(throws: Never.self) { try Delivery(decoding: whole) }
  }

  @Test("What a check calls itself cannot repaint a terminal, and a line without a commit is none")
  func failures() throws {
    func read(_ line: String) throws -> [CheckFailure] {
      let head = Delivery.head(repository: [1], actor: [], time: Timestamp(seconds: 1))
      return try Delivery(decoding: head + Array("failed \(line)\n".utf8) + Delivery.foot).failures
    }
    let id = String(repeating: "a1", count: 20)
    #expect(try read("\(id) refs/heads/x \"\\033[2Jx\"").map(\.check) == ["\\u{1B}[2Jx"])
    #expect(try read("\(id) refs/heads/x plain").map(\.phrase) == ["a failed check 'plain' of x"])
    let broken = ["\(id)", "\(id) refs/heads/x", "x refs/heads/x c", "\(id) refs/heads/..x c"]
    for line in broken + [String(repeating: "0", count: 40) + " refs/heads/x c"] {
      #expect(throws: MalformedDelivery.self, "\(line)") { try read(line) }
    }
  }

  @Test(
    "A hook's line is read strictly",
    arguments: ["", "a b c", "refs/heads/x", String(repeating: "0", count: 40) + " refs/heads/x"])
  func lines(_ line: String) {
    #expect(throws: MalformedDelivery.self) { try RefUpdate(hookLine: Array(line.utf8)) }
  }
}

@Suite("Patterns")
struct GlobTests {
  @Test(
    "Matches",
    arguments: [
      ("a", "a"), ("*", "abc"), ("*.swift", "x.swift"), ("**/*.swift", "x.swift"), ("**/*.swift", "a/b/x.swift"),
      ("a/**", "a/b/c"), ("a/**/b", "a/b"), ("a/**/b", "a/x/y/b"), ("a?c", "abc"), ("[a-c]x", "bx"), ("[!a-c]x", "dx"),
      ("\\*", "*"), ("a[", "a["), ("", ""), ("Tests/**", "Tests/a.swift"), ("**", "a/b"),
    ])
  func matches(pattern: String, text: String) {
    #expect(Glob(pattern).matches(Array(text.utf8)))
  }

  @Test(
    "Does not match",
    arguments: [
      ("a", "b"), ("*", "a/b"), ("*.swift", "a/x.swift"), ("a/**/b", "ab"), ("a/**", "b/a/c"), ("a?c", "a/c"),
      ("[a-c]x", "dx"), ("[!a-c]x", "bx"), ("\\*", "x"), ("", "a"), ("a", ""), ("**/x", "yx"),
    ])
  func refuses(pattern: String, text: String) {
    #expect(!Glob(pattern).matches(Array(text.utf8)))
  }

  @Test("A hostile pattern ends")
  func hostile() {
    let pattern = String(repeating: "*a", count: 40) + "b"
    #expect(!Glob(pattern).matches(Array(String(repeating: "a", count: 2000).utf8)))
  }
}
