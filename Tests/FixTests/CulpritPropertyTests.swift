import Base
import Git
import TestSupport
import Testing
import Verify

@testable import Fix

/// A branch of small hunks of which some break a test together and some cannot go without others.
private struct SeededBranch {
  let count: Int
  /// For each test the hunks that all have to go for it to be green.
  let bad: [Set<Int>]
  /// For each hunk the later ones that have to go with it.
  let needs: [Set<Int>]
  /// Whether the lines show what needs what.
  let showsNeeds: Bool
  let files: Int
  /// How many hunks the branch has after each commit.
  let commits: [Int]

  init(seed: Int) {
    var numbers = SeededNumbers(seed)
    count = Int.random(in: 1...60, using: &numbers)
    files = Int.random(in: 1...4, using: &numbers)
    var free = Array(0..<count).shuffled(using: &numbers)
    var bad: [Set<Int>] = []
    for _ in 0..<Int.random(in: 1...2, using: &numbers) where !free.isEmpty {
      let size = min(free.count, Int.random(in: 1...4, using: &numbers))
      bad.append(Set(free.prefix(size)))
      free.removeFirst(size)
    }
    self.bad = bad
    var needs = [Set<Int>](repeating: [], count: count)
    for hunk in 0..<count where hunk + 1 < count && Int.random(in: 0..<5, using: &numbers) == 0 {
      needs[hunk].insert(Int.random(in: hunk + 1..<count, using: &numbers))
    }
    self.needs = needs
    showsNeeds = Bool.random(using: &numbers)
    let commits = Set((0..<Int.random(in: 0...6, using: &numbers)).map { _ in Int.random(in: 1...60, using: &numbers) })
    self.commits = commits.filter { [count] in $0 < count }.sorted() + [count]
  }

  /// The files with the first hunks of the branch.
  func changes(hunks: Int) -> [TestRepository.Change] {
    (0..<files).map { file in
      var lines: [String] = []
      for hunk in 0..<count where hunk % files == file {
        lines += (0..<7).map { "line \(hunk) \($0)" }
        lines.append(hunk < hunks ? text(of: hunk) : "old \(hunk)")
      }
      return .write("file\(file).txt", lines.joined(separator: "\n") + "\n")
    }
  }

  private func text(of hunk: Int) -> String {
    var text = "def name\(hunk) present\(hunk);"
    if showsNeeds { for other in 0..<hunk where needs[other].contains(hunk) { text += " name\(other)" } }
    return text
  }

  func standing(without removed: Set<Int>) -> TestStanding {
    var standing = TestStanding()
    if removed.contains(where: { !needs[$0].isSubset(of: removed) }) {
      standing.red = [.build("")]
      return standing
    }
    standing.executed = bad.count + 1
    standing.green = [test("steady")]
    for (number, bad) in bad.enumerated() {
      let isCured = bad.isSubset(of: removed)
      if isCured { standing.green.insert(test("t\(number)")) } else { standing.red.insert(.test(test("t\(number)"))) }
    }
    return standing
  }

  /// The hunks that are not in the files.
  func removed(_ files: [String: String]) -> Set<Int> {
    let text = files.values.joined()
    return Set((0..<count).filter { !text.contains(" present\($0);") })
  }

  func closure(_ set: Set<Int>) -> Set<Int> {
    var result = set
    var waiting = Array(set)
    while let next = waiting.popLast() {
      for other in needs[next] where result.insert(other).inserted { waiting.append(other) }
    }
    return result
  }
}

@Suite struct CulpritPropertyTests {
  private struct Case {
    let branch: SeededBranch
    let repository: TestRepository
    let actor: RepositoryActor<PrivateRepository>
    let probing: RuleProbing
    var question: CulpritQuestion

    init(seed: Int) async throws {
      let branch = SeededBranch(seed: seed)
      let repository = try TestRepository()
      let base = try repository.commit("main", parents: [], changes: branch.changes(hunks: 0))
      var head = base
      for (number, hunks) in branch.commits.enumerated() {
        head = try repository.commit("main", time: 1_700_000_100 + number, changes: branch.changes(hunks: hunks))
      }
      actor = try await RepositoryActor.open { () throws(GitError) in
        try PrivateRepository.create(
          at: repository.directory.path + "/private", borrowing: [repository.gitDirectory + "/objects"])
      }
      probing = RuleProbing(repository: actor) { branch.standing(without: branch.removed($0)) }
      self.branch = branch
      self.repository = repository
      question = CulpritQuestion(
        base: base, head: head, standing: branch.standing(without: []),
        baseStanding: branch.standing(without: Set(0..<branch.count))
      ) { _ in false }
    }

    func find(runs: Int, parallel: Int = 1, cache: CandidateCache = CandidateCache()) async throws -> CulpritReport {
      let budget = CulpritBudget(runs: runs, parallel: parallel)
      return try await CulpritSearch(in: actor, probing: probing, budget: budget).find(question, cache: cache)
    }

    /// The hunks of a culprit, by what their lines say.
    func hunks(of culprit: Culprit) -> Set<Int> {
      Set(
        culprit.hunks.flatMap(\.lines).filter { $0.kind == .added }.compactMap { line in
          line.text.split(separator: " ").dropFirst(2).first.flatMap { Int($0.dropFirst(7).dropLast()) }
        })
    }
  }

  @Test(arguments: 0..<40) func theCulpritIsSmallAndTrue(seed: Int) async throws {
    let known = try await Case(seed: seed)
    let report = try await known.find(runs: 500)
    #expect(report.ending == .complete)
    #expect(report.unexplained.isEmpty)
    #expect(report.culprits.flatMap(\.items).sorted() == known.question.red.sorted())
    for culprit in report.culprits {
      let found = known.hunks(of: culprit)
      let items = Set(culprit.items)
      func cures(_ set: Set<Int>) -> Bool {
        let standing = known.branch.standing(without: set)
        return standing.green.contains(test("steady")) && standing.red.isDisjoint(with: items)
      }
      #expect(cures(found))
      #expect(culprit.isMinimal && culprit.offered.keepsGreen)
      if found.count > 1 { for hunk in found { #expect(!cures(found.subtracting([hunk]))) } }
      #expect(culprit.removal.standing == known.branch.standing(without: found))
      if known.branch.showsNeeds {
        let wanted = known.branch.bad.map { known.branch.closure($0) }
        #expect(wanted.contains(found))
      }
    }
    let together = try #require(report.together)
    #expect(together.standing.isGreen)
    let asked = known.probing.asked.withLock(\.self)
    #expect(Set(asked).count == asked.count)
    #expect(asked.count == report.runs)
  }

  @Test(arguments: 0..<10) func theBudgetIsKept(seed: Int) async throws {
    let known = try await Case(seed: seed)
    let whole = try await known.find(runs: 500)
    let allowed = whole.runs / 2
    known.probing.asked.withLock { $0 = [] }
    let cut = try await known.find(runs: allowed)
    #expect(cut.runs <= allowed)
    #expect(known.probing.asked.withLock(\.count) <= allowed)
    #expect(try await known.find(runs: allowed, parallel: 2) == cut)
    #expect(cut.ending == (whole.runs == 0 ? .complete : .runsSpent) || cut.runs < allowed)
    // What it has is true all the same.
    for culprit in cut.culprits { #expect(Set(culprit.items).isDisjoint(with: culprit.removal.standing.red)) }
  }

  @Test(arguments: 0..<8) func testsSideBySideFindTheSame(seed: Int) async throws {
    let known = try await Case(seed: seed)
    let one = try await known.find(runs: 500)
    let (before, several) = (
      known.probing.asked.withLock(\.self), try await known.find(runs: 500, parallel: 2 + seed % 3)
    )
    #expect(several == one)
    #expect(Set(before).isSubset(of: known.probing.asked.withLock { $0.dropFirst(before.count) }))
  }

  @Test(arguments: 0..<8) func aSearchThatWasKilledAsksForNothingTwice(seed: Int) async throws {
    let known = try await Case(seed: seed)
    let whole = try await known.find(runs: 500)
    let order = known.probing.asked.withLock(\.self)
    var cache = CandidateCache()
    for tree in order.prefix(order.count / 2) { cache[tree] = .success(try await known.probing.standing(of: tree)) }
    known.probing.asked.withLock { $0 = [] }
    let resumed = try await known.find(runs: 500, cache: cache)
    #expect(resumed == whole)
    #expect(known.probing.asked.withLock(\.self) == Array(order.dropFirst(order.count / 2)))
  }
}
