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

  var items: [Item] = []
  /// All lines, blank ones too.
  var lines: [HunkLine]

  var groupCount: Int { Set(items.map(\.group)).count }
  var hasBlankLines: Bool { lines.contains(where: \.isBlank) }
  var statements: Set<[UInt8]> { Set(items.map(\.statement.canonical)) }

  /// Whether the same import is among these.
  func holds(_ item: Item) -> Bool { items.contains { $0.statement.canonical == item.statement.canonical } }

  /// - Returns: `nil` where a line is neither blank nor an import.
  init?(_ bytes: [UInt8], form: Language.ImportForm) {
    lines = HunkLine.split(bytes)
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
    guard statements.count == items.count else { return nil }
  }
}

/// What the files around a conflict say about its imports.
struct ImportFiles {
  /// The imports of either side outside the conflict.
  var ourOthers: [ImportStatement]
  var theirOthers: [ImportStatement]
  /// The run of imports that the conflict stands in, as each side has it.
  var ourRun: [ImportStatement]
  var theirRun: [ImportStatement]
  /// Whether the conflict stands within `import ( … )`.
  var standInGoBlock: Bool
  /// The code of the sides, for counting uses.
  private let code: (base: [UInt8], ours: [UInt8], theirs: [UInt8])
  private let form: Language.ImportForm

  init(_ conflict: Conflict, in context: ResolverContext, form: Language.ImportForm) {
    let ours = Surroundings(context.ours, around: conflict.position.ours, form: form)
    let theirs = Surroundings(context.theirs, around: conflict.position.theirs, form: form)
    ourOthers = ours.others
    theirOthers = theirs.others
    ourRun = ours.run
    theirRun = theirs.run
    standInGoBlock = ours.isInGoBlock && theirs.isInGoBlock
    code = (context.base, context.ours, context.theirs)
    self.form = form
  }

  /// Whether a line that their side has and the base has not uses `name`.
  func theirsComesToUse(_ name: [UInt8]) -> Bool { comesToUse(name, in: code.theirs) }

  /// Whether a line that our side has and the base has not uses `name`.
  func oursComesToUse(_ name: [UInt8]) -> Bool { comesToUse(name, in: code.ours) }

  private func comesToUse(_ name: [UInt8], in file: [UInt8]) -> Bool {
    let old = Set(HunkLine.split(code.base).map(\.trimmed))
    return HunkLine.split(file).contains { line in
      !old.contains(line.trimmed) && uses(name, in: line.content)
        && ImportStatement(line.content, form: form) == nil
    }
  }

  private func uses(_ name: [UInt8], in line: ArraySlice<UInt8>) -> Bool {
    let words = line.split(omittingEmptySubsequences: true) { !isNameByte($0) }
    let wanted = name.split { !isNameByte($0) }.last ?? []
    return words.contains { $0 == wanted }
  }
}

/// One side's file apart from the lines of the conflict.
private struct Surroundings {
  var others: [ImportStatement] = []
  var run: [ImportStatement] = []
  var isInGoBlock = false

  init(_ file: [UInt8], around span: LineSpan, form: Language.ImportForm) {
    let lines = HunkLine.split(file)
    let parsed = lines.map { $0.isBlank ? nil : ImportStatement($0.content, form: form) }
    for (index, statement) in parsed.enumerated() where !(span.start..<span.end).contains(index) {
      if let statement { others.append(statement) }
    }
    var first = min(span.start, lines.count)
    while first > 0, parsed[first - 1] != nil { first -= 1 }
    var end = min(span.end, lines.count)
    while end < lines.count, parsed[end] != nil { end += 1 }
    run = parsed[first..<max(first, end)].compactMap { $0 }
    guard form == .go else { return }
    while first > 0, parsed[first - 1] != nil || lines[first - 1].isBlank { first -= 1 }
    isInGoBlock = first > 0 && lines[first - 1].trimmed.elementsEqual("import (".utf8)
  }
}
