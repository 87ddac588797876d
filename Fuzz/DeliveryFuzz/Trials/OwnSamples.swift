internal import Work

/// Small deliveries of our own making, one of each kind that means something: what the test data has no example of, and
/// what there is where there is no test data.
package enum OwnSamples {
  package static let all: [SampleDelivery] = hub(.github) + hub(.gitea) + gitHub + gitea + gitLab

  private static let head = String(repeating: "2", count: 40)
  private static let place = #""repository":{"id":7,"full_name":"o/r"},"sender":{"id":3,"login":"ada","type":"User"}"#
  private static let request =
    #""pull_request":{"number":5,"title":"x","head":{"sha":"\#(head)","repo":{"id":9,"full_name":"eve/r"}},"base":{"ref":"main"}}"#
  private static let comment =
    #""comment":{"id":11,"body":"Thanks.\n\n/arborist ask why?","user":{"id":3},"in_reply_to_id":10}"#

  private static func sample(_ forge: ForgeName, _ event: String, _ members: String) -> SampleDelivery {
    SampleDelivery(name: "own", forge: forge, event: event, body: Array("{\(members),\(place)}".utf8))
  }

  private static func hub(_ forge: ForgeName) -> [SampleDelivery] {
    [
      sample(forge, "push", #""ref":"refs/heads/main","before":"\#(head)","after":"\#(head)""#),
      sample(forge, "pull_request", #""action":"opened",\#(request)"#),
      sample(
        forge, "pull_request",
        #""action":"edited","changes":{"base":{},"ref":{"from":"x"},"title":{"from":"WIP: x"}},\#(request)"#),
      sample(
        forge, "issue_comment", #""action":"created","is_pull":true,"issue":{"number":5,"pull_request":{}},\#(comment)"#
      ),
      sample(forge, "status", #""sha":"\#(head)","state":"failure","context":"ci""#),
      sample(
        forge, "workflow_run",
        #""action":"completed","workflow":{"name":"t"},"workflow_run":{"head_sha":"\#(head)","conclusion":"failure","pull_requests":[{"number":5}]}"#
      ),
    ]
  }

  private static let gitHub = [
    sample(
      .github, "pull_request_review",
      #""action":"submitted","review":{"id":12,"body":"/arborist stop","user":{"id":3}},\#(request)"#),
    sample(.github, "pull_request_review_comment", #""action":"created",\#(comment),\#(request)"#),
    sample(
      .github, "pull_request_review_comment",
      #""action":"created",\#(request),"comment":{"id":11,"body":"No.","user":{"id":3},"in_reply_to_id":10}"#),
    sample(
      .github, "check_run",
      #""action":"completed","check_run":{"name":"x","head_sha":"\#(head)","conclusion":"failure","pull_requests":[{"number":5,"base":{"repo":{"id":7}}}]}"#
    ),
    sample(.github, "check_run", #""action":"rerequested","check_run":{"name":"arborist/fix","head_sha":"\#(head)"}"#),
    sample(
      .github, "check_suite", #""action":"rerequested","check_suite":{"app":{"id":7,"name":"x"},"head_sha":"\#(head)"}"#
    ),
  ]

  private static let gitea = [
    sample(.gitea, "pull_request_comment", #""action":"reviewed","review":{"content":"/arborist fix"},\#(request)"#),
    sample(.gitea, "action_run_failure", #""action":"failure","run":{"commit_sha":"\#(head)","workflow_id":"ci.yml"}"#),
  ]

  private static func gitLab(_ event: String, _ kind: String, _ members: String) -> SampleDelivery {
    SampleDelivery(
      name: "own", forge: .gitlab, event: event,
      body: Array(
        #"{"object_kind":"\#(kind)",\#(members),"project":{"id":7,"path_with_namespace":"g/s/r"},"user":{"id":3,"username":"ada"}}"#
          .utf8))
  }

  private static let gitLab = [
    gitLab("Push Hook", "push", #""ref":"refs/heads/main","before":"\#(head)","after":"\#(head)""#),
    gitLab(
      "Merge Request Hook", "merge_request",
      #""changes":{"labels":{"previous":[{"id":1}],"current":[]}},"object_attributes":{"iid":5,"action":"update","oldrev":"x","last_commit":{"id":"\#(head)"},"source_project_id":9,"target_project_id":7,"source":{"path_with_namespace":"eve/r"}}"#
    ),
    gitLab(
      "Note Hook", "note",
      #""merge_request":{"iid":5},"object_attributes":{"id":11,"note":"/arborist fix","noteable_type":"MergeRequest","type":"DiffNote","discussion_id":"ab","author_id":3}"#
    ),
    gitLab(
      "Note Hook", "note",
      #""merge_request":{"iid":5},"object_attributes":{"id":11,"note":"No.","noteable_type":"MergeRequest","type":"DiffNote","discussion_id":"ab","author_id":3}"#
    ),
    gitLab(
      "Pipeline Hook", "pipeline",
      #""builds":[{"name":"unit","status":"failed"}],"merge_request":{"iid":5,"target_project_id":7},"object_attributes":{"sha":"\#(head)","status":"failed"}"#
    ),
    gitLab("Job Hook", "build", #""sha":"\#(head)","build_name":"unit","build_status":"failed""#),
  ]
}
