/// Tells commands that destroy work which nothing else keeps.
package enum DestructiveCommand {
  /// What a command line may destroy, in a few words; `nil` where it is none of the known ways.
  ///
  /// It looks into lists, subshells, substitutions and `sh -c`. Where it cannot be told what a command is, but its
  /// words are those of one that destroys, it is taken for one: a checkpoint costs little.
  package static func reason(in line: String) -> String? {
    reason(in: line, depth: 0)
  }

  private static func reason(in line: String, depth: Int) -> String? {
    guard depth < 6 else { return "it is nested deeply" }
    for command in ShellWords.commands(in: line) {
      if let reason = reason(command, depth: depth) { return reason }
    }
    return nil
  }

  private static func reason(_ command: ShellWords.Command, depth: Int) -> String? {
    let words = command.words
    if empties(command) { return "a file emptied" }
    guard let start = words.firstIndex(where: { !isAssignment($0.text) }) else { return nil }
    return reason(Array(words[start...]), document: command.document, depth: depth)
  }

  /// Whether all that a command does is to empty a file; one that puts something into it is an edit.
  private static func empties(_ command: ShellWords.Command) -> Bool {
    guard [[], [":"], ["true"], ["cat", "/dev/null"], ["echo", "-n"]].contains(command.texts) else { return false }
    return command.overwrites.contains { !isTemporary($0.text) && !$0.text.hasPrefix("/dev/") }
  }

  /// Whether a path lies below the temporary directory, in which nothing is anybody's work.
  private static func isTemporary(_ path: String) -> Bool {
    path.hasPrefix("/tmp/") && !path.split(separator: "/").contains("..")
  }

  private static func isAssignment(_ word: String) -> Bool {
    guard let equals = word.utf8.firstIndex(of: UInt8(ascii: "=")), equals != word.utf8.startIndex else { return false }
    return word.utf8[..<equals].allSatisfy { $0 == UInt8(ascii: "_") || $0 &- 0x30 < 10 || ($0 | 0x20) &- 0x61 < 26 }
  }

  private static func reason(_ words: [ShellWords.Word], document: String?, depth: Int) -> String? {
    guard let first = words.first, depth < 6 else { return nil }
    let arguments = Array(words.dropFirst())
    let texts = arguments.map(\.text)
    let program = first.text.split(separator: "/").last.map(String.init) ?? first.text
    if !first.isKnown { return unknown(texts) }
    switch program {
    case "git": return git(arguments)
    case "rm": return removal(texts)
    case "rsync":
      return texts.contains { $0.hasPrefix("--delete") } && texts.last.map(isTemporary) != true
        ? "rsync with --delete" : nil
    case "shred", "truncate": return overwriting(program, texts)
    case "dd":
      return texts.contains {
        $0.hasPrefix("of=") && !$0.hasPrefix("of=/dev/") && !isTemporary(String($0.dropFirst(3)))
      }
        ? "dd over a file" : nil
    case "find", "fd", "fdfind": return find(arguments, depth: depth)
    case "sh", "bash", "zsh", "dash", "ksh", "ash": return shell(arguments, document: document, depth: depth)
    case "eval": return reason(in: texts.joined(separator: " "), depth: depth + 1)
    case "ssh", "su", "script", "watch", "parallel":
      return texts.lazy.compactMap { reason(in: $0, depth: depth + 1) }.first
    case "sudo", "doas", "env", "nice", "nohup", "command", "builtin", "exec", "xargs", "timeout", "stdbuf", "setsid",
      "ionice", "chronic", "unbuffer", "busybox", "time", "coproc", "chroot", "strace":
      return wrapped(arguments, depth: depth)
    default: return nil
    }
  }

  /// A command behind one that runs it: the first word from which on something is known.
  private static func wrapped(_ words: [ShellWords.Word], depth: Int) -> String? {
    let heads: Set<String> = [
      "git", "rm", "find", "sh", "bash", "zsh", "dash", "rsync", "shred", "truncate", "dd", "xargs", "env", "sudo",
      "eval", "fd", "timeout", "nice", "nohup",
    ]
    for (index, word) in words.enumerated() {
      let name = word.text.split(separator: "/").last.map(String.init) ?? word.text
      if heads.contains(name), let found = reason(Array(words[index...]), document: nil, depth: depth + 1) {
        return found
      }
    }
    return nil
  }

  /// Words behind a program that is only known when it runs.
  private static func unknown(_ texts: [String]) -> String? {
    if let reason = git(texts.map { ShellWords.Word(text: $0) }) { return reason }
    return texts.contains { isShort($0, with: "rR") } && texts.contains { isShort($0, with: "f") }
      ? "a removal" : nil
  }

  private static func shell(_ arguments: [ShellWords.Word], document: String?, depth: Int) -> String? {
    if let document, let found = reason(in: document, depth: depth + 1) { return found }
    for (index, word) in arguments.enumerated() where isShort(word.text, with: "c") && index + 1 < arguments.count {
      let script = arguments[index + 1]
      if let found = reason(in: script.text, depth: depth + 1) { return found }
    }
    return nil
  }

  /// Whether a word is a group of short options that has one of these letters.
  private static func isShort(_ word: String, with letters: String) -> Bool {
    word.hasPrefix("-") && !word.hasPrefix("--") && word.dropFirst().contains { letters.contains($0) }
  }

  private static func removal(_ texts: [String]) -> String? {
    let operands = texts.filter { !$0.hasPrefix("-") }
    let isRecursive = texts.contains { isShort($0, with: "rR") || $0 == "--recursive" }
    if !operands.isEmpty, operands.allSatisfy(isTemporary) { return nil }
    if isRecursive { return "rm of a whole tree" }
    return operands.contains { $0.contains("*") || $0.contains("?") || $0.contains("[") } ? "rm of many files" : nil
  }

  /// `shred` or `truncate`, whose options may take the word behind them.
  private static func overwriting(_ program: String, _ texts: [String]) -> String? {
    let valued: Set<String> = ["-s", "--size", "-r", "--reference", "-n", "--iterations", "--random-source"]
    var operands: [String] = []
    var index = 0
    while index < texts.count {
      if valued.contains(texts[index]) {
        index += 1
      } else if !texts[index].hasPrefix("-") {
        operands.append(texts[index])
      }
      index += 1
    }
    return !operands.isEmpty && operands.allSatisfy(isTemporary) ? nil : program
  }

  private static func find(_ words: [ShellWords.Word], depth: Int) -> String? {
    let texts = words.map(\.text)
    let starts = texts.drop { ["-H", "-L", "-P"].contains($0) }.prefix { !$0.hasPrefix("-") && $0 != "(" && $0 != "!" }
    let isElsewhere = !starts.isEmpty && starts.allSatisfy { $0 == "/tmp" || isTemporary($0) }
    if texts.contains("-delete") { return isElsewhere ? nil : "find with -delete" }
    for (index, text) in texts.enumerated()
    where ["-exec", "-execdir", "-ok", "-okdir", "-x", "-X", "--exec"].contains(text) {
      let command = Array(words[(index + 1)...])
      if command.first?.text.hasSuffix("rm") == true {
        let others = command.dropFirst().map(\.text).filter { !$0.hasPrefix("-") && !["{}", ";", "+"].contains($0) }
        if isElsewhere && others.isEmpty { continue }
        return "find with rm"
      }
      if let found = reason(command, document: nil, depth: depth + 1) { return found }
    }
    return nil
  }

  private static func git(_ words: [ShellWords.Word]) -> String? {
    var rest = words[...]
    let valued: Set<String> = [
      "-C", "-c", "--git-dir", "--work-tree", "--namespace", "--exec-path", "--super-prefix", "--config-env",
    ]
    while let word = rest.first, word.text.hasPrefix("-") {
      rest = rest.dropFirst(valued.contains(word.text) ? 2 : 1)
    }
    guard let name = rest.first else { return nil }
    let arguments = rest.dropFirst().map(\.text)
    if !name.isKnown {
      return arguments.contains("--hard") || arguments.contains { isShort($0, with: "f") } ? "a git command" : nil
    }
    let operands = arguments.filter { !$0.hasPrefix("-") }
    let isForced = arguments.contains { $0 == "--force" || isShort($0, with: "f") }
    switch name.text {
    case "reset":
      return arguments.contains { ["--hard", "--merge", "--keep"].contains($0) || $0.hasPrefix("--har") }
        ? "git reset --hard" : nil
    case "checkout": return checkout(arguments, operands: operands, isForced: isForced)
    case "restore":
      let isStagedOnly =
        arguments.contains { $0 == "--staged" || isShort($0, with: "S") }
        && !arguments.contains { $0 == "--worktree" || isShort($0, with: "W") }
      return isStagedOnly ? nil : "git restore"
    case "switch":
      return isForced || arguments.contains("--discard-changes") || arguments.contains { isShort($0, with: "C") }
        ? "git switch that discards" : nil
    case "clean":
      return arguments.contains { $0 == "--dry-run" || isShort($0, with: "n") } ? nil : "git clean"
    case "stash":
      let what = operands.first ?? "push"
      return ["drop", "clear", "pop", "push", "save"].contains(what) ? "git stash \(what)" : nil
    case "rm": return arguments.contains("--cached") ? nil : "git rm"
    case "read-tree": return arguments.contains { $0 == "--reset" || $0 == "-u" } ? "git read-tree" : nil
    case "checkout-index": return isForced ? "git checkout-index" : nil
    case "worktree": return operands.first == "remove" ? "git worktree remove" : nil
    case "branch":
      return arguments.contains { isShort($0, with: "D") || $0 == "--delete" } ? "git branch -D" : nil
    case "rebase", "merge", "cherry-pick", "revert", "am":
      return arguments.contains { ["--abort", "--skip", "--quit"].contains($0) } ? "git \(name.text) --abort" : nil
    case "update-ref", "filter-branch", "filter-repo", "gc", "prune", "reflog":
      return name.text == "reflog" && operands.first.map { ["show", "exists"].contains($0) } ?? true
        ? nil : "git \(name.text)"
    case "submodule": return operands.first == "deinit" || isForced ? "git submodule" : nil
    case "sparse-checkout": return "git sparse-checkout"
    default: return nil
    }
  }

  /// A checkout of paths writes over them; one of a branch does not, unless it is forced.
  private static func checkout(_ arguments: [String], operands: [String], isForced: Bool) -> String? {
    if isForced { return "git checkout -f" }
    if arguments.contains("--") { return "git checkout of paths" }
    if arguments.contains("-b") || arguments.contains("--orphan") || arguments.contains("-B") {
      return arguments.contains("-B") ? "git checkout -B" : nil
    }
    if arguments.contains(where: { ["--ours", "--theirs", "-p", "--patch"].contains($0) || $0.hasPrefix("--pathspec") })
    {
      return "git checkout of paths"
    }
    if operands.count > 1 { return "git checkout of paths" }
    guard let only = operands.first else { return nil }
    let isPath =
      only == "." || only.hasPrefix("./") || only.hasPrefix(":") || only.hasSuffix("/") || only.contains("*")
      || only.contains(".") && !only.hasPrefix("v") && !only.contains("~") && !only.contains("..")
    return isPath ? "git checkout of paths" : nil
  }
}
