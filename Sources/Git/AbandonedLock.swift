package import Base
internal import FileSystem
internal import Work

/// The lock of a reference that a killed process of ours has left.
///
/// Who is killed while it holds a lock leaves the file, and nobody can move the reference any more. A lock is ours where
/// it has our mark, or, where the file system keeps no such bits, says what only we would write: the commit that is
/// about to land, which nobody else has yet. Its owner is gone where the kernel has no lock on the file any more, which
/// a process has from before the file has a name until it ends. Every other lock stays, an empty one too: git keeps one
/// for as long as it deletes a reference.
package enum AbandonedLock {
  /// Removes the lock of a reference where it is one of those, and our mark from a reference that was the last thing
  /// that such a process moved; does nothing in doubt.
  ///
  /// - Parameters:
  ///   - ref: The reference.
  ///   - new: The commit that it was or is to move to.
  ///   - directory: The git directory.
  package static func remove(of ref: RefName, to new: ObjectID, in directory: String) {
    let own = Array(directory.utf8) + [UInt8(ascii: "/")] + ref.bytes
    let path = ReferenceLock.path(of: own)
    try? unmark(own)
    do throws(FileError) {
      // Before it is opened, so that no device is touched.
      guard try FileStatus(noFollow: path)?.kind == .file else { return }
      let file = try FileDescriptor(opening: path, .readWriteNoFollow)
      let status = try FileStatus(of: file)
      guard status.kind == .file, status.mode & ReferenceLock.mark != 0 || holds(new, file) else { return }
      guard try file.tryLock() else { return }
      // It may be another one by now. Who would put one of ours there had to remove this one first, and to have it
      // locked for that.
      if try FileStatus(noFollow: path)?.isSame(as: status) == true { try File.remove(path) }
      file.unlock()
    } catch {
      // Whoever lands says that it is locked.
    }
  }

  private static func unmark(_ path: [UInt8]) throws(FileError) {
    guard let seen = try FileStatus(noFollow: path), seen.kind == .file, seen.mode & ReferenceLock.mark != 0 else {
      return
    }
    let file = try FileDescriptor(opening: path, .readNoFollow)
    let mode = try FileStatus(of: file).mode
    try file.setMode(mode & ~ReferenceLock.mark)
  }

  private static func holds(_ id: ObjectID, _ file: borrowing FileDescriptor) -> Bool {
    let expected = ReferenceLock.content(id)
    return (try? file.read(at: 0, count: expected.count + 1)) == expected
  }
}
