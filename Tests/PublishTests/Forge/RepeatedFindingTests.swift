import Base
import Forges
import Publish
import Testing
import Work

/// A model that reads a change again and quotes the same mistake by other lines.
@Suite("One mistake that is quoted by other lines")
struct RepeatedFindingTests {
  private static let title = "The `file` is never closed"
  private static let source = """
    import Foundation

    func load(_ path: String) -> Data? {
      let first = path
      let file = open(path)
      let data = read(file)
      return data
    }

    func store(_ path: String) {
      let file = open(path)
      write(file)
    }

    """

  /// What a review says that comes after one that told a finding on lines 5 to 6.
  private func second(
    _ lines: ClosedRange<Int>, _ title: String = title, source: String = "model:x/z", first: String = title,
    by firstSource: String = "model:x/y", isSettled: Bool? = false, also: [Finding] = []
  ) throws -> Said {
    var fixture = try ForgeReviewTests.fixture(Self.source)
    let told = try fixture.review([ForgeFixture.finding(5...6, title: first, source: firstSource)])
    #expect(told.comments.count == 1)
    fixture.comments = try ForgeReviewTests.posted(told.comments, isSettled: isSettled)
    return try fixture.review([ForgeFixture.finding(lines, title: title, source: source)] + also)
  }

  @Test("It is not told twice, and its thread is not one that nobody spoke of")
  func same() throws {
    for lines in [6...6, 6...7, 4...5, 4...7] {
      let said = try second(lines)
      #expect(said.comments.isEmpty && said.settled.isEmpty, "\(lines)")
      #expect(said.summary?.contains(": 0 new, 1 said before.") == true)
      #expect(said.summary?.contains("whose code is as it was") == false)
    }
    for title in ["`file` never is closed", "The `file` is never closing", "A `file` that is never closed"] {
      #expect(try second(6...7, title).comments.isEmpty, "\(title)")
    }
    #expect(try second(6...6, isSettled: nil).comments.isEmpty)
  }

  @Test("Another mistake in the same declaration is told, however near and however alike")
  func different() throws {
    for title in [
      "The `data` is never closed", "The `file` is closed twice", "The `file` is closed", "Errors of reading are lost",
      "`read` and the `file` are never closed", "The first of 2 `file` is never closed", "",
    ] {
      let said = try second(6...7, title)
      #expect(said.comments.count == 1, "\(title)")
      #expect(said.summary?.contains("whose code is as it was: 1.") == true)
    }
    // The same words of lines that the thread does not stand at, or of another declaration.
    #expect(try second(7...7).comments.count == 1)
    #expect(try second(4...4).comments.count == 1)
    #expect(try second(11...12).comments.count == 1)
    // What is no model's is told for itself, and so is what a model says beside it.
    #expect(try second(6...6, source: "lint/x").comments.count == 1)
    #expect(try second(6...6, by: "lint/x").comments.count == 1)
    // A thread that a person has settled is not open.
    #expect(try second(6...6, isSettled: true).comments.count == 1)
  }

  @Test("A thread stands for one finding of a review: what it is told by first, and no second one")
  func once() throws {
    let same = try ForgeFixture.finding(5...6, title: Self.title)
    #expect(try second(6...7, also: [same]).comments.map(\.anchor.startLine) == [6])
    let more = try ForgeFixture.finding(4...5, title: Self.title)
    #expect(try second(6...7, also: [more]).comments.map(\.anchor.startLine) == [4])
  }

  @Test("Lines that moved keep their extent, and the mark of a comment on several lines is that of its first")
  func moved() throws {
    var fixture = try ForgeReviewTests.fixture(Self.source)
    let told = try fixture.review([ForgeFixture.finding(5...6, title: Self.title)])
    #expect(told.comments.first?.mark?.hasSuffix("-2") == true)
    let one = try fixture.review([ForgeFixture.finding(5...5, title: Self.title)])
    #expect(one.comments.first?.mark.map { "\($0)-2" } == told.comments.first?.mark)
    let rebased = Self.source.replacing("  let first", with: "  let a = 1\n  let b = 2\n  let first")
    fixture = try ForgeReviewTests.fixture(rebased)
    fixture.comments = try ForgeReviewTests.posted(told.comments)
    #expect(try fixture.review([ForgeFixture.finding(8...8, title: Self.title)]).comments.isEmpty)
    #expect(try fixture.review([ForgeFixture.finding(9...9, title: Self.title)]).comments.count == 1)
    #expect(try fixture.review([]).settled.isEmpty)
    // The line is mended: the thread is settled, and what is said of the next line is new.
    fixture = try ForgeReviewTests.fixture(
      Self.source.replacing("open(path)\n  let data", with: "tried(path)\n  let data"))
    fixture.comments = try ForgeReviewTests.posted(told.comments)
    let mended = try fixture.review([ForgeFixture.finding(6...6, title: Self.title)])
    #expect(mended.settled == told.comments.map(\.key) && mended.comments.count == 1)
  }
}
