import Base
import Journal
import Pipeline
import TestSupport
import Testing
import Work

@Suite("A worker that is killed at any moment is followed by one that finishes")
struct KilledWorkerTests {
  /// The moments of one worker's life with one conflicting push: taking in, a review, a merge.
  private static func moments(of house: House) async throws -> [Moment] {
    let watch = Watch()
    try await house.work(watch: watch)
    return watch.seen
  }

  /// What has to be there however it came to be.
  private func expectWhole(_ house: House, _ conflict: Conflict, like reference: ObjectID?, _ when: String) async throws
  {
    #expect(try await house.closings(.review).map(\.?.verdict) == [.clean], "\(when)")
    #expect(try await house.closings(.resolve).map(\.?.verdict) == [.resolved], "\(when)")
    #expect(try await house.pending().isEmpty, "\(when)")
    let merge = try house.repository.id(conflict.side)
    if let reference { #expect(merge == reference, "the same merge has the same name: \(when)") }
    #expect(try house.repository.git("rev-list", "--count", "--merges", "--branches") == "1", "\(when)")
    #expect(try house.note(.reviews, of: conflict.topic).count == 1, "\(when)")
    #expect(try house.note(.discuss, of: conflict.topic).count == 2, "\(when)")
    #expect(try house.descriptions(on: conflict.topic, containing: "Arborist read").count == 1, "\(when)")
    #expect(try house.descriptions(on: conflict.topic, containing: "conflicts with").count == 1, "\(when)")
  }

  @Test("Nothing is lost and nothing is there twice")
  func killed() async throws {
    let house = try House()
    let conflict = try Conflict(in: house)
    let before = try house.references()
    let moments = try await Self.moments(of: house)
    let reference = try house.repository.id(conflict.side)
    try await expectWhole(house, conflict, like: nil, "undisturbed")
    #expect(try house.moved(since: before) == [conflict.side])
    #expect(moments.count > 30)
    // What is on disk behind one call is what is there before the next, but for what is done behind an intent.
    let kills = moments.indices.filter { moments[$0].side == .before || moments[$0].step.hasPrefix("intend") }
    for number in kills {
      let house = try House()
      let conflict = try Conflict(in: house)
      let watch = Watch(deathAt: number)
      await #expect(throws: died, "\(number)") { try await house.work("first", watch: watch) }
      #expect(watch.seen.last == moments[number], "\(number)")
      try await house.work("second")
      // The commits of two houses are the same but for where the house stands, which no commit tells.
      try await expectWhole(house, conflict, like: reference, "\(number): \(moments[number])")
    }
  }

  @Test("`unverified: head`: a worker killed behind its push finds the branch moved and tells of it once")
  func killedBehindPush() async throws {
    let house = try House()
    let conflict = try Conflict(in: house, configuration: "unverified: head\n")
    let watch = Watch { moment in
      guard moment == Moment(step: "done 0", side: .before) else { return }
      let open = try await house.journal().runs(RunFilter(isOpenOnly: true))
      if open.first?.job.kind == .resolve { throw died }
    }
    await #expect(throws: (any Error).self) { try await house.work("first", watch: watch) }
    let moved = try house.repository.id("topic")
    #expect(moved != conflict.topic)
    try await house.work("second")
    #expect(try house.repository.id("topic") == moved)
    #expect(try await house.verdict(.resolve) == .resolved)
    #expect(try house.descriptions(on: conflict.topic, containing: "the merge is \(moved.short)").count == 1)
  }

  @Test("Two workers one after the other, with nothing new, change nothing")
  func again() async throws {
    let house = try House()
    _ = try Conflict(in: house)
    try await house.work("first")
    let before = try house.references()
    let lines = house.lines.count
    try await house.work("second")
    #expect(try house.references() == before)
    #expect(house.lines.count == lines)
  }
}
