/// What a model is told and has said, in the order in which it happened; the same for every dialect.
package struct Conversation: Sendable, Hashable, Codable {
  /// What stands before everything: who the model is and what it is to do.
  package var system: String
  /// The tools in their frozen order.
  package var tools: [ToolDeclaration]
  package var items: ConversationItems

  package init(system: String, tools: [ToolDeclaration], items: ConversationItems = []) {
    self.system = system
    self.tools = tools
    self.items = items
  }
}

/// One entry of a conversation.
package enum ConversationItem: Sendable, Hashable, Codable {
  /// What the harness says to the model.
  case user(String)
  /// One answer of the model.
  case assistant(AssistantTurn)
  /// What came of the calls of the answer before it, all of them, in the model's order.
  case results([ToolResult])
}

/// One answer of a model.
package struct AssistantTurn: Sendable, Hashable, Codable {
  /// What it says; empty where it only calls tools.
  package var text: String
  /// What it calls, in its order.
  package var calls: [ToolCall]
  package var stop: StopReason
  /// The answer as it came, to be sent back byte for byte to the same model: reasoning, signatures, ids.
  package var echo: Echo?

  package init(text: String, calls: [ToolCall] = [], stop: StopReason, echo: Echo? = nil) {
    self.text = text
    self.calls = calls
    self.stop = stop
    self.echo = echo
  }
}

/// Pieces of an answer that only the model that gave it can read.
package struct Echo: Sendable, Hashable, Codable {
  /// Whose they are; another dialect or model is not sent them.
  package var dialect: Dialect
  package var model: String
  /// JSON texts, one for each item or content block of the answer, in their order.
  package var pieces: [String]

  package init(dialect: Dialect, model: String, pieces: [String]) {
    self.dialect = dialect
    self.model = model
    self.pieces = pieces
  }
}

/// The protocols that models speak.
package enum Dialect: String, Sendable, Hashable, Codable, CaseIterable {
  /// OpenAI Responses.
  case responses
  /// OpenAI Chat Completions, and what is compatible with it.
  case chat
  /// Anthropic Messages.
  case messages
}

/// Why an answer ended.
package enum StopReason: String, Sendable, Hashable, Codable {
  /// The model has said what it had to say.
  case end
  /// It waits for the results of its calls.
  case calls
  /// It ran into the limit of what it may say; its last call may be cut short.
  case length
  /// The vendor's own machinery wants the same request again.
  case pause
  /// It, or its vendor, refuses.
  case refusal
  /// The context is full.
  case contextFull
}

/// One call of a tool, as the model wrote it.
package struct ToolCall: Sendable, Hashable, Codable {
  /// The vendor's name for the call; its result bears the same.
  package var id: String
  /// The tool's name, which may be none that was offered.
  package var name: String
  package var input: Input
  /// Whether the answer ended in the middle of the call, or may have: it must never be carried out.
  package var isTruncated: Bool

  /// The arguments as they came; nobody has looked at them yet.
  package enum Input: Sendable, Hashable, Codable {
    /// What should be a JSON object.
    case json(String)
    /// Free text, of a tool that takes such.
    case text(String)
  }

  package init(id: String, name: String, input: Input, isTruncated: Bool = false) {
    self.id = id
    self.name = name
    self.input = input
    self.isTruncated = isTruncated
  }
}

/// What came of one call.
package struct ToolResult: Sendable, Hashable, Codable {
  /// The call's id.
  package var call: String
  /// The tool's name as the model wrote it.
  package var name: String
  package var text: String
  /// Whether the tool failed, which a command that ends with a status other than 0 has not.
  package var isError: Bool
  /// Whether the call was one with free text; the dialects name its result differently.
  package var isFreeText: Bool

  package init(call: String, name: String, text: String, isError: Bool = false, isFreeText: Bool = false) {
    self.call = call
    self.name = name
    self.text = text
    self.isError = isError
    self.isFreeText = isFreeText
  }
}

/// A tool that a model is offered.
package struct ToolDeclaration: Sendable, Hashable, Codable {
  package var name: String
  package var description: String
  package var form: Form

  package enum Form: Sendable, Hashable, Codable {
    /// Takes a JSON object; the text is its JSON Schema, in the bytes in which it is sent.
    case function(schema: String)
    /// Takes free text that follows this Lark grammar.
    case grammar(lark: String)
    /// One that the model knows by its type; the text is the whole declaration as JSON.
    case builtIn(declaration: String)
  }

  package init(name: String, description: String, form: Form) {
    self.name = name
    self.description = description
    self.form = form
  }
}
