import Base
import Forges
import Publish
import Templates
import Testing
import Work

@Suite("The one summary of a pull request")
struct ForgeSummaryTests {
  private func summary(
    _ outcome: Outcome, _ kind: JobKind, on body: String? = nil, by author: ForgeActor = ForgeFixture.me
  ) throws -> String {
    var fixture = ForgeFixture()
    fixture.kind = kind
    fixture.comments = try body.map { [try ForgeFixture.posted("summary", $0, by: author)] } ?? []
    return try #require(Said(try fixture.publication(outcome)).summary)
  }

  private func review(_ overall: String = "Nothing found.") -> Outcome {
    .review(ReviewOutcome(findings: [], unread: [], overall: overall))
  }

  private let fix = Outcome.fix(FixOutcome(verdict: .flaky, reason: "It comes and goes."))
  private let conflicts = Outcome.resolve(ResolveOutcome(verdict: .conflicts, reason: "Both changed it."))

  @Test("Each kind of job writes its own section and leaves those of the others, whatever the order")
  func sections() throws {
    let first = try summary(fix, .fix)
    let second = try summary(review(), .review, on: first)
    let third = try summary(conflicts, .resolve, on: second)
    for text in ["It comes and goes.", "Nothing found.", "Both changed it."] { #expect(third.contains(text)) }
    let order = ["Nothing found.", "Both changed it.", "It comes and goes."].map {
      third.firstRange(of: $0)?.lowerBound
    }
    #expect(order.compactMap(\.self) == order.compactMap(\.self).sorted() && order.count == 3)
    let fourth = try summary(review("Another word."), .review, on: third)
    #expect(fourth.contains("Another word.") && !fourth.contains("Nothing found."))
    #expect(fourth.contains("It comes and goes.") && fourth.contains("Both changed it."))
    // Writing the same again leaves the same.
    #expect(try summary(review("Another word."), .review, on: fourth) == fourth)
    // A failure takes the place of what is said of its kind.
    let failed = try summary(.failed(reason: "No disk."), .fix, on: fourth)
    #expect(failed.contains("No disk.") && !failed.contains("It comes and goes.") && failed.contains("Another word."))
  }

  @Test("What a forge does to the ends of lines does not matter")
  func ends() throws {
    let first = try summary(fix, .fix)
    let changed = first.replacing("\n", with: " \r\n") + "\r\n\r\n"
    #expect(try summary(review(), .review, on: changed) == summary(review(), .review, on: first))
  }

  @Test("Words that somebody put into a section are not said in Arborist's name, and the section says that it is gone")
  func edited() throws {
    let first = try summary(fix, .fix)
    let edited = first.replacing("It comes and goes.", with: "@all look at https://evil.example")
    let second = try summary(review(), .review, on: edited)
    #expect(!second.contains("@all") && !second.contains("evil.example"))
    #expect(second.contains("had been edited by somebody else"))
    // The next job of the kind writes it anew.
    #expect(try !summary(fix, .fix, on: second).contains("had been edited"))
    // Words outside of every section are nobody's.
    #expect(try !summary(review(), .review, on: "Hello\n" + first + "\nhello").lowercased().contains("hello"))
    // Of another account's comment nothing is taken.
    #expect(try !summary(review(), .review, on: first, by: ForgeFixture.alice).contains("It comes"))
  }

  @Test("Where not all has room the newest stays, and what had none is named")
  func room() throws {
    func long(_ word: String) -> FixOutcome {
      var outcome = FixOutcome(verdict: .notFixed, reason: "Still red.")
      outcome.notes = (0..<60).map { _ in String(repeating: word, count: 400 / word.count) }
      outcome.red = (0..<20).map { _ in
        RedTest(name: String(repeating: word, count: 390), message: [], places: [])
      }
      outcome.sealedChange = (0..<60).map { _ in String(repeating: word, count: 100 / word.count) }
      return outcome
    }
    func review(_ count: Int) throws -> Outcome {
      let unread = try (0..<count).map {
        Unread(
          path: try ForgeFixture.path("\($0)" + String(repeating: "p", count: 380)),
          reason: String(repeating: "r", count: 390))
      }
      return .review(ReviewOutcome(findings: [], unread: unread, overall: "Nothing found."))
    }
    var resolve = ResolveOutcome(verdict: .conflicts, reason: "Both changed it.")
    resolve.concerns = (0..<60).map { _ in String(repeating: "c", count: 390) }
    let hunk = ResolvedHunk(by: "a", reason: String(repeating: "h", count: 390), startLine: 1, lines: [])
    resolve.files = try (0..<8).map { number in
      ConflictedFile(
        path: try ForgeFixture.path("\(number)"), kind: .content, conflicts: 1,
        resolved: Array(repeating: hunk, count: 8))
    }
    var body: String?
    for (outcome, kind) in [
      (Outcome.fix(long("f")), JobKind.fix), (.resolve(resolve), .resolve), (try review(30), .review),
      (.fix(long("g")), .fix),
    ] {
      let text = try summary(outcome, kind, on: body)
      #expect(text.utf8.count <= 65_000)
      body = text
    }
    #expect(body?.contains("ggg") == true && body?.contains("fff") == false)
    #expect(body?.contains("had no room beside the rest") == true)
  }

  @Test("Every template of a forge is whole, with everything in it and with nothing")
  func templates() throws {
    for message in ForgeMessage.allCases {
      _ = try message.render([:])
      let text = try message.render([
        "head": "HEAD", "title": "TITLE", "hasBody": true, "body": "BODY", "pending": ["head": "HEAD"],
        "reason": "REASON", "word": "WORD", "kind": "KIND",
      ])
      #expect(!text.contains("{{") && !text.hasSuffix("\n"))
    }
  }
}

@Suite("Answers to commands")
struct CommandReplyTests {
  private func answer(
    _ reply: CommandReply, _ word: CommentCommand.Word = .review, there: [PostedComment] = [], secrets: [String] = [],
    comment: Int64 = 77, ordinal: Int = 1, event: String = "gitea:A_1"
  ) throws -> Answer? {
    var fixture = ForgeFixture()
    fixture.secrets = secrets
    let context = try fixture.context()
    let replies = CommandReplies(
      pages: context.pages, account: context.account, comments: there, secrets: context.secrets)
    let command = CommentCommand(number: 5, word: word, comment: comment, thread: "t", ordinal: ordinal)
    let repository = try #require(ForgeRepository(forge: .gitea, id: 7, path: "o/r"))
    let happening = ForgeHappening(repository: repository, actor: ForgeFixture.alice, kind: .command(command))
    let event = Event(
      id: event, repository: repository.name, actor: "alice", time: Timestamp(seconds: 0), kind: .forge(happening))
    let effect = try replies.answer(reply, to: command, by: ForgeFixture.alice, in: event)
    guard case .answer(let answer) = effect else { return nil }
    return answer
  }

  @Test("Each has its words, in the thread of the command")
  func words() throws {
    let expected: [(CommandReply, String)] = [
      (.refused, "Thank you; `review` is for people who may write to this repository, so nothing was done."),
      (
        .unasked,
        "Thank you; the forge did not say just now whether you may use `review` here, so nothing was done. "
          + "Please try again later."
      ), (.unknown, "There is no command `review` here; `/arborist help` lists those that there are."),
      (
        .noQuestion,
        "A question is missing: it goes behind the word, as in `/arborist ask why is the lock taken twice here?`"
      ),
      (.started(.fix, head: ForgeFixture.head), "The fix of `11111111` begins."),
      (.standing(.fix, head: ForgeFixture.head), "The fix of `11111111` is under way already."),
      (.stopped("the review"), "Stopped: the review."), (.nothingToStop, "Nothing is at work on this pull request."),
      (
        .nothingToUndo,
        "Arborist has pushed nothing to this branch that is still there, so there is nothing to take back."
      ), (.unavailable("no model"), "`review` cannot be done here now: no model"),
      (.answer("Ask @alice:\n\n- `x`"), "Ask `@alice`:\n\n- `x`"),
    ]
    for (reply, text) in expected {
      let answer = try #require(try answer(reply))
      #expect(answer.body == text && answer.thread == "t" && answer.comment == 77)
    }
    let run = try #require(RunID("0123456789abcdef"))
    let undo = UndoOutcome(run: run, commit: nil, reason: "Taken back.", left: ["Look at #3"])
    #expect(try answer(.undone(undo))?.body == "Taken back.\n\nLeft to a person:\n\n- Look at `#3`")
    let help = try #require(try answer(.help)).body
    for word in CommentCommand.Word.names { #expect(help.contains("`/arborist \(word)")) }
    #expect(help.split(separator: "\n").allSatisfy { !$0.hasPrefix("/") })
  }

  @Test(
    "What is no command as it stands is told what was most likely meant",
    arguments: [
      ("hlep", "no command `hlep` here; perhaps `/arborist help` is meant; `/arborist help` lists"),
      ("Reviews", "no command `Reviews` here; perhaps `/arborist review` is meant; "),
      ("fxi it now", "no command `fxi it now` here; perhaps `/arborist fix` is meant; "),
      ("Fix now please", "`Fix now please` was not obeyed: `/arborist fix` takes nothing behind it."),
      // The control: what is like none of them names none.
      ("dance", "no command `dance` here; `/arborist help` lists"),
      ("refix", "no command `refix` here; `/arborist help`"),
    ])
  func nearest(word: String, words: String) throws {
    #expect(try answer(.unknown, .unknown(word))?.body.contains(words) == true)
  }

  @Test("Each command of a comment has an answer of its own")
  func ordinals() throws {
    let first = try #require(try answer(.unknown))
    let second = try #require(try answer(.unknown, there: [ForgeFixture.posted(first.key)], ordinal: 2))
    #expect(second.key != first.key && HiddenMarker.isKey(second.key))
    let there = [try ForgeFixture.posted(first.key), try ForgeFixture.posted(second.key)]
    #expect(try answer(.unknown, there: there, ordinal: 2) == nil)
  }

  @Test("A command is answered once, and who may not is told once in all")
  func once() throws {
    let first = try #require(try answer(.nothingToStop))
    #expect(try answer(.nothingToStop, there: [ForgeFixture.posted(first.key)]) == nil)
    #expect(try answer(.nothingToStop, there: [ForgeFixture.posted(first.key, by: ForgeFixture.alice)]) != nil)
    #expect(try answer(.nothingToStop, there: [ForgeFixture.posted("answer/78")]) != nil)
    let begun = try #require(try answer(.started(.undo, head: ForgeFixture.head)))
    #expect(try answer(.nothingToUndo, there: [ForgeFixture.posted(begun.key)]) != nil)
    let refused = try #require(try answer(.refused))
    #expect(refused.key == "refused/1")
    #expect(try answer(.refused, .fix, there: [ForgeFixture.posted(refused.key)]) == nil)
    // That the forge did not say it is another matter: told of each command, and not without end.
    var there: [PostedComment] = [try ForgeFixture.posted(refused.key)]
    for comment in 1...3 {
      let unasked = try #require(try answer(.unasked, there: there, comment: Int64(comment)))
      #expect(unasked.key == "unasked/1/\(comment)" && HiddenMarker.isKey(unasked.key))
      there.append(try ForgeFixture.posted(unasked.key))
      #expect(try answer(.unasked, there: there, comment: Int64(comment)) == nil)
      // A command that is obeyed later is answered.
      #expect(try answer(.started(.fix, head: ForgeFixture.head), there: there, comment: Int64(comment)) != nil)
    }
    #expect(try answer(.unasked, there: there, comment: 4) == nil)
    #expect(try answer(.refused, there: Array(there.dropFirst())) != nil)
  }

  @Test("Commands in the texts of reviews, which have no number, are each answered, and once")
  func numberless() throws {
    func key(_ reply: CommandReply, _ event: String, there: [String] = []) throws -> String? {
      try answer(reply, there: try there.map { try ForgeFixture.posted($0) }, comment: 0, event: event)?.key
    }
    let first = try #require(try key(.help, "gitea:A_1"))
    let second = try #require(try key(.help, "gitea:A_2", there: [first]))
    #expect(first != second && HiddenMarker.isKey(first) && HiddenMarker.isKey(second))
    #expect(try key(.help, "gitea:A_1", there: [first, second]) == nil)
    #expect(try key(.help, "gitea:A_2", there: [first, second]) == nil)
    let begun = try #require(try key(.started(.fix, head: ForgeFixture.head), "gitea:A_1", there: [first]))
    #expect(begun != first && HiddenMarker.isKey(begun))
  }

  @Test("A word that is none is repeated as code, and a secret never")
  func foreign() throws {
    let body = try #require(try answer(.unknown, .unknown("`@bob\n/close"))).body
    #expect(body == "There is no command `` `@bob /close `` here; `/arborist help` lists those that there are.")
    let token = "Zk3vQ9xT7bLm2Rw8"
    #expect(try answer(.answer("It is \(token)."))?.body.contains(token) == true)
    let stopped = try answer(.answer("It is \(token)."), secrets: [token])
    #expect(stopped?.body.contains("so it was stopped") == true && stopped?.body.contains(token) == false)
  }
}
