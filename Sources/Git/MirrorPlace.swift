internal import Base
internal import FileSystem

/// Where a mirror is, and the lock that one process at a time has on it.
///
/// Any number of processes of one host share the mirrors below a directory. Reading one needs no lock: its references
/// move one by one, and objects only ever come.
package struct MirrorPlace: Sendable, Hashable, Codable {
  /// The absolute path of the directory that holds the mirrors.
  package let parent: String
  /// The mirror's name in it, without an ending.
  package let name: String

  /// - Throws: ``GitError`` with `invalid` for a name that is more than one component of a path.
  package init(under parent: String, name: String) throws(GitError) {
    let isSafe =
      !name.isEmpty && name.utf8.count <= 200 && name.utf8.first != UInt8(ascii: ".")
      && name.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte) || "-_.".utf8.contains(byte)
      }
    guard isSafe, parent.hasPrefix("/") else {
      throw GitError(
        .invalid, operation: "name a mirror '\(DisplayText.escaping(name.utf8))'",
        message: "it is no plain name in an absolute directory")
    }
    self.parent = parent
    self.name = name
  }

  /// The bare repository.
  package var directory: String { "\(parent)/\(name).git" }

  /// Its objects, for a workspace to borrow.
  package var objectsDirectory: String { directory + "/objects" }

  private var lockPath: String { "\(parent)/\(name).lock" }
  private var unfinished: String { "\(parent)/\(name).new" }

  /// Opens the mirror to change it, or makes it, and has it alone until the body is done: it waits for whoever has it.
  ///
  /// The lock goes with the process that has it. What a killed one has left half done is removed first.
  ///
  /// - Throws: ``GitError`` where it cannot be opened or made, and what the body throws.
  package func change<Value>(_ body: (PrivateRepository) throws(GitError) -> Value) throws(GitError) -> Value {
    let lock = try taken()
    defer { lock.unlock() }
    return try body(try opened())
  }

  private func taken() throws(GitError) -> FileDescriptor {
    do throws(FileError) {
      if try FileStatus(noFollow: Array(parent.utf8)) == nil { try Directory.make(Array(parent.utf8), mode: 0o700) }
      let file = try FileDescriptor(opening: Array(lockPath.utf8), .readWriteOrCreate(mode: 0o600))
      try file.waitForLock()
      return file
    } catch {
      throw GitError(.system, operation: "lock the mirror '\(name)'", message: error.description)
    }
  }

  private func opened() throws(GitError) -> PrivateRepository {
    let isThere: Bool
    do throws(FileError) {
      isThere = try FileStatus(noFollow: Array(directory.utf8)) != nil
      if isThere {
        try MirrorLeftovers.remove(from: Array(directory.utf8))
      } else {
        // A repository has its name when it is whole.
        try Directory.removeTree(Array(unfinished.utf8))
      }
    } catch {
      throw GitError(.system, operation: "clear up the mirror '\(name)'", message: error.description)
    }
    if isThere { return try PrivateRepository.reopen(at: directory) }
    _ = try PrivateRepository.create(at: unfinished, mode: 0o755)
    do throws(FileError) {
      try File.rename(Array(unfinished.utf8), to: Array(directory.utf8))
      try Directory.sync(Array(parent.utf8))
    } catch {
      throw GitError(.system, operation: "make the mirror '\(name)'", message: error.description)
    }
    return try PrivateRepository.reopen(at: directory)
  }
}

/// What a process leaves in a mirror that is killed while it changes it.
enum MirrorLeftovers {
  /// Removes locks and files that were not finished; nobody else may be changing the mirror.
  static func remove(from directory: [UInt8]) throws(FileError) {
    for name in try Directory.names(directory) where isLock(name) { try remove(name, in: directory) }
    try removeLocks(below: directory + Array("/refs".utf8))
    let objects = directory + Array("/objects".utf8)
    for name in try Directory.names(objects) {
      let path = objects + slash + name
      if isUnfinished(name) {
        try remove(name, in: objects)
      } else if try FileStatus(noFollow: path)?.kind == .directory {
        for inner in try Directory.names(path) where isUnfinished(inner) || isLock(inner) {
          try remove(inner, in: path)
        }
      }
    }
  }

  private static let slash = [UInt8(ascii: "/")]

  private static func isLock(_ name: [UInt8]) -> Bool { name.reversed().starts(with: ".lock".utf8.reversed()) }

  /// libgit2 writes packs and objects under such names (`pack_git2_…`, `tmp_object_git2_…`), git under `tmp_…`.
  private static func isUnfinished(_ name: [UInt8]) -> Bool {
    name.starts(with: "tmp_".utf8) || String(decoding: name, as: UTF8.self).contains("_git2_")
  }

  private static func remove(_ name: [UInt8], in directory: [UInt8]) throws(FileError) {
    let path = directory + slash + name
    guard try FileStatus(noFollow: path)?.kind == .file else { return }
    try File.remove(path)
  }

  private static func removeLocks(below directory: [UInt8]) throws(FileError) {
    for name in try Directory.names(directory) {
      let path = directory + slash + name
      switch try FileStatus(noFollow: path)?.kind {
      case .directory: try removeLocks(below: path)
      case .file where isLock(name): try File.remove(path)
      default: break
      }
    }
  }
}
