/// A three-way merge of the trees of a file.
///
/// The result is a list of lines, each known by the side and the line it comes from, and of places that are left.
struct StructuralMerge: Sendable {
  /// One line of the result, or a place that is left.
  enum Entry: Sendable, Hashable {
    case line(side: DroppedLine.Side, number: Int, comma: Comma)
    case conflict(ours: Range<Int>, theirs: Range<Int>)
  }

  /// What becomes of the comma at the end of a line.
  enum Comma: Sendable, Hashable {
    case asItStands
    case added
    case removed
  }

  /// What the merge decided at a place beside taking what one side changed.
  enum Decision: Sendable, Hashable {
    /// Both sides added items of these kinds at one place; both are kept.
    case added(Item.Kind, Item.Kind)
    /// Both sides added items, and a side replaced others there.
    case replaced
    /// A side moved an item.
    case moved
    /// Both sides changed an item without parts, in different lines.
    case linesMerged
    /// Both sides changed an item, in different parts.
    case partsMerged(Item.Kind)
    /// A side deleted an item of this kind.
    case deleted(Item.Kind, by: DroppedLine.Side)
    /// A side changed an item of this kind.
    case changed(Item.Kind, by: DroppedLine.Side)
    /// A side changed the first or the last lines of an item whose parts are merged.
    case edited(by: DroppedLine.Side)
    /// A side, or both alike, added an item of this kind.
    case inserted(Item.Kind, by: DroppedLine.Side)
    case insertedByBoth(Item.Kind)
  }

  /// A decision and the entries it is about.
  struct Event: Sendable, Hashable {
    var decision: Decision
    var entries: Range<Int>
    /// What the items are in; `nil` for the file itself.
    var container: Item.Kind?
  }

  var entries: [Entry] = []
  private var events: [Event] = []
  /// Where the entries of each run of events start and end, so that those at a place are found without a look at all.
  private var eventBlocks: [Range<Int>] = []
  private static let blockLength = 64
  /// Where the lines of both sides went.
  private(set) var places: (ours: [Int?], theirs: [Int?])
  /// The lines of the other side that are the same lines.
  private(set) var twins: (ours: [Int?], theirs: [Int?])

  /// Stretches of both sides that are alike and were taken once.
  var pairs: [(Range<Int>, Range<Int>)] = []

  let base: Side
  let ours: Side
  let theirs: Side

  struct Side: Sendable {
    let text: SourceText
    let tree: ItemTree
  }

  /// Merges the three files; `nil` where nothing is known about their language.
  init?(_ sources: ResolverContext.Sources) {
    let seed = UInt64.random(in: .min ... .max)
    guard let base = ItemTree(sources.base, seed: seed), let ours = ItemTree(sources.ours, seed: seed),
      let theirs = ItemTree(sources.theirs, seed: seed)
    else { return nil }
    self.base = Side(text: sources.base, tree: base)
    self.ours = Side(text: sources.ours, tree: ours)
    self.theirs = Side(text: sources.theirs, tree: theirs)
    places = (
      Array(repeating: nil, count: ours.lineNumbers.count), Array(repeating: nil, count: theirs.lineNumbers.count)
    )
    twins = places
    merge(base.items, ours.items, theirs.items, in: nil)
    eventBlocks = stride(from: 0, to: events.count, by: Self.blockLength).map { start in
      events[start..<min(start + Self.blockLength, events.count)].reduce(events[start].entries) { block, event in
        min(block.lowerBound, event.entries.lowerBound)..<max(block.upperBound, event.entries.upperBound)
      }
    }
    for (index, entry) in entries.enumerated() {
      if case .line(let side, let number, _) = entry {
        if side == .ours { places.ours[number] = index } else { places.theirs[number] = index }
      }
    }
    // A line that both sides have went where the one that was taken went.
    for (ours, theirs) in pairs {
      for (our, their) in zip(ours, theirs) {
        twins.ours[our] = their
        twins.theirs[their] = our
        if let place = places.ours[our], places.theirs[their] == nil { places.theirs[their] = place }
        if let place = places.theirs[their], places.ours[our] == nil { places.ours[our] = place }
      }
    }
  }

  /// The bytes of an entry; none for a place that is left.
  func bytes(_ entry: Entry) -> [UInt8] {
    guard case .line(let side, let number, let comma) = entry else { return [] }
    let text = side == .ours ? ours.text : theirs.text
    switch comma {
    case .asItStands: return Array(text.table[number])
    case .added: return Commas.with(text, line: number)
    case .removed: return Commas.without(text, line: number)
    }
  }

  /// What was decided about some entries, or between them where `gaps` reaches further.
  func events(at range: Range<Int>, gaps: Range<Int>) -> [Event] {
    var found: [Event] = []
    for (index, block) in eventBlocks.enumerated()
    where block.lowerBound <= gaps.upperBound && block.upperBound >= gaps.lowerBound {
      let start = index * Self.blockLength
      found += events[start..<min(start + Self.blockLength, events.count)].filter { event in
        event.entries.isEmpty
          ? event.entries.lowerBound >= gaps.lowerBound && event.entries.lowerBound <= gaps.upperBound
          : event.entries.lowerBound < range.upperBound && event.entries.upperBound > range.lowerBound
      }
    }
    return found
  }

  // MARK: - Emitting

  mutating func emit(_ lines: Range<Int>, _ side: DroppedLine.Side) {
    for line in lines { entries.append(.line(side: side, number: line, comma: .asItStands)) }
  }

  mutating func note(_ decision: Decision, from start: Int, in container: Item.Kind?) {
    events.append(Event(decision: decision, entries: start..<entries.count, container: container))
  }
}
