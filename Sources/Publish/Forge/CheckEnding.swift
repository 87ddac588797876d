internal import Base
internal import Templates
package import Work

/// The name of the check of a kind of job, as forges show it.
package enum CheckName {
  package static func of(_ kind: JobKind) -> String { FailedCheck.ownPrefix + kind.rawValue }

  /// The kind of job whose check has this name; `nil` for any other name.
  package static func kind(of name: String) -> JobKind? { JobKind.started.first { of($0) == name } }
}

extension CheckReport {
  /// Whether nobody waits for the check any more.
  package var isEnd: Bool { state != .pending }
}

extension Publication {
  /// The checks, by name and commit, that are at their end once all this is written.
  package var endedChecks: Set<String> {
    Set(
      effects.compactMap { effect in
        guard case .forge(.check(let check)) = effect, check.isEnd else { return nil }
        return "\(check.name) \(check.head.hex)"
      })
  }
}

/// How the check of a job ends; there is no ending that leaves it pending.
///
/// It is green only where everything was read and nothing was found that counts, or where nothing is left to a person.
struct CheckEnding {
  enum State {
    case success, failure, neutral

    fileprivate var reported: CheckReport.State {
      switch self {
      case .success: .success
      case .failure: .failure
      case .neutral: .neutral
      }
    }
  }

  var state: State
  /// The key of the title in its template, with what it takes.
  private var key: String
  private var slots: [String: OutgoingSlot]
  /// What is said behind the title.
  var summary: OutgoingText

  private init(_ state: State, _ key: String, _ slots: [String: OutgoingSlot] = [:], _ summary: OutgoingText) {
    (self.state, self.key, self.slots, self.summary) = (state, key, slots, summary)
  }

  /// For what came of a review.
  ///
  /// What a model found once and not a second time is not gone: it is green only where nobody has left it open.
  init(_ review: ReviewOutcome, countsFrom: Severity, silent: Int, summary: OutgoingText) {
    func count(_ severity: Severity) -> Int { review.findings.count { $0.severity == severity } }
    let counts: [String: OutgoingSlot] = [
      "errors": .number(count(.error)), "warnings": .number(count(.warning)), "notes": .number(count(.note)),
      "count": .number(review.findings.count),
    ]
    let worst = review.findings.map(\.severity).max()
    let isWhole = review.unread.isEmpty && (review.unheard ?? []).isEmpty && review.shortfall == nil
    if let worst, worst >= countsFrom {
      self.init(worst == .error ? .failure : .neutral, "found", counts, summary)
    } else if !isWhole {
      self.init(.neutral, "partial", summary)
    } else if silent > 0 {
      self.init(.neutral, "silent", ["count": .number(silent)], summary)
    } else {
      self.init(.success, worst == nil ? "clean" : "minor", counts, summary)
    }
  }

  private init(_ state: State, _ key: String, _ summary: OutgoingText) { self.init(state, key, [:], summary) }

  /// For what came of a merge or a repair, in a word.
  init(_ state: State, verdict: OutgoingText, summary: OutgoingText) {
    self.init(state, "verdict", ["text": .text(verdict)], summary)
  }

  static func failed(_ summary: OutgoingText) -> CheckEnding { CheckEnding(.failure, "failed", summary) }
  static func superseded(_ summary: OutgoingText) -> CheckEnding { CheckEnding(.neutral, "superseded", summary) }
  static func closed() -> CheckEnding { CheckEnding(.neutral, "closed", OutgoingText.empty) }
  static func skipped(_ summary: OutgoingText) -> CheckEnding { CheckEnding(.neutral, "skipped", summary) }
  static func stopped(_ summary: OutgoingText) -> CheckEnding { CheckEnding(.neutral, "stopped", summary) }

  /// The check at its end.
  ///
  /// - Throws: where the template is broken.
  func report(for job: Job) throws -> CheckReport {
    CheckReport(
      name: CheckName.of(job.kind), head: job.head, state: state.reported,
      title: Self.plain(try ForgeMessage.check.fill([key: .section(slots)])), summary: summary.markdown)
  }

  /// A title as forges show it, which is no Markdown.
  private static func plain(_ title: OutgoingText) -> String {
    title.markdown.replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&amp;", with: "&")
  }

  /// The check while the work is under way.
  ///
  /// - Throws: where the template is broken.
  static func pending(for job: Job) throws -> CheckReport {
    let title = try ForgeMessage.check.fill(["pending": .section(["head": .text(.code(job.head.short))])])
    return CheckReport(
      name: CheckName.of(job.kind), head: job.head, state: .pending, title: title.markdown, summary: title.markdown)
  }
}
