internal import Base

extension VerdictEvidence {
  /// Holds what runs the tests after `setup` on a patched tree against what does at the head.
  ///
  /// Only what is there to run tests counts: programs by the names of runners and interpreters among what is installed,
  /// what these load by themselves, and where the shell finds the words of the commands. What `setup` builds of the tree
  /// itself, and the programs of other packages, may rightly differ.
  ///
  /// - Parameters:
  ///   - head: What decides in each execution of the head, see ``RunnerSeal/deciding``; what differs among them is left
  ///     out.
  ///   - patched: What was found with the patch, without its edits to what is sealed.
  ///   - setup: The commands of `setup`.
  package mutating func compareRunners(head: [[String: String]], patched: [String: String], setup: [String]) {
    guard let first = head.first else { return }
    let unsteady = head.dropFirst().reduce(into: Set<String>()) { found, other in
      for key in Set(other.keys).union(first.keys) where other[key] != first[key] { found.insert(key) }
    }
    runnersBefore = first.filter { !unsteady.contains($0.key) }
    // A change that one execution shows is not hidden by the next.
    if let known = runnersAfter, known != runnersBefore { return }
    runnersAfter = patched.filter { !unsteady.contains($0.key) }
    let plan = SetupPlan(setup)
    choosesPackages = split.unsealed.contains { plan.reads($0.path) }
  }
}

extension RunnerSeal {
  /// What of it decides what runs the tests, and is the same each time that the same packages are installed: the
  /// contents by path, and the places by the words of the commands.
  package var deciding: [String: String] {
    let commands = Set(programs.values)
    var found = files.filter { path, _ in
      guard Self.isInstalled(path) else { return false }
      let name = path.split(separator: "/").last.map(String.init) ?? path
      return Self.isRunner(name) || commands.contains { $0 == path || path.hasSuffix("/" + $0) }
    }
    for (word, place) in programs where !word.contains("/") || Self.isInstalled("/workspace/" + word) {
      found["'\(word)' as the shell finds it"] = place
    }
    return found
  }

  private static func isInstalled(_ path: String) -> Bool {
    let parts = path.split(separator: "/")
    let isOutside = parts.first != "workspace"
    return isOutside || parts.contains { [".venv", "venv", "env", "node_modules"].contains($0) }
      || path.contains("/vendor/bin/")
  }

  private static func isRunner(_ name: String) -> Bool {
    if ["sitecustomize.py", "usercustomize.py"].contains(name) || PathRules.programs.contains(name) { return true }
    // `python3.11`
    return PathRules.programs.contains(String(name.prefix { $0.isLetter || $0 == "+" || $0 == "_" }))
      && name.contains { $0.isNumber } && !name.contains("_")
  }
}
