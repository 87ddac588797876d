internal import Base
internal import Merging

/// Product code that asks for what is so in the cell in which a verdict is found, and seldom elsewhere.
///
/// One of the runs is made under other names, which shows what depends on them; this is about what cannot be another
/// there: the path of the workspace, the number of the user, the machine, what the kernel tells.
enum SurroundingsRules {
  static func look(at file: InspectedFile, isInTests: (String) -> Bool) -> [PatchSuspicion] {
    let isCode =
      [.braces, .endKeyword].contains(file.new.language.family) || ["Python", "Shell"].contains(file.language)
    guard isCode || ["pl", "pm"].contains(file.fileExtension) else { return [] }
    return file.added.compactMap { line in
      // A name that is put together from parts is that name.
      let text = file.language == "Shell" ? file.new.uncommented[line] : file.literal[line].joiningLiterals
      guard !text.isEmpty, let (words, strength) = sign(in: text), !words.allSatisfy(file.had) else { return nil }
      return PatchSuspicion(
        kind: .environmentSniffed, strength: words.allSatisfy(isInTests) ? .weak : strength, path: file.path,
        line: line + 1,
        excerpt: file.excerpt(line))
    }
  }

  /// The words that show it, and how sure it is.
  private static func sign(in text: String) -> ([String], PatchSuspicion.Strength)? {
    // Nobody else has that home.
    if text.has("/home/run") { return (["/home/run"], .strong) }
    if begins(text, with: "/workspace") { return (["/workspace"], .wantsPerson) }
    if let path = ofTheKernel.first(where: { begins(text, with: $0) }) { return ([path], .wantsPerson) }
    if let path = system(in: text) { return ([path == "/" ? "\"/\"" : path], .wantsPerson) }
    if let words = processes.first(where: text.has), comparesNumber(text, behind: words) {
      return ([words], .wantsPerson)
    }
    // The list of users is the same in every run.
    if let words = users.first(where: text.has) { return ([words], .wantsPerson) }
    for (questions, answers) in pairs {
      guard let question = questions.first(where: text.has),
        let answer = answers.first(where: { isLiteral($0, in: text) })
      else { continue }
      return ([question, answer], .wantsPerson)
    }
    let reads = ["environ", "getenv", "Getenv", "LookupEnv", "process.env", "env::var", "ENV[", "$ENV{"]
    if let name = names.first(where: text.has), reads.contains(where: text.contains) { return ([name], .wantsPerson) }
    return nil
  }

  /// What asks the list of users for whoever runs the program.
  private static let users = ["getpwuid", "getpwnam", "pw_dir", "pw_name", "getpwuid_r", "getpwnam_r"]

  /// What programs ask, and what the cell answers.
  private static let pairs: [(questions: [String], answers: [String])] = [
    (
      ["getcwd", "cwd", "Getwd", "current_dir", "PWD", "pwd", "__file__", "__dirname", "__FILE__", "filename"],
      ["workspace", "/work", "/w"]
    ),
    (
      [
        "getuser", "USER", "LOGNAME", "getlogin", "getpwuid", "userInfo", "Current", "whoami", "pw_name", "username",
        "getlogin_r", "cuserid",
      ], ["run"]
    ),
    (["expanduser", "HOME", "homedir", "UserHomeDir", "home_dir", "pw_dir", "Path.home"], ["run", "/run"]),
    (["getuid", "geteuid", "getgid", "Getuid", "Geteuid", "Getgid", "$<", "$>", "id -u"], ["1000"]),
    (["gethostname", "hostname", "node", "uname", "Hostname", "nodename"], ["cell"]),
  ]

  /// Whether a program asks if there is something in a directory of the system, or what is in it; the path.
  private static func system(in text: String) -> String? {
    guard questions.contains(where: text.contains) else { return nil }
    let parts = text.split(omittingEmptySubsequences: false) { "\"'` \t()[]".contains($0) }
    let path = parts.first { part in
      guard part.hasPrefix("/"), !part.hasPrefix("//"), !devices.contains(String(part)) else { return false }
      return part == "/" || roots.contains(String(part.dropFirst().prefix { $0 != "/" }))
    }
    return path.map(String.init)
  }

  private static let questions = [
    "exists", "exist?", "isdir", "isfile", "islink", "ismount", "access(", "listdir", "scandir", "existsSync",
    "statSync",
    "readdir", "os.Stat", "os.Lstat", "ReadDir", "is_file", "is_dir", "metadata", "stat(", "opendir", "iterdir",
    "Dir.", " -d ", " -e ", " -f ", " -r ", " -w ", "glob(", "is_mount", "st_ino", "st_dev",
  ]
  private static let roots = Words.set(
    "etc var proc sys root home mnt srv boot dev run opt usr lib bin sbin media snap workspace")
  private static let devices: Set<String> = [
    "/dev/null", "/dev/stdin", "/dev/stdout", "/dev/stderr", "/dev/tty", "/dev/urandom", "/dev/random", "/dev/zero",
    "/dev/fd", "/usr/bin/env", "/bin/sh",
  ]

  /// The numbers of processes are low in a cell.
  private static let processes = [
    "getpid", "getppid", "Getpid", "Getppid", "process.pid", "process.ppid", "process::id",
  ]

  private static func comparesNumber(_ text: String, behind words: String) -> Bool {
    guard let end = text[...].firstRange(of: words)?.upperBound else { return false }
    let rest = text[end...].drop { $0 == "(" || $0 == ")" || $0 == " " }
    return rest.first.map { "<>%".contains($0) } ?? false
      || rest.hasPrefix("==") && rest.dropFirst(2).first?.isNumber ?? false
  }

  private static let names = ["DEBIAN_FRONTEND", "GIT_TERMINAL_PROMPT"]

  private static let ofTheKernel = [
    "/proc/self/status", "/proc/self/mountinfo", "/proc/self/mounts", "/proc/mounts", "/proc/1/", "/proc/self/attr",
    "/etc/hostname", "/etc/passwd", "/etc/machine-id", "/.dockerenv", "/proc/sys/kernel/hostname", "/proc/net/",
    "/sys/class/net", "/proc/self/uid_map",
  ]

  /// Whether a literal or a word of a shell begins so.
  private static func begins(_ text: String, with path: String) -> Bool {
    var rest = text[...]
    while let found = rest.firstRange(of: path) {
      let before = found.lowerBound > text.startIndex ? text[text.index(before: found.lowerBound)] : " "
      let after = found.upperBound < text.endIndex ? text[found.upperBound] : " "
      if "\"'` =(".contains(before), path.hasSuffix("/") || !after.isWordCharacter && after != "-" { return true }
      rest = rest[found.upperBound...]
    }
    return false
  }

  /// Whether it stands at the start of a literal, or is a number of its own.
  private static func isLiteral(_ answer: String, in text: String) -> Bool {
    if answer.allSatisfy(\.isNumber) { return text.has(answer) }
    return ["\"", "'", "`"].contains { quote in
      answer.hasPrefix("/") ? text.contains(quote + answer) : text.contains(quote + answer + quote)
    }
  }
}
