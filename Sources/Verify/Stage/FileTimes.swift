internal import FileSystem
internal import Glibc

/// The times of a checkout's files.
///
/// A file that is written into a workspace must be newer than what was made from the one before. Python tells by whole
/// seconds and the size, so a checkout of this very second would be taken for what is written next.
enum FileTimes {
  /// A commit's time where it is past and can be stored everywhere, in seconds since 1970.
  static func sensible(_ seconds: Int64?) -> Int64 {
    let latest = Int64(time(nil)) - 10
    // Archives of the ZIP format know no time before 1980.
    return min(latest, max(seconds ?? latest, 315_705_600))
  }

  /// Gives everything in a directory this time.
  ///
  /// - Throws: ``FileError`` where something cannot be looked at.
  static func set(_ directory: [UInt8], to seconds: Int64) throws(FileError) {
    for name in try Directory.names(directory) {
      let path = directory + [UInt8(ascii: "/")] + name
      if try FileStatus(noFollow: path)?.kind == .directory { try set(path, to: seconds) }
      try File.setModified(path, seconds)
    }
  }
}
