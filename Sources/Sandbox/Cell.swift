package import Base

/// A place in which commands of strangers run: they see what its policy lists and can change nothing outside.
///
/// Paths are bytes, absolute inside the cell; the workspace is at ``CellPath/workspace``. Every operation is carried out
/// by a small process inside, as the cell's own user, so a symbolic link leads nowhere else.
package protocol Cell: Sendable {
  /// Starts a command and returns at once; what it writes is fetched with ``output(of:waiting:)``.
  func start(_ command: CellCommand) async throws(SandboxError) -> CellProcessID

  /// Writes to the standard input of a command that was started with one.
  func write(_ bytes: [UInt8], to process: CellProcessID, endsInput: Bool) async throws(SandboxError)

  /// What a command wrote since it was asked last; waits until it has ended, or for this long at most.
  func output(of process: CellProcessID, waiting: Duration) async throws(SandboxError) -> CellOutput

  /// Ends a command and everything it started: politely, and after five seconds for good.
  func terminate(_ process: CellProcessID) async throws(SandboxError)

  /// The content of a file from an offset on; at most `limit` bytes.
  func read(_ path: CellPath, from offset: Int, limit: Int) async throws(SandboxError) -> CellFile

  /// Puts a file in place of whatever is there, in one step; directories on the way are made.
  ///
  /// Where `isExecutable` is `nil`, the file stays what it is, and a new one is not executable.
  func write(_ bytes: [UInt8], to path: CellPath, isExecutable: Bool?) async throws(SandboxError)

  /// Removes a file or a symbolic link.
  func remove(_ path: CellPath) async throws(SandboxError)

  /// The names in a directory with what they are, sorted by bytes; at most `limit`.
  func list(_ path: CellPath, limit: Int) async throws(SandboxError) -> [CellEntry]

  /// What differs in the workspace from the checkout it began with, sorted by path; `.git` is left out.
  func changes() async throws(SandboxError) -> [CellChange]

  /// What differs now otherwise than at an earlier look; all that differs where that was not the last one, or `nil`.
  func changes(since look: CellLook?) async throws(SandboxError) -> CellChanges

  /// Keeps the workspace as it is now, `.git` included, to go back to; with `whole` also `/tmp`, `/dev/shm` and the home.
  func checkpoint(whole: Bool) async throws(SandboxError) -> CellCheckpoint

  /// Makes the workspace what it was, and what else was kept.
  func restore(_ checkpoint: CellCheckpoint) async throws(SandboxError)

  /// Gives up a state of the workspace, and the room that it takes.
  func forget(_ checkpoint: CellCheckpoint) async throws(SandboxError)

  /// Ends every process in the cell, however it was started and whatever it has left; the cell stays.
  ///
  /// - Returns: How many there were.
  func endProcesses() async throws(SandboxError) -> Int

  /// How many processes and threads it was refused since it was made, because it has as many as it may have.
  ///
  /// - Returns: Their number; `nil` where nobody counts, as without control groups.
  func refusedProcesses() async -> Int?

  /// The directory of the host that stands for `/` where the cell has no root of its own; empty otherwise.
  var hostRoot: [UInt8] { get }

  /// Ends everything in the cell and gives back what it holds; nothing of it is left when this returns.
  func stop() async
}

extension Cell {
  package var hostRoot: [UInt8] { [] }

  package func refusedProcesses() async -> Int? { nil }

  /// Keeps the workspace as it is now, `.git` included, to go back to.
  package func checkpoint() async throws(SandboxError) -> CellCheckpoint { try await checkpoint(whole: false) }

  /// Everything, for a cell that does not remember what it told.
  package func changes(since look: CellLook?) async throws(SandboxError) -> CellChanges {
    CellChanges(changes: try await changes())
  }
}

/// A path inside a cell: absolute, without `.`, `..` or a NUL.
package struct CellPath: Sendable, Hashable {
  package let bytes: [UInt8]

  /// The path, where it is one of a cell.
  package init?(_ bytes: some Collection<UInt8>) {
    guard bytes.first == UInt8(ascii: "/"), !bytes.contains(0), bytes.count < 4096 else { return nil }
    let parts = bytes.split(separator: UInt8(ascii: "/"))
    guard !parts.contains(where: { $0.elementsEqual(".".utf8) || $0.elementsEqual("..".utf8) }) else { return nil }
    self.bytes = [UInt8(ascii: "/")] + parts.joined(separator: [UInt8(ascii: "/")])
  }

  private init(known text: String) {
    bytes = Array(text.utf8)
  }

  /// Where the checkout is.
  package static let workspace = CellPath(known: "/workspace")
  /// A directory for whatever is only needed during the run.
  package static let temporary = CellPath(known: "/tmp")

  /// Whether it is this directory, or lies in it.
  package func isIn(_ directory: String) -> Bool {
    bytes.elementsEqual(directory.utf8)
      || bytes.starts(with: directory.utf8) && bytes.dropFirst(directory.utf8.count).first == UInt8(ascii: "/")
  }

  /// The path of an entry of this directory, or of one further down.
  package func appending(_ relative: some Collection<UInt8>) -> CellPath? {
    CellPath(bytes + [UInt8(ascii: "/")] + relative)
  }
}

/// A command for a cell.
package struct CellCommand: Sendable, Hashable {
  /// The program, found through `PATH`, and its arguments.
  package var arguments: [[UInt8]]
  package var directory: CellPath
  /// What is added to the cell's own environment.
  package var environment: [String: String]
  package var input: Input
  /// Whether it gets a terminal; what it writes then comes as one stream.
  package var hasTerminal: Bool
  /// When it is ended, whatever it does.
  package var timeout: Duration
  /// The most bytes of output that are kept for whoever asks; what is beyond is counted and thrown away.
  package var outputLimit: Int

  package enum Input: Sendable, Hashable {
    /// Nothing to read.
    case none
    /// These bytes, then the end.
    case bytes([UInt8])
    /// Whatever is written later.
    case open
  }

  package init(
    _ arguments: [[UInt8]], directory: CellPath = .workspace, environment: [String: String] = [:], input: Input = .none,
    hasTerminal: Bool = false, timeout: Duration = .seconds(120), outputLimit: Int = 16 << 20
  ) {
    self.arguments = arguments
    self.directory = directory
    self.environment = environment
    self.input = input
    self.hasTerminal = hasTerminal
    self.timeout = timeout
    self.outputLimit = outputLimit
  }
}

/// Names a command of one cell.
package struct CellProcessID: Sendable, Hashable, Codable {
  package let number: UInt32

  package init(number: UInt32) {
    self.number = number
  }
}

/// What a command has written, and how it stands.
package struct CellOutput: Sendable, Hashable {
  /// Standard output and standard error in the order in which they came.
  package var bytes: [UInt8]
  /// Bytes that were thrown away because they were too many.
  package var dropped: Int
  /// Where in `bytes` they would have been, between the first part of the output and the last; `nil` where none were.
  package var droppedAt: Int?
  /// How the command ended; `nil` while it runs.
  package var ending: CellEnding?
  /// How long it has run, or ran.
  package var elapsed: Duration

  package init(
    bytes: [UInt8], dropped: Int = 0, droppedAt: Int? = nil, ending: CellEnding?, elapsed: Duration
  ) {
    self.bytes = bytes
    self.dropped = dropped
    self.droppedAt = droppedAt
    self.ending = ending
    self.elapsed = elapsed
  }
}

/// How a command ended.
package enum CellEnding: Sendable, Hashable {
  case exited(Int32)
  case signalled(Int32)
  case timedOut
}

/// A part of a file.
package struct CellFile: Sendable, Hashable {
  package var bytes: [UInt8]
  /// The size of the whole file.
  package var size: Int
  package var isExecutable: Bool

  package init(bytes: [UInt8], size: Int, isExecutable: Bool) {
    self.bytes = bytes
    self.size = size
    self.isExecutable = isExecutable
  }
}

/// What a name in a directory stands for.
package struct CellEntry: Sendable, Hashable {
  package enum Kind: Sendable, Hashable {
    case file
    case directory
    case link
    case other
  }

  package var name: [UInt8]
  package var kind: Kind
  package var size: Int

  package init(name: [UInt8], kind: Kind, size: Int) {
    self.name = name
    self.kind = kind
    self.size = size
  }
}

/// One difference between the workspace and the checkout that it began with.
package struct CellChange: Sendable, Hashable {
  package var path: RepositoryPath
  package var kind: Kind

  package enum Kind: Sendable, Hashable {
    /// A file is new or was written to; the stamp differs whenever it was written again.
    case written(size: Int, isExecutable: Bool, stamp: UInt64)
    case linked(target: [UInt8])
    case removed
    /// A directory in which there is more than is told: it is too deep, cannot be listed, or has too many new files; or
    /// the first of too many files at the top. Or a file or directory that is called `.git`, in whatever letters, and is
    /// not the repository at the top: git takes nothing under such a name.
    case unlisted
  }

  package init(path: RepositoryPath, kind: Kind) {
    self.path = path
    self.kind = kind
  }
}

/// Names a look at the changes of a workspace.
package struct CellLook: Sendable, Hashable {
  package let number: UInt32

  package init(number: UInt32) {
    self.number = number
  }
}

/// What a look at the changes of a workspace has found.
package struct CellChanges: Sendable, Hashable {
  /// To ask for what comes after it; `nil` where the cell does not remember.
  package var look: CellLook?
  /// Whether it is all that differs, and not only what is otherwise than at the look before.
  package var isWhole: Bool
  /// In no order.
  package var changes: [CellChange]
  /// What differed at the look before and does not any more; none where it is all.
  package var reverted: [RepositoryPath]

  package init(look: CellLook? = nil, isWhole: Bool = true, changes: [CellChange], reverted: [RepositoryPath] = []) {
    self.look = look
    self.isWhole = isWhole
    self.changes = changes
    self.reverted = reverted
  }
}

/// Names a state of the workspace that was kept.
package struct CellCheckpoint: Sendable, Hashable, Codable {
  package let number: UInt32

  package init(number: UInt32) {
    self.number = number
  }
}

/// Why a cell could not do something.
package struct SandboxError: Error, Hashable, CustomStringConvertible {
  package enum Code: String, Sendable, Hashable {
    /// A wall is missing, and what was to run is not trusted.
    case wallMissing
    /// The cell could not be made.
    case cannotStart
    /// The cell is gone; everything in it with it.
    case ended
    case notFound
    case notAFile
    case notADirectory
    case permission
    /// The disk or the memory of the cell is full.
    case full
    /// The request breaks a rule of the cell.
    case refused
    /// The cell answered nonsense.
    case malformed
  }

  package let code: Code
  /// What was done to what.
  package let operation: String
  package let detail: String

  package init(_ code: Code, operation: String, detail: String) {
    self.code = code
    self.operation = operation
    self.detail = detail
  }

  package var description: String { "\(operation): \(detail)" }
}
