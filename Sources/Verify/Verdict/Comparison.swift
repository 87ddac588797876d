internal import TestResults

/// What one tree's executions show beside how the tests stood at the start.
struct Comparison {
  /// Something that speaks against the patch, and in how many of the executions it was seen.
  struct Complaint {
    enum Kind: Int, Comparable {
      /// What was green is red, gone, skipped or marked.
      case regression
      /// What was to be repaired is not green.
      case stillRed
      /// The result cannot be believed as far as at the start.
      case doubt

      static func < (left: Kind, right: Kind) -> Bool { left.rawValue < right.rawValue }
    }

    var kind: Kind
    var reason: String
    var seen: Int
  }

  /// In the order in which a person should read them.
  private(set) var complaints: [Complaint] = []
  let runs: Int

  /// Nothing speaks against the patch.
  var isClean: Bool { complaints.isEmpty }

  /// Complaints that not every execution shows.
  var wavering: [Complaint] { complaints.filter { $0.seen < runs } }
  var steady: [Complaint] { complaints.filter { $0.seen == runs } }

  init(of runs: [TestStanding], with start: StartStanding) {
    self.runs = runs.count
    var order: [String] = []
    var found: [String: Complaint] = [:]
    for run in runs {
      for (kind, reason) in Self.complaints(of: run, with: start) {
        if found[reason] == nil { order.append(reason) }
        found[reason, default: Complaint(kind: kind, reason: reason, seen: 0)].seen += 1
      }
    }
    complaints = order.compactMap { found[$0] }
    // Sorting is not stable by itself; the order in which they were found is.
    complaints = complaints.enumerated().sorted { left, right in
      (left.element.kind, left.offset) < (right.element.kind, right.offset)
    }.map(\.element)
  }

  private static func complaints(
    of run: TestStanding, with start: StartStanding
  ) -> [(Complaint.Kind, String)] {
    var result: [(Complaint.Kind, String)] = []
    result += newRed(in: run, start)
    result += lost(in: run, start)
    result += unrepaired(in: run, start)
    if run.executed < start.executed {
      let ran = "\(run.executed) \(run.executed == 1 ? "test" : "tests") ran"
      result.append((.regression, "only \(ran), where \(start.executed) did"))
    }
    if run.unnamedSkipped > start.unnamedSkipped {
      let more = run.unnamedSkipped - start.unnamedSkipped
      result.append((.regression, "\(more) more \(more == 1 ? "test is" : "tests are") skipped"))
    }
    for test in run.retried.subtracting(start.retried).sorted() {
      result.append((.doubt, "'\(test)' passed only when its runner tried it again"))
    }
    if run.trust < start.trust {
      result.append((.doubt, "the results are told in a less trustworthy way than at the start"))
    }
    for doubt in run.doubts where !start.doubts.contains(StartStanding.withoutNumbers(doubt)) {
      result.append((.doubt, doubt))
    }
    return result
  }

  private static func newRed(in run: TestStanding, _ start: StartStanding) -> [(Complaint.Kind, String)] {
    // What could not be loaded may hold tests that are red without the branch, too.
    let allowed = start.steadyRed.union(start.flaky).union(start.redAtBase)
    return run.red.subtracting(allowed).sorted().map { item in
      switch item {
      case .test(let test) where start.steadyGreen.contains(test):
        (.regression, "'\(test)' was green and is red")
      case .test(let test) where !start.ran:
        (.stillRed, "'\(test)' is red now that the tests run")
      case .test(let test):
        (.regression, "'\(test)' is red and was not")
      case .build, .command:
        (start.ran ? .regression : .stillRed, "\(item) fails")
      }
    }
  }

  /// What was green and is neither green nor red.
  private static func lost(in run: TestStanding, _ start: StartStanding) -> [(Complaint.Kind, String)] {
    var result: [(Complaint.Kind, String)] = []
    let red = Set(run.red.compactMap { if case .test(let test) = $0 { test } else { nil } })
    let missing = start.steadyGreen.subtracting(run.green).subtracting(red)
    var gone: [TestIdentity] = []
    for test in missing.sorted() {
      if run.skipped.contains(test) {
        result.append((.regression, "'\(test)' was green and is skipped"))
      } else if run.knownToFail.contains(test) {
        result.append((.regression, "'\(test)' was green and is marked as known to fail"))
      } else {
        gone.append(test)
      }
    }
    // A runner that names only what fails may count the others; then the numbers tell.
    if gone.count > max(0, run.unnamedPassed - start.unnamedPassed) {
      result += gone.map { (.regression, "'\($0)' was green and is gone") }
    }
    // What is newly left out, and was never seen green: after a build that failed, for one.
    for test in run.skipped.subtracting(start.skipped).subtracting(start.steadyGreen).sorted()
    where !start.wanted.contains(.test(test)) {
      result.append((.regression, "'\(test)' is skipped and was not"))
    }
    for test in run.knownToFail.subtracting(start.knownToFail).subtracting(start.steadyGreen).sorted()
    where !start.wanted.contains(.test(test)) {
      result.append((.regression, "'\(test)' is marked as known to fail and was not"))
    }
    return result
  }

  private static func unrepaired(in run: TestStanding, _ start: StartStanding) -> [(Complaint.Kind, String)] {
    var result: [(Complaint.Kind, String)] = []
    var unnamed: [TestIdentity] = []
    let loads = LoadFailure(in: run, executedBefore: start.executed, namedBefore: start.named)
    for item in start.wanted.sorted() {
      if run.red.contains(item) {
        result.append((.stillRed, item.isTest ? "'\(item)' is still red" : "\(item) still fails"))
        continue
      }
      guard case .test(let test) = item, !run.green.contains(test), !loads.hasGivenWay(test) else { continue }
      if run.skipped.contains(test) {
        result.append((.stillRed, "'\(test)' is skipped, which repairs nothing"))
      } else if run.knownToFail.contains(test) {
        result.append((.stillRed, "'\(test)' is marked as known to fail, which repairs nothing"))
      } else {
        unnamed.append(test)
      }
    }
    if !unnamed.isEmpty, run.unnamedPassed < start.unnamedPassed + unnamed.count {
      result += unnamed.map { (.stillRed, "'\($0)' was red and is gone") }
    }
    result += unseenBuilds(in: run, start)
    if !start.ran, run.isGreen, run.trust > .status, run.executed == 0 {
      result.append((.stillRed, "nothing is red, and not one test ran"))
    }
    return result
  }

  /// Units that failed to be built, hold tests, and are no longer among those of which the runner tells.
  private static func unseenBuilds(in run: TestStanding, _ start: StartStanding) -> [(Complaint.Kind, String)] {
    let seen = Set(run.named.compactMap(\.suite.first))
    return start.wanted.subtracting(run.red).sorted().compactMap { item in
      guard case .build(let unit) = item, !seen.contains(unit),
        let directory = start.testDirectories.first(where: { unit.hasSuffix("/" + $0) })
      else { return nil }
      // Only where the runner calls its other units in the same way.
      let root = unit.dropLast(directory.count)
      guard run.green.contains(where: { $0.suite.first?.hasPrefix(root) ?? false }) else { return nil }
      return (.stillRed, "\(item) no longer fails, and none of its tests ran")
    }
  }
}
