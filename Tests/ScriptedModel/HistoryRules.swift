internal import JSON

/// What decides how a history is checked; where it changes, all of the history is checked again.
struct HistorySettings: Sendable, Hashable {
  var model: String
  var vendor: Scenario.ChatVendor
  var isThinking: Bool
  var hasTools: Bool
  /// Which version of Messages is spoken; without meaning in the other dialects.
  var version = Version.june2023

  /// The versions of Anthropic's API, as the header `anthropic-version` names them.
  enum Version: String, Sendable {
    case june2023 = "2023-06-01"
    case october2026 = "2026-10-21"
  }
}

/// What the server said earlier in a session and will want to see again.
struct SentMemory: Sendable {
  /// The signatures of the thinking blocks before a call of Messages, by the call's id.
  var thinking: [String: [String]] = [:]
  /// The reasoning item that belongs to an item of Responses, by that item's id.
  var reasoning: [String: String] = [:]
}

/// Checks a history entry by entry; a small value, so that a copy of it is kept behind each entry.
protocol HistoryRules: Sendable {
  /// Checks one entry and takes note of it.
  mutating func check(_ entry: JSONValue, _ sent: SentMemory) throws(Refusal)
  /// Checks that nothing is missing at the end.
  func finish() throws(Refusal)
  /// The pieces of an entry as a cache sees them.
  static func segments(_ entry: JSONValue, _ bytes: ArraySlice<UInt8>) -> [PromptSegment]
}

extension HistoryRules {
  static func segments(_ entry: JSONValue, _ bytes: ArraySlice<UInt8>) -> [PromptSegment] {
    [PromptSegment(sum: Seal.sum(bytes), bytes: bytes.count)]
  }
}

extension JSONValue {
  /// The pieces of a value that has content blocks, or is one: each without its breakpoint.
  static func blockSegments(_ blocks: [JSONValue], prefix: String) -> [PromptSegment] {
    blocks.map { block in
      guard case .object(var members) = block else { return PromptSegment(sum: 0, bytes: 4) }
      let mark = members.removeValue(forKey: "cache_control")
      let bytes = Array(prefix.utf8) + JSONValue.object(members).compact()
      let lifetime = mark.flatMap { $0 == .null ? nil : $0["ttl"] == "1h" ? 3600 : 300 }
      return PromptSegment(sum: Seal.sum(bytes), bytes: bytes.count, lifetime: lifetime)
    }
  }
}
