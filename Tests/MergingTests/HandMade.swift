import Testing

/// Files of a merge that show one thing.
struct HandMade: Sendable, CustomTestStringConvertible {
  var name: String
  var base: [UInt8]
  var ours: [UInt8]
  var theirs: [UInt8]

  init(_ name: String, _ base: String, _ ours: String, _ theirs: String) {
    self.name = name
    self.base = Array(base.utf8)
    self.ours = Array(ours.utf8)
    self.theirs = Array(theirs.utf8)
  }

  var testDescription: String { name }

  private static func numbered(_ count: Int, _ change: (Int) -> String?) -> String {
    (0..<count).map { change($0) ?? "line \($0)\n" }.joined()
  }

  static let all: [HandMade] = [
    HandMade("nothing at all", "", "", ""),
    HandMade("nothing changed", "a\nb\n", "a\nb\n", "a\nb\n"),
    HandMade("only ours changed", "a\nb\n", "a\nc\n", "a\nb\n"),
    HandMade("only theirs changed", "a\nb\n", "a\nb\n", "c\nb"),
    HandMade("the same change", "a\nb\nc\n", "a\nx\nc\n", "a\nx\nc\n"),
    HandMade("the same change in a longer one", "a\nb\nc\nd\n", "a\nx\nc\nd\n", "a\nx\ny\nd\n"),
    HandMade("changes far apart", "a\nb\nc\nd\ne\n", "x\nb\nc\nd\ne\n", "a\nb\nc\nd\ny\n"),
    HandMade("changes that touch", "a\nb\nc\n", "a\nx\nc\n", "a\nb\ny\n"),
    HandMade("insertions in the same place", "a\nb\n", "a\nx\nb\n", "a\ny\nb\n"),
    HandMade("an insertion beside a deletion", "a\nb\nc\n", "a\nc\n", "a\nb\nx\nc\n"),
    HandMade("added by both", "", "a\nb\nc\n", "a\nx\nc\n"),
    HandMade("added by both, carriage returns", "", "a\r\nb\r\n", "a\r\nx\r\n"),
    HandMade("emptied by one", "a\nb\n", "", "a\nc\n"),
    HandMade("emptied by both", "a\nb\n", "", ""),
    HandMade("no line feed at all", "a", "b", "c"),
    HandMade("no final line feed on one side", "a\nb\n", "a\nc", "a\nd\n"),
    HandMade("a final line feed added and the line changed", "a\nb", "a\nb\n", "a\nc"),
    HandMade("only the final line feed", "a\nb", "a\nb\n", "a\nb"),
    HandMade("line feed against another line", "a\nb", "a\nb\n", "a\nb\nc"),
    HandMade("carriage returns", "a\r\nb\r\nc\r\n", "a\r\nx\r\nc\r\n", "a\r\ny\r\nc\r\n"),
    HandMade("carriage returns, no final line feed", "a\r\nb", "a\r\nx", "a\r\ny"),
    HandMade("carriage returns only in ours", "a\nb\nc\n", "a\r\nx\r\nc\r\n", "a\ny\nc\n"),
    HandMade("carriage returns not in the ancestor", "a\nb\n", "a\r\nb\r\n", "a\r\nc\r\n"),
    HandMade("carriage return first, line feed later", "a\r\nb\nc\n", "a\r\nb\nx\n", "a\r\nb\ny\n"),
    HandMade("lone carriage returns", "a\rb\r", "a\rx\r", "a\ry\r"),
    HandMade("one line in each", "a\n", "b\n", "c\n"),
    HandMade("only line feeds", "\n\n\n\n", "\n\n\n", "\n\n\n\n\n"),
    HandMade("only line feeds and a word", "\n\n\n\n\n", "\n\nx\n\n\n\n", "\n\n\ny\n\n\n"),
    HandMade("markers in the files", "a\n<<<<<<< x\nb\n", "a\n<<<<<<< x\nc\n", "a\n=======\nb\n"),
    HandMade(
      "conflicts three lines apart",
      numbered(9) { $0 == 2 || $0 == 6 ? "b\n" : nil },
      numbered(9) { $0 == 2 || $0 == 6 ? "o\n" : nil },
      numbered(9) { $0 == 2 || $0 == 6 ? "t\n" : nil }
    ),
    HandMade(
      "conflicts four lines apart",
      numbered(9) { $0 == 2 || $0 == 7 ? "b\n" : nil },
      numbered(9) { $0 == 2 || $0 == 7 ? "o\n" : nil },
      numbered(9) { $0 == 2 || $0 == 7 ? "t\n" : nil }
    ),
    HandMade("conflicts with braces between", "a\n}\n\n{\n}\n\nb\n", "c\n}\n\n{\n}\n\nd\n", "e\n}\n\n{\n}\n\nf\n"),
    HandMade(
      "a clean change between conflicts",
      numbered(12) { _ in nil },
      numbered(12) { $0 == 2 || $0 == 5 || $0 == 8 ? "o\n" : nil },
      numbered(12) { $0 == 2 || $0 == 8 ? "t\n" : nil }
    ),
    HandMade(
      "rewritten by both with lines in common",
      numbered(12) { _ in nil },
      numbered(12) { $0 == 3 ? "o\n" : $0 == 9 ? "p\n" : "new \($0)\n" },
      numbered(12) { $0 == 3 ? "t\n" : $0 == 9 ? "u\n" : "new \($0)\n" }
    ),
    HandMade(
      "more conflicts than a status can count",
      numbered(1200) { _ in nil },
      numbered(1200) { $0 % 6 == 3 ? "o \($0)\n" : nil },
      numbered(1200) { $0 % 6 == 3 ? "t \($0)\n" : nil }
    ),
    HandMade(
      "a function added by both",
      "a() {\n}\n\nz() {\n}\n",
      "a() {\n}\n\nb() {\n}\n\nz() {\n}\n",
      "a() {\n}\n\nc() {\n}\n\nz() {\n}\n"
    ),
  ]
}
