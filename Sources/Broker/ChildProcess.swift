internal import Base
internal import CBrokerShims
internal import Dispatch
package import FileSystem
internal import Glibc

/// A process of ours that can be killed, by its own number and never by that of another one that got it later.
final class ChildProcess: Sendable {
  private let number: Int32
  /// Whether the process may still be killed: it is not waited for yet.
  private let isHere = Lock(true)

  private init(_ number: Int32) {
    self.number = number
  }

  /// Starts a program with two descriptors as its standard input and its descriptor 3, and no others.
  ///
  /// - Parameters:
  ///   - arguments: The path of the program and its arguments.
  ///   - environment: `NAME=VALUE`, all that it gets.
  ///   - input: What it reads from; `nil` for nothing.
  ///   - socket: Its descriptor 3.
  ///   - onEnd: Called once when it has ended.
  /// - Returns: The process, which goes on where nobody refers to this value any more.
  /// - Throws: ``FileError`` where it cannot be started.
  static func start(
    _ arguments: [String], environment: [String], input: Int32?, socket: Int32,
    onEnd: @escaping @Sendable () -> Void = {}
  ) throws(FileError) -> ChildProcess {
    var number: Int32 = 0
    let code = withCStrings(arguments) { words in
      withCStrings(environment) { arborist_start(&number, words, $0, input ?? -1, socket) }
    }
    guard code == 0 else { throw FileError("start", Array(arguments[0].utf8), code: code) }
    let process = ChildProcess(number)
    DispatchQueue(label: "arborist.broker.child").async {
      process.wait()
      onEnd()
    }
    return process
  }

  private static func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    return body(&pointers)
  }

  private func wait() {
    var information = siginfo_t()
    // It stays a zombie, whose number nobody else gets, until nobody can kill it any more.
    while waitid(P_PID, id_t(number), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
    isHere.withLock { isHere in
      isHere = false
      var status: Int32 = 0
      while waitpid(number, &status, 0) < 0, errno == EINTR {}
    }
  }

  /// Ends it at once, where it has not ended.
  func kill() {
    isHere.withLock { isHere in
      if isHere { _ = Glibc.kill(number, SIGKILL) }
    }
  }
}

/// The program that runs, which is also the one that the broker and its children run.
package enum OwnProgram {
  /// Its path, or another one that leads to it where its file was replaced or removed: what is started must speak the
  /// same frames.
  ///
  /// - Throws: ``FileError`` where it cannot be told.
  package static func path() throws(FileError) -> String {
    let link = "/proc/self/exe"
    let path = String(decoding: try File.linkTarget(Array(link.utf8)), as: UTF8.self)
    return path.hasSuffix(" (deleted)") ? link : path
  }
}

/// Two connected sockets that no program inherits.
func socketPair() throws(FileError) -> (Int32, Int32) {
  var pair: [Int32] = [-1, -1]
  guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &pair) == 0 else {
    throw FileError("make", Array("a pair of sockets".utf8))
  }
  return (pair[0], pair[1])
}
