internal import JSON

/// A tool that the client offers, whatever the dialect.
struct OfferedTool: Sendable {
  enum Form: Sendable { case function, freeText, bash, editor }

  var name: String
  var form: Form
  var properties: [String: JSONValue]
  var required: [String]

  init(_ name: String, form: Form, schema: JSONValue? = nil) {
    self.name = name
    self.form = form
    properties = schema?["properties"]?.object ?? [:]
    required = (schema?["required"]?.array ?? []).compactMap(\.string)
  }

  /// The tools of a request's `tools`; entries of an unknown kind are left out.
  static func list(_ tools: JSONValue?, _ dialect: WireDialect) -> [OfferedTool] {
    (tools?.array ?? []).compactMap { tool in
      let type = tool["type"]?.string ?? ""
      switch dialect {
      case .messages:
        guard let name = tool["name"]?.string else { return nil }
        if type.hasPrefix("bash_") { return OfferedTool(name, form: .bash) }
        if type.hasPrefix("text_editor_") { return OfferedTool(name, form: .editor) }
        return tool["input_schema"].map { OfferedTool(name, form: .function, schema: $0) }
      case .chat:
        let inner = type == "custom" ? tool["custom"] : tool["function"]
        guard let inner, let name = inner["name"]?.string else { return nil }
        return OfferedTool(name, form: type == "custom" ? .freeText : .function, schema: inner["parameters"])
      case .responses:
        if type == "custom" { return tool["name"]?.string.map { OfferedTool($0, form: .freeText) } }
        guard type == "function", let name = tool["name"]?.string else { return nil }
        return OfferedTool(name, form: .function, schema: tool["parameters"])
      }
    }
  }

  /// The first of these properties that the tool has.
  func property(_ names: String...) -> String? { names.first { properties[$0] != nil } }

  /// The arguments with every required property that is missing, from its schema.
  func completing(_ arguments: [String: JSONValue]) -> JSONValue {
    var result = arguments
    for name in required where result[name] == nil {
      let schema = properties[name]
      if let value = schema?["default"] ?? schema?["enum"]?.array?.first {
        result[name] = value
        continue
      }
      let type = schema?["type"]?.string ?? schema?["type"]?.array?.first { $0 != "null" }?.string
      switch type {
      case "boolean": result[name] = false
      case "integer", "number": result[name] = 1
      case "array": result[name] = []
      case "object": result[name] = [:]
      default: result[name] = "scripted"
      }
    }
    return .object(result)
  }
}

/// A call as the client's tools want it.
struct RenderedCall: Sendable, Hashable {
  var name: String
  /// A JSON text, or the text itself for a tool of free text.
  var arguments: String
  var isFreeText = false
}

/// Finds the tool for each kind of call.
struct CallRenderer {
  let tools: [OfferedTool]

  /// The calls for what the script wants; `nil` where no tool of the client can do it.
  func render(_ call: Call) -> RenderedCall? {
    switch call {
    case .shell(let command): shell(command)
    case .read(let path):
      function(["Read", "read_file", "read", "view_file"]) {
        $0.property("file_path", "path", "filename").map { [$0: .string(path)] }
      } ?? editor(["command": "view", "path": .string(path)]) ?? shell("cat " + Self.quote(path))
    case .edit(let path, let old, let new): edit(path, old, new)
    case .write(let path, let content): write(path, content)
    case .patch(let text): patch(text) ?? shell("apply_patch <<'SCRIPTED'\n\(text)\nSCRIPTED")
    case .plan(let steps, let done): plan(steps, done: done)
    case .raw(let name, let arguments):
      RenderedCall(
        name: name, arguments: arguments.string ?? String(decoding: arguments.compact(), as: UTF8.self),
        isFreeText: tools.contains { $0.name == name && $0.form == .freeText })
    }
  }

  private func named(_ names: [String]) -> [OfferedTool] {
    names.compactMap { name in tools.first { $0.name == name } }
  }

  private func function(
    _ names: [String], _ arguments: (OfferedTool) -> [String: JSONValue]?
  ) -> RenderedCall? {
    for tool in named(names) where tool.form == .function {
      if let arguments = arguments(tool) { return Self.call(tool, arguments) }
    }
    return nil
  }

  private static func call(_ tool: OfferedTool, _ arguments: [String: JSONValue]) -> RenderedCall {
    RenderedCall(
      name: tool.name, arguments: String(decoding: tool.completing(arguments).compact(), as: UTF8.self))
  }

  private func editor(_ arguments: [String: JSONValue]) -> RenderedCall? {
    if let tool = tools.first(where: { $0.form == .editor }) { return Self.call(tool, arguments) }
    let names = ["str_replace_based_edit_tool", "str_replace_editor", "file_editor"]
    return function(names) { $0.property("command") == nil ? nil : arguments }
  }

  private func shell(_ command: String) -> RenderedCall? {
    if let tool = tools.first(where: { $0.form == .bash }) { return Self.call(tool, ["command": .string(command)]) }
    let names = [
      "exec_command", "shell_command", "shell", "Bash", "bash", "terminal", "execute_bash", "run_shell_command",
      "run_command", "execute_command", "exec",
    ]
    let likely = tools.filter { tool in ["bash", "shell", "exec", "command"].contains { tool.name.contains($0) } }
    for tool in named(names) + likely where tool.form == .function {
      guard let property = tool.property("cmd", "command", "script", "input") else { continue }
      let wantsList = tool.properties[property]?["type"] == "array"
      return Self.call(tool, [property: wantsList ? ["bash", "-lc", .string(command)] : .string(command)])
    }
    return nil
  }

  private func edit(_ path: String, _ old: String, _ new: String) -> RenderedCall? {
    let whole = function(["Edit", "edit_file", "edit", "str_replace", "replace"]) { tool in
      guard let file = tool.property("file_path", "path", "filename"),
        let before = tool.property("old_string", "oldText", "old_str", "old", "search"),
        let after = tool.property("new_string", "newText", "new_str", "new", "replace")
      else { return nil }
      return [file: .string(path), before: .string(old), after: .string(new)]
    }
    let removed = old.split(separator: "\n", omittingEmptySubsequences: false).map { "-\($0)\n" }.joined()
    let added = new.split(separator: "\n", omittingEmptySubsequences: false).map { "+\($0)\n" }.joined()
    return whole
      ?? editor([
        "command": "str_replace", "path": .string(path), "old_str": .string(old), "new_str": .string(new),
      ])
      ?? patch("*** Begin Patch\n*** Update File: \(path)\n@@\n\(removed)\(added)*** End Patch")
      ?? shell(
        "python3 -c 'import sys; path, old, new = sys.argv[1:]; text = open(path).read(); assert old in text; "
          + "open(path, \"w\").write(text.replace(old, new, 1))' "
          + [path, old, new].map(Self.quote).joined(separator: " "))
  }

  private func write(_ path: String, _ content: String) -> RenderedCall? {
    let whole = function(["Write", "write_file", "write", "create_file"]) { tool in
      guard let file = tool.property("file_path", "path", "filename"),
        let text = tool.property("content", "contents", "text")
      else { return nil }
      return [file: .string(path), text: .string(content)]
    }
    let lines = content.split(separator: "\n", omittingEmptySubsequences: false)
    let added = (content.hasSuffix("\n") ? lines.dropLast() : lines[...]).map { "+\($0)\n" }.joined()
    return whole ?? editor(["command": "create", "path": .string(path), "file_text": .string(content)])
      ?? patch("*** Begin Patch\n*** Add File: \(path)\n\(added)*** End Patch")
      ?? shell("printf %s \(Self.quote(content)) > \(Self.quote(path))")
  }

  private func patch(_ text: String) -> RenderedCall? {
    guard let tool = named(["apply_patch"]).first else { return nil }
    if tool.form == .freeText { return RenderedCall(name: tool.name, arguments: text, isFreeText: true) }
    return Self.call(tool, [tool.property("input", "patch") ?? "input": .string(text)])
  }

  private func plan(_ steps: [String], done: Int) -> RenderedCall? {
    func status(_ index: Int) -> JSONValue {
      index < done ? "completed" : index == done ? "in_progress" : "pending"
    }
    return function(["update_plan"]) { _ in
      ["plan": .array(steps.enumerated().map { ["step": .string($1), "status": status($0)] })]
    }
      ?? function(["TodoWrite"]) { _ in
        [
          "todos": .array(
            steps.enumerated().map {
              ["content": .string($1), "status": status($0), "activeForm": .string($1)]
            })
        ]
      }
      ?? function(["write_todos"]) { _ in
        ["todos": .array(steps.enumerated().map { ["description": .string($1), "status": status($0)] })]
      }
  }

  private static func quote(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }
}
