internal import Models
internal import Templates

/// What a model is told before it begins, and how that came about.
package struct AssembledPrompt: Sendable, Hashable {
  /// What stands in front of the conversation.
  package var system: String
  /// The first thing that is said to the model.
  package var opening: String
  /// Every fragment, those that were left out included.
  package var parts: [Part]

  /// One fragment and what became of it.
  package struct Part: Sendable, Hashable {
    package var fragment: PromptFragment
    /// The text; `nil` where it was left out.
    package var text: String?
    /// Why it is there, or is not.
    package var why: String
  }

  /// The prompt for these facts.
  ///
  /// - Throws: what swift-mustache throws where a template is broken, which a test excludes for every template.
  package init(_ facts: PromptFacts) throws {
    parts = []
    for fragment in PromptFragment.all {
      let (holds, why) = fragment.condition.judge(facts)
      guard holds else {
        parts.append(Part(fragment: fragment, text: nil, why: why))
        continue
      }
      for text in try fragment.render(facts) { parts.append(Part(fragment: fragment, text: text, why: why)) }
    }
    let placed = parts
    func joined(_ place: PromptFragment.Place) -> String {
      placed.compactMap { $0.fragment.place == place ? $0.text : nil }.joined(separator: "\n\n")
    }
    system = joined(.system)
    opening = joined(.opening)
  }
}
