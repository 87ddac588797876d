internal import Glibc

/// What is done to whole files, by path.
package enum File {
  /// The content of a file.
  ///
  /// - Throws: ``FileError`` where it cannot be read, or holds more than `limit` bytes (`EFBIG`).
  package static func read(_ path: [UInt8], limit: Int = .max) throws(FileError) -> [UInt8] {
    try FileDescriptor(opening: path, .read).readToEnd(limit: limit)
  }

  /// Puts a new file in the place of whatever file or link is there, or of none; after a power cut there is the old one
  /// or the new one, whole.
  ///
  /// It is written to `temporary` first, a path in the same directory at which nothing stands.
  ///
  /// - Throws: ``FileError`` where it cannot be written; what was there is then still there.
  package static func replace(
    _ path: [UInt8], with content: [UInt8], mode: UInt32, temporary: [UInt8]
  ) throws(FileError) {
    let file = try FileDescriptor(opening: temporary, .create(mode: mode))
    do {
      try file.write(content)
      try file.sync()
      try rename(temporary, to: path)
    } catch {
      try? remove(temporary)
      throw error
    }
  }

  /// Moves a file, a link or a directory to another path of the same file system, over a file that is there.
  ///
  /// - Throws: ``FileError`` where that is refused.
  package static func rename(_ from: [UInt8], to destination: [UInt8]) throws(FileError) {
    let result = try from.withCPath("rename") { source in
      Result<Int32, FileError> { () throws(FileError) in
        try destination.withCPath("write") { Glibc.rename(source, $0) }
      }
    }
    guard try result.get() == 0 else { throw FileError("rename", from) }
  }

  /// Gives a file, or a symbolic link itself, a second name.
  ///
  /// - Throws: ``FileError`` where that is refused, as by a file system that knows no hard links.
  package static func link(_ from: [UInt8], to destination: [UInt8]) throws(FileError) {
    let result = try from.withCPath("link") { source in
      Result<Int32, FileError> { () throws(FileError) in
        try destination.withCPath("link") { linkat(AT_FDCWD, source, AT_FDCWD, $0, 0) }
      }
    }
    guard try result.get() == 0 else { throw FileError("link", from) }
  }

  /// Makes a symbolic link.
  ///
  /// - Throws: ``FileError`` where that is refused.
  package static func makeSymbolicLink(_ path: [UInt8], target: [UInt8]) throws(FileError) {
    let result = try path.withCPath("link") { path in
      Result<Int32, FileError> { () throws(FileError) in
        try target.withCPath("link to") { symlink($0, path) }
      }
    }
    guard try result.get() == 0 else { throw FileError("make the link", path) }
  }

  /// What a symbolic link holds.
  ///
  /// - Throws: ``FileError`` where the path is no link or cannot be read.
  package static func linkTarget(_ path: [UInt8]) throws(FileError) -> [UInt8] {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = try path.withCPath("read the link") { readlink($0, &buffer, buffer.count) }
    guard count >= 0 else { throw FileError("read the link", path) }
    return buffer[..<count].map { UInt8(bitPattern: $0) }
  }

  /// Removes a file or a link; a file that is not there is no failure.
  ///
  /// - Throws: ``FileError`` where that is refused.
  package static func remove(_ path: [UInt8]) throws(FileError) {
    let result = try path.withCPath("remove") { unlink($0) }
    guard result == 0 || errno == ENOENT else { throw FileError("remove", path) }
  }

  /// Sets the permission bits.
  ///
  /// - Throws: ``FileError`` where that is refused.
  package static func setMode(_ path: [UInt8], _ mode: UInt32) throws(FileError) {
    let result = try path.withCPath("set the mode of") { chmod($0, mode) }
    guard result == 0 else { throw FileError("set the mode of", path) }
  }

  /// Sets when a file, or a link itself, was written to last, in whole seconds since 1970.
  ///
  /// - Throws: ``FileError`` where that is refused.
  package static func setModified(_ path: [UInt8], _ seconds: Int64) throws(FileError) {
    let time = timespec(tv_sec: Int(seconds), tv_nsec: 0)
    let times = [time, time]
    let result = try path.withCPath("set the time of") { utimensat(AT_FDCWD, $0, times, AT_SYMLINK_NOFOLLOW) }
    guard result == 0 else { throw FileError("set the time of", path) }
  }

  /// Gives a file, or a link itself, to an owner and a group; `nil` leaves the one or the other.
  ///
  /// - Throws: ``FileError`` where that is refused.
  package static func setOwner(_ path: [UInt8], _ owner: UInt32?, group: UInt32?) throws(FileError) {
    let result = try path.withCPath("set the owner of") { lchown($0, owner ?? .max, group ?? .max) }
    guard result == 0 else { throw FileError("set the owner of", path) }
  }

  /// The path with every symbolic link followed and every `.` and `..` resolved; `nil` where nothing is there.
  ///
  /// - Throws: ``FileError`` for a path that is empty or has a NUL in it.
  package static func realPath(_ path: [UInt8]) throws(FileError) -> [UInt8]? {
    try path.withCPath("find") { path in
      guard let real = realpath(path, nil) else { return nil }
      defer { free(real) }
      return (0..<strlen(real)).map { UInt8(bitPattern: real[$0]) }
    }
  }

  /// The user id that this process acts with.
  package static var effectiveUser: UInt32 { geteuid() }
}

/// What is done to directories, by path.
package enum Directory {
  /// Makes a directory with exactly this mode, whatever the umask.
  ///
  /// - Throws: ``FileError`` where that is refused, and where something is there already (`EEXIST`).
  package static func make(_ path: [UInt8], mode: UInt32) throws(FileError) {
    let result = try path.withCPath("make the directory") { mkdir($0, mode & 0o777) }
    guard result == 0 else { throw FileError("make the directory", path) }
    try File.setMode(path, mode)
  }

  /// Removes an empty directory; `false` where it is not empty or not there.
  ///
  /// - Throws: ``FileError`` where it is refused for another reason.
  @discardableResult
  package static func removeIfEmpty(_ path: [UInt8]) throws(FileError) -> Bool {
    let result = try path.withCPath("remove") { rmdir($0) }
    if result == 0 { return true }
    guard errno == ENOTEMPTY || errno == EEXIST || errno == ENOENT else { throw FileError("remove", path) }
    return false
  }

  /// The names in a directory, without `.` and `..`, in the order of their bytes.
  ///
  /// - Throws: ``FileError`` where it cannot be read.
  package static func names(_ path: [UInt8]) throws(FileError) -> [[UInt8]] {
    guard let stream = try path.withCPath("list", { opendir($0) }) else { throw FileError("list", path) }
    defer { closedir(stream) }
    var names: [[UInt8]] = []
    errno = 0
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if name != [UInt8(ascii: ".")], name != Array("..".utf8) { names.append(name) }
      errno = 0
    }
    guard errno == 0 else { throw FileError("list", path) }
    return names.sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// Waits until the names in a directory are on disk.
  ///
  /// - Throws: ``FileError`` where that fails.
  package static func sync(_ path: [UInt8]) throws(FileError) {
    try FileDescriptor(opening: path, .read).sync()
  }
}
