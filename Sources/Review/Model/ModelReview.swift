internal import Base
internal import ByteText
internal import Secrets
package import Work

/// What models said of a change, when everything that can be asked was asked.
package struct ModelReview: Sendable {
  /// What they found and where.
  package var findings: [ModelFindings.Anchored]
  /// What they did not read, and why.
  package var unread: [Unread]
  /// What a person should know of it, a sentence each.
  package var notes: [String]
  /// Of these the ones that tell that a model was not heard.
  package var faults: [String]
  package var shortfall: ReviewOutcome.Shortfall?
  /// The models that answered, as `PROVIDER/NAME`.
  package var models: [String]
  package var runs: [RunID]
  /// What they found and nobody is told as a finding.
  package var dropped: [DroppedFinding] = []
  /// What asking them took; `nil` where none answered.
  package var cost: ReviewCost?

  package init(
    findings: [ModelFindings.Anchored] = [], unread: [Unread] = [], notes: [String] = [], faults: [String] = [],
    shortfall: ReviewOutcome.Shortfall? = nil, models: [String] = [], runs: [RunID] = []
  ) {
    self.findings = findings
    self.unread = unread
    self.notes = notes
    self.faults = faults
    self.shortfall = shortfall
    self.models = models
    self.runs = runs
  }
}

/// What became of one request.
package struct AskedPart: Sendable, Hashable, Codable {
  /// What came of it.
  package enum Result: Sendable, Hashable, Codable {
    /// It was answered.
    case answered(FindingsAnswer)
    /// It was not, or not with anything that could be used.
    case unanswered(Reason)
  }

  /// Why there is no answer.
  package struct Reason: Sendable, Hashable, Codable {
    package var shortfall: ReviewOutcome.Shortfall
    /// In words that fit behind "not read by a model: ".
    package var words: String

    package init(_ shortfall: ReviewOutcome.Shortfall, _ words: String) {
      self.shortfall = shortfall
      self.words = words
    }
  }

  package var result: Result
  /// The model that was asked last; `nil` where none was.
  package var model: String?

  package init(_ result: Result, by model: String?) {
    self.result = result
    self.model = model
  }
}

/// Puts together what the requests of one review brought.
package struct ModelReviewAssembly: Sendable {
  /// More reasons than these stand with the files alone.
  private static let gapLimit = 3

  private let plan: ReviewPlan
  private let reading: ChangeReading
  private let floor: Double
  private var found: [String: ModelFindings] = [:]
  private var order: [String] = []
  private var review = ModelReview()
  private var requests = 0
  private var counts: [DropReason: Int] = [:]
  /// The files of which something was read, by their place.
  private var read: Set<Int> = []
  /// Why files were not read, each reason once, with the files.
  private var gaps: [(words: String, files: Set<RepositoryPath>)] = []

  package init(_ plan: ReviewPlan, of reading: ChangeReading, floor: Double) {
    self.plan = plan
    self.reading = reading
    self.floor = floor
    review.unread = reading.unread
  }

  /// Takes what became of one part.
  package mutating func take(_ asked: AskedPart, of part: ReviewPart) {
    switch asked.result {
    case .answered(let answer):
      guard let model = asked.model else { return }
      requests += 1
      read.formUnion(part.sections.map(\.file))
      if !order.contains(model) { order.append(model) }
      take(answer, by: model, to: part)
      if answer.isCut {
        let words = "the model's answer was cut off, so there may be more to find"
        lack(part, AskedPart.Reason(.answers, words), isRead: true)
      }
    case .unanswered(let reason): lack(part, reason, isRead: false)
    }
  }

  /// Takes an answer finding by finding, to know of each that is dropped what it said and why.
  private mutating func take(_ answer: FindingsAnswer, by model: String, to part: ReviewPart) {
    var findings = found[model] ?? ModelFindings(of: model, in: reading, floor: floor)
    var rest = answer
    rest.findings = []
    findings.take(rest, to: part)
    for (index, proposed) in answer.findings.enumerated() {
      guard index < ReviewBrief.findingLimit else {
        drop(proposed, .surplus)
        continue
      }
      let before = findings.dropped
      findings.take(FindingsAnswer(findings: [proposed]), to: part)
      let after = findings.dropped
      if after.notFound > before.notFound {
        drop(proposed, isAnywhere(proposed) ? .elsewhere : .notFound)
      } else if after.outside > before.outside {
        drop(proposed, isAnywhere(proposed) ? .elsewhere : .outside)
      } else if after.unsure > before.unsure {
        drop(proposed, .unsure)
      }
    }
    found[model] = findings
  }

  /// Whether what a finding quotes stands at lines of the change that some request shows.
  private func isAnywhere(_ proposed: ProposedFinding) -> Bool {
    var whole = ModelFindings(of: "", in: reading, floor: 0)
    whole.take(
      FindingsAnswer(findings: [proposed]), to: ReviewPart(sections: plan.parts.flatMap(\.sections)))
    return !whole.anchored.isEmpty
  }

  private mutating func drop(_ proposed: ProposedFinding, _ why: DropReason) {
    func safe(_ text: String) -> String { DisplayText.line(SecretScanner.redacting(Array(text.utf8))) }
    counts[why, default: 0] += 1
    review.dropped.append(
      DroppedFinding(
        title: safe(proposed.title), path: safe(proposed.path.cut(to: 300)), line: proposed.line, why: why.rawValue))
  }

  private mutating func lack(_ part: ReviewPart, _ reason: AskedPart.Reason, isRead: Bool) {
    review.shortfall = review.shortfall?.orMore(reason.shortfall) ?? reason.shortfall
    let gap =
      gaps.firstIndex { $0.words == reason.words }
      ?? {
        gaps.append((reason.words, []))
        return gaps.count - 1
      }()
    for (path, lines) in plan.left(of: part) {
      gaps[gap].files.insert(path)
      let place = lines.isEmpty ? "" : ", \(lines)"
      // A file whose findings are told was read, though perhaps not all of them are known.
      let start = isRead ? UnreadGroup.begun : UnreadGroup.unread
      let unread = Unread(path: path, reason: DisplayText.line("\(start)\(place): \(reason.words)".utf8))
      if !review.unread.contains(unread) { review.unread.append(unread) }
    }
  }

  /// The whole, with sentences for a person.
  ///
  /// - Parameters:
  ///   - runs: The runs of the models.
  ///   - faults: Why other models were not asked, a sentence each.
  ///   - cost: What it took; `nil` where nobody counted.
  /// - Returns: The whole.
  package func review(runs: [RunID], faults: [String] = [], cost: ReviewCost? = nil) -> ModelReview {
    var result = review
    (result.models, result.runs, result.cost) = (order, runs, cost)
    // An answer that could not be used was paid for, too.
    let requests = max(requests, cost?.answers ?? 0)
    result.faults = faults
    for model in order {
      guard let found = found[model] else { continue }
      for one in found.anchored where !result.findings.contains(where: { $0.finding.isLike(one.finding) }) {
        result.findings.append(one)
      }
    }
    if !order.isEmpty {
      result.notes.append(
        "\(order.joined(separator: " and ")) read \(read.count.counted("file")) in \(requests.counted("request")).")
    }
    for gap in gaps.prefix(Self.gapLimit) {
      let verb = gap.files.count == 1 ? "was" : "were"
      let words = DisplayText.line(gap.words.utf8)
      result.faults.append(
        "\(gap.files.count.counted("file")) \(verb) not read by a model in full: \(words)\(words.hasSuffix(".") ? "" : ".")"
      )
    }
    result.notes += droppedNotes + result.faults
    return result
  }

  private var droppedNotes: [String] {
    var notes = DropReason.allCases.compactMap { why -> String? in
      guard let count = counts[why] else { return nil }
      return "\(count.counted("finding")) of a model \(count == 1 ? "was" : "were") dropped: \(why.rawValue)."
    }
    let malformed = order.reduce(0) { $0 + (found[$1]?.dropped.malformed ?? 0) }
    if malformed > 0 {
      notes.append(
        "\(malformed.counted("finding")) of a model \(malformed == 1 ? "was" : "were") dropped: it could not be read.")
    }
    let suggestions = order.reduce(0) { $0 + (found[$1]?.dropped.suggestions ?? 0) }
    if suggestions > 0 {
      notes.append(
        "\(suggestions.counted("suggestion")) \(suggestions == 1 ? "was" : "were") left out: put in place of the lines "
          + "that are quoted, they change nothing, leave the file broken or hide something.")
    }
    return notes
  }
}

/// Why a finding is not told, in words that fit behind "dropped: ".
private enum DropReason: String, CaseIterable {
  case notFound = "what is quoted is not in the file"
  case elsewhere = "it is about lines that this request did not show"
  case outside = "it is not about lines that changed"
  case unsure = "the model was not sure enough"
  case surplus = "there were more in one answer than are asked for"
}

extension ReviewOutcome.Shortfall {
  private var rank: Int {
    switch self {
    case .budget: 0
    case .surroundings: 1
    case .answers: 2
    }
  }

  /// The one of two that says more of what has to be done.
  fileprivate func orMore(_ other: Self) -> Self { rank <= other.rank ? self : other }
}
