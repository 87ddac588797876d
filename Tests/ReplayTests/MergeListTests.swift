import Base
import Replay
import TestSupport
import Testing

/// Lists of conflicted files.
@Suite struct MergeListTests {
  private static let header = "repo\tmerge\tp1\tp2\tpath\ttype\tbase_oid\tours_oid\ttheirs_oid\thuman_oid\n"

  private static func id(_ digit: Character) -> String { String(repeating: digit, count: 40) }

  private static func row(
    _ path: String = "a.txt", repository: String = "x/y", merge: String = id("1"), type: String = "content",
    base: String = id("a"), human: String = id("d")
  ) -> String { "\(repository)\t\(merge)\tp\tp\t\(path)\t\(type)\t\(base)\t\(id("b"))\t\(id("c"))\t\(human)\n" }

  private func list(_ text: String) throws(MalformedTable) -> MergeList {
    try MergeList(Array(text.utf8), named: "list.tsv")
  }

  @Test func rowsOfOneMergeBelongTogether() throws {
    let list = try list(
      Self.header + Self.row("a") + Self.row("x", merge: Self.id("2")) + Self.row("b") + Self.row(repository: "x/z"))
    #expect(list.merges.map(\.repository) == ["x/y", "x/y", "x/z"])
    #expect(list.merges.map { $0.rows.map(\.path.display) } == [["a", "b"], ["x"], ["a.txt"]])
  }

  @Test func columnsMayStandInAnyOrder() throws {
    let text =
      "human_oid\ttheirs_oid\tours_oid\tbase_oid\ttype\tpath\tmerge\trepo\textra\r\n"
      + "-\t\(Self.id("c"))\t\(Self.id("b"))\t\(Self.id("0"))\tadd/add\td/e\t\(Self.id("1"))\tx/y\t?\r\n\n"
    let row = try #require(try list(text).merges.first?.rows.first)
    #expect(row.path.display == "d/e")
    #expect(row.type == "add/add")
    #expect(row.base == nil)
    #expect(row.ours?.hex == Self.id("b"))
    #expect(row.committed == nil)
  }

  @Test func pathsMayBeQuoted() throws {
    let row = try #require(try list(Self.header + Self.row("\"a\\303\\244\\011\"")).merges.first?.rows.first)
    #expect(row.path.bytes == Array("aä\t".utf8))
  }

  @Test func anEmptyListHasNoMerges() throws { #expect(try list(Self.header).merges.isEmpty) }

  @Test(arguments: [
    ("", 1, "'repo'"), ("repo\tmerge\n", 1, "'path'"),
    (Self.header + "x\n", 2, "columns"), (Self.header + Self.row() + Self.row("../a"), 3, "'../a'"),
    (Self.header + Self.row(merge: "12"), 2, "'12'"), (Self.header + Self.row(base: "zz"), 2, "'zz'"),
    (Self.header + Self.row(human: ""), 2, "''"), (Self.header + Self.row(repository: "../y"), 2, "'../y'"),
    (Self.header + Self.row(repository: ""), 2, "''"), (Self.header + Self.row("\"a"), 2, "path"),
  ])
  func malformedLists(text: String, line: Int, part: String) {
    let error = #expect(throws: MalformedTable.self) { try list(text) }
    #expect(error?.line == line)
    #expect(error?.description.hasPrefix("list.tsv:\(line): ") ?? false)
    #expect(error?.reason.contains(part) ?? false, "\(error?.reason ?? "")")
  }
}
