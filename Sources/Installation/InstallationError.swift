internal import Base
package import FileSystem

/// Why `arborist init` did nothing, or stopped.
package enum InstallationError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The hooks are in a directory that other repositories may use, or that is part of the work tree.
  case hooksElsewhere(directory: [UInt8], hook: HookName, command: [UInt8])
  /// A foreign hook is in the place of ours, and one that was there before it is kept already.
  case keptAlready(hook: [UInt8], kept: [UInt8])
  /// Something that is no file stands where a file or a directory has to go.
  case inTheWay(path: [UInt8])
  /// The state directory belongs to another repository.
  case stateTaken(state: [UInt8], by: [UInt8])
  /// The record of an earlier `init` cannot be read.
  case brokenRecord(path: [UInt8], reason: String)
  /// A path that goes into a hook is not absolute or has a NUL in it.
  case unusablePath([UInt8])
  /// Another process is changing the repository's configuration.
  case configurationLocked(lock: [UInt8])
  /// The repository's configuration changed while it was being worked on.
  case configurationChanged(path: [UInt8])
  /// The file system refused.
  case file(FileError)

  package var description: String {
    switch self {
    case .hooksElsewhere(let directory, let hook, let command):
      "the hooks are in \(Self.show(directory)) (core.hooksPath, or a link), which is not this repository's alone; "
        + "nothing was installed; add to its '\(hook.rawValue)' the line: \(DisplayText.line(command))"
    case .keptAlready(let hook, let kept):
      "\(Self.show(hook)) is not Arborist's, and \(Self.show(kept)) holds an earlier one: move one of them away"
    case .inTheWay(let path): "\(Self.show(path)) is in the way: move it away and run 'arborist init' again"
    case .stateTaken(let state, let owner):
      "the state directory \(Self.show(state)) belongs to \(Self.show(owner)): name another with --state"
    case .brokenRecord(let path, let reason):
      "\(Self.show(path)) cannot be read (\(reason)): move it away and run 'arborist init' again"
    case .unusablePath(let path): "\(Self.show(path)) cannot go into a hook: it is no absolute path"
    case .configurationLocked(let lock):
      "\(Self.show(lock)) is there: wait for the git command that holds it, or remove it if none runs"
    case .configurationChanged(let path): "\(Self.show(path)) has just been changed: run 'arborist init' again"
    case .file(let error): error.description
    }
  }

  private static func show(_ path: [UInt8]) -> String { "'\(DisplayText.escaping(path))'" }
}
