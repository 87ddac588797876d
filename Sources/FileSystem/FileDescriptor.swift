internal import Glibc

/// An open file; closed when the value goes away, and never inherited by another program.
package struct FileDescriptor: ~Copyable {
  /// The number by which the kernel knows it; valid as long as this value.
  package let raw: Int32
  /// The path it was opened at, for messages.
  package let path: [UInt8]

  private init(raw: Int32, path: [UInt8]) {
    self.raw = raw
    self.path = path
  }

  deinit { close(raw) }

  /// How a file is opened.
  package enum Access: Sendable, Hashable {
    /// To be read. A symbolic link at the end of the path is refused, and a FIFO is not waited for.
    case readNoFollow
    /// To be read.
    case read
    /// To be written; a file must not be there yet, and gets exactly this mode whatever the umask.
    case create(mode: UInt32)
    /// To be read and written; made with this mode, less the umask, where it is not there.
    case readWriteOrCreate(mode: UInt32)
    /// To be written at its end; made with this mode, less the umask, where it is not there.
    case append(mode: UInt32)
    /// To be written; the file must be there, and keeps its content for now.
    case overwrite
    /// To be read and written; it must be there. A symbolic link at the end of the path is refused, and a FIFO is not
    /// waited for.
    case readWriteNoFollow
    /// To be written; a file must not be there yet, and gets this mode, less the umask.
    case new(mode: UInt32)
    /// To be written; a file without a name in the directory that the path names, with this mode, less the umask. It is
    /// gone with the descriptor unless ``link(to:)`` gives it a name. Not every file system can do that.
    case unnamed(mode: UInt32)
  }

  // open(2), <asm-generic/fcntl.h>; the Glibc module leaves the name out.
  private static let temporaryFile: Int32 = 0o20000000 | O_DIRECTORY

  /// Opens a file.
  ///
  /// - Throws: ``FileError`` where it cannot be opened so.
  package init(opening path: [UInt8], _ access: Access) throws(FileError) {
    let flags: Int32
    var mode: UInt32 = 0
    var exact = false
    switch access {
    case .read: flags = O_RDONLY
    case .readNoFollow: flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK
    case .create(let wanted): (flags, mode, exact) = (O_WRONLY | O_CREAT | O_EXCL, wanted, true)
    case .readWriteOrCreate(let wanted): (flags, mode) = (O_RDWR | O_CREAT, wanted)
    case .append(let wanted): (flags, mode) = (O_WRONLY | O_APPEND | O_CREAT, wanted)
    case .overwrite: flags = O_WRONLY
    case .readWriteNoFollow: flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK
    case .new(let wanted): (flags, mode) = (O_WRONLY | O_CREAT | O_EXCL, wanted)
    case .unnamed(let wanted): (flags, mode) = (O_WRONLY | Self.temporaryFile, wanted)
    }
    let raw = try path.withCPath("open") { open($0, flags | O_CLOEXEC, mode) }
    guard raw >= 0 else { throw FileError("open", path) }
    if exact, fchmod(raw, mode) != 0 {
      let error = FileError("set the mode of", path)
      close(raw)
      throw error
    }
    self.init(raw: raw, path: path)
  }

  /// Writes all of the bytes at the present place.
  ///
  /// - Throws: ``FileError`` where not all of them can be written.
  package borrowing func write(_ bytes: [UInt8]) throws(FileError) {
    try Self.write(bytes, toDescriptor: raw, path: path)
  }

  /// Puts other content into the file, which stays the same file: mode, owner, links and attributes are kept.
  ///
  /// Room on the disk is taken first, so a full disk leaves the old content whole.
  ///
  /// - Throws: ``FileError`` where that cannot be done.
  package borrowing func replaceContent(with content: [UInt8]) throws(FileError) {
    let oldSize = try status().st_size
    if content.count > oldSize {
      let code = posix_fallocate(raw, 0, off_t(content.count))
      guard code == 0 else {
        _ = ftruncate(raw, oldSize)
        throw FileError("write", path, code: code)
      }
    }
    guard lseek(raw, 0, SEEK_SET) == 0 else { throw FileError("write", path) }
    try write(content)
    guard ftruncate(raw, off_t(content.count)) == 0 else { throw FileError("write", path) }
  }

  /// Reads up to `limit` bytes at the present place; none at the end of the file.
  ///
  /// - Throws: ``FileError`` where they cannot be read.
  package borrowing func read(upTo limit: Int) throws(FileError) -> [UInt8] {
    try Self.read(fromDescriptor: raw, upTo: limit, path: path)
  }

  static func write(_ bytes: [UInt8], toDescriptor raw: Int32, path: [UInt8]) throws(FileError) {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { Glibc.write(raw, $0.baseAddress?.advanced(by: written), $0.count - written) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw FileError("write", path) }
      written += count
    }
  }

  static func read(fromDescriptor raw: Int32, upTo limit: Int, path: [UInt8]) throws(FileError) -> [UInt8] {
    var failed: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
      var result = Glibc.read(raw, buffer.baseAddress, limit)
      while result < 0, errno == EINTR { result = Glibc.read(raw, buffer.baseAddress, limit) }
      failed = result < 0 ? errno : 0
      count = max(result, 0)
    }
    if failed != 0 { throw FileError("read", path, code: failed) }
    return bytes
  }

  /// Reads from the present place to the end of the file.
  ///
  /// - Throws: ``FileError`` where it cannot be read, or holds more than `limit` bytes (`EFBIG`).
  package borrowing func readToEnd(limit: Int = .max) throws(FileError) -> [UInt8] {
    var content: [UInt8] = []
    let expected = Int(try status().st_size)
    var chunk = max(4096, min(expected + 1, 1 << 24))
    while case let bytes = try read(upTo: chunk), !bytes.isEmpty {
      guard content.count + bytes.count <= limit else { throw FileError("read", path, code: EFBIG) }
      if content.isEmpty { content = bytes } else { content += bytes }
      chunk = 1 << 16
    }
    return content
  }

  /// The bytes at an offset of the file, fewer at its end; the present place does not matter and stays.
  ///
  /// - Throws: ``FileError`` where they cannot be read.
  package borrowing func read(at offset: Int, count: Int) throws(FileError) -> [UInt8] {
    let (raw, path) = (raw, path)
    var failed: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: max(count, 0)) { buffer, filled in
      while filled < buffer.count {
        let result = pread(
          raw, buffer.baseAddress?.advanced(by: filled), buffer.count - filled, off_t(offset + filled))
        if result < 0, errno == EINTR { continue }
        failed = result < 0 ? errno : 0
        if result <= 0 { break }
        filled += result
      }
    }
    if failed != 0 { throw FileError("read", path, code: failed) }
    return bytes
  }

  /// How many bytes the file has.
  ///
  /// - Throws: ``FileError`` where it cannot be looked at.
  package borrowing func size() throws(FileError) -> Int {
    Int(try status().st_size)
  }

  /// What the kernel knows of the file.
  borrowing func status() throws(FileError) -> stat {
    var result = stat()
    guard fstat(raw, &result) == 0 else { throw FileError("look at", path) }
    return result
  }

  /// Whether this is an ordinary file.
  ///
  /// - Throws: ``FileError`` where it cannot be looked at.
  package borrowing func isRegularFile() throws(FileError) -> Bool {
    try status().st_mode & S_IFMT == S_IFREG
  }

  /// Sets the permission bits, the sticky bit and its like among them.
  ///
  /// - Throws: ``FileError`` where that is refused.
  package borrowing func setMode(_ mode: UInt32) throws(FileError) {
    guard fchmod(raw, mode) == 0 else { throw FileError("set the mode of", path) }
  }

  /// Gives the file a name, one more or its first.
  ///
  /// - Throws: ``FileError`` where that is refused: with `EEXIST` where something has the name, and by a file system that
  ///   knows no hard links.
  package borrowing func link(to path: [UInt8]) throws(FileError) {
    let own = "/proc/self/fd/\(raw)"
    let result = try path.withCPath("make") { linkat(AT_FDCWD, own, AT_FDCWD, $0, AT_SYMLINK_FOLLOW) }
    guard result == 0 else { throw FileError("make", path) }
  }

  /// Waits until what was written is on disk.
  ///
  /// - Throws: ``FileError`` where the disk reports a failure; what was written is then not to be relied on.
  package borrowing func sync() throws(FileError) {
    guard fsync(raw) == 0 else { throw FileError("sync", path) }
  }
}

extension FileDescriptor {
  // Open file description locks: fcntl(2), <bits/fcntl-linux.h>; the Glibc module leaves the names out. Unlike the older
  // POSIX locks they belong to the descriptor and not to the process; unlike flock(2) they can be asked for without
  // being taken, and work over NFS.
  private static let queryLock: Int32 = 36
  private static let setLock: Int32 = 37
  private static let setLockAndWait: Int32 = 38

  private static func exclusive() -> flock {
    flock(l_type: Int16(F_WRLCK), l_whence: Int16(SEEK_SET), l_start: 0, l_len: 0, l_pid: 0)
  }

  /// Locks the whole file for this descriptor alone, or says that another has it; never waits.
  ///
  /// The lock goes away with the descriptor, and so with the process, however that ends.
  ///
  /// - Throws: ``FileError`` where the file system cannot lock.
  package borrowing func tryLock() throws(FileError) -> Bool {
    var lock = Self.exclusive()
    if fcntl(raw, Self.setLock, &lock) == 0 { return true }
    guard errno == EAGAIN || errno == EACCES else { throw FileError("lock", path) }
    return false
  }

  /// Locks the whole file for this descriptor alone, and waits for as long as another has it: only for a thread that may
  /// wait, in a process that somebody ends where it waits too long.
  ///
  /// - Throws: ``FileError`` where the file system cannot lock.
  package borrowing func waitForLock() throws(FileError) {
    var lock = Self.exclusive()
    while fcntl(raw, Self.setLockAndWait, &lock) != 0 {
      guard errno == EINTR else { throw FileError("lock", path) }
    }
  }

  /// Gives a lock back at once.
  ///
  /// Closing is not enough while a child process that is just being started still holds a copy of the descriptor.
  package borrowing func unlock() {
    var lock = Self.exclusive()
    lock.l_type = Int16(F_UNLCK)
    _ = fcntl(raw, Self.setLock, &lock)
  }

  /// Whether another descriptor has the file locked; takes no lock itself, so nobody else can be misled by it.
  ///
  /// - Throws: ``FileError`` where the file system cannot lock.
  package borrowing func isLockedByAnother() throws(FileError) -> Bool {
    var lock = Self.exclusive()
    guard fcntl(raw, Self.queryLock, &lock) == 0 else { throw FileError("look at the lock of", path) }
    return lock.l_type != Int16(F_UNLCK)
  }
}

extension [UInt8] {
  /// Calls `body` with the path as C wants it.
  ///
  /// - Throws: ``FileError`` (`EINVAL`) for a path that is empty or has a NUL in it.
  func withCPath<Result>(_ action: String, _ body: (UnsafePointer<CChar>) -> Result) throws(FileError) -> Result {
    guard !isEmpty, !contains(0) else { throw FileError(action, self, code: EINVAL) }
    var path = map { CChar(bitPattern: $0) }
    path.append(0)
    return path.withUnsafeBufferPointer { buffer in
      // The array has at least one element, so it has an address.
      buffer.baseAddress.map(body)
    } ?? body("")
  }
}
