import Foundation
import Merging
import Testing

@testable import Evaluation

/// What a person and a program read.
@Suite struct ReportTests {
  private var evaluation: MergeEvaluation {
    var evaluation = MergeEvaluation(selection: HunkSelection(HunkFilter(kind: .different), limit: 1, seed: 1))
    evaluation.add(Three.two.judged(Three.file("o\n", "T\n"), Scripted.ours))
    evaluation.add(Three.one.judged(Three.file("o\n"), repository: "z/z", Scripted.ours))
    evaluation.add(Three.one.judged(Three.file("o\n"), repository: "z/z", merge: "m2"))
    evaluation.addApart("add/add", count: 2)
    evaluation.merges.replayed = 7
    evaluation.merges.conflicted = 3
    evaluation.merges.octopus = 1
    evaluation.add(FileDuration(place: FilePlace(repository: "x/y", merge: "m", path: "p"), nanoseconds: 1_234_567))
    return evaluation
  }

  @Test func theTable() {
    let text = EvaluationReport(evaluation, resolvers: ["ours", "idle"], alone: nil).text
    #expect(
      text == """
        7 merges replayed, 3 with conflicts; 0 of these are clean as a whole, 0 as people committed them.
        3 files judged with 4 conflicts: 3 settled, 1 left.
        Merges left out: 1 of more than two parents.

        FILES  files  clean  equal  white space  order  different  left  clean of all  good of clean  good of all
        all        3      2      1            0      0          1     1        66.7 %         50.0 %       33.3 %

        z/z        2      1      1            0      0          0     1        50.0 %        100.0 %       50.0 %
        x/y        1      1      0            0      0          1     0       100.0 %          0.0 %        0.0 %

        Text       3      2      1            0      0          1     1        66.7 %         50.0 %       33.3 %

        RESOLVER  settled  equal  white space  order  different  unknown  precision
        ours            3      2            0      0          1        0     66.7 %
        idle            0      0            0      0          0        0          -

        NOT JUDGED  count
        add/add         2

        """)
  }

  @Test func ofNothing() {
    let text = EvaluationReport(MergeEvaluation(), resolvers: [], alone: nil).text
    #expect(text.contains("0 merges replayed"))
    #expect(text.hasSuffix("-\n"))
  }

  private func json(times: Bool = false) throws -> (text: String, object: [String: Any]) {
    let document = EvaluationDocument(
      evaluation, tier: "auto", resolvers: ["ours"], alone: nil,
      showing: { [String(decoding: $0, as: UTF8.self)] }, hasTimes: times)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let data = try encoder.encode(document)
    return (
      String(decoding: data, as: UTF8.self),
      try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    )
  }

  @Test func theDocument() throws {
    let object = try json().object
    let files = try #require(object["files"] as? [String: Any])
    #expect(files["files"] as? Int == 3)
    #expect(files["clean"] as? Int == 2)
    #expect(files["precision"] as? Double == 0.5)
    let repositories = try #require(object["repositories"] as? [[String: Any]])
    #expect(repositories.map { $0["name"] as? String } == ["z/z", "x/y"])
    let resolvers = try #require(object["resolvers"] as? [[String: Any]])
    #expect(resolvers.map { $0["settled"] as? Int } == [3])
    #expect((object["merges"] as? [String: Int])?["octopus"] == 1)
    let shown = try #require(object["shown"] as? [[String: Any]])
    #expect(shown.map { $0["line"] as? Int } == [8])
    #expect(shown.map { $0["committed"] as? [String] } == [["T\n"]])
    #expect(shown.map { $0["result"] as? [String] } == [["O\n"]])
  }

  @Test func timesAreOnlyThereWhereTheyAreAskedFor() throws {
    #expect(try json().object["times"] == nil)
    #expect(try json().text == json().text)
    let times = try #require(try json(times: true).object["times"] as? [String: Any])
    #expect(times["p50"] as? Double == 1.234)
  }

  @Test func percentilesAreTheNearestRank() {
    let durations = (1...20).map {
      FileDuration(place: FilePlace(repository: "", merge: "", path: ""), nanoseconds: Int64($0))
    }
    #expect(MergeEvaluation.percentile(50, of: durations)?.nanoseconds == 10)
    #expect(MergeEvaluation.percentile(95, of: durations)?.nanoseconds == 19)
    #expect(MergeEvaluation.percentile(100, of: durations)?.nanoseconds == 20)
    #expect(MergeEvaluation.percentile(50, of: Array(durations.prefix(1)))?.nanoseconds == 1)
    #expect(MergeEvaluation.percentile(50, of: []) == nil)
  }

  @Test(arguments: [
    ("conflictMarker", "conflict-marker"), ("lostLine(side: ours)", "lost-line"), ("json", "json"),
  ])
  func rulesByName(description: String, name: String) { #expect(GateRule.words(description) == name) }
}
