internal import Base
internal import Glibc
internal import Work

/// The lock of a reference that a killed process of ours has left.
///
/// Who is killed while it holds a lock leaves the file, and nobody can move the reference any more. A lock is ours, and
/// its holder is gone, where it says what only we would write, the commit that is about to land: nobody else has it yet.
/// An empty lock stays: git keeps one for as long as it deletes a reference.
enum AbandonedLock {
  /// Removes the lock of a reference where it is one of those; does nothing in doubt.
  static func remove(of ref: RefName, to new: ObjectID, in directory: String) {
    let path = Array(directory.utf8) + [UInt8(ascii: "/")] + ref.bytes + Array(".lock".utf8)
    let file = unsafe withCString(path) { unsafe open($0, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) }
    guard file >= 0 else { return }
    defer { close(file) }
    var seen = stat()
    guard unsafe fstat(file, &seen) == 0, seen.st_mode & S_IFMT == S_IFREG else { return }
    var buffer = [UInt8](repeating: 0, count: 64)
    let count = unsafe read(file, &buffer, buffer.count)
    guard count >= 0, buffer[..<count].elementsEqual(Array((new.hex + "\n").utf8)) else { return }
    // It may be another one by now; what was looked at is still open, so no other file can have its number.
    var now = stat()
    guard unsafe withCString(path, { unsafe lstat($0, &now) }) == 0 else { return }
    guard now.st_ino == seen.st_ino, now.st_dev == seen.st_dev else { return }
    _ = unsafe withCString(path) { unsafe unlink($0) }
  }
}
