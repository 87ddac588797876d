/// Tells git commands that leave everything where it is from those that may throw something away.
enum GitCommand {
  /// What a git command may destroy, in a few words; `nil` where it is known to read, or only to add something.
  ///
  /// A name that is not known here may be an alias or a program of its own, so it is one that destroys.
  static func reason(_ words: [ShellWords.Word]) -> String? {
    guard let (name, arguments) = parts(of: words) else { return nil }
    guard name.isKnown else { return "a git command that is only known when it runs" }
    return keeps(name.text, arguments) ? nil : "git \(name.text)"
  }

  /// The same for words behind a program that may be git, and may be something else.
  static func reasonIfGit(_ words: [ShellWords.Word]) -> String? {
    guard let (name, _) = parts(of: words), name.isKnown, overwriting.contains(name.text) else { return nil }
    return reason(words)
  }

  /// The name of the command and what follows it; `nil` where there is none.
  private static func parts(of words: [ShellWords.Word]) -> (name: ShellWords.Word, arguments: [String])? {
    var rest = words[...]
    let valued: Set<String> = ["-C", "-c", "--git-dir", "--work-tree", "--namespace", "--config-env", "--attr-source"]
    while let word = rest.first, word.text.hasPrefix("-") {
      rest = rest.dropFirst(valued.contains(word.text) ? 2 : 1)
    }
    return rest.first.map { ($0, rest.dropFirst().map(\.text)) }
  }

  /// Commands that write over files, or drop what nothing else leads to.
  private static let overwriting: Set<String> = [
    "am", "checkout", "checkout-index", "cherry-pick", "clean", "merge", "pull", "read-tree", "rebase", "reset",
    "restore", "revert", "rm", "stash", "switch",
  ]

  /// Commands that only read, or only add something, whatever their arguments are.
  private static let keeping: Set<String> = [
    "add", "annotate", "apply", "archive", "blame", "bugreport", "bundle", "cat-file", "check-attr", "check-ignore",
    "check-mailmap", "check-ref-format", "cherry", "clone", "column", "commit", "commit-graph", "commit-tree", "config",
    "count-objects", "describe", "diagnose", "diff", "diff-files", "diff-index", "diff-tree", "fast-export", "fetch",
    "for-each-ref", "format-patch", "fsck", "get-tar-commit-id", "grep", "hash-object", "help", "index-pack", "init",
    "interpret-trailers", "log", "ls-files", "ls-remote", "ls-tree", "mailinfo", "merge-base", "merge-tree", "mktag",
    "mktree", "name-rev", "pack-objects", "pack-refs", "patch-id", "push", "range-diff", "request-pull", "rev-list",
    "rev-parse", "shortlog", "show", "show-branch", "show-index", "show-ref", "stage", "status", "stripspace",
    "unpack-file", "unpack-objects", "var", "verify-commit", "verify-pack", "verify-tag", "version", "whatchanged",
    "write-tree",
  ]

  /// For commands with commands of their own, those that only read or add; an empty name is the one without.
  private static let keepingParts: [String: Set<String>] = [
    "bisect": ["log"], "notes": ["", "add", "append", "list", "show"],
    "remote": ["", "add", "get-url", "set-url", "show", "update"], "rerere": ["diff", "status"],
    "sparse-checkout": ["list"], "stash": ["apply", "create", "list", "show", "store"],
    "submodule": ["", "absorbgitdirs", "add", "init", "status", "summary"],
    "worktree": ["", "add", "list", "lock", "repair", "unlock"],
  ]

  private static func keeps(_ name: String, _ arguments: [String]) -> Bool {
    if keeping.contains(name) || arguments.contains("--help") || arguments == ["-h"] { return true }
    let operands = arguments.filter { !$0.hasPrefix("-") }
    let isForced = has(arguments, "f", ["--force"])
    if let parts = keepingParts[name] { return parts.contains(operands.first ?? "") && !isForced }
    switch name {
    case "branch": return !has(arguments, "fDMC", ["--force"])
    case "tag": return !has(arguments, "fd", ["--force", "--delete"])
    case "reflog": return !["expire", "delete", "drop"].contains(operands.first ?? "")
    case "symbolic-ref": return operands.count < 2 && !has(arguments, "d", ["--delete"])
    case "clean": return has(arguments, "n", ["--dry-run"])
    case "mv": return !isForced
    // What is staged stays in the files, or is refused.
    case "rm": return has(arguments, "n", ["--dry-run"]) || arguments.contains("--cached") && !isForced
    case "reset": return arguments.contains("--soft")
    // Whether a word is a path or a branch can only be told in the repository.
    case "checkout": return !isForced && (arguments.isEmpty || arguments.count == 2 && arguments[0] == "-b")
    case "switch": return arguments.count == 2 && ["-c", "--create"].contains(arguments[0])
    default: return false
    }
  }

  /// Whether there is one of these options: letters, alone or in a group, or long names.
  private static func has(_ arguments: [String], _ letters: String, _ names: Set<String>) -> Bool {
    arguments.prefix { $0 != "--" }.contains { word in
      names.contains(word)
        || word.hasPrefix("-") && !word.hasPrefix("--") && word.dropFirst().contains { letters.contains($0) }
    }
  }
}
