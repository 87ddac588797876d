package import Base
package import Forges
package import Policy
internal import Secrets
internal import Templates
package import Work

/// What the words of a publication need to know beside the outcome.
package struct PublicationContext: Sendable {
  package var job: Job
  /// The tip of the base when the work was done.
  package var baseTip: ObjectID
  /// The first commit of the branch that the base has not: git-appraise keeps the review's notes on it.
  package var firstCommit: ObjectID
  /// The first line of the branch's last commit message, as text that is safe to show.
  package var subject: String
  /// Whether a request for review is already there.
  package var hasRequest: Bool
  /// The comments that are already there.
  package var comments: [Appraise.Comment]
  package var identity: BotIdentity
  package var unverified: RepositoryConfiguration.UnverifiedTarget
  /// Where the repository wants commits that a test has confirmed.
  package var push: RepositoryConfiguration.PushTarget
  /// How many commits went out for the same failure before.
  package var earlierPushes: Int
  /// Which of the branches beside the head is free.
  package var sideNumber: Int

  package init(
    job: Job, baseTip: ObjectID, firstCommit: ObjectID, subject: String, hasRequest: Bool,
    comments: [Appraise.Comment], identity: BotIdentity, unverified: RepositoryConfiguration.UnverifiedTarget,
    push: RepositoryConfiguration.PushTarget = .head, earlierPushes: Int = 0, sideNumber: Int = 1
  ) {
    self.job = job
    self.baseTip = baseTip
    self.firstCommit = firstCommit
    self.subject = subject
    self.hasRequest = hasRequest
    self.comments = comments
    self.identity = identity
    self.unverified = unverified
    self.push = push
    self.earlierPushes = earlierPushes
    self.sideNumber = sideNumber
  }
}

/// What is told of a run that could not be finished.
package enum FailureComment {
  /// The comment as one line of a note.
  ///
  /// - Throws: where the template is broken.
  package static func line(on job: Job, because reason: String, by identity: BotIdentity) throws -> String {
    let text = try Message.failed.published([
      "kind": job.kind.rawValue, "branch": job.pullRequest.branch.shortDisplay, "head": job.head.short,
      "reason": reason,
    ])
    return try Appraise.line(
      Appraise.Comment(time: job.time, author: identity.email, commit: job.head, description: text, resolved: false))
  }
}

/// Turns an outcome into what is to be written.
///
/// It writes nothing itself.
package struct Composer {
  let context: PublicationContext
  var job: Job { context.job }

  package init(_ context: PublicationContext) {
    self.context = context
  }

  /// What is to be written for the outcome; empty where there is nothing to tell.
  ///
  /// - Throws: where a template is broken.
  package func publication(for outcome: Outcome) throws -> Publication {
    switch outcome {
    case .review(let review): try publication(for: review)
    case .resolve(let resolve): try publication(for: resolve)
    case .fix(let fix): try publication(for: fix)
    case .undo, .agent, .attended, .answered, .failed, .superseded: Publication()
    }
  }

  private func publication(for review: ReviewOutcome) throws -> Publication {
    var lines = [try Appraise.line(summary(of: review))]
    for finding in review.findings where !isAlreadyThere(finding) {
      lines.append(try Appraise.line(comment(on: finding)))
    }
    return Publication(effects: try requestEffect() + [.note(.discuss, object: context.firstCommit, lines: lines)])
  }

  private func publication(for resolve: ResolveOutcome) throws -> Publication {
    guard let message = try message(for: resolve) else { return Publication() }
    var effects: [Effect] = []
    if let push = try target(of: resolve).push { effects.append(push) }
    let comment = Appraise.Comment(
      time: job.time, author: context.identity.email, commit: job.head, description: message,
      resolved: resolve.verdict == .resolved ? nil : false)
    effects += try requestEffect()
    effects.append(.note(.discuss, object: context.firstCommit, lines: [try Appraise.line(comment)]))
    return Publication(effects: effects)
  }

  /// Where a merge goes.
  private func target(of resolve: ResolveOutcome) throws -> DeliveryPlan {
    try MergeDelivery(
      branch: job.pullRequest.branch, head: job.head, push: context.push, unverified: context.unverified,
      isCheckedOut: false, number: context.sideNumber
    ).plan(for: resolve)
  }

  func requestEffect() throws -> [Effect] {
    guard !context.hasRequest else { return [] }
    let request = Appraise.Request(
      time: job.time, branch: job.pullRequest.branch, base: job.pullRequest.base, requester: context.identity.email,
      description: context.subject, baseCommit: context.baseTip)
    return [.note(.reviews, object: context.firstCommit, lines: [try Appraise.line(request)])]
  }

  private func summary(of review: ReviewOutcome) throws -> Appraise.Comment {
    let text = try Message.reviewSummary.published([
      "head": job.head.short, "base": job.pullRequest.base.shortDisplay, "overall": review.overall,
      "hasUnread": !review.unread.isEmpty,
      "unread": review.unread.map { ["path": $0.path.display, "reason": $0.reason] },
    ])
    return Appraise.Comment(time: job.time, author: context.identity.email, commit: job.head, description: text)
  }

  private func comment(on finding: Finding) throws -> Appraise.Comment {
    let text = try Message.finding.render([
      "severity": finding.severity.rawValue, "title": finding.title, "body": finding.body,
      "marker": Self.marker(of: finding),
    ])
    return Appraise.Comment(
      time: job.time, author: context.identity.email, commit: finding.side == .head ? job.head : job.against,
      path: finding.path,
      lines: finding.startLine > 0 ? finding.startLine...max(finding.startLine, finding.endLine) : nil,
      description: text, resolved: false)
  }

  /// The words by which a later run knows that a finding has been told.
  private static func marker(of finding: Finding) -> String { "[\(finding.source) \(finding.id)]" }

  private func isAlreadyThere(_ finding: Finding) -> Bool {
    let marker = Self.marker(of: finding)
    return context.comments.contains {
      $0.author == context.identity.email && $0.description.hasSuffix(marker)
    }
  }

  private func message(for resolve: ResolveOutcome) throws -> String? {
    var values: [String: Any] = [
      "branch": job.pullRequest.branch.shortDisplay, "base": job.pullRequest.base.shortDisplay,
      "baseTip": context.baseTip.short, "count": ConflictCount.resolved(in: resolve.files),
      "files": resolve.files.map { Self.values(of: $0) }, "renames": renames(resolve.renames ?? []),
    ]
    switch resolve.verdict {
    case .upToDate, .clean:
      return nil
    case .broken, .semanticConflict:
      values["reason"] = resolve.reason
      values["failures"] = (resolve.confirmation?.failures ?? []).prefix(20).map { failure -> [String: Any] in
        ["kind": failure.kind.rawValue, "name": failure.name, "detail": Array(failure.detail.prefix(Self.shownLines))]
      }
      return try Message.broken.published(values)
    case .conflicts:
      values["count"] = ConflictCount.left(in: resolve.files)
      values["files"] = resolve.files.filter { !$0.left.isEmpty }.map { Self.values(ofLeft: $0) }
      return try Message.conflicts.published(values)
    case .resolved:
      guard case .push(let branch, let from, _) = try target(of: resolve).push else {
        return try Message.reported.published(values)
      }
      values["target"] = branch.shortDisplay
      values["word"] = ShellQuoting.quoted("origin/\(branch.shortDisplay)")
      values["commit"] = resolve.commit?.short ?? ""
      values["beside"] = from.isZero
      values["conflicted"] = !resolve.files.isEmpty || resolve.repair == nil
      values["repaired"] =
        resolve.repair.map { fix -> Any in
          ["model": fix.attempts.last { $0.verdict == fix.verdict }?.model ?? "a model"]
        } ?? false
      values["confirmed"] = resolve.confirmation?.reason ?? "No test has confirmed it."
      return try Message.resolved.published(values)
    }
  }

  private static func values(of file: ConflictedFile) -> [String: Any] {
    ["path": file.path.display, "hunks": values(of: file.resolved)]
  }

  private static func values(of hunks: [ResolvedHunk]) -> [[String: Any]] {
    hunks.map { hunk in
      [
        "line": hunk.startLine, "by": hunk.by, "reason": hunk.reason,
        "drops": hunk.dropCount.map { ["count": $0, "lines": hunk.dropNotes] as [String: Any] } ?? false,
      ]
    }
  }

  /// How many lines of a proposal a comment shows; `arborist resolve` shows them all.
  private static let shownLines = 20

  private static func proposals(for hunk: LeftHunk) -> [[String: Any]] {
    var result = (hunk.candidates ?? []).map { candidate -> [String: Any] in
      ["text": "by \(candidate.by): \(candidate.reason)", "lines": shown(candidate.lines, more: 0)]
    }
    if let proposal = hunk.proposal {
      let lost = proposal.lost.isEmpty ? "" : "; what the deletion loses:"
      result.append(["text": proposal.reason + lost, "lines": shown(proposal.lost, more: proposal.lostMore)])
    }
    return result
  }

  private static func shown(_ lines: [String], more: Int) -> [String] {
    let hidden = max(0, lines.count - shownLines) + more
    return Array(lines.prefix(shownLines)) + (hidden > 0 ? ["… and \(hidden) more lines"] : [])
  }

  private func renames(_ renames: [RenameReach]) -> [[String: Any]] {
    renames.map { rename in
      let (branch, base) = (job.pullRequest.branch.shortDisplay, job.pullRequest.base.shortDisplay)
      return [
        "from": rename.from, "to": rename.to, "renaming": rename.side == .ours ? branch : base,
        "using": rename.side == .ours ? base : branch,
        "places": rename.places.map { place -> [String: Any] in
          [
            "path": place.path.display, "line": place.line, "text": place.text,
            "proposal": place.proposal ?? place.text,
          ]
        },
      ]
    }
  }

  private static func values(ofLeft file: ConflictedFile) -> [String: Any] {
    let hunks = file.left.map { hunk -> [String: Any] in
      let place = hunk.startLine == 0 ? "the file" : "lines \(hunk.startLine) to \(hunk.endLine)"
      return ["place": place, "reason": hunk.reason, "proposals": proposals(for: hunk)]
    }
    return [
      "path": file.path.display, "kind": file.kind.rawValue, "hunks": hunks, "resolved": values(of: file.resolved),
    ]
  }
}

extension Message {
  /// The text without the secrets that may stand in what commands, tests and models said.
  ///
  /// - Throws: where the template is broken.
  func published(_ values: [String: Any]) throws -> String { SecretScanner.redacting(try render(values)) }
}
