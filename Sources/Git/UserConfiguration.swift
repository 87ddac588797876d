internal import CLibgit2
internal import Glibc

/// The configuration as git itself would see it, for the few things that `arborist init` has to know. Nothing else reads
/// it: what a person's or the machine's configuration says is not obeyed.
extension Repository {
  /// A value as it is in force: the repository's own, or else the user's, or else the machine's; `nil` where none has it.
  ///
  /// - Throws: ``GitError`` where a file cannot be read.
  package func effectiveConfiguration(_ key: String) throws(GitError) -> String? {
    if let own = try configuration(key) { return own }
    for path in Self.userFiles where unsafe access(path, R_OK) == 0 {
      if let value = try Self.value(of: key, in: path) { return value }
    }
    return nil
  }

  /// A path as it is in force, absolute: `~/` is the home directory, and a relative path is one from the work tree, or
  /// from a bare repository itself (git-config(1), `core.hooksPath`).
  ///
  /// - Throws: ``GitError`` where a file cannot be read.
  package func effectivePath(_ key: String) throws(GitError) -> String? {
    guard let text = try effectiveConfiguration(key), !text.isEmpty else { return nil }
    if text.hasPrefix("/") { return text }
    if text == "~" || text.hasPrefix("~/"), let home = Self.variable("HOME") { return home + text.dropFirst() }
    return (workTree ?? gitDirectory) + "/" + text
  }

  /// The files beyond the repository's own, the strongest first (git-config(1), FILES).
  private static var userFiles: [String] {
    var files: [String] = []
    if let named = variable("GIT_CONFIG_GLOBAL") {
      files.append(named)
    } else if let home = variable("HOME") {
      files += [home + "/.gitconfig", (variable("XDG_CONFIG_HOME") ?? home + "/.config") + "/git/config"]
    }
    if variable("GIT_CONFIG_NOSYSTEM") == nil { files.append(variable("GIT_CONFIG_SYSTEM") ?? "/etc/gitconfig") }
    return files
  }

  private static func variable(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    let text = unsafe String(cString: value)
    return text.isEmpty ? nil : text
  }

  private static func value(of key: String, in path: String) throws(GitError) -> String? {
    let operation = "read '\(path)'"
    let file = try make(operation, free: { unsafe git_config_free($0) }) { unsafe git_config_new(&$0) }
    try check(
      unsafe git_config_add_file_ondisk(file.pointer, path, GIT_CONFIG_LEVEL_GLOBAL, nil, 0), operation)
    var entry: UnsafeMutablePointer<git_config_entry>?
    let result = unsafe git_config_get_entry(&entry, file.pointer, key)
    if result == GIT_ENOTFOUND.rawValue {
      git_error_clear()
      return nil
    }
    try check(result, operation)
    defer { unsafe git_config_entry_free(entry) }
    guard let value = unsafe entry?.pointee.value else { return "" }
    return unsafe String(cString: value)
  }
}
