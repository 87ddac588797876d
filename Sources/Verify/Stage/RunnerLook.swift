internal import Base
internal import Sandbox

/// Looks at what runs the tests in a cell.
struct RunnerLook: Sendable {
  let shell: CellShell
  /// Where runners are, as the shell finds them from the workspace: directories, and files.
  private let places: [String]
  /// The first words of commands.
  private let words: [String]

  /// The most files that are looked at.
  static let most = 4000

  init(_ commands: [String], shell: CellShell) {
    self.shell = shell
    var (places, words): (Set<String>, Set<String>) = ([], [])
    for line in commands {
      // Where the shell is, as `cd` says.
      var directory = ""
      for part in line.split(whereSeparator: { ";&|()\n".contains($0) }) {
        Self.look(at: part, &directory, &places, &words)
      }
    }
    self.places = Self.usual + places.sorted().filter { !Self.usual.contains($0) }
    self.words = words.sorted()
  }

  private static let usual = [
    ".venv/bin", "venv/bin", "env/bin", "node_modules/.bin", "vendor/bin", "gradlew", "mvnw", "gradle/wrapper",
    ".mvn/wrapper", "$HOME/.local/bin", "$HOME/.cargo/bin", "$HOME/go/bin", "$HOME/bin", "$HOME/.dotnet/tools",
  ]
  private static let interpreters: Set<String> = [
    "sh", "bash", "dash", "python", "python3", "node", "perl", "ruby", "php", "deno", "bun", ".", "source",
  ]

  private static func look(
    at part: Substring, _ directory: inout String, _ places: inout Set<String>, _ words: inout Set<String>
  ) {
    var rest = part.split { " \t\"'".contains($0) }[...]
    while let word = rest.first, word.contains("="), !word.hasPrefix("-") {
      // Directories that come before the usual ones.
      if word.hasPrefix("PATH=") {
        for directory in word.dropFirst(5).split(separator: ":") where !directory.hasSuffix("$PATH") {
          if let place = inWorkspace(directory) { places.insert(place) }
        }
      }
      rest = rest.dropFirst()
    }
    while let word = rest.first, ["env", "time", "nice", "exec", "command", "export", "then", "do", "!"].contains(word)
    {
      rest = rest.dropFirst()
    }
    guard let first = rest.first, isPlain(first) else { return }
    if first == "cd" {
      if let target = rest.dropFirst().first.flatMap(inWorkspace), target != ".." { directory += target + "/" }
      return
    }
    if first.contains("/") {
      if let place = inWorkspace(first) {
        words.insert(directory + place)
        places.insert(directory + place)
      }
    } else {
      words.insert(String(first))
    }
    let name = first.split(separator: "/").last ?? first
    guard interpreters.contains(String(name)),
      let script = rest.dropFirst().first(where: { !$0.hasPrefix("-") }), isPlain(script),
      !rest.dropFirst().prefix(while: { $0 != script }).contains(where: { $0 == "-m" || $0 == "-c" || $0 == "-e" }),
      let place = inWorkspace(script)
    else { return }
    places.insert(directory + place)
  }

  private static func isPlain(_ word: Substring) -> Bool {
    CommandPlan.words(of: String(word))?.count == 1
  }

  /// A path below the workspace; `nil` for what is elsewhere.
  private static func inWorkspace(_ word: Substring) -> String? {
    for prefix in ["$PWD/", "${PWD}/", "$(pwd)/", "/workspace/", "./"] where word.hasPrefix(prefix) {
      return inWorkspace(word.dropFirst(prefix.count))
    }
    return word.hasPrefix("/") || word.hasPrefix("$") || word.isEmpty ? nil : String(word)
  }

  // What lies on the file system of /usr is nobody's to change; the rest is told by its content.
  private static let script = #"""
    for word; do
      case $word in
        --) shift; break;;
        */*) if [ -f "$word" ]; then place=$word; else place=; fi;;
        *) place=$(command -v -- "$word");;
      esac
      printf '%s\0' "$place"
      shift
    done
    system=$(stat -c %d /usr)
    # Without a root of its own everything may be on one file system.
    [ "$HOME" = /home/run ] || system=none
    list=${TMPDIR:-/tmp}/.runners
    for place; do
      case $place in '$HOME'*) place=$HOME${place#?HOME};; esac
      [ -e "$place" ] && printf '%s\0' "$place"
    done | xargs -0 -r sh -c 'find -L "$@" -maxdepth 1 -type f -printf "%D %p\0"' sh 2>/dev/null |
      sed -zn "/^$system /!s/^[0-9]* //p" > "$list"
    find -L .venv venv env "$HOME/.local/lib" -maxdepth 4 -type f \
      \( -name '*.pth' -o -name sitecustomize.py -o -name usercustomize.py \) -printf '%p\0' 2>/dev/null >> "$list"
    xargs -0 -r sha256sum -z -- < "$list"
    rm -f "$list"
    """#

  /// What runs the tests now.
  ///
  /// - Throws: ``SandboxError``, or ``StageFailure`` where it cannot be looked at.
  func seal() async throws -> RunnerSeal {
    let arguments = (words + ["--"] + places).map { Array($0.utf8) }
    let output = try await shell.script(Self.script, arguments, doing: "look at what runs the tests")
    var parts = output.split(separator: 0, omittingEmptySubsequences: false)[...]
    var seal = RunnerSeal()
    for word in words {
      guard let place = parts.popFirst() else { break }
      seal.programs[word] = QuotedPath.encode(Array(place))
    }
    for part in parts.prefix(Self.most) {
      guard part.count > 66, let path = Self.absolute(part.dropFirst(66)) else { continue }
      seal.files[QuotedPath.encode(path)] = String(decoding: part.prefix(64), as: UTF8.self)
    }
    return seal
  }

  private static func absolute(_ path: ArraySlice<UInt8>) -> [UInt8]? {
    if path.first == UInt8(ascii: "/") { return Array(path) }
    return CellPath.workspace.appending(path)?.bytes
  }
}
