internal import CLibgit2
internal import CLibgit2Shims

/// The process's one libgit2.
enum Library {
  /// Starts libgit2 the first time it is called and sets what holds for the whole process.
  ///
  /// It is never shut down: handles may live as long as the process does.
  static func start() {
    _ = started
  }

  private static let started: Void = {
    _ = git_libgit2_init()
    // Who owns a repository's files matters to git because it runs what their configuration names: hooks, filters, a
    // pager. Nothing here runs any of these or checks out a file, and work is done in repositories of our own.
    _ = arborist_git_set_option(Int32(bitPattern: GIT_OPT_SET_OWNER_VALIDATION.rawValue), 0)
    // Objects that a partial or borrowed repository lacks must not keep a tree from being written.
    _ = arborist_git_set_option(Int32(bitPattern: GIT_OPT_ENABLE_STRICT_OBJECT_CREATION.rawValue), 0)
    // A merge reads the three root trees several times. libgit2 keeps only trees of up to 4 KiB (about 100 entries), so
    // the trees that cost most to inflate and hash would be read from the pack each time.
    _ = arborist_git_set_cached_size(GIT_OBJECT_TREE, 1 << 20)
    // What it keeps all in all, instead of 256 MiB.
    _ = arborist_git_set_cache_size(32 << 20)
    // A person's or the machine's `url.*.insteadOf` must not turn one of our addresses into another.
    let levels = [
      GIT_CONFIG_LEVEL_PROGRAMDATA, GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL,
    ]
    for level in levels { _ = unsafe arborist_git_set_search_path(level.rawValue, "") }
  }()
}
