/// What a resolver may know beside the conflict itself.
package struct ResolverContext {
  /// The path of the file in its repository, as bytes; empty where it is unknown.
  ///
  /// It decides the language.
  package let path: [UInt8]
  /// The whole file as the common ancestor, our side and their side have it.
  package let base: [UInt8]
  package let ours: [UInt8]
  package let theirs: [UInt8]
  /// The language of the file.
  package let language: Language
  /// The three files as lines with tokens.
  let sources: Sources
  /// Whether the file is one that a tool writes, by its path or by what either side says in its first lines.
  let isGenerated: Bool
  /// Whether a side has the file at another path than the common ancestor.
  let isMoved: Bool
  /// The merge of the files by lines, where it was made before.
  private let lines: LineMerge?
  /// What is read at most once for the file or for one of its conflicts.
  private let readings = Readings()

  /// The three files of a merge, read once for all its conflicts.
  struct Sources: Sendable {
    let base: SourceText
    let ours: SourceText
    let theirs: SourceText
  }

  package init(path: [UInt8], base: [UInt8], ours: [UInt8], theirs: [UInt8]) {
    self.init(path: path, base: base, ours: ours, theirs: theirs, isMoved: false, lines: nil)
  }

  /// Takes the merge of the files by lines with them; where there is none, it is made when it is needed.
  init(path: [UInt8], base: [UInt8], ours: [UInt8], theirs: [UInt8], isMoved: Bool, lines: LineMerge?) {
    self.path = path
    self.isMoved = isMoved
    self.lines = lines
    self.base = base
    self.ours = ours
    self.theirs = theirs
    let language = Language.ofFile(at: path)
    self.language = language
    sources = Sources(
      base: SourceText(base, language: language),
      ours: SourceText(ours, language: language),
      theirs: SourceText(theirs, language: language)
    )
    isGenerated = GeneratedFile.at(path, content: ours) != nil || GeneratedFile.at(path, content: theirs) != nil
  }
}

extension ResolverContext {
  /// The same merge with the sides swapped.
  ///
  /// - Parameters:
  ///   - context: A merge.
  ///   - lines: The merge of the swapped files by lines.
  init(swapping context: ResolverContext, lines: LineMerge) {
    (path, base, ours, theirs) = (context.path, context.base, context.theirs, context.ours)
    (language, isGenerated, isMoved) = (context.language, context.isGenerated, context.isMoved)
    sources = Sources(base: context.sources.base, ours: context.sources.theirs, theirs: context.sources.ours)
    self.lines = lines
  }

  /// What resolvers ask for in turn; it never leaves the merge that the context is for.
  private final class Readings {
    var structure: StructuralMerge??
    /// The last conflict that was asked about, and its lines paired.
    var fine: (position: Conflict.Position, merge: FineMerge?)?
    var imports: (base: ImportFile, ours: ImportFile, theirs: ImportFile)?
    var wordUses: WordUses?
    var words: Words?
    var spacing: Spacing?
    var inks: Inks?
    /// How many bytes of whole files may still be read anew for single conflicts.
    var budget = Budget(steps: 100_000_000)
  }

  /// The lines of the three files.
  struct Inks {
    let base: FileInks
    let ours: FileInks
    let theirs: FileInks
  }

  /// The lines of the three files without their white space.
  var inks: Inks {
    if let known = readings.inks { return known }
    let base = FileInks(base)
    let inks = Inks(base: base, ours: FileInks(ours, since: base), theirs: FileInks(theirs, since: base))
    readings.inks = inks
    return inks
  }

  /// The names and lines of the three files.
  struct Words {
    let base: FileWords
    let ours: FileWords
    let theirs: FileWords
  }

  /// The names and lines of the three files.
  var words: Words {
    if let known = readings.words { return known }
    let words = Words(base: FileWords(base), ours: FileWords(ours), theirs: FileWords(theirs))
    readings.words = words
    return words
  }

  /// The merge of the three files item by item; `nil` where nothing is known about their language.
  var structure: StructuralMerge? {
    if let known = readings.structure { return known }
    let structure = StructuralMerge(sources)
    readings.structure = .some(structure)
    return structure
  }

  /// Whether a resolver may read so many bytes of whole files once more for one conflict.
  ///
  /// A file has as many conflicts as it likes: without an end to it the effort would grow with their square.
  func mayRead(_ count: Int) -> Bool { readings.budget.take(count) }

  /// What white space means in the file.
  var spacing: Spacing {
    if let known = readings.spacing { return known }
    let spacing = readSpacing()
    readings.spacing = spacing
    return spacing
  }

  /// The imports of the three files.
  var imports: (base: ImportFile, ours: ImportFile, theirs: ImportFile) {
    if let known = readings.imports { return known }
    let form = language.imports
    let imports = (ImportFile(base, form: form), ImportFile(ours, form: form), ImportFile(theirs, form: form))
    readings.imports = imports
    return imports
  }

  /// Where words stand outside of imports.
  var wordUses: WordUses {
    if let known = readings.wordUses { return known }
    let merge = lines ?? LineMerge(base: base, ours: ours, theirs: theirs)
    let uses = WordUses(merge, ours: imports.ours, theirs: imports.theirs, form: language.imports)
    readings.wordUses = uses
    return uses
  }

  /// The lines of a conflict paired with those that they are like; `nil` where there are too many.
  func fineMerge(of conflict: Conflict) -> FineMerge? {
    if let known = readings.fine, known.position == conflict.position { return known.merge }
    let merge = FineMerge(conflict, in: self)
    readings.fine = (conflict.position, merge)
    return merge
  }
}

/// What a resolver puts in the place of a conflict, and why.
package struct Resolution: Sendable, Hashable {
  /// The name of the resolver.
  package var resolver: String
  /// The lines that take the conflict's place.
  package var lines: [UInt8]
  /// One sentence that a person can check.
  package var reason: String
  /// Lines that a side added and that the resolution leaves out on purpose.
  package var dropped: [DroppedLine]
  /// Words and values that no side has and that the resolution makes on purpose, as a rename does.
  package var introduces: [[UInt8]]
  /// Whether a person wrote these lines before, so that no word in them is made up.
  package var isQuoted: Bool
  /// Whether an edit of a side is left out with the lines that it was made in.
  package var forgoesEdits = false

  package init(
    resolver: String,
    lines: [UInt8],
    reason: String,
    dropped: [DroppedLine] = [],
    introduces: [[UInt8]] = [],
    isQuoted: Bool = false
  ) {
    self.resolver = resolver
    self.lines = lines
    self.reason = reason
    self.dropped = dropped
    self.introduces = introduces
    self.isQuoted = isQuoted
  }
}

/// A line that a side of a conflict added and that a resolution leaves out.
package struct DroppedLine: Sendable, Hashable {
  /// A side of a merge.
  package enum Side: Sendable, Hashable {
    case ours
    case theirs
  }

  package var side: Side
  /// The line without its line ending.
  package var line: [UInt8]
  /// Why nothing is lost by it.
  package var reason: String

  package init(side: Side, line: [UInt8], reason: String) {
    self.side = side
    self.line = line
    self.reason = reason
  }
}

/// What a resolver's record on real histories allows it to do.
package enum ResolverTier: Sendable, Hashable {
  /// Its resolutions may be committed unattended.
  case auto
  /// Its resolutions are candidates for a person or a model.
  case proposal
}

/// One small, named way to settle one kind of conflict, or to abstain.
package protocol Resolver: Sendable {
  /// The name that reports, commit messages and configuration use.
  var name: String { get }
  /// What the resolver proposes for the conflict; `nil` where it abstains.
  func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution?
}
