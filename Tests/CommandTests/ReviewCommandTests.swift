import Base
import Foundation
import TestSupport
import Testing

/// `arborist review` from the outside: formats, what is compared, what linters add, strange content.
@Suite struct ReviewCommandTests {
  private func json(_ result: CommandResult) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(result.output)) as? [String: Any])
  }

  @Test func theStatusSaysWhetherThereAreFindings() throws {
    let repository = try TestRepository.withFinding()
    let before = try contents(of: repository.path)
    let found = try Arborist.run("review", in: repository.path)
    #expect(found.status == 1)
    #expect(found.errors == [])
    #expect(found.text.contains("b.js:2"))
    #expect(!found.output.contains(0x1b))
    let none = try Arborist.run("review", "--head", "main", in: repository.path)
    #expect(none.status == 0)
    #expect(none.errors == [])
    #expect(try contents(of: repository.path) == before)
  }

  @Test(arguments: [[:], ["NO_COLOR": "1"], ["TERM": "xterm", "CLICOLOR_FORCE": "0"]])
  func textInAPipeHasNoColours(environment: [String: String]) throws {
    let repository = try TestRepository.withFinding()
    #expect(try !Arborist.run(["review"], in: repository.path, adding: environment).output.contains(0x1b))
  }

  @Test func aTerminalHasColoursUnlessToldOtherwise() throws {
    let repository = try TestRepository.withFinding()
    func onTerminal(_ environment: [String: String]) throws -> CommandResult {
      try Command.run(
        ["timeout", "60", "script", "-qec", "\(Arborist.program()) review", "/dev/null"], in: repository.path,
        adding: environment)
    }
    #expect(try onTerminal(["TERM": "xterm"]).output.contains(0x1b))
    #expect(try !onTerminal(["TERM": "xterm", "NO_COLOR": "1"]).output.contains(0x1b))
    #expect(try !onTerminal(["TERM": "dumb"]).output.contains(0x1b))
  }

  @Test func theDocumentOfJSON() throws {
    let repository = try TestRepository.withFinding()
    let result = try Arborist.run("review", "--format", "json", in: repository.path)
    #expect(result.status == 1)
    let document = try json(result)
    #expect(document["schema"] as? String == "arborist.review/1")
    #expect(document["unread"] as? [String] == [])
    #expect(document["overall"] is String)
    let findings = try #require(document["findings"] as? [[String: Any]])
    #expect(findings.count == 1)
    let finding = try #require(findings.first)
    #expect(finding["path"] as? String == "b.js")
    #expect(finding["startLine"] as? Int == 2 && finding["endLine"] as? Int == 2)
    #expect(finding["quote"] as? String == "debugger;")
    #expect(finding["source"] as? String == "debug-leftover")
    #expect(["id", "side", "title", "body", "severity"].allSatisfy { finding[$0] is String })
    #expect(finding["confidence"] is Double)
  }

  @Test func theDocumentOfSARIFCanBeReadAgain() throws {
    let repository = try TestRepository.withFinding()
    let sarif = try Arborist.run("review", "--format", "sarif", in: repository.path)
    #expect(sarif.status == 1)
    #expect(try json(sarif)["version"] as? String == "2.1.0")
    try Files.write(sarif.output, to: repository.directory.path + "/own.sarif")
    let again = try Arborist.run(
      "review", "--format", "json", "--sarif", repository.directory.path + "/own.sarif", in: repository.path)
    let findings = try #require(try json(again)["findings"] as? [[String: Any]])
    #expect(!findings.isEmpty && findings.allSatisfy { $0["startLine"] as? Int == 2 })
  }

  @Test func markdownIsForAComment() throws {
    let repository = try TestRepository.withFinding()
    let result = try Arborist.run("review", "--format", "markdown", in: repository.path)
    #expect(result.status == 1)
    #expect(result.text.hasPrefix("## Review\n"))
    #expect(result.text.contains("`b.js`"))
  }

  @Test(arguments: ["text", "sarif"])
  func theLintersThatAreConfiguredJoinIn(format: String) throws {
    let repository = try TestRepository(named: "repo")
    let script = """
      test -f made || exit 5
      echo noise >&2
      cat lint.sarif
      exit 1
      """
    let configuration =
      "setup: ['touch made']\nreview: { sarif: ['sh lint.sh', 'no-such-linter', 'echo no document'] }\n"
    try repository.commit(
      "main", .write("lint.sh", script), .write("lint.sarif", Self.sarif(line: 2)),
      .write(".arborist.yml", configuration))
    try repository.commit("feature", parents: [repository.id("main")], .write("b.js", "let a = 1;\nlet b = 2;\n"))
    try repository.checkOut("feature")
    let before = try contents(of: repository.path)
    let result = try Arborist.run("review", "--format", format, in: repository.path)
    #expect(result.status == 1, "\(result.errorText)")
    let text = result.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(text.contains(format == "text" ? "b.js:2 warning [lint/rule]" : "\"lint/rule\""), "\(text)")
    #expect(text.contains("The linter 'no-such-linter' told nothing: the program 'no-such-linter' is not there"))
    #expect(text.contains("The linter 'echo no document' told nothing: what it printed cannot be read"))
    #expect(!text.contains("'sh lint.sh'"), "a linter that finds something may end with 1")
    #expect(try contents(of: repository.path) == before)
    // The control: what the base has is not told as found.
    let other = try Arborist.run("review", "--head", "main", in: repository.path)
    #expect(other.status == 0 && !other.text.contains("lint/rule"), "\(other.text)")
  }

  private static func sarif(line: Int, path: String = "b.js") -> String {
    """
    {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "lint"}}, "results": [{"ruleId": "rule",
    "message": {"text": "from the linter"}, "locations": [{"physicalLocation": {"artifactLocation": {"uri": "\(path)"},
    "region": {"startLine": \(line)}}}]}]}]}
    """
  }

  @Test(arguments: [(1, "b.js", true), (2, "b.js", true), (3, "b.js", false), (1, "a.js", false)])
  func aLinterCountsOnChangedLines(line: Int, path: String, counts: Bool) throws {
    let repository = try TestRepository.withFinding()
    let file = repository.directory.path + "/lint.sarif"
    try Files.write(Self.sarif(line: line, path: path).utf8, to: file)
    let result = try Arborist.run("review", "--sarif", file, in: repository.path)
    #expect(result.status == 1)
    #expect(result.text.contains("from the linter") == counts)
    #expect(result.text.contains("debug-leftover"))
  }

  @Test(arguments: [
    "", "nonsense", "{}", "[]", "{\"version\": \"2.1.0\"}", "{\"version\": \"9\", \"runs\": []}",
    "{\"version\": \"2.1.0\"",
    String(repeating: "[", count: 100_000),
  ])
  func aBrokenSARIFFileIsNamed(content: String) throws {
    let repository = try TestRepository.withFinding()
    let file = repository.directory.path + "/lint.sarif"
    try Files.write(content.utf8, to: file)
    expectFailure(try Arborist.run("review", "--sarif", file, in: repository.path), 2, "lint.sarif'")
  }

  @Test func aSARIFFileThatIsMissingOrTooLarge() throws {
    let repository = try TestRepository.withFinding()
    expectFailure(try Arborist.run("review", "--sarif", "no.sarif", in: repository.path), 2, "'no.sarif'")
    expectFailure(try Arborist.run("review", "--sarif", ".", in: repository.path), 2, "'.'")
    let file = repository.directory.path + "/huge.sarif"
    try Command.run(["truncate", "-s", "100M", file], in: "/")
    expectFailure(try Arborist.run("review", "--sarif", file, in: repository.path), 2, "huge.sarif'")
  }

  @Test(arguments: [
    ("review: nonsense\n", "1"), ("\nreveiw: {}\n", "2"), ("protect: {\n", ""),
    ("review:\n  checks: { secrt: off }\n", "2"),
  ])
  func aBrokenConfigurationIsNamedWithItsLine(text: String, line: String) throws {
    let repository = try TestRepository.withFinding()
    try repository.commit("main", .write(".arborist.yml", text))
    let before = try contents(of: repository.path)
    for words in [["review"], ["resolve"], ["resolve", "--dry-run"]] {
      expectFailure(try Arborist.run(words, in: repository.path), 2, ".arborist.yml:\(line)")
    }
    #expect(try contents(of: repository.path) == before)
    try repository.commit("main", .remove(".arborist.yml"))
    try repository.commit("feature", .write(".arborist.yml", text))
    #expect(try Arborist.run("review", in: repository.path).status == 1, "that of the branch is not obeyed")
  }

  // MARK: - What is compared

  @Test(arguments: ["main", "origin/main", "refs/heads/main", "refs/remotes/origin/main", "HASH", "SHORT", "feature~1"])
  func aBaseByAnyName(name: String) throws {
    let origin = try TestRepository.withFinding(named: "origin")
    let path = origin.directory.path + "/clone"
    try origin.git("clone", "--quiet", origin.path, path)
    let clone = TestRepository(existing: path, bare: false, in: origin.directory)
    try clone.git("branch", "main", "origin/main")
    let main = try clone.id("main").hex
    let base = name == "HASH" ? main : name == "SHORT" ? String(main.prefix(10)) : name
    let result = try Arborist.run("review", "--base", base, in: path)
    #expect(result.status == 1, "\(result.errorText)")
    #expect(result.text.contains("b.js:2"))
  }

  @Test(arguments: ["main", "master", "trunk", "develop"])
  func theUsualBaseIsFound(name: String) throws {
    let repository = try TestRepository.withFinding()
    try repository.git("branch", "-m", "main", name)
    #expect(try Arborist.run("review", in: repository.path).text.contains("against \(name)"))
    try repository.git("branch", "-m", name, "unusual")
    expectFailure(try Arborist.run("review", in: repository.path), 2, "there is no base")
    try repository.git("update-ref", "refs/remotes/origin/unusual", repository.id("unusual").hex)
    try repository.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/unusual")
    #expect(try Arborist.run("review", in: repository.path).text.contains("against origin/unusual"))
    // A remote's head that names a branch which is gone does not hide the branch that is there.
    try repository.git("branch", "-m", "unusual", name)
    try repository.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/gone")
    #expect(try Arborist.run("review", in: repository.path).text.contains("against \(name)"))
  }

  @Test(arguments: ["feature", "refs/heads/feature", "feature^{commit}", "HASH"])
  func aHeadByAnyName(name: String) throws {
    let repository = try TestRepository.withFinding()
    let head = try name == "HASH" ? repository.id("feature").hex : name
    try repository.checkOut("main")
    #expect(try Arborist.run("review", "--head", head, in: repository.path).status == 1)
    #expect(try Arborist.run("review", in: repository.path).status == 0, "the control")
  }

  // MARK: - Strange content

  @Test(arguments: ["text", "json", "sarif", "markdown"])
  func namesThatWouldRepaintTheScreen(format: String) throws {
    let repository = try TestRepository()
    try repository.commit("main", .write("a", "a\n"))
    let names: [[UInt8]] = [
      Array("a\nb.js".utf8), Array("bad".utf8) + [0xff] + Array(".js".utf8), Array("e\u{1B}[31m.js".utf8),
    ]
    try repository.commit(
      "feature", parents: [repository.id("main")],
      changes: names.map { .bytes($0, Array("debugger; // \u{1B}[31m\u{202E}\n".utf8)) })
    let result = try Arborist.run("review", "--head", "feature", "--format", format, in: repository.path)
    #expect(result.status == 1)
    #expect(result.errors == [])
    #expect(!result.output.contains { $0 < 0x20 && $0 != 10 && $0 != 9 })
    #expect(!result.text.unicodeScalars.contains("\u{202E}"))
    if format == "json" { #expect(try (json(result)["findings"] as? [Any])?.count ?? 0 >= 3) }
    let resolve = try Arborist.run("resolve", "--dry-run", "--branch", "feature", in: repository.path)
    #expect(resolve.status == 0)
  }

  @Test func aVeryLargeFileIsNotReadWhole() throws {
    let repository = try TestRepository.withConflict()
    try Command.run(["truncate", "-s", "200M", "zeros"], in: repository.path)
    try repository.git("add", "zeros")
    try repository.git("commit", "--quiet", "-m", "zeros")
    Files.remove(repository.path + "/zeros")
    let review = try Arborist.run("review", in: repository.path)
    #expect(review.status == 1)
    #expect(review.text.contains("large-file") && review.text.contains("200.0 MiB"))
    #expect(try Arborist.run("resolve", "--dry-run", in: repository.path).status == 0)
  }

  @Test func aSubmoduleIsNamedAndNotFollowed() throws {
    let repository = try TestRepository.withFinding()
    let (main, feature) = try (repository.id("main").hex, repository.id("feature").hex)
    try repository.commit("feature", .bytes(Array("sub".utf8), Array(feature.utf8), mode: "160000"))
    let review = try Arborist.run("review", in: repository.path)
    #expect(review.status == 1)
    #expect(review.text.contains("sub: a submodule"))
    try repository.commit("main", .bytes(Array("sub".utf8), Array(main.utf8), mode: "160000"))
    let resolve = try Arborist.run("resolve", in: repository.path)
    #expect(resolve.status == 1)
    #expect(resolve.text.contains("different commits of the submodule"))
  }
}
