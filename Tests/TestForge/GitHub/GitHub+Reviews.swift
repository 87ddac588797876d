internal import JSON

/// Reviews.
extension World {
  /// The reviews that a caller sees: pending ones only its own.
  private func visible(_ review: Review, to caller: Caller) -> Bool {
    review.state != "PENDING" || review.author == caller.account
  }

  mutating func listReviews(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (repository, pull) = try pull(parameters)
    let found = reviews(of: repository.id, pull.number).filter { visible($0, to: caller) }
    return page(found.map(reviewJSON), call, in: repository)
  }

  mutating func getReview(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (_, pull) = try pull(parameters)
    let review = try review(parameters, of: pull)
    guard visible(review, to: caller) else { throw Refusal(404, "Not Found") }
    return .json(200, reviewJSON(review))
  }

  mutating func reviewComments(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (repository, pull) = try pull(parameters)
    let review = try review(parameters, of: pull)
    guard visible(review, to: caller) else { throw Refusal(404, "Not Found") }
    let found = comments(of: repository.id, pull.number).filter { $0.review == review.id }
    return page(found.map(lineCommentJSON), call, in: repository)
  }

  /// Hands in a review whole, or not at all: one comment outside of the hunks refuses every one.
  mutating func createReview(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (_, pull) = try pull(parameters)
    let json = call.json
    let commit = json["commit_id"]?.string ?? pull.head
    let difference = try difference(of: pull, at: commit)
    let body = json["body"]?.string ?? ""
    if body.unicodeScalars.count > 65_536 { throw Self.unprocessable("Body is too long (maximum is 65536 characters)") }
    var drafts: [(Anchor, String)] = []
    for comment in json["comments"]?.array ?? [] {
      let text = try Self.text(comment, "body", of: "PullRequestReviewComment")
      do {
        drafts.append((try anchor(comment, of: pull, at: commit, difference: difference), text))
      } catch let fault as AnchorFault {
        throw Self.unprocessable(fault.whole)
      }
    }
    let state = try state(of: json["event"]?.string, body: body, hasComments: !drafts.isEmpty, pull, caller)
    if state == "PENDING",
      reviews(of: pull.repository, pull.number).contains(where: { $0.state == "PENDING" && $0.author == caller.account }
      )
    {
      throw Self.unprocessable("User can only have one pending review per pull request")
    }
    let review = addReview(body, state: state, to: pull, commit: commit, by: caller.account)
    let written = drafts.map { addLineComment($0.1, at: $0.0, to: pull, review: review.id, by: caller.account) }
    if state != "PENDING" { tell(review, written, by: caller.account) }
    return .json(200, reviewJSON(review))
  }

  private mutating func tell(_ review: Review, _ written: [Comment], by author: Int) {
    happened(.reviewed(review), by: author)
    for comment in written { happened(.lineCommented(comment), by: author) }
  }

  /// The state that an event leads to, where it may be handed in.
  private func state(
    of event: String?, body: String, hasComments: Bool, _ pull: Pull, _ caller: Caller
  ) throws -> String {
    switch event {
    case nil: return "PENDING"
    case "APPROVE":
      if pull.author == caller.account { throw Self.unprocessable("Can not approve your own pull request") }
      return "APPROVED"
    case "REQUEST_CHANGES":
      if pull.author == caller.account { throw Self.unprocessable("Can not request changes on your own pull request") }
      if body.isEmpty { throw Self.unprocessable("Can not request changes without a body") }
      return "CHANGES_REQUESTED"
    case "COMMENT":
      if body.isEmpty && !hasComments { throw Self.unprocessable("Body can't be blank") }
      return "COMMENTED"
    default: throw Self.unprocessable("Event is not a review event")
    }
  }

  mutating func addReview(_ body: String, state: String, to pull: Pull, commit: String, by author: Int) -> Review {
    let review = Review(
      id: nextID(), repository: pull.repository, number: pull.number, author: author, state: state, body: body,
      commit: commit, submitted: state == "PENDING" ? nil : now)
    reviews[review.id] = review
    wrote("review")
    return review
  }

  mutating func submitReview(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (_, pull) = try pull(parameters)
    var review = try review(parameters, of: pull)
    guard review.author == caller.account else { throw Refusal(404, "Not Found") }
    guard review.state == "PENDING" else { throw Self.unprocessable("Can not submit a review that is not pending") }
    guard let event = call.json["event"]?.string else { throw Self.unprocessable("Event can't be blank") }
    let body = call.json["body"]?.string ?? review.body
    let written = comments(of: pull.repository, pull.number).filter { $0.review == review.id }
    review.state = try state(of: event, body: body, hasComments: !written.isEmpty, pull, caller)
    review.body = body
    review.submitted = now
    reviews[review.id] = review
    tell(review, written, by: caller.account)
    return .json(200, reviewJSON(review))
  }

  mutating func editReview(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (_, pull) = try pull(parameters)
    var review = try review(parameters, of: pull)
    guard review.author == caller.account else { throw Refusal(403, "Resource not accessible by integration") }
    review.body = try Self.text(call.json, "body", of: "PullRequestReview")
    reviews[review.id] = review
    wrote("review edit")
    return .json(200, reviewJSON(review))
  }

  mutating func deleteReview(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (_, pull) = try pull(parameters)
    let review = try review(parameters, of: pull)
    guard review.author == caller.account else { throw Refusal(404, "Not Found") }
    guard review.state == "PENDING" else {
      throw Self.unprocessable("Can not delete a non-pending pull request review")
    }
    for comment in comments(of: pull.repository, pull.number) where comment.review == review.id {
      comments[comment.id] = nil
      if let thread = comment.thread { threads[thread] = nil }
    }
    reviews[review.id] = nil
    return .json(200, reviewJSON(review))
  }

  mutating func dismissReview(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let (_, pull) = try pull(parameters)
    var review = try review(parameters, of: pull)
    guard ["APPROVED", "CHANGES_REQUESTED"].contains(review.state) else {
      throw Self.unprocessable("Can not dismiss a commented pull request review")
    }
    review.state = "DISMISSED"
    reviews[review.id] = review
    wrote("review dismissal")
    return .json(200, reviewJSON(review))
  }
}
