package import JSON

/// What a scripted model says, in what order, and how it counts.
package struct Scenario: Sendable {
  package var turns: [Turn]
  /// What is said when the turns are used up, every time it is asked again.
  package var final: Turn
  package var faults: [Fault]
  /// How long every answer takes to begin, in milliseconds.
  package var latency: Int
  package var usage: Usage
  /// The most tokens of a prompt, at four bytes each; a longer one is refused as the vendor does.
  package var contextWindow: Int?
  /// The smallest prefix that is cached, in tokens; `nil` is the vendor's figure for the model.
  package var cacheMinimum: Int?
  /// The models there are; `nil` is any.
  package var models: [String]?
  /// Whether requests are checked; switch it off only to measure.
  package var isStrict: Bool
  /// Whose rules hold for Chat Completions; `nil` decides by the model's name.
  package var chatVendor: ChatVendor?
  /// How many bytes of text one event of a stream carries, at the most.
  package var piece: Int

  /// How tokens are counted.
  package enum Usage: Sendable, Hashable {
    /// By the bytes of the request and of the answer.
    case real
    /// Always the same.
    case fixed(input: Int, output: Int)
  }

  /// Whose Chat Completions are spoken.
  package enum ChatVendor: String, Sendable, Hashable, CaseIterable {
    case openai
    case deepseek
    /// Like vLLM or Ollama: knows no rules but the pairing of calls and results, and caches nothing.
    case compatible
  }

  package init(
    turns: [Turn], final: Turn = Turn(text: "All done."), faults: [Fault] = [], latency: Int = 0,
    usage: Usage = .real, contextWindow: Int? = nil, cacheMinimum: Int? = nil, models: [String]? = nil,
    isStrict: Bool = true, chatVendor: ChatVendor? = nil, piece: Int = 48
  ) {
    self.turns = turns
    self.final = final
    self.faults = faults
    self.latency = latency
    self.usage = usage
    self.contextWindow = contextWindow
    self.cacheMinimum = cacheMinimum
    self.models = models
    self.isStrict = isStrict
    self.chatVendor = chatVendor
    self.piece = piece
  }

  /// As many turns with one shell command each; `{i}` in the command is the turn's number, from 0.
  package static func steps(_ count: Int, command: String = "true") -> Scenario {
    Scenario(
      turns: (0..<count).map { number in
        Turn(text: "Step \(number).", calls: [.shell(replaceNumber(in: command, by: number))])
      })
  }

  private static func replaceNumber(in command: String, by number: Int) -> String {
    var result = ""
    var rest = command[...]
    while let brace = rest.firstIndex(of: "{") {
      result += rest[..<brace]
      if rest[brace...].hasPrefix("{i}") {
        result += String(number)
        rest = rest[brace...].dropFirst(3)
      } else {
        result += "{"
        rest = rest[brace...].dropFirst()
      }
    }
    return result + rest
  }
}

/// One answer of a scripted model.
package struct Turn: Sendable {
  package var reasoning: String?
  package var text: String
  package var calls: [Call]
  /// How long it takes to begin, in milliseconds; `nil` is what the scenario says.
  package var latency: Int?
  /// Decides the answer by the request; runs on a thread of the server's own and may wait.
  package var custom: (@Sendable (ReceivedRequest) -> Reply)?

  package init(text: String = "", reasoning: String? = nil, calls: [Call] = [], latency: Int? = nil) {
    self.text = text
    self.reasoning = reasoning
    self.calls = calls
    self.latency = latency
  }

  /// A turn that is decided by the request.
  package static func custom(_ decide: @escaping @Sendable (ReceivedRequest) -> Reply) -> Turn {
    var turn = Turn()
    turn.custom = decide
    return turn
  }
}

/// What a turn of one's own decides.
package enum Reply: Sendable {
  /// An answer of the model; the script goes on to its next turn.
  case turn(Turn)
  /// Something goes wrong; the script stays where it is.
  case fault(Fault.Kind, parameter: Int? = nil)
  /// These bytes, with a length; the script stays where it is.
  case http(status: Int, contentType: String, body: [UInt8])
}

/// One call of a turn, rendered to whichever tool the client offers for it.
package enum Call: Sendable, Hashable {
  case shell(String)
  case read(path: String)
  case edit(path: String, old: String, new: String)
  case write(path: String, content: String)
  /// A patch in the `*** Begin Patch` format.
  case patch(String)
  /// The steps of a plan, and how many of them are done.
  case plan([String], done: Int)
  /// A tool by its name; a text as arguments is given as it stands, malformed or not.
  case raw(name: String, arguments: JSONValue)
}
