internal import Base
internal import Sandbox

extension Toolbox {
  private static let mostCheckpoints = 16
  /// How many files an undo names.
  private static let mostNames = 12

  /// What was kept before a command that may destroy something.
  struct Keeping {
    /// What it may destroy, in a few words.
    let reason: String
    /// The paths that it removes, where it does nothing else that destroys; `nil` where it may.
    let removals: [String]?
    /// `nil` where there was no room for one.
    let checkpoint: CellCheckpoint?
    /// Where ``WorkLoss/script`` keeps account.
    let account: CellPath
    let before: WorkState
  }

  /// Keeps the workspace before a command that may destroy something; `nil` where it is none.
  func keep(before command: String) async throws(SandboxError) -> Keeping? {
    guard let reason = DestructiveCommand.reason(in: command) else { return nil }
    let checkpoint = try await kept()
    let account = try newFile("account")
    let before = WorkState(
      references: checkpoint == nil ? nil : try await report(.before, in: account), changes: await changes())
    if let checkpoint {
      memory.checkpoints.append(checkpoint)
      memory.commands[String(checkpoint.number)] = Self.shortened(command)
      if memory.checkpoints.count > Self.mostCheckpoints { try await drop(memory.checkpoints.removeFirst()) }
    }
    return Keeping(
      reason: reason, removals: DestructiveCommand.removals(in: command), checkpoint: checkpoint, account: account,
      before: before)
  }

  /// What to say at the end of a command's answer of what was kept before it: nothing where nothing was lost.
  func note(on keeping: Keeping?, hasEnded: Bool) async throws(SandboxError) -> String {
    guard let keeping else { return "" }
    guard let checkpoint = keeping.checkpoint else {
      return "\n[The workspace was NOT kept before this command (\(keeping.reason)), because there is no room for a "
        + "copy; it cannot be undone.]"
    }
    let undo = "`\(ShellIntercept.undo) \(checkpoint.number)`, as a call of its own with nothing else in it, brings"
    let general =
      "\n[The workspace was kept before this command (\(keeping.reason)). \(undo) it back, whatever is "
      + "changed until then.]"
    guard hasEnded, let before = keeping.before.changes, let references = keeping.before.references,
      let after = await changes()
    else {
      if keeping.before.references != [] { _ = try await report(.never, in: keeping.account) }
      return general
    }
    guard let report = references.isEmpty ? [] : try await report(.after, in: keeping.account) else { return general }
    if before == after, Self.isSame(report, as: references) {
      // Nothing to go back to, and nothing that stands in the way of what was kept earlier.
      try await giveUp(keeping)
      return ""
    }
    var loss: WorkLoss
    if references.isEmpty {
      loss = WorkLoss(from: before, to: after)
    } else if let told = WorkLoss(report: report, keepsCommits: !Self.isRewriting(keeping.reason)) {
      loss = told
    } else {
      return general
    }
    if let removals = keeping.removals { loss.keepOnly(removedBy: removals) }
    guard !loss.isEmpty else { return "" }
    let command = memory.commands[String(checkpoint.number)] ?? keeping.reason
    return
      "\n[`\(command)` has thrown away what no file, branch or stash keeps: \(loss.text). \(undo) the whole workspace back to what "
      + "it was before, whatever is changed until then.]"
  }

  /// Gives up what was kept before a command that has changed nothing.
  func giveUp(_ keeping: Keeping?) async throws(SandboxError) {
    guard let checkpoint = keeping?.checkpoint else { return }
    memory.checkpoints.removeAll { $0 == checkpoint }
    try await drop(checkpoint)
  }

  /// Whether commits are written anew by a command, so that the old ones are no loss.
  private static func isRewriting(_ reason: String) -> Bool { ["git rebase", "git pull"].contains(reason) }

  /// Whether a repository, if there is one, leads to what it led to before.
  private static func isSame(_ report: [UInt8], as references: [UInt8]) -> Bool {
    report.starts(with: references)
      && report.dropFirst(references.count).prefix { $0 != 0 }.allSatisfy { $0 == 10 }
  }

  private enum Moment: String {
    case before
    case after
    /// It is not compared; what the account took is given back.
    case never
  }

  /// What a repository in the workspace tells of the work in it; empty where there is none, `nil` where it cannot be
  /// told.
  private func report(_ moment: Moment, in account: CellPath) async throws(SandboxError) -> [UInt8]? {
    do throws(SandboxError) {
      let output = try await script(
        WorkLoss.script, [account.display, moment.rawValue], in: .workspace, timeout: .seconds(20))
      if output.ending == .exited(4) { return [] }
      return output.ending == .exited(0) && output.dropped == 0 ? output.bytes : nil
    } catch {
      _ = try Self.report(error, on: .workspace)
      return nil
    }
  }

  /// A checkpoint, for which earlier ones are given up where there is no room; `nil` where there is none even so.
  private func kept() async throws(SandboxError) -> CellCheckpoint? {
    while true {
      do throws(SandboxError) {
        return try await cell.checkpoint()
      } catch {
        guard error.code == .full else { throw error }
        if memory.checkpoints.isEmpty { return nil }
        try await drop(memory.checkpoints.removeFirst())
      }
    }
  }

  /// A command on one line, cut where it is long.
  private static func shortened(_ command: String) -> String {
    let most = 60
    let line = DisplayText.line(Array(command.utf8.prefix(4 * most)))
    return line.count > most ? "\(line.prefix(most))…" : line
  }

  /// Gives a checkpoint up that nobody can go back to any more.
  private func drop(_ checkpoint: CellCheckpoint) async throws(SandboxError) {
    memory.commands[String(checkpoint.number)] = nil
    do throws(SandboxError) {
      try await cell.forget(checkpoint)
    } catch {
      _ = try Self.report(error, on: .workspace)
    }
  }

  /// Whether a state was kept before an undo, which goes by no other name.
  private func isUndo(_ state: CellCheckpoint) -> Bool {
    memory.commands[String(state.number)]?.hasPrefix(ShellIntercept.undo) == true
  }

  private func command(of state: CellCheckpoint) -> String {
    memory.commands[String(state.number)].map { "`\($0)`" } ?? "a command that destroys files"
  }

  /// The states that are kept, and how to go back to one.
  func states(saying text: String = "", isError: Bool = false) -> ToolAnswer {
    var lines = [
      text
        + "`\(ShellIntercept.undo)` makes the workspace what it was before the last command that destroyed files, and "
        + "`\(ShellIntercept.undo) NUMBER` what it was at any of the states below; what is there now is kept before. "
        + "There is no other `arborist` here."
    ]
    lines += memory.checkpoints.map { "\($0.number): before \(command(of: $0))" }
    if memory.checkpoints.isEmpty { lines.append("No state is kept.") }
    return ToolAnswer(text: lines.joined(separator: "\n"), isError: isError)
  }

  /// Makes the workspace what it was at a state, or before the last command that destroyed something; what it is now is
  /// kept.
  func undo(_ number: UInt32?) async throws(SandboxError) -> ToolAnswer {
    let wanted = memory.checkpoints.last { number == nil ? !isUndo($0) : $0.number == number }
    guard let wanted else {
      if let number { return states(saying: "No state \(number) is kept; nothing was done. ", isError: true) }
      return ToolAnswer(
        text: hasLostCheckpoints
          ? "There is nothing to undo: what was kept was lost when the run was interrupted, and no command since was "
            + "one that destroys files."
          : "There is nothing to undo: no command since the start of the run, or since the last undo, was one that "
            + "destroys files.", isError: true)
    }
    let name = command(of: wanted)
    memory.checkpoints.removeAll { $0 == wanted }
    let present = try await kept()
    let account = try newFile("account")
    let before = WorkState(references: try await report(.before, in: account), changes: await changes())
    do throws(SandboxError) {
      try await cell.restore(wanted)
    } catch {
      if let present { try await drop(present) }
      if before.references != [] { _ = try await report(.never, in: account) }
      if error.code == .notFound {
        memory.commands[String(wanted.number)] = nil
        return ToolAnswer(text: "What was kept is gone; the workspace is as it was. \(error.detail)", isError: true)
      }
      let problem = try Self.report(error, on: .workspace)
      memory.checkpoints.append(wanted)
      return ToolAnswer(
        text: "Not everything could be brought back. \(problem) `\(ShellIntercept.undo)` tries it again.", isError: true
      )
    }
    let after = await changes()
    let report = before.references == [] ? [] : try await report(.after, in: account)
    try await drop(wanted)
    try await settleShell()
    if number == nil, let changes = before.changes, let after, Self.isAlike(changes, after),
      let references = before.references, let report, Self.isSame(report, as: references)
    {
      // Everything was there already: the state before it is the one that is meant.
      if let present { try await drop(present) }
      return try await undo(nil)
    }
    let left = memory.checkpoints.count
    var text = "The workspace is as it was before \(name); later edits are undone too. "
    text += try await difference(from: before.changes, to: after, hasRepository: before.references != [])
    if let present {
      memory.checkpoints.append(present)
      memory.commands[String(present.number)] = "\(ShellIntercept.undo) \(wanted.number)"
      text += "`\(ShellIntercept.undo) \(present.number)` takes this undo back. "
    } else {
      text += "There was no room to keep what was there, so this undo cannot be taken back. "
    }
    return ToolAnswer(text: text + "\(left) earlier \(left == 1 ? "state is" : "states are") kept.")
  }

  /// Whether the same files are there, of the same sizes; a file that was brought back was written again.
  private static func isAlike(_ left: [CellChange], _ right: [CellChange]) -> Bool {
    let plain = { (changes: [CellChange]) in
      Set(
        changes.map { change in
          guard case .written(let size, let isExecutable, _) = change.kind else { return change }
          return CellChange(path: change.path, kind: .written(size: size, isExecutable: isExecutable, stamp: 0))
        })
    }
    return plain(left) == plain(right)
  }

  /// What differs from the checkout; `nil` where it cannot be told, which is no reason not to undo.
  private func changes() async -> [CellChange]? {
    do throws(SandboxError) { return try await cell.changes() } catch { return nil }
  }

  /// Names the files that an undo has set back, but for ignored ones.
  private func difference(
    from before: [CellChange]?, to after: [CellChange]?, hasRepository: Bool
  ) async throws(SandboxError) -> String {
    guard let before, let after else { return "" }
    let all = Set(Set(before).symmetricDifference(after).map(\.path)).sorted()
    let ignored = hasRepository ? try await ignored(among: all) : []
    let paths = all.filter { !ignored.contains($0.bytes) }
    let also = ignored.isEmpty ? "" : " (besides \(ignored.count) ignored)"
    guard !paths.isEmpty else { return "No file outside of `.git` was another one\(also). " }
    let names = paths.prefix(Self.mostNames).map { "`\(DisplayText.line($0.bytes))`" }.joined(separator: ", ")
    let rest = paths.count > Self.mostNames ? " and \(paths.count - Self.mostNames) more" : ""
    return "Set back to what \(paths.count == 1 ? "it was: " : "they were: ")\(names)\(rest)\(also). "
  }

  /// Those of the paths that git ignores in the workspace; none where it cannot be told.
  private func ignored(among paths: [RepositoryPath]) async throws(SandboxError) -> Set<[UInt8]> {
    guard !paths.isEmpty else { return [] }
    do throws(SandboxError) {
      let process = try await cell.start(
        CellCommand(
          ["git", "-c", "safe.directory=*", "check-ignore", "-z", "--stdin"].map { Array($0.utf8) },
          input: .bytes(paths.flatMap { $0.bytes + [0] }), timeout: .seconds(20)))
      let output = try await collect(process, patience: nil)
      guard output.ending == .exited(0), output.dropped == 0 else { return [] }
      return Set(output.bytes.split(separator: 0).map(Array.init))
    } catch {
      _ = try Self.report(error, on: .workspace)
      return []
    }
  }

  /// Takes the shell that stays back to its directory, which may be another one by the same name now.
  private func settleShell() async throws(SandboxError) {
    guard let shell else { return }
    let command = "cd -- \"$PWD\" 2>/dev/null || cd \(CellPath.workspace.display)"
    let outcome = try await shell.run(command, number: nextCommand(), timeout: .seconds(20), in: cell)
    if case .status = outcome.ending {} else { self.shell = nil }
  }
}
