import Base
import Forges
import Publish
import Testing
import Work

/// Findings on equal lines of one declaration, of which some are mended.
@Suite("Equal findings in one declaration")
struct FindingThreadsTests {
  private static let bad = "  let file = open(path)"

  /// A function with these lines.
  private static func source(_ lines: [String]) -> String {
    (["import Foundation", "", "func load(_ path: String) {"] + lines + ["}", ""]).joined(separator: "\n")
  }

  private static let two = [bad, "  use(file)", bad, "  close(file)"]

  /// What a review says that finds all bad lines, or none.
  private func review(
    _ lines: [String], _ comments: [PostedComment] = [], finds: Bool = true, titles: [String] = ["It leaks"]
  ) throws -> Said {
    var fixture = try ForgeReviewTests.fixture(Self.source(lines))
    fixture.comments = comments
    let findings = try lines.indices.filter { finds && lines[$0].contains("open(path)") }.flatMap { index in
      try titles.map { try ForgeFixture.finding((index + 4)...(index + 4), title: $0) }
    }
    return try fixture.review(findings)
  }

  private func posted(_ comments: [LineComment]) throws -> [PostedComment] { try ForgeReviewTests.posted(comments) }

  /// The comments as they stand once some of them are settled, and the summary says so.
  private func settled(_ comments: [PostedComment], by said: Said) throws -> [PostedComment] {
    var comments = comments.filter { !$0.body.hasPrefix("<!-- arborist:summary") }
    for index in comments.indices
    where said.settled.contains(where: { comments[index].body.hasPrefix("<!-- arborist:\($0) -->") }) {
      comments[index].isSettled = true
    }
    return comments + [try ForgeFixture.posted("summary", try #require(said.summary))]
  }

  @Test("Where one of two is mended its thread is settled, and the other stays", arguments: [0, 1], [true, false])
  func oneOfTwo(_ mended: Int, _ finds: Bool) throws {
    let told = try review(Self.two)
    #expect(told.comments.count == 2 && told.comments[1].key == told.comments[0].key + ".2")
    #expect(Set(told.comments.map(\.mark)).count == 2)
    let comments = try posted(told.comments)
    // Control: where both are there nothing is settled, and nothing is told again.
    let same = try review(Self.two, comments, finds: finds)
    #expect(same.settled.isEmpty && same.comments.isEmpty)

    var lines = Self.two
    lines[mended * 2] = "  let file = tryOpen(path)"
    let said = try review(lines, comments, finds: finds)
    #expect(said.settled == [told.comments[mended].key])
    #expect(said.comments.isEmpty)
    // What comes after that says nothing new, and does the rest where the other is mended too.
    let after = try settled(comments, by: said)
    let next = try review(lines, after, finds: finds)
    #expect(next.settled.isEmpty && next.comments.isEmpty)
    lines[2 - mended * 2] = "  let file = tryOpen(path)"
    #expect(try review(lines, after).settled == [told.comments[1 - mended].key])
    // The one that was mended comes back, and is told once more.
    let back = try review(Self.two, after)
    #expect(back.comments.map(\.key) == [told.comments[mended].key + "-again"] && back.settled.isEmpty)
    let again = try posted(back.comments)
    #expect(try review(Self.two, after + again).comments.isEmpty)
    lines[2 - mended * 2] = Self.bad
    #expect(try review(lines, after + again).settled == [told.comments[mended].key + "-again"])
  }

  @Test("Threads keep to their lines over lines that are added, moved and set in, and a new one is told")
  func moved() throws {
    let told = try review(Self.two)
    let comments = try posted(told.comments)
    let rebased = ["  let other = 1", ""] + Self.two.map { "  " + $0 }
    #expect(try review(rebased, comments).comments.isEmpty)
    for (mended, key) in [(2, told.comments[0].key), (4, told.comments[1].key)] {
      var lines = rebased
      lines[mended] = "  let file = tryOpen(path)"
      #expect(try review(lines, comments).settled == [key])
    }
    // A third one before them.
    let more = [Self.bad, "  log(file)"] + Self.two
    let new = try review(more, comments)
    #expect(new.comments.map(\.key) == [told.comments[0].key + ".3"] && new.settled.isEmpty)
    #expect(new.comments.map(\.anchor.startLine) == [4])
    let all = try comments + posted(new.comments)
    #expect(try review(more, all).comments.isEmpty)
    for (mended, key) in [(0, new.comments[0].key), (2, told.comments[0].key), (4, told.comments[1].key)] {
      var lines = more
      lines[mended] = "  let file = tryOpen(path)"
      let said = try review(lines, all)
      #expect(said.settled == [key] && said.comments.isEmpty)
    }
  }

  @Test("Of lines with the same around them as many threads stay as lines do")
  func same() throws {
    let lines = Array(repeating: Self.bad, count: 5)
    let told = try review(lines)
    #expect(told.comments.count == 5 && Set(told.comments.map(\.key)).count == 5)
    let comments = try posted(told.comments)
    #expect(try review(lines, comments).settled.isEmpty)
    for count in 0..<5 {
      let said = try review(Array(lines.prefix(count)) + ["  return"], comments)
      #expect(said.settled.count == 5 - count && said.comments.isEmpty)
      #expect(Set(said.settled).isSubset(of: told.comments.map(\.key)))
    }
  }

  @Test("Several threads on one line stay and go together")
  func oneLine() throws {
    let lines = [Self.bad, "  use(file)"]
    let told = try review(lines, titles: ["It leaks", "It throws"])
    #expect(told.comments.count == 2 && told.comments[0].mark == told.comments[1].mark)
    var comments = try posted(told.comments)
    #expect(try review(lines, comments, titles: ["It throws"]).settled.isEmpty)
    // One that a later review told is on the same line, too, whatever stands around it by then.
    let third = try review(["  log()"] + lines, comments, titles: ["It leaks", "It throws", "It is slow"])
    #expect(third.comments.count == 1 && third.comments[0].mark == told.comments[0].mark)
    comments += try posted(third.comments)
    #expect(try review(lines, comments, finds: false).settled.isEmpty)
    #expect(try review(["  use(file)"], comments).settled.count == 3)
  }

  @Test("What a person settled stays the person's, and counts for its line")
  func people() throws {
    let told = try review(Self.two)
    var comments = try posted(told.comments)
    comments[0].isSettled = true
    #expect(try review(Self.two, comments).comments.isEmpty)
    var lines = Self.two
    lines[2] = "  let file = tryOpen(path)"
    let said = try review(lines, comments)
    #expect(said.settled == [told.comments[1].key] && said.comments.isEmpty)
    lines = Self.two
    lines[0] = "  let file = tryOpen(path)"
    let other = try review(lines, comments)
    #expect(other.settled.isEmpty && other.comments.isEmpty)
  }

  @Test("Threads of an earlier version, which have no mark, are known and not told again")
  func earlier() throws {
    let told = try review(Self.two)
    var comments = try posted(
      told.comments.map { comment in
        var comment = comment
        comment.mark = nil
        return comment
      })
    let same = try review(Self.two, comments)
    #expect(same.comments.isEmpty && same.settled.isEmpty)
    var lines = Self.two
    lines[0] = "  let file = tryOpen(path)"
    // Which of them it is cannot be told.
    let said = try review(lines, comments)
    #expect(said.comments.isEmpty && said.settled.isEmpty)
    lines[2] = "  let file = tryOpen(path)"
    #expect(try Set(review(lines, comments).settled) == Set(told.comments.map(\.key)))
    // One of each version.
    comments = try Array(comments.prefix(1)) + posted([told.comments[1]])
    #expect(try review(Self.two, comments).comments.isEmpty)
    lines = Self.two
    lines[2] = "  let file = tryOpen(path)"
    #expect(try review(lines, comments, finds: false).comments.isEmpty)
  }
}
