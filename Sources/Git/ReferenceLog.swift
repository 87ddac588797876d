internal import Base
internal import FileSystem
internal import Glibc
internal import Work

/// The log of a reference, in which git notes each move (git-reflog(1), gitrepository-layout(5)).
enum ReferenceLog {
  /// The end of a log that is looked at; a line is far shorter.
  private static let tail = 4096

  /// Notes a move that is about to happen; the caller has the reference's lock.
  ///
  /// A move that the last line tells already, because whoever was to make it was killed behind the line, is not noted
  /// again.
  ///
  /// - Parameters:
  ///   - ref: The reference.
  ///   - old: Where it is.
  ///   - new: Where it moves.
  ///   - directory: The git directory.
  ///   - sharing: The rights that others get.
  ///   - makes: Whether a log is begun where there is none.
  ///   - time: The present moment, in seconds since 1970-01-01 00:00 UTC.
  /// - Throws: ``GitError`` where it cannot be written.
  static func note(
    _ ref: RefName, from old: ObjectID, to new: ObjectID, in directory: String, _ sharing: SharedPermissions,
    makes: Bool, time: Int
  ) throws(GitError) {
    let root = Array("\(directory)/logs".utf8)
    let path = root + [UInt8(ascii: "/")] + ref.bytes
    do throws(FileError) {
      let present = try FileStatus(path)
      guard makes || present?.kind == .file else { return }
      if present?.kind == .directory { try SharedDirectories.removeEmpty(path) }
      try SharedDirectories.make(above: Array("logs/".utf8) + ref.bytes, in: Array(directory.utf8), sharing)
      var start: [UInt8] = []
      if let present, present.kind == .file {
        let offset = max(0, present.size - tail)
        let end = try FileDescriptor(opening: path, .read).read(at: offset, count: tail)
        let lines = end.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        // A line that was cut off stays alone; git passes over it.
        if lines.last?.isEmpty == false { start = [UInt8(ascii: "\n")] }
        if lines.dropLast().last?.starts(with: "\(old.hex) \(new.hex) ".utf8) == true { return }
      }
      let file = try FileDescriptor(opening: path, .append(mode: 0o666))
      sharing.apply(to: path)
      let line = "\(old.hex) \(new.hex) Arborist <arborist> \(time) +0000\tpush by Arborist\n"
      try file.write(start + Array(line.utf8))
      try file.sync()
      if present?.kind != .file { try Directory.sync(Array(path[..<(path.lastIndex(of: UInt8(ascii: "/")) ?? 0)])) }
    } catch {
      throw GitError("note the move of '\(ref.display)'", error)
    }
  }
}
