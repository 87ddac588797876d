import Base
import Synchronization
import TestSupport
import Testing
import Verify

@testable import Fix

/// Tests that take their time, each its own, and that know how many are under way.
private final class SlowProbing: TreeProbing {
  private let inner: any TreeProbing
  /// Whether the first waits until another is under way.
  private let waits: Bool
  /// Whether several at once are too many.
  private let isCramped: Bool
  private let counts = Mutex((begun: 0, flying: 0, most: 0))
  private let (company, arrival) = AsyncStream<Void>.makeStream()

  init(_ inner: any TreeProbing, waits: Bool = false, isCramped: Bool = false) {
    self.inner = inner
    self.waits = waits
    self.isCramped = isCramped
  }

  var most: Int { counts.withLock { $0.most } }
  var begun: Int { counts.withLock { $0.begun } }

  func standing(of tree: ObjectID) async throws -> TestStanding {
    let (number, flying) = counts.withLock { counts in
      counts.begun += 1
      counts.flying += 1
      counts.most = max(counts.most, counts.flying)
      return (counts.begun, counts.flying)
    }
    defer { counts.withLock { $0.flying -= 1 } }
    if number > 1 { arrival.yield() }
    if number == 1, waits { for await _ in company { break } }
    if isCramped, flying > 1 { throw StageFailure(.full, "no room") }
    // A tree takes as long as it takes, whatever ran before it.
    for _ in 0..<(Int(tree.hex.prefix(2), radix: 16) ?? 0) % 7 { await Task.yield() }
    return try await inner.standing(of: tree)
  }
}

/// One search with everything that can be seen of it.
private struct Told: Equatable {
  var report: CulpritReport
  var probes: [ObjectID]
}

@Suite("Test runs side by side")
struct SideBySideTests {
  private func find(_ known: FortyHunks, _ probing: any TreeProbing, parallel: Int) async throws -> Told {
    let probes = Lock<[ObjectID]>([])
    let budget = CulpritBudget(runs: 40, parallel: parallel)
    let report = try await CulpritSearch(in: known.actor, probing: probing, budget: budget)
      .find(known.question) { tree, _ in probes.withLock { $0.append(tree) } }
    return Told(report: report, probes: probes.withLock { $0 })
  }

  @Test("find the same, in the same order, as one after the other", arguments: [2, 3, 4], [(29, 1), (7, 9), (39, 40)])
  func findTheSame(parallel: Int, place: (bad: Int, commits: Int)) async throws {
    let known = try await FortyHunks(bad: place.bad, commits: place.commits)
    let one = try await find(known, known.probing, parallel: 1)
    let slow = SlowProbing(known.probing, waits: true)
    let several = try await find(known, slow, parallel: parallel)
    #expect(several == one)
    #expect(one.probes.count == one.report.runs)
    // They really ran side by side, and never more of them than may.
    #expect(slow.most > 1 && slow.most <= parallel)
  }

  @Test("of which none is asked for twice, and few are for nothing")
  func fewForNothing() async throws {
    let known = try await FortyHunks(bad: 13, commits: 1)
    let several = try await find(known, SlowProbing(known.probing), parallel: 3)
    let asked = known.probing.asked.withLock(\.self)
    #expect(Set(asked).count == asked.count)
    #expect(Set(several.probes).isSubset(of: asked))
    #expect(asked.count <= 3 * several.report.runs)
  }

  @Test("are tried one by one where there is no room for several")
  func noRoom() async throws {
    let known = try await FortyHunks(bad: 13, commits: 4)
    let one = try await find(known, known.probing, parallel: 1)
    let cramped = SlowProbing(known.probing, isCramped: true)
    #expect(try await find(known, cramped, parallel: 3) == one)
    // The control: there was no room.
    #expect(cramped.most > 1)
  }

  @Test("end with the search that is cancelled")
  func cancelled() async throws {
    struct Endless: TreeProbing {
      let begun: AsyncStream<Void>.Continuation
      let ended = Lock(0)
      func standing(of tree: ObjectID) async throws -> TestStanding {
        begun.yield()
        defer { ended.withLock { $0 += 1 } }
        for await _ in AsyncStream<Void>.makeStream().stream {}
        throw CancellationError()
      }
    }
    let known = try await FortyHunks(bad: 13, commits: 1)
    let (begun, feed) = AsyncStream<Void>.makeStream()
    let probing = Endless(begun: feed)
    let search = Task { try await find(known, probing, parallel: 3) }
    var count = 0
    for await _ in begun {
      count += 1
      if count == 3 { break }
    }
    search.cancel()
    await #expect(throws: CancellationError.self) { try await search.value }
    // None of them is left behind.
    #expect(probing.ended.withLock(\.self) == 3)
  }
}

@Suite("The progress of a search")
struct CulpritProgressTests {
  @Test("is told once for each test run, and becomes less", arguments: [1, 3])
  func isTold(parallel: Int) async throws {
    let known = try await FortyHunks(bad: 29, commits: 1)
    let told = Lock<[CulpritProgress]>([])
    let report = try await CulpritSearch(
      in: known.actor, probing: known.probing, budget: CulpritBudget(runs: 30, parallel: parallel)
    ).find(known.question, onProgress: { progress in told.withLock { $0.append(progress) } })
    let all = told.withLock { $0 }
    #expect(all.map(\.run) == Array(1...report.runs))
    #expect(all.allSatisfy { $0.limit == 30 && $0.sideBySide <= parallel })
    let changes = all.compactMap { if case .changes(let count)? = $0.left { count } else { nil } }
    #expect(changes.first == 40 && changes == changes.sorted(by: >) && (changes.last ?? 40) <= 3)
    #expect(all.contains { if case .lines(3)? = $0.left { true } else { false } })
  }

  @Test("is one line for a person")
  func words() {
    #expect(
      "\(CulpritProgress(run: 3, limit: 60, left: .changes(12), sideBySide: 1))"
        == "test run 3 of at most 60, 12 changes are left")
    #expect(
      "\(CulpritProgress(run: 9, limit: 60, left: .commits(1), sideBySide: 2))"
        == "test run 9 of at most 60 (2 at once)")
  }
}
