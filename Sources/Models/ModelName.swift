/// A model as `--model` names it: `PROVIDER/NAME`.
package struct ModelName: Sendable, Hashable, Codable, CustomStringConvertible {
  package enum Provider: String, Sendable, Hashable, Codable, CaseIterable {
    /// OpenAI, by Responses.
    case openai
    /// OpenAI Chat Completions and whatever is compatible with it.
    case openaiChat = "openai-chat"
    case anthropic
    case deepseek
  }

  package let provider: Provider
  /// The vendor's own name, which may contain slashes.
  package let name: String

  /// The model of this name.
  ///
  /// - Throws: ``InvalidModelName`` where the text is not `PROVIDER/NAME` or the provider is unknown.
  package init(_ text: String) throws(InvalidModelName) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let provider = Provider(rawValue: String(parts[0])), !parts[1].isEmpty,
      parts[1].utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
    else {
      throw InvalidModelName(text: text)
    }
    self.provider = provider
    name = String(parts[1])
  }

  /// A model whose name needs no check.
  init(known provider: Provider, _ name: String) {
    self.provider = provider
    self.name = name
  }

  package var description: String { "\(provider.rawValue)/\(name)" }

  /// The protocol that the provider speaks.
  package var dialect: Dialect {
    switch provider {
    case .openai: .responses
    case .openaiChat, .deepseek: .chat
    case .anthropic: .messages
    }
  }
}

/// A text that names no model.
package struct InvalidModelName: Error, Hashable, CustomStringConvertible {
  package let text: String

  package var description: String {
    let providers = ModelName.Provider.allCases.map(\.rawValue).joined(separator: ", ")
    return "'\(text)' names no model: write PROVIDER/NAME, where PROVIDER is one of \(providers)"
  }
}
