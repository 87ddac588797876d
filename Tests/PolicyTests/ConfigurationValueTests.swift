import Base
import Policy
import Testing
import Work

/// The checks that the tests know.
let knownChecks: Set<String> = ["conflict-marker", "secret", "bidi", "large-file", "protected-path"]

func configuration(_ text: String) throws -> RepositoryConfiguration {
  try RepositoryConfiguration(parsing: Array(text.utf8), knownChecks: knownChecks)
}

@Suite("A configuration that is right is read as it is meant")
struct ConfigurationValueTests {
  static let everything = """
    # A comment.
    base: main
    test: swift test
    setup: [./scripts/bootstrap, "make deps"]
    tests: ["Tests/**", '**/*_test.[ch]']
    on: { push: [review, resolve, fix], opened: [review], updated: [], failed: [fix, my-skill] }
    push: side
    unverified: report
    protect: [main, "release/*", refs/heads/stable]
    review:
      instructions:
        - Prefer early returns
        - text: |
            No force unwraps.
            Really.
          paths: ["Sources/**"]
      ignore: ["**/*.generated.swift"]
      checks: { secret: error, conflict-marker: warning, bidi: note, large-file: off }
      sarif: ["swiftlint lint --reporter sarif"]
      confidence: 0.7
    network: [registry.npmjs.org, Static.Crates.IO]
    budget: { usd: 2.50, minutes: 45, steps: 10 }
    models: { review: [openai/gpt, anthropic/claude], fix: openai-chat/org/model:7b, my-skill: deepseek/chat }

    """

  @Test("Every key", arguments: ["\n", "\r\n"], ["", "\u{FEFF}"])
  func everyKey(lineEnd: String, byteOrderMark: String) throws {
    let text = byteOrderMark + Self.everything.replacing("\n", with: lineEnd)
    let read = try configuration(text)
    var expected = RepositoryConfiguration()
    expected.base = try RefName("refs/heads/main")
    expected.test = ["swift test"]
    expected.setup = ["./scripts/bootstrap", "make deps"]
    expected.tests = [Glob("Tests/**"), Glob("**/*_test.[ch]")]
    expected.on = [
      .push: ["review", "resolve", "fix"], .opened: ["review"], .updated: [], .failed: ["fix", "my-skill"],
    ]
    expected.push = .side
    expected.unverified = .report
    expected.protect = ["main", "release/*", "refs/heads/stable"].map { BranchPattern($0) }
    expected.review.instructions = [
      .init(text: "Prefer early returns"),
      .init(text: "No force unwraps.\nReally.\n", paths: [Glob("Sources/**")]),
    ]
    expected.review.ignore = [Glob("**/*.generated.swift")]
    expected.review.checks = [
      "secret": .error, "conflict-marker": .warning, "bidi": .note, "large-file": Severity?.none,
    ]
    expected.review.sarif = ["swiftlint lint --reporter sarif"]
    expected.review.confidence = 0.7
    expected.network = ["registry.npmjs.org", "static.crates.io"]
    expected.budget.usd = 2.5
    expected.budget.minutes = 45
    expected.budget.steps = 10
    expected.models = [
      "review": ["openai/gpt", "anthropic/claude"], "fix": ["openai-chat/org/model:7b"], "my-skill": ["deepseek/chat"],
    ]
    #expect(read == expected)
  }

  @Test(
    "A file that says nothing means the defaults",
    arguments: ["", "\n", "# nothing\n", "---\n", "---\n...\n", "\u{FEFF}", "\r\n\r\n", "~", "null\n", "{}"])
  func nothing(_ text: String) throws {
    #expect(try configuration(text) == RepositoryConfiguration())
  }

  @Test("A file that says something does not")
  func something() throws {
    #expect(try configuration("push: side") != RepositoryConfiguration())
  }

  @Test("The key 'on' is a word, however it is written", arguments: ["on", "\"on\"", "'on'"])
  func on(_ key: String) throws {
    #expect(try configuration("\(key): { push: [fix] }").on == [.push: ["fix"]])
  }

  @Test(
    "A check is switched off however YAML writes it", arguments: ["off", "Off", "OFF", "\"off\"", "'off'", "false"])
  func off(_ word: String) throws {
    #expect(try configuration("review: { checks: { secret: \(word) } }").review.checks == ["secret": Severity?.none])
  }

  @Test("Text is what is written, even where YAML would see a number or a truth value")
  func text() throws {
    let read = try configuration("base: 1.0\ntest: true\nsetup: [no, 0x10]\n")
    #expect(read.base == (try RefName("refs/heads/1.0")))
    #expect(read.test == ["true"])
    #expect(read.setup == ["no", "0x10"])
  }

  @Test("A base may be written in full", arguments: ["develop", "refs/heads/develop", "\"develop\""])
  func base(_ name: String) throws {
    #expect(try configuration("base: \(name)").base == (try RefName("refs/heads/develop")))
  }

  @Test(
    "A budget is a plain number",
    arguments: [("2", 2), ("2.00", 2), ("0.5", 0.5), (".5", 0.5), ("1000000", 1_000_000), ("007", 7)])
  func budget(_ text: String, value: Double) throws {
    let read = try configuration("budget: { usd: \(text), minutes: \(text) }")
    #expect(read.budget.usd == value)
    #expect(read.budget.minutes == value)
    #expect(read.budget.steps == 150)
    #expect(read.budget.seconds == Int(value * 60) && read.budget.nanodollars == Int64(value * 1_000_000_000))
  }

  @Test("A budget that is very small is not none")
  func smallBudget() throws {
    let read = try configuration("budget: { usd: 0.0000000001, minutes: 0.001 }")
    #expect(read.budget.seconds == 1 && read.budget.nanodollars == 1)
    #expect(try configuration("budget: { minutes: 0.02 }").budget.seconds == 2)
  }

  @Test("Characters that have a meaning in YAML are text inside of a command")
  func commands() throws {
    let read = try configuration("test: |\n  make &all & rm *.o\n  ! false && *all2\n# & * !\nsetup: 'a: [b] {c}'\n")
    #expect(read.test == ["make &all & rm *.o\n! false && *all2\n"])
    #expect(read.setup == ["a: [b] {c}"])
  }
}
