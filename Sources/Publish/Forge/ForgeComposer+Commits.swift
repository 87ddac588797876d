internal import Base
internal import ByteText
internal import Crypto
internal import Forges
internal import Git
internal import Secrets
internal import Templates
internal import Work

extension ForgeComposer {
  private static let mostOffers = 20

  // MARK: Where the commit goes

  /// What becomes of a commit: pushed as the plan says, or told as a patch where it must not be.
  private struct Delivered {
    var push: Effect?
    var comments: [LineComment] = []
    var slots: [String: OutgoingSlot] = [:]
  }

  private func deliver(
    _ plan: DeliveryPlan, verdict: String, isRevert: Bool, isMerge: Bool = false
  ) throws -> Delivered {
    var result = Delivered(slots: [
      "pushed": .flag(false), "patch": .flag(false), "takenBack": .flag(false), "change": .flag(false),
      "note": plan.note.map { .section(["text": .text(.line($0, under: rules))]) } ?? .flag(false),
    ])
    guard case .push(let branch, let from, let commit) = plan.push else {
      if plan.isLeft { try tellPatch(.left, verdict: verdict, isRevert: isRevert, isMerge: isMerge, in: &result) }
      return result
    }
    if let refusal = context.refusal {
      // The note speaks of the branch where it is not.
      result.slots["note"] = .flag(false)
      try tellPatch(.refused(refusal), verdict: verdict, isRevert: isRevert, isMerge: isMerge, in: &result)
      return result
    }
    if context.mayPush(to: branch) {
      result.push = plan.push
      result.slots["pushed"] = .section([
        "commit": .text(.link(.code(commit.short), to: context.pages.commit(commit))),
        "branch": .text(.code(branch.shortDisplay)), "beside": .flag(from.isZero), "isRevert": .flag(isRevert),
      ])
      // What a partial revert takes away is shown as the cause.
      if !isMerge, !isRevert { result.slots["change"] = change }
      return result
    }
    let why: PatchReason = context.state.place.fork == nil ? .closed : .fork
    try tellPatch(why, verdict: verdict, isRevert: isRevert, isMerge: isMerge, in: &result)
    return result
  }

  /// What a repair changes; nothing where it takes out one of our own secrets, for the rest of the summary is to be told.
  private var change: OutgoingSlot {
    guard let offered = context.offered else { return .flag(false) }
    let patch = PatchText(offered)
    return context.secrets.hit(in: patch.lines.joined(separator: "\n")) == nil ? patch.change : .flag(false)
  }

  /// Why a commit is told as a patch.
  private enum PatchReason {
    /// The branch is closed to Arborist, or is one of a fork that is.
    case closed, fork
    /// Too many went out before; the note says so.
    case left
    case refused(PushRefusal)
  }

  /// Tells a commit as a patch, and where the forge has them as suggestions.
  private func tellPatch(
    _ reason: PatchReason, verdict: String, isRevert: Bool, isMerge: Bool, in result: inout Delivered
  ) throws {
    let patch = PatchText(context.offered ?? .init())
    // Of a merge no part is of use by itself.
    if context.capabilities.hasSuggestions, !isMerge {
      let text = try ForgeMessage.suggestion.fill([
        "isRevert": .flag(isRevert), "verdict": .text(.code(verdict)),
      ])
      for offer in patch.offers(anchors, contents: context.contents, most: Self.mostOffers) {
        let comment = LineComment(
          key: offerKey(offer), anchor: offer.anchor, body: text.markdown, suggestion: offer.lines)
        if !standing.keys.contains(comment.key) { result.comments.append(comment) }
      }
    }
    var slots: [String: OutgoingSlot] = [
      "isFork": .flag(false), "isClosed": .flag(false), "isLeft": .flag(false), "refused": .flag(false),
      "hasSuggestions": .flag(!result.comments.isEmpty),
    ]
    switch reason {
    case .fork: slots["isFork"] = .flag(true)
    case .closed: slots["isClosed"] = .flag(true)
    case .left: slots["isLeft"] = .flag(true)
    case .refused(let refusal):
      slots["refused"] = .section([
        "branch": .text(.code(refusal.branch.shortDisplay)),
        "reason": .text(.line(refusal.reason, under: rules, limit: 600)),
      ])
    }
    result.slots["patch"] = .section([
      "why": .text(try ForgeMessage.patchWhy.fill(slots)),
      "lines": .text(.fence(patch.lines, language: "diff", most: 300, limit: 20_000)),
    ])
  }

  /// The key of a suggestion: by the head, the place and the lines.
  private func offerKey(_ offer: PatchText.Offer) -> String {
    var bytes = job.head.bytes + offer.anchor.path.bytes + [0]
    bytes += Array("\(offer.anchor.startLine) \(offer.anchor.endLine)\n".utf8)
    for line in offer.lines { bytes += Array(line.utf8) + [0x0a] }
    return "offer/\(Hexadecimal.encode(SHA256.hash(data: bytes).prefix(8)))"
  }

  // MARK: What was taken back

  /// What is said of a merge or a repair whose commit is not there any more; `nil` for anything else.
  func section(for outcome: Outcome, _ takenBack: TakenBack) throws -> OutgoingText? {
    func link(_ commit: ObjectID) -> OutgoingSlot {
      .text(.link(.code(commit.short), to: context.pages.commit(commit)))
    }
    let delivered = Delivered(slots: [
      "pushed": .flag(false), "patch": .flag(false), "note": .flag(false), "change": .flag(false),
      "takenBack": .section([
        "commit": link(takenBack.commit), "by": link(takenBack.by),
        "branch": .text(.code(takenBack.branch.shortDisplay)),
        "left": .texts(takenBack.left.prefix(5).map { .line($0, under: rules, limit: 600) }),
      ]),
    ])
    switch outcome {
    case .fix(let fix): return try fitting(Self.listSizes) { try section(fix, delivered, most: $0) }
    case .resolve(let resolve): return try fitting(ConflictBlocks.sizes) { try section(resolve, delivered, $0) }
    case .review, .agent, .undo, .attended, .answered, .failed, .superseded: return nil
    }
  }

  // MARK: Merges

  func draft(for resolve: ResolveOutcome) throws -> ForgeDraft {
    var delivery = MergeDelivery(
      branch: job.pullRequest.branch, head: job.head, push: context.push, unverified: context.unverified,
      isCheckedOut: false, number: context.sideNumber)
    delivery.earlier = context.earlierPushes
    let plan = try delivery.plan(for: resolve)
    let delivered = try deliver(plan, verdict: resolve.verdict.rawValue, isRevert: false, isMerge: true)
    let text = try fitting(ConflictBlocks.sizes) { try section(resolve, delivered, $0) }
    // That there is nothing to do is told where a conflict was told before.
    let isQuiet =
      (resolve.verdict == .upToDate || resolve.verdict == .clean)
      && SummaryBody(standing.summary ?? "").sections[.resolve] == nil
    return ForgeDraft(
      ending: CheckEnding(
        Self.state(of: resolve, delivered.push), verdict: .line(resolve.reason, under: rules, limit: 200),
        summary: text),
      push: delivered.push, comments: delivered.comments, summary: isQuiet ? nil : try summary(text))
  }

  private static func state(of resolve: ResolveOutcome, _ push: Effect?) -> CheckEnding.State {
    switch resolve.verdict {
    case .upToDate, .clean: .success
    // A merge that lies beside the branch, or nowhere, is for a person.
    case .resolved: isOnBranch(push) ? .success : .neutral
    case .conflicts, .broken, .semanticConflict: .failure
    }
  }

  /// Whether a commit goes to the branch that was worked on, and not beside it.
  private static func isOnBranch(_ push: Effect?) -> Bool {
    guard case .push(_, let from, _) = push else { return false }
    return !from.isZero
  }

  private func section(
    _ resolve: ResolveOutcome, _ delivered: Delivered, _ size: ConflictBlocks.Size
  ) throws -> OutgoingText {
    let most = size.list
    let failures = resolve.confirmation?.failures ?? []
    var slots: [String: OutgoingSlot] = [
      "base": .text(.code(job.pullRequest.base.shortDisplay)), "head": .text(.code(job.head.short)),
      "verdict": .text(.code(resolve.verdict.rawValue)), "reason": .text(.line(resolve.reason, under: rules)),
      "confirmation": resolve.confirmation.map { .section(["text": .text(.line($0.reason, under: rules))]) }
        ?? .flag(false),
      "hasConcerns": .flag(!(resolve.concerns ?? []).isEmpty),
      "concerns": .texts((resolve.concerns ?? []).prefix(most).map { .line($0, under: rules) }),
      "hasFailures": .flag(!failures.isEmpty),
      "failures": .list(
        failures.prefix(most).map { ["kind": .text(.code($0.kind.rawValue)), "name": .text(.code($0.name))] }),
      "files": .list(resolve.files.prefix(most).map { item($0, most: most) }),
      "hasMore": .flag(resolve.files.count > most), "more": .number(resolve.files.count - most),
      "hasRenames": .flag(!(resolve.renames ?? []).isEmpty),
      "renames": .list(
        (resolve.renames ?? []).prefix(most).map {
          ["from": .text(.code($0.from)), "to": .text(.code($0.to)), "count": .number($0.places.count)]
        }),
    ]
    let blocks = ConflictBlocks(
      resolve.files, branch: job.pullRequest.branch.shortDisplay, base: job.pullRequest.base.shortDisplay,
      pages: context.pages)
    slots.merge(blocks.slots(size)) { _, new in new }
    slots.merge(delivered.slots) { _, new in new }
    return try ForgeMessage.resolve.fill(slots)
  }

  private func item(_ file: ConflictedFile, most: Int) -> [String: OutgoingSlot] {
    [
      "path": .text(.code(file.path.display)), "kind": .text(.line(file.kind.rawValue, under: rules)),
      "left": .list(
        file.left.prefix(most).map { hunk in
          [
            "isWhole": .flag(hunk.startLine == 0), "from": .number(hunk.startLine), "to": .number(hunk.endLine),
            "reason": .text(.line(hunk.reason, under: rules)),
          ]
        }),
      "hasMoreLeft": .flag(file.left.count > most), "moreLeft": .number(file.left.count - most),
      "resolved": .list(
        file.resolved.prefix(most).map { hunk in
          [
            "line": .number(hunk.startLine), "by": .text(.code(hunk.by)),
            "reason": .text(.line(hunk.reason, under: rules)),
          ]
        }),
    ]
  }

  // MARK: Repairs

  func draft(for fix: FixOutcome) throws -> ForgeDraft {
    let plan = try FixDelivery(
      branch: job.pullRequest.branch, head: job.head, push: context.push, isCheckedOut: false,
      earlier: context.earlierPushes, number: context.sideNumber
    ).plan(for: fix)
    let delivered = try deliver(plan, verdict: fix.verdict.rawValue, isRevert: fix.offer == .partialRevert)
    let text = try fitting(Self.listSizes) { try section(fix, delivered, most: $0) }
    return ForgeDraft(
      ending: CheckEnding(
        Self.state(of: fix, delivered.push), verdict: .line(fix.reason, under: rules, limit: 200), summary: text),
      push: delivered.push, comments: delivered.comments, summary: try summary(text))
  }

  private static func state(of fix: FixOutcome, _ push: Effect?) -> CheckEnding.State {
    switch fix.verdict {
    case .nothingToFix: .success
    case .fixed: isOnBranch(push) ? .success : .neutral
    // What a person decides, and what says nothing of the branch, is neither green nor red.
    case .fixedWithTestChange, .flaky, .infrastructure: .neutral
    case .notFixed, .regressed, .tampered: .failure
    }
  }

  private func section(_ fix: FixOutcome, _ delivered: Delivered, most: Int) throws -> OutgoingText {
    let said = fix.offer == .repair ? "" : fix.attempts.last?.summary ?? ""
    var slots: [String: OutgoingSlot] = [
      "head": .text(.code(job.head.short)), "verdict": .text(.code(fix.verdict.rawValue)),
      "reason": .text(.line(fix.reason, under: rules)), "hasNotes": .flag(!fix.notes.isEmpty),
      "notes": .texts(fix.notes.prefix(most).map { .line($0, under: rules) }),
      "hasRed": .flag(!fix.red.isEmpty),
      "red": .list(
        fix.red.prefix(most).map { ["name": .text(.code($0.name)), "atBase": .flag($0.isAtBase == true)] }),
      "hasMore": .flag(fix.red.count > most), "more": .number(fix.red.count - most),
      "parts": .list((fix.culprit?.allParts ?? []).prefix(5).map { part($0, most: most) }),
      "sealed": fix.sealedChange.isEmpty
        ? .flag(false)
        : .section(["lines": .text(.fence(fix.sealedChange, language: "diff", most: 2 * most, limit: 300 * most))]),
      "said": said.isEmpty
        ? .flag(false) : .section(["text": .text(.blocks("> " + said.replacing("\n", with: "\n> "), under: rules))]),
    ]
    slots.merge(delivered.slots) { _, new in new }
    return try ForgeMessage.fix.fill(slots)
  }

  private func part(_ part: CulpritPart, most: Int) -> [String: OutgoingSlot] {
    [
      "explanation": .text(.line(part.explanation, under: rules)),
      "firstBad": part.firstBad.map {
        .section(["id": .text(.code($0.id.short)), "subject": .text(.code($0.subject))])
      } ?? .flag(false),
      "hunks": .list(
        part.hunks.prefix(5).map { hunk in
          [
            "path": .text(.code(hunk.path.display)), "hasLine": .flag(hunk.startLine > 0),
            "line": .number(hunk.startLine),
            "lines": .text(.fence(hunk.lines, language: "diff", most: 2 * most, limit: 300 * most)),
          ]
        }),
    ]
  }
}
