package import Base
package import FileSystem
internal import Glibc
package import Work

/// The deliveries that hooks have left for the worker.
package struct SpoolReader: Sendable {
  package let state: StateDirectory

  package init(_ state: StateDirectory) {
    self.state = state
  }

  /// What a file in the spool turned out to be.
  package enum Content: Sendable, Hashable {
    /// A delivery. The file stays until ``remove(_:)``.
    case delivery(Delivery)
    /// No delivery. The file has been moved; the line, for the log, says where and why.
    case setAside(String)
    /// Another worker was quicker.
    case gone
  }

  /// More than a delivery of three million references.
  private static let largest = 256 << 20

  /// The names of the files in `spool/new`, oldest first.
  ///
  /// - Throws: ``FileError`` where the directory cannot be read.
  package func names() throws(FileError) -> [[UInt8]] {
    try Directory.names(state.spoolNew)
  }

  /// Reads the file with a name from ``names()``.
  ///
  /// What is no delivery is moved to `spool/bad`, so that it stops nothing and is not lost.
  ///
  /// - Throws: ``FileError`` where the file cannot be read or moved for a reason that may pass: it is still there then.
  package func read(_ name: [UInt8]) throws(FileError) -> Content {
    let path = state.spoolNew + [UInt8(ascii: "/")] + name
    do {
      let file = try FileDescriptor(opening: path, .readNoFollow)
      guard try file.isRegularFile() else { return .setAside(try setAside(name, because: "it is no ordinary file")) }
      let content = try file.readToEnd(limit: Self.largest)
      do throws(MalformedDelivery) {
        return .delivery(try Delivery(decoding: content))
      } catch {
        return .setAside(try setAside(name, because: error.reason))
      }
    } catch {
      switch error.code {
      case ENOENT: return .gone
      // A link, a socket, or a file that is larger than any delivery.
      case ELOOP, ENXIO, EFBIG: return .setAside(try setAside(name, because: error.reason))
      default: throw error
      }
    }
  }

  /// Removes the file of a delivery that the journal has.
  ///
  /// A file that is not there is no failure. After a power cut the file may be back; its name is the id under which the journal knows the delivery.
  ///
  /// - Throws: ``FileError`` where that is refused.
  package func remove(_ name: [UInt8]) throws(FileError) {
    try File.remove(state.spoolNew + [UInt8(ascii: "/")] + name)
  }

  private func setAside(_ name: [UInt8], because reason: String) throws(FileError) -> String {
    if try FileStatus(noFollow: state.spoolBad) == nil {
      let mode: UInt32 = try FileStatus(state.spoolNew)?.isGroupWritable ?? false ? 0o2770 : 0o700
      do throws(FileError) {
        try Directory.make(state.spoolBad, mode: mode)
      } catch {
        if error.code != EEXIST { throw error }
      }
    }
    let destination = state.spoolBad + [UInt8(ascii: "/")] + name
    try File.rename(state.spoolNew + [UInt8(ascii: "/")] + name, to: destination)
    return "a file in the spool is no delivery (\(reason)); it is kept as '\(DisplayText.escaping(destination))'"
  }

  /// Removes what hooks that died left in `spool/tmp` more than an hour ago.
  ///
  /// - Returns: How many files went away.
  /// - Throws: ``FileError`` where the directory cannot be read or a file not be removed.
  @discardableResult
  package func sweep(now: Timestamp) throws(FileError) -> Int {
    var removed = 0
    for name in try Directory.names(state.spoolTemporary) {
      let path = state.spoolTemporary + [UInt8(ascii: "/")] + name
      guard let status = try FileStatus(noFollow: path), status.kind != .directory,
        status.modified < now.seconds - 3600
      else { continue }
      try File.remove(path)
      removed += 1
    }
    return removed
  }
}
