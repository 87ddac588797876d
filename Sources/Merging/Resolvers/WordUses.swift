/// Where in a merge words stand outside of imports.
struct WordUses {
  private typealias Counts = [ArraySlice<UInt8>: Int]

  /// One side, or the lines of it that are in conflicts.
  private struct Side {
    /// The words of its file.
    var file: Counts
    /// The words of its lines in conflicts.
    var lines: Counts = [:]
    /// Those of conflicts in which it has all lines of the ancestor, so that the other side cannot take its own away.
    var added: Set<ArraySlice<UInt8>> = []
    /// Words that it has more often in some conflict than the ancestor.
    var grown: Set<ArraySlice<UInt8>> = []

    mutating func add(_ lines: [UInt8], to base: [UInt8], _ old: Counts, _ form: Language.ImportForm) {
      let words = WordUses.count(lines, form)
      self.lines.merge(words, uniquingKeysWith: +)
      if WordUses.keepsLines(of: base, in: lines) { added.formUnion(words.keys) }
      for (word, count) in words where count > old[word, default: 0] { grown.insert(word) }
    }

    /// How often it has a word outside of conflicts.
    func outside(_ word: ArraySlice<UInt8>) -> Int { file[word, default: 0] - lines[word, default: 0] }
  }

  /// The words of the lines that the line merge decided.
  private let merged: Counts
  private let ours: Side
  private let theirs: Side

  init(_ lines: LineMerge, ours ourFile: ImportFile, theirs theirFile: ImportFile, form: Language.ImportForm) {
    var merged: Counts = [:]
    var ours = Side(file: ourFile.words)
    var theirs = Side(file: theirFile.words)
    for region in lines.regions {
      switch region {
      case .merged(let bytes): merged.merge(Self.count(bytes, form), uniquingKeysWith: +)
      case .conflict(let conflict):
        let old = Self.count(conflict.base, form)
        ours.add(conflict.ours, to: conflict.base, old, form)
        theirs.add(conflict.theirs, to: conflict.base, old, form)
      }
    }
    (self.merged, self.ours, self.theirs) = (merged, ours, theirs)
  }

  /// Whether the merged file uses the last part of a name that one side imports, and the other does not.
  ///
  /// Lines that are decided use it, or both sides do wherever it matters, or the side's own new lines, of which the
  /// other one knows nothing.
  func isUsed(_ name: [UInt8], importedBy side: FineMerge.Side) -> Bool {
    guard let word = Self.word(name) else { return false }
    if merged[word] != nil { return true }
    let own = side == .ours ? ours : theirs
    return own.added.contains(word) || ours.lines[word] != nil && theirs.lines[word] != nil
  }

  /// Whether the merged file can do without a name that one side imports no more.
  ///
  /// It can where all the words that are left stand in that side's file too, and the other side wrote no new ones.
  func isDispensable(_ name: [UInt8], keptBy side: FineMerge.Side) -> Bool {
    guard let word = Self.word(name) else { return false }
    let (keeper, remover) = side == .ours ? (ours, theirs) : (theirs, ours)
    return merged[word, default: 0] <= remover.outside(word) && !keeper.grown.contains(word)
  }

  /// Whether either side has anything but imports.
  var hasCode: Bool { !ours.file.isEmpty || !theirs.file.isEmpty }

  /// Whether our side uses the last part of a name.
  func oursUses(_ name: [UInt8]) -> Bool { Self.word(name).map { ours.file[$0] != nil } ?? false }

  /// Whether their side uses the last part of a name.
  func theirsUses(_ name: [UInt8]) -> Bool { Self.word(name).map { theirs.file[$0] != nil } ?? false }

  private static func word(_ name: [UInt8]) -> ArraySlice<UInt8>? {
    name.split(whereSeparator: { !isNameByte($0) }).last
  }

  private static func count(_ bytes: [UInt8], _ form: Language.ImportForm) -> Counts {
    var words: Counts = [:]
    for line in ImportLines(bytes, form: form).lines
    where line.isBlank || ImportStatement(line.content, form: form) == nil {
      for word in line.content.split(whereSeparator: { !isNameByte($0) }) { words[word, default: 0] += 1 }
    }
    return words
  }

  /// Whether the lines of a text are all among others, in their order.
  private static func keepsLines(of base: [UInt8], in lines: [UInt8]) -> Bool {
    var rest = HunkLine.split(base)[...]
    for line in HunkLine.split(lines) where line.trimmed == rest.first?.trimmed { rest.removeFirst() }
    return rest.isEmpty
  }
}
