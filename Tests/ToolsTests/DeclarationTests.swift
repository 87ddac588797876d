import JSON
import Models
import Templates
import Testing

@testable import Tools

/// What models are offered.
struct DeclarationTests {
  /// One line for each tool of a profile: its name, its form, and a fingerprint of all of it that a change must change.
  private static func lines(_ profile: ToolProfile, _ dialect: Dialect) -> [String] {
    profile.declarations(for: dialect).map { declaration in
      switch declaration.form {
      case .function(let schema):
        "\(declaration.name) function \(schema.utf8.count) \(declaration.description.utf8.count)"
      case .grammar(let lark): "\(declaration.name) grammar \(lark.utf8.count) \(declaration.description.utf8.count)"
      case .builtIn(let text): "\(declaration.name) \(text)"
      }
    }
  }

  @Test("names, order and forms are frozen")
  func frozen() {
    #expect(
      Self.lines(.openai, .responses).map { $0.split(separator: " ").prefix(2).joined(separator: " ") } == [
        "exec_command function", "write_stdin function", "apply_patch grammar", "update_plan function",
      ])
    #expect(
      Self.lines(.openaiJSON, .chat).map { $0.split(separator: " ").prefix(2).joined(separator: " ") } == [
        "exec_command function", "write_stdin function", "apply_patch function", "update_plan function",
      ])
    #expect(
      Self.lines(.anthropic, .messages).prefix(2) == [
        #"bash {"type":"bash_20250124","name":"bash"}"#,
        #"str_replace_based_edit_tool {"type":"text_editor_20250728","name":"str_replace_based_edit_tool"}"#,
      ])
    #expect(
      ToolProfile.anthropic.declarations(for: .chat).map(\.name) == [
        "bash", "str_replace_based_edit_tool", "TodoWrite",
      ])
    #expect(ToolProfile.deepseek.declarations(for: .chat).map(\.name) == ["bash", "str_replace_editor"])
    #expect(
      ToolProfile.gemini.declarations(for: .chat).map(\.name) == [
        "run_shell_command", "read_file", "write_file", "replace", "grep_search", "glob", "list_directory",
        "write_todos",
      ])
    #expect(ToolProfile.generic.declarations(for: .chat).map(\.name) == ["read", "write", "edit", "bash", "plan"])
    // The bytes of a schema are those of its file without the white space between its tokens.
    #expect(
      ToolProfile.generic.declarations(for: .chat)[1].form
        == .function(
          schema:
            #"{"type":"object","properties":{"path":{"type":"string","description":"The path of the file."},"#
            + #""content":{"type":"string","description":"The whole content."}},"required":["path","content"]}"#
        ))
  }

  @Test("every declaration is whole, the same each time, and says what is read", arguments: ToolProfile.allCases)
  func whole(_ profile: ToolProfile) throws {
    for dialect in Dialect.allCases {
      #expect(profile.declarations(for: dialect) == profile.declarations(for: dialect))
    }
    for (shape, declaration) in zip(profile.shapes, profile.declarations(for: .chat)) {
      #expect(!declaration.description.isEmpty && !declaration.description.hasSuffix("\n"))
      guard case .function(let text) = declaration.form else { continue }
      let schema = try JSONValue.parse(Array(text.utf8))
      let properties = try #require(schema["properties"]?.object)
      let fields = Dictionary(uniqueKeysWithValues: shape.fields.map { ($0.name, $0) })
      for (name, property) in properties {
        let kind = try #require(fields[name]?.kind, "\(shape.name) does not read \(name)")
        let type = property["type"]?.string
        switch kind {
        case .text, .commandLine: #expect(type == "string")
        case .whole: #expect(type == "integer")
        case .flag: #expect(type == "boolean")
        case .range, .steps, .edits: #expect(type == "array")
        }
      }
      let required = Set(schema["required"]?.array?.compactMap(\.string) ?? [])
      for field in shape.fields where field.isRequired { #expect(required.contains(field.name)) }
    }
  }

  @Test("what a model is told of sessions has no control character in it, and the bounds that hold")
  func sessions() throws {
    let declarations = ToolProfile.openai.declarations(for: .responses)
    let declaration = try #require(declarations.first { $0.name == "write_stdin" })
    guard case .function(let schema) = declaration.form else { return #expect(Bool(false), "it is no function") }
    let properties = try #require(try JSONValue.parse(Array(schema.utf8))["properties"])
    let characters = try #require(properties["chars"]?["description"]?.string)
    #expect(characters.contains(#"Ctrl-C, written \u0003,"#))
    #expect(!characters.unicodeScalars.contains { $0.value < 0x20 })
    #expect(properties["yield_time_ms"]?["description"]?.string?.hasSuffix("250 to 300000.") == true)
    #expect(properties["max_output_tokens"]?["description"]?.string?.contains("20000 at most") == true)
  }

  @Test(
    "a model gets the tools that it was trained with",
    arguments: [
      ("openai/gpt-5.4", ToolProfile.openai), ("openai/gpt-5.1-codex", .openai), ("openai/codex-mini", .openai),
      ("openai/gpt-4.1", .generic), ("openai/o3", .generic), ("openai-chat/gpt-oss-120b", .openaiJSON),
      ("openai-chat/openai/gpt-5", .openaiJSON), ("openai/gpt-oss-20b", .openaiJSON),
      ("anthropic/claude-opus-4-8", .anthropic),
      ("openai-chat/anthropic/claude-sonnet-5", .anthropic), ("deepseek/deepseek-v4-pro", .deepseek),
      ("openai-chat/deepseek-v3", .deepseek), ("openai-chat/gemini-3-pro", .gemini),
      ("openai-chat/qwen3-coder", .generic),
    ])
  func choice(_ name: String, _ profile: ToolProfile) throws {
    #expect(ToolProfile(for: try ModelName(name)) == profile)
    #expect(ToolProfile(rawValue: profile.rawValue) == profile)
  }

  @Test("the key of an operation is the same for every spelling of it")
  func keys() throws {
    let catalog = ProfileCatalog(.generic, dialect: .chat)
    let key = { (name: String, text: String) -> String? in
      guard case .ready(let operation, _) = catalog.examine(ToolCall(id: "x", name: name, input: .json(text))).verdict
      else {
        return nil
      }
      return operation.key
    }
    let first = try #require(key("read", #"{"path":"a"}"#))
    #expect(key("read", #"{"path":"./a","offset":1}"#) == first)
    #expect(key("Read", #"{'file_path':'/workspace/a',}"#) == first)
    #expect(key("read", #"{"path":"b"}"#) != first)
    #expect(key("bash", #"{"command":"ls"}"#) == key("shell", #"{"cmd":["bash","-c","ls"]}"#))
    #expect(key("bash", #"{"command":"ls"}"#) != key("bash", #"{"command":"ls -a"}"#))
  }

  @Test("a command never counts as a read")
  func reads() {
    let catalog = ProfileCatalog(.gemini, dialect: .chat)
    for (name, text, isRead) in [
      ("run_shell_command", #"{"command":"ls"}"#, false), ("read_file", #"{"file_path":"a"}"#, true),
      ("glob", #"{"pattern":"*"}"#, true), ("write_file", #"{"file_path":"a","content":"b"}"#, false),
    ] {
      guard case .ready(_, isRead) = catalog.examine(ToolCall(id: "x", name: name, input: .json(text))).verdict else {
        Issue.record("\(name)")
        continue
      }
    }
  }

  @Test("each profile has advice with its figures and the way to undo", arguments: ToolProfile.allCases)
  func advice(profile: ToolProfile) throws {
    let advice = try #require(profile.advice)
    #expect(!advice.contains("{") && !advice.contains("}"))
    #expect(advice.contains("`arborist undo`"))
    #expect(advice.contains("room for 1024 MB"))
    let figures: [ToolProfile: [String]] = [
      .openai: ["3600 seconds"], .openaiJSON: ["3600 seconds"],
      .generic: ["120 seconds", "600 at most", "30000 bytes"],
      .anthropic: ["300 seconds", "600 seconds at most", "30000 bytes"],
      .deepseek: ["300 seconds", "600 seconds at most", "16000 bytes"],
      .gemini: ["300 seconds", "600 seconds at most", "40000 bytes"],
    ]
    #expect(figures[profile]?.allSatisfy { advice.contains($0) } == true)
  }
}
