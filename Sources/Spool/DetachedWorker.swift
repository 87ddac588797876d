internal import Base
package import FileSystem
internal import Glibc
package import Work

/// A worker that outlives the program which started it.
package enum DetachedWorker {
  /// `POSIX_SPAWN_SETSID` of <spawn.h>; the Glibc module leaves the name out.
  private static let newSession: Int16 = 0x80

  /// Starts `PROGRAM worker --state DIR` in a session of its own, and does not wait for it.
  ///
  /// Standard input is `/dev/null`, the two outputs go to the end of the log, and every other descriptor is closed: a
  /// server that waits for the end of a pipe must not wait for the worker. Git's own variables would bind it to this
  /// push, so they are left out.
  ///
  /// It is the last thing that a program does: its working directory, its file mode mask and its descriptors are made
  /// ready for the worker.
  ///
  /// - Throws: ``FileError`` where the program cannot be started.
  package static func start(program: [UInt8], state: StateDirectory) throws(FileError) {
    let isShared = try FileStatus(state.path)?.isGroupWritable ?? false
    umask(isShared ? 0o007 : 0o077)
    let log = try openLog(state, mode: isShared ? 0o660 : 0o600)

    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    var none = sigset_t()
    var all = sigset_t()
    sigemptyset(&none)
    sigfillset(&all)
    // Git and web servers ignore or block some signals; the worker starts with none ignored and none blocked.
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(
      &attributes, newSession | Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, log.raw, 1)
    posix_spawn_file_actions_adddup2(&actions, log.raw, 2)

    // This process ends right after; so what the worker must not have, this process can give up too. The Glibc module
    // lacks the file actions for it.
    closeOnStart()
    _ = chdir("/")
    let words = [program, Array("worker".utf8), Array("--state".utf8), state.path]
    var process: pid_t = 0
    let code = withCStrings(words) { words in
      withCStrings(environment()) { environment in
        // The one way to have no first word is to have no memory left for it.
        words[0].map { posix_spawn(&process, $0, &actions, &attributes, words, environment) } ?? ENOMEM
      }
    }
    if code != 0 { throw FileError("start", program, code: code) }
  }

  /// Has every descriptor but the first three closed when a program is started.
  private static func closeOnStart() {
    let open = (try? Directory.names(Array("/proc/self/fd".utf8)))?.compactMap {
      Int32(String(decoding: $0, as: UTF8.self))
    }
    for descriptor in open ?? Array(3..<1024) where descriptor > 2 {
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }
  }

  /// A log that cannot be written to does not keep the worker from its work.
  private static func openLog(_ state: StateDirectory, mode: UInt32) throws(FileError) -> FileDescriptor {
    do {
      return try FileDescriptor(opening: state.workerLog, .append(mode: mode))
    } catch {
      return try FileDescriptor(opening: Array("/dev/null".utf8), .append(mode: mode))
    }
  }

  /// The environment without git's variables.
  private static func environment() -> [[UInt8]] {
    var result: [[UInt8]] = []
    var next = environ
    while let entry = next.pointee {
      let bytes = UnsafeRawBufferPointer(start: entry, count: strlen(entry)).map { $0 }
      if !bytes.starts(with: "GIT_".utf8) { result.append(bytes) }
      next += 1
    }
    return result
  }

  private static func withCStrings<Result>(
    _ strings: [[UInt8]], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
  ) -> Result {
    let pointers = strings.map { bytes in strdup(bytes.map { CChar(bitPattern: $0) } + [0]) }
    defer { for pointer in pointers { free(pointer) } }
    return body(pointers + [nil])
  }
}
