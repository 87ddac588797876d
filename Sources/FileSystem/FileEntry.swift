internal import Glibc

/// What stands at a path, without following a symbolic link at its end.
package enum FileEntry: Sendable, Hashable {
  case missing
  case file(content: [UInt8], mode: UInt32)
  case link(target: [UInt8])
  case directory
  /// A FIFO, a socket or a device.
  case other

  /// Files larger than this are not read as an entry.
  package static let largest = 16 << 20

  /// Looks at a path.
  ///
  /// - Throws: ``FileError`` where something is there and cannot be looked at or read, or has more than `limit` bytes.
  package init(at path: [UInt8], limit: Int = largest) throws(FileError) {
    guard let status = try FileStatus(noFollow: path) else {
      self = .missing
      return
    }
    switch status.kind {
    case .directory: self = .directory
    case .file: self = .file(content: try File.read(path, limit: limit), mode: status.mode)
    case .link: self = .link(target: try File.linkTarget(path))
    case .other: self = .other
    }
  }
}

/// What the kernel knows of a file.
package struct FileStatus: Sendable, Hashable {
  package enum Kind: Sendable, Hashable {
    case file, directory, link, other
  }

  package let kind: Kind
  /// The permission bits, with set-user-ID, set-group-ID and the sticky bit.
  package let mode: UInt32
  package let owner: UInt32
  package let group: UInt32
  /// Bytes of content.
  package let size: Int
  /// Names the file together with ``inode``.
  package let device: UInt
  package let inode: UInt
  /// Seconds since 1970-01-01 00:00 UTC at which the content last changed.
  package let modified: Int64

  /// Whether the group of the file may write it.
  package var isGroupWritable: Bool { mode & 0o020 != 0 }

  /// Looks at a path, through symbolic links; `nil` where nothing is there.
  ///
  /// - Throws: ``FileError`` where it cannot be looked at.
  package init?(_ path: [UInt8]) throws(FileError) {
    var status = stat()
    let result = try path.withCPath("look at") { stat($0, &status) }
    try self.init(status, result: result, path: path)
  }

  /// Looks at a path, and at a symbolic link itself; `nil` where nothing is there.
  ///
  /// - Throws: ``FileError`` where it cannot be looked at.
  package init?(noFollow path: [UInt8]) throws(FileError) {
    var status = stat()
    let result = try path.withCPath("look at") { lstat($0, &status) }
    try self.init(status, result: result, path: path)
  }

  /// What is known of an open file.
  ///
  /// - Throws: ``FileError`` where it cannot be looked at.
  package init(of file: borrowing FileDescriptor) throws(FileError) {
    self.init(try file.status())
  }

  /// Whether both are the same file, whatever its name.
  package func isSame(as other: FileStatus) -> Bool {
    device == other.device && inode == other.inode
  }

  private init?(_ status: stat, result: Int32, path: [UInt8]) throws(FileError) {
    guard result == 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw FileError("look at", path)
    }
    self.init(status)
  }

  private init(_ status: stat) {
    switch status.st_mode & S_IFMT {
    case S_IFREG: kind = .file
    case S_IFDIR: kind = .directory
    case S_IFLNK: kind = .link
    default: kind = .other
    }
    mode = status.st_mode & 0o7777
    owner = status.st_uid
    group = status.st_gid
    size = status.st_size
    device = UInt(status.st_dev)
    inode = UInt(status.st_ino)
    modified = Int64(status.st_mtim.tv_sec)
  }
}
