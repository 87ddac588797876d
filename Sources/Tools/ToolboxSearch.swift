internal import Base
internal import Sandbox

extension Toolbox {
  static let searchTimeout = Duration.seconds(60)

  /// Searches with git's own grep where there is a repository, and with the system's elsewhere.
  ///
  /// Expressions are Perl's where they are known. Arguments: pattern, excluded pattern, option.
  private static let grepScript = """
    pattern=$1 without=$2 option=$3
    set -- --no-pager grep -I --null --untracked --no-color $option
    if git -c safe.directory='*' rev-parse --is-inside-work-tree >/dev/null 2>&1; then
      for kind in -P -E; do
        if [ -n "$without" ]; then
          git -c safe.directory='*' "$@" $kind -e "$pattern" --and --not -e "$without" -- . 2>/tmp/arborist-grep.$$
        else
          git -c safe.directory='*' "$@" $kind -e "$pattern" -- . 2>/tmp/arborist-grep.$$
        fi
        code=$?
        grep -q 'USE_LIBPCRE\\|Perl-compatible' /tmp/arborist-grep.$$ || break
      done
      cat /tmp/arborist-grep.$$ >&2; rm -f /tmp/arborist-grep.$$
      exit $code
    fi
    kind=-P
    echo x | grep -qP x 2>/dev/null || kind=-E
    if [ -n "$without" ] && [ "$option" = -n ]; then
      grep -rI -Z $option $kind -e "$pattern" . | grep -a -v $kind -e "$without"
    else
      grep -rI -Z $option $kind -e "$pattern" .
    fi
    """

  static let listScript = """
    if git -c safe.directory='*' rev-parse --is-inside-work-tree >/dev/null 2>&1; then
      git -c safe.directory='*' ls-files -z -co --exclude-standard && printf '\\0' &&
        git -c safe.directory='*' ls-files -z -d
    else
      find . -name .git -prune -o \\( -type f -o -type l \\) -print0
    fi
    """

  /// What a script of ours comes to, run by a bash of its own.
  func script(
    _ script: String, _ arguments: [String], in directory: CellPath, timeout: Duration = searchTimeout
  ) async throws(SandboxError) -> CellOutput {
    let words = ["bash", "-c", script, "bash"] + arguments
    let process = try await cell.start(
      CellCommand(
        words.map { $0.utf8.filter { $0 != 0 } }, directory: directory, environment: ["LC_ALL": "C.UTF-8"],
        timeout: timeout, outputLimit: 16 << 20))
    var all = try await cell.output(of: process, waiting: .seconds(90))
    while all.ending == nil, !Task.isCancelled {
      let more = try await cell.output(of: process, waiting: .seconds(90))
      all.bytes += more.bytes
      all.dropped += more.dropped
      all.ending = more.ending
    }
    return all
  }

  /// What to put before a path that is relative to a directory, so that it is one from the workspace on.
  private static func prefix(of directory: CellPath) -> String {
    directory == .workspace ? "" : directory.shown + "/"
  }

  func grep(_ request: GrepRequest) async throws(SandboxError) -> ToolAnswer {
    let output: CellOutput
    do throws(SandboxError) {
      output = try await script(
        Self.grepScript, [request.pattern, request.exclude ?? "", request.namesOnly ? "-l" : "-n"],
        in: request.directory)
    } catch {
      return ToolAnswer(text: try Self.report(error, on: request.directory), isError: true)
    }
    switch output.ending {
    case .exited(0), .exited(1): break
    case .timedOut:
      return ToolAnswer(text: "The search took too long. Search a directory further down.", isError: true)
    default:
      let said = String(decoding: OutputText.clean(Array(output.bytes.prefix(600))), as: UTF8.self)
      return ToolAnswer(text: "The search failed; is the expression right? It said: \(said)", isError: true)
    }
    let found = GrepOutput(output.bytes, request: request, prefix: Self.prefix(of: request.directory))
    return ToolAnswer(text: found.text(isCut: output.dropped > 0))
  }

  func glob(_ pattern: String, in directory: CellPath) async throws(SandboxError) -> ToolAnswer {
    var pattern = pattern
    let root = "\(CellPath.workspace.display)/"
    var directory = directory
    if pattern.hasPrefix(root) {
      pattern.removeFirst(root.count)
      directory = .workspace
    }
    if pattern.hasPrefix("./") { pattern.removeFirst(2) }
    let output: CellOutput
    do throws(SandboxError) {
      output = try await script(Self.listScript, [], in: directory)
    } catch {
      return ToolAnswer(text: try Self.report(error, on: directory), isError: true)
    }
    guard output.ending == .exited(0) else {
      return ToolAnswer(text: "The files could not be listed. List a directory further down.", isError: true)
    }
    let names = output.bytes.split(separator: 0, omittingEmptySubsequences: false).map(Array.init)
    let half = names.firstIndex(of: []) ?? names.count
    let gone = Set(names[half...])
    let matcher = Glob(pattern)
    let prefix = Self.prefix(of: directory)
    let found = names[..<half].map { $0.starts(with: [0x2e, 0x2f]) ? Array($0.dropFirst(2)) : $0 }
      .filter { !gone.contains($0) && matcher.matches($0) }.sorted { $0.lexicographicallyPrecedes($1) }
    if found.isEmpty { return ToolAnswer(text: "No file matches `\(pattern)`.") }
    let limit = 1000
    let lines = found.prefix(limit).map { prefix + DisplayText.line($0) }
    let rest = found.count > limit ? "\n[\(found.count - limit) more are left out; use a narrower pattern.]" : ""
    return ToolAnswer(text: lines.joined(separator: "\n") + rest)
  }
}

/// What a search has printed, within the limits of a request.
private struct GrepOutput {
  private var lines: [String] = []
  private var total = 0
  /// The files of the lines that are left out, each once.
  private var filesLeftOut: [[UInt8]] = []
  private let prefix: String
  private let limit: Int

  init(_ bytes: [UInt8], request: GrepRequest, prefix: String) {
    limit = request.limit
    self.prefix = prefix
    let include = request.include.map { Glob($0) }
    var perFile: [[UInt8]: Int] = [:]
    if request.namesOnly {
      for name in bytes.split(separator: 0) {
        let path = Self.path(name)
        if include?.matches(path) == false { continue }
        total += 1
        if lines.count < limit { lines.append(prefix + DisplayText.line(path)) }
      }
      return
    }
    for row in bytes.split(separator: 10) {
      guard let zero = row.firstIndex(of: 0) else { continue }
      let path = Self.path(row[..<zero])
      if include?.matches(path) == false { continue }
      perFile[path, default: 0] += 1
      if let most = request.limitPerFile, perFile[path, default: 0] > most { continue }
      total += 1
      guard lines.count < limit else {
        if filesLeftOut.last != path { filesLeftOut.append(path) }
        continue
      }
      let rest = row[(zero + 1)...]
      let digits = rest.prefix { $0 &- 0x30 < 10 }
      var text = Array(rest[min(digits.endIndex + 1, rest.endIndex)...])
      if text.count > 500 { text = Array(text.prefix(500)) + Array("…".utf8) }
      let shown = String(decoding: OutputText.visible(text.filter { $0 != 13 }), as: UTF8.self)
      lines.append("\(prefix)\(DisplayText.line(path)):\(String(decoding: digits, as: UTF8.self)):\(shown)")
    }
  }

  private static func path(_ bytes: some Collection<UInt8>) -> [UInt8] {
    bytes.starts(with: [0x2e, 0x2f]) ? Array(bytes.dropFirst(2)) : Array(bytes)
  }

  func text(isCut: Bool) -> String {
    if lines.isEmpty { return "Nothing matches." }
    var names = filesLeftOut.prefix(5).map { "`\(prefix)\(DisplayText.line($0))`" }.joined(separator: ", ")
    if filesLeftOut.count > 5 { names += " and \(filesLeftOut.count - 5) more files" }
    let place = names.isEmpty ? "" : ", in \(names)"
    let rest =
      total > lines.count ? "\n[\(total - lines.count) more are left out\(place); use a narrower search.]" : ""
    return lines.joined(separator: "\n") + rest + (isCut ? "\n[There were more matches than could be kept.]" : "")
  }
}

/// A pattern of paths: `*`, `?`, `[…]`, `{a,b}`, and `**` for any number of directories.
///
/// A pattern without a slash is matched against the name alone.
struct Glob {
  private let alternatives: [[UInt8]]
  private let isNameOnly: Bool

  init(_ pattern: String) {
    var text = Array(pattern.utf8)
    while text.first == UInt8(ascii: "/") { text.removeFirst() }
    if text.last == UInt8(ascii: "/") { text += Array("**".utf8) }
    isNameOnly = !text.contains(UInt8(ascii: "/"))
    var budget = 64
    alternatives = Self.expanded(text, &budget)
  }

  func matches(_ path: [UInt8]) -> Bool {
    let subject: ArraySlice<UInt8>
    if isNameOnly, let slash = path.lastIndex(of: UInt8(ascii: "/")) {
      subject = path[(slash + 1)...]
    } else {
      subject = path[...]
    }
    var budget = 20_000
    return alternatives.contains { Self.matches($0[...], subject, &budget) }
  }

  /// The patterns that braces stand for.
  private static func expanded(_ pattern: [UInt8], _ budget: inout Int) -> [[UInt8]] {
    guard let open = pattern.firstIndex(of: UInt8(ascii: "{")), budget > 0 else { return [pattern] }
    budget -= 1
    var depth = 0
    var parts: [[UInt8]] = [[]]
    for index in pattern[open...].indices {
      let byte = pattern[index]
      if byte == UInt8(ascii: "{") {
        depth += 1
        if depth == 1 { continue }
      } else if byte == UInt8(ascii: "}") {
        depth -= 1
        if depth == 0 {
          var result: [[UInt8]] = []
          for part in parts { result += expanded(Array(pattern[..<open]) + part + pattern[(index + 1)...], &budget) }
          return result
        }
      } else if byte == UInt8(ascii: ","), depth == 1 {
        parts.append([])
        continue
      }
      parts[parts.count - 1].append(byte)
    }
    return [pattern]
  }

  private static func matches(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>, _ budget: inout Int) -> Bool {
    var (pattern, text) = (pattern, text)
    while let first = pattern.first {
      budget -= 1
      if budget < 0 { return false }
      switch first {
      case UInt8(ascii: "*"):
        if pattern.starts(with: [first, first]) {
          var rest = pattern.drop { $0 == first }
          let slashed = rest.first == UInt8(ascii: "/")
          if slashed { rest = rest.dropFirst() }
          if matches(rest, text, &budget) { return true }
          for index in text.indices where !slashed || text[index] == UInt8(ascii: "/") {
            if matches(rest, text[(index + 1)...], &budget) { return true }
          }
          return false
        }
        let rest = pattern.dropFirst()
        if matches(rest, text, &budget) { return true }
        for index in text.indices {
          if text[index] == UInt8(ascii: "/") { return false }
          if matches(rest, text[(index + 1)...], &budget) { return true }
        }
        return false
      case UInt8(ascii: "?"):
        guard let byte = text.first, byte != UInt8(ascii: "/") else { return false }
        // One character, not one byte.
        text = text.dropFirst()
        if byte >= 0xc0 { text = text.drop { $0 & 0xc0 == 0x80 } }
        pattern = pattern.dropFirst()
      case UInt8(ascii: "["):
        guard let (end, accepts) = set(pattern, text.first) else {
          guard text.first == first else { return false }
          (pattern, text) = (pattern.dropFirst(), text.dropFirst())
          continue
        }
        guard accepts else { return false }
        (pattern, text) = (pattern[end...], text.dropFirst())
      case UInt8(ascii: "\\") where pattern.count > 1:
        pattern = pattern.dropFirst()
        guard text.first == pattern.first else { return false }
        (pattern, text) = (pattern.dropFirst(), text.dropFirst())
      default:
        guard text.first == first else { return false }
        (pattern, text) = (pattern.dropFirst(), text.dropFirst())
      }
    }
    return text.isEmpty
  }

  /// Where a set of characters ends, and whether it has the byte; `nil` where it never ends.
  private static func set(_ pattern: ArraySlice<UInt8>, _ byte: UInt8?) -> (end: Int, accepts: Bool)? {
    var index = pattern.startIndex + 1
    guard index < pattern.endIndex else { return nil }
    let isNegated = pattern[index] == UInt8(ascii: "!") || pattern[index] == UInt8(ascii: "^")
    if isNegated { index += 1 }
    let start = index
    var isIn = false
    while index < pattern.endIndex, pattern[index] != UInt8(ascii: "]") || index == start {
      if index + 2 < pattern.endIndex, pattern[index + 1] == UInt8(ascii: "-"), pattern[index + 2] != UInt8(ascii: "]")
      {
        if let byte, pattern[index] <= byte, byte <= pattern[index + 2] { isIn = true }
        index += 3
      } else {
        if pattern[index] == byte { isIn = true }
        index += 1
      }
    }
    guard index < pattern.endIndex else { return nil }
    guard let byte, byte != UInt8(ascii: "/") else { return (index + 1, false) }
    return (index + 1, isIn != isNegated)
  }
}
