import Base
import DeliveryTrials
import Forges
import Testing
import Work

private let head = String(repeating: "2", count: 40)

private func read(_ forge: ForgeName, _ event: String, _ members: String, app: Int64? = nil) -> WebhookReading {
  let place =
    forge == .gitlab
    ? #""project":{"id":7,"path_with_namespace":"g/r"}"# : #""repository":{"id":7,"full_name":"g/r"}"#
  return SampleDelivery(name: "", forge: forge, event: event, body: Array("{\(members),\(place)}".utf8))
    .readSigned(app: app)
}

private func kind(_ reading: WebhookReading) -> ForgeHappening.Kind? {
  if case .forge(let happening)? = reading.event?.kind { happening.kind } else { nil }
}

private func reason(_ reading: WebhookReading) -> String? {
  if case .ignored(let name, let reason) = reading.outcome { "\(name): \(reason)" } else { nil }
}

private func failed(_ check: String, _ numbers: [Int] = []) -> ForgeHappening.Kind? {
  ObjectID(hex: head).map { .failed(FailedCheck(head: $0, numbers: numbers, check: check)) }
}

private func rerun(_ job: JobKind?, _ numbers: [Int] = []) -> ForgeHappening.Kind? {
  ObjectID(hex: head).map { .rerun(RerunRequest(head: $0, numbers: numbers, kind: job)) }
}

/// Checks, pipelines, workflows and statuses: which failed, and which are to be done again.
@Suite struct CheckPayloadTests {
  private func run(_ action: String, _ conclusion: String, name: String = "lint", more: String = "") -> WebhookReading {
    read(
      .github, "check_run",
      #""action":"\#(action)","check_run":{"name":"\#(name)","head_sha":"\#(head)","conclusion":"\#(conclusion)"\#(more)}"#
    )
  }

  @Test func whatFailedIsReported() {
    for conclusion in ["failure", "timed_out", "startup_failure"] {
      #expect(kind(run("completed", conclusion)) == failed("lint"))
    }
    for conclusion in ["success", "neutral", "cancelled", "skipped", "stale", "action_required"] {
      #expect(
        reason(run("completed", conclusion)) == "github check_run completed \(conclusion): nothing failed")
    }
    #expect(reason(run("created", "failure")) == "github check_run created: it is not over")
  }

  /// GitHub lists what the commit is the head of, wherever that is to be merged; for forks it lists nothing.
  @Test func pullRequestsOfOtherRepositoriesDoNotCount() {
    let list =
      #","pull_requests":[{"number":5,"base":{"repo":{"id":7}}},{"number":6,"base":{"repo":{"id":8}}},"#
      + #"{"number":5},{"number":9},{"number":0},{"number":"x"},7]"#
    #expect(kind(run("completed", "failure", more: list)) == failed("lint", [5, 9]))
    #expect(kind(run("completed", "failure", more: #","pull_requests":[]"#)) == failed("lint"))
  }

  @Test func ownChecksAreKnownByTheirNames() {
    guard case .failed(let own)? = kind(run("completed", "failure", name: "arborist/review")),
      case .failed(let other)? = kind(run("completed", "failure", name: "arborists/review"))
    else {
      Issue.record("nothing failed")
      return
    }
    #expect(own.isOwn)
    #expect(!other.isOwn)
  }

  @Test func ownSuitesAreNobodysFailure() {
    let suite =
      #""action":"completed","check_suite":{"head_sha":"\#(head)","conclusion":"failure","app":{"id":4,"name":"CI"}}"#
    #expect(kind(read(.github, "check_suite", suite)) == failed("CI"))
    #expect(kind(read(.github, "check_suite", suite, app: 5)) == failed("CI"))
    #expect(
      reason(read(.github, "check_suite", suite, app: 4))
        == "github check_suite completed failure: they are our own checks")
  }

  @Test func ownChecksAreDoneAgain() {
    #expect(kind(run("rerequested", "failure", name: "arborist/fix")) == rerun(.fix))
    #expect(kind(run("rerequested", "", name: "arborist/all")) == rerun(nil))
    #expect(reason(run("rerequested", "")) == "github check_run rerequested: it is no check of ours")
    #expect(
      reason(run("rerequested", "", name: "arborist/attend"))
        == "github check_run rerequested: such jobs are not started so")
    let suite =
      #""action":"rerequested","check_suite":{"head_sha":"\#(head)","app":{"id":4},"pull_requests":[{"number":5}]}"#
    #expect(kind(read(.github, "check_suite", suite)) == rerun(nil, [5]))
    #expect(kind(read(.github, "check_suite", suite, app: 4)) == rerun(nil, [5]))
    #expect(
      reason(read(.github, "check_suite", suite, app: 5))
        == "github check_suite rerequested: they are no checks of ours")
  }

  @Test func actionsOfOwnChecksAreAskedFor() {
    func requested(_ identifier: String, name: String = "arborist/review") -> WebhookReading {
      read(
        .github, "check_run",
        #""action":"requested_action","requested_action":{"identifier":"\#(identifier)"},"#
          + #""check_run":{"name":"\#(name)","head_sha":"\#(head)"}"#)
    }
    #expect(kind(requested("fix")) == rerun(.fix))
    #expect(reason(requested("undo")) == "github check_run requested_action: such jobs are not started so")
    #expect(reason(requested("lgtm")) == "github check_run requested_action: it is no action of ours")
    #expect(reason(requested("fix", name: "lint")) == "github check_run requested_action: it is no check of ours")
  }

  @Test func statusesAndWorkflows() {
    for forge in [ForgeName.github, .gitea] {
      let name = forge.rawValue
      for (state, isFailure) in [("failure", true), ("error", true), ("success", false), ("pending", false)] {
        let status = read(forge, "status", #""sha":"\#(head)","state":"\#(state)","context":"ci/x""#)
        #expect(kind(status) == (isFailure ? failed("ci/x") : nil))
        #expect(isFailure || reason(status) == "\(name) status \(state): nothing failed")
      }
      let run = #""workflow":{"name":"Tests"},"workflow_run":{"name":"","head_sha":"\#(head)","conclusion":"failure"}"#
      #expect(kind(read(forge, "workflow_run", #""action":"completed","# + run)) == failed("Tests"))
      #expect(
        reason(read(forge, "workflow_run", #""action":"in_progress","# + run))
          == "\(name) workflow_run in_progress: it is not over")
    }
    let run = #""action":"completed","workflow_run":{"head_sha":"\#(head)","conclusion":"failure","path":"t.yml@main"}"#
    #expect(kind(read(.gitea, "workflow_run", run + #","pull_request":{"number":5}"#)) == failed("t.yml@main", [5]))
  }

  /// Forgejo puts everything into the run, the repository as well.
  @Test func forgejosRuns() {
    func delivery(_ action: String) -> WebhookReading {
      let body =
        #"{"action":"\#(action)","run":{"commit_sha":"\#(head)","workflow_id":"ci.yml","#
        + #""repository":{"id":7,"full_name":"g/r"},"trigger_user":{"id":3,"login":"ada"}}}"#
      return SampleDelivery(name: "", forge: .gitea, event: "action_run_failure", body: Array(body.utf8)).readSigned()
    }
    #expect(kind(delivery("failure")) == failed("ci.yml"))
    #expect(delivery("failure").event?.actor == "ada")
    #expect(delivery("failure").event?.repository == "gitea:g/r")
    #expect(reason(delivery("success")) == "gitea action_run_failure success: nothing failed")
  }

  private func pipeline(_ builds: String, status: String = "failed", request: String = "null") -> WebhookReading {
    read(
      .gitlab, "Pipeline Hook",
      #""object_kind":"pipeline","merge_request":\#(request),"builds":[\#(builds)],"#
        + #""object_attributes":{"sha":"\#(head)","status":"\#(status)","name":"all"}"#)
  }

  @Test func gitLabsPipelines() {
    let own = #"{"name":"arborist/review","status":"failed"}"#
    let allowed = #"{"name":"flaky","status":"failed","allow_failure":true}"#
    let red = #"{"name":"unit","status":"failed","allow_failure":false}"#
    let green = #"{"name":"lint","status":"success"}"#
    #expect(kind(pipeline([green, allowed, own, red].joined(separator: ","))) == failed("unit"))
    // Only what we said ourselves made it red.
    #expect(kind(pipeline([green, allowed, own].joined(separator: ","))) == failed("arborist/review"))
    #expect(kind(pipeline("")) == failed("all"))
    #expect(kind(pipeline(red, request: #"{"iid":5,"target_project_id":7}"#)) == failed("unit", [5]))
    #expect(kind(pipeline(red, request: #"{"iid":5,"target_project_id":8}"#)) == failed("unit"))
    for status in ["success", "canceled", "running", "skipped"] {
      #expect(reason(pipeline(red, status: status)) == "gitlab pipeline \(status): nothing failed")
    }
  }

  @Test func gitLabsJobs() {
    func job(_ status: String, allowed: Bool = false) -> WebhookReading {
      read(
        .gitlab, "Job Hook",
        #""object_kind":"build","sha":"\#(head)","build_name":"unit","build_status":"\#(status)","#
          + #""build_allow_failure":\#(allowed)"#)
    }
    #expect(kind(job("failed")) == failed("unit"))
    #expect(reason(job("failed", allowed: true)) == "gitlab build failed: it may fail")
    #expect(reason(job("canceled")) == "gitlab build canceled: nothing failed")
  }

  /// Servers before GitLab 16 name a job's project by its number and its page.
  @Test func olderJobsNameTheirProjectByItsPage() {
    func repository(_ page: String) -> String? {
      let body =
        #"{"object_kind":"build","sha":"\#(head)","build_status":"failed","project_id":7,"#
        + #""repository":{"homepage":"\#(page)"}}"#
      return SampleDelivery(name: "", forge: .gitlab, event: "Job Hook", body: Array(body.utf8)).readSigned().event?
        .repository
    }
    #expect(repository("https://git.example/g/s/r") == "gitlab:g/s/r")
    #expect(repository("http://git.example:3005/g/r") == "gitlab:g/r")
    for odd in ["git.example/g/r", "ssh://git.example/g/r", "https://git.example/", "https://git.example/g/../r"] {
      #expect(repository(odd) == nil)
    }
  }
}
