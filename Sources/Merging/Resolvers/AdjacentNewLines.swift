/// Settles conflicts in which one side only put new lines beside lines that the other deleted or wrote in another way.
///
/// ``AdjacentInsertion`` judges by the lines themselves; where these leave a doubt, the files must lift it: the other
/// side's file still has each older name that the new lines use and none that they bring in, it has the lines that it
/// took away nowhere else, and of the names that it gave up wholly the new lines' side uses none more than before.
package struct AdjacentNewLines: Resolver {
  package let name = "adjacent-new-lines"

  package init() {}

  package func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
    guard let fine = FineMerge.ofWhole(conflict, in: context), !fine.insertionContacts.isEmpty,
      let lines = fine.mergedApartFromSpacing(), let addition = NewLinesBeside(fine, conflict, in: context),
      addition.isFree
    else { return nil }
    return Resolution(
      resolver: name,
      lines: lines,
      reason: "one side only added lines beside those that the other changed, which nothing in the file ties to them",
      dropped: conflict.droppedLines(from: lines, reason: "only its white space was changed; the other change is taken")
    )
  }
}

/// One side's new lines beside the other side's changes, seen in the light of the whole files.
struct NewLinesBeside {
  private let language: Language
  private let base: [LineTokens]
  private let taken: [LineTokens]
  private let new: [LineTokens]
  /// The new lines as they are in the file.
  private let added: [TokenLine]
  /// Whether all new lines stand behind the older ones, and whether some stand behind one that opens a block.
  private let standBehind: Bool
  private let standInBlock: Bool
  /// Whether a new line stands within a comment or a text that starts before it.
  private let standInside: Bool
  /// Whether the new lines' place depends on what the other side changed.
  private let hangsOnChanged: Bool
  /// Whether new lines have tokens side by side that the other side took apart.
  private let arePartedElsewhere: Bool
  private let files: Files
  private let context: ResolverContext

  /// The files of the ancestor, of the side that changed lines and of the one that has new ones.
  private struct Files {
    let base: [UInt8]
    let changed: [UInt8]
    let added: [UInt8]
    let baseWords: FileWords
    let changedWords: FileWords
    let baseInks: FileInks
    let changedInks: FileInks
  }

  /// The longest files that are looked at.
  private static let longestFile = 1_000_000
  private static let mostPairs = 10_000

  init?(_ fine: FineMerge, _ conflict: Conflict, in context: ResolverContext) {
    let ours = fine.ourAlignment.edits.allSatisfy { $0.kind == .insertion }
    let theirs = fine.theirAlignment.edits.allSatisfy { $0.kind == .insertion }
    guard ours != theirs, context.base.count + context.ours.count + context.theirs.count <= Self.longestFile else {
      return nil
    }
    language = context.language
    self.context = context
    let (alignment, side) = ours ? (fine.ourAlignment, fine.ours) : (fine.theirAlignment, fine.theirs)
    added = alignment.edits.flatMap { side[$0.side] }
    let last = fine.base.lastIndex { !$0.isBlank } ?? 0
    let touching = alignment.edits.filter { edit in edit.side.contains { !side[$0].isBlank } }
    standBehind = touching.allSatisfy { $0.base.lowerBound > last }
    standInBlock = touching.contains { edit in
      let last = fine.base[..<edit.base.lowerBound].last { !$0.isBlank }?.units.last { !$0.isLineEnd }
      return last.map { $0.kind == .open || $0.text.elementsEqual(":".utf8) || $0.text.elementsEqual(",".utf8) }
        ?? false
    }
    let (source, span) =
      ours ? (context.sources.ours, conflict.position.ours) : (context.sources.theirs, conflict.position.theirs)
    standInside = alignment.edits.contains { edit in edit.side.contains { source.startsInside(line: span.start + $0) } }
    let other = ours ? (fine.theirAlignment, fine.theirs) : (fine.ourAlignment, fine.ours)
    arePartedElsewhere = RewriteTraces(of: other.0.edits, to: other.1, from: fine.base).tookApart(added)
    base = LineTokens.lines(conflict.base)
    taken = LineTokens.lines(ours ? conflict.theirs : conflict.ours)
    new = LineTokens.lines(added.flatMap(\.bytes))
    let words = context.words
    files = Files(
      base: context.base, changed: ours ? context.theirs : context.ours, added: ours ? context.ours : context.theirs,
      baseWords: words.base, changedWords: ours ? words.theirs : words.ours, baseInks: context.inks.base,
      changedInks: ours ? context.inks.theirs : context.inks.ours)
    hangsOnChanged = NewLinesBeside.hangs(fine, fromOurs: ours)
    guard !base.isEmpty, new.count * (base.count + taken.count) <= Self.mostPairs else { return nil }
  }

  /// Whether the new lines stand beside lines that are gone or indented in another way, go on with a statement that
  /// begins before them, or stand behind a line that leaves what they are in or ends in another way now.
  private static func hangs(_ fine: FineMerge, fromOurs: Bool) -> Bool {
    fine.insertionContacts.contains { contact in
      let (insertion, edit) = fromOurs ? (contact.ours, contact.theirs) : (contact.theirs, contact.ours)
      let (inserted, changed) = fromOurs ? (fine.ours, fine.theirs) : (fine.theirs, fine.ours)
      let lines = inserted[insertion.side].filter { !$0.isBlank }
      if lines.contains(where: { $0.begins(with: goingOn) }) { return true }
      guard edit.kind == .modification else {
        let edits = fromOurs ? fine.theirAlignment.edits : fine.ourAlignment.edits
        return !areBeside(lines, fine.base[stretch(of: edit, among: edits)].filter { !$0.isBlank })
      }
      let (before, after) = (fine.base[edit.base.lowerBound], changed[edit.side.lowerBound])
      let spaces = [before.indentation, after.indentation]
      guard lines.allSatisfy({ $0.indentation.count >= before.indentation.count }),
        lines.first.map({ spaces == [$0.indentation, $0.indentation] }) ?? true
      else { return true }
      guard insertion.base.lowerBound >= edit.base.upperBound else { return false }
      return after.begins(with: leaving) != before.begins(with: leaving)
        || after.units.last { !$0.isLineEnd }?.text != before.units.last { !$0.isLineEnd }?.text
    }
  }

  /// The lines of the ancestor that are gone with those of an edit, without one between them that is left.
  private static func stretch(of edit: LineAlignment.Edit, among edits: [LineAlignment.Edit]) -> Range<Int> {
    let gone = edits.filter { $0.kind == .deletion || $0.kind == .replacement }
    var stretch = edit.base
    for other in gone.reversed() where other.base.upperBound == stretch.lowerBound {
      stretch = other.base.lowerBound..<stretch.upperBound
    }
    for other in gone where other.base.lowerBound == stretch.upperBound {
      stretch = stretch.lowerBound..<other.base.upperBound
    }
    return stretch
  }

  /// Whether new lines stand as far to the right as lines that are gone, which were whole by themselves.
  private static func areBeside(_ lines: [TokenLine], _ gone: [TokenLine]) -> Bool {
    guard let first = lines.first, let head = gone.first else { return true }
    let outer = head.indentation
    var depth = 0
    for unit in gone.lazy.flatMap(\.units) {
      if unit.kind == .open { depth += 1 }
      if unit.kind == .close { depth -= 1 }
      if depth < 0 { return false }
    }
    return depth == 0 && first.indentation == outer
      && (lines + gone).allSatisfy { $0.indentation.count >= outer.count }
  }

  /// The words with which a line goes on with the statement before it.
  private static let goingOn = [
    "else", "elif", "elsif", "elseif", "except", "catch", "finally", "rescue", "ensure", "case", "default", "when",
  ]
  /// The words with which a line leaves what it stands in.
  private static let leaving = [
    "return", "throw", "raise", "break", "continue", "next", "goto", "exit", "die", "panic",
  ]

  /// Whether nothing ties the new lines to what was changed.
  var isFree: Bool {
    if new.isEmpty { return true }
    guard !hangsOnChanged, isWhole, !isImports, !standInside, !arePartedElsewhere, usesNothingGone, !repeatsNewNames,
      !sharesLines
    else {
      return false
    }
    guard taken.isEmpty ? isFreeOfDeleted : isFreeOfChanged else { return false }
    return !isMoved && !givesUpWhatIsUsed
  }

  // MARK: - Beside what was deleted or changed

  private var isFreeOfDeleted: Bool {
    guard language.family != .data, language.family != .markup, !language.isProse, standBehind else { return false }
    // New lines that speak of little else belong to what was deleted.
    let (own, old) = (Set(new.flatMap(\.names)), Set(base.flatMap(\.names)))
    return 3 * own.intersection(old).count <= 2 * own.count
  }

  private var isFreeOfChanged: Bool {
    guard !standInBlock else { return false }
    let kept = Set(taken.map(\.ink))
    let changed = base.filter { !kept.contains($0.ink) }
    guard !new.contains(where: { line in changed.contains { line.isLike($0, from: 80) } }) else { return false }
    let own = Set(new.flatMap(\.words))
    let (before, after) = (Self.counts(base), Self.counts(taken))
    guard own.allSatisfy({ before[$0, default: 0] == after[$0, default: 0] }) else { return false }
    // A stretch that was rewritten may do what the new lines do.
    return LineTokens.likeness(base, taken) > 60
  }

  private static func counts(_ lines: [LineTokens]) -> [UInt64: Int] {
    lines.lazy.flatMap(\.words).reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }

  // MARK: - The new lines by themselves

  /// Whether the new lines close what they open, and do not end in a comment on the line behind them.
  private var isWhole: Bool {
    guard added.last(where: { !$0.isBlank })?.units.first?.kind != .comment, !added.contains(where: \.isCondition)
    else {
      return false
    }
    var depth = 0
    for unit in added.lazy.flatMap(\.units) {
      if unit.kind == .open { depth += 1 }
      if unit.kind == .close { depth -= 1 }
      if depth < 0 { return false }
    }
    return depth == 0
  }

  private var isImports: Bool { added.contains { $0.isImport(language) } }

  private var sharesLines: Bool { !Set(new.map(\.ink)).isDisjoint(with: taken.map(\.ink)) }

  // MARK: - In the files

  private var usesNothingGone: Bool {
    allNames { !files.baseWords.names.contains($0) || files.changedWords.names.contains($0) }
  }

  private var repeatsNewNames: Bool {
    !allNames { files.baseWords.names.contains($0) || !files.changedWords.names.contains($0) }
  }

  private func allNames(_ holds: (UInt64) -> Bool) -> Bool {
    new.allSatisfy { $0.names.allSatisfy(holds) }
  }

  /// Whether more than a tenth of the lines that the side took away stand as often in its file as before.
  private var isMoved: Bool {
    let kept = Set(taken.map(\.ink))
    let gone = Set(base.filter { $0.ink.count > 3 && !kept.contains($0.ink) }.map { FileWords.number(of: $0.ink) })
    guard !gone.isEmpty else { return false }
    let moved = gone.count { files.changedInks.counts[$0, default: 0] >= files.baseInks.counts[$0, default: 0] }
    return 10 * moved > gone.count
  }

  /// Whether a name that the changing side has nowhere now is one that the other side uses more often than before.
  private var givesUpWhatIsUsed: Bool {
    let kept = Set(taken.flatMap(\.names))
    var counts: [UInt64: Int] = [:]
    for name in base.lazy.flatMap(\.names) where !kept.contains(name) && !files.changedWords.names.contains(name) {
      counts[name] = 0
    }
    guard !counts.isEmpty else { return false }
    guard context.mayRead(files.base.count + files.added.count) else { return true }
    FileWords.forEachName(of: files.added[...]) { counts[$0]? += 1 }
    FileWords.forEachName(of: files.base[...]) { counts[$0]? -= 1 }
    return counts.values.contains { $0 > 0 }
  }
}

extension TokenLine {
  fileprivate var indentation: ArraySlice<UInt8> { units.first?.space ?? [] }
  fileprivate func begins(with words: [String]) -> Bool {
    guard let first = units.first(where: { $0.kind == .word }), first.text == units.first?.text else { return false }
    return words.contains { first.text.elementsEqual($0.utf8) }
  }
  /// Whether nothing but white space stands on the line.
  fileprivate var isBlank: Bool { units.allSatisfy(\.isLineEnd) }
  /// Whether the line starts or ends a part that only some builds have.
  fileprivate var isCondition: Bool {
    let text = bytes.drop(while: isBlankByte)
    return ["#if", "#el", "#endif"].contains { text.starts(with: $0.utf8) }
  }
}
