internal import JSON

/// Declarations of tools in the words of each dialect.
enum ToolRendering {
  static func responses(_ tool: ToolDeclaration, _ capabilities: ModelCapabilities) -> String {
    switch tool.form {
    case .grammar(let lark) where capabilities.acceptsGrammarTools:
      return #"{"type":"custom","name":\#(JSONText.quoted(tool.name)),"#
        + #""description":\#(JSONText.quoted(tool.description)),"#
        + #""format":{"type":"grammar","syntax":"lark","definition":\#(JSONText.quoted(lark))}}"#
    case .builtIn(let declaration) where capabilities.acceptsBuiltInTools && !isAnthropic(declaration):
      return declaration
    default:
      let function = function(of: tool)
      // The vendor takes what says nothing as strict, and then demands that every property is required.
      let strict = capabilities.acceptsStrict ? #","strict":false"# : ""
      return #"{"type":"function","name":\#(JSONText.quoted(tool.name)),"#
        + #""description":\#(JSONText.quoted(function.description)),"parameters":\#(function.schema)\#(strict)}"#
    }
  }

  static func chat(_ tool: ToolDeclaration, _ capabilities: ModelCapabilities) -> String {
    if case .grammar(let lark) = tool.form, capabilities.acceptsGrammarTools {
      return #"{"type":"custom","custom":{"name":\#(JSONText.quoted(tool.name)),"#
        + #""description":\#(JSONText.quoted(tool.description)),"#
        + #""format":{"type":"grammar","grammar":{"syntax":"lark","definition":\#(JSONText.quoted(lark))}}}}"#
    }
    let function = function(of: tool)
    return #"{"type":"function","function":{"name":\#(JSONText.quoted(tool.name)),"#
      + #""description":\#(JSONText.quoted(function.description)),"parameters":\#(function.schema)}}"#
  }

  static func messages(_ tool: ToolDeclaration, _ capabilities: ModelCapabilities) -> String {
    if case .builtIn(let declaration) = tool.form, capabilities.acceptsBuiltInTools { return declaration }
    let function = function(of: tool)
    return #"{"name":\#(JSONText.quoted(tool.name)),"description":\#(JSONText.quoted(function.description)),"#
      + #""input_schema":\#(function.schema)}"#
  }

  private static func isAnthropic(_ declaration: String) -> Bool {
    let type = JSONSlice(text: declaration)?["type"]?.string ?? ""
    return type.hasPrefix("bash_") || type.hasPrefix("text_editor_") || type.hasPrefix("memory_")
  }

  /// The tool as one that takes an object, whatever it was declared as.
  private static func function(of tool: ToolDeclaration) -> (description: String, schema: String) {
    switch tool.form {
    case .function(let schema): (tool.description, schema)
    case .grammar(let lark):
      (
        tool.description + "\n\nThe input follows this Lark grammar:\n\n" + lark,
        #"{"type":"object","properties":{"input":{"type":"string","description":"The whole input, as it is."}},"#
          + #""required":["input"],"additionalProperties":false}"#
      )
    case .builtIn(let declaration):
      (tool.description, knownSchema(JSONSlice(text: declaration)?["type"]?.string ?? ""))
    }
  }

  /// What the vendor's own declarations stand for, for a server that does not know them.
  private static func knownSchema(_ type: String) -> String {
    if type.hasPrefix("bash_") {
      return #"{"type":"object","properties":{"command":{"type":"string"},"restart":{"type":"boolean"}}}"#
    }
    if type.hasPrefix("text_editor_") {
      return #"{"type":"object","properties":{"command":{"type":"string","#
        + #""enum":["view","create","str_replace","insert"]},"path":{"type":"string"},"#
        + #""view_range":{"type":"array","items":{"type":"integer"}},"file_text":{"type":"string"},"#
        + #""old_str":{"type":"string"},"new_str":{"type":"string"},"insert_line":{"type":"integer"},"#
        + #""insert_text":{"type":"string"}},"required":["command","path"]}"#
    }
    return #"{"type":"object"}"#
  }
}
