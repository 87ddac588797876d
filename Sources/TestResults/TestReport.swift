/// Which test is meant, by what its runner calls it.
///
/// It is the same in two runs of the same suite that are read from the same kind of output: nothing in it depends on
/// the order, the time or the process. Parameters are a part of the name, as the runner writes them.
package struct TestIdentity: Sendable, Hashable, Codable, Comparable, CustomStringConvertible {
  /// Where the test belongs, the widest first: package, file, class, group.
  package var suite: [String]
  /// The test's own name with its parameters.
  package var name: String

  package init(suite: [String], name: String) {
    self.suite = suite
    self.name = name
  }

  package var description: String { (suite + [name]).joined(separator: " > ") }

  package static func < (left: TestIdentity, right: TestIdentity) -> Bool {
    if left.suite == right.suite { return left.name < right.name }
    return left.suite.lexicographicallyPrecedes(right.suite)
  }
}

/// How a test ended, by its runner's own word.
package enum TestOutcome: String, Sendable, Hashable, CaseIterable {
  case passed
  /// An assertion did not hold, or a success was not expected and the runner counts that as a failure.
  case failed
  /// The test could not do its work: an error in it, in what sets it up, or a time limit.
  case errored
  /// It did not run, on purpose.
  case skipped
  /// It failed, and was marked as known to fail.
  case expectedFailure
  /// It passed though it was marked as known to fail, and the runner lets that pass.
  case unexpectedSuccess
  /// It began, and nothing says how it ended: the process died, was stopped, or the output was cut.
  case unfinished

  /// Whether the test makes its suite red.
  package var isRed: Bool { self == .failed || self == .errored || self == .unfinished }

  /// How bad it is; where one identity has several outcomes, the worst one counts.
  var severity: Int {
    switch self {
    case .passed: 0
    case .skipped: 1
    case .expectedFailure: 2
    case .unexpectedSuccess: 3
    case .unfinished: 4
    case .failed: 5
    case .errored: 6
    }
  }
}

/// A place in a file that a failure names.
package struct TestFrame: Sendable, Hashable {
  /// As the runner writes it: absolute, or relative to a directory that only the runner knows.
  package var path: [UInt8]
  /// Counted from one.
  package var line: Int

  package init(path: [UInt8], line: Int) {
    self.path = path
    self.line = line
  }
}

/// What is known of one test.
package struct TestResult: Sendable, Hashable {
  package var identity: TestIdentity
  package var outcome: TestOutcome
  /// As the runner measured it; `nil` where it does not say.
  package var duration: Duration?
  /// What the runner says about a test that did not pass, without colours; at most 32 KiB of it.
  package var message: [UInt8]
  /// The places that the message names, in their order.
  package var frames: [TestFrame]
  /// Each ending that was read, in order; more than one where a test was repeated or two tests have one identity.
  package var attempts: [TestOutcome]
  /// Whether the runner itself ran the test again after a failure.
  package var wasRetried: Bool

  package init(identity: TestIdentity, outcome: TestOutcome) {
    self.identity = identity
    self.outcome = outcome
    duration = nil
    message = []
    frames = []
    attempts = []
    wasRetried = false
  }

  /// Takes in what another run told of the same test; the worst outcome counts.
  fileprivate mutating func merge(_ other: TestResult) {
    attempts += other.attempts.prefix(max(0, RunBuilder.mostAttempts - attempts.count))
    wasRetried = wasRetried || other.wasRetried
    guard other.outcome.severity > outcome.severity else { return }
    outcome = other.outcome
    message = other.message
    frames = other.frames
  }

  /// Whether the test passed only after it had failed in the same run.
  package var passedAfterFailing: Bool { outcome == .passed && attempts.contains { $0.isRed } }
}

/// Numbers of tests by their outcome; `nil` where nothing is said about one.
package struct TestCounts: Sendable, Hashable {
  package var total: Int?
  package var passed: Int?
  /// With the errors, where the runner does not tell them apart and `errored` is `nil`.
  package var failed: Int?
  package var errored: Int?
  /// With what was expected to fail, where `expectedFailures` is `nil`.
  package var skipped: Int?
  package var expectedFailures: Int?
  package var unexpectedSuccesses: Int?

  package init(
    total: Int? = nil, passed: Int? = nil, failed: Int? = nil, errored: Int? = nil, skipped: Int? = nil,
    expectedFailures: Int? = nil, unexpectedSuccesses: Int? = nil
  ) {
    self.total = total
    self.passed = passed
    self.failed = failed
    self.errored = errored
    self.skipped = skipped
    self.expectedFailures = expectedFailures
    self.unexpectedSuccesses = unexpectedSuccesses
  }
}

/// A form in which results are written.
package enum TestFormat: String, Sendable, Hashable, CaseIterable {
  case junitXML = "JUnit XML"
  case trx = "TRX"
  case tap = "TAP"
  case xctest = "XCTest"
  case swiftTesting = "Swift Testing"
  case pytest
  case unittest
  case goJSON = "go test -json"
  case goText = "go test"
  case cargo = "cargo test"
  case nextest = "cargo nextest"
  case jest
  case vitest
  case mocha
  case node = "node --test"
  case surefire = "Maven Surefire"
  case gradle = "Gradle"
  case ctest
  case googleTest = "GoogleTest"
  case rspec = "RSpec"
  case minitest
  case phpunit = "PHPUnit"
  case dotnet = "dotnet test"
}

/// How far what was read can be believed, the least first.
package enum TestTrust: Int, Sendable, Hashable, Codable, Comparable {
  /// Only the exit status is known.
  case status
  /// Lines for people, between which a test can print lines that look the same.
  case text
  /// Lines for programs on the standard output; what a test prints is marked as such, or mostly.
  case stream
  /// A file that the runner wrote apart from its output. A test that means to can still write to it.
  case file

  package static func < (left: TestTrust, right: TestTrust) -> Bool { left.rawValue < right.rawValue }
}

/// How a run of tests came to its end.
package enum RunEnding: Sendable, Hashable {
  /// The runner printed its closing lines, or closed its file.
  case complete
  /// There is no closing line, so tests may be missing.
  case cut
  /// The process that ran the tests died; the words of the log that say so.
  case crashed(String)
  /// The runner's own limit of time ended the run.
  case timedOut
  /// The runner gave up before all tests had run, with its reason.
  case stopped(String)
}

/// Something that does not fit together, so that the results are not to be taken at their word.
package enum TestDoubt: Sendable, Hashable, CustomStringConvertible {
  /// The runner counts other numbers than were read.
  case count(what: String, claimed: Int, read: Int)
  /// One identity ended in several ways, and the runner said nothing of trying again.
  case conflicting(TestIdentity)
  /// A line says that a test passed which was not running then; it was not believed.
  case stray(TestIdentity)
  /// The command failed, and nothing red was read.
  case failedWithoutRed(status: Int32)
  /// The command succeeded, and something red was read.
  case succeededWithRed
  /// Lines of another runner's form stood inside of this run; they were not believed.
  case foreignLines(TestFormat)
  /// The bytes are not what the format allows.
  case malformed(String)
  /// A limit of the reader was reached; the rest was not read.
  case limit(String)

  package var description: String {
    switch self {
    case .count(let what, let claimed, let read): "the runner counts \(claimed) \(what), and \(read) were read"
    case .conflicting(let identity): "'\(identity)' ended in more than one way"
    case .stray(let identity): "a line says that '\(identity)' passed when it was not running"
    case .failedWithoutRed(let status): "the command ended with \(status), and no failure was read"
    case .succeededWithRed: "the command succeeded, and failures were read"
    case .foreignLines(let format): "lines in the form of \(format.rawValue) stood in its output and were not believed"
    case .malformed(let reason): "the report is malformed: \(reason)"
    case .limit(let reason): "not everything was read: \(reason)"
    }
  }
}

/// What one run of one runner told.
package struct TestRun: Sendable, Hashable {
  package var format: TestFormat
  package var trust: TestTrust
  /// The report file that it was read from; `nil` for the output.
  package var file: [UInt8]?
  /// The lines of the output that it was read from, counted from one; `nil` for a file.
  package var lines: ClosedRange<Int>?
  /// In the order in which they first appeared, one for each identity.
  package var tests: [TestResult]
  /// What the runner itself counts; `nil` where it says nothing.
  package var claimed: TestCounts?
  /// Tests that the runner counts without naming them, as many forms for people do with those that passed.
  package var unnamed: TestCounts
  package var ending: RunEnding
  package var doubts: [TestDoubt]
}

/// A line of a compiler or a loader that says why something could not be built.
package struct BuildDiagnostic: Sendable, Hashable {
  package var path: [UInt8]
  /// Counted from one.
  package var line: Int
  package var message: [UInt8]

  package init(path: [UInt8], line: Int, message: [UInt8]) {
    self.path = path
    self.line = line
    self.message = message
  }
}

/// Something that could not be built, so that its tests did not run: red in a way of its own.
package struct BuildFailure: Sendable, Hashable {
  /// What could not be built, as the tool calls it; empty where it does not say.
  package var unit: String
  package var diagnostics: [BuildDiagnostic]

  package init(unit: String, diagnostics: [BuildDiagnostic] = []) {
    self.unit = unit
    self.diagnostics = diagnostics
  }
}

/// What a test command told: by report files, by its output, or by its exit status alone.
package struct TestReport: Sendable, Hashable {
  /// One for each runner and each time that it ran, report files first.
  package var runs: [TestRun]
  /// What could not be built.
  package var builds: [BuildFailure]
  /// The exit status; `nil` where the command did not end by itself.
  package var status: Int32?
  /// Whether the caller ended the command because its time was over.
  package var timedOut: Bool
  /// Lines of the log that speak of errors, for the case that nothing better is known; at most 50.
  package var errorLines: [[UInt8]]
  package var doubts: [TestDoubt]

  /// Every test once, sorted; where several runs have one identity, the worst outcome counts.
  package var tests: [TestResult] {
    var merged: [TestIdentity: TestResult] = [:]
    for run in runs {
      for test in run.tests {
        // In its place: to take the value out would copy its attempts once for each run.
        merged[test.identity]?.merge(test)
        if merged[test.identity] == nil { merged[test.identity] = test }
      }
    }
    return merged.values.sorted { $0.identity < $1.identity }
  }

  /// The red set: what failed, could not do its work or never ended.
  package var red: [TestResult] { tests.filter { $0.outcome.isRed } }

  /// The green set: what passed, and nothing else.
  package var green: [TestResult] { tests.filter { $0.outcome == .passed } }

  /// The least trust that any run deserves; `status` where no run was recognised.
  package var trust: TestTrust { runs.map(\.trust).min() ?? .status }

  /// Whether anything is red: a test, a count, a build, the way a run ended or the command's own end.
  package var isRed: Bool {
    status != 0 || timedOut || !builds.isEmpty
      || runs.contains { run in
        run.tests.contains { $0.outcome.isRed } || (run.unnamed.failed ?? 0) + (run.unnamed.errored ?? 0) > 0
          || run.ending != .complete
      }
  }

  /// Everything that does not fit together, of the report and of its runs.
  package var allDoubts: [TestDoubt] { doubts + runs.flatMap(\.doubts) }

  package init(
    runs: [TestRun], builds: [BuildFailure], status: Int32?, timedOut: Bool, errorLines: [[UInt8]],
    doubts: [TestDoubt]
  ) {
    self.runs = runs
    self.builds = builds
    self.status = status
    self.timedOut = timedOut
    self.errorLines = errorLines
    self.doubts = doubts
  }
}
