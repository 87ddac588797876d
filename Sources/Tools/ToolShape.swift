internal import Base
internal import JSON
internal import Models
internal import Sandbox
internal import Templates

/// One tool as a model knows it: its name, its arguments, and what operation they come to.
struct ToolShape: Sendable {
  typealias Build = @Sendable (Arguments) throws(Arguments.Fault) -> ToolOperation

  /// How the tool is offered.
  enum Form: Sendable, Hashable {
    case function
    /// Free text; the grammar is the one of patches.
    case patchGrammar
    /// By a type of the vendor's own; as a function where another dialect is spoken.
    case builtIn(type: String)
  }

  let name: String
  /// The name of its files in `Templates/Tools`.
  let text: String
  var form = Form.function
  let fields: [ToolField]
  /// Arguments that are right, shown where a call's are wrong.
  let example: String
  let build: Build

  /// The tool as it is sent to a model that speaks this dialect.
  func declaration(for dialect: Dialect) -> ToolDeclaration {
    let description = ToolTexts.description(text) ?? ""
    switch form {
    case .patchGrammar:
      return ToolDeclaration(name: name, description: description, form: .grammar(lark: ToolTexts.patchGrammar))
    case .builtIn(let type) where dialect == .messages:
      return ToolDeclaration(
        name: name, description: description, form: .builtIn(declaration: "{\"type\":\"\(type)\",\"name\":\"\(name)\"}")
      )
    case .builtIn, .function:
      return ToolDeclaration(
        name: name, description: description, form: .function(schema: Self.compact(ToolTexts.schema(text) ?? [])))
    }
  }

  /// The schema without the white space between its tokens, members in the order of the file.
  private static func compact(_ schema: [UInt8]) -> String {
    var result: [UInt8] = []
    var isText = false
    var isEscaped = false
    for byte in schema {
      if isText {
        result.append(byte)
        if !isEscaped && byte == UInt8(ascii: "\"") { isText = false }
        isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
      } else if byte > 0x20 {
        result.append(byte)
        isText = byte == UInt8(ascii: "\"")
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// What a call's arguments come to.
  func examine(_ input: ToolCall.Input) -> ExaminedCall.Verdict {
    do throws(Arguments.Fault) {
      let operation = try read(input)
      return .ready(operation, isRead: operation.isRead)
    } catch {
      return .malformed(message(error))
    }
  }

  private func read(_ input: ToolCall.Input) throws(Arguments.Fault) -> ToolOperation {
    switch input {
    case .text(let text) where form == .patchGrammar:
      return try Self.patch(Self.unwrapped(text))
    case .text(let text), .json(let text):
      if form == .patchGrammar { return try Self.patch(Self.unwrapped(text)) }
      let arguments = try Arguments(text, fields: fields)
      var operation = try build(arguments)
      operation.add(note: note(on: arguments.unknown))
      return operation
    }
  }

  /// What is said of names that no field has.
  private func note(on unknown: [(name: String, near: String?)]) -> String {
    unknown.prefix(4).map { name, near in
      "\n[`\(DisplayText.line(name.utf8.prefix(40)))` is no parameter of \(self.name) and was ignored"
        + (near.map { "; did you mean `\($0)`?]" } ?? ".]")
    }.joined()
  }

  /// A patch out of JSON, which a model may wrap it in although it was told not to.
  private static func unwrapped(_ text: String) -> String {
    guard let first = text.first(where: { !$0.isWhitespace }), first == "{" || first == "\"" || first == "[" else {
      return text
    }
    guard let value = LenientJSON.parse(text) else { return text }
    if let text = value.string { return text }
    for name in ["input", "patch", "content", "cmd", "command", "text", "diff"] {
      if let text = value[name]?.string { return text }
      if let text = value[name]?.array?.last?.string { return text }
    }
    return value.array?.last?.string ?? text
  }

  static func patch(_ text: String) throws(Arguments.Fault) -> ToolOperation {
    do throws(PatchFault) {
      return .patch(try Patch(text), directory: .workspace)
    } catch {
      throw Arguments.Fault(field: nil, problem: error.description)
    }
  }

  private func message(_ fault: Arguments.Fault) -> String {
    let what = fault.field.map { "`\($0)` \(fault.problem)" } ?? fault.problem
    let hint = form == .patchGrammar ? "A call that is right:\n\(example)" : "Arguments that are right: \(example)"
    return "The call of `\(name)` was not understood, and nothing was done: \(what).\n\(hint)"
  }
}

extension Arguments {
  /// A text that must be there.
  func text(_ name: String) throws(Fault) -> String {
    guard let text = texts[name] else { throw Fault(field: name, problem: "is missing; expected a text") }
    return text
  }

  /// The path in a field, or why it is none.
  func path(_ name: String) throws(Fault) -> WrittenPath.Meaning { WrittenPath.read(try text(name)) }

  /// A directory in a field that may be missing.
  func directory(_ name: String) -> WrittenPath.Meaning {
    guard let text = texts[name], !text.isEmpty else { return .path(.workspace) }
    return WrittenPath.read(text)
  }
}

extension WrittenPath.Meaning {
  /// What the path is for; where it is no path, why not.
  func then(_ make: (CellPath) -> ToolOperation) -> ToolOperation {
    switch self {
    case .path(let path): make(path)
    case .fault(let text): .impossible(text)
    }
  }
}
