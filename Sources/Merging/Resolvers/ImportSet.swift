/// Settles conflicts whose lines are all imports by merging them as a set.
///
/// The result holds what the base had and neither side removed, and what either side added. It abstains where the set
/// alone does not say what is meant: the same thing imported in two ways, a name that would be imported twice, an
/// import that one side removed and the other side came to need, an order that carries meaning.
package struct ImportSet: Resolver {
  package let name = "imports"

  package init() {}

  package func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
    guard !context.isGenerated else { return nil }
    let language = Language.ofFile(at: context.path)
    guard language.imports != .none,
      let base = ImportBlock(conflict.base, form: language.imports),
      let ours = ImportBlock(conflict.ours, form: language.imports),
      let theirs = ImportBlock(conflict.theirs, form: language.imports),
      haveOneIndentation([base, ours, theirs], form: language.imports),
      context.sources.ours.scanner(atLine: conflict.position.ours.start).state == .code
    else { return nil }
    let files = ImportFiles(conflict, in: context, form: language.imports)
    guard language.imports != .go || files.standInGoBlock else { return nil }
    let merge = ImportMerge(base: base, ours: ours, theirs: theirs, files: files, form: language.imports)
    guard let lines = merge.lines() else { return nil }
    return Resolution(resolver: name, lines: HunkLine.join(lines), reason: merge.reason)
      .listingDrops(of: conflict, because: "the set has the same import, written in another way or in a longer list")
  }

  /// Statements that are indented differently, or in PHP at all, stand in different scopes.
  private func haveOneIndentation(_ blocks: [ImportBlock], form: Language.ImportForm) -> Bool {
    let indentations = Set(blocks.flatMap { $0.items.map(\.line.indentation) })
    guard indentations.count <= 1 else { return false }
    return form != .php || indentations.allSatisfy(\.isEmpty)
  }
}

/// One side of a conflict, all of it imports and blank lines.
struct ImportBlock {
  struct Item: Hashable {
    var statement: ImportStatement
    var line: HunkLine
    /// Counts the groups that blank lines part.
    var group: Int
  }

  private(set) var items: [Item] = []
  /// All lines, blank ones too, an import over several of them as one.
  let lines: [HunkLine]
  /// What the items import.
  private(set) var statements: Set<[UInt8]> = []

  /// The names that the items bring.
  var names: Set<[UInt8]> { Set(items.flatMap(\.statement.bound)) }
  var hasBlankLines: Bool { lines.contains(where: \.isBlank) }

  /// Whether the same import is among these.
  func holds(_ item: Item) -> Bool { items.contains { $0.statement.canonical == item.statement.canonical } }

  /// Longer blocks are left alone, since their items are compared pair by pair.
  private static let mostLines = 500

  /// - Returns: `nil` where a line is neither blank nor an import.
  init?(_ bytes: [UInt8], form: Language.ImportForm) {
    lines = ImportLines(bytes, form: form).lines
    guard lines.count <= Self.mostLines else { return nil }
    var group = 0
    for line in lines {
      if line.isBlank {
        group += 1
        continue
      }
      guard let statement = ImportStatement(line.content, form: form) else { return nil }
      items.append(Item(statement: statement, line: line, group: group))
    }
    // The same import twice within one side is nothing a set can tell.
    statements = Set(items.map(\.statement.canonical))
    guard statements.count == items.count else { return nil }
  }
}

/// What the files around a conflict say about its imports.
struct ImportFiles {
  /// The names that the ancestor and either side import outside the conflict.
  let baseOthers: ImportNames
  let ourOthers: ImportNames
  let theirOthers: ImportNames
  /// The run of imports that the conflict stands in, as each side has it.
  let ourRun: [ImportStatement]
  let theirRun: [ImportStatement]
  /// Whether the conflict stands within `import ( … )`.
  let standInGoBlock: Bool
  private let context: ResolverContext

  init(_ conflict: Conflict, in context: ResolverContext, form: Language.ImportForm) {
    let (baseFile, ourFile, theirFile) = context.imports
    let ours = Surroundings(ourFile, around: conflict.position.ours, form: form)
    let theirs = Surroundings(theirFile, around: conflict.position.theirs, form: form)
    baseOthers = Surroundings(baseFile, around: conflict.position.base, form: form).others
    ourOthers = ours.others
    theirOthers = theirs.others
    ourRun = ours.run
    theirRun = theirs.run
    standInGoBlock = ours.isInGoBlock && theirs.isInGoBlock
    self.context = context
  }

  /// Where words stand outside of imports.
  var uses: WordUses { context.wordUses }
}

/// One side's file as its imports.
struct ImportFile {
  let lines: [HunkLine]
  /// For each line what the import that starts there imports.
  let statements: [ImportStatement?]
  /// For each line whether it belongs to an import.
  let isImport: [Bool]
  /// How often each import and each imported name is there.
  let names: [[UInt8]: Int]

  init(_ file: [UInt8], form: Language.ImportForm) {
    let read = ImportLines(file, form: form)
    lines = HunkLine.split(file)
    var statements: [ImportStatement?] = []
    var isImport: [Bool] = []
    for (line, count) in zip(read.lines, read.counts) {
      let statement = line.isBlank ? nil : ImportStatement(line.content, form: form)
      statements.append(statement)
      statements += Array(repeating: nil, count: count - 1)
      isImport += Array(repeating: statement != nil, count: count)
    }
    (self.statements, self.isImport) = (statements, isImport)
    names = ImportNames.count(statements[...])
  }

  /// How often the lines that are no imports have each word.
  var words: [ArraySlice<UInt8>: Int] {
    var words: [ArraySlice<UInt8>: Int] = [:]
    for (line, isImport) in zip(lines, isImport) where !isImport {
      for word in line.content.split(whereSeparator: { !isNameByte($0) }) { words[word, default: 0] += 1 }
    }
    return words
  }
}

/// The imports and imported names of a file outside some of its lines.
struct ImportNames {
  private let all: [[UInt8]: Int]
  private let left: [[UInt8]: Int]

  init(of file: ImportFile, without lines: Range<Int>) {
    all = file.names
    left = Self.count(file.statements[lines])
  }

  /// Whether an import, or a name that it brings, is among them.
  func clash(with statement: ImportStatement) -> Bool { Self.names(of: statement).contains(where: holds) }

  var isEmpty: Bool { !all.keys.contains(where: holds) }

  /// Whether each of them is among others as often.
  func isSubset(of other: ImportNames) -> Bool {
    all.keys.allSatisfy { count(of: $0) <= other.count(of: $0) }
  }

  /// Whether the very import is among them.
  func holds(_ statement: ImportStatement) -> Bool { holds(statement.canonical) }

  private func holds(_ name: [UInt8]) -> Bool { count(of: name) > 0 }

  private func count(of name: [UInt8]) -> Int { all[name, default: 0] - left[name, default: 0] }

  fileprivate static func count(_ statements: ArraySlice<ImportStatement?>) -> [[UInt8]: Int] {
    statements.reduce(into: [:]) { counts, statement in
      guard let statement else { return }
      for name in names(of: statement) { counts[name, default: 0] += 1 }
    }
  }

  private static func names(of statement: ImportStatement) -> [[UInt8]] {
    [statement.canonical] + statement.bound.map { [1] + $0 }
  }
}

/// One side's file apart from the lines of the conflict.
private struct Surroundings {
  let others: ImportNames
  let run: [ImportStatement]
  private(set) var isInGoBlock = false

  /// How far a run of imports is followed up and down.
  private static let reach = 1_000

  init(_ file: ImportFile, around span: LineSpan, form: Language.ImportForm) {
    let (lines, parsed, isImport) = (file.lines, file.statements, file.isImport)
    var first = min(span.start, lines.count)
    var end = min(span.end, lines.count)
    others = ImportNames(of: file, without: first..<max(first, end))
    let (top, bottom) = (max(0, first - Self.reach), min(lines.count, end + Self.reach))
    while first > top, isImport[first - 1] { first -= 1 }
    while end < bottom, isImport[end] { end += 1 }
    run = parsed[first..<max(first, end)].compactMap { $0 }
    guard form == .go else { return }
    while first > top, isImport[first - 1] || lines[first - 1].isBlank { first -= 1 }
    isInGoBlock = first > 0 && lines[first - 1].trimmed.elementsEqual("import (".utf8)
  }
}
