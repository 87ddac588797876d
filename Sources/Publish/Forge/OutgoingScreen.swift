internal import Base
internal import Git
internal import Secrets
internal import Templates
internal import Work

/// The last step before anything leaves: nothing that holds one of our own secrets goes further.
struct OutgoingScreen {
  private let context: ForgeContext

  init(_ context: ForgeContext) { self.context = context }

  /// The effects of a draft, in the order in which they are to be carried out; the check ends last.
  func screened(_ draft: ForgeDraft, job: Job) throws -> ForgePublication {
    var (effects, stopped): ([Effect], [String]) = ([], [])
    var draft = draft
    if let push = draft.push {
      if context.secrets.isEmpty {
        effects.append(push)
      } else if context.offered == nil {
        stopped.append("the push: what it adds could not be looked through")
      } else if let hit = hitInCommit() {
        stopped.append("the push: \(hit)")
        // It would say that the commit is where it is not.
        if draft.summary != nil { draft.summary = try Self.notice(hit).markdown }
      } else {
        effects.append(push)
      }
    }
    let comments = draft.comments.filter { comment in
      guard let hit = hit(in: comment.outgoingText) else { return true }
      stopped.append("the comment \(comment.key): \(hit)")
      return false
    }
    // Parts of it could be spread over several.
    if !comments.isEmpty, let hit = hit(in: comments.flatMap(\.outgoingText)) {
      stopped.append("comments on \(comments.count) lines together: \(hit)")
    } else if !comments.isEmpty {
      effects.append(.forge(.comments(comments, head: job.head)))
    }
    if !draft.settle.isEmpty { effects.append(.forge(.settle(keys: draft.settle))) }
    if let summary = draft.summary {
      if let hit = hit(in: [summary]) {
        stopped.append("the summary: \(hit)")
        effects.append(.forge(.summary(body: try Self.notice(hit).markdown, heads: heads(of: job, draft))))
      } else {
        effects.append(.forge(.summary(body: summary, heads: heads(of: job, draft))))
      }
    }
    let check = try check(draft.ending, job: job, stopped: &stopped)
    effects.append(.forge(.check(check)))
    if let push = draft.push, effects.contains(push), case .push(let branch, let old, let new) = push, !old.isZero,
      branch == job.pullRequest.branch
    {
      // Nobody begins such work on a head that Arborist made, and a check that is required would be missing there.
      var there = check
      there.head = new
      effects.append(.forge(.check(there)))
    }
    return ForgePublication(publication: Publication(effects: effects), stopped: stopped)
  }

  /// A summary alone, which may stand under these heads.
  func screened(summary: String, heads: [ObjectID]) throws -> ForgePublication {
    var (body, stopped): (String, [String]) = (summary, [])
    if let hit = hit(in: [summary]) {
      stopped.append("the summary: \(hit)")
      body = try Self.notice(hit).markdown
    }
    return ForgePublication(
      publication: Publication(effects: [.forge(.summary(body: body, heads: heads))]), stopped: stopped)
  }

  /// What a summary may stand under: the head that was worked on, or what this very work makes of it.
  private func heads(of job: Job, _ draft: ForgeDraft) -> [ObjectID] {
    guard case .push(let branch, _, let new) = draft.push, branch == job.pullRequest.branch else { return [job.head] }
    return [job.head, new]
  }

  private func check(_ ending: CheckEnding, job: Job, stopped: inout [String]) throws -> CheckReport {
    let check = try ending.report(for: job)
    if let hit = hit(in: [check.title, check.summary]) {
      stopped.append("the check: \(hit)")
      return try CheckEnding.stopped(try Self.notice(hit)).report(for: job)
    }
    // Nothing is green where something was to be said and could not be.
    return stopped.isEmpty ? check : try CheckEnding.stopped(.empty).report(for: job)
  }

  private static func notice(_ hit: KnownSecrets.Hit) throws -> OutgoingText {
    try ForgeMessage.stopped.fill(["what": .text(.code(hit.name))])
  }

  private func hit(in texts: [String]) -> KnownSecrets.Hit? { context.secrets.hit(in: texts.joined(separator: "\n")) }

  /// What a commit that is offered adds, and its message, is looked through as well as what is said.
  private func hitInCommit() -> KnownSecrets.Hit? {
    var bytes: [UInt8] = context.messages.flatMap { $0 + [0x0a] }
    for file in context.offered?.files ?? [] {
      bytes += file.new?.path.bytes ?? []
      bytes.append(0x0a)
      for line in file.hunks.lazy.flatMap(\.lines) where line.kind == .added { bytes += line.content + [0x0a] }
    }
    return context.secrets.hit(in: bytes)
  }
}
