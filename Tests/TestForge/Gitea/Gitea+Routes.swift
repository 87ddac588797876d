internal import JSON

extension World {
  /// The calls of Gitea's interface that are imitated.
  static let giteaRoutes: [Route] = giteaPlaces + giteaPulls + giteaComments + giteaMaking

  private static let repository = "/repos/{owner}/{repo}"
  private static let read = Need.read("repository")
  private static let write = Need.write("repository")

  private static let giteaPlaces: [Route] = [
    Route("GET", "/version", .somebody) { world, _, _, _ in
      .json(200, ["version": .string(world.options.gitea.rawValue)])
    },
    Route("GET", "/user", .read("user")) { try $0.giteaCurrentUser($1, $2, $3) },
    Route("GET", "/users/{username}", .read("user")) { try $0.giteaUser($1, $2, $3) },
    Route("GET", "/repositories/{id}", read) { try $0.giteaRepositoryByNumber($1, $2, $3) },
    Route("GET", repository, read) { try $0.giteaRepository($1, $2, $3) },
    Route("GET", repository + "/branches", read) { try $0.giteaBranches($1, $2, $3) },
    Route("GET", repository + "/branches/{branch}", read) { try $0.giteaBranch($1, $2, $3) },
    Route("GET", repository + "/branch_protections", .permission("repository", .read, people: .admin)) {
      try $0.giteaProtections($1, $2, $3)
    },
    Route("GET", repository + "/collaborators/{collaborator}/permission", read) {
      try $0.giteaPermission($1, $2, $3)
    },
    Route("GET", repository + "/collaborators/{collaborator}", read) { try $0.giteaCollaborator($1, $2, $3) },
    Route("GET", repository + "/compare/{basehead}", read) { try $0.compare($1, $2, $3) },
    Route("GET", repository + "/git/commits/{sha}", read) { try $0.giteaCommit($1, $2, $3) },
    Route("GET", repository + "/raw/{filepath}", read) { try $0.giteaRaw($1, $2, $3) },
    Route("GET", repository + "/commits/{sha}/pull", read) { try $0.giteaPullOfCommit($1, $2, $3) },
    Route("GET", repository + "/commits/{ref}/status", read) { try $0.giteaCombined($1, $2, $3) },
    Route("GET", repository + "/commits/{ref}/statuses", read) { try $0.giteaStatuses($1, $2, $3) },
    Route("GET", repository + "/statuses/{sha}", read) { try $0.giteaStatuses($1, $2, $3) },
    Route("POST", repository + "/statuses/{sha}", .write("repository", people: .write)) {
      try $0.giteaSetStatus($1, $2, $3)
    },
  ]

  private static let giteaPulls: [Route] = [
    Route("GET", repository + "/pulls", read) { try $0.giteaListPulls($1, $2, $3) },
    Route("POST", repository + "/pulls", write) { try $0.giteaOpen($1, $2, $3) },
    Route("POST", repository + "/pulls/comments/{id}/resolve", write) { try $0.giteaResolve($1, $2, $3, true) },
    Route("POST", repository + "/pulls/comments/{id}/unresolve", write) { try $0.giteaResolve($1, $2, $3, false) },
    Route("GET", repository + "/pulls/{index}", read) { try $0.giteaGetPull($1, $2, $3) },
    Route("PATCH", repository + "/pulls/{index}", .write("repository", people: .write)) {
      try $0.giteaEditPull($1, $2, $3)
    },
    Route("GET", repository + "/pulls/{index}/files", read) { try $0.giteaFiles($1, $2, $3) },
    Route("GET", repository + "/pulls/{index}/commits", read) { try $0.giteaCommits($1, $2, $3) },
    Route("GET", repository + "/pulls/{index}/reviews", read) { try $0.giteaReviews($1, $2, $3) },
    Route("POST", repository + "/pulls/{index}/reviews", write) { try $0.giteaAddReview($1, $2, $3) },
    Route("GET", repository + "/pulls/{index}/reviews/{id}", read) { try $0.giteaReview($1, $2, $3) },
    Route("POST", repository + "/pulls/{index}/reviews/{id}", write) { try $0.giteaSubmit($1, $2, $3) },
    Route("DELETE", repository + "/pulls/{index}/reviews/{id}", write) { try $0.giteaDeleteReview($1, $2, $3) },
    Route("GET", repository + "/pulls/{index}/reviews/{id}/comments", read) {
      try $0.giteaReviewComments($1, $2, $3)
    },
    Route("POST", repository + "/pulls/{index}/comments/{id}/replies", write) { try $0.giteaReply($1, $2, $3) },
  ]

  private static let giteaComments: [Route] = [
    Route("GET", repository + "/issues/comments", .read("issue")) { try $0.giteaAllComments($1, $2, $3) },
    Route("GET", repository + "/issues/comments/{id}", .read("issue")) { try $0.giteaComment($1, $2, $3) },
    Route("PATCH", repository + "/issues/comments/{id}", .write("issue")) { try $0.giteaEditComment($1, $2, $3) },
    Route("DELETE", repository + "/issues/comments/{id}", .write("issue")) {
      try $0.giteaDeleteComment($1, $2, $3)
    },
    Route("GET", repository + "/issues/comments/{id}/reactions", .read("issue")) {
      try $0.giteaReactions($1, $2, $3)
    },
    Route("POST", repository + "/issues/comments/{id}/reactions", .write("issue")) {
      try $0.giteaReact($1, $2, $3)
    },
    Route("GET", repository + "/issues/{index}/comments", .read("issue")) { try $0.giteaListComments($1, $2, $3) },
    Route("POST", repository + "/issues/{index}/comments", .write("issue")) { try $0.giteaAddComment($1, $2, $3) },
    Route("GET", repository + "/issues/{index}/labels", .read("issue")) { try $0.giteaLabels($1, $2, $3) },
  ]
}
