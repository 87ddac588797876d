import Base
import Forges
import Git
import Publish
import Testing
import Work

@Suite("What is said on a forge of merges and repairs")
struct ForgeCommitTests {
  private func fix(_ verdict: FixOutcome.Verdict = .fixed, _ offer: FixOutcome.Offer? = .repair) -> FixOutcome {
    var outcome = FixOutcome(verdict: verdict, reason: "The red test is green.")
    (outcome.commit, outcome.offer) = (offer == nil ? nil : ForgeFixture.commit, offer)
    outcome.red = [RedTest(name: "LoadTests.load", message: [], places: [], isAtBase: true)]
    return outcome
  }

  private func fixture(_ kind: JobKind = .fix) throws -> ForgeFixture {
    var fixture = try ForgeReviewTests.fixture()
    fixture.kind = kind
    let patch =
      "@@ -4,3 +4,4 @@\n   let first = path\n-  let file = open(path)\n+  let file = try?Open(path)\n+  log()\n   return file"
    fixture.offered = Diff(files: [try ForgeFixture.file("a.swift", patch)])
    return fixture
  }

  private func side(_ kind: String) throws -> Effect {
    .push(branch: try RefName("refs/heads/arborist/\(kind)/topic-11111111"), from: .zero, to: ForgeFixture.commit)
  }

  private func own() throws -> Effect {
    .push(branch: try RefName("refs/heads/topic"), from: ForgeFixture.head, to: ForgeFixture.commit)
  }

  @Test("A repair is pushed as the plan for bare repositories says, and told in the summary")
  func repair() throws {
    let said = Said(try fixture().publication(.fix(fix())))
    #expect(try said.pushes == [own()] && said.state == .success && said.comments.isEmpty)
    guard case .push = try #require(said.publication.effects.first) else {
      Issue.record("the push is not first")
      return
    }
    // The head that Arborist makes has the check too, since nobody works on that head again.
    #expect(said.checks.map(\.head) == [ForgeFixture.head, ForgeFixture.commit])
    let summary = try #require(said.summary)
    #expect(summary.contains("### Tests at `11111111`: `fixed`"))
    #expect(summary.contains("The repair is [`44444444`](https://forge.example/o/r/commit/"))
    #expect(summary.contains("- `LoadTests.load` (at the base too)"))
    #expect(!summary.contains("as a patch"))
    let beside = Said(try fixture().publication(.fix(fix(.notFixed, .partialRevert))))
    #expect(try beside.pushes == [side("fix")] && beside.state == .failure)
    #expect(beside.summary?.contains("A partial revert is") == true)
  }

  @Test("The summary of a repair that is pushed shows its lines, once, or its files where there are many")
  func change() throws {
    var fixture = try fixture()
    let few = try #require(Said(try fixture.publication(.fix(fix()))).summary)
    #expect(few.contains("on the branch `topic`.\n\nWhat it changes:\n\n\(Self.patch)\n\nRed:"))
    // Where it is not pushed it is the patch, and that once.
    fixture.refusal = PushRefusal(branch: try RefName("refs/heads/topic"), reason: "a hook")
    let refused = try #require(Said(try fixture.publication(.fix(fix()))).summary)
    #expect(refused.ranges(of: Self.patch).count == 1 && !refused.contains("What it changes:"))
    fixture.refusal = nil
    // What a partial revert takes back is told as the cause.
    let revert = try #require(Said(try fixture.publication(.fix(fix(.notFixed, .partialRevert)))).summary)
    #expect(!revert.contains("```diff"))

    func patch(_ lines: Int, _ text: String = "x") -> String {
      "@@ -0,0 +1,\(lines) @@\n" + (1...lines).map { "+\($0) \(text)" }.joined(separator: "\n")
    }
    let key = "AKIA" + "Z7QPLM3NVX2RTKWB"
    fixture.offered = Diff(files: [try ForgeFixture.file("a.swift", patch(57, "```"))])
    let sixty = try #require(Said(try fixture.publication(.fix(fix()))).summary)
    #expect(sixty.contains("+57 ```\n````") && !sixty.contains("It changes"))
    fixture.offered = Diff(files: [try ForgeFixture.file("a.swift", patch(1, key))])
    let secret = try #require(Said(try fixture.publication(.fix(fix()))).summary)
    #expect(secret.contains("+1 AKIA…[20 characters]") && !secret.contains(key))
    // One of our own that is taken out keeps nothing else from being told.
    fixture.offered = Diff(files: [try ForgeFixture.file("a.swift", "@@ -1,1 +1,1 @@\n-hunter2hunter2\n+b")])
    fixture.secrets = ["hunter2hunter2"]
    let gone = Said(try fixture.publication(.fix(fix())))
    #expect(gone.stopped.isEmpty && gone.summary?.contains("The repair is") == true)
    #expect(gone.summary?.contains("What it changes") == false)
    fixture.secrets = []
    fixture.offered = Diff(files: [try ForgeFixture.file("a.swift", patch(58))])
    let many = try #require(Said(try fixture.publication(.fix(fix()))).summary)
    #expect(many.contains("It changes one file:\n\n- `a.swift`: 58 lines added, 0 taken out\n\nRed:"))
    fixture.offered = Diff(files: try (1...25).map { try ForgeFixture.file("\($0)", patch(30)) })
    let files = try #require(Said(try fixture.publication(.fix(fix()))).summary)
    #expect(files.contains("It changes 25 files:") && files.contains("- `20`: 30") && files.contains("- … and 5 more"))
    #expect(!files.contains("- `21`"))
    fixture.offered = Diff(files: [try ForgeFixture.file("a.swift", patch(2, String(repeating: "y", count: 4_000)))])
    #expect(Said(try fixture.publication(.fix(fix()))).summary?.contains("It changes one file:") == true)
  }

  @Test("Without the right to push there are suggestions and a patch, in a fork and elsewhere")
  func patch() throws {
    var fixture = try fixture()
    fixture.allowsPush = false
    // A branch beside one that is closed is another one.
    let beside = Said(try fixture.publication(.fix(fix(.notFixed, .partialRevert))))
    #expect(try beside.pushes == [side("fix")])
    for fork in [nil, "alice/r"] {
      fixture.fork = fork
      let said = Said(try fixture.publication(.fix(fix())))
      #expect(said.pushes.isEmpty && said.state == .neutral)
      #expect(said.comments.map(\.suggestion) == [["  let file = try?Open(path)", "  log()"]])
      #expect(said.comments.map(\.anchor.startLine) == [5] && said.comments[0].key.hasPrefix("offer/"))
      let summary = try #require(said.summary)
      #expect(summary.contains(fork == nil ? "may not push to this branch" : "may not push to the branch of this fork"))
      #expect(
        summary.contains(
          """
          ```diff
          --- a/a.swift
          +++ b/a.swift
          @@ -4,3 +4,4 @@
             let first = path
          -  let file = open(path)
          +  let file = try?Open(path)
          +  log()
             return file
          ```
          """))
      // Told once.
      var again = fixture
      again.comments = try ForgeReviewTests.posted(said.comments)
      #expect(Said(try again.publication(.fix(fix()))).comments.isEmpty)
    }
  }

  private static let patch = """
    ```diff
    --- a/a.swift
    +++ b/a.swift
    @@ -4,3 +4,4 @@
       let first = path
    -  let file = open(path)
    +  let file = try?Open(path)
    +  log()
       return file
    ```
    """

  @Test("A push that the forge refused is told with its reason, as a patch and as suggestions")
  func refusedPush() throws {
    var fixture = try fixture()
    let branch = try RefName("refs/heads/topic")
    fixture.refusal = PushRefusal(branch: branch, reason: "remote: <b>no</b> @alice")
    let said = Said(try fixture.publication(.fix(fix())))
    #expect(said.pushes.isEmpty && said.state == .neutral)
    #expect(said.comments.map(\.suggestion) == [["  let file = try?Open(path)", "  log()"]])
    let summary = try #require(said.summary)
    #expect(
      summary.contains(
        "The push to `topic` was refused: remote: &lt;b&gt;no&lt;/b&gt; `@alice`\n\nSo here is the change as a patch, and"
      ))
    #expect(summary.contains(Self.patch) && !summary.contains("The repair is"))
    // The summary stands under the head that is there, and not under one that never came.
    let heads = said.publication.effects.compactMap { effect -> [ObjectID]? in
      if case .forge(.summary(_, let heads)) = effect { heads } else { nil }
    }
    #expect(heads == [[ForgeFixture.head]])

    var merging = try self.fixture(.resolve)
    merging.refusal = PushRefusal(branch: try RefName("refs/heads/arborist/resolve/topic-11111111"), reason: "a hook")
    for reach in [MergeReach.branch, .beside] {
      let merge = Said(try merging.publication(.resolve(merge(.resolved, reach: reach))))
      #expect(merge.pushes.isEmpty && merge.state == .neutral && merge.comments.isEmpty)
      let summary = try #require(merge.summary)
      #expect(summary.contains("was refused: a hook") && summary.contains(Self.patch))
      #expect(!summary.contains("It is on a branch of its own") && !summary.contains("The merge is"))
    }
    // Control: without a refusal both are pushed.
    (fixture.refusal, merging.refusal) = (nil, nil)
    #expect(try Said(fixture.publication(.fix(fix()))).pushes == [own()])
    #expect(try Said(merging.publication(.resolve(merge(.resolved, reach: .branch)))).pushes == [own()])
  }

  @Test("What is not pushed because two went out before is told as a patch")
  func afterTwo() throws {
    var fixture = try fixture()
    fixture.earlierPushes = 1
    #expect(try Said(fixture.publication(.fix(fix()))).pushes == [own()])
    fixture.earlierPushes = 2
    let said = Said(try fixture.publication(.fix(fix())))
    #expect(said.pushes.isEmpty && said.state == .neutral)
    #expect(said.comments.map(\.suggestion) == [["  let file = try?Open(path)", "  log()"]])
    let summary = try #require(said.summary)
    #expect(summary.contains("2 commits went out for this failure before, so 44444444 is not pushed"))
    #expect(summary.contains("\n\nHere is the change as a patch") && summary.contains(Self.patch))

    var merging = try self.fixture(.resolve)
    merging.earlierPushes = 2
    var outcome = try merge(.resolved, reach: .branch)
    #expect(try Said(merging.publication(.resolve(outcome))).pushes == [own()])
    outcome.repair = fix()
    let merge = Said(try merging.publication(.resolve(outcome)))
    #expect(merge.pushes.isEmpty && merge.state == .neutral && merge.comments.isEmpty)
    #expect(merge.summary?.contains(Self.patch) == true)
  }

  @Test("What was taken back is not said to be there any more, and the rest of the summary stays")
  func takenBack() throws {
    let by = ComposerTests.base
    let branch = try RefName("refs/heads/topic")
    for (kind, outcome) in [
      (JobKind.fix, Outcome.fix(fix())), (.resolve, .resolve(try merge(.resolved, reach: .branch))),
    ] {
      var fixture = try fixture(kind)
      let takenBack = TakenBack(branch: branch, commit: ForgeFixture.commit, by: by, left: ["Mind @alice."])
      // Nothing speaks of it.
      #expect(
        try ForgeComposer(fixture.context()).publication(for: outcome, takenBack: takenBack).publication.effects == [])
      let told = try #require(Said(try fixture.publication(outcome)).summary)
      #expect(told.contains("on the branch `topic`"))
      fixture.comments = [try ForgeFixture.posted("summary", told)]
      var other = try self.fixture(kind == .fix ? .resolve : .fix)
      other.comments = fixture.comments
      let rest = try #require(Said(try other.publication(.failed(reason: "No disk."))).summary)
      fixture.comments = [try ForgeFixture.posted("summary", rest)]
      fixture.stateHead = ForgeFixture.commit
      let made = try ForgeComposer(fixture.context()).publication(for: outcome, takenBack: takenBack)
      guard case .forge(.summary(let body, let heads)) = try #require(made.publication.effects.first) else {
        Issue.record("there is no summary")
        return
      }
      #expect(made.publication.effects.count == 1 && heads == [ForgeFixture.commit, by])
      #expect(body.contains("**Taken back:** the \(kind == .fix ? "repair" : "merge") was [`44444444`]"))
      #expect(body.contains("[`\(by.short)`](https://forge.example/o/r/commit/\(by.hex)) took it back."))
      #expect(body.contains("Mind `@alice`."))
      #expect(!body.contains("The repair is") && !body.contains("The merge is"))
      #expect(body.contains("No disk."))
    }
  }

  @Test("In a fork nothing but the pull request's own branch is pushed, however much is allowed")
  func forks() throws {
    var fixture = try fixture()
    fixture.fork = "alice/r"
    #expect(try Said(fixture.publication(.fix(fix()))).pushes == [own()])
    let beside = Said(try fixture.publication(.fix(fix(.notFixed, .partialRevert))))
    #expect(beside.pushes.isEmpty && beside.summary?.contains("as a patch") == true)
    // A fork's own main branch is nobody's but people's, though its owner lets maintainers push.
    fixture.isForkClosed = true
    let closed = Said(try fixture.publication(.fix(fix())))
    #expect(closed.pushes.isEmpty && closed.state == .neutral && closed.summary?.contains("as a patch") == true)
    fixture.isForkClosed = false
    fixture.fork = nil
    #expect(try Said(fixture.publication(.fix(fix(.notFixed, .partialRevert)))).pushes == [side("fix")])
  }

  @Test("How a repair ends is how its check ends")
  func fixChecks() throws {
    let expected: [FixOutcome.Verdict: CheckReport.State] = [
      .fixed: .success, .nothingToFix: .success, .fixedWithTestChange: .neutral, .flaky: .neutral,
      .infrastructure: .neutral, .notFixed: .failure, .regressed: .failure, .tampered: .failure,
    ]
    for verdict in FixOutcome.Verdict.allCases {
      let offer: FixOutcome.Offer? = verdict == .fixed || verdict == .fixedWithTestChange ? .repair : nil
      #expect(Said(try fixture().publication(.fix(fix(verdict, offer)))).state == expected[verdict], "\(verdict)")
    }
  }

  // MARK: Merges

  private func merge(_ verdict: ResolveOutcome.Verdict, reach: MergeReach? = nil) throws -> ResolveOutcome {
    var outcome = ResolveOutcome(verdict: verdict, reason: "Both sides changed it.")
    outcome.commit = verdict == .resolved ? ForgeFixture.commit : nil
    outcome.reach = reach
    let left = LeftHunk(startLine: 4, endLine: 6, reason: "two names", base: nil, ours: nil, theirs: nil)
    let hunk = ResolvedHunk(by: "imports", reason: "both lists", startLine: 1, lines: [])
    outcome.files = [
      ConflictedFile(
        path: try ForgeFixture.path("a.swift"), kind: .content, conflicts: 2, resolved: [hunk],
        left: verdict == .conflicts ? [left] : [])
    ]
    return outcome
  }

  @Test("A merge goes where the plan says, and its check is green only where nothing is left")
  func merges() throws {
    func said(_ verdict: ResolveOutcome.Verdict, _ reach: MergeReach? = nil) throws -> Said {
      Said(try fixture(.resolve).publication(.resolve(merge(verdict, reach: reach))))
    }
    let onBranch = try said(.resolved, .branch)
    #expect(try onBranch.pushes == [own()] && onBranch.state == .success)
    let beside = try said(.resolved, .beside)
    #expect(try beside.pushes == [side("resolve")] && beside.state == .neutral)
    #expect(beside.summary?.contains("- line 1: `imports`: both lists") == true)
    #expect(beside.summary?.contains("It is on a branch of its own") == true)
    let conflicts = try said(.conflicts)
    #expect(conflicts.pushes.isEmpty && conflicts.state == .failure)
    #expect(conflicts.summary?.contains("- lines 4 to 6 are left to a person: two names") == true)
    for verdict in [ResolveOutcome.Verdict.broken, .semanticConflict] { #expect(try said(verdict).state == .failure) }
    for verdict in [ResolveOutcome.Verdict.clean, .upToDate] {
      let quiet = try said(verdict)
      #expect(quiet.state == .success && quiet.summary == nil)
    }
  }

  @Test("That a conflict is gone is told where it was told")
  func cleared() throws {
    var fixture = try fixture(.resolve)
    let before = Said(try fixture.publication(.resolve(merge(.conflicts))))
    fixture.comments = [try ForgeFixture.posted("summary", try #require(before.summary))]
    let after = try #require(Said(try fixture.publication(.resolve(merge(.clean)))).summary)
    #expect(after.contains("`clean`") && !after.contains("`conflicts`"))
  }

  @Test("A merge that may not be pushed is a patch, without suggestions")
  func mergePatch() throws {
    var fixture = try fixture(.resolve)
    fixture.allowsPush = false
    let said = Said(try fixture.publication(.resolve(merge(.resolved, reach: .branch))))
    #expect(said.pushes.isEmpty && said.comments.isEmpty && said.state == .neutral)
    #expect(said.summary?.contains("so here is the change as a patch:") == true)
  }

  @Test("What models and tests said does nothing, and stays below the limit")
  func foreign() throws {
    var outcome = fix(.notFixed, nil)
    outcome.reason = "/close <!-- arborist:summary --> @alice"
    outcome.notes = ["![x](https://evil.example/x)"]
    outcome.sealedChange = ["+```", "+<!-- arborist:end/fix -->"] + (1...5_000).map { "+line \($0)" }
    outcome.red = (1...3_000).map { RedTest(name: "`@bob` \($0)", message: [], places: []) }
    let lines = CulpritNoteLines(
      path: try ForgeFixture.path("a\nb"), startLine: 1, endLine: 2,
      lines: (1...900).map { "-\($0)\(String(repeating: "x", count: 400))" })
    outcome.culprit = CulpritNote(
      hunks: Array(repeating: lines, count: 40), firstBad: nil, explanation: "#12", isMinimal: true, testRuns: 1)
    let summary = try #require(Said(try fixture().publication(.fix(outcome))).summary)
    #expect(summary.utf8.count < 65_000)
    #expect(summary.contains("\\/close &lt;!-- arborist:summary --&gt; `@alice`"))
    #expect(summary.contains("- \\[image: x\\]") && summary.contains("`` `@bob` 1 ``") && summary.contains("`#12`"))
    #expect(summary.components("<!-- arborist:end/fix -->") == 1)
  }
}

extension String {
  /// How often a text stands in it.
  fileprivate func components(_ text: String) -> Int { ranges(of: text).count }
}
