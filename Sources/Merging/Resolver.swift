/// What a resolver may know beside the conflict itself.
package struct ResolverContext: Sendable {
  /// The path of the file in its repository, as bytes; empty where it is unknown.
  ///
  /// It decides the language.
  package var path: [UInt8]
  /// The whole file as the common ancestor, our side and their side have it.
  package var base: [UInt8]
  package var ours: [UInt8]
  package var theirs: [UInt8]
  /// The language of the file.
  package let language: Language
  /// The three files as lines with tokens.
  let sources: Sources

  /// The merge of the three files item by item; `nil` where nothing is known about their language.
  let structure: StructuralMerge?

  /// The three files of a merge, read once for all its conflicts.
  struct Sources: Sendable {
    let base: SourceText
    let ours: SourceText
    let theirs: SourceText
  }

  package init(path: [UInt8], base: [UInt8], ours: [UInt8], theirs: [UInt8]) {
    self.path = path
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
    structure = StructuralMerge(sources)
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
