internal import Base
internal import TestResults

extension Verdict {
  /// Says how a patch came out, by what was executed and by nothing else.
  ///
  /// The order is that of harm: what acts on the tests themselves comes before what fails, and what fails before what
  /// wavers. Where runs are missing it is never `fixed`.
  package static func decide(_ evidence: VerdictEvidence) -> Verdict {
    let verdict = decideByRuns(evidence)
    let reasons = wantsPerson(evidence)
    guard verdict.outcome == .fixed, !reasons.isEmpty else { return verdict }
    // What a person decides on is said once.
    return Verdict(
      outcome: .fixedWithTestChange, reasons: reasons, flags: verdict.flags.filter { !reasons.contains($0) })
  }

  private static func decideByRuns(_ evidence: VerdictEvidence) -> Verdict {
    let start = StartStanding(evidence)
    let flags = flags(of: evidence, start)
    let tampering = tampering(in: evidence)
    if !tampering.isEmpty { return Verdict(outcome: .tampered, reasons: tampering, flags: flags) }
    guard !evidence.start.isEmpty else {
      let fault = faults(evidence, "the tests were not run at the head")
      return Verdict(outcome: .infrastructure, reasons: fault, flags: flags)
    }
    if !evidence.brokenSetup.isEmpty {
      return Verdict(outcome: .notFixed, reasons: evidence.brokenSetup, flags: flags)
    }
    if start.steadyRed.isEmpty {
      let reason = start.flaky.sorted().map { "'\($0)' is red one time and green another without any change" }
      return Verdict(
        outcome: .flaky, reasons: reason.isEmpty ? ["nothing was red at the start"] : reason, flags: flags)
    }
    if evidence.split.whole.allSatisfy(\.isUnchanged) {
      return Verdict(outcome: .notFixed, reasons: ["the patch changes nothing"], flags: flags)
    }

    // Without anything left beside the edits to what is sealed, the tree is the one of the start.
    let unsealedRuns = evidence.split.unsealed.isEmpty ? evidence.start : evidence.unsealed
    let unsealed = Comparison(of: unsealedRuns, with: start)
    let isComplete =
      unsealedRuns.count >= evidence.rounds && evidence.start.count >= evidence.startRounds ?? evidence.rounds
    if !isComplete, unsealed.isClean {
      let fault = "\(unsealedRuns.count) of \(evidence.rounds) runs of the patch came to an end"
      return Verdict(outcome: .infrastructure, reasons: faults(evidence, fault), flags: flags)
    }
    if evidence.split.sealed.isEmpty {
      return judge(unsealed, evidence, flags: flags, fixes: unsealed.isClean)
    }
    return judgeWithSealedEdits(evidence, start, unsealed: unsealed, unsealedRuns: unsealedRuns, flags: flags)
  }

  /// The verdict of one comparison alone.
  private static func judge(
    _ comparison: Comparison, _ evidence: VerdictEvidence, flags: [String], fixes: Bool
  ) -> Verdict {
    let steady = comparison.steady
    let rounds = comparison.runs
    func reasons(_ first: [Comparison.Complaint]) -> [String] {
      let rest = comparison.complaints.filter { complaint in !first.contains { $0.reason == complaint.reason } }
      return (first + rest).map { $0.seen < rounds ? "\($0.reason) (\($0.seen) of \(rounds) runs)" : $0.reason }
    }
    let regressions = steady.filter { $0.kind == .regression }
    if !regressions.isEmpty {
      return Verdict(outcome: .regressed, reasons: reasons(regressions), flags: flags, unsealedPartFixes: fixes)
    }
    let red = steady.filter { $0.kind == .stillRed }
    if !red.isEmpty {
      return Verdict(outcome: .notFixed, reasons: reasons(red), flags: flags, unsealedPartFixes: fixes)
    }
    let wavering = comparison.wavering.filter { $0.kind != .doubt }
    if !wavering.isEmpty {
      return Verdict(outcome: .flaky, reasons: reasons(wavering), flags: flags, unsealedPartFixes: fixes)
    }
    if !comparison.isClean {
      return Verdict(outcome: .notFixed, reasons: reasons([]), flags: flags, unsealedPartFixes: fixes)
    }
    return Verdict(
      outcome: .fixed, reasons: ["what was red is green in \(rounds) of \(rounds) runs, and nothing else is worse"],
      flags: flags, unsealedPartFixes: true)
  }

  private static func judgeWithSealedEdits(
    _ evidence: VerdictEvidence, _ start: StartStanding, unsealed: Comparison, unsealedRuns: [TestStanding],
    flags: [String]
  ) -> Verdict {
    let edits = evidence.split.sealed.filter { !$0.addsOnly }
    let touched = edits.map { edit in
      "\(edit.path.display)\(edit.part.map { ", \($0)," } ?? "") is \(edit.kind.name): \(edit.summary)"
    }
    let fixes = unsealed.isClean
    guard !evidence.whole.isEmpty else {
      let fault = fixes ? "the tests that the patch adds or changes were not run" : nil
      if let fault {
        return Verdict(
          outcome: .infrastructure, reasons: faults(evidence, fault), flags: flags, unsealedPartFixes: fixes)
      }
      return judge(unsealed, evidence, flags: touched + flags, fixes: false)
    }
    let whole = Comparison(of: evidence.whole, with: start)
    if !whole.isClean {
      // With its own edits to the tests the tree is not good either.
      var verdict = judge(whole, evidence, flags: flags, fixes: fixes)
      verdict.reasons += touched
      return verdict
    }
    let fewer = lost(between: unsealedRuns, and: evidence.whole)
    if !fewer.isEmpty {
      return Verdict(outcome: .regressed, reasons: fewer + touched, flags: flags, unsealedPartFixes: fixes)
    }
    if fixes, edits.isEmpty {
      return judge(unsealed, evidence, flags: flags, fixes: true)
    }
    let why = fixes ? [] : unsealed.complaints.map { "without the change to what is sealed: \($0.reason)" }
    return Verdict(
      outcome: .fixedWithTestChange, reasons: touched + why, flags: flags, unsealedPartFixes: fixes)
  }

  /// Tests that ran without the edits to what is sealed, and do not with them.
  private static func lost(between unsealed: [TestStanding], and whole: [TestStanding]) -> [String] {
    guard let fewest = unsealed.map(\.executed).min(), let now = whole.map(\.executed).min() else { return [] }
    var reasons: [String] = []
    if now < fewest {
      let run = now == 1 ? "1 test runs" : "\(now) tests run"
      reasons.append("only \(run) with the changes to the tests, where \(fewest) do")
    }
    let green = unsealed.dropFirst().reduce(unsealed.first?.green ?? []) { $0.intersection($1.green) }
    for run in whole {
      let missing = green.subtracting(run.green)
      if missing.count > max(0, run.unnamedPassed - (unsealed.map(\.unnamedPassed).min() ?? 0)) {
        reasons += missing.sorted().map { "'\($0)' is green only without the changes to the tests" }
      }
    }
    return unique(reasons)
  }

  private static func faults(_ evidence: VerdictEvidence, _ otherwise: String) -> [String] {
    unique(evidence.faults + [otherwise])
  }

  /// How strong a suspicion must be to decide.
  ///
  /// What the patch makes the tests print is no reason to believe it: only what was run without it counts.
  private static func decidingStrength(_ evidence: VerdictEvidence) -> PatchSuspicion.Strength {
    if withoutPatch(evidence).contains(where: { $0.trust > .status }) || fails(toBuild: evidence) { return .strong }
    return .decidesStatus
  }

  private static func withoutPatch(_ evidence: VerdictEvidence) -> [TestStanding] {
    evidence.start + (evidence.base.map { [$0] } ?? [])
  }

  /// Whether what is to be repaired was not built, so that no result could be told.
  private static func fails(toBuild evidence: VerdictEvidence) -> Bool {
    evidence.start.first?.red.contains(where: \.isBuild) ?? false
  }

  /// Why a person has to look before a patch that the runs speak for may be called a repair.
  private static func wantsPerson(_ evidence: VerdictEvidence) -> [String] {
    let known = withoutPatch(evidence)
    let hasResults = known.contains { $0.trust > .status }
    var reasons = evidence.suspicions.filter { suspicion in
      suspicion.strength == .wantsPerson || suspicion.strength == .decidesStatus && !hasResults
    }.map(\.description)
    reasons += evidence.hardCoded.map(\.description)
    reasons += evidence.toothless
    reasons += evidence.elsewhere
    if !hasResults, let unshown = evidence.unshown {
      // With neither a name nor a word of what failed, a status that changes may mean anything.
      reasons += evidence.start.reduce(into: Set()) { $0.formUnion($1.red) }.intersection(unshown).sorted()
        .filter { !$0.isTest && !$0.isBuild }
        .map { "\($0) tells nothing but its status, and no other expectation made it fail with the patch" }
    }
    reasons += evidence.choosesPackages ? otherRunners(evidence) : []
    if let base = evidence.base, base.isGreen, !hasResults, !evidence.unsealed.isEmpty,
      evidence.unsealed.allSatisfy({ $0.trust > .status })
    {
      reasons.append("the tests tell nothing but a status at the head and at the base, and more with the patch")
    }
    return unique(reasons)
  }

  private static func otherRunners(_ evidence: VerdictEvidence) -> [String] {
    let (before, after) = (evidence.runnersBefore, evidence.runnersAfter ?? evidence.runnersBefore)
    return Set(before.keys).union(after.keys).sorted().filter { before[$0] != after[$0] }.map { path in
      "\(DisplayText.escaping(Array(path.utf8))), which runs the tests, was changed"
    }
  }

  /// What shows that the patch acts on the tests, their runner or its words.
  private static func tampering(in evidence: VerdictEvidence) -> [String] {
    var reasons: [String] = []
    if !evidence.choosesPackages { reasons += otherRunners(evidence) }
    reasons += evidence.runnerChanges
    let deciding = decidingStrength(evidence)
    reasons += evidence.suspicions.filter { $0.strength >= deciding }.map(\.description)
    reasons += evidence.changedBack.sorted().map { "\($0.display) is sealed, and was changed and changed back" }
    reasons += forgeries(in: evidence)
    if !gainsNothing(evidence) { reasons += rewritten(in: evidence) }
    return unique(reasons)
  }

  /// Sealed files that the commands change with the patch, and do not without it.
  private static func rewritten(in evidence: VerdictEvidence) -> [String] {
    evidence.patchChanged.subtracting(evidence.startChanged).intersection(evidence.isSealed).sorted()
      .map { "\($0.display) is sealed, and running the tests with the patch changes it" }
  }

  /// Whether each run of the patch is red by itself, so that nothing was gained by what running the tests wrote: test
  /// commands that write what they then compare do the same with an honest patch that is wrong.
  private static func gainsNothing(_ evidence: VerdictEvidence) -> Bool {
    let start = StartStanding(evidence)
    let usual = start.steadyRed.subtracting(start.wanted).union(start.flaky).union(start.redAtBase)
    let runs = evidence.unsealed + evidence.whole
    return !runs.isEmpty && runs.allSatisfy { !$0.red.isSubset(of: usual) }
  }

  /// Doubts, new with the patch and there each time, that only forged output or a forced status raises.
  private static func forgeries(in evidence: VerdictEvidence) -> [String] {
    let known = Set(withoutPatch(evidence).flatMap { $0.doubts.map(StartStanding.withoutNumbers) })
    let first = evidence.unsealed.first?.doubts ?? []
    return first.filter { doubt in
      let isForged =
        doubt == TestDoubt.succeededWithRed.description || doubt.hasPrefix("a line says that '")
        || doubt.hasPrefix("lines in the form of ")
      return isForged && !known.contains(StartStanding.withoutNumbers(doubt))
        && evidence.unsealed.allSatisfy { $0.doubts.contains(doubt) }
    }
  }

  private static func flags(of evidence: VerdictEvidence, _ start: StartStanding) -> [String] {
    var flags = evidence.hardCoded.map(\.description)
    let deciding = decidingStrength(evidence)
    flags += evidence.suspicions.filter { $0.strength < deciding }.map(\.description)
    flags += start.flaky.sorted().map { "'\($0)' was red one time and not another before the patch" }
    let others = start.steadyRed.subtracting(start.wanted)
    flags += others.sorted().map { "'\($0)' was red before and was not to be repaired" }
    let uncovered = evidence.unsealed.reduce(into: Set<RedItem>()) { $0.formUnion($1.red) }
    flags += uncovered.intersection(start.redAtBase).subtracting(start.steadyRed).sorted().map {
      "'\($0)' is red as at the base, and could not be seen before the patch"
    }
    flags += evidence.usualElsewhere
    if gainsNothing(evidence) { flags += rewritten(in: evidence) }
    flags += evidence.split.sealed.filter(\.addsOnly).map { "\($0.path.display): \($0.summary)" }
    return unique(flags)
  }

  private static func unique(_ lines: [String]) -> [String] {
    var seen: Set<String> = []
    return lines.filter { seen.insert($0).inserted }
  }
}
