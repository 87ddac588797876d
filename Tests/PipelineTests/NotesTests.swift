import Base
import Forges
import Foundation
import Git
import Journal
import Pipeline
import TestSupport
import Testing
import Work

@Suite("What was found is in the notes, in the format of git-appraise")
struct NotesTests {
  let house: House

  init() throws { house = try House() }

  private static let key = "k = \"AKIA" + "Q3ZRT7WXYPLMN5KB\"\n"

  /// A branch of two commits, the second with a finding.
  private func pushFinding() throws -> (first: ObjectID, head: ObjectID) {
    try house.repository.commit("main", .write("a.py", "x = 1\n"))
    let main = try house.repository.id("main")
    let first = try house.repository.commit("topic", parents: [main], message: "Begin", .write("b.py", "y = 1\n"))
    let head = try house.push("topic", message: "Add a key\n\nMore words.", .write("c.py", Self.key))
    return (first, head)
  }

  @Test("A request and comments are on the first commit of the branch, one JSON object a line")
  func format() async throws {
    let (first, head) = try pushFinding()
    let before = try house.references()
    try await house.work()
    #expect(try house.moved(since: before) == [])
    #expect(try await house.verdict(.review) == .findings, "\(house.lines)")
    let requests = try house.note(.reviews, of: first)
    #expect(requests.count == 1)
    let request = try #require(
      JSONSerialization.jsonObject(with: Data(requests.joined().utf8)) as? [String: Any])
    #expect(request["v"] as? Int == 0)
    #expect(request["targetRef"] as? String == "refs/heads/main")
    #expect(request["reviewRef"] as? String == "refs/heads/topic")
    #expect(request["requester"] as? String == "bot@example.com")
    #expect(request["description"] as? String == "Add a key")
    #expect(request["baseCommit"] as? String == (try house.repository.id("main").hex))
    #expect((request["timestamp"] as? String).flatMap(Int.init) == 1_700_000_501)
    for line in try house.note(.discuss, of: first) {
      let comment = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      #expect(comment["v"] as? Int == 0 && comment["author"] as? String == "bot@example.com")
      #expect(comment["timestamp"] is String && comment["description"] is String)
      #expect((comment["location"] as? [String: Any])?["commit"] as? String == head.hex)
    }
    let comments = try house.comments(on: first)
    #expect(comments.count == 2)
    #expect(comments.last?.location.path == "c.py" && comments.last?.location.range?.startLine == 1)
    #expect(comments.last?.resolved == false)
    #expect(try house.note(.discuss, of: head).isEmpty)
    #expect(try house.repository.git("fsck", "--no-dangling") == "")
  }

  @Test("A clean branch gets a summary")
  func clean() async throws {
    try house.repository.commit("main", .write("a.py", "x = 1\n"))
    let head = try house.push("topic", parents: [house.repository.id("main")], .write("b.py", "y = 1\n"))
    try await house.work()
    #expect(try await house.verdict(.review) == .clean)
    #expect(try house.comments(on: head).count == 1)
  }

  @Test("A finding that was told is not told again on the next push, and a new one is")
  func toldOnce() async throws {
    let (first, _) = try pushFinding()
    try await house.work()
    #expect(try house.descriptions(on: first, containing: "[secret ").count == 1)
    try house.push("topic", .write("d.py", "z = 1\n"))
    try await house.work()
    #expect(try await house.closings(.review).count == 2)
    #expect(try house.descriptions(on: first, containing: "[secret ").count == 1)
    #expect(try house.note(.reviews, of: first).count == 1)
    #expect(try house.descriptions(on: first, containing: "Arborist read").count == 2)
    try house.push("topic", .write("e.py", "k = \"AKIA" + "W5KBQ3ZRT7XYPLMN\"\n"))
    try await house.work()
    #expect(try house.descriptions(on: first, containing: "[secret ").count == 2)
  }

  @Test("What other programs wrote in the note stays, byte for byte and in its place")
  func foreignLines() async throws {
    let (first, _) = try pushFinding()
    let foreign = ["{\"v\":0,\"author\":\"eve\",\"description\":\"hm\",\"timestamp\":\"1\"}", "not JSON \u{1F333}"]
    try house.repository.git(
      "notes", "--ref=refs/notes/devtools/discuss", "add", "-m", foreign.joined(separator: "\n"), first.hex)
    let before = try house.repository.id("refs/notes/devtools/discuss")
    try await house.work()
    let lines = try house.note(.discuss, of: first)
    #expect(Array(lines.prefix(2)) == foreign)
    #expect(lines.count == 4)
    // Appended only: the history of the notes holds what was there.
    let result = try house.repository.attempt(
      ["merge-base", "--is-ancestor", before.hex, "refs/notes/devtools/discuss"])
    #expect(result.status == 0)
  }

  @Test("A note that is written to in between keeps both")
  func concurrently() async throws {
    let (first, _) = try pushFinding()
    let house = house
    let watch = Watch { moment in
      guard moment == Moment(step: "intend 1", side: .behind) else { return }
      try house.repository.git(
        "notes", "--ref=refs/notes/devtools/discuss", "append", "-m", "somebody else", first.hex)
    }
    try await house.work(watch: watch)
    let lines = try house.note(.discuss, of: first)
    #expect(lines.first == "somebody else" && lines.count > 2)
  }
}
