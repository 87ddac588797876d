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
