internal import Sandbox

// The tools of all profiles. What models are told about them is in Templates/Tools.

private let commandNames = ["command", "cmd", "script", "code", "shell_command", "commands", "command_line", "bash"]
private let pathNames = [
  "path", "file_path", "filename", "file", "filepath", "file_name", "absolute_path", "target_file",
]
private let directoryNames = ["workdir", "dir_path", "cwd", "working_directory", "directory", "dir", "path"]
private let oldNames = TextChange.oldNames
private let newNames = TextChange.newNames
private let contentNames = ["content", "contents", "file_text", "text", "body", "data", "file_content"]

private func field(
  _ name: String, _ kind: ToolField.Kind, required: Bool = false, aliases: [String] = [], _ expected: String
) -> ToolField {
  ToolField(name: name, kind: kind, isRequired: required, aliases: aliases.filter { $0 != name }, expected: expected)
}

private func pathField(_ name: String) -> ToolField {
  field(name, .text, required: true, aliases: pathNames, "a text: a path from the workspace on")
}

private func commandField(_ name: String, required: Bool = true) -> ToolField {
  field(name, .commandLine, required: required, aliases: commandNames, "a text: the command line")
}

/// Not declared by every tool that takes it: models add it where they know it from elsewhere.
private let timeoutField = field(
  "timeout", .whole, aliases: ["timeout_seconds", "timeout_sec", "timeout_ms"], "a whole number")

private func stepsField(_ name: String) -> ToolField {
  field(
    name, .steps, required: true, aliases: ["plan", "todos", "steps", "items", "tasks", "todo"],
    "a list of objects, each with a text and a status (pending, in_progress or completed)")
}

/// A command as its shell runs it, unless it is one that is carried out here.
private func command(_ line: String, directory: CellPath, or make: () -> ToolOperation) -> ToolOperation {
  if line.allSatisfy(\.isWhitespace) { return .impossible("The command is empty; nothing was run.") }
  return ShellIntercept.operation(of: line, directory: directory) ?? make()
}

extension ToolShape {
  static let execCommand = ToolShape(
    name: "exec_command", text: "exec-command",
    fields: [
      commandField("cmd"),
      field("workdir", .text, aliases: directoryNames, "a text: a directory"),
      field("login", .flag, "true or false"),
      field("tty", .flag, aliases: ["pty", "interactive"], "true or false"),
      field("yield_time_ms", .whole, aliases: ["yield_time"], "a whole number of milliseconds"),
      field("max_output_tokens", .whole, aliases: ["max_tokens"], "a whole number"), timeoutField,
    ],
    example: #"{"cmd":"ls -la","yield_time_ms":10000}"#
  ) { arguments throws(Arguments.Fault) in
    let line = try arguments.text("cmd")
    return arguments.directory("workdir").then { directory in
      command(line, directory: directory) {
        var request = RunRequest(command: line, directory: directory)
        let time = arguments.time(.session, unit: .milliseconds)
        (request.timeout, request.note) = (time.limit, time.note)
        request.patience = .milliseconds(min(max(arguments.numbers["yield_time_ms"] ?? 10_000, 250), 30_000))
        request.hasTerminal = arguments.flags["tty"] ?? false
        request.isLogin = arguments.flags["login"] ?? true
        request.outputLimit = outputLimit(arguments)
        return .run(request)
      }
    }
  }

  static let writeStdin = ToolShape(
    name: "write_stdin", text: "write-stdin",
    fields: [
      field(
        "session_id", .whole, required: true, aliases: ["session", "id", "process_id"],
        "a whole number: the ID that exec_command gave"),
      field("chars", .text, aliases: ["input", "text", "data", "stdin"], "a text"),
      field("yield_time_ms", .whole, aliases: ["yield_time", "timeout_ms"], "a whole number of milliseconds"),
      field("max_output_tokens", .whole, aliases: ["max_tokens"], "a whole number"),
    ],
    example: #"{"session_id":1,"chars":"y\n"}"#
  ) { arguments throws(Arguments.Fault) in
    var chars = arguments.texts["chars"] ?? ""
    // The escape with its backslash escaped once more.
    if chars == #"\u0003"# || chars == #"\x03"# { chars = "\u{3}" }
    let wait = arguments.numbers["yield_time_ms"] ?? (chars.isEmpty ? 5000 : 250)
    return .poll(
      PollRequest(
        session: arguments.numbers["session_id"] ?? 0, input: chars,
        patience: .milliseconds(min(max(wait, 250), 300_000)), outputLimit: outputLimit(arguments)))
  }

  /// The most bytes of output, four for a token; `nil`, for the profile's own, where none are asked for.
  private static func outputLimit(_ arguments: Arguments) -> Int? {
    arguments.numbers["max_output_tokens"].flatMap { $0 > 0 ? min($0, 20_000) * 4 : nil }
  }

  private static let patchExample =
    "*** Begin Patch\n*** Update File: src/a.c\n@@ int f(void) {\n   int x = 1;\n-  return x;\n+  return x + 1;\n }\n"
    + "*** End Patch"

  static let applyPatch = ToolShape(
    name: "apply_patch", text: "apply-patch", form: .patchGrammar, fields: [], example: patchExample
  ) { _ throws(Arguments.Fault) in
    throw Arguments.Fault(field: nil, problem: "a patch was expected")
  }

  static let applyPatchFunction = ToolShape(
    name: "apply_patch", text: "apply-patch-function",
    fields: [
      field(
        "input", .commandLine, required: true, aliases: ["patch", "diff", "content", "text", "cmd", "command"],
        "a text: the patch")
    ],
    example: #"{"input":"*** Begin Patch\n*** Update File: a.c\n@@\n-int x;\n+int y;\n*** End Patch"}"#
  ) { arguments throws(Arguments.Fault) in
    try patch(arguments.text("input"))
  }

  static let updatePlan = ToolShape(
    name: "update_plan", text: "update-plan",
    fields: [field("explanation", .text, "a text"), stepsField("plan")],
    example: #"{"plan":[{"step":"Find the cause","status":"in_progress"}]}"#
  ) { arguments throws(Arguments.Fault) in
    .plan(arguments.steps["plan"] ?? [])
  }

  static let bashAnthropic = ToolShape(
    name: "bash", text: "bash-anthropic", form: .builtIn(type: "bash_20250124"),
    fields: [commandField("command", required: false), field("restart", .flag, "true or false"), timeoutField],
    example: #"{"command":"ls -la"}"#
  ) { arguments throws(Arguments.Fault) in
    if arguments.flags["restart"] == true { return .restartShell }
    guard let line = arguments.texts["command"] else {
      throw Arguments.Fault(field: "command", problem: "is missing; expected a text: the command line")
    }
    let time = arguments.time(.shell, unit: .milliseconds)
    return command(line, directory: .workspace) {
      .shell(ShellRequest(command: line, timeout: time.limit, note: time.note))
    }
  }

  static let bashDeepseek = ToolShape(
    name: "bash", text: "bash-deepseek",
    fields: [
      commandField("command", required: false), field("restart", .flag, "true or false"), timeoutField,
    ],
    example: bashAnthropic.example, build: bashAnthropic.build)

  static let textEditorAnthropic = ToolShape(
    name: "str_replace_based_edit_tool", text: "text-editor-anthropic", form: .builtIn(type: "text_editor_20250728"),
    fields: editorFields(inserted: "insert_text"),
    example: #"{"command":"str_replace","path":"/workspace/a.c","old_str":"int x;","new_str":"int y;"}"#,
    build: { arguments throws(Arguments.Fault) in try editor(arguments, inserted: "insert_text", replaces: true) })

  static let strReplaceEditor = ToolShape(
    name: "str_replace_editor", text: "str-replace-editor",
    fields: editorFields(inserted: "new_str"), example: textEditorAnthropic.example,
    build: { arguments throws(Arguments.Fault) in try editor(arguments, inserted: "new_str", replaces: false) })

  private static func editorFields(inserted: String) -> [ToolField] {
    [
      field("command", .text, aliases: ["action", "cmd", "operation"], "one of view, create, str_replace, insert"),
      pathField("path"),
      field("view_range", .range, aliases: ["range", "lines", "line_range"], "a list of two line numbers"),
      field("file_text", .text, aliases: contentNames, "a text: the whole content"),
      field("old_str", .text, aliases: oldNames, "a text: what is to be replaced"),
      field("new_str", .text, aliases: newNames + (inserted == "new_str" ? ["insert_text"] : []), "a text"),
      field("insert_line", .whole, aliases: ["line", "line_number"], "a whole number: the line behind which it goes"),
    ] + (inserted == "new_str" ? [] : [field("insert_text", .text, "a text: the new lines")])
  }

  private static func editor(
    _ arguments: Arguments, inserted: String, replaces: Bool
  ) throws(Arguments.Fault) -> ToolOperation {
    let path = try arguments.path("path")
    switch try editorCommand(arguments, inserted: inserted) {
    case "view":
      return path.then { .view(viewed($0, arguments.ranges["view_range"])) }
    case "create":
      let content = try arguments.text("file_text")
      return path.then { .write(WriteRequest(path: $0, content: content, replaces: replaces)) }
    case "insert":
      guard let line = arguments.numbers["insert_line"] else {
        throw Arguments.Fault(field: "insert_line", problem: "is missing; expected a whole number, 0 for the beginning")
      }
      guard let text = arguments.texts[inserted] ?? arguments.texts["new_str"] ?? arguments.texts["file_text"] else {
        throw Arguments.Fault(field: inserted, problem: "is missing; expected a text: the new lines")
      }
      return path.then { .insert(InsertRequest(path: $0, line: line, text: text)) }
    default:
      let old = try arguments.text("old_str")
      return path.then { .replace(ReplaceRequest(path: $0, old: old, new: arguments.texts["new_str"] ?? "")) }
    }
  }

  /// The lines of a `view_range`; what cannot be meant as it is written is said.
  private static func viewed(_ path: CellPath, _ range: [Int]?) -> ReadRequest {
    guard let range else { return ReadRequest(path: path) }
    let (first, end) = (max(range[0], 1), range.count > 1 ? range[1] : -1)
    var request = ReadRequest(path: path, first: first, last: end > 0 ? end : nil)
    request = request.ordered("The two numbers of `view_range`")
    if range.count == 1 || range[0] < 1 || end < -1 || end == 0 {
      let meant = "[\(request.first), \(request.last ?? -1)]"
      request.note = "\n[`view_range` [\(range.map(String.init).joined(separator: ", "))] was taken for \(meant).]"
    }
    return request
  }

  /// Which of its commands an editor is to carry out; one that is missing is plain from the other fields.
  private static func editorCommand(_ arguments: Arguments, inserted: String) throws(Arguments.Fault) -> String {
    let written = arguments.texts["command"] ?? ""
    switch written.lowercased().filter({ $0.isLetter }) {
    case "view", "read", "open", "cat", "show", "list": return "view"
    case "create", "write", "new", "overwrite", "createfile": return "create"
    case "strreplace", "replace", "edit", "update", "stringreplace": return "str_replace"
    case "insert", "insertline", "add": return "insert"
    case "":
      if arguments.texts["old_str"] != nil { return "str_replace" }
      if arguments.numbers["insert_line"] != nil { return "insert" }
      if arguments.texts["file_text"] != nil { return "create" }
      return "view"
    case "undoedit", "undo":
      throw Arguments.Fault(
        field: "command", problem: "is `\(written)`, which there is not; edit the file back with str_replace")
    default:
      throw Arguments.Fault(
        field: "command", problem: "is `\(written.prefix(40))`; expected one of view, create, str_replace, insert")
    }
  }

  static let todoWrite = ToolShape(
    name: "TodoWrite", text: "todo-write", fields: [stepsField("todos")],
    example: #"{"todos":[{"content":"Find the cause","status":"in_progress","activeForm":"Finding the cause"}]}"#
  ) { arguments throws(Arguments.Fault) in .plan(arguments.steps["todos"] ?? []) }

  static let runShellCommand = ToolShape(
    name: "run_shell_command", text: "run-shell-command",
    fields: [
      commandField("command"), field("description", .text, "a text"),
      field("dir_path", .text, aliases: directoryNames, "a text: a directory"),
      field("is_background", .flag, aliases: ["background", "run_in_background"], "true or false"), timeoutField,
    ],
    example: #"{"command":"ls -la"}"#
  ) { arguments throws(Arguments.Fault) in
    let line = try arguments.text("command")
    return arguments.directory("dir_path").then { directory in
      command(line, directory: directory) {
        var request = RunRequest(command: line, directory: directory)
        request.isBackground = arguments.flags["is_background"] ?? false
        let time = arguments.time(.shell, unit: .milliseconds)
        (request.timeout, request.note) = (time.limit, time.note)
        return .run(request)
      }
    }
  }

  static let readFile = ToolShape(
    name: "read_file", text: "read-file",
    fields: [
      pathField("file_path"),
      field("start_line", .whole, aliases: ["start", "offset", "from", "line_start"], "a whole number"),
      field("end_line", .whole, aliases: ["end", "to", "line_end"], "a whole number"),
      field("limit", .whole, aliases: ["num_lines"], "a whole number"),
    ],
    example: #"{"file_path":"src/a.c","start_line":1,"end_line":80}"#
  ) { arguments throws(Arguments.Fault) in
    let first = max(arguments.numbers["start_line"] ?? 1, 1)
    let counted = arguments.numbers["limit"].map { first + max($0, 1) - 1 }
    let last = arguments.numbers["end_line"].flatMap { $0 > 0 ? $0 : nil } ?? counted
    return try arguments.path("file_path").then {
      .read(ReadRequest(path: $0, first: first, last: last).ordered("`start_line` and `end_line`"))
    }
  }

  static let writeFile = wholeFile(name: "write_file", text: "write-file", path: "file_path")

  private static func wholeFile(name: String, text: String, path: String) -> ToolShape {
    ToolShape(
      name: name, text: text,
      fields: [
        pathField(path), field("content", .text, required: true, aliases: contentNames, "a text: the whole content"),
      ],
      example: #"{"\#(path)":"src/a.c","content":"int x;\n"}"#
    ) { arguments throws(Arguments.Fault) in
      let content = try arguments.text("content")
      return try arguments.path(path).then { .write(WriteRequest(path: $0, content: content, replaces: true)) }
    }
  }

  static let replace = ToolShape(
    name: "replace", text: "replace",
    fields: [
      pathField("file_path"), field("instruction", .text, "a text"),
      field("old_string", .text, required: true, aliases: oldNames, "a text: what is to be replaced"),
      field("new_string", .text, required: true, aliases: newNames, "a text"),
      field("allow_multiple", .flag, aliases: ["replace_all", "all"], "true or false"),
    ],
    example: #"{"file_path":"src/a.c","instruction":"rename","old_string":"int x;","new_string":"int y;"}"#
  ) { arguments throws(Arguments.Fault) in
    let (old, new) = (try arguments.text("old_string"), try arguments.text("new_string"))
    let all = arguments.flags["allow_multiple"] ?? false
    return try arguments.path("file_path").then { path in
      // With nothing to replace, a file is made.
      old.isEmpty
        ? .write(WriteRequest(path: path, content: new, replaces: false))
        : .replace(ReplaceRequest(path: path, old: old, new: new, replacesAll: all))
    }
  }

  static let grepSearch = ToolShape(
    name: "grep_search", text: "grep-search",
    fields: [
      field("pattern", .text, required: true, aliases: ["query", "regex", "search"], "a text: a regular expression"),
      field("dir_path", .text, aliases: directoryNames, "a text: a directory"),
      field("include_pattern", .text, aliases: ["include", "glob"], "a text: a glob"),
      field("exclude_pattern", .text, aliases: ["exclude"], "a text: a regular expression"),
      field("names_only", .flag, aliases: ["files_only"], "true or false"),
      field("max_matches_per_file", .whole, "a whole number"),
      field("total_max_matches", .whole, aliases: ["max_results", "head_limit"], "a whole number"),
    ],
    example: #"{"pattern":"TODO","dir_path":"src","include_pattern":"*.c"}"#
  ) { arguments throws(Arguments.Fault) in
    let pattern = try arguments.text("pattern")
    return arguments.directory("dir_path").then { directory in
      var request = GrepRequest(pattern: pattern, directory: directory)
      request.include = arguments.texts["include_pattern"]
      request.exclude = arguments.texts["exclude_pattern"]
      request.namesOnly = arguments.flags["names_only"] ?? false
      request.limitPerFile = arguments.numbers["max_matches_per_file"].map { max($0, 1) }
      request.limit = min(max(arguments.numbers["total_max_matches"] ?? 100, 1), 2000)
      return .grep(request)
    }
  }

  static let glob = ToolShape(
    name: "glob", text: "glob",
    fields: [
      field("pattern", .text, required: true, aliases: ["glob", "query"], "a text: a glob such as src/**/*.c"),
      field("dir_path", .text, aliases: directoryNames, "a text: a directory"),
    ],
    example: #"{"pattern":"src/**/*.c"}"#
  ) { arguments throws(Arguments.Fault) in
    let pattern = try arguments.text("pattern")
    return arguments.directory("dir_path").then { .glob(pattern: pattern, directory: $0) }
  }

  static let listDirectory = ToolShape(
    name: "list_directory", text: "list-directory",
    fields: [
      field("dir_path", .text, required: true, aliases: directoryNames + pathNames, "a text: a directory")
    ],
    example: #"{"dir_path":"src"}"#
  ) { arguments throws(Arguments.Fault) in arguments.directory("dir_path").then { .list($0) } }

  static let writeTodos = ToolShape(
    name: "write_todos", text: "write-todos", fields: [stepsField("todos")],
    example: #"{"todos":[{"description":"Find the cause","status":"in_progress"}]}"#
  ) { arguments throws(Arguments.Fault) in .plan(arguments.steps["todos"] ?? []) }

  static let read = ToolShape(
    name: "read", text: "read",
    fields: [
      pathField("path"),
      field("offset", .whole, aliases: ["start_line", "start", "from"], "a whole number: the first line"),
      field("limit", .whole, aliases: ["num_lines", "max_lines"], "a whole number: how many lines"),
      field("end_line", .whole, aliases: ["end", "to"], "a whole number: the last line"),
    ],
    example: #"{"path":"src/a.c","offset":1,"limit":80}"#
  ) { arguments throws(Arguments.Fault) in
    let first = max(arguments.numbers["offset"] ?? 1, 1)
    let counted = arguments.numbers["limit"].map { first + min(max($0, 1), 1 << 30) - 1 }
    let last = counted ?? arguments.numbers["end_line"].flatMap { $0 > 0 ? $0 : nil }
    return try arguments.path("path").then {
      .read(ReadRequest(path: $0, first: first, last: last).ordered("`offset` and `end_line`"))
    }
  }

  static let write = wholeFile(name: "write", text: "write", path: "path")

  static let edit = ToolShape(
    name: "edit", text: "edit",
    fields: [
      pathField("path"),
      field("oldText", .text, aliases: oldNames, "a text: what is to be replaced"),
      field("newText", .text, aliases: newNames, "a text"),
      field("edits", .edits, aliases: ["changes"], "a list of objects, each with oldText and newText"),
      field("replace_all", .flag, aliases: ["allow_multiple", "all"], "true or false"),
    ],
    example: #"{"path":"src/a.c","oldText":"int x;","newText":"int y;"}"#
  ) { arguments throws(Arguments.Fault) in
    let path = try arguments.path("path")
    let all = arguments.flags["replace_all"] ?? false
    var changes = arguments.edits["edits"] ?? []
    if changes.isEmpty || arguments.texts["oldText"] != nil {
      changes.insert(TextChange(old: try arguments.text("oldText"), new: try arguments.text("newText")), at: 0)
    }
    let first = changes.removeFirst()
    return path.then {
      .replace(ReplaceRequest(path: $0, old: first.old, new: first.new, replacesAll: all, further: changes))
    }
  }

  static let bash = ToolShape(
    name: "bash", text: "bash",
    fields: [
      commandField("command"),
      timeoutField,
    ],
    example: #"{"command":"ls -la","timeout":120}"#
  ) { arguments throws(Arguments.Fault) in
    let line = try arguments.text("command")
    return command(line, directory: .workspace) {
      var request = RunRequest(command: line)
      let time = arguments.time(.command, unit: .seconds)
      (request.timeout, request.note) = (time.limit, time.note)
      return .run(request)
    }
  }

  static let plan = ToolShape(
    name: "plan", text: "plan", fields: [stepsField("steps")],
    example: #"{"steps":[{"step":"Find the cause","status":"in_progress"}]}"#
  ) { arguments throws(Arguments.Fault) in .plan(arguments.steps["steps"] ?? []) }
}
