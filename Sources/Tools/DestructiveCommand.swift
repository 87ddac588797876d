/// Tells commands that destroy work which nothing else keeps.
package enum DestructiveCommand {
  /// What a command line may destroy, in a few words; `nil` where it is none of the known ways.
  ///
  /// It looks into lists, subshells, substitutions and `sh -c`. Where it cannot be told what a command is, but its
  /// words are those of one that destroys, it is taken for one: a checkpoint costs little.
  package static func reason(in line: String) -> String? {
    reason(in: line, depth: 0)
  }

  /// What a command line takes away by `rm` of names that are known; `nil` where it may destroy in another way too.
  ///
  /// What other files hold afterwards is then an edit.
  ///
  /// - Returns: Paths without `.` and empty parts; a part of each path of which files may be gone.
  package static func removals(in line: String) -> [String]? {
    var removed: [String] = []
    for command in ShellWords.commands(in: line) {
      guard reason(command, depth: 0) != nil else { continue }
      let words = command.words.drop { isAssignment($0.text) }
      guard !empties(command), let first = words.first, first.isKnown, ["rm", "/bin/rm"].contains(first.text) else {
        return nil
      }
      for word in words.dropFirst() where !word.text.hasPrefix("-") {
        let parts = word.text.split(separator: "/").filter { $0 != "." }
        guard word.isKnown, !parts.isEmpty, !parts.contains(".."), !word.text.contains(where: { "*?[~".contains($0) })
        else { return nil }
        if isTemporary(word.text) { continue }
        let isAbsolute = word.text.hasPrefix("/") && parts.first == "workspace"
        removed.append((isAbsolute ? parts.dropFirst() : parts[...]).joined(separator: "/"))
      }
    }
    return removed.contains("") ? nil : removed
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
    if !first.isKnown { return unknown(arguments) }
    switch program {
    case "git": return GitCommand.reason(arguments)
    case "rm": return removal(arguments)
    case "cp": return texts.first == "/dev/null" && texts.last.map(isTemporary) != true ? "a file emptied" : nil
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
    case "eval":
      return reason(in: texts.joined(separator: " "), depth: depth + 1)
        ?? (arguments.contains { !$0.isKnown } ? "a command that is only known when it runs" : nil)
    case "ssh", "su", "script", "watch", "parallel":
      return texts.lazy.compactMap { reason(in: $0, depth: depth + 1) }.first
    case "xargs":
      // Its words come from elsewhere, so even a plain removal is one of many files.
      return wrapped(arguments, depth: depth)
        ?? (texts.contains { $0 == "rm" || $0.hasSuffix("/rm") } ? "rm of many files" : nil)
    case "sudo", "doas", "env", "nice", "nohup", "command", "builtin", "exec", "timeout", "stdbuf", "setsid",
      "ionice", "chronic", "unbuffer", "busybox", "time", "coproc", "chroot", "strace", "flock", "unshare":
      return wrapped(arguments, depth: depth)
    default: return nil
    }
  }

  /// A command behind one that runs it: the first word from which on something is known.
  private static func wrapped(_ words: [ShellWords.Word], depth: Int) -> String? {
    let heads: Set<String> = [
      "git", "rm", "find", "sh", "bash", "zsh", "dash", "rsync", "shred", "truncate", "dd", "xargs", "env", "sudo",
      "eval", "fd", "timeout", "nice", "nohup", "cp", "command", "exec", "doas", "setsid", "stdbuf", "busybox",
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
  private static func unknown(_ words: [ShellWords.Word]) -> String? {
    if let reason = GitCommand.reasonIfGit(words) { return reason }
    return words.contains { isShort($0.text, with: "rR") } && words.contains { isShort($0.text, with: "f") }
      ? "a removal" : nil
  }

  private static func shell(_ arguments: [ShellWords.Word], document: String?, depth: Int) -> String? {
    if let document, let found = reason(in: document, depth: depth + 1) { return found }
    var hasScript = document != nil
    for (index, word) in arguments.enumerated() where isShort(word.text, with: "c") && index + 1 < arguments.count {
      let script = arguments[index + 1]
      hasScript = script.isKnown || !script.text.isEmpty && !script.text.hasPrefix("$")
      if let found = reason(in: script.text, depth: depth + 1) { return found }
      if hasScript { return nil }
    }
    // Without a script of its own it runs what it is sent.
    let isSent = !arguments.contains { !$0.text.hasPrefix("-") } && !arguments.contains { $0.text == "--version" }
    return !hasScript && (isSent || arguments.contains { isShort($0.text, with: "c") })
      ? "a script that is only known when it runs" : nil
  }

  /// Whether a word is a group of short options that has one of these letters.
  private static func isShort(_ word: String, with letters: String) -> Bool {
    word.hasPrefix("-") && !word.hasPrefix("--") && word.dropFirst().contains { letters.contains($0) }
  }

  private static func removal(_ words: [ShellWords.Word]) -> String? {
    let operands = words.filter { !$0.text.hasPrefix("-") }
    let isRecursive = words.contains { isShort($0.text, with: "rR") || $0.text == "--recursive" }
    if !operands.isEmpty, operands.allSatisfy({ isTemporary($0.text) }) { return nil }
    if isRecursive { return "rm of a whole tree" }
    let isMany = operands.contains { word in !word.isKnown || word.text.contains { "*?[".contains($0) } }
    return isMany ? "rm of many files" : nil
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
}
