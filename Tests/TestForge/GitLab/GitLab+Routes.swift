internal import JSON

extension World {
  /// The calls of GitLab's interface that are imitated.
  static let gitLabRoutes: [Route] = placeRoutes + requestRoutes + noteRoutes + draftRoutes

  private static let requests = "/projects/{id}/merge_requests/{merge_request_iid}"

  private static let placeRoutes: [Route] = [
    Route("GET", "/version", .somebody) { _, _, _, _ in
      .json(200, ["version": "18.6.0-ee", "revision": "0000000", "enterprise": true])
    },
    Route("GET", "/user", .somebody) { try $0.gitLabCurrentUser($1, $2, $3) },
    Route("GET", "/users", .somebody) { try $0.gitLabUsers($1, $2, $3) },
    Route("GET", "/users/{user_id}", .somebody) { try $0.gitLabUser($1, $2, $3) },
    Route("GET", "/personal_access_tokens/self", .somebody) { try $0.gitLabToken($1, $2, $3) },
    Route("GET", "/projects/{id}", .read("")) { try $0.gitLabProject($1, $2, $3) },
    Route("GET", "/projects/{id}/members/all", .read("")) { try $0.gitLabMembers($1, $2, $3) },
    Route("GET", "/projects/{id}/members/all/{user_id}", .read("")) { try $0.gitLabMember($1, $2, $3) },
    Route("GET", "/projects/{id}/protected_branches", .permission("", .read, people: .admin)) {
      try $0.gitLabProtected($1, $2, $3)
    },
    Route("GET", "/projects/{id}/repository/branches", .read("")) { try $0.gitLabBranches($1, $2, $3) },
    Route("GET", "/projects/{id}/repository/branches/{branch}", .read("")) { try $0.gitLabBranch($1, $2, $3) },
    Route("GET", "/projects/{id}/repository/commits/{sha}", .read("")) { try $0.gitLabCommit($1, $2, $3) },
    Route("GET", "/projects/{id}/repository/commits/{sha}/statuses", .read("")) {
      try $0.gitLabStatuses($1, $2, $3)
    },
    Route("GET", "/projects/{id}/repository/commits/{sha}/merge_requests", .read("")) {
      try $0.gitLabRequestsOfCommit($1, $2, $3)
    },
    Route("GET", "/projects/{id}/repository/files/{file_path}/raw", .read("")) { try $0.gitLabFile($1, $2, $3) },
    Route("POST", "/projects/{id}/statuses/{sha}", .write("", people: .write)) {
      try $0.gitLabSetStatus($1, $2, $3)
    },
  ]

  private static let requestRoutes: [Route] = [
    Route("GET", "/projects/{id}/merge_requests", .read("")) { try $0.gitLabRequests($1, $2, $3) },
    Route("POST", "/projects/{id}/merge_requests", .write("", people: .write)) { try $0.gitLabOpen($1, $2, $3) },
    Route("GET", requests, .read("")) { try $0.gitLabRequest($1, $2, $3) },
    Route("PUT", requests, .write("", people: .write)) { try $0.gitLabEdit($1, $2, $3) },
    Route("GET", requests + "/diffs", .read("")) { try $0.gitLabDiffs($1, $2, $3) },
    Route("GET", requests + "/raw_diffs", .read("")) { try $0.gitLabRawDiff($1, $2, $3) },
    Route("GET", requests + "/versions", .read("")) { try $0.gitLabVersions($1, $2, $3) },
    Route("GET", requests + "/commits", .read("")) { try $0.gitLabCommits($1, $2, $3) },
    Route("POST", requests + "/approve", .write("", people: .write)) { try $0.gitLabApprove($1, $2, $3) },
  ]

  private static let noteRoutes: [Route] = [
    Route("GET", requests + "/notes", .read("")) { try $0.gitLabNotes($1, $2, $3) },
    Route("POST", requests + "/notes", .write("")) { try $0.gitLabAddNote($1, $2, $3) },
    Route("GET", requests + "/notes/{note_id}", .read("")) { try $0.gitLabNote($1, $2, $3) },
    Route("PUT", requests + "/notes/{note_id}", .write("")) { try $0.gitLabEditNote($1, $2, $3) },
    Route("DELETE", requests + "/notes/{note_id}", .write("")) { try $0.gitLabDeleteNote($1, $2, $3) },
    Route("GET", requests + "/notes/{note_id}/award_emoji", .read("")) { try $0.gitLabEmoji($1, $2, $3) },
    Route("POST", requests + "/notes/{note_id}/award_emoji", .write("")) { try $0.gitLabAddEmoji($1, $2, $3) },
    Route("GET", requests + "/discussions", .read("")) { try $0.gitLabDiscussions($1, $2, $3) },
    Route("POST", requests + "/discussions", .write("")) { try $0.gitLabAddDiscussion($1, $2, $3) },
    Route("GET", requests + "/discussions/{discussion_id}", .read("")) { try $0.gitLabDiscussion($1, $2, $3) },
    Route("PUT", requests + "/discussions/{discussion_id}", .write("")) { try $0.gitLabResolve($1, $2, $3) },
    Route("POST", requests + "/discussions/{discussion_id}/notes", .write("")) { try $0.gitLabReply($1, $2, $3) },
    Route("PUT", requests + "/discussions/{discussion_id}/notes/{note_id}", .write("")) {
      try $0.gitLabEditNote($1, $2, $3)
    },
    Route("DELETE", requests + "/discussions/{discussion_id}/notes/{note_id}", .write("")) {
      try $0.gitLabDeleteNote($1, $2, $3)
    },
  ]

  private static let draftRoutes: [Route] = [
    Route("GET", requests + "/draft_notes", .read("")) { try $0.gitLabDrafts($1, $2, $3) },
    Route("POST", requests + "/draft_notes/bulk_publish", .write("")) { try $0.gitLabPublishAll($1, $2, $3) },
    Route("POST", requests + "/draft_notes", .write("")) { try $0.gitLabAddDraft($1, $2, $3) },
    Route("DELETE", requests + "/draft_notes/{draft_note_id}", .write("")) { try $0.gitLabDeleteDraft($1, $2, $3) },
    Route("PUT", requests + "/draft_notes/{draft_note_id}/publish", .write("")) {
      try $0.gitLabPublish($1, $2, $3)
    },
  ]
}
