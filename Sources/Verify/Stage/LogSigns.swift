internal import Base
internal import Sandbox

/// What the log of a command that failed says about the cell around it.
struct LogSigns: Sendable {
  /// The first line that speaks of each.
  private(set) var lines: [Hindrance: String] = [:]

  /// The most bytes of a log that are looked at, from each end.
  private static let limit = 1 << 20

  init(of log: [UInt8]) {
    if log.count <= 2 * Self.limit {
      look(at: log[...])
    } else {
      look(at: log.prefix(Self.limit))
      look(at: log.suffix(Self.limit))
    }
  }

  private mutating func look(at log: ArraySlice<UInt8>) {
    for line in log.split(separator: UInt8(ascii: "\n")) where line.count >= 8 {
      let lower = line.prefix(2000).map { (0x41...0x5a).contains($0) ? $0 + 0x20 : $0 }
      for (hindrance, signs) in Self.signs where lines[hindrance] == nil {
        guard signs.contains(where: { lower.containsText($0) }) else { continue }
        lines[hindrance] = DisplayText.line(LogLines.plain(line).prefix(200))
      }
    }
  }

  private static let texts: [(Hindrance, [String])] = [
    (
      .network,
      [
        "temporary failure in name resolution", "could not resolve host", "couldn't resolve host",
        "getaddrinfo enotfound",
        "getaddrinfo eai_again", "name or service not known", "nodename nor servname", "network is unreachable",
        "no such host", "unknownhostexception", "failed to lookup address", "enetunreach", "unable to resolve host",
        "could not resolve hostname", "no route to host", "nameresolutionerror",
      ]
    ),
    (.disk, ["no space left on device", "disk quota exceeded", "enospc"]),
    (
      .memory,
      [
        "cannot allocate memory", "memoryerror", "out of memory", "bad_alloc", "outofmemoryerror", "oom-kill", "enomem",
      ]
    ),
    (
      .processes,
      [
        "fork: resource temporarily unavailable", "fork: retry: ", "cannot fork", "can't fork", "fork failed",
        "unable to fork", "can't start new thread", "unable to create native thread", "blockingioerror: [errno 11]",
        "pthread_create failed", "failed to create new os thread", "failed to spawn thread",
      ]
    ),
    (
      .privilege,
      [
        "operation not permitted", "permissionerror: [errno 13]", "must be root", "must be run as root", "not root",
        "requires root", "need to be root", "superuser", "eperm", "eacces", "permission denied",
        "changing ownership of",
      ]
    ),
    (.readOnly, ["read-only file system", "erofs"]),
  ]
  private static let signs: [(Hindrance, [[UInt8]])] = texts.map { hindrance, texts in
    (hindrance, texts.map { Array($0.utf8) })
  }

  /// A line for a person on a hindrance; `nil` where the log says nothing of it.
  func note(_ hindrance: Hindrance) -> String? {
    guard let line = lines[hindrance] else { return nil }
    let limits = CellPolicy.Limits()
    let what =
      switch hindrance {
      case .network:
        "a cell has no network while tests run: let 'setup' fetch what they need, from hosts that 'network' names"
      case .disk: "what tests may write is limited to \(limits.workspaceBytes >> 20) MB, and it is in memory"
      case .memory: "the memory of a cell is limited to \(limits.memoryBytes >> 20) MB"
      case .processes: "a cell is limited to \(limits.processes) processes and threads"
      case .privilege: "commands run as an ordinary user, not as root"
      case .readOnly: "only the workspace, /tmp and the home can be written to"
      case .time, .output, .date: ""
      }
    return "\(what); the log says: \(line)"
  }
}

extension [UInt8] {
  /// Whether the text stands somewhere in the bytes.
  fileprivate func containsText(_ text: [UInt8]) -> Bool {
    guard let first = text.first, count >= text.count else { return false }
    var start = startIndex
    let last = endIndex - text.count
    while start <= last {
      guard let found = self[start...last].firstIndex(of: first) else { return false }
      if self[found..<(found + text.count)].elementsEqual(text) { return true }
      start = found + 1
    }
    return false
  }
}
