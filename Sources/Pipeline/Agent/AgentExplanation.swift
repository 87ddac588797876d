internal import Agent
internal import Base
internal import Git
package import Models
internal import Templates
internal import Tools
package import Workspace

/// What a model would be told, piece by piece, without asking one.
package struct AgentExplanation: Sendable {
  package var model: ModelName
  package var profile: String
  package var pieces: [Piece]

  /// One piece of what is sent before the first answer.
  package struct Piece: Sendable, Hashable {
    package var name: String
    /// `system`, `opening` or `tool`.
    package var place: String
    /// Whether it is sent.
    package var isIn: Bool
    package var why: String
    /// Estimated.
    package var tokens: Int
    package var text: String
  }

  /// The tokens of everything that is sent.
  package var tokens: Int { pieces.reduce(0) { $0 + ($1.isIn ? $1.tokens : 0) } }

  /// Looks at an order as a run would.
  ///
  /// - Throws: As ``AgentPlan/init(_:in:history:)``.
  package init(_ order: AgentOrder, cells: any CellMaking) async throws {
    let repository = order.repository
    let source = try await RepositoryActor.open { () throws(GitError) in try Repository.discover(at: repository) }
    let shown = await cells.history(of: source) { _ in }
    let plan = try await source.perform { try AgentPlan(order, in: $0, history: shown) }
    model = plan.model
    profile = plan.profile.rawValue
    pieces = plan.prompt.parts.map { part in
      Piece(
        name: part.fragment.text.rawValue, place: part.fragment.place.rawValue, isIn: part.text != nil, why: part.why,
        tokens: TokenEstimate.tokens(in: part.text ?? ""), text: part.text ?? "")
    }
    for tool in plan.tools {
      let text =
        switch tool.form {
        case .function(let schema): tool.description + "\n" + schema
        case .grammar(let lark): tool.description + "\n" + lark
        case .builtIn(let declaration): declaration
        }
      pieces.append(
        Piece(
          name: tool.name, place: "tool", isIn: true, why: "the tool profile is \(profile)",
          tokens: TokenEstimate.tokens(in: tool.name + text), text: text))
    }
  }
}
