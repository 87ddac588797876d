import Base
import Git
import Journal
import Pipeline
import TestSupport
import Testing
import Work

@Suite("What changes between the work and the push is seen, and nothing is pushed over it")
struct RaceTests {
  let house: House

  init() throws { house = try House() }

  /// Works, and does something between the decision of the resolving run and its push.
  private func work(meanwhile act: @escaping @Sendable (House) throws -> Void) async throws {
    let house = house
    let watch = Watch { moment in
      guard moment == Moment(step: "intend 0", side: .behind) else { return }
      let open = try await house.journal().runs(RunFilter(isOpenOnly: true))
      if open.first?.job.kind == .resolve { try act(house) }
    }
    try await house.work(watch: watch)
  }

  @Test("A person's push in between wins, whatever the merge's target", arguments: ["side", "head"])
  func personWins(_ target: String) async throws {
    let conflict = try Conflict(in: house, configuration: "unverified: \(target)\n")
    let before = try house.references()
    try await work { house in _ = try house.repository.commit("topic", .write("person", "1\n")) }
    let person = try house.repository.id("topic")
    #expect(person != conflict.topic)
    #expect(try house.moved(since: before) == ["refs/heads/topic"])
    let closing = try #require(try await house.closings(.resolve).last ?? nil)
    #expect(closing.verdict == .superseded)
    #expect(
      closing.summary.contains("topic has moved on from \(conflict.topic.short) to \(person.short)"), "\(closing)")
    // Nothing is told of a merge that was not pushed.
    #expect(try house.descriptions(on: conflict.topic, containing: "conflicts with").isEmpty)
  }

  @Test("Without the push in between, both targets move", arguments: ["side", "head"])
  func control(_ target: String) async throws {
    let conflict = try Conflict(in: house, configuration: "unverified: \(target)\n")
    let before = try house.references()
    try await work { _ in }
    #expect(try house.moved(since: before) == [target == "side" ? conflict.side : "refs/heads/topic"])
    #expect(try house.descriptions(on: conflict.topic, containing: "conflicts with").count == 1)
  }

  @Test("A branch that is deleted in between stays deleted")
  func deleted() async throws {
    let conflict = try Conflict(in: house, configuration: "unverified: head\n")
    let before = try house.references()
    try await work { house in try house.repository.git("update-ref", "-d", "refs/heads/topic") }
    #expect(try house.moved(since: before) == ["refs/heads/topic"])
    #expect(try house.references()["refs/heads/topic"] == nil)
    let closing = try #require(try await house.closings(.resolve).last ?? nil)
    #expect(closing == Closing(verdict: .superseded, summary: "topic is gone"), "\(conflict.root)")
  }

  @Test("HEAD moved to the branch in between closes it")
  func headMoved() async throws {
    _ = try Conflict(in: house, configuration: "unverified: head\n")
    let before = try house.references()
    try await work { house in try house.repository.git("symbolic-ref", "HEAD", "refs/heads/topic") }
    #expect(try house.moved(since: before) == [])
    let closing = try #require(try await house.closings(.resolve).last ?? nil)
    #expect(closing.verdict == .failed)
    #expect(closing.summary.contains("may not be written to"), "\(closing)")
  }

  @Test("A branch that becomes another name for main in between leaves main where it is", arguments: ["side", "head"])
  func symbolic(_ target: String) async throws {
    let conflict = try Conflict(in: house, configuration: "unverified: \(target)\n")
    let before = try house.references()
    try await work { house in try house.repository.git("symbolic-ref", "refs/heads/topic", "refs/heads/main") }
    #expect(try house.moved(since: before) == ["refs/heads/topic"])
    #expect(try house.references()["refs/heads/topic"] == "\(conflict.main.hex) refs/heads/main")
    #expect(try await house.verdict(.resolve) == .superseded)
  }

  @Test("A side branch that is another name for main leaves main where it is")
  func symbolicSide() async throws {
    let conflict = try Conflict(in: house)
    try house.repository.git("symbolic-ref", conflict.side, "refs/heads/main")
    let before = try house.references()
    try await house.work()
    #expect(try house.moved(since: before) == ["\(conflict.side)-2"])
    #expect(try await house.verdict(.resolve) == .resolved)
  }

  @Test("A side branch that somebody else made first is not moved")
  func takenSide() async throws {
    let conflict = try Conflict(in: house)
    try house.repository.git("update-ref", conflict.side, conflict.root.hex)
    let before = try house.references()
    try await house.work()
    #expect(try house.moved(since: before) == ["\(conflict.side)-2"])
    #expect(try await house.verdict(.resolve) == .resolved)
  }

  @Test("The base protected in between by main's configuration is obeyed")
  func protectedMeanwhile() async throws {
    _ = try Conflict(in: house, configuration: "unverified: head\n")
    let before = try house.references()
    try await work { house in
      try house.repository.commit("main", .write(".arborist.yml", "unverified: head\nprotect: [topic]\n"))
    }
    #expect(try house.moved(since: before) == ["refs/heads/main"])
    #expect(try await house.verdict(.resolve) == .failed)
  }

  @Test(
    "Jobs of a branch that is closed by the time they run write nothing",
    arguments: ["symbolic-ref HEAD refs/heads/topic", "update-ref -d refs/heads/topic"])
  func closedBeforeWork(_ command: String) async throws {
    _ = try Conflict(in: house, configuration: "unverified: head\n")
    let house = house
    let watch = Watch { moment in
      guard moment == Moment(step: "claim", side: .behind) else { return }
      _ = try house.repository.attempt(command.split(separator: " ").map(String.init))
    }
    let before = try house.references()
    try await house.work(watch: watch)
    let gone = command.hasPrefix("update-ref") ? ["refs/heads/topic"] : []
    #expect(try house.moved(since: before) == gone)
    for kind in [JobKind.review, .resolve] {
      #expect(try await house.verdict(kind) == (gone.isEmpty ? .failed : .superseded), "\(house.lines)")
    }
  }
}
