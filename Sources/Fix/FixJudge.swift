internal import Base
internal import Git
internal import Verify
internal import Work

/// What a look at a model's work came to, as a repair keeps it.
struct JudgedPatch: Sendable, Hashable, Codable {
  var verdict: Verdict
  /// The change to what is sealed, in lines that are safe to show.
  var sealedChange: [String]
  var testRuns: Int
  /// In how many runs the verdict saw what it says of the tests; `nil` where an older run kept no number.
  var rounds: Int?
  /// What of that which was to be repaired is red with the patch, and what is red with it that was not before; `nil`
  /// where it was not run, or an older run kept nothing.
  var stillRed: [RedTest]?
  var newlyRed: [RedTest]?
  /// What was changed, where all of it is sealed; `nil` where something else was, too.
  var onlySealed: [RepositoryPath]?
  /// Sealed files that the commands write with the patch, so that what the model left in them is no edit of its own;
  /// `nil` where there are none, or an older run kept none.
  var outputs: [RepositoryPath]?
  /// Whether the change to what is sealed is left out, because nothing needs it; `nil` as in older runs for no.
  var leavesOut: Bool?
}

/// Finds out whether what a model left is a repair, by running it in a workspace that the model has not been in.
struct FixJudge: Sendable {
  let order: FixOrder
  let scene: FixScene
  let witness: Witness
  let wanted: Set<RedItem>
  let repository: RepositoryActor<PrivateRepository>

  private static let rounds = 3

  /// Everything that is known of the patch without running it.
  private struct Patch: Sendable {
    var split: PatchSplit
    var unsealed: ObjectID
    var whole: ObjectID
    var sealedChange: [String]
    var suspicions: [PatchSuspicion]
    var hardCoded: [HardCodedAnswer]

    /// Says in the evidence what it is.
    func tell(_ evidence: inout VerdictEvidence) {
      evidence.split = split
      evidence.suspicions = suspicions
      evidence.hardCoded = hardCoded
    }
  }

  func judge(
    _ work: ModelWork, on stage: LazyStage, keeping log: (TestExecution, String) async -> Void
  ) async throws -> JudgedPatch {
    let whole = try await taken(work, without: [])
    guard whole != scene.headTree else {
      let said =
        work.outcome.ending == .completed
        ? "the model changed nothing" : "the model changed nothing: \(work.outcome.reason)"
      return JudgedPatch(verdict: Verdict(outcome: .notFixed, reasons: [said]), sealedChange: [], testRuns: 0)
    }
    var patch = try await read(work, without: [])
    var outputs: Set<RepositoryPath> = []
    var evidence = VerdictEvidence(start: witness.runs.map(\.standing), unsealed: [], split: patch.split)
    // A head that hangs is run once; a patch is always run as often as a repair must come through.
    evidence.rounds = Self.rounds
    evidence.startRounds = min(Self.rounds, witness.runs.count)
    evidence.testDirectories = scene.seals.testDirectories
    evidence.wanted = wanted
    evidence.base = witness.base?.standing
    evidence.branchRemovesTests = scene.seals.removesTests(scene.branch)
    patch.tell(&evidence)
    // What the commands themselves write is no doing of whoever runs them.
    evidence.changedBack = work.changedBack.filter { scene.seals.kind(of: $0) != nil && !written.contains($0) }
    // A sealed file that the base's tests alone write is not one that the head's may write unseen.
    evidence.startChanged = Set(witness.runs.flatMap(\.changed))
    var runs = 0
    var last: TestExecution?
    var broken: RedTest?
    // What is sealed and was changed, where everything is good without that.
    var leftOut: [SealedEdit] = []
    do {
      // That setup comes through at the head is known before it is blamed on the patch.
      try await stage.prepare()
      var first: TestExecution?
      if !patch.split.unsealed.isEmpty {
        let execution = try await run(patch.unsealed, on: stage)
        runs += 1
        await log(execution, "run 1")
        first = execution
        // What the model's own runs of the tests left in these is not its doing either.
        outputs = Set(execution.changedTracked.filter { scene.seals.kind(of: $0) != nil })
        if patch.split.sealed.contains(where: { outputs.contains($0.path) }) {
          patch = try await read(work, without: outputs)
          patch.tell(&evidence)
        }
        evidence.changedBack.removeAll(where: outputs.contains)
      }
      last = try await execute(patch, after: first, into: &evidence, on: stage, counting: &runs, keeping: log)
      let found = Verdict.decide(evidence)
      if found.outcome == .fixedWithTestChange, found.unsealedPartFixes {
        leftOut = patch.split.sealed
        evidence.split = PatchSplit(whole: patch.split.unsealed, unsealed: patch.split.unsealed, sealed: [])
        evidence.whole = []
      }
      if Verdict.decide(evidence).outcome == .fixed {
        do {
          let bite = try await bite(with: patch.unsealed, on: stage, counting: &runs, keeping: log)
          (evidence.toothless, evidence.unshown) = (bite.toothless, bite.unshown)
        } catch let failure as StageFailure {
          // A patch that uses up what there is of time or room must not get by without this.
          evidence.toothless = [
            "whether the tests can still fail with the patch could not be tried: \(failure.description)"
          ]
        }
      }
    } catch let failure as BrokenSetup {
      evidence.brokenSetup = ["with the patch, \(failure.cause.description)"]
      if let command = failure.cause.command {
        broken = RedTests(paths: scene.paths).setup(command)
        await log(TestExecution(tree: whole, standing: TestStanding(), reports: [], commands: [command]), "setup")
      }
    } catch let failure as StageFailure {
      evidence.faults.append(failure.description)
    }
    let verdict = Verdict.decide(evidence)
    let isWithout = verdict.outcome == .fixed || evidence.whole.isEmpty || verdict.unsealedPartFixes
    var judged = JudgedPatch(
      verdict: verdict, sealedChange: patch.sealedChange, testRuns: runs,
      rounds: isWithout ? evidence.unsealed.count : evidence.whole.count)
    if !leftOut.isEmpty {
      judged.leavesOut = true
      judged.sealedChange = []
      judged.verdict.flags += leftOut.map {
        "left out, because what was red is green without it: \($0.path.display): \($0.summary)"
      }
    }
    if !outputs.isEmpty { judged.outputs = outputs.sorted() }
    if patch.split.unsealed.isEmpty { judged.onlySealed = patch.split.sealed.map(\.path) }
    if let last {
      let tests = RedTests(paths: scene.paths)
      let red = last.standing.red
      // What is not there any more, or is skipped, is no more repaired than what is red.
      let gone = wanted.subtracting(red).filter { item in
        if case .test(let test) = item { !last.standing.green.contains(test) } else { false }
      }
      judged.stillRed =
        tests.details(of: last, red.intersection(wanted))
        + gone.sorted().map {
          RedTest(name: $0.description, message: ["it did not pass: it is gone or skipped"], places: [])
        }
      judged.newlyRed = tests.details(of: last, red.subtracting(known))
    }
    if let broken { judged.newlyRed = [broken] + (judged.newlyRed ?? []) }
    return judged
  }

  /// What is red without the patch, at the head or at the base.
  private var known: Set<RedItem> {
    (witness.runs + (witness.base.map { [$0] } ?? [])).reduce(into: Set()) { $0.formUnion($1.standing.red) }
  }

  /// Setup fails with the patch, each time, and comes through without it.
  private struct BrokenSetup: Error {
    let cause: StageFailure
  }

  /// Runs the tests of a patched tree on a stage on which setup came through at the head.
  ///
  /// - Throws: ``BrokenSetup`` where setup fails twice with it: once it may fail by itself, and for want of the network
  ///   each time.
  private func run(_ tree: ObjectID, on stage: LazyStage) async throws -> TestExecution {
    do {
      return try await stage.run(tree)
    } catch let failure as StageFailure where failure.kind == .setup {
      do {
        return try await stage.run(tree)
      } catch let again as StageFailure where again.kind == .setup && !again.isOfNetwork {
        throw BrokenSetup(cause: again)
      }
    }
  }

  /// Runs the patch without its edits to what is sealed, and then with them.
  ///
  /// `first` is the first execution of it without these edits, where there is anything else in it. Returned is the last
  /// execution of it; `nil` where there was none.
  private func execute(
    _ patch: Patch, after first: TestExecution?, into evidence: inout VerdictEvidence, on stage: LazyStage,
    counting runs: inout Int,
    keeping log: (TestExecution, String) async -> Void
  ) async throws -> TestExecution? {
    var last: TestExecution?
    if let first {
      for round in 1...evidence.rounds {
        // The last one is somebody else's: what asks for this cell's names is seen there.
        let execution =
          round == 1
          ? first
          : round < evidence.rounds
            ? try await run(patch.unsealed, on: stage)
            : try await elsewhere(patch.unsealed, into: &evidence, on: stage, counting: &runs, keeping: log)
        last = execution
        if round > 1 {
          runs += 1
          await log(execution, "run \(round)")
        }
        evidence.unsealed.append(execution.standing)
        note(execution, in: &evidence)
        if let runners = execution.runners {
          evidence.compareRunners(
            head: witness.runs.compactMap(\.runners), patched: runners.deciding, setup: order.commands.setup)
        }
        // More runs cannot make a repair of it.
        if !execution.standing.red.isDisjoint(with: wanted) { break }
      }
    }
    try await askHead(into: &evidence, on: stage, counting: &runs, keeping: log)
    guard !patch.split.sealed.isEmpty else { return last }
    let execution = try await run(patch.whole, on: stage)
    runs += 1
    await log(execution, "with sealed edits")
    evidence.whole.append(execution.standing)
    note(execution, in: &evidence)
    return execution
  }

  /// Runs the patch where the home and the user have other names; as usual, where the tests do not stand that.
  private func elsewhere(
    _ tree: ObjectID, into evidence: inout VerdictEvidence, on stage: LazyStage, counting runs: inout Int,
    keeping log: (TestExecution, String) async -> Void
  ) async throws -> TestExecution {
    do {
      let other = try await stage.run(tree, in: .other)
      let complaints = ElsewhereCheck.complaints(of: other.standing, in: evidence)
      if complaints.isEmpty { return other }
      runs += 1
      await log(other, "run elsewhere")
      let again = try await stage.run(tree, in: .other)
      // What is red there one time and not another wavers, as it may anywhere.
      if ElsewhereCheck.complaints(of: again.standing, in: evidence).isEmpty { return other }
      runs += 1
      await log(again, "run elsewhere again")
      let (known, usual) = (reference ?? scene.headTree, reference == nil ? witness.runs.first : witness.base)
      let control = try await stage.run(known, in: .other)
      runs += 1
      await log(control, "without the patch elsewhere")
      let lines = complaints.map { "where the home and the user have other names, \($0)" }
      if let usual,
        ElsewhereCheck.isUsual(other.standing, control: control.standing, usual: usual.standing, in: evidence)
      {
        evidence.usualElsewhere = lines.map { "\($0), and so it is without the patch" }
      } else {
        evidence.elsewhere = lines
      }
    } catch let failure as StageFailure {
      // The usual runs tell whether it is a repair; that this one cannot be made is for a person to know.
      evidence.elsewhere = ["it could not be tested under other names: \(failure.description)"]
    }
    return try await stage.run(tree)
  }

  /// The tree of the base, where nothing of what is to be repaired is red in it.
  var reference: ObjectID? {
    guard let base = witness.base, scene.baseTree != scene.headTree, base.standing.red.isDisjoint(with: wanted),
      base.standing.executed > 0 || base.standing.isGreen
    else { return nil }
    return scene.baseTree
  }

  /// Runs the head again where something that was green there is red with the patch: it may waver by itself.
  private func askHead(
    into evidence: inout VerdictEvidence, on stage: LazyStage, counting runs: inout Int,
    keeping log: (TestExecution, String) async -> Void
  ) async throws {
    let red = evidence.unsealed.reduce(into: Set<RedItem>()) { $0.formUnion($1.red) }
    // What is red at the base as well is no doing of the patch.
    guard !red.isSubset(of: known), red.isDisjoint(with: wanted) else { return }
    for round in 1...Self.rounds {
      let execution = try await stage.run(scene.headTree)
      runs += 1
      await log(execution, "head again \(round)")
      evidence.start.append(execution.standing)
    }
  }

  private func note(_ execution: TestExecution, in evidence: inout VerdictEvidence) {
    // What happens at the head too is no doing of the patch.
    let usual = Set(witness.runs.flatMap(\.runnerChanges))
    for change in execution.runnerChanges.map(\.description) where !usual.contains(change) {
      if !evidence.runnerChanges.contains(change) { evidence.runnerChanges.append(change) }
    }
    evidence.patchChanged.formUnion(execution.changedTracked)
    evidence.isSealed.formUnion(execution.changedTracked.filter { scene.seals.kind(of: $0) != nil })
  }

  /// What the verdict is about: the model's files without what the commands wrote into sealed ones.
  ///
  /// It is made each time: the workspace in which it was written may be gone.
  ///
  /// Nor is what lies in `outputs` in it: sealed files that the commands write with the patch.
  func taken(_ work: ModelWork, without outputs: Set<RepositoryPath>) async throws -> ObjectID {
    let (scene, written) = (scene, written.union(outputs))
    return try await repository.perform { repository in
      let files = try Self.files(of: work, scene, without: written, in: repository)
      return try PatchReading.tree(scene.headTree, with: files, in: repository)
    }
  }

  /// What of a model's work the verdict is about, where its change to what is sealed is left out.
  func unsealed(_ work: ModelWork, without outputs: Set<RepositoryPath>) async throws -> ObjectID {
    try await read(work, without: outputs).unsealed
  }

  /// What a model changed; without what the commands leave behind for whoever runs them.
  private static func files(
    of work: ModelWork, _ scene: FixScene, without written: Set<RepositoryPath>, in repository: Repository
  ) throws -> [PatchedFile] {
    try PatchReading.files(from: scene.headTree, to: work.tree, in: repository).filter { file in
      !written.contains(file.path) || scene.seals.kind(of: file.path) == nil
    }
  }

  /// What the test commands write into tracked files at the head or at the base.
  private var written: Set<RepositoryPath> {
    Set(witness.runs.flatMap(\.changed)).union(witness.base?.changed ?? [])
  }

  private func read(_ work: ModelWork, without outputs: Set<RepositoryPath>) async throws -> Patch {
    let (scene, failures, written) = (scene, failures, written.union(outputs))
    return try await repository.perform { repository in
      let files = try Self.files(of: work, scene, without: written, in: repository)
      let whole = try PatchReading.tree(scene.headTree, with: files, in: repository)
      let split = scene.seals.split(files)
      let unsealed = try PatchReading.tree(scene.headTree, with: split.unsealed, in: repository)
      let read: (RepositoryPath) -> [UInt8]? = { path in
        guard let entry = try? repository.entry(at: path, in: scene.headTree) else { return nil }
        return try? repository.content(of: entry.id, limit: 4 << 20)
      }
      return Patch(
        split: split, unsealed: unsealed, whole: whole,
        sealedChange: FixWords.difference(
          try repository.patch(from: unsealed, to: whole), lines: 200),
        suspicions: PatchInspection.look(at: split, seals: scene.seals, read: read),
        hardCoded: HardCodedAnswers.find(
          in: split.unsealed, failures: failures, paths: scene.paths.sorted(), seals: scene.seals, read: read))
    }
  }
}
