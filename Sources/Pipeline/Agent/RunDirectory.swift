internal import Base
internal import FileSystem
package import Work

/// The directory of one run by hand, locked by the process that works on it.
struct RunDirectory: ~Copyable {
  let path: String
  private let lock: FileDescriptor

  /// The directory of a run; it is made where it is not there.
  ///
  /// It comes to its name with its lock held, so whoever finds it unlocked finds that its process is dead.
  ///
  /// - Throws: ``RunIsBusy`` where another process works on the run, or ``FileError``.
  static func open(_ run: RunID, under runs: String) throws -> RunDirectory {
    while true {
      if let there = try existing(run, under: runs) { return there }
      // Somebody who takes a draft for left over, or makes the directory too, sends us round once more.
      if let made = try Draft(of: run, under: runs).locked()?.published() { return made }
    }
  }

  /// The directory of a run; `nil` where there is none.
  ///
  /// - Throws: as ``open(_:under:)``.
  static func existing(_ run: RunID, under runs: String) throws -> RunDirectory? {
    let path = runs + "/" + run.text
    guard try FileStatus(Array(path.utf8)) != nil else { return nil }
    guard let lock = try lock(in: path) else { return nil }
    guard try lock.tryLock() else { throw RunIsBusy(run: run) }
    // What was locked may have been thrown away by whoever had it before.
    return try isThere(lock, in: path) ? RunDirectory(path: path, lock: lock) : nil
  }

  /// The lock of a directory; `nil` where that is gone.
  private static func lock(in path: String) throws(FileError) -> FileDescriptor? {
    do throws(FileError) {
      return try FileDescriptor(opening: lockPath(path), .readWriteOrCreate(mode: 0o600))
    } catch {
      guard try FileStatus(Array(path.utf8)) != nil else { return nil }
      throw error
    }
  }

  private static func lockPath(_ path: String) -> [UInt8] { Array("\(path)/lock".utf8) }

  private static func isThere(_ lock: borrowing FileDescriptor, in path: String) throws(FileError) -> Bool {
    guard let named = try FileStatus(noFollow: lockPath(path)) else { return false }
    let held = try FileStatus(Array("/proc/self/fd/\(lock.raw)".utf8))
    return held?.inode == named.inode && held?.device == named.device
  }

  /// A directory that is made under another name, so that nobody sees it under its own before it is locked.
  struct Draft {
    fileprivate let path: String
    fileprivate let final: String

    private static let prefix = ".new-"

    init(of run: RunID, under runs: String) throws(FileError) {
      path = "\(runs)/\(Self.prefix)\(run.text)-\(UInt64.random(in: .min ... .max))"
      final = runs + "/" + run.text
      try Directory.make(Array(path.utf8), mode: 0o711)
    }

    /// The same with its lock; `nil` where somebody else has it, and throws it away.
    func locked() throws(FileError) -> LockedDraft? {
      guard let lock = try RunDirectory.lock(in: path), try lock.tryLock() else { return nil }
      return LockedDraft(draft: self, lock: lock)
    }

    /// Throws drafts away whose process died over them.
    static func sweep(under runs: String) {
      for name in (try? Directory.names(Array(runs.utf8))) ?? [] where name.starts(with: prefix.utf8) {
        let path = runs + "/" + String(decoding: name, as: UTF8.self)
        guard let lock = try? RunDirectory.lock(in: path), (try? lock.tryLock()) == true else { continue }
        try? Directory.removeTree(Array(path.utf8))
      }
    }
  }

  /// A draft that is locked.
  struct LockedDraft: ~Copyable {
    fileprivate let draft: Draft
    fileprivate let lock: FileDescriptor

    /// The directory under its own name; `nil` where there is one by that name, or this one was thrown away.
    consuming func published() throws(FileError) -> RunDirectory? {
      let (path, final) = (Array(draft.path.utf8), Array(draft.final.utf8))
      do throws(FileError) {
        try File.rename(path, to: final)
      } catch {
        let (wasThere, other) = (try FileStatus(path) != nil, try FileStatus(final))
        try Directory.removeTree(path)
        guard wasThere, other == nil else { return nil }
        throw error
      }
      return RunDirectory(path: draft.final, lock: lock)
    }
  }

  private init(path: String, lock: consuming FileDescriptor) {
    self.path = path
    self.lock = lock
  }

  /// What of a run's directory stays when the run is over.
  private static let keptNames = ["changes.patch", logsName]
  /// The name of the directory in which the logs of commands are kept.
  static let logsName = "logs"

  /// Where the contents of changed files are kept.
  var files: String { path + "/files" }
  /// Where the commit is checked out.
  var checkout: String { path + "/checkout" }
  /// What differs in the end, as a patch.
  var patch: String { Self.patch(in: path) }

  /// Whether something that a run changed is kept; where that cannot be told, it is.
  static func hasFiles(_ run: RunID, under runs: String) -> Bool {
    do throws(FileError) {
      for name in ["files", "tasks"] where try FileStatus(Array("\(runs)/\(run.text)/\(name)".utf8)) != nil {
        return true
      }
      return false
    } catch {
      return true
    }
  }

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

  /// Throws away what only an open run needs: everything but the patch and the logs, and the
  /// directory where there are none.
  ///
  /// The lock goes last: as long as it is there, somebody comes back to what is left.
  func tidy() throws { try Self.tidy(path) }

  /// The same for a directory that nobody else can be at work in.
  static func tidy(_ path: String) throws {
    guard try FileStatus(Array(path.utf8)) != nil else { return }
    let root = Array(path.utf8)
    var isKept = false
    for name in try Directory.names(root) where name != Array("lock".utf8) {
      if keptNames.contains(where: { $0.utf8.elementsEqual(name) }) {
        isKept = true
      } else {
        try Directory.removeTree(root + [UInt8(ascii: "/")] + name)
      }
    }
    guard isKept else { return try Directory.removeTree(root) }
    if try FileStatus(noFollow: lockPath(path)) != nil { try File.remove(lockPath(path)) }
  }

  /// Throws everything away.
  consuming func remove() throws {
    let root = Array(path.utf8)
    for name in try Directory.names(root) where name != Array("lock".utf8) {
      try Directory.removeTree(root + [UInt8(ascii: "/")] + name)
    }
    try Directory.removeTree(root)
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
  func keep(_ bytes: [UInt8]) throws(FileError) { try RunDirectory.keep(bytes, in: scratch) }
}

extension RunDirectory {
  /// Where the patch of a run in this directory is kept.
  static func patch(in directory: String) -> String { directory + "/changes.patch" }

  /// Keeps the patch of a run in this directory.
  static func keep(_ bytes: [UInt8], in directory: String) throws(FileError) {
    let path = Array(patch(in: directory).utf8)
    let part = path + Array(".part".utf8)
    // A process that died while it wrote has left one.
    if try FileStatus(noFollow: part) != nil { try File.remove(part) }
    try File.replace(path, with: bytes, mode: 0o600, temporary: part)
  }
}
