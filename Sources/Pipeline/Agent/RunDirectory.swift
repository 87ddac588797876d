internal import Base
internal import FileSystem
package import Work

/// The directory of one run by hand, locked by the process that works on it.
struct RunDirectory: ~Copyable {
  let path: String
  private let lock: FileDescriptor

  /// The directory of a run; it is made where it is not there.
  ///
  /// - Throws: ``RunIsBusy`` where another process works on the run, or ``FileError``.
  static func open(_ run: RunID, under runs: String) throws -> RunDirectory {
    let path = runs + "/" + run.text
    let bytes = Array(path.utf8)
    if try FileStatus(bytes) == nil { try Directory.make(bytes, mode: 0o711) }
    let lock = try FileDescriptor(opening: bytes + Array("/lock".utf8), .readWriteOrCreate(mode: 0o600))
    guard try lock.tryLock() else { throw RunIsBusy(run: run) }
    return RunDirectory(path: path, lock: lock)
  }

  private init(path: String, lock: consuming FileDescriptor) {
    self.path = path
    self.lock = lock
  }

  /// Where the contents of changed files are kept.
  var files: String { path + "/files" }
  /// Where the commit is checked out.
  var checkout: String { path + "/checkout" }
  /// What differs in the end, as a patch.
  var patch: String { path + "/changes.patch" }

  /// The runs under a directory that are open, or whose process died before it could throw away what only an open run
  /// needs; one that is over has no lock any more.
  static func unfinished(under runs: String) -> [RunID] {
    let names = (try? Directory.names(Array(runs.utf8))) ?? []
    return names.compactMap { name in
      let lock = Array("\(runs)/".utf8) + name + Array("/lock".utf8)
      guard (try? FileStatus(noFollow: lock)) != nil else { return nil }
      return RunID(String(decoding: name, as: UTF8.self))
    }
  }

  /// Throws away what only an open run needs: everything but the patch, and the directory where there is none.
  func tidy() throws {
    if try FileStatus(Array(patch.utf8)) == nil { return try Directory.removeTree(Array(path.utf8)) }
    for name in try Directory.names(Array(path.utf8)) where name != Array("changes.patch".utf8) {
      try Directory.removeTree(Array("\(path)/".utf8) + name)
    }
  }

  /// Throws everything away.
  consuming func remove() throws {
    try Directory.removeTree(Array(path.utf8))
  }
}

/// Another process works on the run.
package struct RunIsBusy: Error, Hashable, CustomStringConvertible {
  package let run: RunID

  package var description: String {
    "run \(run) cannot be resumed: another process works on it"
  }
}

/// The paths of a run's directory, for whoever does not hold its lock.
struct RunPaths: Sendable {
  let scratch: String
  let files: String
  let checkout: String
  let patch: String

  init(_ directory: borrowing RunDirectory) {
    scratch = directory.path
    files = directory.files
    checkout = directory.checkout
    patch = directory.patch
  }

  /// Keeps the patch.
  func keep(_ bytes: [UInt8]) throws(FileError) {
    let path = Array(patch.utf8)
    let part = path + Array(".part".utf8)
    // A process that died while it wrote has left one.
    if try FileStatus(noFollow: part) != nil { try File.remove(part) }
    try File.replace(path, with: bytes, mode: 0o600, temporary: part)
  }
}
