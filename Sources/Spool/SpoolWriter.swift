package import Base
package import FileSystem
internal import Glibc
package import Work

/// One delivery on its way into the spool, written as its updates come in, so that its size does not matter.
///
/// What is not finished leaves nothing in `spool/new`.
package struct SpoolWriter: ~Copyable {
  /// The name that the file has in the spool.
  package let name: [UInt8]
  private let state: StateDirectory
  private let file: FileDescriptor
  private var buffer: [UInt8]
  private var finished = false

  /// Begins a delivery.
  ///
  /// - Parameters:
  ///   - state: The state directory; what is in it decides whether the group may read the file.
  ///   - repository: The repository that was pushed to, as an absolute path.
  ///   - actor: Who pushed, as the transport named them.
  ///   - time: The present moment.
  /// - Throws: ``FileError`` where the spool cannot be written to.
  package init(
    into state: StateDirectory, repository: [UInt8], actor: [UInt8], time: Timestamp
  ) throws(FileError) {
    self.state = state
    name = SpoolName.make(time: time)
    let isShared = try FileStatus(state.spoolTemporary)?.isGroupWritable ?? false
    file = try FileDescriptor(
      opening: state.spoolTemporary + [UInt8(ascii: "/")] + name, .create(mode: isShared ? 0o660 : 0o600))
    buffer = Delivery.head(repository: repository, actor: actor, time: time)
  }

  deinit {
    if !finished { try? File.remove(state.spoolTemporary + [UInt8(ascii: "/")] + name) }
  }

  /// Adds something that happened.
  ///
  /// - Throws: ``FileError`` where it cannot be written.
  package mutating func append(_ happening: Event.Kind) throws(FileError) {
    buffer += Delivery.line(for: happening)
    if buffer.count > 1 << 16 { try flush() }
  }

  private mutating func flush() throws(FileError) {
    try file.write(buffer)
    buffer.removeAll(keepingCapacity: true)
  }

  /// Ends the delivery; when this returns, it is in `spool/new`, whole and on disk.
  ///
  /// - Throws: ``FileError`` where that cannot be; nothing is in `spool/new` then, unless it is the last step, waiting
  ///   for the directory, that failed.
  package consuming func finish() throws(FileError) {
    buffer += Delivery.foot
    try flush()
    try file.sync()
    try File.rename(
      state.spoolTemporary + [UInt8(ascii: "/")] + name, to: state.spoolNew + [UInt8(ascii: "/")] + name)
    finished = true
    try Directory.sync(state.spoolNew)
  }
}

/// The names of files in the spool: unique, and in the order of time.
enum SpoolName {
  /// `MILLISECONDS-PROCESS-RANDOM`; the first has thirteen digits until the year 2286, so the order of names is that of
  /// times.
  static func make(time: Timestamp) -> [UInt8] {
    let milliseconds = String(max(time.milliseconds, 0))
    let padding = String(repeating: "0", count: max(0, 13 - milliseconds.count))
    let random = Hexadecimal.encode((0..<8).map { _ in UInt8.random(in: .min ... .max) })
    return Array("\(padding)\(milliseconds)-\(getpid())-\(random)".utf8)
  }
}
