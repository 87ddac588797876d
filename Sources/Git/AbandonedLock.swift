internal import Base
internal import Glibc
internal import Work

/// The lock of a reference that a killed process of ours has left.
///
/// Who is killed while it holds a lock leaves the file, and nobody can move the reference any more. A lock is ours, and
/// its holder is gone, where it says what only we would write, the commit that is about to land: nobody else has it yet.
/// It is ours too where it is empty for a while: libgit2 fills a lock last of all, a few milliseconds after it was made,
/// while git itself fills it at once.
enum AbandonedLock {
  /// How many seconds an empty lock must be old.
  static let patience = 10

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
    guard count >= 0, isOurs(buffer[..<count], since: seen.st_mtim.tv_sec, new) else { return }
    // It may be another one by now; what was looked at is still open, so no other file can have its number.
    var now = stat()
    guard unsafe withCString(path, { unsafe lstat($0, &now) }) == 0 else { return }
    guard now.st_ino == seen.st_ino, now.st_dev == seen.st_dev else { return }
    _ = unsafe withCString(path) { unsafe unlink($0) }
  }

  private static func isOurs(_ content: ArraySlice<UInt8>, since second: Int, _ new: ObjectID) -> Bool {
    content.isEmpty ? time(nil) - second >= patience : content.elementsEqual(Array((new.hex + "\n").utf8))
  }
}
