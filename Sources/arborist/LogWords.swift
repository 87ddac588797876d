internal import Base
internal import Journal

/// Tells of one event of a run in one line; the whole of it is in the JSON.
struct LogWords {
  private let value: JSONText

  init(_ event: RunEvent) {
    value = JSONText(event.payload.bytes)
  }

  /// The most characters of one value.
  private static let longest = 160

  /// The line; empty where the kind of the event says all.
  var text: String {
    guard case .object(let members) = value else { return Self.short(value) }
    if case .text(let name)? = members["name"], let detail = members["detail"] {
      if name == "note" { return Self.short(detail) }
      let words = Self.words(for: detail)
      return words.isEmpty ? Self.cut(name) : "\(Self.cut(name)): \(words)"
    }
    return Self.words(for: value)
  }

  /// What came of a step, as far as it can be said shortly.
  private static func words(for detail: JSONText) -> String {
    guard case .object(let members) = detail else {
      if case .array(let items) = detail { return items.isEmpty ? "nothing" : "\(items.count) parts" }
      return short(detail)
    }
    if let standing = members["standing"] { return words(for: standing) }
    if case .array(let red)? = members["red"], case .array(let green)? = members["green"] {
      var passed = Int64(green.count)
      if case .whole(let more)? = members["unnamedPassed"] { passed += more }
      return "\(red.isEmpty ? "nothing is" : "\(red.count)") red, \(passed) passed"
    }
    // An outcome stands under the name of its kind.
    if let outcome = members["outcome"], case .object(let kinds) = outcome, kinds.count == 1, let inner = kinds.first {
      return "\(inner.key): \(words(for: inner.value))"
    }
    if let verdict = members["verdict"], case .object = verdict { return words(for: verdict) }
    if let inner = members["_0"], members.count == 1 { return words(for: inner) }
    let telling = ["verdict", "outcome", "ending", "state", "reason", "reasons", "summary", "description"]
    let told = telling.compactMap { key in members[key].map { short($0) } }.filter { !$0.isEmpty }
    if !told.isEmpty { return cut(told.joined(separator: ": ")) }
    let scalars = members.keys.sorted().compactMap { key -> String? in
      guard let value = members[key], case let text = short(value), !text.isEmpty else { return nil }
      return "\(key) \(text)"
    }
    return cut(scalars.joined(separator: ", "))
  }

  /// A value without parts as words; of a list the first; empty for what has parts.
  private static func short(_ value: JSONText) -> String {
    switch value {
    case .text(let text): cut(text)
    case .whole(let number): "\(number)"
    case .number(let number): "\(number)"
    case .flag(let flag): flag ? "yes" : "no"
    case .array(let items): items.first.map { short($0) } ?? ""
    case .object, .null: ""
    }
  }

  private static func cut(_ text: String) -> String {
    let line = DisplayText.line(text.utf8)
    return line.count > longest ? line.prefix(longest - 1) + "…" : line
  }
}
