import Base
import Forges
import Policy
import Publish
import Templates
import Testing
import Work

@Suite("What is published for an outcome, word for word")
struct ComposerTests {
  static let head = ObjectID(bytes: Array(repeating: 0x11, count: 20)) ?? .zero
  static let base = ObjectID(bytes: Array(repeating: 0x22, count: 20)) ?? .zero
  static let first = ObjectID(bytes: Array(repeating: 0x33, count: 20)) ?? .zero
  static let merge = ObjectID(bytes: Array(repeating: 0x44, count: 20)) ?? .zero
  static let identity = BotIdentity(name: "Arborist", email: "bot@example.com")

  func context(
    _ kind: JobKind, branch: String = "refs/heads/topic", unverified: RepositoryConfiguration.UnverifiedTarget = .side,
    hasRequest: Bool = true, comments: [Appraise.Comment] = []
  ) throws -> PublicationContext {
    let request = PullRequest(
      repository: "/srv/x.git", branch: try RefName(branch), base: try RefName("refs/heads/main"))
    let job = Job(
      kind: kind, pullRequest: request, head: Self.head, against: Self.base, event: "d#0",
      time: Timestamp(seconds: 1_700_000_000))
    return PublicationContext(
      job: job, baseTip: Self.base, firstCommit: Self.first, subject: "Add a thing", hasRequest: hasRequest,
      comments: comments, identity: Self.identity, unverified: unverified)
  }

  func path(_ text: String) throws -> RepositoryPath { try #require(RepositoryPath(text)) }

  func finding(
    _ id: String = "00112233aabbccdd", path name: String = "src/a.py", line: Int = 7, side: Finding.Side = .head
  ) throws -> Finding {
    Finding(
      id: id, path: try path(name), startLine: line, endLine: line, side: side, quote: "x", title: "A secret",
      body: "It is in the history now.\nRevoke it.", severity: .error, source: "secret")
  }

  /// The comments in the discuss notes of a publication, with what else is to be done.
  func comments(_ publication: Publication) throws -> [Appraise.Comment] {
    let effect = try #require(publication.effects.last)
    guard case .note(.discuss, Self.first, let lines) = effect else { return [] }
    return lines.flatMap { Appraise.comments(in: Array($0.utf8)) }
  }

  static func lines(_ comment: Appraise.Comment) -> [Int]? {
    comment.location.range.map { [$0.startLine, $0.endLine] }
  }

  // MARK: Reviews

  @Test("A review is a summary, a comment on each finding, and what was not read")
  func review() throws {
    let outcome = ReviewOutcome(
      findings: [try finding()], unread: [Unread(path: try path("big.bin"), reason: "it is binary")],
      overall: "1 finding in 1 of 2 files.")
    let publication = try Composer(context(.review)).publication(for: .review(outcome))
    #expect(publication.effects.count == 1)
    let comments = try comments(publication)
    #expect(
      comments.map(\.description) == [
        """
        Arborist read 11111111 against main. 1 finding in 1 of 2 files.

        Not read:
        - `big.bin`: it is binary
        """,
        """
        error: A secret

        It is in the history now.
        Revoke it.

        [secret 00112233aabbccdd]
        """,
      ])
    #expect(comments.map(\.resolved) == [nil, false])
    #expect(comments.map(\.author) == ["bot@example.com", "bot@example.com"])
    #expect(comments.map(\.location.commit) == [Self.head.hex, Self.head.hex])
    #expect(comments.map(\.location.path) == [nil, "src/a.py"])
    #expect(comments.last.map(Self.lines) == [7, 7])
    #expect(comments.allSatisfy { $0.v == 0 && $0.timestamp == "1700000000" })
  }

  @Test("A clean review says so and nothing more; the first one also makes the request")
  func cleanReview() throws {
    let outcome = Outcome.review(ReviewOutcome(findings: [], unread: [], overall: "Nothing to say."))
    let publication = try Composer(context(.review, hasRequest: false)).publication(for: outcome)
    #expect(
      publication.effects == [
        .note(
          .reviews, object: Self.first,
          lines: [
            #"{"baseCommit":"\#(Self.base.hex)","description":"Add a thing","requester":"bot@example.com","#
              + #""reviewRef":"refs/heads/topic","reviewers":[],"targetRef":"refs/heads/main","#
              + #""timestamp":"1700000000","v":0}"#
          ]),
        .note(
          .discuss, object: Self.first,
          lines: [
            #"{"author":"bot@example.com","description":"Arborist read 11111111 against main. Nothing to say.","#
              + #""location":{"commit":"\#(Self.head.hex)"},"timestamp":"1700000000","v":0}"#
          ]),
      ])
  }

  @Test("A finding on the file as a whole has no lines, and one on the base is on the base's commit")
  func places() throws {
    let outcome = ReviewOutcome(
      findings: [try finding("a", line: 0), try finding("b", side: .base)], unread: [], overall: "2 findings.")
    let comments = try comments(Composer(context(.review)).publication(for: .review(outcome)))
    #expect(comments.map(Self.lines) == [nil, nil, [7, 7]])
    #expect(comments.map(\.location.commit) == [Self.head.hex, Self.head.hex, Self.base.hex])
  }

  @Test("A finding that Arborist has told is not told again; one that somebody else wrote of is")
  func toldAlready() throws {
    func told(by author: String, _ text: String) -> Appraise.Comment {
      Appraise.Comment(time: Timestamp(seconds: 1), author: author, commit: Self.head, description: text)
    }
    let outcome = Outcome.review(
      ReviewOutcome(
        findings: [try finding("aaaa"), try finding("bbbb"), try finding("cccc")], unread: [], overall: "3 findings."))
    let publication = try Composer(
      context(
        .review,
        comments: [
          told(by: "bot@example.com", "error: x\n\n[secret aaaa]"), told(by: "eve@example.com", "[secret bbbb]"),
          told(by: "bot@example.com", "[secret cccc] and more"),
        ])
    ).publication(for: outcome)
    let markers = try comments(publication).dropFirst().map { $0.description.split(separator: "\n").last }
    #expect(markers == ["[secret bbbb]", "[secret cccc]"])
  }

  // MARK: Merges

  func resolved(_ files: [ConflictedFile]? = nil) throws -> ResolveOutcome {
    let hunks = [
      ResolvedHunk(by: "imports", reason: "merged as a set", startLine: 2, lines: ["import re"]),
      ResolvedHunk(by: "version", reason: "ours is higher", startLine: 9, lines: ["1.3"]),
    ]
    return ResolveOutcome(
      verdict: .resolved, reason: "2 conflicts in 1 file resolved; no test has confirmed it.",
      files: try files ?? [ConflictedFile(path: path("app.py"), kind: .content, conflicts: 2, resolved: hunks)],
      commit: Self.merge)
  }

  @Test("A merge beside the branch: the push, and how to take it over")
  func beside() throws {
    let publication = try Composer(context(.resolve)).publication(for: .resolve(resolved()))
    #expect(
      publication.effects.first
        == .push(
          branch: try RefName("refs/heads/arborist/resolve/topic-11111111"), from: .zero, to: Self.merge))
    #expect(publication.effects.count == 2)
    #expect(
      try comments(publication).map(\.description) == [
        """
        topic conflicts with main (22222222). Arborist resolved 2 conflicts in 1 file; the merge is 44444444 on the \
        branch arborist/resolve/topic-11111111. No test has confirmed it.

        To take it over, after reading it: `git fetch`, then on topic `git merge --ff-only origin/arborist/resolve/topic-11111111`.

        `app.py`
        - line 2: imports: merged as a set
        - line 9: version: ours is higher
        """
      ])
  }

  @Test("A merge on the branch itself")
  func onHead() throws {
    let publication = try Composer(context(.resolve, unverified: .head, hasRequest: false))
      .publication(for: .resolve(resolved()))
    #expect(
      publication.effects.first == .push(branch: try RefName("refs/heads/topic"), from: Self.head, to: Self.merge))
    #expect(publication.effects.count == 3)
    #expect(
      try comments(publication).map(\.description) == [
        """
        topic conflicts with main (22222222). Arborist resolved 2 conflicts in 1 file; the merge is 44444444 on the \
        branch topic. No test has confirmed it.

        `app.py`
        - line 2: imports: merged as a set
        - line 9: version: ours is higher
        """
      ])
  }

  @Test("A merge that is only told of")
  func reported() throws {
    let publication = try Composer(context(.resolve, unverified: .report)).publication(for: .resolve(resolved()))
    #expect(publication.effects.count == 1)
    #expect(
      try comments(publication).map(\.description) == [
        """
        topic conflicts with main (22222222). Arborist can resolve 2 conflicts in 1 file, but `unverified: report` \
        keeps a merge that no test has confirmed from being pushed.

        `app.py`
        - line 2: imports: merged as a set
        - line 9: version: ours is higher
        """
      ])
  }

  @Test("Lines that a resolution leaves out are named with the reason, of many the first")
  func dropped() throws {
    func text(_ count: Int, _ outcome: (ConflictedFile) throws -> ResolveOutcome) throws -> String {
      let drops = (0..<count).map { DroppedLineNote(side: .theirs, line: "old \($0)", reason: "ours is newer") }
      let hunk = ResolvedHunk(by: "version", reason: "higher", startLine: 2, lines: ["new"], dropped: drops)
      let left = LeftHunk(startLine: 5, endLine: 6, reason: "x", base: [], ours: [], theirs: [])
      let file = ConflictedFile(
        path: try path("app.py"), kind: .content, conflicts: 2, resolved: [hunk], left: [left])
      let composer = Composer(try context(.resolve))
      return try comments(composer.publication(for: .resolve(outcome(file)))).map(\.description).joined()
    }
    let verdicts: [(ConflictedFile) throws -> ResolveOutcome] = [
      { try resolved([$0]) }, { ResolveOutcome(verdict: .conflicts, reason: "x", files: [$0]) },
    ]
    for outcome in verdicts {
      let one = try text(1, outcome)
      #expect(one.contains("higher\n  without 1 line that a side added:\n  - of theirs: old 0, because ours is newer"))
      let many = try text(12, outcome)
      #expect(many.contains("without 12 lines") && many.contains("old 9,") && many.contains("  - and 2 more"))
      #expect(!many.contains("old 10,"))
      #expect(try !text(0, outcome).contains("without"), "the control")
    }
  }

  @Test("Conflicts that are left: each place, why, and what could be resolved beside them")
  func conflicts() throws {
    let files = [
      ConflictedFile(
        path: try path("app.py"), kind: .content, conflicts: 2,
        resolved: [ResolvedHunk(by: "imports", reason: "merged as a set", startLine: 2, lines: [])],
        left: [LeftHunk(startLine: 5, endLine: 6, reason: "nobody is sure", base: [], ours: [], theirs: [])]),
      ConflictedFile(
        path: try path("only.py"), kind: .content, conflicts: 1,
        resolved: [
          ResolvedHunk(by: "version", reason: "higher", startLine: 1, lines: [])
        ]),
      ConflictedFile(
        path: try path("gone.txt"), kind: .modifyDelete, conflicts: 1,
        left: [LeftHunk(startLine: 0, endLine: 0, reason: "the base deleted it", base: nil, ours: nil, theirs: nil)]),
    ]
    let outcome = ResolveOutcome(verdict: .conflicts, reason: "2 conflicts in 2 files left to a person.", files: files)
    for unverified in RepositoryConfiguration.UnverifiedTarget.allCases {
      let publication = try Composer(context(.resolve, unverified: unverified)).publication(for: .resolve(outcome))
      #expect(publication.effects.count == 1)
      let comments = try comments(publication)
      #expect(comments.map(\.resolved) == [false])
      #expect(
        comments.map(\.description) == [
          """
          topic conflicts with main (22222222), and 2 conflicts in 2 files left to a person. Nothing was committed.

          `app.py` (content)
          - lines 5 to 6: nobody is sure
          - line 2 could be resolved: imports: merged as a set

          `gone.txt` (modify/delete)
          - the file: the base deleted it
          """
        ])
    }
  }

  @Test("Nothing to do, and no end, is not written about", arguments: [true, false])
  func silent(_ isUpToDate: Bool) throws {
    let merge = ResolveOutcome(verdict: isUpToDate ? .upToDate : .clean, reason: "x")
    for outcome in [.resolve(merge), .failed(reason: "x"), .superseded(reason: "x")] as [Outcome] {
      let publication = try Composer(context(.resolve, hasRequest: false)).publication(for: outcome)
      #expect(publication.effects.isEmpty)
    }
  }

  // MARK: Hostile words

  @Test("Nothing that a branch or a file is called reaches a terminal as an order")
  func hostile() throws {
    let name: [UInt8] = Array("a\u{1B}[2J\u{202E}\r`{{x}}&<b>".utf8) + [0xff, 0x0a, 0x07]
    let path = try #require(RepositoryPath(name))
    let branch = "refs/heads/t\u{202E}\u{9B}31m\u{200B}&<b>{{x}}`"
    let hunk = ResolvedHunk(by: "imports", reason: "x", startLine: 1, lines: [])
    let left = LeftHunk(startLine: 1, endLine: 1, reason: "x", base: nil, ours: nil, theirs: nil)
    let outcomes: [Outcome] = [
      .review(
        ReviewOutcome(
          findings: [
            Finding(
              id: "a", path: path, startLine: 1, endLine: 1, quote: "", title: "t", body: "b", severity: .note,
              source: "secret")
          ], unread: [Unread(path: path, reason: "r")], overall: "o")),
      .resolve(try resolved([ConflictedFile(path: path, kind: .content, conflicts: 1, resolved: [hunk])])),
      .resolve(
        ResolveOutcome(
          verdict: .conflicts, reason: "x",
          files: [ConflictedFile(path: path, kind: .content, conflicts: 2, resolved: [hunk], left: [left])])),
    ]
    for outcome in outcomes {
      for unverified in RepositoryConfiguration.UnverifiedTarget.allCases {
        let context = try context(.resolve, branch: branch, unverified: unverified, hasRequest: false)
        let publication = try Composer(context).publication(for: outcome)
        for case .note(_, _, let lines) in publication.effects {
          for line in lines { #expect(line.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }, "one line, no raw control") }
        }
        for comment in try comments(publication) {
          #expect(
            comment.description.unicodeScalars.allSatisfy { scalar in
              scalar == "\n"
                || (scalar.properties.generalCategory != .control && scalar.properties.generalCategory != .format)
            }, "\(comment.description.debugDescription)")
          // The name is shown as it is otherwise: no escapes for a browser, nothing put in for its braces.
          #expect(!comment.description.contains("&amp;") && !comment.description.contains("&lt;"))
        }
      }
    }
    // The control: the name is really in there.
    let text = try comments(Composer(context(.resolve)).publication(for: outcomes[1])).map(\.description).joined()
    #expect(text.contains(#"a\u{1B}[2J\u{202E}\r`{{x}}&<b>\xff\n\u{7}"#), "\(text)")
  }

  @Test("Every message takes its values and leaves no tag behind", arguments: Message.allCases)
  func messages(_ message: Message) throws {
    let hunks: [[String: Any]] = [["line": 3, "lines": "LINES", "by": "BY", "reason": "WHY", "place": "PLACE"]]
    let files: [[String: Any]] = [["path": "PATH", "kind": "KIND", "hunks": hunks, "resolved": hunks]]
    let unread: [[String: Any]] = [["path": "PATH", "reason": "WHY"]]
    let values: [String: Any] = [
      "branch": "BRANCH", "base": "BASE", "baseTip": "TIP", "count": "COUNT", "files": files, "target": "TARGET",
      "commit": "COMMIT", "beside": true, "head": "HEAD", "overall": "OVERALL", "hasUnread": true, "unread": unread,
      "severity": "SEVERITY", "title": "TITLE", "body": "BODY", "marker": "MARKER", "kind": "KIND",
      "reason": "WHY", "failures": [["kind": "KIND", "name": "NAME", "detail": ["DETAIL"]] as [String: Any]],
      "conflicted": true, "verdict": "VERDICT", "hasSealed": true, "sealed": ["SEALED"], "hasRed": true,
      "red": [["name": "NAME", "line": "LINE", "atBase": true] as [String: Any]], "offer": "OFFER", "notes": ["NOTE"],
      "culprit": [
        "parts": [
          [
            "explanation": "EXPLANATION", "firstBad": "FIRST",
            "hunks": [["path": "PATH", "line": 3, "lines": ["LINE"]] as [String: Any]],
          ] as [String: Any]
        ]
      ] as [String: Any], "hasSaid": true, "said": ["SAID"], "left": "LEFT",
      "open": ["why": "OPEN", "notes": ["POINT"]] as [String: Any], "what": "WHAT", "cause": "CAUSE", "model": "MODEL",
      "summary": ["SUMMARY"],
      "verified": "VERIFIED", "explanation": "EXPLANATION", "run": "RUN", "from": "FROM", "to": "TO", "merge": true,
      "hunks": [["path": "PATH", "line": 3, "lines": ["LINE"]] as [String: Any]], "more": 2, "confirmed": "CONFIRMED",
    ]
    let text = try message.render(values)
    #expect(!text.contains("{{") && !text.contains("}}") && !text.contains("CONTENT_TYPE"))
    let expected: [String] =
      switch message {
      case .resolveCommit: ["BRANCH", "BASE", "COUNT", "PATH", "LINES", "BY", "WHY"]
      case .reviewSummary: ["HEAD", "BASE", "OVERALL", "PATH", "WHY"]
      case .finding: ["SEVERITY", "TITLE", "BODY", "MARKER"]
      case .resolved:
        ["BRANCH", "BASE", "TIP", "COUNT", "COMMIT", "TARGET", "CONFIRMED", "PATH", "line 3", "BY", "WHY"]
      case .conflicts: ["BRANCH", "BASE", "TIP", "COUNT", "PATH", "KIND", "PLACE", "line 3", "BY", "WHY"]
      case .reported: ["BRANCH", "BASE", "TIP", "COUNT", "PATH", "line 3", "BY", "WHY"]
      case .failed: ["KIND", "BRANCH", "HEAD", "WHY"]
      case .broken: ["BRANCH", "BASE", "TIP", "WHY", "NAME", "PATH", "line 3", "BY"]
      case .fix:
        [
          "BRANCH", "HEAD", "VERDICT", "WHY", "COMMIT", "TARGET", "NAME", "SEALED", "EXPLANATION", "LINE", "SAID",
          "BASE",
        ]
      case .repairCommit:
        ["WHAT", "NAME", "HEAD", "BRANCH", "CAUSE", "MODEL", "SUMMARY", "VERIFIED", "LEFT", "OPEN", "POINT"]
      case .partialRevertCommit:
        ["WHAT", "NAME", "HEAD", "BRANCH", "EXPLANATION", "PATH", "line 3", "LINE", "VERIFIED", "LEFT"]
      case .undoCommit: ["RUN", "BRANCH", "FROM", "TO", "merge"]
      }
    for word in expected { #expect(text.contains(word), "\(word)") }
    let commits: Set<Message> = [.resolveCommit, .repairCommit, .partialRevertCommit, .undoCommit]
    #expect(text.hasSuffix("\n") == commits.contains(message))
  }
}
