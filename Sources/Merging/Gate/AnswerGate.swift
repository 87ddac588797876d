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
      let words = ChangedWords(whole, result: merged, in: context)
      for (number, judgement) in result where judgement.excess != nil {
        let place = ChangedWords(conflicts[number], result: answers[number]?.lines ?? [], in: context)
        result[number]?.excess = place.excess(also: words).map { Array($0) }
      }
    }
    if !context.language.isProse { addNegated(answers, merged, to: &result) }
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

  /// Notes what answers negate though no side does, neither at their place nor in the whole file.
  private func addNegated(
    _ answers: [Int: ConflictAnswer], _ merged: [UInt8], to result: inout [Int: AnswerJudgement]
  ) {
    var file: NegationCounts?
    for (number, answer) in answers where conflicts.indices.contains(number) {
      let added = NegationCounts(
        conflicts[number], result: answer.lines, in: context, besides: answer.dropped
      ).added
      if added.isEmpty { continue }
      let counts = file ?? NegationCounts(whole, result: merged, in: context)
      file = counts
      var operands: [[UInt8]] = []
      for negation in added where counts.isAdded(negation) && !operands.contains(Array(negation.operand)) {
        operands.append(Array(negation.operand))
      }
      result[number]?.negated = operands
    }
  }

  // MARK: - One answer

  private func judge(_ answer: ConflictAnswer, for conflict: Conflict) -> AnswerJudgement {
    var judgement = AnswerJudgement()
    let words = ChangedWords(conflict, result: answer.lines, in: context)
    judgement.missing = Self.missing(in: answer, for: conflict, words)
    judgement.misplaced = Self.misplaced(words, judgement.missing)
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
    if judgement.undone.isEmpty, let word = words.returned {
      judgement.undone.append(Array(word))
      if !answer.undoes { judgement.object(GateObjection(.revivedLine, word)) }
    }
    judgement.excess = words.excess().map { Array($0) }
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

  private static func missing(
    in answer: ConflictAnswer, for conflict: Conflict, _ words: ChangedWords
  ) -> [AnswerJudgement.Missing] {
    let lost = LineLedger(conflict, result: answer.lines).lost
    if lost.isEmpty { return [] }
    var missing: [AnswerJudgement.Missing] = []
    let needed = Self.needed(answer.dropped, words)
    var declared = needed
    for entry in lost {
      let stake = StakeLine(side: entry.side, line: Array(entry.line), count: entry.count)
      let fate: AnswerJudgement.Fate
      if let place = declared.firstIndex(where: { $0.side == entry.side && $0.line == stake.line }) {
        fate = .declared(reason: declared[place].reason)
        declared.remove(at: place)
      } else if words.laidOut(stake.line, of: entry.side) >= entry.count {
        fate = .laidOut
      } else if words.isCarried(entry.side, besides: needed) {
        fate = .combined
      } else {
        fate = .lost
      }
      missing.append(AnswerJudgement.Missing(line: stake, fate: fate))
    }
    return missing
  }

  /// The first word of each side that is not where the side has it.
  private static func misplaced(
    _ words: ChangedWords, _ missing: [AnswerJudgement.Missing]
  ) -> [AnswerJudgement.Misplaced] {
    // What is lost is objected to as such.
    if missing.contains(where: { $0.fate == .lost }) { return [] }
    let declared = missing.compactMap { missing -> DroppedLine? in
      guard case .declared(let reason) = missing.fate else { return nil }
      return DroppedLine(side: missing.line.side, line: missing.line.line, reason: reason)
    }
    return [DroppedLine.Side.ours, .theirs].compactMap { side in
      words.misplaced(side, besides: declared).map { AnswerJudgement.Misplaced(side: side, word: Array($0)) }
    }
  }

  /// What has to be said of more lines than these is taken as it was said.
  private static let mostWeighed = 64

  /// The lines of which it has to be said that they are left out: the others are in the answer, in another layout or
  /// joined with what the other side did, and a word too many must not make it worse.
  private static func needed(_ dropped: [DroppedLine], _ words: ChangedWords) -> [DroppedLine] {
    var needed = dropped.filter { words.laidOut($0.line, of: $0.side) == 0 }
    for side in [DroppedLine.Side.ours, .theirs] where needed.contains(where: { $0.side == side }) {
      let others = needed.filter { $0.side != side }
      if words.isCarried(side, besides: others) { needed = others }
    }
    guard needed.count <= mostWeighed else { return needed }
    for line in needed {
      let others = needed.filter { $0.side != line.side || $0.line != line.line }
      if words.isCarried(line.side, besides: others) { needed = others }
    }
    return needed
  }

  /// A line that both sides have and that the answer has not as often; whatever the ancestor had.
  private static func vanished(in answer: ConflictAnswer, from conflict: Conflict) -> [UInt8]? {
    var entries = LineLedger(conflict, result: answer.lines).entries
    entries.removeAll { !$0.hasWord || $0.result >= min($0.ours, $0.theirs) || $0.base == 0 }
    return entries.first.map { Array($0.line) }
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
