internal import Base
internal import HTTP
internal import JSON
internal import Work

/// Discussions, notes and statuses on GitLab.
extension GitLabForge {
  func standing(on place: ForgePlace, withSettled: Bool) async throws(ForgeError) -> [StandingComment] {
    let discussions = try await transport.list(.get("\(base(place))/discussions", scope: scope(place)))
    var result: [StandingComment] = []
    for discussion in discussions {
      let isThread = discussion.flag("individual_note") == false
      let id = try discussion.requiredText("id")
      for note in discussion.records("notes") where note.flag("system") != true {
        let position = note.record("position")
        let isSettled = note.flag("resolvable") == true ? note.flag("resolved") : nil
        result.append(
          StandingComment(
            posted: PostedComment(
              id: try note.requiredNumber("id"),
              author: try note.record("author").map { author throws(ForgeError) in try Self.actor(author) },
              body: note.text("body") ?? "", thread: isThread ? id : nil, isSettled: isSettled,
              path: position?.path("new_path") ?? position?.path("old_path"), time: try note.time("created_at"))))
      }
    }
    return result.sorted { ($0.posted.time, $0.posted.id) < ($1.posted.time, $1.posted.id) }
  }

  // MARK: Posting

  /// The latest version of the difference, which must be the one of this head.
  private func commits(for head: ObjectID, on place: ForgePlace) async throws(ForgeError) -> GitLabPosition.Commits {
    let versions = try await transport.list(.get("\(base(place))/versions", scope: scope(place)))
    // The newest comes first.
    guard let latest = versions.max(by: { ($0.number("id") ?? 0) < ($1.number("id") ?? 0) }) else {
      throw ForgeError(.unavailable, "GitLab: the merge request has no version of its difference yet", retryAfter: 10)
    }
    let commits = GitLabPosition.Commits(
      base: try latest.objectID("base_commit_sha"), start: try latest.objectID("start_commit_sha"),
      head: try latest.objectID("head_commit_sha"))
    guard commits.head == head else {
      throw ForgeError(.unavailable, "GitLab: the difference of \(head.short) is not made yet", retryAfter: 10)
    }
    return commits
  }

  func post(
    _ drafts: [DraftComment], head: ObjectID, on place: ForgePlace
  ) async throws(ForgeError) -> PostingReport {
    let commits = try await commits(for: head, on: place)
    var report = PostingReport()
    for (index, draft) in drafts.enumerated() {
      // The first was asked for just now.
      if index > 0, try await !isStill(head, on: place) {
        report.isOvertaken = true
        return report
      }
      let body: JSONValue = .object([
        "body": .string(draft.body), "position": .object(GitLabPosition.fields(of: draft.anchor, commits)),
      ])
      let answer = try await transport.ask(
        .write(.post, "\(base(place))/discussions", body, scope: scope(place)))
      if (200..<300).contains(answer.status) {
        report.posted += 1
      } else if answer.status == 400 || answer.status == 422 {
        // GitLab says `line_code can't be blank` where it does not find the line in the difference.
        report.unanchored.append((draft, answer.complaint))
      } else {
        throw transport.error(for: answer)
      }
    }
    return report
  }

  func postNote(_ body: String, on place: ForgePlace) async throws(ForgeError) {
    _ = try await transport.send(
      .write(.post, "\(base(place))/notes", .object(["body": .string(body)]), scope: scope(place)))
  }

  func rewrite(_ comment: PostedComment, body: String, on place: ForgePlace) async throws(ForgeError) {
    _ = try await transport.send(
      .write(.put, "\(base(place))/notes/\(comment.id)", .object(["body": .string(body)]), scope: scope(place)))
  }

  func remove(_ comment: PostedComment, on place: ForgePlace) async throws(ForgeError) {
    _ = try await transport.send(.write(.delete, "\(base(place))/notes/\(comment.id)", scope: scope(place)))
  }

  func reply(
    _ body: String, thread: String, among standing: [StandingComment], on place: ForgePlace
  ) async throws(ForgeError) -> Bool {
    let path = "\(base(place))/discussions/\(PercentCoding.encode(thread))/notes"
    let answer = try await transport.ask(
      .write(.post, path, .object(["body": .string(body)]), scope: scope(place)))
    if answer.status == 404 { return false }
    guard (200..<300).contains(answer.status) else { throw transport.error(for: answer) }
    return true
  }

  func settle(_ thread: String, on place: ForgePlace) async throws(ForgeError) -> Bool {
    var call = ForgeCall.write(
      .put, "\(base(place))/discussions/\(PercentCoding.encode(thread))", .object(["resolved": true]),
      scope: scope(place))
    // Settling what is settled changes nothing, so it may be sent twice.
    call.isRepeatable = true
    _ = try await transport.send(call)
    return true
  }

  // MARK: Statuses

  func report(_ check: CheckReport, on place: ForgePlace) async throws(ForgeError) -> String {
    let title = StatusText.description(check)
    let states = Self.states(check.state)
    if let ours = try await newest(check, on: place), let status = ours.text("status"), states.contains(status),
      ours.text("description") == title
    {
      return "the status is there already"
    }
    var answer: ForgeAnswer?
    for state in states {
      let body: JSONValue = .object([
        "state": .string(state), "name": .string(check.name), "description": .string(title),
      ])
      let tried = try await transport.ask(
        .write(
          .post, "\(Self.project(place.repository))/statuses/\(check.head.hex)", body, scope: scope(place)))
      if (200..<300).contains(tried.status) { return "the status says \(state)" }
      // A status that stands where it is told to go is refused with the words of GitLab's state machine.
      if tried.status == 400, tried.complaint.contains("Cannot transition"),
        let now = try await newest(check, on: place)?.text("status"), states.contains(now)
      {
        return "the status says \(now) already"
      }
      answer = tried
      guard tried.status == 400, tried.complaint.contains("valid value") else { break }
    }
    guard let answer else { throw ForgeError(.rejected, "GitLab: there is no state to report") }
    throw transport.error(for: answer)
  }

  /// The states to try, the best first: `skipped` is grey and holds nothing up; GitLab before 17.6 does not take it, and
  /// `canceled` is what is left that is neither green nor red.
  private static func states(_ state: CheckReport.State) -> [String] {
    switch state {
    case .pending: ["pending"]
    case .success: ["success"]
    case .failure: ["failed"]
    case .neutral: ["skipped", "canceled"]
    }
  }

  /// Our newest status with this name at this commit.
  private func newest(_ check: CheckReport, on place: ForgePlace) async throws(ForgeError) -> ForgeRecord? {
    let account = try await account()
    let call = ForgeCall.get(
      "\(Self.project(place.repository))/repository/commits/\(check.head.hex)/statuses", [("name", check.name)],
      scope: scope(place))
    return try await transport.list(call)
      .filter { $0.text("name") == check.name && $0.record("author")?.number("id") == account.id }
      .max { ($0.number("id") ?? 0) < ($1.number("id") ?? 0) }
  }
}
