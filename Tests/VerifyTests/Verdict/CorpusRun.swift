import Base
import Dispatch
import Git
import Glibc
import TestResults
import TestSupport

@testable import Verify

/// Takes the cases of a corpus to their verdicts, with plain processes.
final class CorpusRun: Sendable {
  let file: CorpusFile
  private let starts = Lock<[String: [TestExecutionOfCorpus]]>([:])

  /// How often each tree is tested: a verdict wants three, and `ARBORIST_CORPUS_ROUNDS` gives it three.
  private let rounds = getenv("ARBORIST_CORPUS_ROUNDS").flatMap { Int(String(cString: $0)) } ?? 1

  init(_ file: CorpusFile) { self.file = file }

  struct TestExecutionOfCorpus: Sendable {
    var standing: TestStanding
    var red: [TestResult]
    var text: String
    /// Files of the tree that the tests changed.
    var changed: Set<RepositoryPath>
  }

  /// A case with its verdict.
  struct Result: Sendable {
    var item: CorpusFile.Case
    var verdict: Verdict
    /// The last output of the tests, for a person who looks for the reason.
    var log: String
  }

  /// Whether the programs of the project are on this machine.
  static func isInstalled(_ program: String) -> Bool {
    let directories = Command.environment["PATH"]?.split(separator: ":") ?? []
    return directories.contains { access("\($0)/\(program)", X_OK) == 0 }
  }

  func result(of item: CorpusFile.Case) throws -> Result {
    let commands = TestCommands(test: file.commands, seconds: 60)
    let paths = item.head.keys.sorted()
    let read: (RepositoryPath) -> [UInt8]? = { item.head[$0]?.content }
    let seals = Seals(commands: commands, tests: [], paths: paths, read: read)
    let all = Set(item.head.keys).union(item.patched.keys).sorted()
    let split = seals.split(all.map { PatchedFile(path: $0, old: item.head[$0], new: item.patched[$0]) })

    let start = try self.start(of: item)
    var evidence = VerdictEvidence(start: start.map(\.standing), unsealed: [], split: split)
    evidence.rounds = rounds
    evidence.startChanged = start.reduce(into: Set()) { $0.formUnion($1.changed) }
    let tests = paths.filter { seals.kind(of: $0) == .test }.compactMap { item.head[$0]?.content }
      .map { String(decoding: $0, as: UTF8.self) }
    evidence.suspicions = PatchInspection.look(at: split, seals: seals) { word in tests.contains { $0.has(word) } }
    let red = (start.last?.red ?? []).map {
      HardCodedAnswers.RedTest(identity: $0.identity, message: $0.message, frames: $0.frames)
    }
    evidence.hardCoded = HardCodedAnswers.find(
      in: split.unsealed, tests: red, paths: paths, seals: seals, read: read)
    var log = ""
    if !split.unsealed.isEmpty {
      let tree = Self.applying(split.unsealed, to: item.head)
      let runs = try (0..<rounds).map { _ in try execute(tree) }
      evidence.unsealed = runs.map(\.standing)
      evidence.patchChanged = runs.reduce(into: Set()) { $0.formUnion($1.changed) }
      evidence.isSealed = evidence.patchChanged.filter { seals.kind(of: $0) != nil }
      log = runs.last?.text ?? ""
    }
    if !split.sealed.isEmpty {
      let runs = [try execute(item.patched)]
      evidence.whole = runs.map(\.standing)
      log += "\n---- whole ----\n" + (runs.last?.text ?? "")
    }
    return Result(item: item, verdict: Verdict.decide(evidence), log: log)
  }

  private static func applying(_ patch: [PatchedFile], to tree: CorpusFile.Tree) -> CorpusFile.Tree {
    patch.reduce(into: tree) { $0[$1.path] = $1.new }
  }

  private func start(of item: CorpusFile.Case) throws -> [TestExecutionOfCorpus] {
    if let known = starts.withLock({ $0[item.bug] }) { return known }
    let runs = try (0..<rounds).map { _ in try execute(item.head) }
    starts.withLock { $0[item.bug] = runs }
    return runs
  }

  private func execute(_ tree: CorpusFile.Tree) throws -> TestExecutionOfCorpus {
    let directory = try TemporaryDirectory()
    for (path, side) in tree {
      let place = directory.path + "/" + String(decoding: path.bytes, as: UTF8.self)
      var parent = directory.path
      for component in path.components.dropLast() {
        parent += "/" + String(decoding: component, as: UTF8.self)
        mkdir(parent, 0o755)
      }
      if side.mode == .symbolicLink {
        symlink(String(decoding: side.content, as: UTF8.self), place)
      } else {
        try Files.write(side.content, to: place)
        if side.mode == .executable { chmod(place, 0o755) }
      }
    }
    let home = try TemporaryDirectory()
    var reports: [TestReport] = []
    var text = ""
    for command in file.commands {
      let result = try Command.run(
        ["sh", "-c", "exec 2>&1; timeout 60 sh -c \"$1\"", "sh", command], in: directory.path,
        adding: [
          "RUSTUP_HOME": (getenv("HOME").map { String(cString: $0) } ?? "") + "/.rustup", "HOME": home.path,
          "GOCACHE": "/tmp/arborist-corpus-go", "GOFLAGS": "-mod=mod", "GO111MODULE": "on",
        ])
      // Names of tests may hold the directory, which is another one each time.
      let output = Array(
        result.output.split(separator: Array(directory.path.utf8)).joined(separator: Array("/tree".utf8)))
      text += result.text
      reports.append(
        TestResultReader.read(
          TestEvidence(
            command: command.split(separator: " ").map(String.init), status: result.status, output: output)))
    }
    let changed = tree.filter { path, side in
      let place = directory.path + "/" + String(decoding: path.bytes, as: UTF8.self)
      return side.mode != .symbolicLink && (try? Files.read(place)) != side.content
    }
    return TestExecutionOfCorpus(
      standing: TestStanding(of: reports), red: reports.flatMap(\.red), text: text, changed: Set(changed.keys))
  }
}
