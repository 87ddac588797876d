internal import Base
internal import Sandbox
package import Templates

/// A named piece of a prompt, and the condition that puts it in.
package struct PromptFragment: Sendable, Hashable {
  package let text: PromptText
  package let place: Place
  package let condition: Condition

  /// Where it goes.
  package enum Place: String, Sendable, Hashable {
    /// In front of the conversation.
    case system
    /// Into the first thing that is said to the model.
    case opening
  }

  /// What has to hold for it to be put in.
  package enum Condition: Sendable, Hashable {
    case always
    case profile(String)
    case otherProfile(than: String)
    case programs
    case history(Bool)
    case network(Bool)
    case instructions
    case skills
    case toolAdvice
    case planTool
    case parallelCalls
  }

  /// All of them, in the order in which they stand.
  package static let all: [PromptFragment] = [
    PromptFragment(text: .identity, place: .system, condition: .otherProfile(than: "deepseek")),
    // What that family was trained with; more is told in the opening.
    PromptFragment(text: .identityDeepseek, place: .system, condition: .profile("deepseek")),
    PromptFragment(text: .workspace, place: .system, condition: .always),
    PromptFragment(text: .history, place: .system, condition: .history(true)),
    PromptFragment(text: .noHistory, place: .system, condition: .history(false)),
    PromptFragment(text: .programs, place: .system, condition: .programs),
    PromptFragment(text: .noNetwork, place: .system, condition: .network(false)),
    PromptFragment(text: .network, place: .system, condition: .network(true)),
    PromptFragment(text: .tools, place: .system, condition: .toolAdvice),
    PromptFragment(text: .working, place: .system, condition: .always),
    PromptFragment(text: .plan, place: .system, condition: .planTool),
    PromptFragment(text: .parallel, place: .system, condition: .parallelCalls),
    PromptFragment(text: .untrusted, place: .system, condition: .always),
    PromptFragment(text: .budget, place: .system, condition: .always),
    PromptFragment(text: .ending, place: .system, condition: .always),
    PromptFragment(text: .instructions, place: .opening, condition: .instructions),
    PromptFragment(text: .skills, place: .opening, condition: .skills),
    PromptFragment(text: .task, place: .opening, condition: .always),
  ]
}

extension PromptFragment.Condition {
  /// Whether it holds, and the words in which that is told to a person.
  package func judge(_ facts: PromptFacts) -> (holds: Bool, why: String) {
    switch self {
    case .always: (true, "always")
    case .profile(let name): (facts.profile == name, "the tool profile is \(facts.profile)")
    case .otherProfile(let name): (facts.profile != name, "the tool profile is \(facts.profile)")
    case .programs:
      (
        !facts.programs.there.isEmpty,
        facts.programs.there.isEmpty ? "nobody looked what there is" : "the cell sees the machine's programs"
      )
    case .history(let wanted):
      (facts.hasHistory == wanted, facts.hasHistory ? "the cell has the git history" : "the cell has no git history")
    case .network(let wanted):
      (!facts.hosts.isEmpty == wanted, facts.hosts.isEmpty ? "no host is open" : "open hosts: \(facts.hosts.count)")
    case .instructions:
      (
        !facts.instructions.isEmpty,
        facts.instructions.isEmpty
          ? "the base branch has no instructions"
          : "the base branch has " + facts.instructions.map(\.source).joined(separator: ", ")
      )
    case .skills:
      (
        !facts.skills.isEmpty,
        facts.skills.isEmpty ? "the base branch has no skills" : "the base branch has \(facts.skills.count) skills"
      )
    case .toolAdvice:
      (
        facts.toolAdvice != nil,
        facts.toolAdvice == nil ? "nothing is to be told of the tools" : "the tool profile is \(facts.profile)"
      )
    case .planTool: (facts.planTool != nil, facts.planTool.map { "the profile has \($0)" } ?? "the profile has no plan")
    case .parallelCalls:
      (
        facts.allowsParallelCalls,
        facts.allowsParallelCalls ? "the model may make several calls at once" : "the model makes one call at a time"
      )
    }
  }
}

extension PromptFragment {
  /// The piece with the facts put in; several where there is one for each instruction file.
  ///
  /// - Throws: what swift-mustache throws where a template is broken.
  func render(_ facts: PromptFacts) throws -> [String] {
    if text == .instructions {
      return try facts.instructions.map { try text.render(["source": $0.source, "text": $0.text]) }
    }
    return [try text.render(values(facts))]
  }

  private func values(_ facts: PromptFacts) -> [String: Any] {
    [
      "workspace": String(decoding: CellPath.workspace.bytes, as: UTF8.self),
      "temporary": String(decoding: CellPath.temporary.bytes, as: UTF8.self),
      "commit": facts.commit.short,
      "programs": facts.programs.there.joined(separator: ", "),
      "missing": facts.programs.missing.joined(separator: ", "),
      "processors": "\(facts.programs.processors)",
      "hosts": facts.hosts.joined(separator: ", "),
      "advice": facts.toolAdvice ?? "",
      "plan": facts.planTool ?? "",
      "steps": "\(facts.budget.steps)",
      "minutes": "\(max(1, facts.budget.seconds / 60))",
      "skills": facts.skills.map { ["name": $0.name, "description": $0.description, "path": $0.path] },
      "task": facts.task,
    ]
  }
}
