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

/// A file of which every tenth line is changed, by one commit or by several.
struct FortyHunks {
  let repository: TestRepository
  let actor: RepositoryActor<PrivateRepository>
  let probing: RuleProbing
  let question: CulpritQuestion

  init(bad: Int, commits: Int, hint: Int? = nil) async throws {
    let repository = try TestRepository()
    func content(_ hunks: Int) -> String {
      (0..<400).map { line in
        guard line % 10 == 4, line / 10 < hunks else { return "line \(line)\n" }
        return line / 10 == bad ? "kept \(line)\nbad\nalso \(line)\n" : "new \(line)\n"
      }.joined()
    }
    let base = try repository.commit("main", .write("a.txt", content(0)))
    var head = base
    for number in 1...commits {
      head = try repository.commit(
        "main", time: 1_700_000_000 + number, .write("a.txt", content(40 * number / commits)))
    }
    self.repository = repository
    actor = try await RepositoryActor.open { () throws(GitError) in
      try PrivateRepository.create(
        at: repository.directory.path + "/private", borrowing: [repository.gitDirectory + "/objects"])
    }
    probing = RuleProbing(repository: actor) { files in
      var standing = TestStanding()
      standing.executed = 2
      standing.green = [test("steady")]
      if files["a.txt"]?.contains("bad") == true {
        standing.red = [.test(test("t"))]
      } else {
        standing.green.insert(test("t"))
      }
      return standing
    }
    var question = CulpritQuestion(
      base: base, head: head, standing: try await probing.standing(of: head),
      baseStanding: try await probing.standing(of: base)
    ) { _ in false }
    if let hint, let path = RepositoryPath("a.txt") { question.hints.places = [.init(path: path, line: hint)] }
    self.question = question
    probing.asked.withLock { $0 = [] }
  }

  func find(runs: Int = 20, parallel: Int = 1) async throws -> CulpritReport {
    let budget = CulpritBudget(runs: runs, parallel: parallel)
    return try await CulpritSearch(in: actor, probing: probing, budget: budget).find(question)
  }
}

@Suite struct CulpritTests {
  @Test(arguments: [0, 1, 13, 20, 38, 39], [1, 4, 40]) func findsOneBadHunkAmongForty(
    bad: Int, commits: Int
  ) async throws {
    let known = try await FortyHunks(bad: bad, commits: commits)
    let report = try await known.find()
    #expect(report.ending == .complete)
    #expect(report.candidates == 40)
    let culprit = try #require(report.culprits.first)
    #expect(culprit.hunks.count == 1)
    #expect(culprit.hunks.flatMap(\.lines).filter(\.isCulprit).map(\.text) == ["bad"])
    #expect(culprit.isMinimal && culprit.areLinesMinimal && culprit.offered.keepsGreen)
    guard case .commit(let first) = culprit.firstBad else {
      Issue.record("no first bad commit: \(culprit.firstBad)")
      return
    }
    #expect(culprit.commits == [first])
    #expect(report.runs <= 15)
    let asked = known.probing.asked.withLock(\.self)
    #expect(Set(asked).count == asked.count && asked.count == report.runs)
  }

  @Test func aHintSavesRuns() async throws {
    let plain = try await FortyHunks(bad: 17, commits: 1).find()
    let hinted = try await FortyHunks(bad: 17, commits: 1, hint: 176).find()
    #expect(hinted.culprits == plain.culprits)
    #expect(hinted.runs < plain.runs)
  }

  @Test(arguments: [0, 1, 2]) func aRunnerMayNameOnlyWhatFails(missing: Int) async throws {
    let known = try await FortyHunks(bad: 17, commits: 1)
    let probing = RuleProbing(repository: known.actor) { files in
      var standing = TestStanding()
      let isRed = files["a.txt"]?.contains("bad") == true
      if isRed { standing.red = [.test(test("t"))] }
      // With a test missing, or all of them, nobody knows whether it is the one that was red.
      standing.executed = isRed ? 3 : 3 - missing
      standing.unnamedPassed = isRed ? 2 : 3 - missing
      return standing
    }
    var question = known.question
    question.standing = try await probing.standing(of: question.head)
    question.baseStanding = try await probing.standing(of: question.base)
    (question.red, question.green) = (question.standing.red, [])
    let report = try await CulpritSearch(in: known.actor, probing: probing, budget: CulpritBudget(runs: 20))
      .find(question)
    let lines = report.culprits.flatMap(\.hunks).flatMap(\.lines).filter(\.isCulprit).map(\.text)
    #expect(lines == (missing == 0 ? ["bad"] : []))
  }

  /// The heading of a hunk is the function before, where the one that was changed begins among the lines shown.
  @Test func aHunkIsOfTheFunctionThatBeginsInIt() throws {
    let repository = try TestRepository()
    func content(_ line: String) -> String { "int first() {\n  a;\n  b;\n  c;\n  d;\n}\nint second() {\n\(line)\n}\n" }
    let base = try repository.commit("main", .write("a.c", content("old;")))
    let head = try repository.commit("main", time: 1_700_000_100, .write("a.c", content("new;")))
    let (difference, _) = try DifferenceReader(base: base, head: head, context: 3, isTest: { _ in false })
      .read(try Repository.openBare(at: repository.gitDirectory))
    let unit = try #require(difference.units.first)
    for (name, weight) in [("second", 2.0), ("first", 1), ("new", 2), ("other", 1)] {
      var hints = CulpritHints()
      hints.names = [name]
      #expect(HintWeight(hints).weight(of: unit, in: difference) == weight, "\(name)")
    }
  }

  @Test func theNamesThatATestUsesAreHints() {
    let content = Array("one()\nlet sum = price(of: 3)\nexpect(sum, total(4))\nlast()\n".utf8)
    var hints = CulpritHints()
    hints.takeNames(in: content, around: 3)
    #expect(hints.names == ["price", "expect", "total"])
    // Places that the file does not have say nothing.
    for line in [0, 7, -1] { hints.takeNames(in: content, around: line) }
    #expect(hints.names == ["price", "expect", "total"])
  }

  @Test func whatIsRedAtTheBaseIsSaidAndNotSearched() async throws {
    let known = try await FortyHunks(bad: 3, commits: 2)
    var question = known.question
    question.baseStanding = question.standing
    let report = try await CulpritSearch(in: known.actor, probing: known.probing, budget: CulpritBudget(runs: 20))
      .find(question)
    #expect(report.redAtBase == [.test(test("t"))])
    #expect(report.culprits.isEmpty && report.runs == 0)
  }

  @Test func aBranchOfTestsAloneHasNoCulprit() async throws {
    let known = try await FortyHunks(bad: 3, commits: 2)
    var question = known.question
    question.isTest = { _ in true }
    let report = try await CulpritSearch(in: known.actor, probing: known.probing, budget: CulpritBudget(runs: 20))
      .find(question)
    #expect(report.unexplained.map(\.reason) == [.onlyTestsChanged])
    #expect(report.candidates == 0)
  }

  @Test func aCancelledSearchEnds() async throws {
    let known = try await FortyHunks(bad: 3, commits: 1)
    let (actor, probing, question) = (known.actor, known.probing, known.question)
    let search = Task {
      // Cancelled from within, by the first tree that is tested.
      try await CulpritSearch(in: actor, probing: probing, budget: CulpritBudget(runs: 20)).find(question) { _, _ in
        withUnsafeCurrentTask { $0?.cancel() }
      }
    }
    await #expect(throws: CancellationError.self) { try await search.value }
    #expect(probing.asked.withLock(\.count) == 1)
  }

  @Test func aStageThatFailsEndsTheSearchWithItsReason() async throws {
    struct Broken: TreeProbing {
      func standing(of tree: ObjectID) async throws -> TestStanding { throw StageFailure(.full, "the disk is full") }
    }
    let known = try await FortyHunks(bad: 3, commits: 1)
    let report = try await CulpritSearch(in: known.actor, probing: Broken(), budget: CulpritBudget(runs: 20))
      .find(known.question)
    #expect(report.ending == .stage(.full, "the disk is full"))
    // That nothing is red without any of the hunks was known beforehand.
    #expect(report.culprits.map(\.isMinimal) == [false])
    #expect(report.culprits.map(\.hunks.count) == [40])
  }
}
