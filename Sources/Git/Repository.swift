internal import Base
internal import CLibgit2
internal import CLibgit2Shims
internal import Glibc

/// An opened repository, for reading.
///
/// It is not `Sendable`: libgit2 allows one thread at a time. ``RepositoryActor`` keeps it on a queue of its own. Nothing
/// here writes to the repository; see ``PrivateRepository`` for what does, and for the one way back.
package class Repository {
  let handle: Handle

  /// The repository's pointer, valid as long as the value lives.
  var pointer: OpaquePointer { unsafe handle.pointer }

  init(_ handle: consuming Handle) {
    self.handle = handle
  }

  /// Opens the repository that a directory lies in, as a person's own command would.
  ///
  /// The repository's own configuration says where its work tree is; that of the user and the machine is not read.
  ///
  /// - Throws: ``GitError`` with `notFound` where there is none.
  package static func discover(at directory: String) throws(GitError) -> Repository {
    Repository(try open(directory, flags: 0))
  }

  /// Opens the repository that a directory is, bare or the `.git` of a work tree, without looking at any work tree.
  ///
  /// So whoever can write its configuration cannot lead us elsewhere with `core.worktree`.
  ///
  /// - Throws: ``GitError`` with `notFound` where the directory is no repository.
  package static func openBare(at directory: String) throws(GitError) -> Repository {
    Repository(try open(directory, flags: GIT_REPOSITORY_OPEN_BARE.rawValue | GIT_REPOSITORY_OPEN_NO_SEARCH.rawValue))
  }

  static func open(_ directory: String, flags: UInt32) throws(GitError) -> Handle {
    Library.start()
    let handle = try make(
      "open a repository at '\(DisplayText.escaping(directory.utf8))'", free: { unsafe git_repository_free($0) }
    ) { unsafe git_repository_open_ext(&$0, directory, flags, nil) }
    try guardLooseObjects(of: handle)
    return handle
  }

  /// Makes a loose object that was cut off an error instead of a trap, wherever the repository reads objects.
  static func guardLooseObjects(of repository: borrowing Handle) throws(GitError) {
    let own = unsafe Self.directory(git_repository_commondir(repository.pointer)) + "/objects"
    // Others' objects are looked for in the directories that 'info/alternates' names, one a line.
    let alternates = try SmallFile.read(own + "/info/alternates") ?? []
    let lent = alternates.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
    for directory in [own] + lent {
      let path = directory.hasPrefix("/") ? directory : own + "/" + directory
      try check(
        unsafe arborist_git_guard_loose_objects(
          UnsafeMutableRawPointer(repository.pointer), path, directory == own ? 0 : 1),
        "guard the objects in '\(DisplayText.escaping(path.utf8))'")
    }
  }

  /// Whether it has no work tree of its own, or was opened without one.
  package var isBare: Bool { unsafe git_repository_is_bare(pointer) == 1 }

  /// Whether its history was cut off when it was cloned.
  package var isShallow: Bool { unsafe git_repository_is_shallow(pointer) == 1 }

  /// What a person is to do where an ancestor is missing because the history was cut off; empty where it was not.
  package var shallowHint: String {
    isShallow ? " in this shallow clone: 'git fetch --unshallow' brings it" : ""
  }

  /// Whether it has no reference at all.
  package func isEmpty() throws(GitError) -> Bool {
    try references().isEmpty
  }

  /// The directory with the references and objects, absolute and without a slash at its end; a linked work tree shares
  /// it with the main one.
  package var commonDirectory: String { unsafe Self.directory(git_repository_commondir(pointer)) }

  /// The directory with HEAD and the index, absolute and without a slash at its end.
  package var gitDirectory: String { unsafe Self.directory(git_repository_path(pointer)) }

  /// The directory with the objects.
  package var objectsDirectory: String { commonDirectory + "/objects" }

  /// The root of the work tree; `nil` for a bare repository.
  package var workTree: String? {
    guard let path = unsafe git_repository_workdir(pointer) else { return nil }
    return unsafe Self.directory(path)
  }

  /// Where the index is, which need not be there.
  package var indexPath: String { gitDirectory + "/index" }

  private static func directory(_ path: UnsafePointer<CChar>?) -> String {
    guard let path = unsafe path else { return "" }
    var text = unsafe String(cString: path)
    while text.count > 1, text.hasSuffix("/") { text.removeLast() }
    return text
  }

  /// A value of the repository's own configuration file; `nil` where it has none.
  ///
  /// - Throws: ``GitError`` where the file cannot be read.
  package func configuration(_ key: String) throws(GitError) -> String? {
    guard let settings = try ownConfiguration() else { return nil }
    var entry: UnsafeMutablePointer<git_config_entry>?
    let result = unsafe git_config_get_entry(&entry, settings.pointer, key)
    if result == GIT_ENOTFOUND.rawValue {
      git_error_clear()
      return nil
    }
    try check(result, "read '\(key)' of the repository's configuration")
    defer { unsafe git_config_entry_free(entry) }
    guard let value = unsafe entry?.pointee.value else { return "" }
    return unsafe String(cString: value)
  }

  /// A yes or no of the repository's own configuration file; `nil` where it has none.
  ///
  /// - Throws: ``GitError`` with `invalid` where the value is neither.
  package func configurationFlag(_ key: String) throws(GitError) -> Bool? {
    guard let settings = try ownConfiguration() else { return nil }
    var value: Int32 = 0
    let result = unsafe git_config_get_bool(&value, settings.pointer, key)
    if result == GIT_ENOTFOUND.rawValue {
      git_error_clear()
      return nil
    }
    if result < 0 {
      throw GitError(
        .invalid, operation: "read '\(key)' of the repository's configuration",
        message: lastError(result, "").message)
    }
    return value != 0
  }

  private func ownConfiguration() throws(GitError) -> Handle? {
    let path = commonDirectory + "/config"
    guard unsafe access(path, F_OK) == 0 else { return nil }
    let settings = try make("read a configuration", free: { unsafe git_config_free($0) }) {
      unsafe git_config_new(&$0)
    }
    let result = unsafe git_config_add_file_ondisk(settings.pointer, path, GIT_CONFIG_LEVEL_LOCAL, nil, 0)
    try check(result, "read '\(path)'")
    return settings
  }
}
