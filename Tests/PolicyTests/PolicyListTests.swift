import Base
import Policy
import Testing
import Work

@Suite("Protected paths")
struct ProtectedPathsTests {
  @Test(
    "What decides what runs, who reviews and what is trusted is covered",
    arguments: [
      ".github/workflows/ci.yml", ".GitHub/workflows/ci.yml", ".gitlab-ci.yml", ".gitattributes", "sub/.gitattributes",
      ".gitmodules", "CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS", ".arborist.yml", "AGENTS.md",
      "deep/down/AGENTS.md", ".claude/settings.json", ".mcp.json", "Jenkinsfile", "ci/Jenkinsfile", ".ci/run",
      ".husky/pre-commit", ".pre-commit-config.yaml", ".vscode/tasks.json",
    ])
  func covered(_ path: String) throws {
    #expect(ProtectedPaths.pattern(covering: try #require(RepositoryPath(path))) != nil)
  }

  @Test(
    "Ordinary paths are not",
    arguments: [
      "Sources/main.swift", "github/workflows/ci.yml", "docs/agents.markdown", "a.gitattributes", "src/codeowners.go",
      "README.md", "x.arborist.yml", "ci/run", ".gitignore",
    ])
  func ordinary(_ path: String) throws {
    #expect(ProtectedPaths.pattern(covering: try #require(RepositoryPath(path))) == nil)
  }
}

@Suite("Commands that need the sandbox")
struct RepositoryCommandTests {
  @Test("A job names the commands that it would run, in their order")
  func commands() throws {
    let read = try configuration("setup: [a, b]\ntest: c\nreview: { sarif: [d, e] }")
    #expect(read.commands(for: .resolve).map(\.command) == ["a", "b", "c"])
    #expect(read.commands(for: .resolve).map(\.key) == ["setup", "setup", "test"])
    #expect(read.commands(for: .review).map(\.command) == ["a", "b", "d", "e"])
    let refusal = try #require(read.refusalWithoutSandbox(for: .review))
    #expect(
      "\(refusal)".hasPrefix("needs the sandbox, which this version does not have: setup 'a', review.sarif 'd'; remove")
    )
  }

  @Test("A job without a command of its own is not refused", arguments: JobKind.started)
  func none(_ kind: JobKind) throws {
    #expect(try configuration("setup: a").refusalWithoutSandbox(for: kind) == nil)
    #expect(try configuration("setup: a\ntest: b\nreview: { sarif: [c] }").refusalWithoutSandbox(for: kind) != nil)
  }

  @Test("A command of many lines is shown on one, without its escapes")
  func shown() throws {
    let long = String(repeating: "x", count: 100)
    let refusal = SandboxMissing(commands: [
      .init(key: "test", command: "make\nrm"), .init(key: "setup", command: "\u{1b}[2J\(long)"),
    ])
    #expect("\(refusal)".contains("test 'make', setup '\\u{1B}[2Jx"))
    #expect("\(refusal)".contains("x...'; remove them"))
    #expect(!"\(refusal)".contains("\n"))
  }
}

@Suite("The nearest known word")
struct NearestTests {
  @Test(
    "Edits are counted with exchanged neighbours as one",
    arguments: [
      ("", "", 0), ("", "abc", 3), ("abc", "", 3), ("base", "base", 0), ("bsae", "base", 1), ("base", "bas", 1),
      ("base", "bases", 1), ("base", "bake", 1), ("kitten", "sitting", 3), ("ca", "abc", 3), ("größe", "grösse", 2),
      ("a", "b", 1), ("ab", "ba", 1),
    ])
  func edits(_ first: String, _ second: String, count: Int) {
    #expect(Nearest.edits(between: first, and: second) == count)
    #expect(Nearest.edits(between: second, and: first) == count)
  }

  @Test("The nearest is found, the first of equals, and none among none")
  func nearest() {
    #expect(Nearest.word(to: "tset", among: ["tests", "test", "setup"]) == "test")
    #expect(Nearest.word(to: "x", among: ["c", "b", "d"]) == "b")
    #expect(Nearest.word(to: "BASE", among: ["base", "bass"]) == "base")
    #expect(Nearest.word(to: "x", among: []) == nil)
    #expect(Nearest.word(to: String(repeating: "x", count: 100_000), among: ["base"]) == "base")
  }

  @Test("Only a near word is taken for what was meant")
  func misspelling() {
    #expect(Nearest.misspelling("reviw", among: ["review", "fix"]) == "review")
    #expect(Nearest.misspelling("rview", among: ["review"]) == "review")
    #expect(Nearest.misspelling("mix", among: ["fix"]) == "fix")
    #expect(Nearest.misspelling("lint", among: ["review", "fix"]) == nil)
    #expect(Nearest.misspelling("my-skill", among: ["review", "resolve", "fix"]) == nil)
  }
}
