import BenchSupport
import Glibc

/// A program that goes on while something else is done.
final class Child {
  let process: pid_t
  /// When it was started, in seconds of the machine's monotonic clock.
  let started: Double
  private var isOver = false

  /// Starts it with exactly these variables beside `PATH`; what it says goes to the files.
  init(_ words: [String], variables: [String: String], output: String, errors: String) throws {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    let settings = variables.merging(["PATH": Variables.text("PATH") ?? "/usr/bin:/bin"]) { given, _ in given }
    let arguments = words.map { strdup($0) } + [nil]
    let environment = settings.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { (arguments + environment).forEach { free($0) } }
    var process = pid_t()
    started = Self.now
    let failure = posix_spawnp(&process, words[0], &actions, nil, arguments, environment)
    guard failure == 0 else { throw BenchFailure("cannot run \(words[0]): error \(failure)") }
    self.process = process
  }

  deinit {
    if !isOver {
      kill(process, SIGKILL)
      _ = wait()
    }
  }

  /// Waits for its end; its status, or that of a shell for a signal.
  func wait() -> Int32 {
    var status: Int32 = 0
    while waitpid(process, &status, 0) == -1 && errno == EINTR { continue }
    isOver = true
    return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
  }

  /// Seconds of the machine's monotonic clock.
  static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// What it and all that descend from it have in memory, in bytes: what is shared divided among those who share it,
  /// and what is shared counted for each.
  var memory: (proportional: Int, resident: Int) {
    var sum = (proportional: 0, resident: 0)
    var waiting = [process]
    while let one = waiting.popLast() {
      for line in (try? Files.lines("/proc/\(one)/smaps_rollup")) ?? [] {
        let fields = line.split(separator: " ")
        guard fields.count > 1, let kilobytes = Int(fields[1]) else { continue }
        if fields[0] == "Pss:" { sum.proportional += kilobytes << 10 }
        if fields[0] == "Rss:" { sum.resident += kilobytes << 10 }
      }
      for thread in Self.names("/proc/\(one)/task") {
        let children = (try? Files.lines("/proc/\(one)/task/\(thread)/children"))?.first ?? ""
        waiting += children.split(separator: " ").compactMap { pid_t($0) }
      }
    }
    return sum
  }

  private static func names(_ path: String) -> [String] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name.first != "." { names.append(name) }
    }
    return names
  }
}
