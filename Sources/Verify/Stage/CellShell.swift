internal import Base
internal import Sandbox

/// Runs commands of a cell to their end, for the stage's own work and for what a repository names.
struct CellShell: Sendable {
  let cell: any Cell

  /// What a command that has ended left.
  struct Ended: Sendable {
    var output: [UInt8]
    var dropped: Int
    var droppedAt: Int?
    var ending: CellEnding
    var elapsed: Duration
    /// How many processes it was refused, as far as they are counted.
    var refused = 0
    /// Whether it was ended because it went on asking for processes that it could not have.
    var isRunaway = false

    /// Lets what was left out begin and end with a line, so that no two halves look like one.
    mutating func closeGap() {
      guard let gap = droppedAt else { return }
      let newline = UInt8(ascii: "\n")
      let head = output[..<gap].lastIndex(of: newline).map { $0 + 1 } ?? gap
      let tail = output[gap...].firstIndex(of: newline).map { $0 + 1 } ?? gap
      dropped += tail - head
      droppedAt = head
      output.removeSubrange(head..<tail)
    }
  }

  /// Runs a command to its end.
  ///
  /// Its output is asked for once, so that of very much the cell itself keeps the beginning and the end.
  ///
  /// - Parameters:
  ///   - command: The command.
  ///   - refusals: After so many processes that it could not have it is ended; `nil` for no look at that.
  /// - Returns: What it left.
  /// - Throws: ``SandboxError``, or `CancellationError` where the task is cancelled; the command is ended then.
  func run(_ command: CellCommand, refusals: Int? = nil) async throws -> Ended {
    let watch = refusals == nil ? nil : await ProcessWatch(cell)
    let process = try await cell.start(command)
    if let refusals { watch?.begin(process, limit: refusals) }
    defer { watch?.end() }
    var bytes: [UInt8] = []
    var dropped = 0
    var droppedAt: Int?
    while true {
      let output = try await cell.output(of: process, waiting: command.timeout + .seconds(60))
      if let gap = output.droppedAt { droppedAt = droppedAt ?? bytes.count + gap }
      bytes += output.bytes
      dropped += output.dropped
      if let ending = output.ending {
        var ended = Ended(
          output: bytes, dropped: dropped, droppedAt: droppedAt, ending: ending, elapsed: output.elapsed)
        if let watch { (ended.refused, ended.isRunaway) = await watch.found() }
        // However it took that: it did not come to its end by itself.
        if ended.isRunaway { ended.ending = .signalled(15) }
        return ended
      }
      if Task.isCancelled {
        // Whoever is cancelled is answered at once, and the command goes on unless it is ended.
        try await cell.terminate(process)
        throw CancellationError()
      }
    }
  }

  /// Runs a script of the stage's own in the workspace, with these words as its arguments.
  ///
  /// - Throws: ``SandboxError``, or ``StageFailure`` where the script does not end with 0.
  @discardableResult
  func script(
    _ text: String, _ arguments: [[UInt8]] = [], input: [UInt8] = [], doing what: String
  ) async throws -> [UInt8] {
    let words = [Array("sh".utf8), Array("-c".utf8), Array(text.utf8), Array("sh".utf8)] + arguments
    let ended = try await run(
      CellCommand(words, input: input.isEmpty ? .none : .bytes(input), timeout: .seconds(300)))
    guard ended.ending == .exited(0) else {
      let last = ended.output.split(separator: UInt8(ascii: "\n")).last.map { DisplayText.line($0.prefix(300)) } ?? ""
      let isFull = last.contains("No space left")
      throw StageFailure(isFull ? .full : .sandbox, "\(what): \(last.isEmpty ? "\(ended.ending)" : last)")
    }
    return ended.output
  }
}
