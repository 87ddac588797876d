internal import Broker
internal import FileSystem
internal import Glibc

/// Takes variables that hold secrets out of a process, before it does anything else.
///
/// What a process was started with stays in its memory for as long as it lives, whatever it does to its environment; so
/// the program starts itself anew without them. They go to files in memory that have no name, one for each process that
/// reads them. Every process is told how to find them.
enum SetAside {
  /// Who reads a file.
  enum Reader: String {
    /// The broker: secrets of forges.
    case broker = "ARBORIST_SECRET_VARIABLES"
    /// The workers: keys of models.
    case models = "ARBORIST_MODEL_VARIABLES"

    /// Names the file, as a path that leads through the process that has it open.
    var variable: String { rawValue }
  }

  /// Variables for one reader.
  struct Share {
    let reader: Reader
    /// All that may hold secrets.
    let names: Set<String>
    /// Those of them that this process needs itself.
    let kept: Set<String>

    init(_ reader: Reader, of names: Set<String>, keeping kept: Set<String> = []) {
      (self.reader, self.names, self.kept) = (reader, names, kept)
    }
  }

  /// Returns where there is nothing to take out any more; starts the program anew where there is.
  ///
  /// - Throws: ``CommandFailure`` where it cannot be done.
  static func put(_ shares: [Share]) throws(CommandFailure) {
    var isChanged = false
    for share in shares {
      if try put(share) { isChanged = true }
    }
    guard isChanged else {
      for share in shares {
        let path = getenv(share.reader.variable).map { String(cString: $0) }
        if let number = path.flatMap({ descriptor(in: $0) }) { _ = fcntl(number, F_SETFD, FD_CLOEXEC) }
      }
      return
    }
    // Threads of ours have blocked signals, which the program would inherit.
    var none = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, nil)
    if let program = try? OwnProgram.path() { execv(program, CommandLine.unsafeArgv) }
    throw CommandFailure(.surroundings, "the program cannot be started again without its variables with secrets")
  }

  /// Writes a share down and takes it out of the environment; `false` where there is nothing to take out any more.
  private static func put(_ share: Share) throws(CommandFailure) -> Bool {
    let there = share.names.filter { getenv($0) != nil }.sorted()
    let gone = there.filter { !share.kept.contains($0) }
    // What stays need be written down only once, for the broker.
    guard !gone.isEmpty || (getenv(share.reader.variable) == nil && !there.isEmpty) else { return false }
    let file = NamelessFile.make("arborist-variables")
    guard file >= 0, there.allSatisfy({ write($0, to: file) }) else {
      throw CommandFailure(.surroundings, "the variables with secrets cannot be set aside: write them into files")
    }
    for name in gone { unsetenv(name) }
    setenv(share.reader.variable, "/proc/\(getpid())/fd/\(file)", 1)
    return true
  }

  /// The variables of such a file.
  ///
  /// - Throws: ``FileError`` where it cannot be read.
  static func read(_ path: String) throws(FileError) -> [String: String] {
    var result: [String: String] = [:]
    for entry in try File.read(Array(path.utf8), limit: 1 << 20).split(separator: 0) {
      let parts = entry.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 {
        result[String(decoding: parts[0], as: UTF8.self)] = String(decoding: parts[1], as: UTF8.self)
      }
    }
    return result
  }

  /// Writes a variable from where it is, so that no copy of it comes about.
  private static func write(_ name: String, to file: Int32) -> Bool {
    guard let value = getenv(name) else { return true }
    return name.withCString { writeAll($0, strlen($0), file) } && "=".withCString { writeAll($0, 1, file) }
      && writeAll(value, strlen(value) + 1, file)
  }

  private static func writeAll(_ start: UnsafePointer<CChar>, _ count: Int, _ file: Int32) -> Bool {
    var written = 0
    while written < count {
      let step = Glibc.write(file, start + written, count - written)
      if step < 0, errno == EINTR { continue }
      guard step > 0 else { return false }
      written += step
    }
    return true
  }

  /// The number in a path that leads through this process.
  private static func descriptor(in path: String) -> Int32? {
    let start = "/proc/\(getpid())/fd/"
    return path.hasPrefix(start) ? Int32(path.dropFirst(start.count)) : nil
  }
}
