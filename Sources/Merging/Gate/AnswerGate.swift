/// A line that a side of a conflict added, so that it must not get lost unsaid.
package struct StakeLine: Sendable, Hashable {
  package var side: DroppedLine.Side
  /// Without the white space at its ends.
  package var line: [UInt8]
  /// How many of it must be in the result.
  package var count: Int

  package init(side: DroppedLine.Side, line: [UInt8], count: Int) {
    self.side = side
    self.line = line
    self.count = count
  }
}

/// Lines that somebody who is no resolver wants to put in the place of a conflict, with what was said about them.
package struct ConflictAnswer: Sendable, Hashable {
  package var lines: [UInt8]
  /// The lines that are said to be left out on purpose.
  package var dropped: [DroppedLine]
  /// The words and values that are said to be new.
  package var introduces: [[UInt8]]
  /// Whether it is said that lines come back which a side deleted, or that lines go which both sides kept.
  package var undoes: Bool

  package init(lines: [UInt8], dropped: [DroppedLine] = [], introduces: [[UInt8]] = [], undoes: Bool = false) {
    self.lines = lines
    self.dropped = dropped
    self.introduces = introduces
    self.undoes = undoes
  }
}

/// What the gate says of an answer.
package struct AnswerJudgement: Sendable, Hashable {
  /// A reason not to use it, and the line or the word that shows it.
  package struct Objection: Sendable, Hashable {
    package var reason: FileMerge.Rejection.Reason
    package var evidence: [UInt8]
  }

  /// A line that a side added and that is not in the answer as it was.
  package struct Missing: Sendable, Hashable {
    package var line: StakeLine
    package var fate: Fate
  }

  /// Where a missing line is.
  package enum Fate: Sendable, Hashable {
    /// In the answer, in another layout.
    case laidOut
    /// Everything that the side changed in its words is in the answer, joined with what the other did.
    case combined
    /// It was said that it is left out.
    case declared(reason: String)
    case lost
  }

  /// Why it must not be used; empty where it may be.
  package var objections: [Objection] = []
  /// What is not in it as a side had it.
  package var missing: [Missing] = []
  /// What it undoes of the sides: lines that come back though a side deleted them, that go though both kept them, or
  /// that stand there more often than both sides together call for.
  package var undone: [[UInt8]] = []
  /// A word that stands in it more often than both sides together call for; `nil` where there is none.
  package var excess: [UInt8]?
  /// The words and values that were said to be new and are.
  package var introduced: [[UInt8]] = []
}

/// Judges answers to the conflicts that a merge left, with the rules that hold for resolvers as far as they can be
/// asked of somebody who reads more than the conflict: what resolvers must never do, others must at least say.
package struct AnswerGate {
  private let merge: FileMerge
  private let context: ResolverContext
  private let gate: FileGate
  private let conflicts: [Conflict]

  /// - Parameters:
  ///   - merge: The merge of the three files.
  ///   - base: The file as the common ancestor has it.
  ///   - ours: The file as the side that receives the merge has it.
  ///   - theirs: The file as the merged side has it.
  ///   - path: The path of the file; it decides the language.
  ///   - checks: What tells whether a file is a valid document, beside the checks that come with Arborist.
  package init(
    _ merge: FileMerge, base: [UInt8], ours: [UInt8], theirs: [UInt8], path: [UInt8],
    checks: [any DocumentCheck] = []
  ) {
    self.merge = merge
    context = ResolverContext(path: path, base: base, ours: ours, theirs: theirs)
    gate = FileGate(context, checks: checks)
    conflicts = merge.left
  }

  /// The lines that each side of a conflict added, ours first, in their order.
  package static func stakes(of conflict: Conflict) -> [StakeLine] {
    func places(_ bytes: [UInt8]) -> [ArraySlice<UInt8>: Int] {
      let table = LineTable(bytes)
      return Dictionary((0..<table.count).map { (Self.trimmed(table[$0]), $0) }) { first, _ in first }
    }
    let (ours, theirs) = (places(conflict.ours), places(conflict.theirs))
    return LineLedger(conflict, result: []).lost.enumerated().map { index, lost in
      let place = (lost.side == .ours ? ours : theirs)[Self.trimmed(lost.line)] ?? Int.max
      return (order: (lost.side == .ours ? 0 : 1, place, index), element: lost)
    }.sorted { $0.order < $1.order }.map {
      StakeLine(side: $0.element.side, line: Array($0.element.line), count: $0.element.count)
    }
  }

  private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    func isInk(_ byte: UInt8) -> Bool { !isBlankByte(byte) && byte != 0x0A }
    let start = line.firstIndex(where: isInk) ?? line.endIndex
    return line[start..<(line.lastIndex(where: isInk).map { $0 + 1 } ?? start)]
  }

  /// Judges answers alone and together.
  ///
  /// - Parameters:
  ///   - answers: By the place of their conflict among those that the merge left.
  ///   - settled: The lines of other places of the file that were answered before.
  /// - Returns: What is to be said of each.
  package func judge(_ answers: [Int: ConflictAnswer], settled: [Int: [UInt8]] = [:]) -> [Int: AnswerJudgement] {
    var result: [Int: AnswerJudgement] = [:]
    for (number, answer) in answers where conflicts.indices.contains(number) {
      result[number] = judge(answer, for: conflicts[number])
    }
    for (number, objection) in faultsOfFile(answers) { result[number]?.objections.append(objection) }
    let merged = merged(answers, settled)
    if result.values.contains(where: { $0.excess != nil }) {
      // Two functions with a body in common share its lines in the merge: whoever keeps both writes it twice. So what
      // a place has too often is too much only where the whole file has it too often.
      let words = ChangedWords(whole, result: merged, language: context.language)
      for (number, judgement) in result where judgement.excess != nil {
        let place = ChangedWords(
          conflicts[number], result: answers[number]?.lines ?? [], language: context.language)
        result[number]?.excess = place.excess(in: answers[number]?.lines ?? [], also: words).map { Array($0) }
      }
    }
    for (number, excess) in excessLines(answers, merged) {
      for (reason, line) in excess where result[number]?.undone.contains(line) == false {
        result[number]?.undone.append(line)
        if answers[number]?.undoes != true {
          result[number]?.objections.append(AnswerJudgement.Objection(reason: reason, evidence: line))
        }
      }
    }
    return result
  }

  // MARK: - One answer

  private func judge(_ answer: ConflictAnswer, for conflict: Conflict) -> AnswerJudgement {
    var judgement = AnswerJudgement()
    judgement.missing = missing(in: answer, for: conflict)
    var resolution = Resolution(
      resolver: "", lines: answer.lines, reason: "", introduces: answer.introduces)
    for missing in judgement.missing {
      let dropped = DroppedLine(side: missing.line.side, line: missing.line.line, reason: "said")
      if missing.fate != .lost {
        resolution.dropped += Array(repeating: dropped, count: missing.line.count)
      }
    }
    resolution.introduces += joinedTexts(in: resolution, for: conflict)
    let rules: [any HunkRule] = [
      MarkerRule(), LastLineRule(), LossRule(), WholeValueRule(), KnownWordRule(), KnownCommentRule(),
      HunkBalanceRule(),
    ]
    for rule in rules {
      if let found = rule.objection(to: resolution, for: conflict, in: context) { judgement.object(found) }
    }
    let vanished = Self.vanished(in: answer, from: conflict).map { GateObjection(.vanishedLine, $0) }
    if let undone = vanished ?? DeletionRule().objection(to: resolution, for: conflict, in: context) {
      judgement.undone.append(undone.evidence)
      if !answer.undoes { judgement.object(undone) }
    }
    let words = ChangedWords(conflict, result: answer.lines, language: context.language)
    if judgement.undone.isEmpty, let word = words.returned {
      judgement.undone.append(Array(word))
      if !answer.undoes { judgement.object(GateObjection(.revivedLine, word)) }
    }
    judgement.excess = words.excess(in: answer.lines)
      .map { Array($0) }
    judgement.introduced = answer.introduces.filter { word in
      var without = resolution
      without.introduces.removeAll { $0 == word }
      return [WholeValueRule() as any HunkRule, KnownWordRule(), KnownCommentRule()].contains {
        $0.objection(to: without, for: conflict, in: context) != nil
      }
    }
    return judgement
  }

  /// The text literals that no side has and in which every word stands in a side: what both wrote, joined into one text.
  ///
  /// A version or a number has to come whole all the same.
  private func joinedTexts(in resolution: Resolution, for conflict: Conflict) -> [[UInt8]] {
    var joined: [[UInt8]] = []
    var resolution = resolution
    let sides = [conflict.base, conflict.ours, conflict.theirs].reduce(into: Set<ArraySlice<UInt8>>()) { words, side in
      words.formUnion(ChangedWords.words(side[...]))
    }
    while joined.count < 20,
      let objection = WholeValueRule().objection(to: resolution, for: conflict, in: context),
      let first = objection.evidence.first, !isNameByte(first), !joined.contains(objection.evidence),
      ChangedWords.words(objection.evidence[...]).allSatisfy({ sides.contains($0) })
    {
      joined.append(objection.evidence)
      resolution.introduces.append(objection.evidence)
    }
    return joined
  }

  private func missing(in answer: ConflictAnswer, for conflict: Conflict) -> [AnswerJudgement.Missing] {
    let lost = LineLedger(conflict, result: answer.lines).lost
    if lost.isEmpty { return [] }
    var missing: [AnswerJudgement.Missing] = []
    let ink = answer.lines.filter { !isBlankByte($0) && $0 != 0x0A }
    let carried = ChangedWords(conflict, result: answer.lines, language: context.language)
    let needed = Self.needed(answer.dropped, ink, carried)
    var declared = needed
    for entry in lost {
      let stake = StakeLine(side: entry.side, line: Array(entry.line), count: entry.count)
      let fate: AnswerJudgement.Fate
      if let place = declared.firstIndex(where: { $0.side == entry.side && $0.line == stake.line }) {
        fate = .declared(reason: declared[place].reason)
        declared.remove(at: place)
      } else if Self.isLaidOut(stake.line, in: ink) {
        fate = .laidOut
      } else if carried.isCarried(entry.side, besides: needed) {
        fate = .combined
      } else {
        fate = .lost
      }
      missing.append(AnswerJudgement.Missing(line: stake, fate: fate))
    }
    return missing
  }

  /// What has to be said of more lines than these is taken as it was said.
  private static let mostWeighed = 64

  /// The lines of which it has to be said that they are left out: the others are in the answer, in another layout or
  /// joined with what the other side did, and a word too many must not make it worse.
  private static func needed(_ dropped: [DroppedLine], _ ink: [UInt8], _ carried: ChangedWords) -> [DroppedLine] {
    var needed = dropped.filter { !isLaidOut($0.line, in: ink) }
    for side in [DroppedLine.Side.ours, .theirs] where needed.contains(where: { $0.side == side }) {
      let others = needed.filter { $0.side != side }
      if carried.isCarried(side, besides: others) { needed = others }
    }
    guard needed.count <= mostWeighed else { return needed }
    for line in needed {
      let others = needed.filter { $0.side != line.side || $0.line != line.line }
      if carried.isCarried(line.side, besides: others) { needed = others }
    }
    return needed
  }

  private static func isLaidOut(_ line: [UInt8], in ink: [UInt8]) -> Bool {
    line.contains(where: isNameByte) && holds(ink, line.filter { !isBlankByte($0) })
  }

  /// A line that both sides have and that the answer has not as often; whatever the ancestor had.
  private static func vanished(in answer: ConflictAnswer, from conflict: Conflict) -> [UInt8]? {
    var entries = LineLedger(conflict, result: answer.lines).entries
    entries.removeAll { !$0.hasWord || $0.result >= min($0.ours, $0.theirs) || $0.base == 0 }
    return entries.first.map { Array($0.line) }
  }

  private static func holds(_ text: [UInt8], _ part: [UInt8]) -> Bool {
    guard let first = part.first, part.count <= text.count else { return false }
    var steps = 4_000_000
    for start in 0...(text.count - part.count) where text[start] == first {
      var length = 1
      while length < part.count, text[start + length] == part[length] { length += 1 }
      if length == part.count { return true }
      steps -= length
      if steps < 0 { return false }
    }
    return false
  }

  // MARK: - The file

  /// The file with the answers; a place without one has the lines that it was given before, or none.
  private func merged(_ answers: [Int: ConflictAnswer], _ settled: [Int: [UInt8]]) -> [UInt8] {
    var merged: [UInt8] = []
    var number = 0
    for region in merge.regions {
      switch region {
      case .merged(let bytes): merged += bytes
      case .resolved(_, let resolution): merged += resolution.lines
      case .conflict:
        merged += answers[number]?.lines ?? settled[number] ?? []
        number += 1
      }
    }
    return merged
  }

  /// The three files as one conflict.
  private var whole: Conflict {
    Conflict(
      base: context.base, ours: context.ours, theirs: context.theirs,
      position: Conflict.Position(
        base: LineSpan(start: 0, count: 0), ours: LineSpan(start: 0, count: 0), theirs: LineSpan(start: 0, count: 0)))
  }

  /// Lines of answers that the whole file has more often than both sides together call for.
  private func excessLines(
    _ answers: [Int: ConflictAnswer], _ merged: [UInt8]
  ) -> [(Int, [(FileMerge.Rejection.Reason, [UInt8])])] {
    let excess = Set(
      LineLedger(whole, result: merged).entries.filter {
        $0.hasWord && $0.base + $0.ours + $0.theirs > 0 && $0.result > Self.allowed($0)
      }.map {
        Array($0.line)
      })
    if excess.isEmpty { return [] }
    return answers.sorted { $0.key < $1.key }.compactMap { number, answer in
      guard conflicts.indices.contains(number) else { return nil }
      // A line that the sides have at this place as often is not this answer's doing.
      let lines = LineLedger(conflicts[number], result: answer.lines).entries.filter {
        excess.contains(Array($0.line)) && $0.result > min($0.ours, $0.theirs)
      }
      let found = lines.map { entry -> (FileMerge.Rejection.Reason, [UInt8]) in
        (entry.result > max(entry.ours, entry.theirs) ? .duplicate : .revivedLine, Array(entry.line))
      }
      return lines.isEmpty ? nil : (number, found)
    }
  }

  /// How often a line may be in the merged file by what the sides did to it.
  private static func allowed(_ entry: LineLedger.Entry) -> Int {
    let (mine, other) = (entry.ours - entry.base, entry.theirs - entry.base)
    if mine < 0, other < 0 { return min(entry.ours, entry.theirs) }
    if mine <= 0, other <= 0 { return entry.base + mine + other }
    return max(entry.ours, entry.theirs, entry.base + mine + other)
  }

  /// What is wrong with the file as the answers make it.
  private func faultsOfFile(_ answers: [Int: ConflictAnswer]) -> [(Int, AnswerJudgement.Objection)] {
    var regions: [FileMerge.Region] = []
    var number = 0
    var numbers: [Int: Int] = [:]
    for region in merge.regions {
      guard case .conflict(let conflict) = region else {
        // What resolvers made was judged before, and is not to be blamed now.
        if case .resolved(_, let resolution) = region {
          regions.append(.merged(resolution.lines))
        } else {
          regions.append(region)
        }
        continue
      }
      if let answer = answers[number] {
        numbers[regions.count] = number
        regions.append(.resolved(conflict, Resolution(resolver: "", lines: answer.lines, reason: "")))
      } else {
        regions.append(region)
      }
      number += 1
    }
    var gate = gate
    return gate.refused(in: regions).compactMap { place, fault in
      numbers[place].map { ($0, AnswerJudgement.Objection(reason: fault.reason, evidence: fault.evidence)) }
    }.sorted { $0.0 < $1.0 }
  }
}

extension AnswerJudgement {
  fileprivate mutating func object(_ objection: GateObjection) {
    objections.append(Objection(reason: objection.reason, evidence: objection.evidence))
  }
}

/// How often each word and sign stands in the sides of a conflict and in what takes its place: it tells whether a line
/// that is not there as it was is there in the words that its side changed in it.
struct ChangedWords {
  /// A word or a sign; in a comment it is another one than in code.
  private struct Word: Hashable {
    var text: ArraySlice<UInt8>
    var isComment: Bool
  }

  private struct Count {
    var base = 0
    var ours = 0
    var theirs = 0
    var result = 0
  }

  private let language: Language
  private var counts: [Word: Count] = [:]

  init(_ conflict: Conflict, result: [UInt8], language: Language) {
    self.language = language
    count(conflict.base, \.base)
    count(conflict.ours, \.ours)
    count(conflict.theirs, \.theirs)
    count(result, \.result)
  }

  private mutating func count(_ bytes: [UInt8], _ path: WritableKeyPath<Count, Int>) {
    for word in words(bytes) { counts[word, default: Count()][keyPath: path] += 1 }
  }

  private func words(_ bytes: [UInt8]) -> [Word] {
    var tokenizer = Tokenizer(bytes: bytes, scanner: SourceScanner(language: language))
    return tokenizer.tokens(in: 0..<bytes.count).flatMap { token in
      Self.words(bytes[token.range]).map { Word(text: $0, isComment: token.kind == .comment) }
    }
  }

  /// Runs of bytes that can stand in a name, and every other byte but white space by itself.
  static func words(_ bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    var words: [ArraySlice<UInt8>] = []
    var index = bytes.startIndex
    while index < bytes.endIndex {
      let start = index
      if isNameByte(bytes[index]) {
        while index < bytes.endIndex, isNameByte(bytes[index]) { index += 1 }
        words.append(bytes[start..<index])
        continue
      }
      index += 1
      if !isBlankByte(bytes[start]), bytes[start] != 0x0A { words.append(bytes[start..<index]) }
    }
    return words
  }

  /// The first word of some lines that stands there more often than both sides together call for.
  ///
  /// - Parameters:
  ///   - lines: The lines.
  ///   - other: The counts of a larger part, in which the word has to stand too often as well.
  /// - Returns: The word; `nil` where there is none.
  func excess(in lines: [UInt8], also other: ChangedWords? = nil) -> ArraySlice<UInt8>? {
    words(lines).first { word in
      word.text.contains(where: isNameByte) && hasTooMany(word) && other?.hasTooMany(word) != false
    }?.text
  }

  private func hasTooMany(_ word: Word) -> Bool {
    guard let count = counts[word] else { return false }
    return count.result > max(count.ours, count.theirs, count.ours + count.theirs - count.base)
  }

  /// The first word that a side took away and that stands in the result all the same, though the other side did not
  /// add it.
  ///
  /// Who keeps an edited line which a side deleted brings back no line, and undoes the deletion nevertheless.
  var returned: ArraySlice<UInt8>? {
    counts.filter { word, count in
      guard word.text.count >= 3, isNameByte(word.text[word.text.startIndex]) else { return false }
      return [(count.ours, count.theirs), (count.theirs, count.ours)].contains { mine, other in
        mine < count.base && count.result > mine + max(0, other - count.base)
      }
    }.keys.map(\.text).min { $0.startIndex < $1.startIndex }
  }

  /// Whether all that a side added to the words, and all that it took from them, is so in the result.
  ///
  /// - Parameters:
  ///   - side: The side.
  ///   - dropped: Lines that are left out on purpose; their words are not asked for.
  /// - Returns: `false` also where the side changed nothing but the order.
  func isCarried(_ side: DroppedLine.Side, besides dropped: [DroppedLine]) -> Bool {
    var excused: Set<ArraySlice<UInt8>> = []
    for line in dropped { excused.formUnion(Self.words(line.line[...])) }
    var changes = 0
    for (word, count) in counts where !excused.contains(word.text) {
      let mine = side == .ours ? count.ours : count.theirs
      let other = side == .ours ? count.theirs : count.ours
      if mine == count.base { continue }
      changes += 1
      if mine > count.base {
        if count.result < max(1, mine - max(0, count.base - other)) { return false }
      } else if count.result > mine + max(0, other - count.base) {
        return false
      }
    }
    return changes > 0
  }
}

/// Words in comments that no file has: nobody asked for remarks, and they may be orders to whoever reads them.
struct KnownCommentRule: HunkRule {
  func objection(to resolution: Resolution, for conflict: Conflict, in context: ResolverContext) -> GateObjection? {
    guard let text = NewText(resolution, for: conflict, in: context) else { return nil }
    var known: Set<ArraySlice<UInt8>>?
    var objection: GateObjection?
    text.forEachToken { kind, token in
      guard kind == .comment, token.contains(where: isNameByte),
        !resolution.introduces.contains(where: { token.elementsEqual($0) })
      else { return true }
      let words =
        known
        ?? [context.base, context.ours, context.theirs].reduce(into: Set()) {
          $0.formUnion(ChangedWords.words($1[...]))
        }
      known = words
      if !ChangedWords.words(token).allSatisfy({ words.contains($0) }) { objection = GateObjection(.newWord, token) }
      return objection == nil
    }
    return objection
  }
}
