internal import Base
internal import FileSystem
internal import Glibc
internal import Work

/// The lock of a reference in a repository that others use: the file `NAME.lock` beside the reference's own, as git
/// takes it.
///
/// git and libgit2 make it empty, write into it later, and libgit2 turns it into the reference by a second link where
/// the reference is new. Who is killed over that leaves a lock that does not tell whose it is, or one beside a reference
/// that has moved. Ours is filled, marked and locked for this process before it has a name, and one rename makes it the
/// reference: whenever this process dies, there is a lock that is surely ours and whose owner is surely gone, or none.
struct ReferenceLock: ~Copyable {
  /// The bit of the mode that marks a lock as ours.
  ///
  /// On an ordinary file the sticky bit has no meaning, and no umask and no configuration makes git set it.
  static let mark: UInt32 = 0o1000

  /// How the file comes to be.
  enum Making: CaseIterable {
    /// Without a name first: nothing is left of it before it is the lock.
    case unnamed
    /// Under another name first, one that `git gc` tidies away: for file systems that need a name from the start.
    case linked
    /// Where it belongs, at once, for file systems without hard links: who is killed before it is filled, some
    /// microseconds, leaves a lock that nobody can tell from another's.
    case plain
  }

  private let file: FileDescriptor
  private let status: FileStatus
  private let ref: [UInt8]
  private let operation: String
  private var isHeld = true

  private init(_ file: consuming FileDescriptor, _ status: FileStatus, of ref: [UInt8], _ operation: String) {
    self.file = file
    self.status = status
    self.ref = ref
    self.operation = operation
  }

  deinit {
    if isHeld, Self.isStill(status, at: Self.path(of: ref)) { try? File.remove(Self.path(of: ref)) }
  }

  /// The lock of the reference that lies at a path.
  static func path(of ref: [UInt8]) -> [UInt8] { ref + Array(".lock".utf8) }

  /// What a reference to an object holds.
  static func content(_ id: ObjectID) -> [UInt8] { Array("\(id.hex)\n".utf8) }

  private static func isStill(_ status: FileStatus, at path: [UInt8]) -> Bool {
    (try? FileStatus(noFollow: path))?.isSame(as: status) == true
  }

  /// Takes the lock.
  ///
  /// - Parameters:
  ///   - ref: The reference.
  ///   - new: Where it is to move.
  ///   - directory: The git directory.
  ///   - sharing: The rights that others get.
  ///   - makings: How the lock may be made, the best first.
  /// - Returns: The lock; `nil` where somebody else has it.
  /// - Throws: ``GitError`` where it cannot be made.
  static func take(
    of ref: RefName, for new: ObjectID, in directory: String, _ sharing: SharedPermissions,
    by makings: [Making] = Making.allCases
  ) throws(GitError) -> ReferenceLock? {
    let operation = "lock '\(ref.display)'"
    let root = Array(directory.utf8)
    let path = root + [UInt8(ascii: "/")] + ref.bytes
    let objects = root + Array("/objects".utf8)
    var last = FileError("make", Self.path(of: path), code: ENOENT)
    // Whoever deletes the last branch of a directory takes the directory with it, perhaps just now.
    for _ in 0..<4 where last.code == ENOENT {
      do throws(FileError) {
        try SharedDirectories.make(above: ref.bytes, in: root, sharing)
      } catch {
        throw GitError(operation, error)
      }
      for making in makings {
        do throws(FileError) {
          let file = try make(Self.path(of: path), content(new), objects, sharing, making)
          let status = try FileStatus(of: file)
          return ReferenceLock(file, status, of: path, operation)
        } catch {
          if error.code == EEXIST { return nil }
          last = error
        }
      }
    }
    throw GitError(operation, last)
  }

  private static func make(
    _ path: [UInt8], _ content: [UInt8], _ objects: [UInt8], _ sharing: SharedPermissions, _ making: Making
  ) throws(FileError) -> FileDescriptor {
    switch making {
    case .unnamed:
      let directory = Array(path[..<(path.lastIndex(of: UInt8(ascii: "/")) ?? 0)])
      let file = try FileDescriptor(opening: directory, .unnamed(mode: 0o666))
      try fill(file, content, sharing)
      try file.link(to: path)
      return file
    case .linked:
      let temporary = objects + Array("/tmp_ref_\(String(UInt64.random(in: .min ... .max), radix: 16))".utf8)
      let file = try FileDescriptor(opening: temporary, .new(mode: 0o666))
      defer { try? File.remove(temporary) }
      try fill(file, content, sharing)
      try File.link(temporary, to: path)
      return file
    case .plain:
      let file = try FileDescriptor(opening: path, .new(mode: 0o666))
      do throws(FileError) {
        try fill(file, content, sharing)
      } catch {
        try? File.remove(path)
        throw error
      }
      return file
    }
  }

  private static func fill(
    _ file: borrowing FileDescriptor, _ content: [UInt8], _ sharing: SharedPermissions
  ) throws(FileError) {
    // Where the file system cannot lock, nobody takes a lock of ours for abandoned.
    _ = try? file.tryLock()
    try file.setMode(sharing.mode(of: try FileStatus(of: file)) | mark)
    try file.write(content)
    try file.sync()
  }

  /// Makes the lock the reference, so that it moves.
  ///
  /// - Throws: ``GitError``; with `modified` where the lock was taken away from us, and nothing moved.
  mutating func commit() throws(GitError) {
    let path = Self.path(of: ref)
    guard Self.isStill(status, at: path) else {
      throw GitError(.modified, operation: operation, message: "somebody removed the lock meanwhile")
    }
    do throws(FileError) {
      do throws(FileError) {
        try File.rename(path, to: ref)
      } catch {
        guard error.code == EISDIR || error.code == ENOTEMPTY || error.code == EEXIST else { throw error }
        // What branches leave that were deleted: directories with nothing in them.
        try SharedDirectories.removeEmpty(ref)
        try File.rename(path, to: ref)
      }
      isHeld = false
      try? file.setMode(status.mode & ~Self.mark)
      try Directory.sync(Array(ref[..<(ref.lastIndex(of: UInt8(ascii: "/")) ?? 0)]))
    } catch {
      throw GitError(operation, error)
    }
  }
}

/// The directories of references and of their logs.
enum SharedDirectories {
  /// Makes the directories above a file where they are missing, for everyone who may use the repository.
  ///
  /// - Parameters:
  ///   - file: The file's path below `root`.
  ///   - root: A directory that is there.
  ///   - sharing: The rights that others get.
  /// - Throws: ``FileError`` where one cannot be made.
  static func make(above file: [UInt8], in root: [UInt8], _ sharing: SharedPermissions) throws(FileError) {
    var path = root
    for component in file.split(separator: UInt8(ascii: "/")).dropLast() {
      let parent = path
      path += [UInt8(ascii: "/")] + component
      let result = unsafe withCString(path) { unsafe mkdir($0, 0o777) }
      if result == 0 {
        sharing.apply(to: path)
        try Directory.sync(parent)
      } else if errno == EEXIST {
        // Whoever made it may have been killed before others got their rights.
        sharing.apply(to: path)
      } else {
        throw FileError("make the directory", path)
      }
    }
  }

  /// Removes a directory where nothing but empty directories is in it.
  ///
  /// - Throws: ``FileError`` where something else is; what was empty may be gone.
  static func removeEmpty(_ path: [UInt8]) throws(FileError) {
    for name in try Directory.names(path) {
      let inner = path + [UInt8(ascii: "/")] + name
      guard try FileStatus(noFollow: inner)?.kind == .directory else {
        throw FileError("write", path, code: EISDIR)
      }
      try removeEmpty(inner)
    }
    try Directory.removeIfEmpty(path)
  }
}

extension GitError {
  /// What the file system refused.
  init(_ operation: String, _ error: FileError) {
    self.init(.system, operation: operation, message: error.description)
  }
}
