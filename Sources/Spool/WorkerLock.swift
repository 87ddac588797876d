package import FileSystem
package import Work

/// The right to be the one worker of a state directory; given back when the value goes away, however that happens.
///
/// It is an open file description lock (`fcntl`, `F_OFD_SETLK`) on `worker.lock`, and not inherited by programs that the
/// worker starts.
///
/// No delivery waits for a worker that does not come:
/// - A hook renames its file into `spool/new` (1) and then looks whether the lock is held (2). Where it is not, it starts
///   a worker.
/// - A worker gives the lock back (3) and then lists `spool/new` (4).
/// - Looking takes no lock, so whoever is seen to hold it is a worker. If a hook sees it held, (2) comes before that
///   worker's (3), so (1) comes before (4): the worker sees the file in (4) and goes on, or finds that another worker
///   has the lock by then, for which the same holds.
/// - A worker that is killed between does (4) no more. Its files stay, and the next push or `arborist worker` takes them.
package struct WorkerLock: ~Copyable {
  private let file: FileDescriptor

  private init(_ file: consuming FileDescriptor) {
    self.file = file
  }

  deinit {
    file.unlock()
  }

  private static func open(_ state: StateDirectory) throws(FileError) -> FileDescriptor {
    let isShared = try FileStatus(state.path)?.isGroupWritable ?? false
    let file: FileDescriptor
    do {
      file = try FileDescriptor(opening: state.workerLock, .create(mode: isShared ? 0o660 : 0o600))
    } catch {
      return try FileDescriptor(opening: state.workerLock, .readWriteOrCreate(mode: 0o600))
    }
    // An exclusive lock needs a descriptor that may write, which this is.
    return file
  }

  /// Takes the lock without waiting; `nil` where another worker has it.
  ///
  /// - Throws: ``FileError`` where the file cannot be opened or locked.
  package static func acquire(_ state: StateDirectory) throws(FileError) -> WorkerLock? {
    let file = try open(state)
    guard try file.tryLock() else { return nil }
    return WorkerLock(file)
  }

  /// Whether a worker has the lock; this takes none itself.
  ///
  /// - Throws: ``FileError`` where the file cannot be opened or looked at.
  package static func isHeld(_ state: StateDirectory) throws(FileError) -> Bool {
    try open(state).isLockedByAnother()
  }

  /// Gives the lock back.
  package consuming func release() {}
}

/// How a worker's turn ended.
package enum WorkerTurn: Sendable, Hashable {
  /// The spool is empty, but for what the worker left in it on purpose.
  case done
  /// Another worker has the lock, and will see what is in the spool.
  case anotherWorks

  /// Works until the spool is empty, in the order that ``WorkerLock`` proves to lose nothing.
  ///
  /// - Parameters:
  ///   - state: The state directory.
  ///   - work: Empties the spool and the job queue while the lock is held. It returns the names that it had to leave in
  ///     `spool/new`, for example because they cannot be read; they alone do not start another round.
  /// - Returns: Whether this worker did the work, or left it to another.
  /// - Throws: What `work` throws, and ``FileError`` where the lock or the spool cannot be used.
  package static func run(
    _ state: StateDirectory, work: () async throws -> Set<[UInt8]>
  ) async throws -> WorkerTurn {
    while true {
      guard let lock = try WorkerLock.acquire(state) else { return .anotherWorks }
      let left = try await work()
      lock.release()
      if try SpoolReader(state).names().allSatisfy(left.contains) { return .done }
    }
  }
}
