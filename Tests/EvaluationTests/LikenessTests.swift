import Evaluation
import Testing

/// How alike two texts are.
@Suite struct LikenessTests {
  @Test(arguments: [
    ("", ""), ("a\n", "a\n"), ("a", "a"), ("\r\n", "\r\n"), ("a\n\nb\n", "a\n\nb\n"),
  ])
  func equal(result: String, committed: String) {
    #expect(Likeness.of(bytes(result), bytes(committed), base: []) == .equal)
  }

  @Test(arguments: [
    ("a\n", "a"), ("a\n", "a\r\n"), ("a b\n", "a  b\n"), ("a b\n", "ab\n"), ("\ta\n", "    a\n"),
    ("a\n\n\nb\n", "a\nb\n"),
    ("a\n \nb\n", "a\n\nb\n"), ("a\n", "a\n\n"), ("f(a, b)\n", "f(a,\n  b)\n"), ("", "\n \n"),
  ])
  func whiteSpace(result: String, committed: String) {
    #expect(Likeness.of(bytes(result), bytes(committed), base: []) == .whiteSpace)
    #expect(Likeness.of(bytes(committed), bytes(result), base: []) == .whiteSpace)
  }

  @Test(arguments: [
    ("", "a\nb\n", "b\na\n"), ("x\n", "x\na\nb\n", "x\nb\na\n"), ("x\n", "a\nx\nb\n", "x\nb\na\n"),
    ("", "a\n  b\n", "b \na\n"), ("x\ny\n", "x\na\ny\nb\n", "b\nx\ny\na\n"), ("", "a\na\nb\n", "a\nb\na\n"),
  ])
  func order(base: String, result: String, committed: String) {
    #expect(Likeness.of(bytes(result), bytes(committed), base: bytes(base)) == .order)
    #expect(Likeness.of(bytes(committed), bytes(result), base: bytes(base)) == .order)
  }

  @Test(arguments: [
    // The ancestor's lines changed places.
    ("a\nb\n", "a\nb\n", "b\na\n"), ("x\ny\n", "x\ny\na\n", "y\nx\na\n"),
    // Other words, other counts.
    ("", "a\n", "b\n"), ("", "a\nb\n", "a\n"), ("", "a\na\nb\n", "a\nb\nb\n"), ("", "a\n", ""), ("", "a\n", "A\n"),
    ("x\n", "x\na\nb\n", "x\na\nc\n"),
  ])
  func different(base: String, result: String, committed: String) {
    #expect(Likeness.of(bytes(result), bytes(committed), base: bytes(base)) == .different)
    #expect(Likeness.of(bytes(committed), bytes(result), base: bytes(base)) == .different)
  }

  @Test func bytesThatAreNoText() {
    #expect(Likeness.of([0xFF, 0x0A, 0x00], [0xFF, 0x0A, 0x00], base: []) == .equal)
    #expect(Likeness.of([0xFF, 0x0A, 0x00], [0xFF, 0x0A, 0x20, 0x00], base: []) == .whiteSpace)
    #expect(Likeness.of([0xFF, 0x0A], [0xFE, 0x0A], base: []) == .different)
  }
}
