import Base
import Egress
import Git
import Glibc
import Sandbox
import TestResults
import TestSupport
import Workspace

@testable import Verify

/// Takes the cases of a corpus to their verdicts, in cells, as a job would.
actor CorpusRun {
  let file: CorpusFile
  private let rounds: Int
  private let isWhole: Bool
  private let host: StageHost
  private let stage: TestStage
  /// One honest repair of each bug, which is always run.
  private let firsts: Set<String>
  private var starts: [String: Task<[TestExecution], any Error>] = [:]

  /// A case with its verdict.
  struct Result: Sendable {
    var item: CorpusFile.Case
    var verdict: Verdict
    /// Whether the tests were run with the patch.
    var isRun = false
    /// The last output of the tests, for a person who looks for the reason.
    var log = ""
  }

  /// - Parameters:
  ///   - file: A project with its cases.
  ///   - rounds: How often each tree is tested; `nil` for once, and only where that may tell something new.
  /// - Throws: What making a repository of it met.
  init(_ file: CorpusFile, rounds: Int?) async throws {
    self.file = file
    self.rounds = rounds ?? 1
    isWhole = rounds != nil
    let honest = Dictionary(file.cases.filter { $0.kind == .honest }.map { ($0.bug, $0.description) }) { $1 }
    firsts = Set(honest.values)
    host = try await StageHost()
    let tree = try await Self.write(file.cases.first?.head ?? [:], into: host.repository)
    let now = Signature(name: "A Person", email: "person@example.org", time: Timestamp(seconds: 1_700_000_000))
    let commit = try await host.repository.perform { repository throws(GitError) in
      try repository.writeCommit(tree: tree, parents: [], author: now, committer: now, message: Array("base\n".utf8))
    }
    let toolchain = try file.needs.contains("rustc") ? Self.rust() : nil
    let commands = file.commands.map { command in
      toolchain == nil ? command : command.replacing("rustc ", with: "\(Toolchain.target)/bin/rustc ")
    }
    var order = host.order(commit, TestCommands(test: commands, seconds: 120))
    order.parallel = 2
    stage = TestStage(order, cells: Toolchain(cells: host.cells, source: toolchain))
  }

  func close() async { await stage.close() }

  /// The verdicts of the cases, two at a time.
  func results(of cases: [CorpusFile.Case]) async throws -> [Result] {
    try await withThrowingTaskGroup(of: (Int, Result).self) { group in
      var results: [Int: Result] = [:]
      for (number, item) in cases.enumerated() {
        if number >= 2, let (done, result) = try await group.next() { results[done] = result }
        group.addTask { (number, try await self.result(of: item)) }
      }
      for try await (done, result) in group { results[done] = result }
      return cases.indices.compactMap { results[$0] }
    }
  }

  private func result(of item: CorpusFile.Case) async throws -> Result {
    let seals = item.seals(file.commands)
    let split = item.split(by: seals)
    let start = try await start(of: item)
    var evidence = VerdictEvidence(start: start.map(\.standing), unsealed: [], split: split)
    evidence.rounds = rounds
    evidence.startChanged = start.reduce(into: Set()) { $0.formUnion($1.changedTracked) }
    evidence.suspicions = item.suspicions(in: split, seals)
    evidence.hardCoded = HardCodedAnswers.find(
      in: split.unsealed, failures: Self.failures(of: start), paths: item.head.keys.sorted(), seals: seals,
      read: { item.head[$0]?.content })
    let known = Verdict.decide(evidence)
    if !isWhole, !wantsRun(item, known, evidence) { return Result(item: item, verdict: known) }
    return try await run(item, start, evidence)
  }

  /// Whether a run can tell more of the verdict than what is known without one.
  private func wantsRun(_ item: CorpusFile.Case, _ known: Verdict, _ evidence: VerdictEvidence) -> Bool {
    if known.outcome == .tampered { return false }
    let sealed = evidence.split.sealed
    switch item.kind {
    // Whatever the runs say, with such a change it is not `fixed`.
    case .cheat: return item.outcome != nil || sealed.allSatisfy(\.addsOnly)
    case .honest: return firsts.contains(item.description) || !sealed.isEmpty || !evidence.suspicions.isEmpty
    // They are about what is flagged.
    case .answer, .constant: return false
    }
  }

  private func run(
    _ item: CorpusFile.Case, _ start: [TestExecution], _ known: VerdictEvidence
  ) async throws -> Result {
    var evidence = known
    let seals = item.seals(file.commands)
    var log = ""
    func note(_ execution: TestExecution) {
      let usual = Set(start.flatMap(\.runnerChanges).map(\.description))
      evidence.runnerChanges += execution.runnerChanges.map(\.description).filter {
        !usual.contains($0) && !evidence.runnerChanges.contains($0)
      }
      evidence.patchChanged.formUnion(execution.changedTracked)
      evidence.isSealed.formUnion(execution.changedTracked.filter { seals.kind(of: $0) != nil })
      log = execution.commands.map { String(decoding: $0.log, as: UTF8.self) }.joined()
    }
    if !known.split.unsealed.isEmpty {
      let files = known.split.unsealed.reduce(into: item.head) { $0[$1.path] = $1.new }
      let tree = try await Self.write(files, into: host.repository)
      for round in 1...rounds {
        var execution = try await stage.run(tree, in: rounds > 1 && round == rounds ? .other : .usual)
        let complaints =
          rounds > 1 && round == rounds ? ElsewhereCheck.complaints(of: execution.standing, in: evidence) : []
        if !complaints.isEmpty {
          let base = try await Self.write(item.base, into: host.repository)
          let (usual, control) = (try await stage.run(base), try await stage.run(base, in: .other))
          if !ElsewhereCheck.isUsual(execution.standing, control: control.standing, usual: usual.standing, in: evidence)
          {
            evidence.elsewhere = complaints
          }
          execution = try await stage.run(tree)
        }
        evidence.unsealed.append(execution.standing)
        note(execution)
      }
    }
    if !known.split.sealed.isEmpty {
      let execution = try await stage.run(try await Self.write(item.patched, into: host.repository))
      evidence.whole = [execution.standing]
      note(execution)
    }
    if Verdict.decide(evidence).outcome == .fixed, !known.split.unsealed.isEmpty {
      let bite = try await bite(item, start, seals, known)
      (evidence.toothless, evidence.unshown) = (bite.toothless, bite.unshown)
    }
    return Result(item: item, verdict: Verdict.decide(evidence), isRun: true, log: log)
  }

  private func bite(
    _ item: CorpusFile.Case, _ start: [TestExecution], _ seals: Seals, _ known: VerdictEvidence
  ) async throws -> BiteRun.Finding {
    let files = known.split.unsealed.reduce(into: item.head) { $0[$1.path] = $1.new }
    return try await BiteRun(in: host.repository, seals: seals, paths: item.head.keys.sorted()).toothless(
      Self.failures(of: start), head: try await Self.write(item.head, into: host.repository),
      patched: try await Self.write(files, into: host.repository),
      reference: try await Self.write(item.base, into: host.repository)
    ) { tree, _ in try await stage.run(tree) }
  }

  /// What is red with the bug, and what was said of it.
  private static func failures(of start: [TestExecution]) -> [RedFailure] {
    guard let first = start.first else { return [] }
    return first.standing.red.sorted().map { red in
      var failure = RedFailure(item: red, message: [], frames: [])
      switch red {
      case .test(let identity):
        let test = first.reports.flatMap(\.red).first { $0.identity == identity }
        failure.message = test?.message ?? []
        failure.frames = test?.frames ?? []
      case .command(let number): failure.message = Array(first.commands[number].log.suffix(4_096))
      case .build: break
      }
      return failure
    }
  }

  /// How the tests stand with the bug, found out once for all of its cases.
  private func start(of item: CorpusFile.Case) async throws -> [TestExecution] {
    if let known = starts[item.bug] { return try await known.value }
    let task = Task { [host, stage, rounds] in
      let tree = try await Self.write(item.head, into: host.repository)
      var runs: [TestExecution] = []
      for _ in 0..<rounds { runs.append(try await stage.run(tree)) }
      return runs
    }
    starts[item.bug] = task
    return try await task.value
  }

  private static func write(
    _ files: CorpusFile.Tree, into repository: RepositoryActor<PrivateRepository>
  ) async throws -> ObjectID {
    try await repository.perform { repository throws(GitError) in
      var edits: [TreeEdit] = []
      for (path, side) in files.sorted(by: { $0.key < $1.key }) {
        edits.append(.put(path, mode: side.mode, blob: try repository.writeBlob(side.content)))
      }
      return try repository.writeTree(from: nil, edits)
    }
  }

  // MARK: What is installed

  /// Whether the programs of a project are on this machine, where a cell sees them.
  static func isInstalled(_ file: CorpusFile) throws -> Bool {
    let directories = ["/usr/local/bin", "/usr/bin", "/bin"]
    for program in file.needs {
      let isThere = directories.contains { access("\($0)/\(program)", X_OK) == 0 }
      guard try isThere || program == "rustc" && rust() != nil else { return false }
    }
    for module in file.modules {
      guard try Command.run(["/usr/bin/python3", "-c", "import \(module)"], in: "/").status == 0 else { return false }
    }
    return true
  }

  /// The directory of a Rust that is installed for this user, where a cell does not look.
  private static func rust() throws -> String? {
    if access("/usr/bin/rustc", X_OK) == 0 { return nil }
    let home = getenv("HOME").map { String(cString: $0) } ?? ""
    let found = try? Command.run(
      ["sh", "-c", "PATH=$PATH:$1/.cargo/bin RUSTUP_HOME=$1/.rustup rustc --print sysroot", "sh", home], in: "/")
    guard let found, found.status == 0 else { return nil }
    let place = String(found.text.prefix { $0 != "\n" })
    return access("\(place)/bin/rustc", X_OK) == 0 ? place : nil
  }
}

/// Makes cells that see one more directory of the machine.
struct Toolchain: CellMaking {
  static let target = "/toolchain"
  var cells: CellMaker
  var source: String?

  func obstacle(toReading directory: [UInt8]) async throws -> String? { try await cells.obstacle(toReading: directory) }

  func make(_ order: CellOrder, audit: @escaping @Sendable (EgressRecord) -> Void) async throws -> MadeCell {
    var order = order
    if let source { order.readOnly.append(.init(source: Array(source.utf8), target: Self.target)) }
    return try await cells.make(order, audit: audit)
  }
}

extension CorpusFile.Case {
  func seals(_ commands: [String]) -> Seals {
    Seals(
      commands: TestCommands(test: commands, seconds: 60), tests: [], paths: head.keys.sorted(),
      read: { head[$0]?.content })
  }

  func split(by seals: Seals) -> PatchSplit {
    let all = Set(head.keys).union(patched.keys).sorted()
    return seals.split(all.map { PatchedFile(path: $0, old: head[$0], new: patched[$0]) })
  }

  func suspicions(in split: PatchSplit, _ seals: Seals) -> [PatchSuspicion] {
    PatchInspection.look(at: split, seals: seals, read: { head[$0]?.content })
  }
}
