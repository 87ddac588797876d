internal import Base
internal import Forges
internal import Templates
internal import Work

extension ForgeComposer {
  /// The same as ``listSizes`` for a review.
  private static let reviewSizes = [30, 10, 3, 0]

  /// What a review has to say, sorted by where it can be said.
  private struct Sorted {
    /// New comments on lines, the weightiest first.
    var told: [LineComment] = []
    /// How many comments of earlier reviews still say what this one found.
    var standing = 0
    /// What has no line that a comment could stand on.
    var left: [Finding] = []
    /// Threads whose code is gone.
    var gone: [FindingKey] = []
    /// How many open threads speak of code that is as it was, though this review did not find it again.
    var silent = 0
  }

  func draft(for review: ReviewOutcome) throws -> ForgeDraft {
    let settledByUs = SummaryBody(standing.summary ?? "").settled
    let sorted = try sorted(review, settledByUs: Set(settledByUs))
    let settles = context.capabilities.settlesThreads
    let settled = settles ? sorted.gone.map(\.text) : []
    let section = try fitting(Self.reviewSizes) { try self.section(review, sorted, most: $0) }
    return ForgeDraft(
      ending: CheckEnding(review, countsFrom: context.countsFrom, silent: sorted.silent, summary: section),
      comments: sorted.told,
      settle: settled, summary: try summary(section, settled: settled.filter { !settledByUs.contains($0) }))
  }

  private func sorted(_ review: ReviewOutcome, settledByUs: Set<String>) throws -> Sorted {
    var result = Sorted()
    var places = FindingPlaces(anchors, contents: context.contents)
    var threads: [String: FindingThreads] = [:]
    var untold: [Untold] = []
    for finding in review.findings {
      guard let anchor = anchors.anchor(for: finding) else {
        result.left.append(finding)
        continue
      }
      let key = places.key(of: finding, at: anchor)
      var there = threads[key.place] ?? self.threads(at: key.place, in: anchor.path, settledByUs, &places)
      let line = anchor.startLine == finding.startLine ? finding.startLine : nil
      let telling = there.tell(key, finding.side, line)
      threads[key.place] = there
      guard let telling else { continue }
      untold.append(Untold(finding: finding, anchor: anchor, telling: telling))
    }
    // What a finding of this review repeats to the letter is not free for another one.
    untold.removeAll { isRepeated($0, settledByUs, &places, &threads) }
    result.standing = review.findings.count - result.left.count - untold.count
    let new = try untold.map { ($0.finding, try comment(on: $0.finding, at: $0.anchor, $0.telling)) }
    // The weightiest are told where they stand, in the order of the files.
    let order = new.indices.sorted { left, right in
      let (a, b) = (new[left].0, new[right].0)
      return a.severity != b.severity ? a.severity > b.severity : left < right
    }
    let kept = Set(order.prefix(context.mostComments))
    result.told = new.indices.filter(kept.contains).map { new[$0].1 }
    result.left += new.indices.filter { !kept.contains($0) }.map { new[$0].0 }
    result.left.sort { $0.severity > $1.severity }
    var seen: Set<String> = []
    for thread in standing.threads where thread.isSettled != true && seen.insert(thread.key.place).inserted {
      guard let path = thread.path else { continue }
      result.silent +=
        (threads[thread.key.place] ?? self.threads(at: thread.key.place, in: path, settledByUs, &places)).silent
      // As it was before anything was told now.
      result.gone += self.threads(at: thread.key.place, in: path, settledByUs, &places).gone
    }
    return result
  }

  /// A finding that no thread tells by its key.
  private struct Untold {
    var finding: Finding
    var anchor: LineAnchor
    var telling: FindingThreads.Telling
  }

  /// Whether an open thread of a model says the same of lines that the finding is about too.
  ///
  /// Models do not quote one mistake twice alike. The thread is taken then.
  private func isRepeated(
    _ untold: Untold, _ settledByUs: Set<String>, _ places: inout FindingPlaces,
    _ threads: inout [String: FindingThreads]
  ) -> Bool {
    let (finding, path) = (untold.finding, untold.anchor.path)
    guard finding.side == .head, FindingPlaces.isOfModel(untold.telling.key), !untold.telling.key.isAgain else {
      return false
    }
    let title = FindingTitle(OutgoingText.line(finding.title, under: rules).markdown)
    let own = untold.anchor.startLine...untold.anchor.endLine
    for thread in standing.threads where thread.path == path && thread.isSettled != true {
      guard FindingPlaces.isOfModel(thread.key), title.isAlike(FindingTitle(thread.title)) else { continue }
      let there = threads[thread.key.place] ?? self.threads(at: thread.key.place, in: path, settledByUs, &places)
      threads[thread.key.place] = there
      guard let line = there.line(ofOpen: thread.key), line.side == .head,
        own.overlaps(line.number...(line.number + thread.lines - 1)),
        places.areTogether(own.lowerBound, line.number, in: path)
      else { continue }
      threads[thread.key.place]?.take(thread.key)
      return true
    }
    return false
  }

  /// The threads whose keys have a place, with the lines that are it now.
  private func threads(
    at place: String, in path: RepositoryPath, _ settledByUs: Set<String>, _ places: inout FindingPlaces
  ) -> FindingThreads {
    FindingThreads(
      standing.threads.filter { $0.key.place == place }, settledByUs: settledByUs,
      lines: places.lines(at: place, in: path))
  }

  private func comment(
    on finding: Finding, at anchor: LineAnchor, _ telling: FindingThreads.Telling
  ) throws -> LineComment {
    let end = max(finding.startLine, finding.endLine)
    let body = OutgoingText.blocks(finding.body, under: rules)
    let isSure = finding.confidence >= 1
    let text = try ForgeMessage.finding.fill([
      "severity": .text(.line(finding.severity.rawValue, under: rules)),
      "title": .text(.line(finding.title, under: rules)), "hasBody": .flag(!body.isEmpty), "body": .text(body),
      "shortened": .flag(anchor.startLine != finding.startLine || anchor.endLine != end),
      "from": .number(finding.startLine), "to": .number(end), "source": .text(.code(finding.source)),
      "confidence": isSure
        ? .flag(false) : .section(["confidence": .number(Int(max(0, min(1, finding.confidence)) * 100))]),
    ])
    let suggestion =
      context.capabilities.hasSuggestions
      ? SuggestionTrial.lines(of: finding, at: anchor, in: context.contents[anchor.path]) : nil
    var comment = LineComment(key: telling.key.text, anchor: anchor, body: text.markdown, suggestion: suggestion)
    comment.mark = telling.mark?.text(lines: anchor.endLine - anchor.startLine + 1)
    return comment
  }

  private func section(_ review: ReviewOutcome, _ sorted: Sorted, most: Int) throws -> OutgoingText {
    let shown = sorted.left.prefix(most)
    let hidden = sorted.left.dropFirst(most)
    func count(_ severity: Severity) -> OutgoingSlot { .number(hidden.count { $0.severity == severity }) }
    let gone = context.capabilities.settlesThreads ? 0 : sorted.gone.count
    return try ForgeMessage.review.fill([
      "head": .text(.link(.code(job.head.short), to: context.pages.commit(job.head))),
      "overall": .text(.line(review.overall, under: rules, limit: 1_000)),
      "hasComments": .flag(sorted.told.count + sorted.standing > 0), "told": .number(sorted.told.count),
      "standing": .number(sorted.standing),
      "hasSilent": .flag(sorted.silent > 0), "silent": .number(sorted.silent),
      "hasGone": .flag(gone > 0), "gone": .number(gone),
      "hasLeft": .flag(!sorted.left.isEmpty), "left": .list(shown.map(item)), "hasMore": .flag(!hidden.isEmpty),
      "more": .number(hidden.count), "errors": count(.error), "warnings": count(.warning), "notes": count(.note),
      "hasUnread": .flag(!review.unread.isEmpty),
      "unread": .list(
        review.unread.prefix(most).map {
          ["path": .text(.code($0.path.display)), "reason": .text(.line($0.reason, under: rules))]
        }),
      "hasMoreUnread": .flag(review.unread.count > most), "moreUnread": .number(review.unread.count - most),
      "hasUnheard": .flag(!(review.unheard ?? []).isEmpty),
      "unheard": .texts((review.unheard ?? []).prefix(10).map { .line($0, under: rules) }),
    ])
  }

  private func item(_ finding: Finding) -> [String: OutgoingSlot] {
    let commit = finding.side == .head ? job.head : job.against
    let end = max(finding.startLine, finding.endLine)
    let lines = finding.startLine == 0 ? "" : ":\(finding.startLine)" + (end > finding.startLine ? "-\(end)" : "")
    let place = OutgoingText.code(finding.path.display + lines)
    let address = context.pages.file(finding.path, at: commit, from: finding.startLine, through: end)
    let body = OutgoingText.line(finding.body, under: rules, limit: 600)
    return [
      "severity": .text(.line(finding.severity.rawValue, under: rules)),
      "place": .text(commit.isZero ? place : .link(place, to: address)),
      "title": .text(.line(finding.title, under: rules)), "hasBody": .flag(!body.isEmpty), "body": .text(body),
    ]
  }
}
