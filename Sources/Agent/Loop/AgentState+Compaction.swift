internal import Models

/// How a conversation is made shorter.
package struct CompactionLimits: Sendable, Hashable {
  /// The tokens that a request may have: the window without the room for the answer.
  package let window: Int

  /// The limits of a model.
  package init(window: Int, maximumOutput: Int) {
    // A server with a window smaller than what is asked for as an answer still needs room to be asked.
    self.window = max(window - maximumOutput, window / 4)
  }

  /// From so many tokens on something is done.
  package var trigger: Int { window * 3 / 4 }
  /// The newest results that are never pruned, in tokens.
  package var protected: Int { min(40_000, window * 3 / 10) }
  /// Pruning is done for so many tokens or not at all: each time the vendor's cache is lost.
  package var leastGain: Int { min(20_000, window * 3 / 20) }
  /// The newest items that stay behind a summary, in tokens.
  package var retained: Int { min(20_000, window / 4) }
}

extension AgentState {
  package var limits: CompactionLimits {
    CompactionLimits(window: capabilities.contextWindow, maximumOutput: maximumOutput)
  }

  /// The most tokens of one answer, by what is known of the model now.
  var maximumOutput: Int { max(1, min(setup.settings.maximumOutput, capabilities.maximumOutput)) }

  /// Results that can be shortened: old, long and not yet shortened, with their sizes in bytes.
  ///
  /// The newest of so many tokens stay.
  package func prunable(protecting protected: Int) -> [(item: Int, result: Int, bytes: Int)] {
    var kept = 0
    var found: [(item: Int, result: Int, bytes: Int)] = []
    for index in items.indices.reversed() {
      guard case .results(let results) = items[index] else { continue }
      if kept < protected {
        kept += size.tokens(ofItem: index)
        continue
      }
      for (place, result) in results.enumerated() where result.text.utf8.count > Self.shortResult {
        found.append((index, place, result.text.utf8.count))
      }
    }
    return found
  }

  /// A result that is no longer than this is not worth the note that stands for it.
  static let shortResult = 400

  mutating func prune(_ pruned: [PrunedResult]) -> Bool {
    var shorter = items.array
    for one in pruned {
      guard shorter.indices.contains(one.item), case .results(var results) = shorter[one.item],
        results.indices.contains(one.result)
      else { return false }
      results[one.result].text = one.text
      shorter[one.item] = .results(results)
      size.shrink(item: one.item, to: shorter[one.item])
    }
    items = ConversationItems(shorter)
    size.isOverflowing = false
    return true
  }

  /// How many of the newest items stay behind a summary: whole answers with their results.
  package var retainedItems: Int {
    var tokens = 0
    var first = items.count
    for index in items.indices.dropFirst().reversed() {
      tokens += size.tokens(ofItem: index)
      if tokens > limits.retained { break }
      if case .results = items[index] { continue }
      first = index
    }
    return items.count - first
  }

  mutating func summarise(_ text: String, keeping count: Int) -> Bool {
    guard count >= 0, count < items.count else { return false }
    let before = size.tokens
    var shorter: [ConversationItem] = [items[0], .user(text)]
    if count > 0 { shorter += items.suffix(count) }
    items = ConversationItems(shorter)
    size.reset(to: shorter)
    size.isOverflowing = false
    summary = nil
    rows.poorSummaries = size.tokens * 5 > before * 4 ? rows.poorSummaries + 1 : 0
    return true
  }
}
