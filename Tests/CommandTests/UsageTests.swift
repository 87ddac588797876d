import TestSupport
import Testing

/// The words of the command line, and where results and errors go.
@Suite struct UsageTests {
  static let commands = ["review", "resolve", "merge-file", "init", "hook", "worker", "runs", "log", "eval", "checks"]
  static let checks = [
    "binary-file", "case-collision", "conflict-marker", "debug-leftover", "deleted-test", "file-mode",
    "hidden-unicode", "large-file", "lock-file", "protected-path", "secret", "skipped-test",
  ]

  @Test(arguments: [
    (["nonsense"], "nonsense"), (["review", "--nonsense"], "--nonsense"), (["review", "--base"], "--base"),
    (["review", "extra"], "extra"), (["review", "--format", "yaml"], "yaml"),
    (["resolve", "--format", "sarif"], "sarif"),
    (["resolve", "--branch"], "--branch"), (["init", "--state"], "--state"), (["hook"], "name"),
    (["hook", "post-merge"], "post-merge"), (["worker", "--nonsense"], "--nonsense"), (["log"], "run"),
    (["runs", "--limit", "many"], "many"), (["runs", "--limit=-1"], "--limit"), (["runs", "--limit=0"], "--limit"),
    (["checks", "nonsense"], "nonsense"), (["checks", "nonsense", "--help"], "nonsense"),
    (["checks", "secret", "large-file"], "secret large-file"),
    (["review", "--model", "x/y"], "x/y"), (["resolve", "--model", "x/y"], "x/y"),
    (["review", "\u{1B}[31m"], "31m"), (["checks", "\u{1B}[31m"], "31m"), (["review", "--model", "\u{1B}[31m"], "31m"),
    (["review", "two\nlines"], "two"),
  ])
  func wordsThatAreNotUnderstood(words: [String], part: String) throws {
    let directory = try TemporaryDirectory()
    expectFailure(try Arborist.run(words, in: directory.path), 2, part)
  }

  @Test(arguments: commands)
  func everyCommandHasHelpWithAnExample(command: String) throws {
    for words in [[command, "--help"], [command, "-h"], ["help", command]] {
      let result = try Arborist.run(words)
      #expect(result.status == 0)
      #expect(result.errors == [])
      #expect(result.text.contains("Example: arborist \(command)"))
    }
  }

  @Test func helpNamesEveryCommand() throws {
    for words in [[], ["--help"], ["help"]] {
      let result = try Arborist.run(words)
      #expect(result.status == 0)
      #expect(result.errors == [])
      #expect(result.text.contains("Example: arborist "))
      for command in Self.commands { #expect(result.text.contains("\n  \(command) ")) }
    }
  }

  @Test func theVersionIsOneNumber() throws {
    let result = try Arborist.run("--version")
    #expect(result.status == 0)
    #expect(result.errors == [])
    #expect(result.text.split(separator: ".").compactMap { UInt($0) }.count == 3)
  }

  @Test func theChecksAreListed() throws {
    let result = try Arborist.run("checks")
    #expect(result.status == 0)
    #expect(result.errors == [])
    let listed = result.lines.filter { !$0.hasPrefix("The page") }.compactMap { $0.split(separator: " ").first }
    #expect(listed.map(String.init).sorted() == Self.checks)
  }

  @Test(arguments: checks)
  func everyCheckHasAPage(check: String) throws {
    let page = try Arborist.run("checks", check, "--help")
    #expect(page.status == 0)
    #expect(page.errors == [])
    #expect(page.text.contains(check))
    #expect(page.text.hasPrefix("# "))
    #expect(try Arborist.run("checks", check).output == page.output)
  }

  @Test(arguments: ["--help", "--version", "checks", "checks secret", "review --help", "review", "resolve --dry-run"])
  func outputThatNobodyTakesIsAnError(words: String) throws {
    let repository = try TestRepository.withConflict()
    for output in [">&-", ">/dev/full"] {
      let result = try Arborist.shell("\"$arborist\" \(words) \(output)", in: repository.path)
      expectFailure(result, 4, "the output cannot be written")
    }
    #expect(try Arborist.shell("\"$arborist\" \(words)", in: repository.path).output != [], "the control")
  }

  @Test func aReaderThatGoesAwayIsAnError() throws {
    let result = try Arborist.shell("{ \"$arborist\" checks secret; echo $? >&2; } | true")
    // Whether the reader is gone before the write is not certain; that nothing dies of a signal is.
    let last = result.errorText.split(separator: "\n").last
    #expect(last == "4" || last == "0")
  }

  @Test func standardErrorThatNobodyTakesChangesNoStatus() throws {
    #expect(try Arborist.shell("\"$arborist\" nonsense 2>&-").status == 2)
    #expect(try Arborist.shell("\"$arborist\" checks 2>/dev/full").status == 0)
  }
}
