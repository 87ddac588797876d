import Base
import Forges
import Publish
import Testing
import Work

@Suite("What a pull request shows of conflicts that are left")
struct ConflictBlocksTests {
  private func hunk(_ line: Int = 4, _ lines: Int = 1, mark: String = "") -> LeftHunk {
    func side(_ name: String) -> [String] { (1...lines).map { "\(name) \($0)\(mark)" } }
    return LeftHunk(
      startLine: line, endLine: line + lines - 1, reason: "two names", base: side("was"), ours: side("mine"),
      theirs: side("yours"))
  }

  private func summary(_ hunks: [LeftHunk], secrets: [String] = [], files: Int = 1) throws -> String {
    var fixture = try ForgeReviewTests.fixture()
    (fixture.kind, fixture.secrets) = (.resolve, secrets)
    var outcome = ResolveOutcome(verdict: .conflicts, reason: "1 conflict left to a person.")
    outcome.files = try (0..<files).map {
      ConflictedFile(
        path: try ForgeFixture.path("a\($0).swift"), kind: .content, conflicts: hunks.count, left: hunks)
    }
    let said = Said(try fixture.publication(.resolve(outcome)))
    // The same conflict is the same comment.
    #expect(Said(try fixture.publication(.resolve(outcome))).summary == said.summary)
    #expect(said.state == .failure || !said.stopped.isEmpty)
    return try #require(said.summary)
  }

  @Test("The three sides stand in one block, with what each is and the commits behind it")
  func sides() throws {
    var hunk = hunk(mark: " @alice")
    hunk.commits = PlaceCommits(
      ours: [CommitNote(id: ForgeFixture.head, subject: "Name it `x` for #3")],
      theirs: [CommitNote(id: ForgeFixture.commit, subject: "Name it y")])
    let summary = try summary([hunk])
    #expect(summary.contains("- lines 4 to 4 are left to a person: two names"))
    #expect(summary.contains("as `topic` has it, the branch of this pull request; as it was before"))
    #expect(summary.contains("as `main` has it, the branch that it goes to."))
    #expect(
      summary.contains(
        """

        **`a0.swift`**, lines 4 to 4

        ```
        <<<<<<< topic
        mine 1 @alice
        ||||||| before
        was 1 @alice
        =======
        yours 1 @alice
        >>>>>>> main
        ```

        - changed on `topic` by [`11111111`](https://forge.example/o/r/commit/\(ForgeFixture.head.hex)) \
        ``Name it `x` for #3``
        - changed on `main` by [`44444444`](https://forge.example/o/r/commit/\(ForgeFixture.commit.hex)) `Name it y`

        """))
    // Of what both sides added there is nothing before.
    hunk.base = nil
    let added = try self.summary([hunk])
    #expect(!added.contains("||||||| before") && added.contains("mine 1 @alice\n=======\nyours 1 @alice"))
  }

  @Test("What was proposed is shown with why it was not taken")
  func proposals() throws {
    var hunk = hunk()
    hunk.candidates = [
      CandidateLines(by: "tokens", reason: "both edits", startLine: 4, endLine: 4, lines: ["mine and yours"]),
      CandidateLines(by: "order", reason: "both lines", startLine: 4, endLine: 3, lines: ["yours 1"]),
    ]
    hunk.answers = [
      UnusedAnswer(state: .refused, model: "x/y", reason: "a line of ours is gone", lines: ["yours 1"]),
      UnusedAnswer(state: .abstained, model: "x/y", reason: "it cannot tell"),
      UnusedAnswer(state: .accepted, model: "x/z", reason: "both are kept", lines: []),
    ]
    let summary = try summary([hunk])
    #expect(
      summary.contains(
        "Proposed by the model `x/y`, and refused: a line of ours is gone\n\n```\nyours 1\n```\n\nThe model `x/y` could"
      ))
    #expect(summary.contains("The model `x/y` could not tell: it cannot tell\n\nProposed by the model `x/z`"))
    #expect(summary.contains("keeps the merge from being made: both are kept\n\n```\n(nothing)\n```"))
    #expect(summary.contains("Proposed by `tokens` for lines 4 to 4, and not taken, since what it proposes is not"))
    #expect(summary.contains("unseen: both edits\n\n```\nmine and yours\n```"))
    // The fifth has no room, and is counted.
    #expect(!summary.contains("`order`") && summary.contains("… and 1 more proposals"))
    hunk.answers = nil
    #expect(try self.summary([hunk]).contains("Proposed by `order` to go in before line 4, and not taken"))
    var whole = LeftHunk(startLine: 0, endLine: 0, reason: "deleted", base: nil, ours: nil, theirs: nil)
    #expect(try !self.summary([whole]).contains("What is left"))
    whole.proposal = DeletionProposal(
      action: .delete, reason: "delete it: nothing refers to it", lost: ["-a", "+b"], lostMore: 3, cosmetic: nil,
      references: [])
    let deletion = try self.summary([whole])
    #expect(deletion.contains("#### What is left\n\n\n**`a0.swift`**") || deletion.contains("**`a0.swift`**\n"))
    #expect(deletion.contains(": delete it: nothing refers to it\n\n```diff\n-a\n+b\n… 3 more lines\n```"))
    #expect(!deletion.contains("The sides of each place"))
  }

  @Test("Long sides are cut each for itself, and of many conflicts six are shown and the rest counted")
  func bounds() throws {
    let long = try summary([hunk(4, 41)])
    for side in ["mine", "was", "yours"] {
      #expect(long.contains("\(side) 40\n… 1 more lines\n") && !long.contains("\(side) 41"))
    }
    #expect(try !summary([hunk(4, 40)]).contains("more lines"))
    let many = try summary((1...8).map { hunk($0 * 10) })
    #expect(many.ranges(of: "<<<<<<< topic").count == 6 && many.contains("… and 2 more that are not shown in full"))
    #expect(many.contains("- lines 80 to 80 are left") && !many.contains("more places are left"))
    #expect(try summary((1...30).map { hunk($0 * 10) }).contains("- … and 10 more places are left to a person"))
    let wide = try summary([hunk(mark: String(repeating: "ä", count: 5_000))])
    #expect(wide.contains("ä … ") && wide.contains(" more bytes\n=======") && wide.contains("yours 1ä"))
    // Whatever there is, the comment has room, and says what it leaves out.
    let huge = try summary((1...40).map { hunk($0 * 90, 80, mark: String(repeating: "`", count: 300)) }, files: 40)
    #expect(huge.utf8.count < 65_000 && huge.contains("not shown in full here"))
  }

  @Test("No line of a side ends its block, is a command or a marker, or shows a secret")
  func foreign() throws {
    var hunk = hunk()
    let key = "AKIA" + "Z7QPLM3NVX2RTKWB"
    hunk.ours = ["````", "<!-- arborist:end/resolve -->", "/arborist fix", "<img src=x>", "let key = \"\(key)\""]
    hunk.candidates = [
      CandidateLines(by: "tokens", reason: "![x](https://evil.example/x)", startLine: 4, endLine: 4, lines: ["```"])
    ]
    let summary = try summary([hunk])
    #expect(summary.contains("\n`````\n<<<<<<< topic\n````\n") && summary.contains(">>>>>>> main\n`````\n"))
    #expect(summary.contains("\n````\n```\n````"))
    #expect(summary.ranges(of: "<!-- arborist:end/resolve -->").count == 1 && summary.contains("\n /arborist fix"))
    #expect(!summary.contains(key) && summary.contains("AKIA…[20 characters]") && summary.contains("[image: x"))
    // A secret of the server's own stops the whole of it; control: another one does not.
    hunk.theirs = ["token = hunter2hunter2"]
    #expect(try self.summary([hunk]).contains("hunter2hunter2"))
    #expect(try !self.summary([hunk], secrets: ["hunter2hunter2"]).contains("hunter2hunter2"))
  }
}
