import Testing

@testable import Merging

@Suite("The key of a conflict") struct ConflictKeyTests {
  private func key(_ base: String, _ ours: String, _ theirs: String) -> ConflictKey {
    ConflictKey(base: Array(base.utf8), ours: Array(ours.utf8), theirs: Array(theirs.utf8))
  }

  private static let reference = ("a\n", "b\nc\n", "d\n")

  @Test(
    "the same for line endings, trailing white space and swapped sides",
    arguments: [
      ("a\r\n", "b\r\nc\r\n", "d\r\n"), ("a", "b\nc", "d"), ("a  \n", "b\t\nc \r\n", "d\n"), ("a\n", "d\n", "b\nc\n"),
      ("a\n", "d \r\n", "b\nc"),
    ])
  func same(_ base: String, _ ours: String, _ theirs: String) {
    let (b, o, t) = Self.reference
    #expect(key(base, ours, theirs) == key(b, o, t))
    #expect(key(base, ours, theirs).hash == key(b, o, t).hash)
  }

  @Test(
    "another for anything else",
    arguments: [
      ("a\n\n", "b\nc\n", "d\n"), ("a\n", "b\n c\n", "d\n"), ("a\n", "b\nc\n", "D\n"), ("", "b\nc\n", "d\n"),
      ("a\n", "b\n\nc\n", "d\n"), ("d\n", "b\nc\n", "a\n"), ("a\n", "bc\n", "d\n"), ("a\n", "b\nc\n", "d\n\n"),
      ("a\n", "b\nc\nd\n", ""), (" a\n", "b\nc\n", "d\n"),
    ])
  func another(_ base: String, _ ours: String, _ theirs: String) {
    let (b, o, t) = Self.reference
    #expect(key(base, ours, theirs) != key(b, o, t))
    #expect(key(base, ours, theirs).hash != key(b, o, t).hash)
  }
}
