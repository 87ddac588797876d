internal import Glibc

/// A failure of a benchmark's surroundings; one line.
package struct BenchFailure: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) {
    self.description = description
  }
}

/// What one run of a program took.
package struct ProgramRun {
  /// From before it was started to after its end was known.
  package let seconds: Double
  /// The largest resident size in bytes (`ru_maxrss` of wait4(2)).
  ///
  /// Linux counts what the starting process had resident too, so this is never less than the benchmark's own size.
  package let peakBytes: Int
  /// The exit status.
  package let status: Int32
}

/// A program with its words and surroundings, to be run again and again.
package struct Program {
  package var words: [String]
  /// Where it runs; the present directory where it is `nil`.
  package var directory: String?
  /// The file it reads from.
  package var input = "/dev/null"
  /// The file its standard output goes to.
  package var output = "/dev/null"
  /// Variables beyond the fixed ones.
  package var variables: [String: String] = [:]
  /// Exit statuses that are no failure.
  package var accepted: ClosedRange<Int32> = 0...0

  package init(_ words: [String], in directory: String? = nil) {
    self.words = words
    self.directory = directory
  }

  /// `git` with these words.
  package static func git(_ words: String..., in directory: String? = nil) -> Program {
    Program(["git"] + words, in: directory)
  }

  /// Nothing of the person's or the machine's git configuration counts, and time stands still.
  private static let fixed = [
    "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_COUNT": "2", "GIT_CONFIG_KEY_0": "safe.directory",
    "GIT_CONFIG_VALUE_0": "*", "GIT_CONFIG_KEY_1": "gc.auto", "GIT_CONFIG_VALUE_1": "0", "GIT_AUTHOR_NAME": "Bench",
    "GIT_AUTHOR_EMAIL": "bench@example.invalid", "GIT_COMMITTER_NAME": "Bench",
    "GIT_COMMITTER_EMAIL": "bench@example.invalid", "GIT_AUTHOR_DATE": "1700000000 +0000",
    "GIT_COMMITTER_DATE": "1700000000 +0000", "LC_ALL": "C",
  ]

  /// Runs it and waits for its end.
  @discardableResult
  package func run() throws -> ProgramRun {
    let home = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard home >= 0 else { throw BenchFailure("cannot read the present directory: error \(errno)") }
    defer { close(home) }
    if let directory, chdir(directory) != 0 { throw BenchFailure("cannot go to \(directory): error \(errno)") }
    defer { _ = fchdir(home) }

    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    let environment = ["PATH": Variables.text("PATH") ?? "/usr/bin:/bin"]
      .merging(Self.fixed) { _, new in new }.merging(variables) { _, new in new }
    let arguments = words.map { strdup($0) } + [nil]
    let settings = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { (arguments + settings).forEach { free($0) } }

    var process = pid_t()
    var status: Int32 = 0
    var usage = rusage()
    let start = ContinuousClock.now
    let failure = posix_spawnp(&process, words[0], &actions, nil, arguments, settings)
    guard failure == 0 else { throw BenchFailure("cannot run \(words[0]): error \(failure)") }
    while wait4(process, &status, 0, &usage) == -1 {
      guard errno == EINTR else { throw BenchFailure("lost \(words[0]): error \(errno)") }
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let code = (status >> 8) & 0xFF
    guard status & 0x7F == 0, accepted.contains(code) else {
      throw BenchFailure("'\(words.joined(separator: " "))' ended with status \(code), signal \(status & 0x7F)")
    }
    return ProgramRun(seconds: seconds, peakBytes: usage.ru_maxrss * 1024, status: code)
  }
}

/// The environment of the benchmark.
package enum Variables {
  /// A variable that is set and not empty.
  package static func text(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The path of one of our programs, in the directory that `ARBORIST_PROGRAMS` names.
  package static func program(_ name: String) throws -> String {
    guard let directory = text("ARBORIST_PROGRAMS") else {
      throw BenchFailure("ARBORIST_PROGRAMS has to name the directory of the programs; 'make bench' does that")
    }
    return directory + "/" + name
  }

  /// The bare repository OWNER+NAME/repo in the directory that `ARBORIST_BENCH_REPOSITORIES` names.
  package static func repository(_ name: String) -> String? {
    guard let directory = text("ARBORIST_BENCH_REPOSITORIES") else { return nil }
    let path = "\(directory)/\(name)/repo"
    return access(path, R_OK | X_OK) == 0 ? path : nil
  }
}
