internal import Base
internal import Sandbox
internal import Templates
internal import Tools

/// What the harness says to a model, out of the templates.
///
/// The templates are the program's own, and a test renders each: none of them fails. Where one did all the same, its
/// name is better than the end of a run.
enum ContextText {
  static func notice(_ text: NoticeText, _ values: [String: Any] = [:]) -> String {
    (try? text.render(values)) ?? text.rawValue
  }

  /// What a model must know whose process died.
  static func resumed(_ files: FilesManifest) -> String {
    let temporary = String(decoding: CellPath.temporary.bytes, as: UTF8.self)
    if files.lost.isEmpty { return notice(.resumed, ["temporary": temporary]) }
    let lost = files.lost.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    return notice(.resumedPartly, ["temporary": temporary, "lost": list(lost.map(\.display), limit: 10)])
  }

  /// What stands in the place of a conversation that was summarised.
  static func summary(_ summary: String, _ state: AgentState) -> String {
    var values = known(in: state)
    values["summary"] = summary
    return notice(.summary, values)
  }

  /// What stands in the place of a conversation that was dropped.
  static func reset(_ state: AgentState) -> String {
    notice(.reset, known(in: state))
  }

  /// The newest effects that are told; more than these nobody needs to know not to do again.
  private static let effectLimit = 60

  private static func known(in state: AgentState) -> [String: Any] {
    let changed = state.files.entries.keys.map(\.display).sorted()
    return [
      "hasPlan": !state.plan.isEmpty,
      "plan": state.plan.map { ["status": $0.status.rawValue, "text": $0.text] },
      "hasEffects": !state.effects.isEmpty,
      "effects": state.effects.suffix(effectLimit).map { DisplayText.line($0.utf8) },
      "hasChanged": !changed.isEmpty,
      "changed": list(changed, limit: 100),
    ]
  }

  private static func list(_ names: [String], limit: Int) -> String {
    let shown = names.prefix(limit).joined(separator: ", ")
    return names.count > limit ? shown + " and \(names.count - limit) more" : shown
  }
}
