import Base
import Git
import TestResults
import TestSupport
import Testing
import Verify

@testable import Fix

/// Runners that name what fails and only count what passes.
@Suite struct QuietRunnerTests {
  /// How two tests stand, of which one fails on the word `bad`.
  private static func standing(_ files: [String: String], counted: Bool) -> TestStanding {
    var standing = TestStanding()
    standing.executed = 2
    if files["a.txt"]?.contains("bad") == true {
      standing.red = [.test(test("t"))]
      standing.unnamedPassed = 1
    } else {
      standing.unnamedPassed = counted ? 2 : 1
    }
    return standing
  }

  private func report(counted: Bool) async throws -> CulpritReport {
    let repository = try TestRepository()
    func content(_ lines: [String]) -> String {
      (0..<60).map { $0 % 20 == 4 ? lines[$0 / 20] + "\n" : "line \($0)\n" }.joined()
    }
    let base = try repository.commit("main", .write("a.txt", content(["one", "two", "three"])))
    let head = try repository.commit(
      "main", time: 1_700_000_001, .write("a.txt", content(["uno", "bad", "tres"])))
    let actor = try await RepositoryActor.open { () throws(GitError) in
      try PrivateRepository.create(
        at: repository.directory.path + "/private", borrowing: [repository.gitDirectory + "/objects"])
    }
    let probing = RuleProbing(repository: actor) { Self.standing($0, counted: counted) }
    let question = CulpritQuestion(
      base: base, head: head, standing: try await probing.standing(of: head),
      baseStanding: try await probing.standing(of: base)
    ) { _ in false }
    return try await CulpritSearch(in: actor, probing: probing, budget: CulpritBudget(runs: 20, parallel: 1))
      .find(question)
  }

  @Test func theCulpritIsFoundByTheNumberOfTestsThatPass() async throws {
    let found = try await report(counted: true)
    let hunks = found.culprits.flatMap(\.hunks)
    let isNamed = hunks.first?.lines.contains { $0.text.contains("bad") }
    #expect(hunks.count == 1 && isNamed == true, "\(found)")
    // The control: a test that is neither red nor counted is not there any more.
    let hidden = try await report(counted: false)
    #expect(hidden.culprits.isEmpty, "\(hidden)")
  }
}
