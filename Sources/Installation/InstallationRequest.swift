package import Base
package import FileSystem
package import Work

/// What `arborist init` has to know of a repository; the caller reads it from git's configuration.
package struct InstallationFacts: Sendable, Hashable {
  /// The git directory as an absolute path; of a linked work tree, the directory that all its siblings share.
  package var gitDirectory: [UInt8]
  package var isBare: Bool
  /// `core.hooksPath` as an absolute path, `~` expanded; `nil` where it is not set.
  package var hooksPath: [UInt8]?
  /// `core.sharedRepository` as it is written; `nil` where it is not set.
  package var sharedRepository: [UInt8]?
  /// The branch that HEAD names; `nil` where it names none.
  package var defaultBranch: RefName?
  /// `merge.default` as it is in force, from whatever file; `nil` where it is not set.
  package var mergeDefault: [UInt8]?
  /// `merge.conflictStyle` as it is in force; `nil` where it is not set.
  package var conflictStyle: [UInt8]?

  package init(
    gitDirectory: [UInt8], isBare: Bool, hooksPath: [UInt8]? = nil, sharedRepository: [UInt8]? = nil,
    defaultBranch: RefName? = nil, mergeDefault: [UInt8]? = nil, conflictStyle: [UInt8]? = nil
  ) {
    self.gitDirectory = gitDirectory
    self.isBare = isBare
    self.hooksPath = hooksPath
    self.sharedRepository = sharedRepository
    self.defaultBranch = defaultBranch
    self.mergeDefault = mergeDefault
    self.conflictStyle = conflictStyle
  }

  /// Whether the configuration gives the repository to a group; see `core.sharedRepository` in git-config(1).
  var isSharedByConfiguration: Bool {
    let text = String(decoding: sharedRepository ?? [], as: UTF8.self).lowercased()
    if ["group", "true", "yes", "on", "1", "all", "world", "everybody", "2", "3"].contains(text) { return true }
    guard text.utf8.first == UInt8(ascii: "0"), let mode = UInt32(text, radix: 8) else { return false }
    return mode & 0o020 != 0
  }
}

/// What the person who runs `arborist init` wants.
package struct InstallationOptions: Sendable, Hashable {
  /// The absolute paths of the two programs, as the hooks will call them.
  package var arborist: [UInt8]
  package var arboristHook: [UInt8]
  /// Arborist's own version, for the record.
  package var version: String
  /// The state directory; `nil` for `arborist` in the git directory.
  package var state: StateDirectory?
  /// Something else, such as systemd, sees to it that a worker runs.
  package var isService: Bool
  /// A `pre-receive` hook is wanted too.
  package var preReceive: Bool
  /// Who the bot is in the commits that it makes.
  package var bot: BotIdentity

  package init(
    arborist: [UInt8], arboristHook: [UInt8], version: String, state: StateDirectory? = nil, isService: Bool = false,
    preReceive: Bool = false, bot: BotIdentity
  ) {
    self.arborist = arborist
    self.arboristHook = arboristHook
    self.version = version
    self.state = state
    self.isService = isService
    self.preReceive = preReceive
    self.bot = bot
  }
}

/// How a plan looks at the disk.
///
/// A test may bring its own.
package struct Surroundings: Sendable {
  /// What stands at a path, without following a link.
  package var entry: @Sendable (_ path: [UInt8]) throws(FileError) -> FileEntry
  /// The mode and owner of what stands at a path; `nil` where nothing does.
  package var status: @Sendable (_ path: [UInt8]) throws(FileError) -> FileStatus?
  /// The names in a directory.
  package var names: @Sendable (_ path: [UInt8]) throws(FileError) -> [[UInt8]]
  /// The path without links; `nil` where nothing is there.
  package var realPath: @Sendable (_ path: [UInt8]) throws(FileError) -> [UInt8]?

  /// The disk as it is.
  package static let disk = Surroundings(
    entry: { path throws(FileError) in try FileEntry(at: path) },
    status: { path throws(FileError) in try FileStatus(path) },
    names: { path throws(FileError) in try Directory.names(path) },
    realPath: { path throws(FileError) in try File.realPath(path) })
}

extension Surroundings {
  /// ``entry`` with the error of this module.
  func look(_ path: [UInt8]) throws(InstallationError) -> FileEntry {
    do { return try entry(path) } catch { throw .file(error) }
  }

  /// ``status`` with the error of this module.
  func stat(_ path: [UInt8]) throws(InstallationError) -> FileStatus? {
    do { return try status(path) } catch { throw .file(error) }
  }

  /// ``names`` with the error of this module; empty where there is no directory.
  func list(_ path: [UInt8]) throws(InstallationError) -> [[UInt8]] {
    guard try look(path) == .directory else { return [] }
    do { return try names(path) } catch { throw .file(error) }
  }

  /// ``realPath`` with the error of this module.
  func resolve(_ path: [UInt8]) throws(InstallationError) -> [UInt8]? {
    do { return try realPath(path) } catch { throw .file(error) }
  }
}
