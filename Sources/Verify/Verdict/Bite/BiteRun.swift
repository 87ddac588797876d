package import Base
package import Git
internal import TestResults

/// Carries a ``BiteCheck`` out.
package struct BiteRun: Sendable {
  private let repository: RepositoryActor<PrivateRepository>
  private let seals: Seals
  private let paths: [RepositoryPath]

  /// - Parameters:
  ///   - repository: Where the trees are, and where those with other expectations are written.
  ///   - seals: What is sealed at the head.
  ///   - paths: All files of the head.
  package init(in repository: RepositoryActor<PrivateRepository>, seals: Seals, paths: [RepositoryPath]) {
    self.repository = repository
    self.seals = seals
    self.paths = paths
  }

  /// What came of it.
  package struct Finding: Sendable, Hashable {
    /// What passes with the patch whatever it expects, a line each.
    package var toothless: [String] = []
    /// Of what nobody has seen that it can fail with the patch.
    package var unshown: Set<RedItem> = []
  }

  /// Tells what passes with a patch whatever it expects.
  ///
  /// - Parameters:
  ///   - failures: What is red at the head and green with the patch.
  ///   - head: The tree without the patch.
  ///   - patched: The tree with it.
  ///   - reference: A tree without the patch in which none of the failures is red; `nil` for none.
  ///   - run: Runs the tests of a tree; the text says what for.
  /// - Returns: Nothing toothless where all can fail, or where it is not known what they expect.
  /// - Throws: What `run` throws; ``GitError`` where a tree cannot be written.
  package func toothless(
    _ failures: [RedFailure], head: ObjectID, patched: ObjectID, reference: ObjectID?,
    run: (ObjectID, String) async throws -> TestExecution
  ) async throws -> Finding {
    let (seals, paths) = (seals, paths)
    var check = await repository.perform { repository in
      BiteCheck(of: failures, paths: paths, seals: seals) { Self.side(of: $0, in: head, repository)?.content }
    }
    for round in 1...BiteCheck.rounds {
      let trials = check.next()
      if trials.isEmpty { break }
      guard let (tree, written) = try await tree(patched, with: trials) else {
        check.note(trials, written: [], TestStanding())
        continue
      }
      let execution = try await run(tree, "other expectations \(round)")
      check.note(trials, written: written, execution.standing)
    }
    var finding = Finding(unshown: check.unshown)
    let suspects = check.toothless
    if !suspects.isEmpty, let (tree, written) = try await tree(head, with: suspects) {
      // The control: at the head the failure speaks of the other value, or that is not what is compared with.
      let execution = try await run(tree, "other expectations at the head")
      finding.toothless += suspects.filter { trial in
        guard written.contains(trial), let before = failures.first(where: { $0.item == trial.item }) else {
          return false
        }
        return BiteCheck.speaks(Self.message(of: trial.item, in: execution), of: trial, before: before.message)
      }.map { trial in
        "\(Self.name(of: trial.item)) passes with the patch whatever it expects: also \(trial.description), which fails "
          + "without the patch"
      }
    }
    if let reference { finding.toothless += try await deaf(check.doubtful, to: reference, run) }
    return finding
  }

  /// What a patch lets pass and a tree that is good without it does not: the other control.
  private func deaf(
    _ trials: [BiteCheck.Trial], to reference: ObjectID, _ run: (ObjectID, String) async throws -> TestExecution
  ) async throws -> [String] {
    var open = trials
    var told: Set<RedItem> = []
    var lines: [String] = []
    for round in 1...BiteCheck.rounds where !open.isEmpty {
      let batch = BiteCheck.together(open)
      open.removeAll(where: batch.contains)
      guard let (tree, written) = try await tree(reference, with: batch) else { continue }
      let standing = try await run(tree, "other expectations at the base \(round)").standing
      for trial in batch where written.contains(trial) && standing.red.contains(trial.item) {
        // What is not built with it says nothing of what is compared.
        if !trial.item.isTest, standing.red.contains(where: \.isBuild) { continue }
        guard told.insert(trial.item).inserted else { continue }
        lines.append(
          "\(Self.name(of: trial.item)) passes with the patch with \(trial.description), which fails at the base")
      }
      open.removeAll { told.contains($0.item) }
    }
    return lines
  }

  private static func name(of item: RedItem) -> String { item.isTest ? "'\(item)'" : "\(item)" }

  /// What a runner says of something red; empty where it is not red.
  private static func message(of item: RedItem, in execution: TestExecution) -> [UInt8] {
    guard execution.standing.red.contains(item) else { return [] }
    switch item {
    case .test(let identity):
      let tests = execution.reports.flatMap(\.tests)
      return tests.first { $0.identity == identity && $0.outcome.isRed }?.message ?? []
    case .build: return []
    case .command(let number):
      return execution.commands.indices.contains(number) ? Array(execution.commands[number].log.suffix(64 << 10)) : []
    }
  }

  /// A tree with other expectations in it; `nil` where none of them could be written.
  private func tree(
    _ tree: ObjectID, with trials: [BiteCheck.Trial]
  ) async throws -> (ObjectID, [BiteCheck.Trial])? {
    try await repository.perform { repository throws(GitError) in
      let (files, written) = BiteCheck.files(trials) { Self.side(of: $0, in: tree, repository) }
      if written.isEmpty { return nil }
      var edits: [TreeEdit] = []
      for file in files {
        guard let side = file.new else { continue }
        edits.append(.put(file.path, mode: side.mode, blob: try repository.writeBlob(side.content)))
      }
      return (try repository.writeTree(from: tree, edits), written)
    }
  }

  private static func side(
    of path: RepositoryPath, in tree: ObjectID, _ repository: PrivateRepository
  ) -> PatchedFile.Side? {
    guard let entry = try? repository.entry(at: path, in: tree),
      let content = try? repository.content(of: entry.id, limit: 1 << 20)
    else { return nil }
    return PatchedFile.Side(mode: entry.mode, content: content)
  }
}
