internal import Base
internal import JSON

/// One field of a tool's arguments.
struct ToolField: Sendable, Hashable {
  enum Kind: Sendable, Hashable {
    case text
    /// A text that may also come as a list of words.
    case commandLine
    case whole
    case flag
    /// Two line numbers.
    case range
    /// A list of steps of a plan.
    case steps
    /// A list of objects, each with an old and a new text.
    case edits
  }

  let name: String
  let kind: Kind
  var isRequired = false
  /// What else models call it.
  var aliases: [String] = []
  /// What stands behind "expected" where it is missing or wrong.
  let expected: String
}

/// The arguments of one call, read by its tool's fields.
struct Arguments {
  private(set) var texts: [String: String] = [:]
  private(set) var numbers: [String: Int] = [:]
  private(set) var flags: [String: Bool] = [:]
  private(set) var ranges: [String: [Int]] = [:]
  private(set) var steps: [String: [PlanStep]] = [:]
  private(set) var edits: [String: [TextChange]] = [:]
  /// The names that no field has, each with the field that may be meant.
  private(set) var unknown: [(name: String, near: String?)] = []

  /// What is wrong with a call.
  struct Fault: Error, Hashable {
    var field: String?
    var problem: String
  }

  /// Reads the arguments as they came.
  init(_ input: String, fields: [ToolField]) throws(Fault) {
    let members = try Self.members(input, fields: fields)
    var taken: [String: JSONValue] = [:]
    // A name that is right beats one that is only like it.
    for field in fields {
      let names = [field.name] + field.aliases
      for name in names where taken[field.name] == nil {
        let folded = Self.folded(name)
        let isOther = fields.contains { $0.name != field.name && Self.folded($0.name) == folded }
        if name != field.name && isOther { continue }
        if let value = members[name] ?? members.first(where: { Self.folded($0.key) == folded })?.value, value != .null {
          taken[field.name] = value
        }
      }
    }
    let known = Set(fields.flatMap { [$0.name] + $0.aliases }.map(Self.folded))
    for name in members.keys.sorted() where members[name] != .null {
      let folded = Self.folded(name)
      if known.contains(folded) || Self.explaining.contains(folded) { continue }
      let near = fields.map { ($0.name, ProfileCatalog.distance(folded, Self.folded($0.name))) }
        .filter { $0.1 <= max(1, folded.utf8.count / 3) }.min { $0.1 < $1.1 }
      unknown.append((name, near?.0))
    }
    for field in fields {
      guard let value = taken[field.name] else {
        if field.isRequired {
          throw Fault(field: field.name, problem: "is missing; expected \(field.expected)")
        }
        continue
      }
      guard take(value, for: field) else {
        if field.kind == .steps, let fault = Self.stepsFault(value, in: field.name) { throw fault }
        throw Fault(
          field: field.name, problem: "is \(Self.described(value)); expected \(field.expected)")
      }
    }
  }

  /// Names under which models only say why they call.
  private static let explaining: Set<String> = [
    "description", "explanation", "instruction", "justification", "purpose", "reason", "reasoning", "thought",
  ]

  private static func folded(_ name: String) -> String {
    String(
      decoding: name.utf8.filter { $0 != UInt8(ascii: "_") && $0 != UInt8(ascii: "-") && $0 != 0x20 }, as: UTF8.self
    )
    .lowercased()
  }

  /// The members of the object, out of whatever it is wrapped in.
  private static func members(_ input: String, fields: [ToolField]) throws(Fault) -> [String: JSONValue] {
    if input.utf8.allSatisfy({ $0 == 0x20 || (9...13).contains($0) }) { return [:] }
    guard var value = LenientJSON.parse(input) else {
      if let plain = plainText(input, fields: fields) { return plain }
      throw Fault(field: nil, problem: Self.syntaxProblem(input))
    }
    for _ in 0..<4 {
      switch value {
      case .string(let text):
        if let inner = LenientJSON.parse(text), inner.object != nil || inner.array != nil {
          value = inner
        } else if let plain = plainText(text, fields: fields) {
          return plain
        } else {
          throw Fault(field: nil, problem: "the arguments are a text; expected a JSON object")
        }
      case .array(let list) where list.count == 1 && holdsField(list[0], of: fields): value = list[0]
      case .array(let list):
        if let field = fields.first(where: { $0.kind == .steps }) { return [field.name: value] }
        if let field = fields.first(where: { $0.kind == .commandLine }), list.allSatisfy({ $0.string != nil }) {
          return [field.name: value]
        }
        throw Fault(field: nil, problem: "the arguments are a list; expected a JSON object")
      case .object(let members):
        guard let inner = wrapped(members, fields: fields) else { return members }
        value = inner
      case .null: return [:]
      case .bool, .number: throw Fault(field: nil, problem: "the arguments are no JSON object")
      }
    }
    return value.object ?? [:]
  }

  /// Whether an object has a member that is one of the tool's, or wraps one.
  private static func holdsField(_ value: JSONValue, of fields: [ToolField]) -> Bool {
    guard let members = value.object else { return false }
    let known = Set(fields.flatMap { [$0.name] + $0.aliases }.map(folded))
    return members.keys.contains { known.contains(folded($0)) } || wrapped(members, fields: fields) != nil
  }

  /// What an object wraps that holds nothing of the tool's own, such as `{"name": …, "arguments": {…}}`.
  private static func wrapped(_ members: [String: JSONValue], fields: [ToolField]) -> JSONValue? {
    let known = Set(fields.flatMap { [$0.name] + $0.aliases }.map(folded))
    let wrappers = ["arguments", "parameters", "params", "args", "input", "kwargs", "function", "tool_input"]
    if members.keys.contains(where: { known.contains(folded($0)) && !wrappers.contains($0) && $0 != "name" }) {
      return nil
    }
    for name in wrappers where !fields.contains(where: { $0.name == name }) {
      guard let value = members[name] else { continue }
      if value.object != nil { return value }
      if case .string(let text) = value, LenientJSON.parse(text)?.object != nil { return value }
    }
    // The same wrapper around a field of that very name.
    if members.count == 1, let (name, value) = members.first, let inner = value.object,
      inner.keys.contains(where: { known.contains(folded($0)) }), fields.contains(where: { $0.name == name })
    {
      return value
    }
    return nil
  }

  /// A bare command or patch instead of an object.
  private static func plainText(_ text: String, fields: [ToolField]) -> [String: JSONValue]? {
    let required = fields.filter(\.isRequired)
    let field = required.count == 1 ? required[0] : fields.first { $0.kind == .commandLine }
    guard let field, required.count <= 1, field.kind == .commandLine || field.name == "input" else { return nil }
    let bytes = LenientJSON.withoutFence(Array(text.utf8))
    guard let first = bytes.first(where: { $0 != 0x20 && !(9...13).contains($0) }),
      !"{[\"".utf8.contains(first)
    else {
      return nil
    }
    var plain = String(decoding: bytes, as: UTF8.self)
    while plain.last == "\n" { plain.removeLast() }
    return [field.name: .string(plain)]
  }

  private static func syntaxProblem(_ input: String) -> String {
    var reason = "it cannot be read"
    do throws(JSONSyntaxError) { _ = try JSONValue.parse(Array(input.utf8)) } catch { reason = error.description }
    return "the arguments are no JSON object (\(reason)); if they were cut short, say less at once"
  }

  private static func described(_ value: JSONValue) -> String {
    switch value {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .number(let number): Int(exactly: number).map(String.init) ?? "\(number)"
    case .string(let text): "the text \"\(text.prefix(60))\""
    case .array: "a list"
    case .object: "an object"
    }
  }

  private mutating func take(_ value: JSONValue, for field: ToolField) -> Bool {
    switch field.kind {
    case .text: texts[field.name] = Self.text(value)
    case .commandLine: texts[field.name] = Self.commandLine(value)
    case .whole: numbers[field.name] = Self.whole(value)
    case .flag: flags[field.name] = Self.flag(value)
    case .range: ranges[field.name] = Self.range(value)
    case .steps: steps[field.name] = Self.steps(value)
    case .edits: edits[field.name] = Self.edits(value)
    }
    return switch field.kind {
    case .text, .commandLine: texts[field.name] != nil
    case .whole: numbers[field.name] != nil
    case .flag: flags[field.name] != nil
    case .range: ranges[field.name] != nil
    case .steps: steps[field.name] != nil
    case .edits: edits[field.name] != nil
    }
  }

  private static func text(_ value: JSONValue) -> String? {
    switch value {
    case .string(let text): text
    case .number(let number): Int(exactly: number).map(String.init) ?? "\(number)"
    case .bool(let value): "\(value)"
    case .array(let list):
      // Lines as a list.
      list.allSatisfy { $0.string != nil } ? list.compactMap(\.string).joined(separator: "\n") : nil
    case .object, .null: nil
    }
  }

  private static func commandLine(_ value: JSONValue) -> String? {
    guard case .string(let text) = value else {
      guard let words = value.array?.compactMap({ Self.text($0) }), words.count == value.array?.count,
        !words.isEmpty
      else {
        return value.array == nil && value.object == nil ? Self.text(value) : nil
      }
      return line(of: words)
    }
    // A list that was written as a text.
    if text.hasPrefix("["), text.contains("\""), let list = LenientJSON.parse(text)?.array,
      let words = Optional(list.compactMap(\.string)), words.count == list.count, words.count > 1
    {
      return line(of: words)
    }
    return text
  }

  private static func line(of words: [String]) -> String {
    let shells = ["bash", "sh", "zsh", "/bin/bash", "/bin/sh", "/usr/bin/bash"]
    if words.count == 3, shells.contains(words[0]), words[1].hasPrefix("-"), words[1].hasSuffix("c") {
      return words[2]
    }
    if words.count == 1 { return words[0] }
    return words.map(ShellQuoting.quoted).joined(separator: " ")
  }

  private static func whole(_ value: JSONValue) -> Int? {
    switch value {
    case .number(let number): return number.magnitude < 1e15 ? Int(number.rounded(.towardZero)) : nil
    case .string(let text):
      var text = text.filter { !$0.isWhitespace && $0 != "_" && $0 != "," }
      for unit in ["ms", "seconds", "sec", "s"] where text.hasSuffix(unit) && text.count > unit.count {
        text.removeLast(unit.count)
        break
      }
      return Double(text).flatMap { $0.magnitude < 1e15 ? Int($0.rounded(.towardZero)) : nil }
    case .array(let list): return list.count == 1 ? whole(list[0]) : nil
    case .bool, .null, .object: return nil
    }
  }

  private static func flag(_ value: JSONValue) -> Bool? {
    switch value {
    case .bool(let value): return value
    case .number(let number): return number == 1 ? true : number == 0 ? false : nil
    case .string(let text):
      switch text.lowercased().filter({ !$0.isWhitespace }) {
      case "true", "yes", "1", "on", "y": return true
      case "false", "no", "0", "off", "n", "", "none", "null": return false
      default: return nil
      }
    case .array, .object, .null: return nil
    }
  }

  private static func range(_ value: JSONValue) -> [Int]? {
    switch value {
    case .array(let list):
      let numbers = list.compactMap(whole)
      guard numbers.count == list.count, (1...2).contains(numbers.count) else { return nil }
      return numbers
    case .object(let members):
      guard let first = members["start"] ?? members["from"] ?? members["first"], let start = whole(first) else {
        return nil
      }
      return [start, (members["end"] ?? members["to"] ?? members["last"]).flatMap(whole) ?? -1]
    case .string(let text):
      if let list = LenientJSON.parse(text)?.array { return range(.array(list)) }
      let parts = text.split(whereSeparator: { $0 == "-" || $0 == "," || $0 == ":" || $0.isWhitespace })
      let numbers = parts.compactMap { Int($0) }
      guard numbers.count == parts.count, (1...2).contains(numbers.count) else { return nil }
      return text.hasSuffix("-1") && numbers.count == 2 ? [numbers[0], -1] : numbers
    case .number: return whole(value).map { [$0] }
    case .bool, .null: return nil
    }
  }

  private static func edits(_ value: JSONValue) -> [TextChange]? {
    if let text = value.string { return LenientJSON.parse(text).flatMap { $0.array == nil ? nil : edits($0) } }
    let list = value.object == nil ? value.array ?? [] : [value]
    let changes = list.compactMap { entry -> TextChange? in
      guard let members = entry.object else { return nil }
      let text = { (names: [String]) in names.lazy.compactMap { members[$0]?.string }.first }
      return text(TextChange.oldNames).flatMap { old in text(TextChange.newNames).map { TextChange(old: old, new: $0) }
      }
    }
    return changes.isEmpty || changes.count != list.count ? nil : changes
  }

  private static func steps(_ value: JSONValue) -> [PlanStep]? {
    switch value {
    case .string(let text):
      // A checklist, whose first mark may look like a list.
      let lines = text.split(whereSeparator: \.isNewline).map(String.init).filter { $0.contains { !$0.isWhitespace } }
      let checklist = lines.compactMap(checked)
      if !checklist.isEmpty, checklist.count == lines.count { return checklist }
      let first = text.first { !$0.isWhitespace }
      // Of other texts none is a plan beyond doubt.
      guard first == "[" || first == "{", let inner = LenientJSON.parse(text) else { return nil }
      return inner.array != nil || inner.object != nil ? steps(inner) : nil
    case .array(let list):
      var result: [PlanStep] = []
      for entry in list {
        guard let step = step(entry) else { return nil }
        result.append(step)
      }
      return result
    case .object(let members):
      if let step = step(value) { return [step] }
      if members.count == 1, let inner = members.values.first, inner.array != nil { return steps(inner) }
      return nil
    case .null, .bool, .number: return nil
    }
  }

  private static func step(_ value: JSONValue) -> PlanStep? {
    if let text = value.string {
      if let step = checked(text) { return step }
      var step = PlanStep(text: text, status: .pending)
      step.writtenStatus = ""
      return text.contains { !$0.isWhitespace } ? step : nil
    }
    guard let members = value.object else { return nil }
    let names = ["step", "content", "description", "text", "title", "task", "name", "activeForm"]
    guard let text = names.lazy.compactMap({ members[$0]?.string }).first, !text.isEmpty else { return nil }
    let written = statusNames.lazy.compactMap { members[$0] }.first
    return status(written).map { status in
      var step = PlanStep(text: text, status: status)
      let name = written == nil || written == .null ? "" : written?.string
      if let name, name != status.rawValue { step.writtenStatus = name }
      return step
    }
  }

  /// Which entry of a list of steps is wrong, and in what; `nil` where the value is no list.
  private static func stepsFault(_ value: JSONValue, in field: String) -> Fault? {
    let list = value.array ?? value.string.flatMap { LenientJSON.parse($0)?.array }
    guard let list, let index = list.firstIndex(where: { step($0) == nil }) else { return nil }
    let written = statusNames.lazy.compactMap { list[index][$0] }.first
    guard let written, list[index].object != nil, status(written) == nil else {
      return Fault(
        field: "\(field)[\(index)]", problem: "has no text; expected an object with a text and a status")
    }
    return Fault(
      field: "\(field)[\(index)].status",
      problem: "is \(described(written)); expected pending, in_progress or completed")
  }

  private static let statusNames = ["status", "state", "done", "completed"]

  /// A line such as `- [x] build`.
  private static func checked(_ line: String) -> PlanStep? {
    var text = line[...]
    while let first = text.first, first == "-" || first == "*" || first.isWhitespace { text = text.dropFirst() }
    for (mark, status) in [("[x]", PlanStep.Status.completed), ("[X]", .completed), ("[ ]", .pending)] {
      guard text.hasPrefix(mark) else { continue }
      return PlanStep(text: String(text.dropFirst(3).drop { $0.isWhitespace }), status: status)
    }
    return nil
  }

  /// The status behind a name; `nil` where nobody knows what it stands for.
  private static func status(_ value: JSONValue?) -> PlanStep.Status? {
    if case .bool(let isDone) = value { return isDone ? .completed : .pending }
    guard let name = value?.string else { return value == nil || value == .null ? .pending : nil }
    switch folded(name) {
    case "completed", "complete", "done", "finished", "cancelled", "canceled", "skipped", "x": return .completed
    case "inprogress", "active", "current", "doing", "started", "running", "wip": return .inProgress
    case "", "pending", "todo", "open", "notstarted", "planned", "queued", "waiting", "blocked", "next": return .pending
    default: return nil
    }
  }
}
