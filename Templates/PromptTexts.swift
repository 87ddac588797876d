internal import Mustache

/// A piece of what a model is told before it begins.
package enum PromptText: String, Sendable, Hashable, Codable, CaseIterable {
  case budget
  case ending
  case history
  case identity
  case identityDeepseek = "identity-deepseek"
  case instructions
  case network
  case noHistory = "no-history"
  case noNetwork = "no-network"
  case parallel
  case plan
  case programs
  case skills
  case task
  case tools
  case untrusted
  case working
  case workspace

  private var source: [UInt8] {
    switch self {
    case .budget: PackageResources.budget_mustache
    case .ending: PackageResources.ending_mustache
    case .history: PackageResources.history_mustache
    case .identity: PackageResources.identity_mustache
    case .identityDeepseek: PackageResources.identity_deepseek_mustache
    case .instructions: PackageResources.instructions_mustache
    case .network: PackageResources.network_mustache
    case .noHistory: PackageResources.no_history_mustache
    case .noNetwork: PackageResources.no_network_mustache
    case .parallel: PackageResources.parallel_mustache
    case .plan: PackageResources.plan_mustache
    case .programs: PackageResources.programs_mustache
    case .skills: PackageResources.skills_mustache
    case .task: PackageResources.task_mustache
    case .tools: PackageResources.tools_mustache
    case .untrusted: PackageResources.untrusted_mustache
    case .working: PackageResources.working_mustache
    case .workspace: PackageResources.workspace_mustache
    }
  }

  /// The text with the values put in; see the template of the same name for what it takes.
  ///
  /// - Throws: what swift-mustache throws where a template is broken, which a test excludes for every template.
  package func render(_ values: [String: Any] = [:]) throws -> String {
    var text = try MustacheTemplate(string: String(decoding: source, as: UTF8.self)).render(values)
    while text.last == "\n" { text.removeLast() }
    return text
  }
}
