import Base
import Testing
import Work

@Suite("A feature branch is made under every rule or not at all")
struct FeatureBranchTests {
  private func rules(protect: [String] = []) throws -> BranchRules {
    BranchRules(
      base: try RefName("refs/heads/develop"), defaultBranch: try RefName("refs/heads/trunk"),
      head: try RefName("refs/heads/current"), protected: protect.map { BranchPattern($0) })
  }

  private func make(_ name: String, protect: [String] = []) throws -> FeatureBranch {
    try FeatureBranch(Array(name.utf8), under: rules(protect: protect))
  }

  @Test(
    "An ordinary branch is accepted",
    arguments: [
      "refs/heads/feature", "refs/heads/feature/one", "refs/heads/mainline", "refs/heads/fix-main", "refs/heads/main/x",
      "refs/heads/größe", "refs/heads/a@b", "refs/heads/arborist/resolve/x-12345678",
    ])
  func accepts(_ name: String) throws {
    #expect(try make(name).ref.bytes == Array(name.utf8))
  }

  @Test(
    "A forbidden branch is refused",
    arguments: [
      "refs/heads/develop", "refs/heads/Develop", "refs/heads/DEVELOP", "refs/heads/trunk", "refs/heads/current",
      "refs/heads/main", "refs/heads/Main", "refs/heads/master", "refs/heads/HEAD", "refs/heads/main.",
      "refs/heads/main/../main", "refs/heads/./main", "refs/heads//main", "refs/heads/main/", "refs/heads/main.lock",
      "refs/heads/main\u{200C}", "refs/heads/ma\u{200B}in", "refs/heads/refs/heads/main", "refs/heads/-main",
      "refs/tags/v1", "refs/notes/x", "refs/remotes/origin/x", "refs/for/main", "HEAD", "main", "feature", "",
      "refs/heads/a b", "refs/heads/a~1", "refs/heads/a^", "refs/heads/a:b", "refs/heads/a*", "refs/heads/a@{1}",
      "refs/heads/a\\b", "refs/heads/a\nb", "refs/heads/a\u{7f}", "refs/heads/.a", "/refs/heads/a", "refs/heads/",
    ])
  func refuses(_ name: String) throws {
    #expect(throws: BranchRefusal.self) { try make(name) }
  }

  @Test(
    "A protected pattern is read widely",
    arguments: [
      ("refs/heads/release/1", "release/*"), ("refs/heads/release/1/2", "release/*"),
      ("refs/heads/Release/1", "release/*"), ("refs/heads/release/1", "RELEASE/**"),
      ("refs/heads/stable", "refs/heads/stable"), ("refs/heads/v1.2", "v[0-9].*"), ("refs/heads/anything", "*"),
    ])
  func protects(_ name: String, pattern: String) throws {
    #expect(try make(name).ref.display == name)
    #expect(throws: BranchRefusal.self) { try make(name, protect: [pattern]) }
  }

  @Test("The refusal says what forbids the branch")
  func says() throws {
    #expect {
      try make("refs/heads/release/1", protect: ["release/*"])
    } throws: { error in
      "\(error)".contains("'refs/heads/release/1'") && "\(error)".contains("'release/*'")
    }
  }
}
