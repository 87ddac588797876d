import Models
import Testing

@testable import Tools

/// Calls as models get them wrong, over all profiles.
struct MalformedTests {
  /// A call and what its operation's key must begin with; `nil` where it must be answered instead.
  struct Case: Sendable, CustomTestStringConvertible {
    let profile: ToolProfile
    let name: String
    let input: String
    let key: String?

    init(_ profile: ToolProfile, _ name: String, _ input: String, _ key: String?) {
      self.profile = profile
      self.name = name
      self.input = input
      self.key = key
    }

    var testDescription: String { "\(profile.rawValue) \(name) \(input)" }
  }

  /// Ways of writing `{"F":"ls -la"}`.
  private static let spellings: [String] = [
    #"{"F":"ls -la",}"#, #"{'F':'ls -la'}"#, #"{F:"ls -la"}"#, #"{"F":"ls -la""#, "```json\n{\"F\":\"ls -la\"}\n```",
    #""{\"F\":\"ls -la\"}""#, #"{"cmd":"ls -la"}"#, #"{"command":"ls -la"}"#, #"{"script":"ls -la"}"#,
    #"{"F":["bash","-lc","ls -la"]}"#, #"{"F":["ls","-la"]}"#, #"{"F":["ls -la"]}"#, #"[{"F":"ls -la"}]"#,
    #"{"arguments":{"F":"ls -la"}}"#, #"{"arguments":"{\"F\":\"ls -la\"}"}"#,
    #"{"name":"x","parameters":{"F":"ls -la"}}"#,
    "ls -la", #""ls -la""#, #"{"F":"ls -la"} That is all"#, #"I call {"F":"ls -la"}"#, #"{"F":"ls -la","extra":None}"#,
    "{\"F\":\"ls -la\", // note\n}", #"{"F":"[\"bash\",\"-c\",\"ls -la\"]"}"#, #"{"F": "ls -la"}}"#,
    #"{“F”:“ls -la”}"#, #"{"F"="ls -la"}"#, #"{"F":"ls -la","timeout":"60"}"#,
  ]

  /// What cannot be told.
  private static let hopeless: [String] = [
    "{}", "", "null", #"{"F":"rm -rf /workspace/bui"#, #"{"F":null}"#, #"{"F":{"a":1}}"#, #"{"F" "ls -la"}"#,
    #"{"F":"ls -la"; }"#, "[]", #"{"G":"ls"}"#,
  ]

  /// The same faults in the arguments of every tool that runs a command.
  static let commands: [Case] = {
    let run = "run false false /workspace\n"
    let tools: [(ToolProfile, String, String, String)] = [
      (.openai, "exec_command", "cmd", run), (.openaiJSON, "exec_command", "cmd", run),
      (.anthropic, "bash", "command", "shell\n"), (.deepseek, "bash", "command", "shell\n"),
      (.gemini, "run_shell_command", "command", run), (.generic, "bash", "command", run),
    ]
    var cases: [Case] = []
    for (profile, name, field, key) in tools {
      for text in spellings { cases.append(Case(profile, name, text.replacing("F", with: field), key + "ls -la")) }
      for text in hopeless { cases.append(Case(profile, name, text.replacing("F", with: field), nil)) }
      cases.append(Case(profile, name, #"{"\#(field)":"grep "a b" c.txt"}"#, key + "grep \"a b\" c.txt"))
      cases.append(Case(profile, name, "{\"\(field)\":\"cat <<E\nx\nE\"}", key + "cat <<E\nx\nE"))
      cases.append(Case(profile, name, #"{"\#(field)":"grep '\d+' a"}"#, key + #"grep '\d+' a"#))
    }
    return cases
  }()

  static let others: [Case] = [
    Case(
      .openai, "exec_command", #"{"cmd":"ls","workdir":"src","tty":"True","yield_time_ms":"500"}"#,
      "run false true /workspace/src"),
    Case(.openai, "exec_command", #"{"cmd":"ls","yield_time_ms":"soon"}"#, nil),
    Case(.openai, "exec_command", #"{"cmd":"ls","workdir":"~/x"}"#, "impossible\n`~/x`"),
    Case(.openai, "exec_command", #"{"cmd":"ls","tty":"maybe"}"#, nil),
    Case(.openai, "write_stdin", #"{"session_id":"3","chars":"y"}"#, "poll 3\ny"),
    Case(.openai, "write_stdin", #"{"session_id":3.0}"#, "poll 3\n"),
    Case(.openai, "write_stdin", #"{"session":3,"input":"q"}"#, "poll 3\nq"),
    Case(.openai, "write_stdin", #"{"chars":"y"}"#, nil),
    Case(.openai, "update_plan", #"{"plan":["a","b"]}"#, "plan\npending a\npending b"),
    Case(.openai, "update_plan", #"[{"step":"a","status":"done"}]"#, "plan\ncompleted a"),
    Case(.openai, "update_plan", #"{"plan":"[{\"step\":\"a\",\"status\":\"in-progress\"}]"}"#, "plan\nin_progress a"),
    Case(.openai, "update_plan", #"{"plan":"- [x] a\n- [ ] b"}"#, "plan\ncompleted a\npending b"),
    Case(.openai, "update_plan", #"{"plan":"- [x] a\n\n* [ ] b\n"}"#, "plan\ncompleted a\npending b"),
    Case(.openai, "update_plan", #"{"plan":"1. done"}"#, nil),
    Case(.openai, "update_plan", #"{"plan":"- [x] a\nthen the rest"}"#, nil),
    Case(.openai, "update_plan", #"{"plan":[{"step":"a","status":"todo"}]}"#, "plan\npending a"),
    Case(.openai, "update_plan", #"{"plan":[{"step":"a","status":"frobbed"}]}"#, nil),
    Case(.openai, "update_plan", #"{"plan":[{"step":"a","status":7}]}"#, nil),
    Case(.openai, "update_plan", #"{"steps":[{"text":"a"}]}"#, "plan\npending a"),
    Case(.openai, "update_plan", #"{"plan":[1,2]}"#, nil), Case(.openai, "update_plan", #"{"plan":7}"#, nil),
    Case(.openai, "update_plan", #"{"explanation":"x"}"#, nil),
    Case(
      .anthropic, "TodoWrite", #"{"todos":[{"content":"a","status":"active","activeForm":"b"}]}"#, "plan\nin_progress a"
    ),
    Case(.anthropic, "bash", #"{"restart":"true"}"#, "restart-shell"),
    Case(.anthropic, "bash", #"{"restart":1}"#, "restart-shell"),
    Case(
      .anthropic, "str_replace_based_edit_tool", #"{"command":"view","path":"/workspace/a","view_range":"[1, 5]"}"#,
      "read 1-5 /workspace/a"),
    Case(
      .anthropic, "str_replace_based_edit_tool", #"{"command":"view","path":"a","view_range":[3,-1]}"#,
      "read 3--1 /workspace/a"),
    Case(
      .anthropic, "str_replace_based_edit_tool", #"{"command":"view","path":"a","view_range":"3-9"}"#,
      "read 3-9 /workspace/a"),
    Case(
      .anthropic, "str_replace_based_edit_tool", #"{"command":"view","path":"a","view_range":["2","4"]}"#,
      "read 2-4 /workspace/a"),
    Case(
      .anthropic, "str_replace_based_edit_tool", #"{"command":"view","path":"a","view_range":{"start":2,"end":4}}"#,
      "read 2-4 /workspace/a"),
    Case(.anthropic, "str_replace_based_edit_tool", #"{"command":"view","path":"a","view_range":"all"}"#, nil),
    Case(.anthropic, "str_replace_based_edit_tool", #"{"command":"view"}"#, nil),
    Case(.anthropic, "str_replace_based_edit_tool", #"{"command":"view","file_path":"a"}"#, "read 1--1 /workspace/a"),
    Case(.anthropic, "str_replace_based_edit_tool", #"{"command":"undo_edit","path":"a"}"#, nil),
    Case(.anthropic, "str_replace_based_edit_tool", #"{"command":"dance","path":"a"}"#, nil),
    Case(
      .anthropic, "str_replace_based_edit_tool",
      #"{"command":"strReplace","path":"a","old_string":"x","new_string":"y"}"#, "replace false /workspace/a\nx\0y"),
    Case(
      .anthropic, "str_replace_based_edit_tool", #"{"path":"a","old_str":"x","new_str":"y"}"#,
      "replace false /workspace/a\nx\0y"),
    Case(.anthropic, "str_replace_based_edit_tool", #"{"command":"str_replace","path":"a","new_str":"y"}"#, nil),
    Case(
      .anthropic, "str_replace_based_edit_tool", #"{"command":"insert","path":"a","insert_line":"2","new_str":"y"}"#,
      "insert 2 /workspace/a\ny"),
    Case(.anthropic, "str_replace_based_edit_tool", #"{"command":"insert","path":"a","insert_text":"y"}"#, nil),
    Case(.anthropic, "str_replace_based_edit_tool", #"{"command":"insert","path":"a","insert_line":2}"#, nil),
    Case(
      .anthropic, "str_replace_based_edit_tool", #"{"command":"create","path":"a","content":"y"}"#,
      "write true /workspace/a\ny"),
    Case(.anthropic, "str_replace_based_edit_tool", #"{"command":"create","path":"a"}"#, nil),
    Case(
      .anthropic, "str_replace_editor", #"{"command":"create","path":"/workspace/a","file_text":"y"}"#,
      "write false /workspace/a\ny"),
    Case(.anthropic, "edit", #"{"path":"a","oldText":"x","newText":"y"}"#, "replace false /workspace/a"),
    Case(.anthropic, "Bash", #"{"command":"ls"}"#, "shell\nls"),
    Case(.anthropic, "shell", #"{"command":"ls"}"#, "shell\nls"),
    Case(.anthropic, "Edit_File_Now", "{}", nil), Case(.anthropic, "", "{}", nil),
    Case(
      .deepseek, "str_replace_editor", #"{"command":"insert","path":"/workspace/a","insert_line":0,"new_str":"y\n"}"#,
      "insert 0 /workspace/a\ny\n"),
    Case(
      .deepseek, "str_replace_editor", #"{"command":"insert","path":"/workspace/a","insert_line":0,"insert_text":"y"}"#,
      "insert 0 /workspace/a\ny"),
    Case(
      .deepseek, "str_replace_editor", #"{"command":"create","path":"/workspace/a","file_text":["x","y"]}"#,
      "write false /workspace/a\nx\ny"),
    Case(.deepseek, "str_replace_editor", #"{"command":"create","path":"/workspace/a","file_text":{"x":1}}"#, nil),
    Case(
      .deepseek, "str_replace_editor", #"{"command":"create","path":"/workspace/../../..","file_text":""}"#,
      "impossible\n"),
    Case(
      .deepseek, "str_replace_editor", "{\"command\":\"create\",\"path\":\"/workspace/a\",\"file_text\":\"x\n  y\n\"}",
      "write false /workspace/a\nx\n  y\n"),
    Case(
      .deepseek, "str_replace_editor", #"{"command":"create","path":"/workspace/a.py","file_text":"print("hi")\n"}"#,
      "write false /workspace/a.py\nprint(\"hi\")\n"),
    Case(.deepseek, "functions.bash", #"{"command":"ls"}"#, "shell\nls"),
    Case(.deepseek, "bash<|channel|>commentary", #"{"command":"ls"}"#, "shell\nls"),
    Case(.deepseek, "view", #"{"path":"a"}"#, nil),
    Case(.gemini, "read_file", #"{"path":"a","start_line":"2","end_line":"4"}"#, "read 2-4 /workspace/a"),
    Case(.gemini, "read_file", #"{"absolute_path":"/workspace/a","offset":2,"limit":3}"#, "read 2-4 /workspace/a"),
    Case(.gemini, "read_file", #"{"file_path":"a","start_line":-4}"#, "read 1--1 /workspace/a"),
    Case(.gemini, "read_file", #"{"filePath":"a"}"#, "read 1--1 /workspace/a"),
    Case(.gemini, "read_file", #"{"file_path":"`a`"}"#, "read 1--1 /workspace/a"),
    Case(.gemini, "read_file", #"{"file_path":"../../x"}"#, "impossible\n"),
    Case(.gemini, "read_file", #"{"file_path":""}"#, "impossible\n"),
    Case(.gemini, "read_file", #"{"file_path":["a"]}"#, "read 1--1 /workspace/a"),
    Case(.gemini, "read_file", #"{"file_path":{}}"#, nil),
    Case(.gemini, "write_file", #"{"file_path":"a","contents":"x"}"#, "write true /workspace/a\nx"),
    Case(.gemini, "write_file", #"{"file_path":"a","content":12}"#, "write true /workspace/a\n12"),
    Case(.gemini, "write_file", #"{"file_path":"a"}"#, nil), Case(.gemini, "write_file", #"{"content":"a"}"#, nil),
    Case(
      .gemini, "replace", #"{"file_path":"a","old_string":"x","new_string":"y","allow_multiple":"yes"}"#,
      "replace true /workspace/a\nx\0y"),
    Case(.gemini, "replace", #"{"file_path":"a","old_string":"","new_string":"y"}"#, "write false /workspace/a\ny"),
    Case(.gemini, "replace", #"{"file_path":"a","old":"x","new":"y"}"#, "replace false /workspace/a\nx\0y"),
    Case(.gemini, "replace", #"{"file_path":"a","old_string":"x"}"#, nil),
    Case(
      .gemini, "replace", #"{"file_path":"a","old_string":"x = "1", y","new_string":"x = "2", y"}"#,
      "replace false /workspace/a\nx = \"1\", y\0x = \"2\", y"),
    Case(
      .gemini, "grep_search", #"{"query":"a.*b","dir_path":"/workspace/src","total_max_matches":"7"}"#,
      "grep false 7 0 /workspace/src\na.*b"),
    Case(.gemini, "grep_search", #"{"pattern":"a\sb\w+"}"#, "grep false 100 0 /workspace\na\\sb\\w+"),
    Case(.gemini, "grep_search", "{}", nil),
    Case(.gemini, "glob", #"{"pattern":"**/*.c",}"#, "glob /workspace\n**/*.c"),
    Case(.gemini, "glob", #"{"dir_path":"a"}"#, nil),
    Case(.gemini, "list_directory", #"{"path":"src"}"#, "list /workspace/src"),
    Case(.gemini, "list_directory", "{}", nil),
    Case(.gemini, "ListDirectory", #"{"dir_path":"."}"#, "list /workspace"),
    Case(.gemini, "list_dir", #"{"dir_path":"."}"#, nil),
    Case(.gemini, "default_api.read_file", #"{"file_path":"a"}"#, "read 1--1 /workspace/a"),
    Case(.gemini, "write_todos", #"{"todos":[{"description":"a","status":"cancelled"}]}"#, "plan\ncompleted a"),
    Case(
      .gemini, "apply_patch", "*** Begin Patch\n*** Delete File: a\n*** End Patch",
      "patch /workspace\n*** Delete File: a"),
    Case(.generic, "read", #"{"path":"a","offset":"10","limit":"5"}"#, "read 10-14 /workspace/a"),
    Case(.generic, "read", #"{"path":"a","limit":true}"#, nil), Case(.generic, "read", "a.txt", nil),
    Case(.generic, "read", #"{"path":"/workspace/./x/../a"}"#, "read 1--1 /workspace/a"),
    Case(.generic, "read", #"{"path":"file:///workspace/a"}"#, "read 1--1 /workspace/a"),
    Case(.generic, "read", #"{"path":"a\u0000b"}"#, "impossible\n"),
    Case(.generic, "edit", #"{"path":"a","old_string":"x","new_string":"y"}"#, "replace false /workspace/a\nx\0y"),
    Case(.generic, "edit", #"{"path":"a","search":"x","replace":"y"}"#, "replace false /workspace/a\nx\0y"),
    Case(.generic, "edit", #"{"path":"a","oldText":"x"}"#, nil),
    Case(
      .generic, "edit", "{\"path\":\"a\",\"oldText\":\"\tx\n\",\"newText\":\"\ty\n\"}",
      "replace false /workspace/a\n\tx\n\0\ty\n"),
    Case(.generic, "write", #"{"path":"a","content":"it's","x":1}"#, "write true /workspace/a\nit's"),
    Case(.generic, "write", #"{"path":"a","content":"\u00e9\ud83d\ude00"}"#, "write true /workspace/a\né😀"),
    Case(.generic, "write", #"{"path":"a","content":"""x "y" z"""}"#, "write true /workspace/a\nx \"y\" z"),
    Case(.generic, "write", #"{"path":"a","content":true}"#, "write true /workspace/a\ntrue"),
    Case(.generic, "write", #"{"path":"a","content":"x"#, nil), Case(.generic, "write", "[1,2]", nil),
    Case(.generic, "write", "3", nil),
    Case(.generic, "plan", #"{"steps":[{"step":"a","status":"completed"},]}"#, "plan\ncompleted a"),
    Case(.generic, "plan", #"{"steps":{"step":"a"}}"#, "plan\npending a"),
    Case(.generic, "container.exec", #"{"cmd":["bash","-lc","ls"]}"#, "run false false /workspace\nls"),
    Case(.generic, "raed", #"{"path":"a"}"#, nil), Case(.generic, "web_search", #"{"query":"a"}"#, nil),
    Case(
      .openaiJSON, "apply_patch", #"{"input":"*** Begin Patch\n*** Delete File: a\n*** End Patch"}"#,
      "patch /workspace\n*** Delete File: a"),
    Case(
      .openaiJSON, "apply_patch", "*** Begin Patch\n*** Delete File: a\n*** End Patch\n",
      "patch /workspace\n*** Delete File: a"),
    Case(
      .openaiJSON, "apply_patch", #"{"patch":"*** Begin Patch\n*** Delete File: a"}"#,
      "patch /workspace\n*** Delete File: a"),
    Case(
      .openaiJSON, "apply_patch", "{\"input\":\"*** Begin Patch\n*** Delete File: a\n*** End Patch\"}",
      "patch /workspace\n*** Delete File: a"),
    Case(
      .openaiJSON, "apply_patch", #"{"input":["apply_patch","*** Begin Patch\n*** Delete File: a\n*** End Patch"]}"#,
      "patch /workspace\n*** Delete File: a"),
    Case(.openaiJSON, "apply_patch", #"{"input":"nothing"}"#, nil), Case(.openaiJSON, "apply_patch", "{}", nil),
    Case(
      .openai, "apply_patch", #"{"input":"*** Begin Patch\n*** Delete File: a\n*** End Patch"}"#,
      "patch /workspace\n*** Delete File: a"),
    Case(
      .openai, "apply_patch", "```\n*** Begin Patch\n*** Delete File: a\n*** End Patch\n```",
      "patch /workspace\n*** Delete File: a"),
    Case(
      .openai, "apply_patch", "apply_patch <<'EOF'\n*** Begin Patch\n*** Delete File: a\n*** End Patch\nEOF",
      "patch /workspace\n*** Delete File: a"),
    Case(.openai, "apply_patch", "*** Begin Patch\n*** Update File: a\n*** End Patch", nil),
    Case(.openai, "apply_patch", "*** Begin Patch\n*** Add File: a\nx\n*** End Patch", nil),
    Case(.openai, "apply_patch", "*** Begin Patch\n*** Frobnicate: a\n*** End Patch", nil),
    Case(.openai, "apply_patch", "", nil),
    Case(
      .openai, "exec_command",
      "{\"cmd\":\"apply_patch <<'EOF'\\n*** Begin Patch\\n*** Delete File: a\\n*** End Patch\\nEOF\\n\"}",
      "patch /workspace\n*** Delete File: a"),
    Case(
      .openai, "exec_command",
      "{\"cmd\":\"cd src && apply_patch <<EOF\\n*** Begin Patch\\n*** Delete File: a\\n*** End Patch\\nEOF\"}",
      "patch /workspace/src\n*** Delete File: a"),
    Case(
      .openai, "exec_command", "{\"cmd\":[\"apply_patch\",\"*** Begin Patch\\n*** Delete File: a\\n*** End Patch\"]}",
      "patch /workspace\n*** Delete File: a"),
    Case(.anthropic, "bash", "{\"command\":\"apply_patch 'x'\"}", "impossible\n"),
    Case(.openai, "exec_command", #"{"cmd":"arborist undo"}"#, "undo"),
    Case(.openai, "shell", #"{"command":["bash","-lc","ls"],"timeout_ms":1000}"#, "run false false /workspace\nls"),
    Case(.openai, "read_file", #"{"file_path":"a"}"#, "read 1--1 /workspace/a"),
    Case(.openai, "exec_comand", #"{"cmd":"ls"}"#, nil),
  ]

  @Test("there are enough of them")
  func count() {
    #expect(Self.commands.count + Self.others.count >= 200)
  }

  @Test("a malformed call is repaired, or answered with what is wrong", arguments: commands + others)
  func malformed(_ item: Case) {
    let catalog = ProfileCatalog(item.profile, dialect: .responses)
    let isText = item.profile == .openai && item.name == "apply_patch"
    let call = ToolCall(id: "1", name: item.name, input: isText ? .text(item.input) : .json(item.input))
    switch (catalog.examine(call).verdict, item.key) {
    case (.ready(let operation, let isRead), let key?):
      #expect(operation.key.hasPrefix(key))
      #expect(isRead == operation.isRead)
    case (.malformed(let text), nil):
      // What is wrong, and what is right instead.
      #expect(text.contains("nothing was done"))
      #expect(text.contains("that are right:") || text.contains("that is right:") || text.contains("The tools are"))
    case (.ready(let operation, _), nil): Issue.record("it was taken for \(operation.key)")
    case (.malformed(let text), _?): Issue.record("it was answered: \(text)")
    }
  }

  @Test("no mutation of a good call breaks the reader, and a good call stays what it is")
  func mutations() {
    var random = SeededRandom(seed: 11)
    let noise = Array("{}[]\"'\\,:\n`tN01\u{e9} ".utf8)
    for profile in ToolProfile.allCases {
      let catalog = ProfileCatalog(profile, dialect: .responses)
      for shape in profile.shapes {
        guard case .ready = shape.examine(shape.form == .patchGrammar ? .text(shape.example) : .json(shape.example))
        else {
          Issue.record("the example of \(shape.name) is malformed")
          continue
        }
        for _ in 0..<400 {
          var bytes = Array(shape.example.utf8)
          for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes.remove(at: place)
            case 1: bytes.insert(noise.randomElement(using: &random) ?? 0x20, at: place)
            case 2: bytes.removeSubrange(place...)
            default: bytes.swapAt(place, bytes.count - 1)
            }
          }
          let text = String(decoding: bytes, as: UTF8.self)
          let call = ToolCall(id: "1", name: shape.name, input: Bool.random(using: &random) ? .json(text) : .text(text))
          if case .malformed(let answer) = catalog.examine(call).verdict {
            #expect(answer.contains("nothing was done"))
          }
        }
      }
    }
  }

  @Test("a name that no field has is told, with the one that may be meant")
  func unknownNames() async throws {
    try await Bench.with(.openai) { bench async throws in
      _ = try await bench.call("exec_command", #"{"cmd":"read x","tty":true,"yield_time_ms":250}"#)
      let empty = try await bench.call("write_stdin", #"{"session_id":1,"char":"x","yield_time_ms":250}"#)
      #expect(
        empty.text.hasSuffix("\n[`char` is no parameter of write_stdin and was ignored; did you mean `chars`?]"))
      // The control: a known synonym is taken.
      let written = try await bench.call("write_stdin", #"{"session_id":1,"input":"\n","yield_time_ms":20000}"#)
      #expect(!written.text.contains("is no parameter") && written.text.contains("Process exited"))
      let odd = try await bench.call("exec_command", #"{"cmd":"true","sandbox":"off","description":"why","x":null}"#)
      #expect(odd.text.hasSuffix("Output:\n[`sandbox` is no parameter of exec_command and was ignored.]"))
    }
    try await Bench.with(.gemini, ["a": "x\n"]) { bench async throws in
      for (name, input) in [
        ("run_shell_command", #"{"command":"true","direpath":"d"}"#), ("read_file", #"{"file_path":"a","startt":9}"#),
        ("grep_search", #"{"pattern":"x","includes_pattern":"*.c"}"#),
        ("replace", #"{"file_path":"a","old_string":"x","new_string":"y","allow_multple":true}"#),
        ("write_file", #"{"file_path":"b","content":"y","mode":"0755"}"#),
      ] {
        #expect(try await bench.call(name, input).text.contains("is no parameter of \(name) and was ignored"))
      }
    }
  }

  @Test("the step of a plan that is wrong is named, with what is wrong in it")
  func steps() async throws {
    try await Bench.with(.anthropic) { bench async throws in
      let plan = { (second: String) async throws in
        try await bench.call("TodoWrite", #"{"todos":[{"content":"a","status":"pending"},\#(second)]}"#).text
      }
      #expect(
        try await plan(#"{"content":"b","status":"in_progres"}"#).contains(
          #"`todos[1].status` is the text "in_progres"; expected pending, in_progress or completed."#))
      #expect(try await plan(#"{"status":"pending"}"#).contains("`todos[1]` has no text"))
      #expect(try await plan(#"{"content":"b","status":"in_progress"}"#).hasPrefix("Plan updated"))
    }
  }
}
