/// A run of whole lines that belong together: a function, a field, an entry, an element, a section, a statement.
struct Item: Sendable {
  /// What an item is, as far as its first line tells.
  enum Kind: Sendable, Hashable {
    /// A function or method.
    case function
    /// A class, structure, namespace or anything else that has members.
    case type
    /// A variable, a constant, a property.
    case field
    /// A request for another module.
    case importing
    /// A key and its value.
    case entry
    /// An element of XML or HTML.
    case element
    /// A part of a document under its heading, or of a file under its `[name]`.
    case section
    /// A named block that is handed to a call, as tests are: `it("…") {`.
    case block
    /// A case of a switch or of an enumeration.
    case label
    /// An entry of a list.
    case listEntry
    /// A paragraph.
    case paragraph
    /// Any other statement or line.
    case statement
    /// An instruction to a preprocessor, a label: nothing may move across it.
    case directive
    /// A line within an item that ends a block of it and opens the next, as `} else {`.
    case divider
    /// Blank lines and comments that nothing follows.
    case filler
  }

  var kind: Kind
  /// What the item is called among its siblings; empty where nothing tells.
  var name: [UInt8]
  /// The blank lines before it.
  var gap: Range<Int>
  /// The comments and attributes before it.
  var lead: Range<Int>
  /// The lines before its first child; all its lines where it has none.
  var head: Range<Int>
  var children: [Item]
  /// The lines after its last child.
  var foot: Range<Int>
  /// A number that is equal where the lines from the lead on are, a comma after the last aside.
  var content: UInt64 = 0
  /// The same without the lead.
  var body: UInt64 = 0
  /// Whether its last line of code ends with a comma.
  var hasComma = false

  /// All its lines but the blank ones before it.
  var lines: Range<Int> { lead.lowerBound..<foot.upperBound }
  /// All its lines.
  var wholeLines: Range<Int> { gap.lowerBound..<foot.upperBound }
  /// Whether it has a name to be told by.
  var isNamed: Bool { !name.isEmpty }
}

/// A file as a tree of items.
struct ItemTree: Sendable {
  let items: [Item]
  /// A number for each line that is equal where the lines are, their white space at the end aside.
  let lineNumbers: [UInt64]

  /// Reads the tree of a file; `nil` where nothing is known about its language.
  ///
  /// - Parameters:
  ///   - text: The file.
  ///   - seed: What the numbers of lines start from; trees that are compared must have the same.
  init?(_ text: SourceText, seed: UInt64) {
    guard let shapes = LineShapes.of(text) else { return nil }
    var numbers: [UInt64] = []
    numbers.reserveCapacity(text.table.count)
    for line in 0..<text.table.count { numbers.append(Self.number(text.table[line].dropEnding, seed)) }
    lineNumbers = numbers
    var builder = ItemBuilder(text: text, shapes: shapes, numbers: numbers, seed: seed)
    items = builder.build()
  }

  static func number(_ bytes: ArraySlice<UInt8>, _ seed: UInt64) -> UInt64 {
    var hash = seed
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return hash ^ (hash >> 29)
  }

  static func mix(_ hash: UInt64, _ number: UInt64) -> UInt64 {
    let mixed = (hash ^ number) &* 0x9E37_79B9_7F4A_7C15
    return mixed ^ (mixed >> 32)
  }
}
