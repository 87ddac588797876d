import Forges
import HTTP
import JSON
import Testing
import Work

/// The control of all tests that find no breach: each of these is one.
@Suite(
  "Requests are held against the forges' descriptions",
  .enabled(if: APIDescriptions.folder != nil, "ARBORIST_TEST_DATA is not set"))
struct DescriptionTests {
  private func breaches(_ forge: ForgeName, _ name: String, _ body: JSONValue? = nil) -> Int {
    let request = HTTPRequest(.post, "https://x.example/", body: body?.compact() ?? [])
    return APIDescriptions.breaches(of: request, named: name, on: forge).count
  }

  private let review = "POST /repos/o/r/pulls/5/reviews"

  @Test("What breaks GitHub's description is found")
  func github() {
    let good: JSONValue = ["event": "COMMENT", "comments": [["path": "a", "body": "b", "line": 1, "side": "LEFT"]]]
    #expect(breaches(.github, review, good) == 0)
    let bad: [JSONValue] = [
      ["event": "MAYBE"], ["comments": [["path": "a"]]], ["comments": [["path": "a", "body": "b", "line": "1"]]],
      ["unknown": 1], ["commit_id": 5],
    ]
    for body in bad { #expect(breaches(.github, review, body) > 0, "\(body)") }
    #expect(breaches(.github, "GET /repos/o/r/pull/5") > 0 && breaches(.github, "GET /repos/o/r/pulls/5") == 0)
    #expect(breaches(.github, "GET /repos/o/r/pulls?statee=open") > 0)
    #expect(breaches(.github, "POST /repos/o/r/issues/5/comments", ["body": 1]) > 0)
    let run: JSONValue = ["name": "n", "head_sha": "s", "status": "completed", "conclusion": "neutral"]
    #expect(breaches(.github, "POST /repos/o/r/check-runs", run) == 0)
    #expect(breaches(.github, "POST /repos/o/r/check-runs", ["name": "n", "head_sha": "s", "status": "done"]) > 0)
    let annotation: JSONValue = [
      "path": "a", "start_line": 1, "end_line": 1, "annotation_level": "notice", "message": "m",
    ]
    for (count, isGood) in [(50, true), (51, false)] {
      let output: JSONValue = [
        "title": "t", "summary": "s", "annotations": .array(Array(repeating: annotation, count: count)),
      ]
      let body: JSONValue = ["status": "completed", "conclusion": "success", "output": output]
      #expect((breaches(.github, "PATCH /repos/o/r/check-runs/8", body) == 0) == isGood)
    }
  }

  @Test("A name that GitHub's GraphQL does not know is found")
  func graphQL() throws {
    let schema = try #require(APIDescriptions.graphQL)
    #expect(schema.faults(in: "query($n: Int!) { viewer { login } }") == [])
    #expect(schema.faults(in: "query { viewer { logn } }") != [])
    #expect(schema.faults(in: "query { repository(owner: \"a\", nam: \"b\") { id } }") != [])
    #expect(schema.faults(in: "mutation { resolveReviewThread(input: { threadId: 1 }) { thread { isSolved } } }") != [])
  }

  @Test("What breaks Gitea's description is found")
  func gitea() {
    #expect(breaches(.gitea, review, ["event": "COMMENT", "comments": [["path": "a", "new_position": 1]]]) == 0)
    #expect(breaches(.gitea, review, ["event": "COMMENT", "comments": [["path": "a", "line": 1]]]) > 0)
    #expect(breaches(.gitea, "POST /repos/o/r/issues/5/comments", ["text": "x"]) > 0)
    #expect(breaches(.gitea, "GET /repos/o/r/pulls?limit=50&state=open") == 0)
    #expect(breaches(.gitea, "GET /repos/o/r/pulls?per_page=50") > 0)
  }
}
