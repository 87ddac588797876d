internal import Agent
internal import Base
internal import Models
internal import Review
internal import Work

/// One pass of a model over all parts of a change.
struct ReviewPass {
  /// The models, each for where those before it cannot be asked.
  let models: [ModelName]
  let questions: ModelReviewQuestions
  let plan: ReviewPlan
  let reading: ChangeReading
  let words: ReviewWords
  let session: AgentSession
  /// The models that cannot be asked any more, and why.
  private var lost: [ModelName: String] = [:]

  init(
    models: [ModelName], questions: ModelReviewQuestions, plan: ReviewPlan, reading: ChangeReading,
    words: ReviewWords, session: AgentSession
  ) {
    self.models = models
    self.questions = questions
    self.plan = plan
    self.reading = reading
    self.words = words
    self.session = session
  }

  /// Every part with what became of it; one that turned out to be too long stands there as the parts that it was cut
  /// into.
  ///
  /// - Throws: As ``ModelReviewQuestions/ask(_:_:about:isLast:)``.
  mutating func all() async throws -> [(ReviewPart, AskedPart)] {
    let parts = plan.parts
    var result: [(ReviewPart, AskedPart)] = []
    for (index, part) in parts.enumerated() {
      var open = [(part: part, isRest: false)]
      while let (next, isRest) = open.popLast() {
        try Task.checkCancellation()
        if let reason = await questions.exhaustion {
          result.append((next, AskedPart(.unanswered(.init(.budget, reason)), by: nil)))
          continue
        }
        session.progress("a model reads part \(index + 1) of \(parts.count)")
        switch try await ask(next, number: (index + 1, parts.count), isRest: isRest) {
        case .asked(let asked): result.append((next, asked))
        case .tooLong:
          if let halves = plan.halves(of: next) {
            open += halves.reversed().map { ($0, isRest) }
          } else {
            let reason = AskedPart.Reason(.answers, "it is too long for the model's window")
            result.append((next, AskedPart(.unanswered(reason), by: nil)))
          }
        case .cutOff(let asked):
          // What was told stands; the rest comes of the same lines in smaller parts. That is done once: a model that
          // never ends must not be asked line by line.
          if !isRest, await questions.exhaustion == nil, let halves = plan.halves(of: next) {
            session.log("the answer was cut off: the same lines are asked about again in two parts")
            if let whole = asked.withoutCut { result.append((next, whole)) }
            open += halves.reversed().map { ($0, true) }
          } else {
            result.append((next, asked))
          }
        }
      }
    }
    return result
  }

  private enum Come {
    case asked(AskedPart)
    case tooLong
    /// The answer ended before its end.
    case cutOff(AskedPart)
  }

  /// Asks one model after the other about a part, until one answers.
  private mutating func ask(_ part: ReviewPart, number: (own: Int, of: Int), isRest: Bool) async throws -> Come {
    var reason = AskedPart.Reason(.surroundings, "no model could be asked")
    for model in models {
      if let why = lost[model] {
        reason = .init(.surroundings, why)
        continue
      }
      switch try await ask(model, part, number, mayCut: !isRest && plan.halves(of: part) != nil) {
      case .read(let answer):
        let asked = AskedPart(.answered(answer), by: "\(model)")
        return answer.isCut ? .cutOff(asked) : .asked(asked)
      case .tooLong: return .tooLong
      case .failed(let why):
        reason = why
        if why.shortfall == .surroundings { lost[model] = why.words }
        if why.shortfall == .budget { return .asked(AskedPart(.unanswered(why), by: "\(model)")) }
      }
    }
    return .asked(AskedPart(.unanswered(reason), by: nil))
  }

  private enum Told {
    case read(FindingsAnswer)
    case tooLong
    case failed(AskedPart.Reason)
  }

  /// Asks one model, and once more where its answer cannot be used.
  ///
  /// An answer that is cut off before its first finding counts as one without findings where `mayCut` says that less
  /// is asked about next.
  private func ask(
    _ model: ModelName, _ part: ReviewPart, _ number: (own: Int, of: Int), mayCut: Bool
  ) async throws -> Told {
    var (fault, last): (String?, String) = (nil, "")
    while true {
      let brief = try ReviewBrief(of: part, number: number, in: reading, words: words, fault: fault, answer: last)
      let task = "review of \(part.sections.count.counted("stretch", "stretches")), part \(number.own) of \(number.of)"
      let answer = try await questions.ask(
        model, brief, about: task, words: task + (fault == nil ? "" : ", once more"),
        isLast: !models.contains { $0 != model && lost[$0] == nil })
      switch answer.ending {
      case .contextFull: return .tooLong
      case .moneySpent, .timeSpent: return .failed(.init(.budget, answer.reason))
      case .refused: return .failed(.init(.answers, "the model, or its vendor, refused"))
      case .cancelled:
        try Task.checkCancellation()
        return .failed(.init(.surroundings, "the question was interrupted"))
      default: break
      }
      if answer.ending.mayPass { return .failed(.init(.surroundings, answer.reason)) }
      do throws(FindingsAnswer.Unusable) {
        var read = try FindingsAnswer(reading: answer.text)
        if answer.isCut { read.isCut = true }
        return .read(read)
      } catch {
        // The same question would be cut off at the same place again.
        if answer.isCut, mayCut { return .read(FindingsAnswer(isCut: true)) }
        if fault != nil { return .failed(.init(.answers, "the model's answer could not be used, twice: \(error)")) }
        (fault, last) = (error.reason, answer.text)
      }
      if let reason = await questions.exhaustion { return .failed(.init(.budget, reason)) }
    }
  }
}

extension AskedPart {
  /// What was told before the answer was cut off, as an answer that is whole; `nil` where that is nothing.
  fileprivate var withoutCut: AskedPart? {
    guard case .answered(var answer) = result, !answer.findings.isEmpty || answer.malformed > 0 else { return nil }
    answer.isCut = false
    return AskedPart(.answered(answer), by: model)
  }
}

extension Int {
  fileprivate func counted(_ one: String, _ many: String) -> String { "\(self) \(self == 1 ? one : many)" }
}
