internal import Base
internal import JSON
internal import Journal

/// One event of a run, as a reader wants it: a title, a line, and what is folded away.
struct EventView {
  /// A text that is folded away.
  struct Block: Equatable {
    var label: String
    var text: String
  }

  var title: String
  var line = ""
  var tone = ""
  var blocks: [Block] = []

  /// The view of an event; of one that is not whole, or not what its kind holds, its bytes are shown as they are.
  init(_ event: RunEventPart) {
    title = Self.title(event.kind)
    guard event.isWhole, let payload = try? JSONValue.parse(event.payload) else {
      blocks = [Block(label: "What it holds", text: DisplayText.line(event.payload))]
      return
    }
    read(payload, of: event.kind)
  }

  private static func title(_ kind: RunEvent.Kind) -> String {
    switch kind {
    case .started: "Started"
    case .resumed: "Taken up again"
    case .workspace: "Workspace"
    case .step: "Step"
    case .note: "Note"
    case .agentStarted: "Task for a model"
    case .modelRequest: "Asked the model"
    case .modelAnswer: "The model answered"
    case .modelFailure: "The model failed"
    case .modelProbe: "Looked what the model can do"
    case .toolIntended: "Tool begins"
    case .toolDone: "Tool"
    case .notice: "Told the model"
    case .compaction: "Shortened the conversation"
    case .agentEnded: "The model's work is over"
    case .outcome: "Decided"
    case .effectIntended: "Publishing"
    case .effectDone: "Published"
    case .effectRefused: "Refused"
    case .finished: "Finished"
    }
  }

  private mutating func read(_ payload: JSONValue, of kind: RunEvent.Kind) {
    switch kind {
    case .started: readStart(payload)
    case .agentStarted: readTask(payload)
    case .modelRequest:
      line = "request \(number(payload["number"])), \(number(payload["tokens"])) tokens in"
    case .modelAnswer: readAnswer(payload)
    case .modelFailure:
      (tone, line) = ("bad", text(payload["message"]))
      add("What is done about it", payload["measure"])
    case .modelProbe: add("What was found", payload["found"])
    case .toolIntended: line = text(payload["call"])
    case .toolDone: readTool(payload)
    case .notice: (line, blocks) = (text(payload["kind"]), [Block(label: "Text", text: text(payload["text"]))])
    case .compaction: add("How", payload["change"])
    case .agentEnded: line = text(payload["reason"])
    case .outcome: readOutcome(payload)
    case .effectIntended: (tone, line) = ("busy", "effect \(number(payload["effect"]))")
    case .effectDone: (tone, line) = ("good", text(payload["result"]))
    case .effectRefused:
      (tone, line) = ("bad", text(payload["reason"]))
      add("What is written instead", payload["instead"]?["publication"])
    case .finished: readEnd(payload)
    case .note: line = text(payload["detail"])
    case .resumed, .workspace, .step: readNamed(payload)
    }
    line = PageText.line(line)
    blocks = blocks.filter { !$0.text.isEmpty }
  }

  private mutating func readStart(_ payload: JSONValue) {
    line = "try \(number(payload["attempt"])) by \(text(payload["worker"]))"
    add("Job", payload["job"])
  }

  private mutating func readTask(_ payload: JSONValue) {
    line = [text(payload["model"]), text(payload["task"])].filter { !$0.isEmpty }.joined(separator: ": ")
    for (label, key) in [("Task", "task"), ("Prompt", "system"), ("Opening", "opening")] { add(label, payload[key]) }
    add("Tools", .array((payload["tools"]?.array ?? []).map { $0["name"] ?? $0 }))
    add("Budget", payload["budget"])
  }

  private mutating func readAnswer(_ payload: JSONValue) {
    let turn = payload["answer"]?["turn"]
    let words = text(turn?["text"])
    let calls = turn?["calls"]?.array ?? []
    let names = calls.map { text($0["name"]) }.joined(separator: ", ")
    line = words.isEmpty ? (names.isEmpty ? "nothing" : "calls \(names)") : words
    if let cost = payload["cost"]?.integer, cost > 0 { title += " (\(PageText.money(Int64(cost))))" }
    if words.contains("\n") || words.count > 200 { blocks.append(Block(label: "Answer", text: words)) }
    for call in calls {
      blocks.append(Block(label: "Call of \(PageText.line(text(call["name"]), limit: 60))", text: Self.input(of: call)))
    }
  }

  /// What a tool is called with: JSON for a reader, or free text.
  private static func input(of call: JSONValue) -> String {
    guard let input = call["input"]?.object?.first?.value else { return "" }
    let given = input["_0"]?.string ?? ""
    guard let value = try? JSONValue.parse(Array(given.utf8)) else { return given }
    return PageText.plain(value)
  }

  private mutating func readTool(_ payload: JSONValue) {
    let result = payload["result"]
    let isError = result?["isError"] == .bool(true)
    title = "Tool \(PageText.line(text(result?["name"]), limit: 60))"
    if isError { tone = "warm" }
    let standing = text(payload["standing"])
    let output = text(result?["text"])
    let first = output.split(separator: "\n").first.map(String.init) ?? ""
    line = (standing == "executed" || standing.isEmpty ? "" : "\(standing): ") + (isError ? "error: " : "") + first
    blocks.append(Block(label: "Output", text: output))
    add("Files changed", payload["files"])
    add("Plan", payload["plan"])
  }

  private mutating func readOutcome(_ payload: JSONValue) {
    let outcome = payload["outcome"]?.object?.first
    line = outcome?.key ?? ""
    if let detail = outcome?.value {
      let inner = detail["_0"] ?? detail
      let reason = text(inner["reason"]).isEmpty ? text(inner["overall"]) : text(inner["reason"])
      if !reason.isEmpty { line += ": \(reason)" }
      add("Outcome", inner)
    }
    let effects = payload["publication"]?["effects"]?.array ?? []
    for (index, effect) in effects.enumerated() {
      let name = effect.object?.first?.key ?? "effect"
      blocks.append(
        Block(label: "To publish, \(index): \(PageText.line(name, limit: 60))", text: PageText.plain(effect)))
    }
  }

  private mutating func readEnd(_ payload: JSONValue) {
    let closing = payload["closing"]
    let name = text(closing?["verdict"])
    if let verdict = Closing.Verdict(rawValue: name) {
      (title, tone) = ("Finished: \(RunRow.word(verdict))", RunRow.tone(verdict))
    }
    line = text(closing?["summary"])
  }

  private mutating func readNamed(_ payload: JSONValue) {
    let name = text(payload["name"])
    guard let detail = payload["detail"] else {
      line = name
      return
    }
    switch detail {
    case .string(let text): line = "\(name): \(text)"
    case .object, .array:
      line = name
      add("Detail", detail)
    default: line = "\(name): \(PageText.plain(detail))"
    }
  }

  private mutating func add(_ label: String, _ value: JSONValue?) {
    guard let value, value != .null else { return }
    blocks.append(Block(label: label, text: PageText.plain(value)))
  }

  private func text(_ value: JSONValue?) -> String {
    guard let value, value != .null else { return "" }
    return value.string ?? PageText.plain(value)
  }

  private func number(_ value: JSONValue?) -> String { value?.integer.map { "\($0)" } ?? "?" }
}

extension EventView {
  /// The most bytes of a text that stand on a page; the rest is on a page of its own.
  static let blockLimit = 8 << 10

  /// The values for the template.
  func values(of event: RunEventPart, run: String) -> [String: Any] {
    [
      "number": event.sequence, "time": event.time.iso8601, "clock": PageText.clock(event.time), "title": title,
      "line": line, "tone": tone,
      "blocks": blocks.enumerated().map { index, block in
        let (beginning, isCut) = PageText.beginning(block.text, bytes: Self.blockLimit)
        let shown = PageText.lines(beginning)
        let isDiff = PageText.isDifference(beginning)
        var values: [String: Any] = [
          "blockID": "e\(event.sequence)-\(index)", "label": block.label, "text": shown, "isDiff": isDiff,
          "size": PageText.size(event.isWhole ? block.text.utf8.count : event.size),
        ]
        if isDiff { values["lines"] = Self.colored(shown) }
        if isCut || !event.isWhole { values["rest"] = "/runs/\(run)/events/\(event.sequence)" }
        return values
      },
    ]
  }

  private static func colored(_ text: String) -> [[String: Any]] {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      let tone: String
      if line.hasPrefix("@@") || line.hasPrefix("diff ") || line.hasPrefix("***") {
        tone = "hunk"
      } else if line.hasPrefix("+") {
        tone = "plus"
      } else if line.hasPrefix("-") {
        tone = "minus"
      } else {
        tone = "same"
      }
      return ["tone": tone, "text": String(line)]
    }
  }

  /// All that the event holds, as text.
  func text(of event: RunEventPart) -> String {
    let head = "\(event.sequence)  \(event.time.iso8601)  \(title)\n\(line)\n"
    return head
      + blocks.map { "\n--- \($0.label)\n\(PageText.lines($0.text))\n" }.joined()
  }
}
