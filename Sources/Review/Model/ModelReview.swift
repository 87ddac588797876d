internal import Base
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
      found[model, default: ModelFindings(of: model, in: reading, floor: floor)].take(answer, to: part)
      if answer.isCut {
        lack(part, AskedPart.Reason(.answers, "the model's answer was cut off, so there may be more to find"))
      }
    case .unanswered(let reason): lack(part, reason)
    }
  }

  private mutating func lack(_ part: ReviewPart, _ reason: AskedPart.Reason) {
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
      let unread = Unread(path: path, reason: DisplayText.line("not read by a model\(place): \(reason.words)".utf8))
      if !review.unread.contains(unread) { review.unread.append(unread) }
    }
  }

  /// The whole, with sentences for a person.
  ///
  /// - Parameters:
  ///   - runs: The runs of the models.
  ///   - faults: Why other models were not asked, a sentence each.
  /// - Returns: The whole.
  package func review(runs: [RunID], faults: [String] = []) -> ModelReview {
    var result = review
    (result.models, result.runs) = (order, runs)
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
    var all = ModelFindings.Dropped()
    for model in order {
      guard let dropped = found[model]?.dropped else { continue }
      all.notFound += dropped.notFound
      all.outside += dropped.outside
      all.malformed += dropped.malformed
      all.surplus += dropped.surplus
      all.unsure += dropped.unsure
      all.suggestions += dropped.suggestions
    }
    var notes: [String] = []
    func tell(_ count: Int, _ why: String) {
      if count > 0 {
        notes.append("\(count.counted("finding")) of a model \(count == 1 ? "was" : "were") dropped: \(why).")
      }
    }
    tell(all.notFound, "what is quoted is not in the file")
    tell(all.outside, "it is not about lines that changed")
    tell(all.unsure, "the model was not sure enough")
    tell(all.malformed, "it could not be read")
    tell(all.surplus, "there were more than \(ReviewBrief.findingLimit) in one answer")
    return notes
  }
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
