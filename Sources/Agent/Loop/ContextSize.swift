internal import Models

/// How much of the model's window a conversation takes, in tokens.
///
/// The vendor's own count of the last request is the truth; what came since is estimated.
package struct ContextSize: Sendable, Hashable {
  /// The estimate of what stands in front of the conversation.
  private let front: Int
  /// The most tokens of what stands in front of the conversation.
  private let mostFront: Int
  /// The most tokens of the words behind the conversation that ask for a summary.
  private let mostTail: Int
  /// The estimate of each item.
  private var items: [Int] = []
  /// The most tokens of each item.
  private var mosts: [Int] = []
  /// What the vendor counted, answer included, and how many items that was.
  private var counted: (tokens: Int, items: Int)? { countedTokens.map { ($0, countedItems) } }
  private var countedTokens: Int?
  private var countedItems = 0
  /// The most tokens of what the vendor counted when it is sent again.
  private var countedMost: Int?
  /// Whether the vendor said that it is too much, whatever the estimate.
  package var isOverflowing = false

  /// The size of a conversation that has not begun.
  init(_ setup: AgentSetup) {
    let tools = setup.tools.reduce(0) { sum, tool in
      sum + tool.name.utf8.count + tool.description.utf8.count + tool.form.size
    }
    front = Self.estimate(setup.system.utf8.count + tools)
    mostFront = Self.hiddenFront + setup.system.utf8.count + tools + setup.tools.count * Self.wrapping
    mostTail = setup.summaryRequest.utf8.count + Self.wrapping
  }

  /// The tokens that so many bytes are taken for; too many rather than too few.
  package static func estimate(_ bytes: Int) -> Int { bytes * 2 / 7 + 4 }

  mutating func append(_ item: ConversationItem) {
    items.append(Self.estimate(item.size))
    mosts.append(Self.most(item))
  }

  /// The most tokens that an item can be: no tokenizer makes more than one of a byte.
  private static func most(_ item: ConversationItem) -> Int { item.size + item.parts * wrapping }

  /// The most tokens that a vendor puts around an item, a call, a result or a tool.
  private static let wrapping = 64

  /// The most tokens that a vendor is believed to put in front of a conversation: its own words on tools, and its
  /// templates.
  package static let hiddenFront = 8000

  /// The most tokens by which a conversation that was counted can have grown without anything being added: what takes
  /// the place of a part that the vendor refuses, and an answer that is counted otherwise when it is sent back.
  private static func drift(ofAnswer output: Int) -> Int { 2000 + output / 4 }

  /// Notes what the vendor counted for everything up to so many items, of which the last is the answer.
  ///
  /// A count that cannot be is none: far less than the estimate comes of a server that counts wrongly or has dropped
  /// what was too long, and no answer is longer than was asked for.
  mutating func note(_ usage: TokenUsage?, at count: Int, maximumOutput: Int) {
    isOverflowing = false
    guard let usage, count <= items.count else { return }
    let input = [usage.input, usage.cacheRead, usage.cacheWrite].reduce(0) { $0 + min($1, Self.largest) }
    let estimated = total(of: items.prefix(max(0, count - 1)))
    guard input >= estimated / 4, usage.output <= maximumOutput else { return }
    countedTokens = input + usage.output
    countedMost = input + usage.output + Self.drift(ofAnswer: usage.output)
    countedItems = count
  }

  /// More than any model takes; so that no sum of what vendors say overflows.
  private static let largest = 1 << 40

  private func total(of part: ArraySlice<Int>) -> Int { part.reduce(front, +) }

  /// Begins anew with other items, of which the vendor has counted none.
  mutating func reset(to newItems: [ConversationItem]) {
    items = newItems.map { Self.estimate($0.size) }
    mosts = newItems.map(Self.most)
    countedTokens = nil
    countedMost = nil
    countedItems = 0
  }

  /// So many tokens fewer in what was counted.
  mutating func shrink(item index: Int, to item: ConversationItem) {
    let new = Self.estimate(item.size)
    if let counted = countedTokens, index < countedItems { countedTokens = max(front, counted - (items[index] - new)) }
    items[index] = new
    mosts[index] = Self.most(item)
    // Nobody has said how many of the counted tokens are gone.
    if let counted = countedMost, index < countedItems { countedMost = counted + mosts[index] }
  }

  /// The tokens of the next request.
  package var tokens: Int {
    guard let counted else { return total(of: items[...]) }
    return counted.tokens + items.dropFirst(counted.items).reduce(0, +)
  }

  /// The most tokens that the vendor can count for the next request.
  ///
  /// What it has counted before is known; of the rest every byte may be a token. It is what money is reserved for, and
  /// too much for everything else.
  package var mostTokens: Int {
    let bytes = mosts.reduce(mostFront + mostTail, +)
    guard let countedMost else { return bytes }
    return min(bytes, mosts.dropFirst(countedItems).reduce(countedMost + mostTail, +))
  }

  /// The estimate of one item.
  func tokens(ofItem index: Int) -> Int { items[index] }
}

extension ConversationItem {
  /// The bytes that it takes, roughly.
  var size: Int {
    switch self {
    case .user(let text): text.utf8.count
    case .assistant(let turn):
      turn.echo.map { $0.pieces.reduce(0) { $0 + $1.utf8.count } }
        ?? turn.text.utf8.count + turn.calls.reduce(0) { $0 + $1.size }
    case .results(let results): results.reduce(0) { $0 + $1.text.utf8.count + 20 }
    }
  }
}

extension ConversationItem {
  /// The parts that a vendor puts something around.
  fileprivate var parts: Int {
    switch self {
    case .user: 1
    // Reasoning and text are parts too.
    case .assistant(let turn): 2 + max(turn.calls.count, turn.echo?.pieces.count ?? 0)
    case .results(let results): 1 + results.count
    }
  }
}

extension ToolCall {
  var size: Int {
    switch input {
    case .json(let text), .text(let text): name.utf8.count + text.utf8.count + 20
    }
  }
}

extension ToolDeclaration.Form {
  var size: Int {
    switch self {
    case .function(let text), .grammar(let text), .builtIn(let text): text.utf8.count
    }
  }
}
