internal import Base
internal import Models
package import Sandbox

/// Carries out what a model calls, in one cell.
///
/// It owns the sessions, the shell that stays, what the model has read, and the checkpoints. Reads may be performed at
/// the same time; everything else one after the other.
package actor Toolbox {
  package nonisolated let profile: ToolProfile
  let cell: any Cell
  var memory: ToolboxMemory
  var sessions: [Int: Session] = [:]
  var shell: PersistentShell?
  var shellCommands = 0
  /// Whether a session or shell of an earlier process may be missed.
  let isResumed: Bool
  /// Whether there were checkpoints, all in the cell of an earlier process.
  let hasLostCheckpoints: Bool

  struct Session {
    let process: CellProcessID
    let hasInput: Bool
  }

  /// A toolbox for this cell, with what the one of the same run knew before where the run is resumed, in a cell of its
  /// own.
  package init(_ profile: ToolProfile, cell: any Cell, memory: ToolboxMemory? = nil) {
    self.profile = profile
    self.cell = cell
    self.memory = memory ?? ToolboxMemory()
    isResumed = memory != nil
    hasLostCheckpoints = memory.map { !$0.checkpoints.isEmpty } ?? false
    // They were the other cell's; this one gives their numbers to its own.
    self.memory.checkpoints = []
    self.memory.commands = [:]
  }

  /// What a later toolbox must be given to go on with the run.
  package func remembered() -> ToolboxMemory { memory }

  /// Carries a call out, or answers what is wrong with it.
  ///
  /// - Throws: ``SandboxError`` only where the cell itself failed: nothing that the model did, or could do better.
  package func perform(_ examined: ExaminedCall) async throws(SandboxError) -> ToolAnswer {
    switch examined.verdict {
    case .malformed(let text): return ToolAnswer(text: text, isError: true)
    case .ready(let operation, _): return try await perform(operation)
    }
  }

  /// Carries an operation out.
  ///
  /// - Throws: As ``perform(_:)-(ExaminedCall)``.
  package func perform(_ operation: ToolOperation) async throws(SandboxError) -> ToolAnswer {
    do throws(SandboxError) {
      var answer = try await carryOut(operation)
      answer.text += operation.note
      return answer
    } catch {
      // A disk that the model has filled is the model's to empty.
      guard error.code == .full else { throw error }
      return ToolAnswer(
        text: "The disk of the cell is full: \(error.operation) failed. \(Self.emptying), then make the call again; it "
          + "may have been carried out in part.", isError: true)
    }
  }

  static let emptying =
    "Remove what is not needed (build output, large files in \(CellPath.temporary.display))"

  private func carryOut(_ operation: ToolOperation) async throws(SandboxError) -> ToolAnswer {
    switch operation {
    case .plan(let steps): return Self.planned(steps)
    case .impossible(let text): return ToolAnswer(text: text, isError: true)
    case .run(let request): return try await run(request)
    case .shell(let request): return try await runInShell(request)
    case .restartShell: return try await restartShell()
    case .poll(let request): return try await poll(request)
    case .undo(let number): return try await undo(number)
    case .kept: return states()
    default: return try await performOnFiles(operation)
    }
  }

  private static func planned(_ steps: [PlanStep]) -> ToolAnswer {
    let running = steps.count { $0.status == .inProgress }
    let done = steps.count { $0.status == .completed }
    var note = running > 1 ? " Keep at most one step in progress." : ""
    var told: Set<String> = []
    for step in steps {
      guard let written = step.writtenStatus, !written.isEmpty, told.insert(written).inserted, told.count <= 4 else {
        continue
      }
      note += " `\(DisplayText.line(written.utf8.prefix(40)))` was taken for `\(step.status.rawValue)`."
    }
    let bare = steps.count { $0.writtenStatus == "" }
    if bare > 0 { note += " \(bare) of them came without a status and \(bare == 1 ? "is" : "are") pending now." }
    return ToolAnswer(text: "Plan updated: \(done) of \(steps.count) steps completed.\(note)")
  }

  /// What the model is told of an error of the cell, where it is about what the model asked for.
  ///
  /// - Throws: The error itself, where it is about the cell.
  static func report(_ error: SandboxError, on path: CellPath) throws(SandboxError) -> String {
    switch error.code {
    case .notFound: return "There is no `\(path.shown)`."
    case .notAFile: return "`\(path.shown)` is not a file."
    case .notADirectory: return "A part of `\(path.shown)` is not a directory."
    case .permission: return "`\(path.shown)` may not be touched: \(error.detail)."
    case .refused: return "The sandbox refuses it: \(error.detail)."
    case .wallMissing, .cannotStart, .ended, .full, .malformed: throw error
    }
  }
}
