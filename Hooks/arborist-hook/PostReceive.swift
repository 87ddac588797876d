internal import Base
internal import FileSystem
internal import Glibc
internal import Spool
internal import Work

/// `post-receive`: records what a push moved, sees that a worker runs, and returns.
enum PostReceive {
  /// Does it; the words are those after `post-receive`.
  ///
  /// - Returns: The exit status: 0 for done, 2 for words that are not understood, 4 where nothing could be recorded. The
  ///   push has happened in any case, and no status undoes it.
  static func run(_ words: [[UInt8]]) -> Int32 {
    let options: Options
    do throws(Options.UsageError) {
      options = try Options(words)
    } catch {
      FileDescriptor.say("arborist: post-receive: \(error.reason); usage: \(Options.usage)")
      return 2
    }
    if isatty(0) == 1 {
      FileDescriptor.say("arborist: post-receive reads from git on standard input what was pushed; nothing was done")
      return 0
    }
    do {
      guard let count = try record(options.state) else { return 0 }
      FileDescriptor.say("arborist: \(count) reference update\(count == 1 ? "" : "s") recorded")
    } catch {
      FileDescriptor.say(
        "arborist: the push is stored, but its review could not be recorded: \(error); "
          + "when that is mended, run 'arborist review' for each branch, or push again")
      return 4
    }
    if !options.isService { startWorker(options) }
    return 0
  }

  /// Writes the delivery; `nil` where standard input holds nothing.
  private static func record(_ state: StateDirectory) throws -> Int? {
    var lines = LineReader()
    guard var line = try lines.next() else { return nil }
    var writer = try SpoolWriter(
      into: state, repository: try currentDirectory(), actor: TransportActor.name(), time: WallClock.system.now())
    var count = 0
    while true {
      try writer.append(.push(try RefUpdate(hookLine: line)))
      count += 1
      guard let next = try lines.next() else { break }
      line = next
    }
    try writer.finish()
    return count
  }

  private static func currentDirectory() throws(FileError) -> [UInt8] {
    let here = [UInt8(ascii: ".")]
    guard let path = try File.realPath(here) else { throw FileError("find", here) }
    return path
  }

  /// Starts a worker where none runs.
  ///
  /// Why this order loses nothing is said at `WorkerLock`.
  private static func startWorker(_ options: Options) {
    do {
      if try WorkerLock.isHeld(options.state) { return }
      guard let program = options.arborist else { return }
      try DetachedWorker.start(program: program, state: options.state)
    } catch {
      FileDescriptor.say(
        "arborist: the push is recorded, but no worker could be started: \(error); "
          + "run 'arborist worker --state \(options.state.display)'")
    }
  }
}

/// The words of `post-receive`.
struct Options {
  let state: StateDirectory
  /// Something else sees to it that a worker runs.
  let isService: Bool
  /// The absolute path of `arborist`; `nil` where it is not known.
  let arborist: [UInt8]?

  static let usage = "arborist-hook post-receive --state DIR [--service] [--arborist PATH]"

  struct UsageError: Error {
    let reason: String
  }

  init(_ words: [[UInt8]]) throws(UsageError) {
    var rest = words[...]
    var state: StateDirectory?
    var isService = false
    var arborist: [UInt8]?
    while let word = rest.popFirst() {
      switch String(decoding: word, as: UTF8.self) {
      case "--service": isService = true
      case "--state":
        guard let path = rest.popFirst(), let directory = StateDirectory(path) else {
          throw UsageError(reason: "--state takes an absolute path")
        }
        state = directory
      case "--arborist":
        guard let path = rest.popFirst(), path.first == UInt8(ascii: "/") else {
          throw UsageError(reason: "--arborist takes an absolute path")
        }
        arborist = path
      default: throw UsageError(reason: "'\(DisplayText.escaping(word))' is not understood")
      }
    }
    guard let state else { throw UsageError(reason: "--state is missing") }
    self.state = state
    self.isService = isService
    self.arborist = arborist ?? Self.neighbour()
  }

  /// `arborist` in the directory of this program.
  private static func neighbour() -> [UInt8]? {
    guard let program = try? File.realPath(Array("/proc/self/exe".utf8)),
      let slash = program.lastIndex(of: UInt8(ascii: "/"))
    else { return nil }
    return program[...slash] + Array("arborist".utf8)
  }
}

/// Standard input as lines, a piece at a time.
struct LineReader {
  private var buffer: [UInt8] = []
  private var start = 0
  private var ended = false

  /// No line of git is longer.
  private static let longest = 1 << 16

  /// The next line without its end; `nil` after the last one.
  mutating func next() throws -> [UInt8]? {
    while true {
      if let end = buffer[start...].firstIndex(of: UInt8(ascii: "\n")) {
        defer { start = end + 1 }
        return Array(buffer[start..<end])
      }
      buffer.removeFirst(start)
      start = 0
      if ended {
        defer { buffer = [] }
        return buffer.isEmpty ? nil : buffer
      }
      guard buffer.count <= Self.longest else {
        throw MalformedDelivery(reason: "a line on standard input is longer than \(Self.longest) bytes")
      }
      let bytes = try FileDescriptor.readFromStandardInput(upTo: Self.longest)
      ended = bytes.isEmpty
      buffer += bytes
    }
  }
}
