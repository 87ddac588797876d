internal import Glibc

extension Directory {
  /// Removes a directory with everything in it; one that is not there is no failure.
  ///
  /// Links are removed, not followed.
  ///
  /// - Throws: ``FileError`` where something cannot be removed; what was removed before stays removed.
  package static func removeTree(_ path: [UInt8]) throws(FileError) {
    guard let status = try FileStatus(noFollow: path) else { return }
    guard status.kind == .directory else { return try File.remove(path) }
    for name in try names(path) { try removeTree(path + [UInt8(ascii: "/")] + name) }
    try removeIfEmpty(path)
  }
}

extension File {
  /// The path made absolute with the present working directory; nothing needs to be there.
  ///
  /// - Throws: ``FileError`` where the working directory is gone.
  package static func absolute(_ path: [UInt8]) throws(FileError) -> [UInt8] {
    if path.first == UInt8(ascii: "/") { return path }
    guard let here = try realPath([UInt8(ascii: ".")]) else { throw FileError("find", Array(".".utf8), code: ENOENT) }
    return here + [UInt8(ascii: "/")] + path
  }
}
