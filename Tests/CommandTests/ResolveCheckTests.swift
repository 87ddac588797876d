import Foundation
import TestSupport
import Testing

/// What `arborist resolve --check` says of tests that it runs on a merge, on a terminal and in a pipe.
@Suite("A check of a merge")
struct ResolveCheckTests {
  /// Two sides that git merges clean.
  private static func clean() throws -> MergeSetting {
    try MergeSetting(
      base: [.write("calc.py", FixSetting.good), .write("test_calc.py", FixSetting.check)],
      ours: [.write("ours.py", "ours = 1\n")], theirs: [.write("theirs.py", "theirs = 1\n")])
  }

  /// Two sides that git merges clean, and that break each other.
  private static func breaking() throws -> MergeSetting {
    try MergeSetting(
      base: [.write("calc.py", FixSetting.good), .write("test_calc.py", FixSetting.check)],
      ours: SemanticConflict.ours, theirs: SemanticConflict.theirs)
  }

  /// Runs a line of words with a terminal as its output and its standard error.
  private static let onTerminal = [
    "python3", "-c", "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))",
  ]

  @Test("tells on a terminal which side is being tested, and nothing of it in a pipe")
  func progress() async throws {
    let setting = try Self.breaking()
    let words = ["resolve", "--branch", "feature", "--no-model", "--check", FixSetting.command]
    let (path, home) = (setting.repository.path, setting.home.path)
    let shown = try await offPool {
      try Command.run(
        Self.onTerminal + [Arborist.program()] + words, in: path,
        adding: ["HOME": home, "ARBORIST_DATABASE": "", "XDG_STATE_HOME": "", "XDG_CONFIG_HOME": "", "TERM": "xterm"])
    }
    #expect(shown.status == 1, "\(shown.text)")
    let lines = shown.text.components(separatedBy: "\r\u{1B}[K")
    let steps = [
      "arborist: checking the branch out", "arborist: the merge: running the tests",
      "arborist: feature: running the tests (the merge: 1 red, ", "arborist: main: running the tests (the merge: 1 red",
      "arborist: the merge, run 2: running the tests (", "arborist: the merge, run 3: running the tests (",
    ]
    let places = steps.map { step in lines.firstIndex { $0.hasPrefix(String(step.prefix(79))) } }
    let order = places.compactMap(\.self)
    #expect(order.count == steps.count && order == order.sorted(), "\(lines)")
    let piped = try await setting.run(words)
    #expect(piped.status == 1 && !piped.errorText.contains("running the tests"), "\(piped.errorText)")
    #expect(!piped.errorText.contains("\u{1B}") && piped.errorText.contains(": resolve of feature"))
  }

  @Test("calls a merge whose tests fail alone what it is, in each place")
  func semantic() async throws {
    let setting = try Self.breaking()
    let result = try await setting.resolve("--check", FixSetting.command, "--no-model", "--format", "json")
    let document = try setting.document(result)
    #expect(result.status == 1 && document["outcome"] as? String == "semantic_conflict")
    #expect((document["reason"] as? String)?.contains("its tests fail, as they do on neither side (a semantic") == true)
    #expect(result.errorText.contains(": semantic_conflict: ") && !result.errorText.contains(": conflicts: "))
    #expect(try await setting.run(["runs"]).text.contains("  semantic_conflict  "))
    // The control: a conflict is one.
    let other = try MergeSetting(
      base: [.write("a", "1\n")], ours: [.write("a", "2\n")], theirs: [.write("a", "3\n")])
    let left = try await other.resolve("--check", "true", "--no-model")
    #expect(left.status == 1 && left.errorText.contains(": conflicts: "), "\(left.errorText)")
  }

  @Test("says that it could not be run, and where, and calls nothing verified")
  func missing() async throws {
    let setting = try Self.clean()
    let none = try await setting.resolve("--check", "nosuchcommand", "--no-model", "--format", "json")
    let document = try setting.document(none)
    #expect(none.status == 4 && document["outcome"] as? String == "clean", "\(none.text)")
    #expect(document["verified"] as? Bool == false)
    let text = try await setting.resolve("--check", "nosuchcommand", "--no-model").text
    #expect(
      text.contains("could not be run, so nothing is verified: on the merge, the program 'nosuchcommand' is not there"),
      "\(text)")
    #expect(try await setting.run(["runs", "--limit", "1"]).text.contains("the tests could not be run"))
    // What only the base has is missing at the branch.
    let script = try MergeSetting(
      base: [.write("a", "1\n")], ours: [.write("b", "2\n")], theirs: [.write("check", "#!/bin/sh\n", mode: "100755")])
    let half = try await script.resolve("--check", "./check", "--no-model")
    #expect(half.status == 4 && half.text.contains("on feature, './check' is not there"), "\(half.text)")
  }

  @Test("says what it saw of a merge that git makes clean")
  func verified() async throws {
    let setting = try Self.clean()
    let result = try await setting.resolve("--check", FixSetting.command, "--no-model")
    #expect(result.status == 0 && result.text.contains("there is nothing to do. 2 tests ran on the merged tree"))
    let unchecked = try await setting.resolve("--no-model")
    #expect(unchecked.status == 0 && unchecked.text.hasSuffix("there is nothing to do."), "\(unchecked.text)")
  }
}
