internal import Base
internal import JSON

/// Reads the JSON reports of Jest and Vitest, of mocha and of RSpec, as files.
enum JSONReportReader {
  /// The run in the document; `nil` where it is none of these reports.
  static func read(_ file: ReportFile) -> TestRun? {
    guard let document = try? JSONSlice(file.bytes), document.kind == .object else { return nil }
    if document["testResults"]?.kind == .array, let total = document["numTotalTests"]?.integer {
      return jest(document, total).finished(file: file.path)
    }
    if document["examples"]?.kind == .array, let summary = document["summary"] {
      return rspec(document, summary).finished(file: file.path)
    }
    if let stats = document["stats"], document["failures"]?.kind == .array, document["tests"]?.kind == .array {
      return mocha(document, stats).finished(file: file.path)
    }
    return nil
  }

  private static func name(_ slice: JSONSlice?) -> String { Array((slice?.string ?? "").utf8)[...].name }

  private static func explain(_ run: inout RunBuilder, _ identity: TestIdentity, _ text: String?) {
    guard let text else { return }
    LogText.forEachLine(Array(text.utf8) + [10]) { line, _ in run.explain(identity, line) }
  }

  private static func jest(_ document: JSONSlice, _ total: Int) -> RunBuilder {
    var run = RunBuilder(.jest, trust: .file)
    for file in document["testResults"]?.elements ?? [] {
      let path = name(file["name"])
      let tests = file["assertionResults"]?.elements ?? []
      for test in tests {
        let identity = TestIdentity(
          suite: [path] + (test["ancestorTitles"]?.elements ?? []).map { name($0) }, name: name(test["title"]))
        let outcome: TestOutcome =
          switch test["status"]?.string ?? "" {
          case "passed": .passed
          case "failed": .failed
          case "pending", "skipped", "todo", "disabled": .skipped
          default: .errored
          }
        // Where a test was tried again, the number of tries stands beside it.
        let tries = test["invocations"]?.integer ?? 1
        run.record(
          identity, outcome, duration: test["duration"]?.number.flatMap { DurationText.duration($0 / 1000) })
        if tries > 1, outcome == .passed { run.retried(identity, after: [.failed]) }
        for message in test["failureMessages"]?.elements ?? [] { explain(&run, identity, message.string) }
      }
      if file["status"]?.string == "failed", tests.isEmpty {
        let identity = TestIdentity(suite: [path], name: "(file)")
        run.record(identity, .errored)
        explain(&run, identity, file["message"]?.string)
      }
    }
    let files = run.files
    run.claimed = TestCounts(
      total: total + files, passed: document["numPassedTests"]?.integer,
      failed: document["numFailedTests"]?.integer.map { $0 + files })
    run.ending = document["wasInterrupted"]?.bool == true ? .stopped("it was interrupted") : .complete
    return run
  }

  private static func rspec(_ document: JSONSlice, _ summary: JSONSlice) -> RunBuilder {
    var run = RunBuilder(.rspec, trust: .file)
    for example in document["examples"]?.elements ?? [] {
      let identity = TestIdentity(
        suite: [name(example["file_path"])],
        name: name(example["full_description"]))
      let outcome: TestOutcome =
        switch example["status"]?.string ?? "" {
        case "passed": .passed
        case "pending": .skipped
        default: .failed
        }
      run.record(identity, outcome, duration: example["run_time"]?.number.flatMap(DurationText.duration))
      guard let exception = example["exception"], exception.kind == .object else { continue }
      explain(&run, identity, exception["class"]?.string)
      explain(&run, identity, exception["message"]?.string)
      let frames = (exception["backtrace"]?.elements ?? []).compactMap(\.string)
      let own = frames.filter { !isRubys($0) }
      for line in own.isEmpty ? frames : own { explain(&run, identity, line) }
    }
    run.claimed = TestCounts(
      total: summary["example_count"]?.integer, failed: summary["failure_count"]?.integer,
      skipped: summary["pending_count"]?.integer)
    let outside = summary["errors_outside_of_examples_count"]?.integer ?? 0
    run.ending = outside > 0 ? .stopped("an error outside of examples") : .complete
    return run
  }

  /// Whether a frame is of Ruby or of a gem, which RSpec leaves out of what it prints for people.
  private static func isRubys(_ frame: String) -> Bool {
    ["/gems/", "/lib/ruby/", "/rubygems", "<internal:", "/bin/rspec:", "/exe/rspec:", "/bin/bundle:"]
      .contains { frame.contains($0) }
  }

  private static func mocha(_ document: JSONSlice, _ stats: JSONSlice) -> RunBuilder {
    var run = RunBuilder(.mocha, trust: .file)
    for (list, outcome) in [("passes", TestOutcome.passed), ("pending", .skipped), ("failures", .failed)] {
      for test in document[list]?.elements ?? [] {
        let title = name(test["title"])
        let full = name(test["fullTitle"])
        // The groups are known only as the words before the title.
        let group = full.hasSuffix(" " + title) ? String(full.dropLast(title.count + 1)) : ""
        let identity = TestIdentity(suite: group.isEmpty ? [] : [group], name: title)
        run.record(
          identity, outcome, duration: test["duration"]?.number.flatMap { DurationText.duration($0 / 1000) })
        if outcome == .failed {
          explain(&run, identity, test["err"]?["stack"]?.string ?? test["err"]?["message"]?.string)
        }
      }
    }
    run.claimed = TestCounts(
      passed: stats["passes"]?.integer, failed: stats["failures"]?.integer, skipped: stats["pending"]?.integer)
    run.ending = .complete
    return run
  }
}
