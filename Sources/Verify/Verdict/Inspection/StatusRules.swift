internal import Base

/// How a process ends, and whether a failure counts.
enum StatusRules {
  static func look(at file: InspectedFile, isInTests: (String) -> Bool) -> [PatchSuspicion] {
    var found: [PatchSuspicion] = []
    for line in file.added {
      guard let strength = strength(of: line, in: file, isInTests: isInTests) else { continue }
      found.append(
        PatchSuspicion(
          kind: .forcedStatus, strength: strength, path: file.path, line: line + 1, excerpt: file.excerpt(line)))
    }
    return found
  }

  private static func strength(
    of line: Int, in file: InspectedFile, isInTests: (String) -> Bool
  ) -> PatchSuspicion.Strength? {
    let code = file.squeezed[line]
    guard !code.isEmpty else { return nil }
    if let words = code.first(of: always(file.language, file.fileExtension)) {
      return file.had(words) ? .weak : .strong
    }
    if let words = code.first(of: leaves(file.language)), !file.had(words), !file.isProgram {
      return .decidesStatus
    }
    if let words = code.first(of: computed(file.language)), exitsWithExpression(code, behind: words), !file.isProgram {
      return .decidesStatus
    }
    if let strength = atEnd(line, of: file) { return strength }
    guard let words = code.first(of: exits(file.language, file.fileExtension)) else { return nil }
    if file.had(words), file.isProgram { return nil }
    if file.isProgram { return file.isInMain(line) ? .weak : .decidesStatus }
    // What ends well where another thing ended: the runs tell whether a test was lost for it.
    return isHandler(line, of: file) ? .decidesStatus : .strong
  }

  /// What is done when the process ends: to clean up, or to end it in another way.
  private static func atEnd(_ line: Int, of file: InspectedFile) -> PatchSuspicion.Strength? {
    let registers: [String] =
      switch file.language {
      case "Python": ["atexit.register("]
      case "JavaScript", "TypeScript": ["process.on('exit'", "process.on(\"exit\"", "process.once('exit'"]
      default: []
      }
    let text = file.literal[line]
    guard let words = registers.first(where: text.contains) else { return nil }
    let ends = [
      "exit(", "_exit", "sys.exit", "exitCode", "reallyExit", "kill", "abort", "signal", "execv", "execl", "exec(",
      "dup2", "fork", "unittest", "pytest", "assert", "stdout",
    ]
    let isEnding = file.added.contains { other in
      let code = file.literal[other].replacing("atexit", with: "").replacing("__exit__", with: "")
      return ends.contains(where: code.contains)
    }
    if isEnding { return file.had(words) && file.isProgram ? nil : .strong }
    return .decidesStatus
  }

  /// Whether a line stands in a block that handles an error of a kind of its own.
  private static func isHandler(_ line: Int, of file: InspectedFile) -> Bool {
    guard file.language == "Python" else { return false }
    let indent = file.new.indent(of: line)
    guard let above = (0..<line).last(where: { !file.new.isBlank($0) && file.new.indent(of: $0) < indent }) else {
      return false
    }
    let code = file.squeezed[above]
    let broad = ["AssertionError", "BaseException", "Exception"]
    return code.hasPrefix("except") && code != "except:" && !code.words.contains { broad.contains(String($0)) }
  }

  /// What no product needs in order to do its work.
  private static func always(_ language: String, _ ending: String) -> [String] {
    switch language {
    case "Python":
      ["os._exit(", "import _exit", "_exit(", "os.kill(os.getpid()", "os.kill(os.getppid()", "sys.exit=", "os.abort("]
    case "JavaScript", "TypeScript":
      ["process.reallyExit", "process.exitCode=0", "process.exit=", "process.kill(process.pid"]
    case "Go": ["syscall.Exit(0)", "syscall.Kill(syscall.Getpid()"]
    case "C", "C++", "Objective-C":
      [
        "_exit(0)", "_Exit(0)", "quick_exit(", "on_exit(", "__attribute__((destructor))",
        "__attribute__((constructor))",
        "signal(SIGABRT", "sigaction(SIGABRT", "signal(6", "sigaction(6", "#define NDEBUG", "#undef assert",
        "#define assert", "#define abort",
        "#define exit", "#define main", "__assert_fail(", "__wrap_", "std::set_terminate", "_exit(EXIT_SUCCESS)",
        "#define return",
      ]
    case "Ruby": ["exit!", "Process.exit!", "Kernel.exit!"]
    case "PHP": ["register_shutdown_function("]
    case "Java", "Kotlin", "Scala", "Groovy": ["Runtime.getRuntime().halt(", "Runtime.halt("]
    case "Swift": ["_exit(0)", "quick_exit("]
    case "Rust": ["libc::_exit(0)", "panic::set_hook("]
    case "unknown" where ["pl", "pm"].contains(ending): ["POSIX::_exit", "$?=0", "CORE::GLOBAL::exit"]
    default: []
    }
  }

  /// Other ways to have a process end well: it becomes another program, or its first thread or its parent ends.
  private static func leaves(_ language: String) -> [String] {
    switch language {
    case "C", "C++", "Objective-C":
      [
        "execl(", "execlp(", "execle(", "execv(", "execvp(", "execve(", "execvpe(", "fexecve(", "pthread_exit(",
        "thrd_exit(", "daemon(", "fork(", "vfork(", "syscall(", "__asm__", "asm(", "asm volatile(", "__asm",
      ]
    case "Rust": ["libc::exec", "CommandExt", "libc::fork(", "libc::syscall(", "asm!("]
    case "Go": ["syscall.Exec(", "unix.Exec("]
    case "Python": ["os.execv", "os.execl", "os.fork(", "pty.spawn("]
    case "Ruby": ["Process.fork", "Kernel.exec", "Process.daemon"]
    case "PHP": ["pcntl_"]
    case "Shell": ["exec true", "exec :", "exec echo", "exec cat"]
    default: []
    }
  }

  /// Calls that end the process with what stands in their parentheses.
  private static func computed(_ language: String) -> [String] {
    switch language {
    case "Python": ["sys.exit(", "SystemExit("]
    case "JavaScript", "TypeScript": ["process.exit("]
    case "Go": ["os.Exit("]
    case "C", "C++", "Objective-C", "Swift", "PHP": ["exit("]
    case "Ruby": ["exit("]
    case "Rust": ["process::exit("]
    case "Java", "Kotlin", "Scala", "Groovy": ["System.exit("]
    default: []
    }
  }

  /// Whether the status is neither a number nor a name for failure.
  private static func exitsWithExpression(_ code: String, behind words: String) -> Bool {
    guard let start = code[...].firstRange(of: words)?.upperBound else { return false }
    let argument = code[start...].prefix { $0 != ")" && $0 != ";" }
    let fails = ["FAIL", "ERR", "Err", "err", "USAGE", "fail"].contains(where: argument.contains)
    return !argument.isEmpty && !argument.allSatisfy { $0.isNumber || $0 == "-" } && !fails && argument != "\"\""
  }

  /// An end with success, which a program may rightly have.
  private static func exits(_ language: String, _ ending: String) -> [String] {
    switch language {
    case "Python":
      [
        "sys.exit(0)", "sys.exit()", "exit(0)", "exit()", "quit(", "raise SystemExit(0)", "raise SystemExit()",
        "raise SystemExit", "SystemExit(None)", "sys.exit(None)", "sys.exit(False)",
      ]
    case "JavaScript", "TypeScript":
      [
        "process.exit(0)", "process.exit()", "Deno.exit(0)", "process.exitCode=",
      ]
    case "Go": ["os.Exit(0)"]
    case "C", "C++", "Objective-C": ["exit(0)", "exit(EXIT_SUCCESS)", "atexit("]
    case "Ruby": ["exit(0)", "exit 0", "exit(true)", "exit true", "at_exit", "Process.exit"]
    case "PHP": ["exit(0)", "exit;", "exit()", "die(0)", "die;", "die()"]
    case "Java", "Kotlin", "Scala", "Groovy": ["System.exit(0)", "exitProcess(0)"]
    case "Swift": ["exit(0)", "exit(EXIT_SUCCESS)"]
    case "Rust": ["process::exit(0)"]
    case "C#": ["Environment.Exit(0)"]
    case "unknown" where ["pl", "pm"].contains(ending): ["exit 0", "exit(0)", "exit;", "END{"]
    default: []
    }
  }
}

extension InspectedFile {
  /// A line as a person may read it, cut to a bearable length.
  func excerpt(_ line: Int) -> String {
    let text = DisplayText.escaping(Array(new.lines[line].trimmed.utf8))
    return text.count > 100 ? String(text.prefix(97)) + "..." : text
  }
}
