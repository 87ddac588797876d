internal import JSON

extension World {
  /// The calls of GitHub's REST interface that are imitated; a fixed part comes before a parameter in its place.
  static let gitHubRoutes: [Route] = appRoutes + repositoryRoutes + pullRoutes + commentRoutes + checkRoutes

  private static let appRoutes: [Route] = [
    Route("GET", "/app", .app) { try $0.gitHubApp($1, $2, $3) },
    Route("GET", "/app/installations", .app) { try $0.listInstallations($1, $2, $3) },
    Route("GET", "/app/installations/{installation_id}", .app) { try $0.getInstallation($1, $2, $3) },
    Route("POST", "/app/installations/{installation_id}/access_tokens", .app) { try $0.makeToken($1, $2, $3) },
    Route("GET", "/repos/{owner}/{repo}/installation", .app) { try $0.repositoryInstallation($1, $2, $3) },
    Route("GET", "/installation/repositories", .installation) { try $0.installationRepositories($1, $2, $3) },
    Route("DELETE", "/installation/token", .installation) { try $0.revokeToken($1, $2, $3) },
    Route("GET", "/rate_limit", .somebody) { try $0.rateLimit($1, $2, $3) },
    Route("GET", "/meta", .somebody) { _, _, _, _ in .json(200, ["hooks": ["127.0.0.0/8"]]) },
    Route("GET", "/user", .somebody) { try $0.currentUser($1, $2, $3) },
    Route("GET", "/user/{account_id}", .somebody) { try $0.userByNumber($1, $2, $3) },
    Route("GET", "/users/{username}", .somebody) { try $0.userByName($1, $2, $3) },
  ]

  private static let repositoryRoutes: [Route] = [
    Route("GET", "/repos/{owner}/{repo}", .read("metadata")) { try $0.getRepository($1, $2, $3) },
    Route("GET", "/repos/{owner}/{repo}/branches", .read("contents")) { try $0.listBranches($1, $2, $3) },
    Route("GET", "/repos/{owner}/{repo}/branches/{branch}", .read("contents")) { try $0.getBranch($1, $2, $3) },
    Route("GET", "/repos/{owner}/{repo}/rules/branches/{branch}", .read("metadata")) { try $0.branchRules($1, $2, $3) },
    Route(
      "GET", "/repos/{owner}/{repo}/collaborators/{username}/permission",
      .permission("metadata", .read, people: .write)
    ) { try $0.permission($1, $2, $3) },
    Route("GET", "/repos/{owner}/{repo}/compare/{basehead}", .read("contents")) { try $0.compare($1, $2, $3) },
    Route("GET", "/repos/{owner}/{repo}/contents/{path}", .read("contents")) { try $0.contents($1, $2, $3) },
    Route("GET", "/repos/{owner}/{repo}/git/ref/{ref}", .read("contents")) { try $0.gitReference($1, $2, $3) },
    Route("GET", "/repos/{owner}/{repo}/commits/{commit_sha}/pulls", .read("pull_requests|contents")) {
      try $0.pullsOfCommit($1, $2, $3)
    },
    Route("GET", "/repos/{owner}/{repo}/commits/{ref}/check-runs", .read("checks")) { try $0.listChecks($1, $2, $3) },
    Route("GET", "/repos/{owner}/{repo}/commits/{ref}/status", .read("statuses")) { try $0.combinedStatus($1, $2, $3) },
    Route("GET", "/repos/{owner}/{repo}/commits/{ref}/statuses", .read("statuses")) { try $0.listStatuses($1, $2, $3) },
    Route("GET", "/repos/{owner}/{repo}/commits/{ref}", .read("contents")) { try $0.getCommit($1, $2, $3) },
  ]

  private static let pullRoutes: [Route] = [
    Route("GET", "/repos/{owner}/{repo}/pulls/comments", .read("pull_requests")) { try $0.allLineComments($1, $2, $3) },
    Route("GET", "/repos/{owner}/{repo}/pulls/comments/{comment_id}", .read("pull_requests")) {
      try $0.getLineComment($1, $2, $3)
    },
    Route("PATCH", "/repos/{owner}/{repo}/pulls/comments/{comment_id}", .write("pull_requests")) {
      try $0.editLineComment($1, $2, $3)
    },
    Route("DELETE", "/repos/{owner}/{repo}/pulls/comments/{comment_id}", .write("pull_requests")) {
      try $0.deleteLineComment($1, $2, $3)
    },
    Route("POST", "/repos/{owner}/{repo}/pulls/comments/{comment_id}/reactions", .write("pull_requests")) {
      try $0.reactToLine($1, $2, $3)
    },
    Route("GET", "/repos/{owner}/{repo}/pulls", .read("pull_requests")) { try $0.listPulls($1, $2, $3) },
    Route("POST", "/repos/{owner}/{repo}/pulls", .write("pull_requests")) { try $0.openPull($1, $2, $3) },
    Route("GET", "/repos/{owner}/{repo}/pulls/{pull_number}", .read("pull_requests")) { try $0.getPull($1, $2, $3) },
    Route("PATCH", "/repos/{owner}/{repo}/pulls/{pull_number}", .write("pull_requests", people: .write)) {
      try $0.editPull($1, $2, $3)
    },
    Route("GET", "/repos/{owner}/{repo}/pulls/{pull_number}/files", .read("pull_requests")) {
      try $0.pullFiles($1, $2, $3)
    },
    Route("GET", "/repos/{owner}/{repo}/pulls/{pull_number}/commits", .read("pull_requests")) {
      try $0.pullCommits($1, $2, $3)
    },
    Route("GET", "/repos/{owner}/{repo}/pulls/{pull_number}/reviews", .read("pull_requests")) {
      try $0.listReviews($1, $2, $3)
    },
    Route("POST", "/repos/{owner}/{repo}/pulls/{pull_number}/reviews", .write("pull_requests")) {
      try $0.createReview($1, $2, $3)
    },
    Route("GET", "/repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}", .read("pull_requests")) {
      try $0.getReview($1, $2, $3)
    },
    Route("PUT", "/repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}", .write("pull_requests")) {
      try $0.editReview($1, $2, $3)
    },
    Route("DELETE", "/repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}", .write("pull_requests")) {
      try $0.deleteReview($1, $2, $3)
    },
    Route("GET", "/repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}/comments", .read("pull_requests")) {
      try $0.reviewComments($1, $2, $3)
    },
    Route("POST", "/repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}/events", .write("pull_requests")) {
      try $0.submitReview($1, $2, $3)
    },
    Route(
      "PUT", "/repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}/dismissals",
      .write("pull_requests", people: .write)
    ) { try $0.dismissReview($1, $2, $3) },
    Route("GET", "/repos/{owner}/{repo}/pulls/{pull_number}/comments", .read("pull_requests")) {
      try $0.listLineComments($1, $2, $3)
    },
    Route("POST", "/repos/{owner}/{repo}/pulls/{pull_number}/comments", .write("pull_requests")) {
      try $0.createLineComment($1, $2, $3)
    },
    Route(
      "POST", "/repos/{owner}/{repo}/pulls/{pull_number}/comments/{comment_id}/replies", .write("pull_requests")
    ) { try $0.replyToLine($1, $2, $3) },
  ]

  private static let commentRoutes: [Route] = [
    Route("GET", "/repos/{owner}/{repo}/issues/comments", .read("issues|pull_requests")) {
      try $0.allComments($1, $2, $3)
    },
    Route("GET", "/repos/{owner}/{repo}/issues/comments/{comment_id}", .read("issues|pull_requests")) {
      try $0.getComment($1, $2, $3)
    },
    Route("PATCH", "/repos/{owner}/{repo}/issues/comments/{comment_id}", .write("issues|pull_requests")) {
      try $0.editComment($1, $2, $3)
    },
    Route("DELETE", "/repos/{owner}/{repo}/issues/comments/{comment_id}", .write("issues|pull_requests")) {
      try $0.deleteComment($1, $2, $3)
    },
    Route("POST", "/repos/{owner}/{repo}/issues/comments/{comment_id}/reactions", .write("issues|pull_requests")) {
      try $0.reactToComment($1, $2, $3)
    },
    Route("GET", "/repos/{owner}/{repo}/issues/comments/{comment_id}/reactions", .read("issues|pull_requests")) {
      try $0.listReactions($1, $2, $3)
    },
    Route("GET", "/repos/{owner}/{repo}/issues/{issue_number}", .read("issues|pull_requests")) {
      try $0.getIssue($1, $2, $3)
    },
    Route("GET", "/repos/{owner}/{repo}/issues/{issue_number}/comments", .read("issues|pull_requests")) {
      try $0.listComments($1, $2, $3)
    },
    Route("POST", "/repos/{owner}/{repo}/issues/{issue_number}/comments", .write("issues|pull_requests")) {
      try $0.createComment($1, $2, $3)
    },
    Route("GET", "/repos/{owner}/{repo}/issues/{issue_number}/labels", .read("issues|pull_requests")) {
      try $0.listLabels($1, $2, $3)
    },
  ]

  private static let checkRoutes: [Route] = [
    Route("POST", "/repos/{owner}/{repo}/check-runs", .write("checks")) { try $0.createCheck($1, $2, $3) },
    Route("GET", "/repos/{owner}/{repo}/check-runs/{check_run_id}", .read("checks")) { try $0.getCheck($1, $2, $3) },
    Route("PATCH", "/repos/{owner}/{repo}/check-runs/{check_run_id}", .write("checks")) {
      try $0.editCheck($1, $2, $3)
    },
    Route("GET", "/repos/{owner}/{repo}/check-runs/{check_run_id}/annotations", .read("checks")) {
      try $0.listAnnotations($1, $2, $3)
    },
    Route("POST", "/repos/{owner}/{repo}/statuses/{sha}", .write("statuses", people: .write)) {
      try $0.createStatus($1, $2, $3)
    },
  ]
}
