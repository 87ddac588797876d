import Base
import Policy
import Testing
import Work

@Suite("A configuration that is wrong is refused, with the place and the remedy")
struct ConfigurationErrorTests {
  /// What is wrong with the text; empty where nothing is.
  private func problems(_ bytes: [UInt8]) -> [String] {
    do {
      _ = try RepositoryConfiguration(parsing: bytes, knownChecks: knownChecks)
      return []
    } catch {
      return error.problems.map(\.description)
    }
  }

  private func problems(_ text: String) -> [String] { problems(Array(text.utf8)) }

  /// Expects one problem that begins and ends so, or only begins so where no end is given.
  private func expect(_ text: String, _ place: String, _ parts: [String], _ location: SourceLocation) {
    let found = problems(text)
    #expect(found.count == 1, "\(found)", sourceLocation: location)
    guard let first = found.first else { return }
    #expect(first.hasPrefix(".arborist.yml:\(place): "), "\(first)", sourceLocation: location)
    for part in parts { #expect(first.contains(part), "\(first)", sourceLocation: location) }
    #expect(!first.contains("\n"), "\(first)", sourceLocation: location)
  }

  @Test(
    "An unknown key names the nearest known one",
    arguments: [
      ("bsae: main", "1:1: bsae", "did you mean 'base'?"),
      ("base: main\ntset: x", "2:1: tset", "did you mean 'test'?"),
      ("Base: main", "1:1: Base", "did you mean 'base'?"),
      ("review:\n  ignroe: []", "2:3: review.ignroe", "did you mean 'ignore'?"),
      ("review: { instruction: [] }", "1:11: review.instruction", "did you mean 'instructions'?"),
      ("review:\n  instructions:\n    - { txt: x, paths: [] }", "3:9: review.instructions.txt", "did you mean 'text'?"),
      ("on: { pusch: [review] }", "1:7: on.pusch", "did you mean 'push'?"),
      ("budget: { dollars: 3 }", "1:11: budget.dollars", "the nearest is 'minutes'; known are minutes, steps, usd"),
      ("checks: { secret: off }", "1:1: checks", "'checks' belongs under 'review'"),
      ("review: { protect: [x] }", "1:11: review.protect", "'protect' belongs to the top level"),
      ("review: { checks: { secrets: off } }", "1:21: review.checks.secrets", "did you mean 'secret'?"),
      ("review: { checks: { zzzzzz: off } }", "1:21: review.checks.zzzzzz", "known are bidi, conflict-marker"),
      ("true: x", "1:1: true", "no such key; the nearest is"),
      ("\"\": x", "1:1", "no such key"),
      ("größe: x", "1:1: größe", "no such key"),
      ("\"a\\nb\": x", "1:1: a\\nb", "no such key"),
    ])
  func unknownKeys(_ text: String, place: String, remedy: String) {
    expect(text, place, [remedy], #_sourceLocation)
  }

  @Test(
    "A value of another kind is refused",
    arguments: [
      ("base: [main]", "1:7: base", "one value is expected"),
      ("base: { a: b }", "1:7: base", "one value is expected"),
      ("base:", "1:1: base", "it has no value"),
      ("base: ''", "1:7: base", "it has no value"),
      ("base: ~", "1:1: base", "it has no value"),
      ("test: { a: b }", "1:7: test", "a list or one value is expected"),
      ("test: [a, [b]]", "1:11: test", "one value is expected"),
      ("test: [a, ]\nsetup: ['']", "2:9: setup", "it has no value"),
      ("tests: Tests/**", "1:8: tests", "a list is expected"),
      ("protect: main", "1:10: protect", "a list is expected here, such as [main, \"release/*\"]"),
      ("network: pypi.org", "1:10: network", "a list is expected"),
      ("review: []", "1:9: review", "keys are expected"),
      ("review:", "1:1: review", "it is empty"),
      ("review: { sarif: x }", "1:18: review.sarif", "a list is expected"),
      ("review: { confidence: 1.5 }", "1:23: review.confidence", "'1.5' is no number from 0 to 1"),
      ("review: { ignore: x }", "1:19: review.ignore", "a list is expected"),
      ("review: { instructions: x }", "1:25: review.instructions", "a list is expected"),
      ("review: { instructions: [{ paths: [a] }] }", "1:26: review.instructions", "has no 'text'"),
      ("review: { checks: [secret] }", "1:19: review.checks", "keys are expected"),
      ("on: push", "1:5: on", "keys are expected here, such as { push: [review, resolve] }"),
      ("on: { push: review }", "1:13: on.push", "a list is expected here, such as [review, resolve]"),
      ("on: { push: }", "1:7: on.push", "it has no value"),
      ("models: [a]", "1:9: models", "keys are expected"),
      ("budget: 3", "1:9: budget", "keys are expected"),
      ("budget: { usd: \"3\" }", "1:16: budget.usd", "take the quotes away"),
      ("budget: { steps: [3] }", "1:18: budget.steps", "one value is expected"),
      ("[base]", "1:1", "the file is no list of keys"),
      ("just text", "1:1", "the file is no list of keys"),
    ])
  func kinds(_ text: String, place: String, remedy: String) {
    expect(text, place, [remedy], #_sourceLocation)
  }

  @Test(
    "A value that is none of those allowed is refused",
    arguments: [
      ("push: heda", "1:7: push", "'heda' is not one of head, side; did you mean 'head'?"),
      ("push: report", "1:7: push", "'report' is not one of head, side"),
      ("push: true", "1:7: push", "'true' is not one of head, side"),
      ("unverified: Side", "1:13: unverified", "is not one of side, head, report; did you mean 'side'?"),
      ("review: { checks: { secret: warn } }", "1:29: review.checks.secret", "error, warning, note, off"),
      ("review: { checks: { secret: true } }", "1:29: review.checks.secret", "error, warning, note, off"),
      ("review: { checks: { secret: no } }", "1:29: review.checks.secret", "error, warning, note, off"),
      ("review: { checks: { secret: \"false\" } }", "1:29: review.checks.secret", "error, warning, note, off"),
      ("review: { checks: { secret: } }", "1:21: review.checks.secret", "it has no value"),
      ("on: { push: [reveiw] }", "1:14: on.push", "did you mean 'review'?"),
      ("on: { push: [Review] }", "1:14: on.push", "did you mean 'review'?"),
      ("on: { push: [my skill] }", "1:14: on.push", "a skill's name in lower-case letters and dashes"),
      ("on: { push: [my-skill, -x-skill] }", "1:24: on.push", "a skill's name in lower-case letters and dashes"),
      ("models: { revew: openai/x }", "1:11: models.revew", "did you mean 'review'?"),
      ("models: { review: gpt }", "1:19: models.review", "write PROVIDER/NAME"),
      ("models: { review: openai/ }", "1:19: models.review", "write PROVIDER/NAME"),
      ("models: { review: [openai/x, opneai/x] }", "1:30: models.review", "did you mean 'openai'?"),
      ("models: { review: mistral/x }", "1:19: models.review", "openai, openai-chat, anthropic, deepseek"),
      ("models: { review: OpenAI/x }", "1:19: models.review", "did you mean 'openai'?"),
    ])
  func choices(_ text: String, place: String, remedy: String) {
    expect(text, place, [remedy], #_sourceLocation)
  }

  @Test(
    "A branch's name is one that git accepts",
    arguments: [
      ("base: main.lock", "ends with '.lock'"), ("base: a..b", "two dots"), ("base: main/", "an empty part"),
      ("base: 'a b'", "has a ' '"), ("base: \"a\\tb\"", "control character"), ("base: -main", "begins with '-'"),
      ("base: HEAD", "HEAD is no branch"), ("base: head", "HEAD is no branch"), ("base: refs/tags/v1", "is no branch"),
      ("base: refs/heads/", "an empty part"), ("base: arborist/resolve/x", "Arborist's own"),
      ("base: refs/heads/arborist/x", "Arborist's own"), ("base: 'x*'", "has a '*'"),
    ])
  func branches(_ text: String, remedy: String) {
    expect(text, "1:7: base", [remedy], #_sourceLocation)
  }

  @Test(
    "A pattern is one that can match",
    arguments: [
      ("/Tests", "begins with '/'"), ("Tests/", "write \"Tests/**\""), ("!Tests", "begins with '!'"),
      ("a//b", "empty, '.' or '..'"), ("./a", "empty, '.' or '..'"), ("a/../b", "empty, '.' or '..'"),
      ("[ab", "a '[' without its ']'"), ("[]", "a '[' without its ']'"), ("*.{a,b}", "has a brace"),
      ("a\\", "ends with a backslash"),
    ])
  func globs(_ glob: String, remedy: String) {
    expect("tests: ['\(glob)']", "1:9: tests", [remedy], #_sourceLocation)
    expect("review: { ignore: ['\(glob)'] }", "1:20: review.ignore", [remedy], #_sourceLocation)
  }

  @Test("A pattern that looks odd but can match is accepted", arguments: ["[]]", "[!]a]x", "a\\{b", "[{]", "*", "**"])
  func oddGlobs(_ glob: String) {
    #expect(problems("tests: ['\(glob)']").isEmpty)
  }

  @Test(
    "A pattern of branches can match a branch",
    arguments: [
      ("a b", "a space or a control character"), ("refs/tags/*", "names no branch"), ("!main", "cannot be taken out"),
      ("v[0", "a '[' without its ']'"), ("{main,dev}", "has a brace"),
    ])
  func protect(_ pattern: String, remedy: String) {
    expect("protect: ['\(pattern)']", "1:11: protect", [remedy], #_sourceLocation)
  }

  @Test(
    "A host is named in full and by its name",
    arguments: [
      ("*.npmjs.org", "a wildcard"), ("https://pypi.org", "more than a host's name"), ("pypi.org:443", "more than"),
      ("pypi.org/simple", "more than"), ("user@pypi.org", "more than"), ("127.0.0.1", "is an address"),
      ("1.2.3", "is an address"), ("::1", "more than"), ("[::1]", "more than"), ("localhost", "this machine"),
      ("a.LOCALHOST", "this machine"), ("registry", "not the full name"), ("pypi.org.", "no host's name"),
      ("-a.org", "no host's name"), ("a-.org", "no host's name"), ("a_b.org", "no host's name"),
      ("a..org", "no host's name"), ("bücher.de", "no host's name"), ("a b.org", "no host's name"),
      ("0x7f000001", "not the full name"), ("2130706433", "is an address"),
    ])
  func hosts(_ host: String, remedy: String) {
    expect("network: ['\(host)']", "1:11: network", [remedy], #_sourceLocation)
  }

  @Test("A host's name is accepted", arguments: ["pypi.org", "a-b.c1.example", "1.example", "xn--bcher-kva.example"])
  func goodHosts(_ host: String) {
    #expect(problems("network: ['\(host)']").isEmpty)
  }

  @Test(
    "A budget is a number above zero",
    arguments: ["0", "-1", "0.0", "1e3", "0x10", ".inf", "nan", "1,5", "1_000", "1.2.3", ".", "2 usd", "1000001", "²"])
  func budget(_ text: String) {
    expect(
      "budget: { usd: '' }".replacing("''", with: "\(text)  ".replacing(",", with: "_")), "1:16: budget.usd",
      [
        "no number above 0"
      ], #_sourceLocation)
  }

  @Test(
    "A count of steps is a whole number above zero", arguments: ["0", "-1", "1.5", "1.0", "1e3", "many", "1000001"])
  func steps(_ text: String) {
    expect("budget: { steps: \(text) }", "1:18: budget.steps", ["no whole number"], #_sourceLocation)
  }

  @Test(
    "What YAML can do and a configuration may not",
    arguments: [
      ("base: &a main", "1:7: base", "'&a' is an anchor"),
      ("base: &a main\npush: *a", "2:7", "'*a' is an alias"),
      ("base: *a", "1:7", "undefined alias"),
      ("&a base: main", "1:1", "'&a' is an anchor"),
      ("&a { base: main }", "1:1", "'&a' is an anchor"),
      ("review:\n  <<: { ignore: [] }", "2:3: review", "'<<' merges keys"),
      ("base: !ref main", "1:7: base", "the tag '!ref'"),
      ("budget: { steps: !!int 5 }", "1:18: budget.steps", "the tag 'tag:yaml.org,2002:int'"),
      ("tests: !!omap []", "1:8: tests", "the tag"),
      ("base: main\n---\nbase: x", "2:1", "a second document begins here"),
      ("base: main\n...\n---\n", "3:1", "a second document begins here"),
      ("base: a\nbase: b", "1:1", "'base' is given twice"),
      ("\"on\": {}\non: {}", "1:1", "'on' is given twice"),
      ("review:\n  checks:\n    secret: off\n    secret: note", "3:5", "'secret' is given twice"),
      ("? [a, b]\n: c", "1:3", "a key is a word"),
      ("base: [main", "2:1", "this is not YAML: did not find expected ',' or ']'"),
      ("base: 'main", "1:12", "this is not YAML"),
      ("\tbase: main", "1:1", "this is not YAML"),
      ("base: main\n  x: y", "2:4", "this is not YAML"),
      ("# größe\nbase: a\u{7}b", "2:8", "has no place"),
      ("base: a\u{2028}b", "1:8", "has no place"),
      ("base: a\r\nx: \u{1b}[0m", "2:4", "has no place"),
    ])
  func yaml(_ text: String, place: String, remedy: String) {
    expect(text, place, [remedy], #_sourceLocation)
  }

  @Test(
    "Bytes that are not UTF-8 are refused with their place",
    arguments: [
      (Array("base: a\n# ".utf8) + [0xff], "2:3"), ([0xff, 0xfe, 0x62, 0x00], "1:1"), ([0xc3], "1:1"),
      (Array("é".utf8) + [0xed, 0xa0, 0x80], "1:2"),
    ])
  func encoding(_ bytes: [UInt8], place: String) {
    #expect(problems(bytes) == [".arborist.yml:\(place): the file is not UTF-8; save it as UTF-8"])
  }

  @Test("A zero byte is refused")
  func zero() {
    #expect(problems("base: a\u{0}b") == [".arborist.yml:1:8: the character '\\u{0}' has no place in YAML; delete it"])
  }

  @Test("All that is wrong is told, in the order of the file")
  func all() throws {
    let text = """
      bsae: main
      push: heda
      review:
        checks: { secret: loud, secrets: off }
        ignore: [/a]
      budget: { usd: 0 }
      network: ["*"]
      base: &a main
      """
    let found = problems(text)
    #expect(found.map { $0.split(separator: ":")[1] } == ["1", "2", "4", "4", "5", "6", "7", "8"])
    let error = try #require(throws: ConfigurationError.self) { try configuration(text) }
    #expect(error.description == found[0] + " (and 7 more problems)")
    let two = try #require(throws: ConfigurationError.self) { try configuration("bsae: x\npush: x") }
    #expect(two.description.hasSuffix(" (and 1 more problem)"))
    let one = try #require(throws: ConfigurationError.self) { try configuration("bsae: x") }
    #expect(one.description == ".arborist.yml:1:1: bsae: no such key; did you mean 'base'?")
  }

  @Test("A long or hostile value is shown short and without its escapes")
  func shown() {
    let found = problems("push: \"\(String(repeating: "x", count: 5000))\\e[2J\"")
    #expect(found.count == 1)
    #expect(found.allSatisfy { $0.utf8.count < 200 && !$0.utf8.contains(0x1b) })
  }
}
