import Policy
import Review
import Testing
import Work

/// Each fixture is a change in which the named check finds what is marked, and nothing else.
@Suite struct CheckTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var checks: Set<String>
    var text: String
    var tree: [String: String] = [:]

    init(_ name: String, _ checks: String..., tree: [String: String] = [:], text: String) {
      self.name = name
      self.checks = Set(checks)
      self.text = text
      self.tree = tree
    }

    var testDescription: String { name }
  }

  private func expectExactly(_ test: Case) {
    let fixture = Fixture(test.text)
    let outcome = Reviewer.review(fixture.input(tree: test.tree))
    #expect(Fixture.places(outcome.findings, of: test.checks) == fixture.expected)
  }

  @Test(arguments: CheckFixtures.conflictMarkers) func conflictMarker(_ test: Case) { expectExactly(test) }
  @Test(arguments: CheckFixtures.hiddenUnicode) func hiddenUnicode(_ test: Case) { expectExactly(test) }
  @Test(arguments: CheckFixtures.files) func files(_ test: Case) { expectExactly(test) }
  @Test(arguments: CheckFixtures.debugging) func debugLeftover(_ test: Case) { expectExactly(test) }
  @Test(arguments: CheckFixtures.lockFiles) func lockFile(_ test: Case) { expectExactly(test) }
  @Test(arguments: CheckFixtures.tests) func tests(_ test: Case) { expectExactly(test) }
  @Test(arguments: CheckFixtures.paths) func paths(_ test: Case) { expectExactly(test) }

  @Test func aPathOfTheConfigurationIsProtectedToo() {
    let fixture = Fixture("file deploy/prod.yml\n+a: 1")
    let plain = Reviewer.review(fixture.input())
    let guarded = Reviewer.review(fixture.input(protectedPaths: [Glob("deploy/**")]))
    #expect(plain.findings.isEmpty)
    #expect(guarded.findings.map(\.source) == ["protected-path"])
  }
}
