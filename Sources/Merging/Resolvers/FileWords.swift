/// The names and the lines of a file, as numbers that are equal where they are.
///
/// A number has 64 bits, so that two that differ are taken to have two.
struct FileWords {
  private(set) var names: Set<UInt64> = []
  private(set) var lines: Set<UInt64> = []

  /// How many bytes of names a line must have to be told from others by its text.
  private static let telling = 8

  init(_ file: [UInt8]) {
    for line in HunkLine.split(file) {
      Self.forEachName(of: line.content) { names.insert($0) }
      if let number = Self.number(ofTelling: line) { lines.insert(number) }
    }
  }

  /// The numbers of the names of at least some length in some bytes, in comments and literals too.
  static func forEachName(of bytes: ArraySlice<UInt8>, from length: Int = 1, _ body: (UInt64) -> Void) {
    var index = bytes.startIndex
    while index < bytes.endIndex {
      let start = index
      index += 1
      guard isNameByte(bytes[start]) else { continue }
      while index < bytes.endIndex, isNameByte(bytes[index]) { index += 1 }
      if index - start >= length, !isDigitByte(bytes[start]) { body(number(of: bytes[start..<index])) }
    }
  }

  /// The number of a line without the white space at its ends; `nil` where it says too little.
  static func number(ofTelling line: HunkLine) -> UInt64? {
    line.content.count(where: isNameByte) >= telling ? number(of: line.trimmed) : nil
  }

  /// The number of a name or a line (FNV-1a of its bytes).
  static func number(of bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
  }
}

/// What each side of a conflict added there, seen in the light of the rest of the other side's file.
struct AdditionsInFiles {
  /// The lines with which each side differs from the ancestor's.
  private let ours: [HunkLine]
  private let theirs: [HunkLine]
  private let files: ResolverContext.Words

  init(_ conflict: Conflict, in context: ResolverContext) {
    let base = Set(HunkLine.split(conflict.base).map(\.trimmed))
    func added(_ side: [UInt8]) -> [HunkLine] {
      HunkLine.split(side).filter { !$0.isBlank && !base.contains($0.trimmed) }
    }
    ours = added(conflict.ours)
    theirs = added(conflict.theirs)
    files = context.words
  }

  /// Whether there is a name in both additions that the ancestor's file has not.
  ///
  /// Then both did the same thing in two ways, or one side has a part of what the other has.
  var shareNewNames: Bool {
    !Self.names(of: ours, telling: true).intersection(Self.names(of: theirs)).isSubset(of: files.base.names)
  }

  /// Whether an added line has a name that the other side took out of the file.
  var haveRemovedNames: Bool {
    func any(_ lines: [HunkLine], removedFrom other: FileWords) -> Bool {
      Self.names(of: lines).contains { files.base.names.contains($0) && !other.names.contains($0) }
    }
    return any(ours, removedFrom: files.theirs) || any(theirs, removedFrom: files.ours)
  }

  /// Whether an added line is one that the ancestor had elsewhere and that the other side changed wherever it was.
  var repeatRemovedLines: Bool {
    func any(_ lines: [HunkLine], removedFrom other: FileWords) -> Bool {
      lines.lazy.compactMap(FileWords.number).contains { files.base.lines.contains($0) && !other.lines.contains($0) }
    }
    return any(ours, removedFrom: files.theirs) || any(theirs, removedFrom: files.ours)
  }

  /// Whether the additions have more than one line and at least three fifths of the names of the longer one in common.
  var areCopies: Bool {
    guard min(ours.count, theirs.count) > 1 else { return false }
    func counts(_ lines: [HunkLine]) -> [UInt64: Int] {
      var counts: [UInt64: Int] = [:]
      for line in lines { FileWords.forEachName(of: line.content) { counts[$0, default: 0] += 1 } }
      return counts
    }
    let (ours, theirs) = (counts(ours), counts(theirs))
    let common = ours.reduce(0) { $0 + min($1.value, theirs[$1.key] ?? 0) }
    let longer = max(ours.values.reduce(0, +), theirs.values.reduce(0, +))
    return longer > 0 && common * 5 >= longer * 3
  }

  /// The names in some lines; where they are to be telling, those with five bytes or more that are no keywords.
  private static func names(of lines: [HunkLine], telling: Bool = false) -> Set<UInt64> {
    var names: Set<UInt64> = []
    for line in lines { FileWords.forEachName(of: line.content, from: telling ? 5 : 1) { names.insert($0) } }
    return telling ? names.subtracting(keywords) : names
  }

  /// The longer keywords and names of types that most languages share.
  private static let keywords: Set<UInt64> = [
    "abstract", "async", "await", "boolean", "break", "catch", "class", "const", "constexpr", "continue", "default",
    "define", "defer", "delete", "double", "elsif", "endif", "ensure", "explicit", "export", "extends", "extension",
    "extern", "false", "final", "finally", "float", "function", "guard", "ifdef", "ifndef", "implements", "import",
    "include", "inline", "interface", "internal", "lambda", "module", "mutable", "mutating", "namespace",
    "native", "object", "operator", "override", "package", "private", "property", "protected", "protocol", "public",
    "raise", "readonly", "record", "require", "rescue", "return", "sealed", "short", "signed", "sizeof", "static",
    "string", "String", "struct", "super", "suspend", "switch", "template", "throw", "throws", "trait", "typedef",
    "typename", "typeof", "union", "unless", "unsafe", "unsigned", "until", "using", "value", "virtual", "volatile",
    "where", "while", "yield",
  ].reduce(into: []) { set, word in FileWords.forEachName(of: Array(word.utf8)[...]) { set.insert($0) } }
}
