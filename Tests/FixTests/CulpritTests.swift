import Base
import Git
import TestResults
import TestSupport
import Testing
import Verify

@testable import Fix

/// Tests whose results follow from the content of the tree alone.
struct RuleProbing: TreeProbing {
  let repository: RepositoryActor<PrivateRepository>
  let rule: @Sendable ([String: String]) -> TestStanding
  let asked = Lock<[ObjectID]>([])

  func standing(of tree: ObjectID) async throws -> TestStanding {
    asked.withLock { $0.append(tree) }
    return rule(try await files(of: tree))
  }

  func files(of tree: ObjectID) async throws -> [String: String] {
    try await repository.perform { repository throws(GitError) in
      var files: [String: String] = [:]
      try repository.walk(tree) { entry throws(GitError) in
        if entry.mode != .directory {
          files[entry.path.display] = String(
            decoding: try repository.content(of: entry.id, limit: 1 << 20), as: UTF8.self)
        }
        return true
      }
      return files
    }
  }
}

func test(_ name: String) -> TestIdentity { TestIdentity(suite: [], name: name) }

@Suite struct CulpritTests {
  @Test func findsOneBadHunkAmongForty() async throws {
    let repository = try TestRepository()
    func content(_ edit: (Int) -> String?) -> String {
      (0..<400).map { (edit($0) ?? "line \($0)") + "\n" }.joined()
    }
    let base = try repository.commit("main", .write("a.txt", content { _ in nil }))
    let head = try repository.commit(
      "main", .write("a.txt", content { $0 % 10 == 0 ? ($0 == 230 ? "bad" : "new \($0)") : nil }))
    let actor = try await RepositoryActor.open { () throws(GitError) in
      try PrivateRepository.create(
        at: repository.directory.path + "/private", borrowing: [repository.gitDirectory + "/objects"])
    }
    let probing = RuleProbing(repository: actor) { files in
      var standing = TestStanding()
      standing.executed = 1
      if files["a.txt"]?.contains("bad") == true {
        standing.red = [.test(test("t"))]
      } else {
        standing.green = [test("t")]
      }
      return standing
    }
    let standing = try await probing.standing(of: head)
    let question = CulpritQuestion(base: base, head: head, standing: standing) { _ in false }
    let search = CulpritSearch(in: actor, probing: probing, budget: CulpritBudget(runs: 20))
    let report = try await search.find(question)
    #expect(report.ending == .complete)
    #expect(report.candidates == 40)
    let culprit = try #require(report.culprits.first)
    #expect(culprit.hunks.map(\.span?.newStart) == [228])
    #expect(culprit.removal.keepsGreen)
    #expect(report.runs <= 10)
    #expect(Set(probing.asked.withLock(\.self)).count == probing.asked.withLock(\.count))
  }
}
