internal import JSON

extension Scenario {
  /// The scenario in a JSON document (Docs/ScriptedModel.md).
  ///
  /// - Throws: ``InvalidScenario`` with what is wrong and where.
  package init(json bytes: [UInt8]) throws(InvalidScenario) {
    let document: JSONValue
    do { document = try JSONValue.parse(bytes) } catch { throw InvalidScenario("the scenario is no JSON: \(error)") }
    let known = [
      "turns", "final", "faults", "latency_ms", "usage", "context_window", "cache_minimum", "models", "strict",
      "chat_vendor", "piece",
    ]
    let members = try Self.members(document, known, in: "the scenario")
    self.init(turns: [])
    var turns: [Turn] = []
    for (index, turn) in try Self.list(members["turns"], "turns").enumerated() {
      turns.append(try Self.turn(turn, in: "turns[\(index)]"))
    }
    self.turns = turns
    if let value = members["final"] { final = try Self.turn(value, in: "final") }
    for value in try Self.list(members["faults"], "faults") { faults.append(try Fault(Self.text(value, "faults"))) }
    latency = try Self.number(members["latency_ms"], "latency_ms") ?? 0
    contextWindow = try Self.number(members["context_window"], "context_window")
    cacheMinimum = try Self.number(members["cache_minimum"], "cache_minimum")
    if let number = try Self.number(members["piece"], "piece") { piece = max(1, number) }
    if let value = members["models"] {
      var names: [String] = []
      for name in try Self.list(value, "models") { names.append(try Self.text(name, "models")) }
      models = names
    }
    if let value = members["strict"] {
      guard case .bool(let flag) = value else { throw InvalidScenario("strict is neither true nor false") }
      isStrict = flag
    }
    if let value = members["chat_vendor"] {
      guard let vendor = ChatVendor(rawValue: try Self.text(value, "chat_vendor")) else {
        throw InvalidScenario("chat_vendor is none of \(ChatVendor.allCases.map(\.rawValue))")
      }
      chatVendor = vendor
    }
    usage = try Self.usage(members["usage"])
  }

  private static func usage(_ value: JSONValue?) throws(InvalidScenario) -> Usage {
    guard let value, value != "real" else { return .real }
    let members = try members(value, ["input", "output"], in: "usage")
    return .fixed(
      input: try number(members["input"], "usage.input") ?? 1000,
      output: try number(members["output"], "usage.output") ?? 50)
  }

  private static func turn(_ value: JSONValue, in place: String) throws(InvalidScenario) -> Turn {
    if let text = value.string { return Turn(text: text) }
    let members = try members(value, ["text", "reasoning", "calls", "latency_ms"], in: place)
    var turn = Turn()
    if let value = members["text"] { turn.text = try text(value, place + ".text") }
    if let value = members["reasoning"] { turn.reasoning = try text(value, place + ".reasoning") }
    turn.latency = try number(members["latency_ms"], place + ".latency_ms")
    for (index, value) in try list(members["calls"], place + ".calls").enumerated() {
      turn.calls.append(try call(value, in: "\(place).calls[\(index)]"))
    }
    return turn
  }

  private static func call(_ value: JSONValue, in place: String) throws(InvalidScenario) -> Call {
    guard let kind = value["kind"]?.string else { throw InvalidScenario("\(place) has no kind") }
    func read(_ key: String) throws(InvalidScenario) -> String { try text(value[key], "\(place).\(key)") }
    func check(_ names: [String]) throws(InvalidScenario) { _ = try members(value, ["kind"] + names, in: place) }
    switch kind {
    case "shell":
      try check(["cmd"])
      return .shell(try read("cmd"))
    case "read":
      try check(["path"])
      return .read(path: try read("path"))
    case "edit":
      try check(["path", "old", "new"])
      return .edit(path: try read("path"), old: try read("old"), new: try read("new"))
    case "write":
      try check(["path", "content"])
      return .write(path: try read("path"), content: try read("content"))
    case "patch":
      try check(["patch"])
      return .patch(try read("patch"))
    case "plan":
      try check(["steps", "done"])
      var steps: [String] = []
      for step in try list(value["steps"], place + ".steps") { steps.append(try text(step, place + ".steps")) }
      return .plan(steps, done: try number(value["done"], place + ".done") ?? 0)
    case "raw":
      try check(["name", "args"])
      return .raw(name: try read("name"), arguments: value["args"] ?? [:])
    default: throw InvalidScenario("\(place): '\(kind)' is none of shell, read, edit, write, patch, plan, raw")
    }
  }

  private static func members(
    _ value: JSONValue, _ known: [String], in place: String
  ) throws(InvalidScenario) -> [String: JSONValue] {
    guard let members = value.object else { throw InvalidScenario("\(place) is not an object") }
    for name in members.keys.sorted() where !known.contains(name) {
      throw InvalidScenario("\(place) has '\(name)', which is none of \(known.joined(separator: ", "))")
    }
    return members
  }

  private static func list(_ value: JSONValue?, _ place: String) throws(InvalidScenario) -> [JSONValue] {
    guard let value else { return [] }
    guard let list = value.array else { throw InvalidScenario("\(place) is not a list") }
    return list
  }

  private static func text(_ value: JSONValue?, _ place: String) throws(InvalidScenario) -> String {
    guard let text = value?.string else { throw InvalidScenario("\(place) is not a text") }
    return text
  }

  private static func number(_ value: JSONValue?, _ place: String) throws(InvalidScenario) -> Int? {
    guard let value else { return nil }
    guard let number = value.integer, number >= 0 else { throw InvalidScenario("\(place) is not a whole number") }
    return number
  }
}
