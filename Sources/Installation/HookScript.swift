internal import HookTemplates
internal import Work

/// The hooks that Arborist can install.
package enum HookName: String, Sendable, Hashable, CaseIterable {
  case postReceive = "post-receive"
  case preReceive = "pre-receive"
  case preCommit = "pre-commit"
  case prePush = "pre-push"

  /// The name of the file.
  var bytes: [UInt8] { Array(rawValue.utf8) }
}

/// The text of a hook.
enum HookScript {
  /// How the second line of every version of our hooks begins.
  static let marker = "# arborist init wrote this hook"

  /// Whether this is a hook of ours, of whatever version.
  static func isOurs(_ content: [UInt8]) -> Bool {
    let lines = content.split(separator: UInt8(ascii: "\n"), maxSplits: 2, omittingEmptySubsequences: false)
    return lines.count > 1 && lines[1].starts(with: marker.utf8)
  }

  /// The whole file.
  static func content(
    _ hook: HookName, options: InstallationOptions, state: StateDirectory
  ) throws(InstallationError) -> [UInt8] {
    let template =
      switch hook {
      case .postReceive: HookTemplate.postReceive
      case .preReceive: HookTemplate.preReceive
      case .preCommit: HookTemplate.preCommit
      case .prePush: HookTemplate.prePush
      }
    return fill(
      template,
      [
        "RECORDER": try quoted(options.arboristHook), "ARBORIST": try quoted(options.arborist),
        "STATE": try quoted(state.path), "SERVICE": options.isService ? Array(" --service".utf8) : [],
      ])
  }

  /// The line that a person can add to a hook of their own.
  static func command(
    _ hook: HookName, options: InstallationOptions, state: StateDirectory
  ) throws(InstallationError) -> [UInt8] {
    switch hook {
    case .postReceive:
      try quoted(options.arboristHook) + Array(" post-receive --state ".utf8) + quoted(state.path)
        + Array(" --arborist ".utf8) + quoted(options.arborist) + Array((options.isService ? " --service" : "").utf8)
    case .preReceive: try quoted(options.arborist) + Array(" hook pre-receive --state ".utf8) + quoted(state.path)
    case .preCommit, .prePush: try quoted(options.arborist) + Array(" hook \(hook.rawValue) \"$@\"".utf8)
    }
  }

  /// An absolute path as one word of a POSIX shell, whatever its bytes.
  static func quoted(_ path: [UInt8]) throws(InstallationError) -> [UInt8] {
    guard path.first == UInt8(ascii: "/"), !path.contains(0) else { throw .unusablePath(path) }
    var word = [UInt8(ascii: "'")]
    for byte in path {
      word += byte == UInt8(ascii: "'") ? Array(#"'\''"#.utf8) : [byte]
    }
    return word + [UInt8(ascii: "'")]
  }

  /// The template with `@NAME@` replaced, once; what is put in is not looked at again.
  private static func fill(_ template: [UInt8], _ values: [String: [UInt8]]) -> [UInt8] {
    var result: [UInt8] = []
    var rest = template[...]
    while let at = rest.firstIndex(of: UInt8(ascii: "@")) {
      result += rest[..<at]
      rest = rest[(at + 1)...]
      if let end = rest.firstIndex(of: UInt8(ascii: "@")),
        let value = values[String(decoding: rest[..<end], as: UTF8.self)]
      {
        result += value
        rest = rest[(end + 1)...]
      } else {
        result.append(UInt8(ascii: "@"))
      }
    }
    return result + rest
  }
}
