import Base
import Forges
import Git
import Publish
import Testing
import Work

@Suite("What is said on a forge of a review")
struct ForgeReviewTests {
  static let source = """
    import Foundation

    func load(_ path: String) -> Data? {
      let first = path
      let file = open(path)
      return file
    }

    func store(_ path: String) {
      let file = open(path)
      write(file)
    }

    """

  /// `load` and `store` are new; the import is not.
  static func fixture(_ source: String = source, from old: String? = nil) throws -> ForgeFixture {
    var fixture = ForgeFixture()
    let lines = source.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    let patch =
      "@@ -1,2 +1,\(lines.count) @@\n"
      + lines.enumerated().map { ($0.offset < 2 ? " " : "+") + $0.element }.joined(separator: "\n")
    fixture.diff = Diff(files: [try ForgeFixture.file("a.swift", from: old, patch)])
    fixture.contents = [try ForgeFixture.path("a.swift"): Array(source.utf8)]
    return fixture
  }

  /// The comments of a review as they stand on the forge afterwards.
  static func posted(_ comments: [LineComment], isSettled: Bool? = false) throws -> [PostedComment] {
    try comments.map {
      let mark = $0.mark.map { "<!-- arborist:\($0) -->\n" } ?? ""
      return try ForgeFixture.posted($0.key, mark + $0.body, path: $0.anchor.path.display, isSettled: isSettled)
    }
  }

  @Test("A finding is a comment on its lines, a summary and a check")
  func comment() throws {
    let said = try Self.fixture().review([ForgeFixture.finding(5...5, title: "It @leaks #1")])
    #expect(said.comments.count == 1 && said.stopped.isEmpty && said.settled.isEmpty)
    let comment = try #require(said.comments.first)
    #expect(
      comment.body == """
        **warning: It `@leaks` `#1`**

        Because of `that`.

        Found by `model:x/y`, 80 % sure.
        """)
    #expect(comment.anchor.startLine == 5 && comment.anchor.endLine == 5 && comment.suggestion == nil)
    let summary = try #require(said.summary)
    #expect(summary.contains("1 findings.") && summary.contains("lines of the change: 1 new, 0 said before."))
    #expect(summary.contains("[`11111111`](https://forge.example/o/r/commit/\(ForgeFixture.head.hex))"))
    #expect(said.checks.map(\.name) == ["arborist/review"] && said.state == .neutral)
    guard case .forge(.check) = try #require(said.publication.effects.last) else {
      Issue.record("the check does not end last")
      return
    }
  }

  // MARK: Checks

  @Test("Green is only what was read in full and has nothing that counts")
  func checks() throws {
    let unread = [Unread(path: try ForgeFixture.path("b"), reason: "too large")]
    func state(_ severities: [Severity], unread: [Unread] = [], unheard: [String]? = nil) throws -> CheckReport.State? {
      try Self.fixture().review(
        severities.map { try ForgeFixture.finding(5...5, severity: $0) }, unread: unread, unheard: unheard
      ).state
    }
    #expect(try state([]) == .success)
    #expect(try state([.note]) == .success)
    // A model that did not read all of it leaves no green check, whatever else is said.
    #expect(try ForgeFixture().review([], shortfall: .budget).state == .neutral)
    #expect(try state([.note, .warning]) == .neutral)
    #expect(try state([.warning, .error]) == .failure)
    #expect(try state([], unread: unread) == .neutral)
    #expect(try state([.note], unread: unread) == .neutral)
    #expect(try state([.error], unread: unread) == .failure)
    #expect(try state([], unheard: ["swiftlint could not be run"]) == .neutral)
    let summary = try Self.fixture().review([], unread: unread, unheard: ["No `x`."]).summary
    #expect(summary?.contains("**Not read:**\n\n- `b`: too large") == true)
    #expect(summary?.contains("**Not heard:**\n\n- No `x`.") == true)
  }

  @Test("No outcome leaves the check pending that its beginning made", arguments: JobKind.started)
  func ends(_ kind: JobKind) throws {
    var fixture = try Self.fixture()
    fixture.kind = kind
    let began = try ForgeComposer(fixture.context()).beginning()
    #expect(began.endedChecks.isEmpty && began.effects.count == 1)
    guard case .forge(.check(let pending)) = began.effects[0] else { return }
    #expect(pending.state == .pending && CheckName.kind(of: pending.name) == kind)
    let name = "\(pending.name) \(pending.head.hex)"
    let outcomes: [Outcome] = [
      .review(ReviewOutcome(findings: [], unread: [], overall: "")), .failed(reason: "x"), .superseded(reason: "x"),
      .resolve(ResolveOutcome(verdict: .conflicts, reason: "x")), .fix(FixOutcome(verdict: .flaky, reason: "x")),
      .attended(AttendOutcome(planned: [], ignored: [])),
    ]
    for (stateHead, isOpen) in [(ForgeFixture.head, true), (ForgeFixture.commit, true), (ForgeFixture.head, false)] {
      (fixture.stateHead, fixture.isOpen) = (stateHead, isOpen)
      for outcome in outcomes {
        let made = try fixture.publication(outcome).publication
        #expect(made.endedChecks == [name])
        if stateHead != ForgeFixture.head || !isOpen { #expect(made.effects.count == 1) }
      }
      #expect(try ForgeComposer(fixture.context()).publication(skippedBecause: "x").publication.endedChecks == [name])
    }
    #expect(try fixture.publication(.failed(reason: "x")).publication.effects.allSatisfy { !Self.isGreen($0) })
  }

  private static func isGreen(_ effect: Effect) -> Bool {
    guard case .forge(.check(let check)) = effect else { return false }
    return check.state == .success
  }

  // MARK: Keys

  private func key(_ source: String = source, line: Int, from old: String? = nil, _ finding: Finding? = nil) throws
    -> String
  {
    let said = try Self.fixture(source, from: old).review([finding ?? ForgeFixture.finding(line...line)])
    return try #require(said.comments.first).key
  }

  @Test("A key outlives other lines, other blanks, other words and another model, and nothing else")
  func keys() throws {
    let key = try key(line: 5)
    #expect(key.hasPrefix("finding/"))
    let moved = Self.source.replacing("func load", with: "/// A comment.\nlet other = 1\n\nfunc load")
    #expect(try self.key(moved, line: 8) == key)
    let indented = Self.source.replacing(
      "  let file = open(path)\n  return", with: "      let  file = open(path)\n  return")
    #expect(try self.key(indented, line: 5) == key)
    #expect(try self.key(line: 5, ForgeFixture.finding(5...6, title: "Other", severity: .error)) == key)
    #expect(try self.key(line: 5, ForgeFixture.finding(5...5, source: "model:other")) == key)
    #expect(try self.key(line: 5, ForgeFixture.finding(5...5, source: "secret")) != key)
    #expect(try self.key(line: 4) != key)
    // The same line in another function.
    #expect(try self.key(line: 10) != key)
    // A renamed file keeps its name in the base.
    var renamed = try Self.fixture(Self.source, from: "old.swift")
    let first = try #require(renamed.review([ForgeFixture.finding(5...5)]).comments.first)
    let before = Self.source
    renamed = try Self.fixture(before)
    renamed.diff.files[0].new?.path = try ForgeFixture.path("old.swift")
    renamed.diff.files[0].old?.path = try ForgeFixture.path("old.swift")
    renamed.contents = [try ForgeFixture.path("old.swift"): Array(before.utf8)]
    #expect(try renamed.review([ForgeFixture.finding(5...5, in: "old.swift")]).comments.first?.key == first.key)
  }

  @Test("What would have one key is numbered")
  func numbers() throws {
    let source = Self.source.replacing("  let first = path\n", with: "  let file = open(path)\n")
    let findings = try [4, 5].map { try ForgeFixture.finding($0...$0) }
    let keys = try Self.fixture(source).review(findings).comments.map(\.key)
    #expect(keys.count == 2 && keys[1] == keys[0] + ".2")
    #expect(keys.compactMap(FindingKey.init).map(\.text) == keys)
  }

  @Test("Nothing is told twice; what a person settled stays so; what Arborist settled is told once more")
  func threads() throws {
    var fixture = try Self.fixture()
    let finding = try ForgeFixture.finding(5...5)
    let told = try fixture.review([finding])
    fixture.comments = try Self.posted(told.comments)
    let again = try fixture.review([finding])
    #expect(again.comments.isEmpty && again.settled.isEmpty)
    #expect(again.summary?.contains(": 0 new, 1 said before.") == true)
    // The same marker by somebody else is nothing.
    fixture.comments[0].author = ForgeFixture.alice
    #expect(try fixture.review([finding]).comments.count == 1)
    fixture.comments = try Self.posted(told.comments, isSettled: true)
    #expect(try fixture.review([finding]).comments.isEmpty)
    fixture.comments = try Self.posted(told.comments, isSettled: nil)
    #expect(try fixture.review([finding]).comments.isEmpty)
  }

  @Test("A thread is settled when its code is gone, and not because a review is silent")
  func gone() throws {
    var fixture = try Self.fixture()
    let finding = try ForgeFixture.finding(5...5)
    let told = try fixture.review([finding])
    let key = try #require(told.comments.first).key
    let comments = try Self.posted(told.comments)
    fixture.comments = comments
    let silent = try fixture.review([])
    #expect(silent.settled.isEmpty)
    // Nor is it green, until somebody settles the thread or the code is another one.
    #expect(silent.state == .neutral && silent.summary?.contains("whose code is as it was: 1.") == true)
    var settledByPerson = fixture
    settledByPerson.comments = try Self.posted(told.comments, isSettled: true)
    #expect(try settledByPerson.review([]).state == .success)
    // Its line is another one; the same line in the other function is not it.
    let mended = Self.source.replacing(
      "  let file = open(path)\n  return", with: "  let file = tryOpen(path)\n  return")
    var after = try Self.fixture(mended)
    after.comments = comments
    let settled = try after.review([])
    #expect(settled.settled == [key] && settled.state == .success)
    #expect(settled.summary?.contains("<!-- arborist:settled/\(key) -->") == true)
    // Files that are not in the change any more, and files that nobody could read.
    after.diff = Diff()
    #expect(try after.review([]).settled == [key])
    after = try Self.fixture(mended)
    (after.comments, after.contents) = (comments, [:])
    #expect(try after.review([]).settled.isEmpty)
    // A forge without settling is told of it in the summary.
    after = try Self.fixture(mended)
    (after.comments, after.settles) = (comments, false)
    let said = try after.review([])
    #expect(said.settled.isEmpty && said.summary?.contains("code that is gone: 1.") == true)

    // It comes back.
    fixture.comments = try Self.posted(told.comments, isSettled: true)
    fixture.comments.append(try ForgeFixture.posted("summary", settled.summary ?? ""))
    let back = try fixture.review([finding])
    #expect(back.comments.map(\.key) == [key + "-again"])
    fixture.comments += try Self.posted(back.comments, isSettled: true)
    fixture.comments[1].body = "<!-- arborist:summary -->\n" + (back.summary ?? "")
    #expect(try fixture.review([finding]).comments.isEmpty)
  }

  // MARK: What has no line

  @Test("What has no line is in the summary with a link, and what is shortened says so")
  func left() throws {
    let fixture = try Self.fixture()
    let findings = try [
      ForgeFixture.finding(3...4, in: "b/c d.swift", title: "Elsewhere"), ForgeFixture.finding(0...0, severity: .error),
      ForgeFixture.finding(11...40, suggestion: "x"),
    ]
    let said = try fixture.review(findings)
    let summary = try #require(said.summary)
    let page = "https://forge.example/o/r/blob/\(ForgeFixture.head.hex)"
    #expect(
      summary.contains(
        """
        Not on a line that the change shows:

        - **error** [`a.swift`](\(page)/a.swift): It is wrong: Because of `that`.
        - **warning** [`b/c d.swift:3-4`](\(page)/b/c%20d.swift#L3-L4): Elsewhere: Because of `that`.
        """))
    #expect(said.comments.count == 1)
    #expect(said.comments.first?.body.contains("It speaks of lines 11 to 40") == true)
    #expect(said.comments.first?.suggestion == nil)
  }

  @Test("A review that finds very much stays below the forge's limit, and says what it leaves out")
  func much() throws {
    let fixture = try Self.fixture()
    let findings = try (1...2_000).map {
      try ForgeFixture.finding($0...$0, in: "b", title: String(repeating: "<@a>", count: 200), severity: .error)
    }
    let said = try fixture.review(findings + [ForgeFixture.finding(5...5)])
    let summary = try #require(said.summary)
    #expect(summary.utf8.count < 65_000 && said.comments.count == 1)
    #expect(summary.contains("more: "))
    let many = try (3...11).flatMap { line in try (1...10).map { try ForgeFixture.finding(line...line, title: "\($0)") }
    }
    let told = try fixture.review(many + [ForgeFixture.finding(12...12, title: "The one", severity: .error)])
    #expect(told.comments.count == 40 && told.comments.contains { $0.body.contains("The one") })
    #expect(told.summary?.contains(": 40 new, 0 said before.") == true)
  }

  // MARK: Suggestions

  private func suggestion(_ text: String?, _ lines: ClosedRange<Int> = 5...5, source: String = source) throws
    -> [String]?
  {
    let said = try Self.fixture(source).review([ForgeFixture.finding(lines, suggestion: text)])
    return try #require(said.comments.first).suggestion
  }

  @Test("A suggestion is offered where it applies, changes something and leaves the file whole")
  func suggestions() throws {
    #expect(try suggestion("  let file = tryOpen(path)\n") == ["  let file = tryOpen(path)"])
    #expect(try suggestion("") == [], "the line is to go")
    #expect(try suggestion("  a()\n  b()", 5...6) == ["  a()", "  b()"])
    #expect(try suggestion(nil) == nil)
    #expect(try suggestion("  let file = open(path)") == nil)
    #expect(try suggestion("  let file = open(path") == nil)
    #expect(try suggestion("  if true {") == nil)
    #expect(try suggestion("<<<<<<< a") == nil)
    #expect(try suggestion("  let a = \"\u{202e}\"") == nil)
    #expect(try suggestion("/arborist fix") == nil)
    #expect(try suggestion("// <!-- arborist:summary -->") == nil)
    #expect(try suggestion(String(repeating: "x\n", count: 200)) == nil)
    #expect(try suggestion("  x", source: Self.source.replacing("open(path)", with: "open(path)\r")) == nil)
    var fixture = try Self.fixture()
    let finding = try ForgeFixture.finding(5...5, suggestion: "  x()")
    #expect(try fixture.review([finding]).comments.first?.suggestion == ["  x()"])
    fixture.hasSuggestions = false
    #expect(try fixture.review([finding]).comments.first?.suggestion == nil)
    fixture = try Self.fixture()
    fixture.contents = [:]
    #expect(try fixture.review([finding]).comments.first?.suggestion == nil)
  }

  @Test("Links lead to the file at the commit, on every forge")
  func pages() throws {
    let path = try ForgeFixture.path("a b/c#.swift")
    let id = ForgeFixture.head
    let expected: [(ForgeName, String, String)] = [
      (.github, "/blob/\(id.hex)/a%20b/c%23.swift#L2-L4", "/commit/\(id.hex)"),
      (.gitlab, "/-/blob/\(id.hex)/a%20b/c%23.swift#L2-4", "/-/commit/\(id.hex)"),
      (.gitea, "/src/commit/\(id.hex)/a%20b/c%23.swift#L2-L4", "/commit/\(id.hex)"),
    ]
    for (forge, file, commit) in expected {
      let repository = try #require(ForgeRepository(forge: forge, id: 1, path: "o/r"))
      let pages = try #require(ForgePages(of: repository, gitAddress: "http://127.0.0.1:3000/git/o/r.git"))
      #expect(pages.file(path, at: id, from: 2, through: 4).text == "http://127.0.0.1:3000/git/o/r" + file)
      #expect(pages.commit(id).text == "http://127.0.0.1:3000/git/o/r" + commit)
      for wrong in ["https://forge.example/other/r.git", "ssh://forge.example/o/r.git", "https://x/a?b/o/r.git"] {
        #expect(ForgePages(of: repository, gitAddress: wrong) == nil, "\(wrong)")
      }
    }
  }

  @Test("The files that are needed are those of findings and of own threads")
  func wanted() throws {
    var fixture = try Self.fixture()
    fixture.comments = [try ForgeFixture.posted("finding/0123456789abcdef/012345", path: "a.swift", isSettled: false)]
    #expect(try ForgeComposer.wantedFiles(for: nil, fixture.context()) == [ForgeFixture.path("a.swift")])
    fixture.comments = []
    #expect(try ForgeComposer.wantedFiles(for: nil, fixture.context()) == [])
    let findings = try [ForgeFixture.finding(5...5), ForgeFixture.finding(5...5, in: "b")]
    let outcome = Outcome.review(ReviewOutcome(findings: findings, unread: [], overall: ""))
    #expect(try ForgeComposer.wantedFiles(for: outcome, fixture.context()) == [ForgeFixture.path("a.swift")])
  }
}
