import FileSystem
import Glibc
import TestSupport
import Work

/// Waiting for a worker that somebody else started.
enum WorkerWait {
  /// Blocks until nobody holds the lock of the state directory.
  static func untilFree(_ state: StateDirectory) throws {
    let path = String(decoding: state.workerLock, as: UTF8.self)
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw FileFailure(action: "open", path: path) }
    defer { close(file) }
    var lock = flock()
    lock.l_type = Int16(F_WRLCK)
    lock.l_whence = Int16(SEEK_SET)
    // F_OFD_SETLKW of <fcntl.h>, which waits.
    while fcntl(file, 38, &lock) != 0 {
      guard errno == EINTR else { throw FileFailure(action: "lock", path: path) }
    }
  }
}
