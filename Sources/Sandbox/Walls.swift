internal import Glibc

/// One of the things that keep what runs in a cell inside; the numbers are arborist-cell's.
package enum Wall: Int, Sendable, Hashable, CaseIterable {
  case userNamespace = 0
  case ownUser = 1
  case mountNamespace = 2
  case processNamespace = 3
  case ipcNamespace = 4
  case networkNamespace = 5
  case overlay = 6
  case landlock = 7
  case seccomp = 8
  case limits = 9
  case controlGroup = 10

  /// What the wall is called in a report.
  package var name: String {
    switch self {
    case .userNamespace: "user namespace"
    case .ownUser: "a user id for each run"
    case .mountNamespace: "mount namespace"
    case .processNamespace: "process namespace"
    case .ipcNamespace: "IPC namespace"
    case .networkNamespace: "network namespace"
    case .overlay: "overlay file system"
    case .landlock: "Landlock"
    case .seccomp: "system call filter"
    case .limits: "resource limits"
    case .controlGroup: "control group"
    }
  }

  /// Those without which nothing untrusted runs.
  ///
  /// Without an overlay the checkout is copied, and without a control group
  /// each process has limits of its own.
  package static let needed: Set<Wall> = [
    .userNamespace, .ownUser, .mountNamespace, .processNamespace, .ipcNamespace, .networkNamespace, .landlock, .seccomp,
    .limits,
  ]
}

/// Which walls this machine gives.
package struct SandboxReport: Sendable, Hashable {
  package struct Entry: Sendable, Hashable {
    package let wall: Wall
    package let holds: Bool
    /// Where it holds, what there is to know; otherwise what is missing and how to get it.
    package let detail: String
  }

  package let entries: [Entry]

  /// The walls that hold.
  package var holding: Set<Wall> { Set(entries.lazy.filter(\.holds).map(\.wall)) }

  /// Whether heads of strangers may run here.
  package var confinesUntrusted: Bool { Wall.needed.isSubset(of: holding) }

  /// The first needed wall that is missing.
  package var missing: Entry? { entries.first { !$0.holds && Wall.needed.contains($0.wall) } }

  init(_ bytes: [UInt8]) throws(SandboxError) {
    var reader = WireReader(bytes)
    let held = try reader.word()
    let landlock = try reader.word()
    var errors: [Int32] = []
    for _ in 0..<16 { errors.append(Int32(truncatingIfNeeded: try reader.word())) }
    let user = String(decoding: try reader.counted(), as: UTF8.self)
    let group = String(decoding: try reader.counted(), as: UTF8.self)
    entries = Wall.allCases.map { wall in
      let holds = held >> UInt32(wall.rawValue) & 1 == 1
      let detail: String
      if holds {
        detail = wall == .landlock ? "version \(landlock)" : ""
      } else {
        let hasUsers = held >> UInt32(Wall.userNamespace.rawValue) & 1 == 1
        detail = Self.advice(wall, error: errors[wall.rawValue], hasUsers: hasUsers, user: user, group: group)
      }
      return Entry(wall: wall, holds: holds, detail: detail)
    }
  }

  private static func advice(
    _ wall: Wall, error: Int32, hasUsers: Bool, user: String, group: String
  ) -> String {
    let reason = error == 0 ? "" : " (\(String(cString: strerror(error))))"
    switch wall {
    case .ownUser: return user
    case .controlGroup: return group + "; each process has limits of its own instead"
    case .userNamespace where error == ENOSPC:
      return "there may be no more of them: raise the sysctl user.max_user_namespaces, which may be 0"
    case .mountNamespace where !hasUsers, .processNamespace where !hasUsers, .ipcNamespace where !hasUsers,
      .networkNamespace where !hasUsers, .overlay where !hasUsers:
      return "it comes with the user namespace"
    case .userNamespace, .mountNamespace, .processNamespace, .ipcNamespace, .networkNamespace:
      return "the kernel or a container refuses it\(reason): allow user namespaces (sysctl"
        + " kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0,"
        + " user.max_user_namespaces; in Docker a seccomp profile that allows unshare, and unmasked /proc)"
    case .overlay:
      return "load the kernel's overlay module, Linux 5.11 or newer\(reason); the checkout is copied instead"
    case .landlock: return "boot Linux 5.13 or newer with Landlock (lsm=landlock,...)\(reason)"
    case .seccomp: return "a kernel with CONFIG_SECCOMP_FILTER is needed\(reason)"
    case .limits: return "limits cannot be set\(reason)"
    }
  }
}
