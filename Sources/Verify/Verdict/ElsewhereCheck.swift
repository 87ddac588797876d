internal import TestResults

/// Tells what a patch does only in the surroundings in which it was made.
package enum ElsewhereCheck {
  /// What a run in other surroundings shows against a patch that the usual runs do not.
  ///
  /// - Parameters:
  ///   - run: How the tests stood there with the patch.
  ///   - evidence: With the usual runs of the patch.
  /// - Returns: A line each; none where the usual runs already speak against the patch.
  package static func complaints(of run: TestStanding, in evidence: VerdictEvidence) -> [String] {
    let start = StartStanding(evidence)
    guard Comparison(of: evidence.unsealed, with: start).isClean else { return [] }
    return Comparison(of: [run], with: start).complaints.map(\.reason)
  }

  /// Whether all that is otherwise in other surroundings is so without the patch as well, so that it is nothing that the
  /// patch does.
  ///
  /// It is asked of each test by itself: one that cannot stand other names excuses no other. What was to be repaired is
  /// excused only by a control in which it is green as a rule.
  ///
  /// - Parameters:
  ///   - run: How they stood there with the patch.
  ///   - control: How they stood there without it.
  ///   - usual: How they stand without it otherwise.
  ///   - evidence: With the usual runs of the patch.
  /// - Returns: Whether each that is red or gone there with the patch is so without it.
  package static func isUsual(
    _ run: TestStanding, control: TestStanding, usual: TestStanding, in evidence: VerdictEvidence
  ) -> Bool {
    guard let patched = evidence.unsealed.first else { return false }
    let open = StartStanding(evidence).wanted.filter { !isGreen($0, in: run) }
    guard open.allSatisfy({ isGreen($0, in: usual) && !isGreen($0, in: control) }),
      run.red.subtracting(patched.red).isSubset(of: control.red.subtracting(usual.red)),
      patched.green.subtracting(run.green).isSubset(of: usual.green.subtracting(control.green))
    else { return false }
    return patched.executed - run.executed <= max(0, usual.executed - control.executed)
  }

  private static func isGreen(_ item: RedItem, in standing: TestStanding) -> Bool {
    if case .test(let test) = item { return standing.green.contains(test) && !standing.red.contains(item) }
    return !standing.red.contains(item)
  }
}
