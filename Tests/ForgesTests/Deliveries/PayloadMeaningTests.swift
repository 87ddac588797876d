import Base
import DeliveryTrials
import Forges
import Testing
import Work

private let oldID = String(repeating: "1", count: 40)
private let newID = String(repeating: "2", count: 40)
private let repository = #""repository":{"id":7,"full_name":"o/r"}"#
private let sender = #""sender":{"id":3,"login":"ada","type":"User"}"#
private let project = #""project":{"id":7,"path_with_namespace":"g/s/r"}"#
private let user = #""user":{"id":3,"username":"ada"}"#

private func read(_ forge: ForgeName, _ event: String, _ members: String, app: Int64? = nil) -> WebhookReading {
  let place = forge == .gitlab ? "\(project),\(user)" : "\(repository),\(sender)"
  return SampleDelivery(name: "", forge: forge, event: event, body: Array("{\(members),\(place)}".utf8))
    .readSigned(app: app)
}

private func happening(_ reading: WebhookReading) -> ForgeHappening? {
  if case .forge(let happening)? = reading.event?.kind { happening } else { nil }
}

private func reason(_ reading: WebhookReading) -> String? {
  if case .ignored(let name, let reason) = reading.outcome { "\(name): \(reason)" } else { nil }
}

private func id(_ hex: String) -> ObjectID { ObjectID(hex: hex) ?? .zero }

/// What the events mean that the test data has no examples of.
@Suite struct PayloadMeaningTests {
  // MARK: - Changes

  @Test func gitHubsEditsAreRetargetingsOrWords() {
    let request = #""pull_request":{"number":5,"head":{"sha":"\#(newID)","repo":null}}"#
    let moved = read(.github, "pull_request", #""action":"edited","changes":{"base":{"ref":{"from":"x"}}},"# + request)
    #expect(
      happening(moved)?.kind == .change(ChangeNotice(action: .retargeted, number: 5, head: id(newID))))
    let words = read(.github, "pull_request", #""action":"edited","changes":{"title":{"from":"x"}},"# + request)
    #expect(reason(words) == "github pull_request edited: only its words changed")
  }

  @Test func forksAreNamedWhereTheyAreGiven() {
    for (source, fork) in [
      (#"{"id":9,"full_name":"eve/r"}"#, "eve/r"), (#"{"id":7,"full_name":"o/r"}"#, nil), ("null", nil),
      (#"{"id":9,"full_name":"eve/../r"}"#, nil),
    ] {
      for (forge, action) in [(ForgeName.github, "synchronize"), (.gitea, "synchronized")] {
        let reading = read(
          forge, "pull_request",
          #""action":"\#(action)","pull_request":{"number":5,"head":{"sha":"\#(newID)","repo":\#(source)}}"#)
        #expect(
          happening(reading)?.kind
            == .change(ChangeNotice(action: .updated, number: 5, head: id(newID), fork: fork)))
      }
    }
  }

  @Test(arguments: [
    (#"{"title":{"from":"WIP: x"}}"#, "x", "ready"), (#"{"title":{"from":"x"}}"#, "[wip] x", "drafted"),
    (#"{"title":{"from":"WIP: x"}}"#, "wip: y", nil), (#"{"title":{"from":"x"}}"#, "y", nil),
    (#"{"ref":{"from":"main"}}"#, "y", "retargeted"), (#"{"body":{"from":"x"}}"#, "WIP: y", nil), ("null", "y", nil),
  ])
  func giteasEdits(changes: String, title: String, action: String?) {
    let reading = read(
      .gitea, "pull_request",
      #""action":"edited","changes":\#(changes),"pull_request":{"number":5,"title":"\#(title)"}"#)
    #expect(
      happening(reading)?.kind
        == action.flatMap(ChangeNotice.Action.init).map { .change(ChangeNotice(action: $0, number: 5, head: nil)) })
    #expect((reason(reading) != nil) == (action == nil))
  }

  @Test(arguments: [
    (#""oldrev":"x""#, "{}", "updated"), (#""x":0"#, #"{"labels":{"previous":[],"current":[{"id":1}]}}"#, "labelled"),
    (#""x":0"#, #"{"labels":{"previous":[{"id":1},{"id":2}],"current":[{"id":1}]}}"#, "unlabelled"),
    (#""x":0"#, #"{"labels":{"previous":[{"id":1}],"current":[{"id":2}]}}"#, "labelled"),
    (#""x":0"#, #"{"target_branch":{"previous":"a","current":"b"},"draft":{"current":true}}"#, "retargeted"),
    (#""x":0"#, #"{"draft":{"previous":true,"current":false}}"#, "ready"),
    (#""x":0"#, #"{"work_in_progress":{"previous":false,"current":true}}"#, "drafted"),
    (#""x":0"#, #"{"title":{"previous":"a","current":"b"}}"#, nil), (#""x":0"#, "{}", nil), (#""x":0"#, "null", nil),
  ])
  func gitLabsUpdates(attribute: String, changes: String, action: String?) {
    let reading = read(
      .gitlab, "Merge Request Hook",
      #""object_kind":"merge_request","changes":\#(changes),"object_attributes":{"action":"update","iid":5,"#
        + #""last_commit":{"id":"\#(newID)"},"source_project_id":9,"target_project_id":7,"#
        + #""source":{"path_with_namespace":"eve/r"},\#(attribute)}"#)
    #expect(
      happening(reading)?.kind
        == action.flatMap(ChangeNotice.Action.init).map {
          .change(ChangeNotice(action: $0, number: 5, head: id(newID), fork: "eve/r"))
        })
    #expect(action != nil || reason(reading) == "gitlab merge_request update: nothing follows from this")
  }

  @Test func tagsAreNoBranches() {
    for (forge, event) in [(ForgeName.github, "push"), (.gitea, "push"), (.gitlab, "Push Hook")] {
      let kind = forge == .gitlab ? #""object_kind":"push","# : ""
      let move = #""before":"\#(oldID)","after":"\#(newID)""#
      let branch = read(forge, event, #"\#(kind)"ref":"refs/heads/a/b",\#(move)"#)
      #expect(
        happening(branch)?.kind
          == (try? RefName("refs/heads/a/b")).map {
            .branch(RefUpdate(ref: $0, old: id(oldID), new: id(newID)))
          })
      let tag = read(forge, event, #"\#(kind)"ref":"refs/tags/v1",\#(move)"#)
      #expect(reason(tag) == "\(forge.rawValue) push: no branch moved")
      let odd = read(forge, event, #"\#(kind)"ref":"refs/heads/a..b",\#(move)"#)
      #expect(reason(odd) == "\(forge.rawValue) push: 'ref' is no reference")
    }
  }

  // MARK: - Comments

  @Test func commandsOnThePullRequestAsAWhole() {
    let comment = #""action":"created","comment":{"id":11,"user":{"id":3,"login":"ada"},"body":"/arborist fix"}"#
    let command = ForgeHappening.Kind.command(CommentCommand(number: 5, word: .fix, comment: 11))
    let gitHub = #","issue":{"number":5,"pull_request":{"url":""}}"#
    #expect(happening(read(.github, "issue_comment", comment + gitHub))?.kind == command)
    let gitea = #","is_pull":true,"issue":{"number":5}"#
    #expect(happening(read(.gitea, "issue_comment", comment + gitea))?.kind == command)
    let issue = #","is_pull":false,"issue":{"number":5}"#
    #expect(
      reason(read(.gitea, "issue_comment", comment + issue))
        == "gitea issue_comment created: it is not on a pull request")
    for action in ["edited", "deleted"] {
      let later = comment.replacing("created", with: action) + gitHub
      #expect(
        reason(read(.github, "issue_comment", later)) == "github issue_comment \(action): only new comments are read")
    }
    let words = comment.replacing("/arborist fix", with: "please fix") + gitHub
    #expect(reason(read(.github, "issue_comment", words)) == "github issue_comment created: it has no command")
    let another = comment.replacing(#""id":3"#, with: #""id":4"#) + gitHub
    #expect(
      reason(read(.github, "issue_comment", another))
        == "github issue_comment created: who sent it is not who wrote it")
  }

  @Test func severalCommandsOfOneComment() {
    let comment =
      #""action":"created","comment":{"id":11,"user":{"id":3,"login":"ada"},"body":"/arborist review\n\n/arborist fix\n"}"#
    let command = CommentCommand(number: 5, word: .review, comment: 11, rest: [.fix])
    #expect(
      happening(read(.github, "issue_comment", comment + #","issue":{"number":5,"pull_request":{"url":""}}"#))?.kind
        == .command(command))
  }

  @Test func commandsInReviews() {
    let request = #","pull_request":{"number":5}"#
    let gitHub = #""action":"submitted","review":{"id":12,"user":{"id":3},"body":"Hm.\n/arborist resolve"}"#
    #expect(
      happening(read(.github, "pull_request_review", gitHub + request))?.kind
        == .command(CommentCommand(number: 5, word: .resolve, comment: 12)))
    for event in ["pull_request_comment", "pull_request_approved", "pull_request_rejected"] {
      let gitea = #""action":"reviewed","review":{"type":"","content":"/arborist stop"}"#
      #expect(
        happening(read(.gitea, event, gitea + request))?.kind
          == .command(CommentCommand(number: 5, word: .stop, comment: 0)))
    }
  }

  @Test func answersInThreads() {
    func comment(_ body: String, _ more: String = "") -> WebhookReading {
      read(
        .github, "pull_request_review_comment",
        #""action":"created","pull_request":{"number":5},"comment":{"id":11,"user":{"id":3},"body":"\#(body)"\#(more)}"#
      )
    }
    let inReply = #","in_reply_to_id":10"#
    #expect(
      happening(comment("No.", inReply))?.kind
        == .reply(ThreadReply(number: 5, thread: "10", comment: 11, body: "No.")))
    #expect(
      happening(comment("/arborist undo", inReply))?.kind
        == .command(CommentCommand(number: 5, word: .undo, comment: 11, thread: "10")))
    #expect(
      happening(comment("/arborist ask why?"))?.kind
        == .command(CommentCommand(number: 5, word: .ask("why?"), comment: 11, thread: "11")))
    #expect(reason(comment("No.")) == "github pull_request_review_comment created: it has no command")
    #expect(reason(comment(" \\n", inReply)) == "github pull_request_review_comment created: it says nothing")
    let long = comment(String(repeating: "\\u00e4", count: 40_000), inReply)
    guard case .reply(let reply)? = happening(long)?.kind else {
      Issue.record("no reply")
      return
    }
    #expect(reply.body == String(repeating: "ä", count: 32_768))
  }

  private func note(_ attributes: String, more: String = "") -> WebhookReading {
    read(
      .gitlab, "Note Hook",
      #""object_kind":"note","merge_request":{"iid":5},"object_attributes":{"id":11,"noteable_type":"MergeRequest","#
        + #""author_id":3,"discussion_id":"ab12",\#(attributes)}\#(more)"#)
  }

  @Test func gitLabsNotes() {
    let command = #""note":"/arborist help","action":"create""#
    #expect(
      happening(note(command + #","type":null"#))?.kind
        == .command(CommentCommand(number: 5, word: .help, comment: 11)))
    #expect(
      happening(note(command + #","type":"DiffNote""#))?.kind
        == .command(CommentCommand(number: 5, word: .help, comment: 11, thread: "ab12")))
    #expect(
      happening(note(#""note":"No.","type":"DiscussionNote""#))?.kind
        == .reply(ThreadReply(number: 5, thread: "ab12", comment: 11, body: "No.")))
    #expect(reason(note(#""note":"No.","type":null"#)) == "gitlab note: it has no command")
    #expect(reason(note(#""note":"/arborist fix","action":"update""#)) == "gitlab note update: only new notes are read")
    #expect(reason(note(#""note":"/arborist fix","system":true"#)) == "gitlab note: GitLab itself wrote it")
    let confidential = "gitlab note: it is confidential, and an answer would not be"
    #expect(reason(note(#""note":"/arborist fix","internal":true"#)) == confidential)
    #expect(reason(note(#""note":"/arborist fix""#, more: #","event_type":"confidential_note""#)) == confidential)
  }

  // MARK: - Who

  @Test(arguments: [
    (ForgeName.github, #"{"id":1,"login":"ada","type":"User"}"#, false),
    (.github, #"{"id":1,"login":"ada","type":"Bot"}"#, true), (.github, #"{"id":1,"login":"a[bot]"}"#, true),
    (.gitea, #"{"id":1,"login":"ada"}"#, false), (.gitea, #"{"id":-2,"login":"gitea-actions"}"#, true),
    (.gitea, #"{"id":1,"username":"x[bot]"}"#, true), (.gitlab, #"{"id":1,"username":"ada"}"#, false),
    (.gitlab, #"{"id":1,"username":"project_7_bot_1f"}"#, true),
    (.gitlab, #"{"id":1,"username":"group_12_bot"}"#, true),
    (.gitlab, #"{"id":1,"username":"service_account_group_1_a"}"#, true),
    (.gitlab, #"{"id":1,"username":"project_x_bot"}"#, false), (.gitlab, #"{"id":1,"username":"robot"}"#, false),
  ])
  func programsAreKnownAsFarAsTheForgeSays(forge: ForgeName, account: String, isBot: Bool) {
    let place = forge == .gitlab ? #""object_kind":"push",\#(project),"user":"# : #"\#(repository),"sender":"#
    let body = #"{"ref":"refs/heads/a","before":"\#(oldID)","after":"\#(newID)",\#(place)\#(account)}"#
    let event = forge == .gitlab ? "Push Hook" : "push"
    let reading = SampleDelivery(name: "", forge: forge, event: event, body: Array(body.utf8)).readSigned()
    #expect(happening(reading)?.actor?.isBot == isBot)
  }

  @Test func whatAProgramWroteForSomebodyIsAPrograms() {
    for (app, isBot) in [("null", false), (#"{"id":1}"#, true)] {
      let reading = read(
        .github, "issue_comment",
        #""action":"created","issue":{"number":5,"pull_request":{}},"comment":{"id":11,"user":{"id":3},"#
          + #""body":"/arborist fix","performed_via_github_app":\#(app)}"#)
      #expect(happening(reading)?.actor == ForgeActor(id: 3, login: "ada", isBot: isBot))
    }
  }

  @Test func namesAreFitToBeShown() {
    let body =
      #"{"ref":"refs/heads/a","before":"\#(oldID)","after":"\#(newID)",\#(repository),"#
      + #""sender":{"id":3,"login":"a\u001b[2J\u202e"}}"#
    let event = SampleDelivery(name: "", forge: .github, event: "push", body: Array(body.utf8)).readSigned().event
    #expect(event?.actor == "a\\u{1B}[2J\\u{202E}")
    let odd = read(.github, "x\u{1B}]0;\u{7}y", #""action":"\u202e/""#)
    #expect(reason(odd) == "github x??0??y ????: events of this name are not read")
  }
}
