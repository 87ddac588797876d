package import Base
internal import Forges
internal import Git
internal import Templates
package import Work

/// Turns what came of a job into what is to be written on a forge.
///
/// It writes nothing itself, and says nothing that has not gone through ``OutgoingText``. The check of the job is at its
/// end in whatever it makes of an outcome.
package struct ForgeComposer {
  let context: ForgeContext
  let standing: StandingThreads
  let anchors: DiffAnchors
  var job: Job { context.job }
  var rules: OutgoingRules { context.rules }

  package init(_ context: ForgeContext) {
    self.context = context
    standing = StandingThreads(context.comments, account: context.account)
    anchors = DiffAnchors(context.diff)
  }

  /// The files of the head that ``ForgeContext/contents`` has to hold: those that findings speak of, and those at which
  /// Arborist's own threads stand.
  package static func wantedFiles(for outcome: Outcome?, _ context: ForgeContext) -> Set<RepositoryPath> {
    var paths = Set(StandingThreads(context.comments, account: context.account).threads.compactMap(\.path))
    if case .review(let review) = outcome { paths.formUnion(review.findings.map(\.path)) }
    if let offered = context.offered { paths.formUnion(offered.files.compactMap { $0.old?.path }) }
    let anchors = DiffAnchors(context.diff)
    return Set(paths.compactMap { anchors.names(of: $0)?.head })
  }

  /// What is to be written when work begins: the check of the job is pending.
  ///
  /// - Throws: where a template is broken.
  package func beginning() throws -> Publication {
    guard JobKind.started.contains(job.kind) else { return Publication() }
    return Publication(effects: [.forge(.check(try CheckEnding.pending(for: job)))])
  }

  /// What is to be written for the outcome.
  ///
  /// Where the pull request has another head by now, or is closed, nothing is said but how the check ended.
  ///
  /// - Throws: where a template is broken, or a name could not be made.
  package func publication(for outcome: Outcome) throws -> ForgePublication {
    guard JobKind.started.contains(job.kind) else { return ForgePublication(publication: Publication(), stopped: []) }
    return try OutgoingScreen(context).screened(try draft(for: outcome), job: job)
  }

  /// What is to be written where a job is not done at all; the reason is one line for a person.
  ///
  /// - Throws: where a template is broken.
  package func publication(skippedBecause reason: String) throws -> ForgePublication {
    let draft = ForgeDraft(ending: .skipped(try self.reason(reason)))
    return try OutgoingScreen(context).screened(draft, job: job)
  }

  /// What is to be written of an earlier job of this pull request whose commit was taken back: what the summary says of
  /// it, anew.
  ///
  /// - Parameters:
  ///   - outcome: What came of that job.
  ///   - takenBack: What was taken back, and by what.
  /// - Returns: The summary; nothing where there is none that speaks of it.
  /// - Throws: as ``publication(for:)``.
  package func publication(for outcome: Outcome, takenBack: TakenBack) throws -> ForgePublication {
    let body = SummaryBody(standing.summary ?? "")
    guard body.sections[kind] != nil || body.edited.contains(kind),
      let section = try section(for: outcome, takenBack), let summary = try summary(section)
    else { return ForgePublication(publication: Publication(), stopped: []) }
    return try OutgoingScreen(context).screened(summary: summary, heads: [takenBack.commit, takenBack.by])
  }

  private func draft(for outcome: Outcome) throws -> ForgeDraft {
    if context.state.head != job.head {
      return ForgeDraft(ending: .superseded(.code(context.state.head.short)))
    }
    if !context.state.isOpen { return ForgeDraft(ending: .closed()) }
    switch outcome {
    case .review(let review): return try draft(for: review)
    case .resolve(let resolve): return try draft(for: resolve)
    case .fix(let fix): return try draft(for: fix)
    case .superseded(let reason): return ForgeDraft(ending: .superseded(try self.reason(reason)))
    case .failed(let reason): return try draft(failedBecause: reason)
    case .agent, .undo, .attended, .answered: return ForgeDraft(ending: .skipped(.empty))
    }
  }

  private func draft(failedBecause reason: String) throws -> ForgeDraft {
    let said = try self.reason(reason)
    let section = try ForgeMessage.failed.fill([
      "kind": .text(.line(job.kind.rawValue, under: rules)), "head": .text(.code(job.head.short)),
      "reason": .text(said),
    ])
    return ForgeDraft(ending: .failed(said), summary: try summary(section))
  }

  /// A reason as one line that may leave.
  func reason(_ reason: String) throws -> OutgoingText {
    try ForgeMessage.checkReason.fill(["reason": .text(.line(reason, under: rules, limit: 600))])
  }

  // MARK: The summary

  /// How many items of a list a section shows; fewer where it would be too long.
  static let listSizes = [20, 8, 3, 1]

  /// A section that has room beside others: of its lists as much as that takes.
  ///
  /// - Parameters:
  ///   - sizes: How much it may show, the most first; of a list how many items.
  ///   - write: Makes the section of a size.
  /// - Returns: The first one that is small enough, or the last one.
  func fitting<Size>(
    _ sizes: [Size], _ write: (Size) throws -> OutgoingText
  ) rethrows -> OutgoingText {
    var section = OutgoingText.empty
    for size in sizes {
      section = try write(size)
      if section.size <= SummaryBody.limit / 2 { break }
    }
    return section
  }

  /// The kind of section that the job writes.
  private var kind: SummaryBody.Kind {
    switch job.kind {
    case .resolve: .resolve
    case .fix: .fix
    case .review, .agent, .undo, .ask, .attend: .review
    }
  }

  /// The summary that is there with the job's section written anew; `nil` where there would be nothing in it, and
  /// nothing is there.
  func summary(_ section: OutgoingText?, settled: [String] = []) throws -> String? {
    var body = SummaryBody(standing.summary ?? "")
    body.set(kind, section)
    if !settled.isEmpty { body.settled += settled }
    var words: [SummaryBody.Kind: (cut: OutgoingText, edited: OutgoingText)] = [:]
    for kind in SummaryBody.Kind.allCases {
      let name = OutgoingSlot.text(.line(kind.rawValue, under: rules))
      words[kind] = (
        try ForgeMessage.partCut.fill(["kind": name]), try ForgeMessage.partEdited.fill(["kind": name])
      )
    }
    let text = body.text(
      newest: kind, leftOut: { words[$0]?.cut ?? .empty }, wasEdited: { words[$0]?.edited ?? .empty })
    return text.isEmpty && standing.summary == nil ? nil : text
  }
}

/// What is to be written for an outcome, before it is looked through for secrets.
///
/// There is none without an ending of the check.
struct ForgeDraft {
  var ending: CheckEnding
  var push: Effect?
  var comments: [LineComment] = []
  var settle: [String] = []
  var summary: String?
}
