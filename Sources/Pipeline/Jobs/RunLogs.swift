internal import Base
internal import FileSystem
internal import Work

/// The logs that runs have left: what is kept of them has an end, whatever number of runs there is.
///
/// Only the logs go. What a run has made and could not deliver, its patch, stays until a person removes it.
struct RunLogs {
  /// How many runs' logs are kept, and for how long, in seconds: 30 days.
  static let mostRuns = 200
  static let longest: Int64 = 30 * 24 * 3600
  /// What they may take together, in bytes; the newest run's are kept whatever they take.
  static let mostBytes = 1 << 30

  /// The directories of runs.
  let runs: String

  /// The logs of one run.
  private struct Kept {
    var run: [UInt8]
    var path: [UInt8]
    var modified: Int64
  }

  /// Removes the logs that are too old or too many; what cannot be looked at or removed stays.
  ///
  /// - Parameters:
  ///   - now: The present moment.
  ///   - mostBytes: What they may take together.
  func prune(at now: Timestamp, mostBytes: Int = Self.mostBytes) {
    let kept = found().sorted { ($0.modified, $0.run.count) > ($1.modified, $1.run.count) }
    var bytes = 0
    for (number, logs) in kept.enumerated() {
      bytes += Self.bytes(in: logs.path)
      let isOld = logs.modified < now.milliseconds / 1000 - Self.longest
      // A run that is being worked on holds its lock; that of a worker, which is alone with its runs, is the newest.
      guard number > 0, isOld || number >= Self.mostRuns || bytes > mostBytes, !isOpen(logs) else { continue }
      bytes -= Self.bytes(in: logs.path)
      try? Directory.removeTree(logs.path)
      _ = try? Directory.removeIfEmpty(Array("\(runs)/".utf8) + logs.run)
    }
  }

  private func found() -> [Kept] {
    let names = (try? Directory.names(Array(runs.utf8))) ?? []
    return names.compactMap { name in
      let path = Array("\(runs)/".utf8) + name + Array("/\(RunDirectory.logsName)".utf8)
      guard RunID(String(decoding: name, as: UTF8.self)) != nil,
        let status = try? FileStatus(noFollow: path), status.kind == .directory
      else { return nil }
      return Kept(run: name, path: path, modified: status.modified)
    }
  }

  /// Whether a process works on the run: a lock that nobody holds is of one that is dead.
  private func isOpen(_ logs: Kept) -> Bool {
    let path = Array("\(runs)/".utf8) + logs.run + Array("/lock".utf8)
    do throws(FileError) {
      guard try FileStatus(noFollow: path) != nil else { return false }
      return try FileDescriptor(opening: path, .read).isLockedByAnother()
    } catch {
      return true
    }
  }

  private static func bytes(in directory: [UInt8]) -> Int {
    ((try? Directory.names(directory)) ?? []).reduce(0) { sum, name in
      sum + ((try? FileStatus(noFollow: directory + [UInt8(ascii: "/")] + name))?.size ?? 0)
    }
  }
}
