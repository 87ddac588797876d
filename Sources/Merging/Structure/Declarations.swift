/// What a file declares, and where: to see that a merge declares nothing twice.
struct Declarations: Sendable {
  /// A name within its container.
  struct Name: Sendable, Hashable {
    /// What the items around it are called, the outermost first, each followed by a line feed.
    var container: [UInt8]
    var kind: Item.Kind
    /// The name; of a function, where the language tells functions apart by them, with the number of parameters.
    var name: [UInt8]
  }

  /// How often each name is declared in its container.
  let counts: [Name: Int]
  /// The first line of each of its declarations.
  let lines: [Name: [Int]]

  /// The declarations of a tree.
  ///
  /// Fields are counted outside of functions alone: blocks of a function may each have one of the same name. Entries
  /// of a list are none.
  init(_ tree: ItemTree) {
    var walk = Walk()
    walk.visit(tree.items, container: [], inFunction: false, depth: 0)
    lines = walk.lines
    counts = walk.lines.mapValues(\.count)
  }

  /// The declarations of a file; `nil` where nothing is known about its language.
  init?(of text: SourceText) {
    guard let tree = ItemTree(text, seed: 0x51_7C_C1_B7) else { return nil }
    self.init(tree)
  }

  /// What is declared more than once, and more often than in any of the others.
  func duplicates(notIn others: [Declarations]) -> [Name] {
    counts.filter { name, count in count > 1 && others.allSatisfy { ($0.counts[name] ?? 0) < count } }.keys
      .sorted { ($0.container + $0.name).lexicographicallyPrecedes($1.container + $1.name) }
  }

  private struct Walk {
    var lines: [Name: [Int]] = [:]

    mutating func visit(_ items: [Item], container: [UInt8], inFunction: Bool, depth: Int) {
      for item in items {
        if isDeclaration(item, inFunction: inFunction) {
          lines[Name(container: container, kind: item.kind, name: item.name), default: []].append(item.head.lowerBound)
        }
        guard !item.children.isEmpty else { continue }
        let inner = item.isNamed ? item.name : Array("line \(item.kind)".utf8)
        // What is in a statement is told by its place in vain: two branches may declare the same.
        let isBranch = item.kind == .statement || item.kind == .label || item.kind == .listEntry && !item.isNamed
        visit(
          item.children, container: isBranch ? container + inner + place(item) : container + inner + [0x0A],
          inFunction: inFunction || item.kind == .function || item.kind == .block || item.kind == .statement,
          depth: depth + 1
        )
      }
    }

    private func place(_ item: Item) -> [UInt8] { Array(" at \(item.head.lowerBound)\n".utf8) }

    private func isDeclaration(_ item: Item, inFunction: Bool) -> Bool {
      guard item.isNamed else { return false }
      switch item.kind {
      case .function, .type, .importing, .entry: return true
      case .field: return !inFunction
      case .element: return item.name.contains(0x20)
      case .section, .block, .label, .listEntry, .paragraph, .statement, .directive, .divider, .filler: return false
      }
    }
  }
}
