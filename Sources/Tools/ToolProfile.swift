package import Models
internal import Sandbox
internal import Templates

/// The set of tools that a family of models was trained with.
package enum ToolProfile: String, Sendable, Hashable, Codable, CaseIterable {
  /// Commands with sessions, and patches as free text.
  case openai
  /// The same with patches in JSON, for models and servers without free-text tools.
  case openaiJSON = "openai-json"
  /// A bash that stays and the text editor, by the vendor's types.
  case anthropic
  /// A bash that stays and a text editor with ways of its own.
  case deepseek
  /// Commands, and a tool for each thing that is done to files.
  case gemini
  /// Five small tools that any model understands.
  case generic

  /// The profile for a model.
  ///
  /// OpenAI's models since GPT-5 know patches; `gpt-oss` and servers that are only compatible take them as JSON;
  /// `gpt-4` and what nobody knows get tools that need no training.
  package init(for model: ModelName) {
    let name = model.name.lowercased()
    let isOpen = name.contains("oss")
    let isPatching =
      name.contains("gpt-") && !name.contains("gpt-4") && !name.contains("gpt-3") || name.contains("codex")
    if name.contains("claude") {
      self = .anthropic
    } else if name.contains("deepseek") || model.provider == .deepseek {
      self = .deepseek
    } else if name.contains("gemini") {
      self = .gemini
    } else if isPatching {
      self = isOpen || model.dialect != .responses ? .openaiJSON : .openai
    } else {
      self = model.provider == .anthropic ? .anthropic : .generic
    }
  }

  /// The tools in the frozen order in which a model that speaks this dialect sees them.
  package func declarations(for dialect: Dialect) -> [ToolDeclaration] {
    shapes.map { $0.declaration(for: dialect) }
  }

  /// The most bytes that one answer of a command shows.
  package var outputLimit: Int {
    switch self {
    case .openai, .openaiJSON, .gemini: 40_000
    case .anthropic, .generic: 30_000
    case .deepseek: 16_000
    }
  }

  /// The tool with which the model keeps its plan; `nil` where the profile has none.
  package var planTool: String? {
    switch self {
    case .openai, .openaiJSON: ToolShape.updatePlan.name
    case .anthropic: ToolShape.todoWrite.name
    case .deepseek: nil
    case .gemini: ToolShape.writeTodos.name
    case .generic: ToolShape.plan.name
    }
  }

  /// What a model is to be told of the tools before it uses them: the limits, and what it would not look for.
  package var advice: String? {
    let family = self == .openaiJSON ? "openai" : rawValue
    let figures = [
      "usual": CommandTime.Limits.shell.usual, "most": CommandTime.Limits.shell.most,
      "command": CommandTime.Limits.command.usual, "session": CommandTime.Limits.session.most, "bytes": outputLimit,
      "room": CellPolicy.Limits().workspaceBytes >> 20,
    ]
    let undo =
      "Before a command that may throw work away (`git reset --hard`, `git checkout FILE`, `git clean`, `rm -r` and the "
      + "like) the workspace is kept. `\(ShellIntercept.undo)`, with nothing else in the call, makes all of it "
      + "what it was then, later changes included; what is there before an undo is kept too. `arborist` lists the states."
    guard let text = ToolTexts.advice(family)?.replacing("{undo}", with: undo) else { return nil }
    return figures.reduce(text) { $0.replacing("{\($1.key)}", with: "\($1.value)") }
  }

  /// Whether the model reads files by a tool of its own, so that it is known what it has seen.
  var hasReadTool: Bool { self != .openai && self != .openaiJSON }

  var shapes: [ToolShape] {
    switch self {
    case .openai: [.execCommand, .writeStdin, .applyPatch, .updatePlan]
    case .openaiJSON: [.execCommand, .writeStdin, .applyPatchFunction, .updatePlan]
    case .anthropic: [.bashAnthropic, .textEditorAnthropic, .todoWrite]
    case .deepseek: [.bashDeepseek, .strReplaceEditor]
    case .gemini:
      [
        .runShellCommand, .readFile, .writeFile, .replace, .grepSearch, .glob, .listDirectory, .writeTodos,
      ]
    case .generic: [.read, .write, .edit, .bash, .plan]
    }
  }

  /// The tool that runs command lines.
  var shell: ToolShape {
    switch self {
    case .openai, .openaiJSON: .execCommand
    case .anthropic: .bashAnthropic
    case .deepseek: .bashDeepseek
    case .gemini: .runShellCommand
    case .generic: .bash
    }
  }
}
