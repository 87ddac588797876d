import Evaluation
import Merging
import Testing

/// Verdicts, records and the table that is written from them.
@Suite struct RecordTests {
  private static let id = String(repeating: "a", count: 40)

  private static func table(_ rows: String...) -> [UInt8] {
    bytes(([MergeVerdicts.columns.joined(separator: "\t")] + rows).joined(separator: "\n") + "\n")
  }

  private static func row(
    _ verdict: String, line: String = "8", resolver: String = "ours", merge: String = id, path: String = "a.txt"
  ) -> String { "x/y\t\(merge)\t\(path)\t\(line)\t\(resolver)\t\(verdict)\tit loses a line" }

  private func evaluation(_ verdicts: MergeVerdicts, onlyUnread: Bool = false) -> MergeEvaluation {
    var evaluation = MergeEvaluation(
      selection: HunkSelection(HunkFilter(kind: .different), limit: 5, seed: 1), verdicts: verdicts,
      onlyUnread: onlyUnread)
    evaluation.add(Three.two.judged(Three.file("o\n", "T\n"), merge: Self.id, Scripted.ours), by: "ours")
    return evaluation
  }

  @Test(arguments: [("wrong", 1), ("fine", 0)])
  func averdictCountsForItsHunk(verdict: String, wrong: Int) throws {
    let evaluation = evaluation(try MergeVerdicts(Self.table(Self.row(verdict))))
    #expect(evaluation.verdictsMet == [0])
    #expect(
      evaluation.records(of: ["ours"]) == [ResolverRecord(name: "ours", settled: 2, equal: 1, read: 1, wrong: wrong)])
  }

  @Test(arguments: [
    Self.row("wrong", line: "3"), Self.row("wrong", line: "9"), Self.row("wrong", resolver: "other"),
    Self.row("wrong", merge: String(repeating: "b", count: 40)), Self.row("wrong", path: "b.txt"),
  ])
  func aVerdictOnAnythingElseDoesNotCount(row: String) throws {
    let evaluation = evaluation(try MergeVerdicts(Self.table(row)))
    #expect(evaluation.verdictsMet == [])
    #expect(
      evaluation.records(of: ["ours"]) == [ResolverRecord(name: "ours", settled: 2, equal: 1, read: 0, wrong: 0)])
  }

  @Test func whatWasReadNeedNotBeShownAgain() throws {
    let verdicts = try MergeVerdicts(Self.table(Self.row("fine")))
    #expect(evaluation(verdicts).shown.hunks.count == 1)
    #expect(evaluation(verdicts, onlyUnread: true).shown.hunks == [])
    #expect(evaluation(MergeVerdicts(), onlyUnread: true).shown.hunks.count == 1, "the control")
  }

  @Test(arguments: [
    ("", 1), ("repo\tmerge\n", 1),
    (String(decoding: Self.table(Self.row("perhaps")), as: UTF8.self), 2),
    (String(decoding: Self.table(Self.row("fine"), Self.row("fine", line: "0")), as: UTF8.self), 3),
    (String(decoding: Self.table(Self.row("fine"), Self.row("wrong")), as: UTF8.self), 3),
    (String(decoding: Self.table(Self.row("fine", merge: "abc")), as: UTF8.self), 2),
    (String(decoding: Self.table("x/y\tm"), as: UTF8.self), 2),
  ])
  func malformedVerdicts(text: String, line: Int) {
    let error = #expect(throws: MergeVerdicts.Malformed.self) { try MergeVerdicts(bytes(text)) }
    #expect(error?.line == line)
  }

  @Test func theWrittenTableReadsBack() {
    let records = [
      ResolverRecord(name: "a-b", settled: 100, equal: 80, read: 20, wrong: 1),
      ResolverRecord(name: "c", settled: 0, equal: 0, read: 0, wrong: 0),
    ]
    #expect(ResolverTableSource.records(in: ResolverTableSource.text(records)) == records)
    #expect(ResolverTableSource.records(in: ResolverTableSource.text([])) == [])
    let broken = ResolverTableSource.text(records).replacing("equal: 80", with: "equal: many")
    #expect(ResolverTableSource.records(in: broken) == nil)
  }

  @Test func aResolverThatSettledNothingHasARecord() {
    #expect(
      evaluation(MergeVerdicts()).records(of: ["ours", "none"]).last
        == ResolverRecord(name: "none", settled: 0, equal: 0, read: 0, wrong: 0))
  }

  @Test(arguments: [
    (0, 0, 0, 0, ResolverTier.proposal), (4, 3, 1, 0, .auto), (4, 2, 2, 0, .proposal), (100, 75, 25, 5, .auto),
    (100, 75, 25, 6, .proposal), (100, 80, 10, 2, .auto), (100, 80, 10, 3, .proposal), (100, 80, 0, 0, .proposal),
    (5, 5, 0, 0, .auto), (1000, 749, 251, 0, .proposal),
  ])
  func theTierFollowsFromTheRecord(settled: Int, equal: Int, read: Int, wrong: Int, tier: ResolverTier) {
    #expect(ResolverRecord(name: "x", settled: settled, equal: equal, read: read, wrong: wrong).tier == tier)
  }

  @Test func theTableInTheCodeIsAsItIsWritten() {
    #expect(ResolverTableSource.records(in: ResolverTableSource.text(ResolverRecord.table)) == ResolverRecord.table)
    let names = ResolverRecord.table.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(Set(names).isSubset(of: StandardResolvers.all.map(\.name)))
    for record in ResolverRecord.table {
      #expect(record.equal <= record.settled && record.wrong <= record.read)
      #expect(record.read <= record.settled - record.equal)
      #expect(ResolverRecord.tier(of: record.name) == record.tier)
      #expect(StandardResolvers.auto.contains { $0.name == record.name } == (record.tier == .auto))
      #expect(StandardResolvers.proposing.contains { $0.name == record.name } == (record.tier == .proposal))
    }
  }
}
