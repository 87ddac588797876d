internal import Base
internal import ByteText
internal import Merging
package import Work

/// `debug-leftover`: what a person wrote to find a bug and meant to take out again.
package struct DebugLeftoverCheck: Check {
  package let id = "debug-leftover"
  package let title = "Debugging left in the code"
  package let defaultSeverity = Severity.warning

  package init() {}

  package func findings(in change: Change) -> [CheckFinding] {
    change.sources.filter { !$0.place.isDocumentation }.flatMap { file in
      let patterns = DebugPattern.of(file)
      return CheckFinding.sparing(
        file.addedLines.compactMap { line in
          finding(line, patterns: patterns, in: file) ?? promise(line, in: file)
        })
    }
  }

  private func finding(_ line: NumberedLine, patterns: [DebugPattern], in file: ChangedFile) -> CheckFinding? {
    for pattern in patterns where line.bytes.contains(pattern.needle) {
      if pattern.place == .outsideTests, file.place.isTest || file.place.isScript { continue }
      if pattern.place == .insideTests, !file.place.isTest { continue }
      guard pattern.matches(line: line.bytes, code: file.code(of: line)) else { continue }
      if pattern.isCustomary(in: file) { continue }
      return CheckFinding(
        path: file.path, startLine: line.number, line: line.bytes, title: pattern.title, severity: pattern.severity,
        confidence: pattern.severity == .note ? 0.6 : 0.9)
    }
    return nil
  }

  /// A comment in which the author promises to take something out before the merge.
  private func promise(_ line: NumberedLine, in file: ChangedFile) -> CheckFinding? {
    guard !file.place.isTest, line.bytes.count < 1_000 else { return nil }
    let lowered = line.bytes.lowercased()
    guard let words = Self.promises.first(where: { lowered.contains($0) }) else { return nil }
    // The words count only in a comment: where the mask blanks them out and no quote stands before them.
    let code = file.code(of: line)
    guard let place = lowered.firstIndex(of: words), place < code.count,
      code[place..<min(place + words.count, code.count)].allSatisfy(ASCII.isBlank),
      !line.bytes[..<place].contains(where: { "\"'`".utf8.contains($0) })
    else { return nil }
    return CheckFinding(
      path: file.path, startLine: line.number, line: line.bytes, title: "A note says that this must not be merged")
  }

  private static let promises: [[UInt8]] = [
    "do not merge", "don't merge", "do not commit", "don't commit", "nocommit", "no-commit", "dont commit",
    "remove before merg", "remove before commit", "remove before push", "fixme remove", "fixme: remove",
    "todo remove before", "todo: remove before", "todo: remove debug", "xxx remove", "xxx: remove",
    "debug only, remove",
  ].map { Array($0.utf8) }
}

/// One way of debugging in one language.
struct DebugPattern: Sendable {
  /// Where the pattern is a leftover.
  enum Place: Sendable {
    case anywhere
    /// Tests and scripts may do it.
    case outsideTests
    case insideTests
  }

  /// What else has to be true of the line.
  enum Shape: Sendable {
    /// A call or a name: not a part of a longer name, not a method of something, not a declaration.
    case call
    /// The statement is the whole line.
    case statement
    /// A call whose first argument is a text that begins as people begin such texts.
    case shout
  }

  var needle: [UInt8]
  var title: String
  var severity: Severity?
  var place: Place
  var shape: Shape

  init(
    _ needle: String, _ title: String, severity: Severity? = nil, place: Place = .anywhere, shape: Shape = .call
  ) {
    self.needle = Array(needle.utf8)
    self.title = title
    self.severity = severity
    self.place = place
    self.shape = shape
  }

  /// Whether the pattern stands in the line as code; `code` is the line with comments and texts blanked out.
  func matches(line: [UInt8], code: [UInt8]) -> Bool {
    switch shape {
    case .statement:
      var trimmed = code.trimmed()
      if trimmed.last == UInt8(ascii: ";") { trimmed = trimmed.dropLast() }
      return trimmed.elementsEqual(needle)
    case .call: return place(in: code) != nil
    case .shout:
      guard let index = place(in: code) else { return false }
      return Self.shouts(line[min(index + needle.count, line.count)...])
    }
  }

  private func place(in code: [UInt8]) -> Int? {
    var start = 0
    while let index = code.firstIndex(of: needle, from: start) {
      start = index + 1
      let before = index > 0 ? code[index - 1] : 0x20
      if ASCII.isWord(before) || before == UInt8(ascii: "$") || before == UInt8(ascii: "-") { continue }
      if before == UInt8(ascii: "."), !needle.contains(UInt8(ascii: ".")) { continue }
      if before == UInt8(ascii: ">") || before == UInt8(ascii: ":") || before == UInt8(ascii: "@") { continue }
      if let end = needle.last, ASCII.isWord(end), index + needle.count < code.count,
        ASCII.isWord(code[index + needle.count])
      {
        continue
      }
      if Self.declares(code[..<index].trimmed()) { continue }
      return index
    }
    return nil
  }

  private static func declares(_ before: ArraySlice<UInt8>) -> Bool {
    ["function", "def", "fn", "func", "fun", "void", "new"].contains { before.hasSuffix($0) }
  }

  /// `DEBUG`, `here`, `>>>`, `XXX`, `****` at the start of the text that is printed.
  private static func shouts(_ argument: ArraySlice<UInt8>) -> Bool {
    var text = argument.drop { ASCII.isBlank($0) || "fFbrRu@$L".utf8.contains($0) }
    guard let quote = text.first, quote == 0x22 || quote == 0x27 || quote == 0x60 else { return false }
    text = text.dropFirst()
    let lowered = text.prefix(40).lowercased()
    let end = lowered.firstIndex { !ASCII.isLetter($0) } ?? lowered.count
    let word = lowered[..<end]
    if word.elementsEqual("debug".utf8) {
      // `Debug build` begins a sentence for users; `DEBUG` and `debug:` do not.
      if text.hasPrefix("DEBUG") { return true }
      return end < lowered.count && ":\"'`=>!".utf8.contains(lowered[end])
    }
    if word.elementsEqual("here".utf8), end < lowered.count, "\"'`!\\1234567890".utf8.contains(lowered[end]) {
      return true
    }
    return [">>>", "<<<", "xxx", "asdf", "foobar"].contains { lowered.hasPrefix($0) }
  }

  /// Whether the file did the same before the change: then it is how this file talks, not a leftover.
  ///
  /// Asked only of the weak patterns.
  func isCustomary(in file: ChangedFile) -> Bool {
    guard severity == .note else { return false }
    if let old = file.baseContent { return old.contains(needle) }
    // A program that begins with `#!` or has a main function talks to people by printing.
    guard let new = file.headContent else { return false }
    return new.hasPrefix("#!")
      || ["static void main(", "process.argv", "process.exit("].contains { new.contains(text: $0) }
  }
}

extension DebugPattern {
  /// The patterns for the language of a file.
  static func of(_ file: ChangedFile) -> [DebugPattern] {
    switch String(decoding: file.path.fileExtension, as: UTF8.self) {
    case "ex", "exs": elixir
    case "pl", "pm", "t": perl
    case "vue", "svelte": ecmascript
    default: byLanguage[file.language.name] ?? []
    }
  }

  private static let byLanguage: [String: [DebugPattern]] = [
    "JavaScript": ecmascript, "TypeScript": ecmascript, "Python": python, "Ruby": ruby, "PHP": php, "Rust": rust,
    "Go": go, "Java": java, "Kotlin": kotlin, "Groovy": kotlin, "Scala": kotlin, "C#": csharp, "Swift": swift,
    "Objective-C": swift, "C": c, "C++": c, "Lua": lua, "Dart": dart,
  ]

  private static let debugger = "A stop for the debugger was left in the code"
  private static let printing = "Output for debugging was left in the code"
  private static let focused = "Only this test runs: the others of its file are left out"

  private static let ecmascript: [DebugPattern] =
    [DebugPattern("debugger", debugger, shape: .statement)]
    + ["console.log(", "console.debug(", "console.trace(", "console.table(", "console.dir("].map {
      DebugPattern($0, printing, severity: .note, place: .outsideTests)
    }
    + ["console.log("].map { DebugPattern($0, printing, shape: .shout) }
    + ["describe.only(", "it.only(", "test.only(", "context.only(", "suite.only(", "fdescribe(", "fit("].map {
      DebugPattern($0, focused, place: .insideTests)
    }
  private static let python: [DebugPattern] =
    ["pdb.set_trace(", "ipdb.set_trace(", "pudb.set_trace(", "breakpoint()", "set_trace()"].map {
      DebugPattern($0, debugger)
    }
    + ["import pdb", "import ipdb", "import pudb", "from pdb import", "from ipdb import"].map {
      DebugPattern($0, "A debugger is imported")
    }
    + [DebugPattern("print(", printing, shape: .shout)]
  private static let ruby: [DebugPattern] =
    ["binding.pry", "binding.irb", "save_and_open_page"].map { DebugPattern($0, debugger) }
    + [
      DebugPattern("byebug", debugger, shape: .statement), DebugPattern("debugger", debugger, shape: .statement),
      DebugPattern("puts ", printing, shape: .shout),
    ]
  private static let php: [DebugPattern] =
    ["var_dump(", "dd("].map { DebugPattern($0, printing, place: .outsideTests) }
    + [DebugPattern("echo ", printing, shape: .shout)]
  private static let rust: [DebugPattern] = [
    DebugPattern("dbg!(", printing), DebugPattern("println!(", printing, shape: .shout),
    DebugPattern("eprintln!(", printing, shape: .shout),
  ]
  private static let go: [DebugPattern] =
    ["fmt.Println(", "fmt.Printf(", "log.Println("].map { DebugPattern($0, printing, shape: .shout) }
    + ["spew.Dump(", "litter.Dump("].map { DebugPattern($0, printing) }
    + [DebugPattern("runtime.Breakpoint(", debugger)]
  private static let java: [DebugPattern] = [
    DebugPattern("System.out.println(", printing, shape: .shout),
    DebugPattern("System.out.println(", printing, severity: .note, place: .outsideTests),
  ]
  private static let kotlin: [DebugPattern] = [DebugPattern("println(", printing, shape: .shout)]
  private static let csharp: [DebugPattern] = [
    DebugPattern("Debugger.Break(", debugger), DebugPattern("Debugger.Launch(", debugger),
    DebugPattern("Console.WriteLine(", printing, shape: .shout),
  ]
  private static let swift: [DebugPattern] =
    ["print(", "debugPrint(", "NSLog("].map { DebugPattern($0, printing, shape: .shout) }
  private static let c: [DebugPattern] =
    ["printf(", "puts("].map { DebugPattern($0, printing, shape: .shout) }
    + ["raise(SIGTRAP)", "__debugbreak()"].map { DebugPattern($0, debugger) }
  private static let lua: [DebugPattern] = [DebugPattern("print(", printing, shape: .shout)]
  private static let dart: [DebugPattern] = [DebugPattern("print(", printing, shape: .shout)]
  private static let elixir: [DebugPattern] = [
    DebugPattern("IEx.pry", debugger), DebugPattern("IO.inspect(", printing, severity: .note, place: .outsideTests),
  ]
  private static let perl: [DebugPattern] = [DebugPattern("$DB::single = 1", debugger)]
}
