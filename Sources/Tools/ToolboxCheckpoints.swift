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
    return Keeping(reason: reason, checkpoint: checkpoint, account: account, before: before)
  }

  /// What to say at the end of a command's answer of what was kept before it: nothing where nothing was lost.
  func note(on keeping: Keeping?, hasEnded: Bool) async throws(SandboxError) -> String {
    guard let keeping else { return "" }
    guard let checkpoint = keeping.checkpoint else {
      return "\n[The workspace was NOT kept before this command (\(keeping.reason)), because there is no room for a "
        + "copy; it cannot be undone.]"
    }
    let undo = "`\(ShellIntercept.undo)`, as a call of its own with nothing else in it, brings"
    let general = "\n[The workspace was kept before this command (\(keeping.reason)). \(undo) it back.]"
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
    let loss: WorkLoss
    if references.isEmpty {
      loss = WorkLoss(from: before, to: after)
    } else if let told = WorkLoss(report: report, keepsCommits: !Self.isRewriting(keeping.reason)) {
      loss = told
    } else {
      return general
    }
    guard !loss.isEmpty else { return "" }
    let command = memory.commands[String(checkpoint.number)] ?? keeping.reason
    return
      "\n[`\(command)` has thrown away what nothing else keeps: \(loss.text). \(undo) the workspace back to what it "
      + "was before.]"
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
    let most = 200
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

  func undo() async throws(SandboxError) -> ToolAnswer {
    guard let last = memory.checkpoints.popLast() else {
      return ToolAnswer(
        text: hasLostCheckpoints
          ? "There is nothing to undo: what was kept was lost when the run was interrupted, and no command since was "
            + "one that destroys files."
          : "There is nothing to undo: no command since the start of the run, or since the last undo, was one that "
            + "destroys files.", isError: true)
    }
    let before = await changes()
    do throws(SandboxError) {
      try await cell.restore(last)
    } catch {
      if error.code == .notFound {
        memory.commands[String(last.number)] = nil
        return ToolAnswer(text: "What was kept is gone; the workspace is as it was. \(error.detail)", isError: true)
      }
      let problem = try Self.report(error, on: .workspace)
      memory.checkpoints.append(last)
      return ToolAnswer(
        text: "Not everything could be brought back. \(problem) `\(ShellIntercept.undo)` tries it again.", isError: true
      )
    }
    let after = await changes()
    let command = memory.commands[String(last.number)].map { "`\($0)`" } ?? "the last command that destroys files"
    try await drop(last)
    try await settleShell()
    let left = memory.checkpoints.count
    return ToolAnswer(
      text: "The workspace is as it was before \(command); later edits are undone too. "
        + Self.difference(from: before, to: after)
        + "\(left) earlier \(left == 1 ? "state is" : "states are") kept.")
  }

  /// What differs from the checkout; `nil` where it cannot be told, which is no reason not to undo.
  private func changes() async -> [CellChange]? {
    do throws(SandboxError) { return try await cell.changes() } catch { return nil }
  }

  /// Names the files that an undo has set back.
  private static func difference(from before: [CellChange]?, to after: [CellChange]?) -> String {
    guard let before, let after else { return "" }
    let paths = Set(Set(before).symmetricDifference(after).map(\.path)).sorted()
    guard !paths.isEmpty else { return "No file outside of `.git` was another one. " }
    let names = paths.prefix(mostNames).map { "`\(DisplayText.line($0.bytes))`" }.joined(separator: ", ")
    let rest = paths.count > mostNames ? " and \(paths.count - mostNames) more" : ""
    return "Set back to what \(paths.count == 1 ? "it was: " : "they were: ")\(names)\(rest). "
  }

  /// Takes the shell that stays back to its directory, which may be another one by the same name now.
  private func settleShell() async throws(SandboxError) {
    guard let shell else { return }
    let command = "cd -- \"$PWD\" 2>/dev/null || cd \(CellPath.workspace.display)"
    let outcome = try await shell.run(command, number: nextCommand(), timeout: .seconds(20), in: cell)
    if case .status = outcome.ending {} else { self.shell = nil }
  }
}
