import Base
import TestSupport
import Testing

@Suite("Object ids")
struct ObjectIDTests {
  @Test("Forty digits in either case name an object, and come back in lower case")
  func roundTrip() throws {
    let text = "0123456789ABCDEF0123456789abcdef01234567"
    let id = try #require(ObjectID(hex: text))
    #expect(id.hex == text.lowercased())
    #expect(ObjectID(bytes: id.bytes) == id)
    #expect(id.short == "01234567")
    #expect(!id.isZero && ObjectID.zero.isZero)
  }

  @Test(
    "Anything else names none",
    arguments: [
      "", "0", String(repeating: "0", count: 39), String(repeating: "0", count: 41), String(repeating: "g", count: 40),
    ])
  func refuses(_ text: String) {
    #expect(ObjectID(hex: text) == nil)
  }
}

@Suite("Text that is safe to show")
struct DisplayTextTests {
  @Test(
    "What a terminal would obey or hide is escaped",
    arguments: [
      ("plain", "plain"), ("größe", "größe"), ("a\u{1B}[31mb", "a\\u{1B}[31mb"), ("a\nb", "a\\nb"), ("a\\b", "a\\\\b"),
      ("a\u{202E}b", "a\\u{202E}b"), ("a\u{200B}b", "a\\u{200B}b"), ("a\u{E0041}b", "a\\u{E0041}b"), ("😀", "😀"),
      ("a\u{9B}b", "a\\u{9B}b"), ("a\u{7F}b", "a\\u{7F}b"),
    ])
  func escapes(_ input: String, _ expected: String) {
    #expect(DisplayText.escaping(Array(input.utf8)) == expected)
  }

  @Test("Bytes that are not UTF-8 are shown as bytes")
  func invalid() {
    #expect(DisplayText.escaping([0x61, 0xff, 0xc3, 0x28, 0xe2, 0x82]) == "a\\xff\\xc3(\\xe2\\x82")
    #expect(DisplayText.escaping([0xc0, 0x80]) == "\\xc0\\x80")
    #expect(DisplayText.escaping([0xed, 0xa0, 0x80]) == "\\xed\\xa0\\x80")
    #expect(DisplayText.escaping([0xf4, 0x90, 0x80, 0x80]) == "\\xf4\\x90\\x80\\x80")
  }

  @Test("A line of source keeps its tabs and backslashes")
  func line() {
    #expect(DisplayText.line(Array("\tprint(\"\\n\")\r".utf8)) == "\tprint(\"\\n\")\\r")
  }
}

@Suite("Paths in a repository")
struct RepositoryPathTests {
  @Test("A path that stays inside is accepted", arguments: ["a", "a/b", "a b", ".git", "...", "a\nb", "größe/ü"])
  func accepts(_ text: String) throws {
    let path = try #require(RepositoryPath(text))
    #expect(path.bytes == Array(text.utf8))
  }

  @Test(
    "A path that could lead outside is not",
    arguments: ["", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/..", "a/../b", "./a", "a\0b"])
  func refuses(_ text: String) {
    #expect(RepositoryPath(text) == nil)
  }

  @Test("Name, directory and extension")
  func parts() throws {
    let path = try #require(RepositoryPath("a/b.c/D.TAR"))
    #expect(Array(path.name) == Array("D.TAR".utf8))
    #expect(Array(path.directory) == Array("a/b.c".utf8))
    #expect(path.fileExtension == Array("tar".utf8))
    #expect(try #require(RepositoryPath(".hidden")).fileExtension.isEmpty)
  }

  @Test("Quoting gives back every path", arguments: 0..<64)
  func quoting(seed: UInt8) {
    let bytes: [UInt8] = (0..<12).map { seed &* 37 &+ $0 &* 29 | 1 }
    #expect(QuotedPath.decode(Array(QuotedPath.encode(bytes).utf8)) == bytes)
    let text = Array("\"quoted\" \(seed)".utf8)
    #expect(QuotedPath.decode(Array(QuotedPath.encode(text).utf8)) == text)
  }

  @Test("Broken quoting is refused", arguments: ["\"", "\"a", "\"\\\"", "\"\\9\"", "\"\\777\"", "\"\\12\""])
  func brokenQuoting(_ text: String) {
    #expect(QuotedPath.decode(Array(text.utf8)) == nil)
  }
}

@Suite("Names of references")
struct RefNameTests {
  private static let pieces = [
    "a", "B", "/", "//", ".", "..", ".lock", "@", "@{", "{", " ", "~", "^", ":", "?", "*", "[", "\\", "-", "ü",
    "\u{7f}",
    "\u{01}", "refs/heads/", "lock",
  ]

  @Test("The verdict is that of git check-ref-format", arguments: 0..<120)
  func judgedByGit(seed: UInt64) throws {
    var state = seed &* 0x9e37_79b9_7f4a_7c15 &+ 1
    var name = ""
    for _ in 0..<(2 + seed % 5) {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      name += Self.pieces[Int(state % UInt64(Self.pieces.count))]
    }
    let judge = try Command.run(["git", "check-ref-format", name], in: "/")
    let ours = (try? RefName(name)) != nil
    #expect(ours == (judge.status == 0), "\(name.debugDescription)")
  }

  @Test("Names that git accepts, and that it does not")
  func table() throws {
    #expect((try? RefName("refs/heads/a")) != nil)
    #expect((try? RefName("refs/heads/@")) != nil)
    #expect((try? RefName("main")) == nil)
    #expect(try RefName(branch: Array("x/y".utf8)).display == "refs/heads/x/y")
    #expect(throws: InvalidRefName.self) { try RefName("refs/heads/a..b") }
  }
}

@Suite("Moments")
struct TimestampTests {
  @Test(
    "The civil date is right across leap years",
    arguments: [
      (0, "1970-01-01T00:00:00Z"), (951_782_399, "2000-02-28T23:59:59Z"), (951_782_400, "2000-02-29T00:00:00Z"),
      (1_709_251_199, "2024-02-29T23:59:59Z"), (4_107_542_400, "2100-03-01T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"),
    ])
  func dates(seconds: Int64, expected: String) {
    #expect(Timestamp(seconds: seconds).iso8601 == expected)
  }
}
