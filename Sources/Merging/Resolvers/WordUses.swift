/// Where in a merge words stand outside of imports.
struct WordUses {
  /// The words of the lines that the line merge decided.
  private let merged: Set<ArraySlice<UInt8>>
  /// The words of each side's lines in conflicts.
  private let ours: Set<ArraySlice<UInt8>>
  private let theirs: Set<ArraySlice<UInt8>>
  /// The words of each side's file.
  private let ourFile: Set<ArraySlice<UInt8>>
  private let theirFile: Set<ArraySlice<UInt8>>

  /// How sure it is that the merged file uses a word.
  enum Certainty: Equatable {
    /// Lines that are decided use it, or both sides do wherever it matters.
    case used
    /// Only one side's lines in a conflict use it.
    case unsure
    case unused
  }

  init(_ lines: LineMerge, ours ourFile: ImportFile, theirs theirFile: ImportFile, form: Language.ImportForm) {
    self.ourFile = ourFile.words
    self.theirFile = theirFile.words
    var merged: Set<ArraySlice<UInt8>> = []
    var ours: Set<ArraySlice<UInt8>> = []
    var theirs: Set<ArraySlice<UInt8>> = []
    for region in lines.regions {
      switch region {
      case .merged(let bytes): Self.add(bytes, form, to: &merged)
      case .conflict(let conflict):
        Self.add(conflict.ours, form, to: &ours)
        Self.add(conflict.theirs, form, to: &theirs)
      }
    }
    (self.merged, self.ours, self.theirs) = (merged, ours, theirs)
  }

  /// Whether the merged file uses the last part of a name.
  func certainty(of name: [UInt8]) -> Certainty {
    guard let word = Self.word(name) else { return .unsure }
    if merged.contains(word) { return .used }
    switch (ours.contains(word), theirs.contains(word)) {
    case (true, true): return .used
    case (false, false): return .unused
    default: return .unsure
    }
  }

  /// Whether either side has anything but imports.
  var hasCode: Bool { !ourFile.isEmpty || !theirFile.isEmpty }

  /// Whether our side uses the last part of a name.
  func oursUses(_ name: [UInt8]) -> Bool { Self.word(name).map(ourFile.contains) ?? false }

  /// Whether their side uses the last part of a name.
  func theirsUses(_ name: [UInt8]) -> Bool { Self.word(name).map(theirFile.contains) ?? false }

  private static func word(_ name: [UInt8]) -> ArraySlice<UInt8>? {
    name.split(whereSeparator: { !isNameByte($0) }).last
  }

  private static func add(_ bytes: [UInt8], _ form: Language.ImportForm, to words: inout Set<ArraySlice<UInt8>>) {
    for line in HunkLine.split(bytes) where line.isBlank || ImportStatement(line.content, form: form) == nil {
      words.formUnion(line.content.split { !isNameByte($0) })
    }
  }
}
