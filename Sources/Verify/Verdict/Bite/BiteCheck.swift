package import Base
internal import TestResults

/// Whether tests that a patch turned green still can fail: each is told to expect something else, and has to be red.
///
/// A patch that repairs leaves the assertion its force. A patch that replaces what asserts, runs or reports passes
/// whatever is expected; no list of words has to know how it does that.
package struct BiteCheck: Sendable {
  /// One other expectation.
  package struct Trial: Sendable, Hashable {
    package let item: RedItem
    let literal: ExpectedLiteral
    let new: String

    /// What stands where, for a person.
    package var description: String {
      "\(new) in place of \(literal.text) (\(literal.path.display), line \(literal.line + 1))"
    }
  }

  private struct Subject: Sendable {
    let item: RedItem
    var trials: [Trial]
    /// How many of them have to be red: what compares a part of a text only may see the first, and of what nobody has
    /// spoken of it is not known which one is expected.
    let enough: Int
    var next = 0
    /// How often it was red with another expectation.
    var reds = 0
    /// Green with another expectation.
    var passed: [Trial] = []

    /// Nothing was said of the failure, so it is not known of any literal that it is expected.
    var isSilent = false

    /// At least two values that differ have to pass: one may be as right as what was expected.
    var isToothless: Bool { !isSilent && reds == 0 && next >= trials.count && passed.count >= 2 }
  }

  private var subjects: [Subject]

  /// The most failures that are looked at, and how many trees are tested at most.
  private static let most = 20
  package static let rounds = 12
  /// How many failures are looked at of which nothing is said, and how many expectations are tried for each.
  private static let mostSilent = 4
  private static let silentRounds = 6

  /// - Parameters:
  ///   - failures: What was red before the patch and is green with it.
  ///   - paths: All files of the tree.
  ///   - seals: What is sealed in it.
  ///   - read: The bytes of a file; `nil` where there is none, or it is too large.
  package init(
    of failures: [RedFailure], paths: [RepositoryPath], seals: Seals, read: (RepositoryPath) -> [UInt8]?
  ) {
    subjects = withoutActuallyEscaping(read) { read in
      let search = ExpectationSearch(seals: seals, paths: paths, read: read)
      var silent = 0
      return failures.prefix(Self.most).map { failure in
        // A text first: with a number beside it the number is often a status.
        let said = search.literals(of: failure)
        var literals = said.filter { $0.literal.kind == .text } + said.filter { $0.literal.kind == .number }
        let isSilent = said.isEmpty && !search.speaks(failure)
        if isSilent, silent < Self.mostSilent {
          silent += 1
          literals = search.candidates(for: failure)
        }
        let others = literals.map(\.others)
        // Each literal once before any of them a second time.
        let trials = (0..<(others.map(\.count).max() ?? 0)).flatMap { round in
          zip(literals, others).compactMap { literal, others in
            round < others.count ? Trial(item: failure.item, literal: literal, new: others[round]) : nil
          }
        }
        // Of a test with a name more is known than that something failed.
        let most = !isSilent ? .max : failure.item.isTest ? Self.silentRounds / 2 : Self.silentRounds
        return Subject(
          item: failure.item, trials: Array(trials.prefix(most)),
          enough: isSilent || literals.contains(where: \.isPart) ? 2 : 1, isSilent: isSilent)
      }
    }
  }

  /// The next other expectations that can stand in one tree together; none where everything is known.
  package func next() -> [Trial] {
    Self.together(
      subjects.filter { $0.reds < $0.enough && $0.next < $0.trials.count }.map { $0.trials[$0.next] })
  }

  /// Those of them that can stand in one tree: one for each failure, and one literal of a line.
  static func together(_ all: [Trial]) -> [Trial] {
    var trials: [Trial] = []
    for trial in all {
      let clashes = trials.contains { other in
        other.item == trial.item
          || other.literal.path == trial.literal.path && other.literal.line == trial.literal.line
            && (other.literal != trial.literal || other.new != trial.new)
      }
      // A command tells of one expectation at a time.
      if !clashes, trials.isEmpty || trial.item.isTest && trials.allSatisfy(\.item.isTest) { trials.append(trial) }
    }
    return trials
  }

  /// Takes in how the tests stood with these expectations.
  ///
  /// - Parameters:
  ///   - trials: What ``next()`` gave.
  ///   - written: Those of them that could be written.
  ///   - standing: How the tests stood with them.
  package mutating func note(_ trials: [Trial], written: [Trial], _ standing: TestStanding) {
    let named = standing.named
    let isBroken = !standing.red.allSatisfy(\.isTest)
    for index in subjects.indices {
      let subject = subjects[index]
      guard subject.next < subject.trials.count, trials.contains(subject.trials[subject.next]) else { continue }
      let trial = subject.trials[subject.next]
      subjects[index].next += 1
      guard written.contains(trial) else { continue }
      switch trial.item {
      case .test(let identity):
        if standing.red.contains(trial.item) {
          subjects[index].reds += 1
        } else if !isBroken, standing.green.contains(identity) || !named.contains(identity) {
          subjects[index].passed.append(trial)
        }
      case .command where standing.red.contains(where: \.isBuild):
        // It was not built, so nothing was compared.
        break
      case .build, .command:
        if standing.red.isEmpty {
          subjects[index].passed.append(trial)
        } else {
          subjects[index].reds += 1
        }
      }
    }
  }

  /// What passes with another expectation, in the order in which it was tried.
  ///
  /// It is not known yet whether it should: the value may be as right as the one that was expected, or be no expectation
  /// at all.
  package var doubtful: [Trial] { subjects.filter { !$0.isToothless }.flatMap(\.passed) }

  /// What no other expectation has turned red.
  package var unshown: Set<RedItem> { Set(subjects.filter { $0.reds == 0 }.map(\.item)) }

  /// What passes whatever it expects, each with the value that differs most from the one that was expected.
  package var toothless: [Trial] {
    subjects.filter(\.isToothless).compactMap { subject in
      subject.passed.max { $0.new.count < $1.new.count }
    }
  }

  /// The files with other expectations in them, and which of these could be written.
  ///
  /// - Parameters:
  ///   - trials: What ``next()`` gave.
  ///   - read: A file of the tree that they are written into.
  /// - Returns: The files that change; an expectation whose line is not there any more is not written.
  package static func files(
    _ trials: [Trial], read: (RepositoryPath) -> PatchedFile.Side?
  ) -> (files: [PatchedFile], written: [Trial]) {
    var files: [PatchedFile] = []
    var written: [Trial] = []
    for (path, trials) in Dictionary(grouping: trials, by: \.literal.path).sorted(by: { $0.key < $1.key }) {
      guard let old = read(path) else { continue }
      var lines = old.content.split(separator: 10, omittingEmptySubsequences: false).map(Array.init)
      var changed: [Int: Trial] = [:]
      for trial in trials {
        guard let line = place(of: trial.literal, in: lines, changed) else { continue }
        if let other = changed[line] {
          if other.literal == trial.literal, other.new == trial.new { written.append(trial) }
          continue
        }
        var characters = Array(String(decoding: lines[line], as: UTF8.self))
        characters.replaceSubrange(trial.literal.start..<trial.literal.end, with: Array(trial.new))
        lines[line] = Array(String(characters).utf8)
        changed[line] = trial
        written.append(trial)
      }
      if changed.isEmpty { continue }
      let content = Array(lines.joined(separator: [10]))
      files.append(PatchedFile(path: path, old: old, new: PatchedFile.Side(mode: old.mode, content: content)))
    }
    return (files, written)
  }

  /// The line that a literal stands in: where it was, or the only one that is the same.
  private static func place(of literal: ExpectedLiteral, in lines: [[UInt8]], _ changed: [Int: Trial]) -> Int? {
    if let trial = changed[literal.line], trial.literal == literal { return literal.line }
    func isSame(_ line: [UInt8]) -> Bool {
      String(decoding: line.last == 13 ? line.dropLast() : line[...], as: UTF8.self) == literal.whole
    }
    if literal.line < lines.count, isSame(lines[literal.line]) { return literal.line }
    let same = lines.indices.filter { isSame(lines[$0]) }
    return same.count == 1 ? same[0] : nil
  }

  /// Whether a failure speaks of the other value, as it does where that is what the assertion compares with.
  package static func speaks(_ message: [UInt8], of trial: Trial, before: [UInt8]) -> Bool {
    let value = trial.new.filter { !"\"'`()".contains($0) }
    guard !value.isEmpty else { return false }
    return String(decoding: message, as: UTF8.self).contains(value)
      && !String(decoding: before, as: UTF8.self).contains(value)
  }
}
