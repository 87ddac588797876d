internal import Agent
internal import Base
internal import Models
internal import Policy
internal import Work

/// Which of a job's models can be asked at all: what a name, a key, an address or a price lacks, it lacks the next time
/// too, so that a queue would wait for it in vain.
struct UsableModels: Sendable, Hashable, Codable {
  var models: [String]
  /// Why others cannot be asked, one for each, in words for whoever reads what is published.
  var faults: [String]
  /// The same for whoever runs the server.
  var details: [String]?

  /// The step that keeps it: a run that is taken up again asks whom it would have asked.
  static let step = "models that can be asked"

  init(models: [String], faults: [String]) {
    self.models = models
    self.faults = faults
  }

  /// Looks at names, keys, addresses and prices; nobody is asked.
  init(of names: [String], _ ground: JobGround, _ session: AgentSession) {
    self.init(
      of: names, limit: ground.isUnlimited ? nil : ground.configuration.budget.nanodollars, session)
  }

  /// Looks at names, keys, addresses and prices; nobody is asked.
  ///
  /// - Parameters:
  ///   - names: The models.
  ///   - money: What they may cost, in billionths of a US dollar; `nil` for no limit.
  ///   - session: Where keys, addresses and prices are.
  init(of names: [String], limit money: Int64?, _ session: AgentSession) {
    (models, faults) = ([], [])
    for name in names {
      do {
        let model = try ModelName(name)
        _ = try ModelEndpoint(for: model.provider, environment: session.environment)
        _ = try Prices(session.directories, session.environment)
          .price(of: model, under: AgentBudget(money: money, seconds: 1, steps: 1))
        models.append(name)
      } catch {
        let name = DisplayText.line(name.utf8)
        faults.append("\(name): \(PublicWords.of(error))")
        details = (details ?? []) + ["\(name): \(error)"]
        session.log("note: a model cannot be asked: \(name): \(error)")
      }
    }
  }
}

extension JobGround {
  /// Leaves the models out that cannot be asked, where nobody is there who could be told before anything is run.
  ///
  /// - Returns: Why they cannot be asked, one line for all; `nil` where all can.
  /// - Throws: What keeping the step throws.
  mutating func leaveOutUnusableModels(_ session: AgentSession, _ steps: any StepKeeping) async throws -> String? {
    guard !isByHand, !(models + repairModels).isEmpty else { return nil }
    let asked = models + repairModels.filter { !models.contains($0) }
    let usable = try await steps.once(UsableModels.step) { UsableModels(of: asked, self, session) }
    models = models.filter(usable.models.contains)
    repairModels = repairModels.filter(usable.models.contains)
    return usable.faults.isEmpty ? nil : usable.faults.joined(separator: "; ")
  }
}
