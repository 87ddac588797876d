import Base
import Glibc
import TestForge
import TestSupport
import Testing

/// The service and workers beside it on one PostgreSQL, each with a home of its own.
@Suite(
  .enabled(if: ServiceScene.isPossible, "nginx-light and fcgiwrap are not installed"),
  .enabled(if: PostgresCluster.isPossible, "needs PostgreSQL"))
struct SharedDatabaseTests {
  /// Makes a database and gives its address, with a password in it that nobody asks for.
  static func database(password: String = "unasked") throws -> String {
    let name = "service_\(CanaryTests.random())"
    let address = try PostgresCluster.shared.get().database(name)
    let query = address.split(separator: "?", maxSplits: 1).last.map(String.init) ?? ""
    return "postgresql://arborist:\(password)@/\(name)?\(query)"
  }

  @Test func manyWorkersDoEachThingOnce() async throws {
    var setting = MergeCycleTests.setting("unverified: head\n")
    setting.database = try Self.database()
    setting.workers = 1
    setting.forge = ", longestRequest: 3"
    try await ServiceScene.play(.gitea, setting) { scene in
      for _ in 0..<2 { try scene.startWorker() }
      var numbers: [Int] = []
      for index in 0..<2 { numbers.append(try await scene.open("t\(index)", .write("n\(index).py", "breakpoint()\n"))) }
      let (number, head, base) = try await MergeCycleTests.conflicted(scene)
      let merge = try scene.tip("topic")
      #expect(try scene.git.git("rev-list", "--parents", "-n1", merge.hex) == "\(merge.hex) \(head.hex) \(base.hex)")
      #expect(scene.forge.writes["push"] == 1)
      #expect(try scene.branches() == ["main", "t0", "t1", "topic"])
      #expect(try await scene.check("review", at: merge) == .success)
      #expect(try await scene.own(number).count == 1)
      for (index, number) in numbers.enumerated() {
        #expect(try await scene.check("review", at: scene.tip("t\(index)")) == .neutral)
        #expect(try await scene.findings(number).count == 1)
        #expect(try await scene.own(number).count == 2)
      }

      // What the service's own worker or another one has in its hands when the service is told to end goes on.
      scene.forge.add(Fault(.held(done: true), method: "POST", path: scene.beginning))
      let second = try await scene.push("t0", .write("n0.py", "x = 1\nbreakpoint()\n"))
      try await scene.isHeld()
      scene.forge.removeFaults()
      #expect(try await scene.stop() == 0)
      scene.forge.release()
      #expect(try await scene.ended("review", at: second) == .neutral)
      try await scene.start()
      try await scene.settled()
      #expect(try await scene.own(numbers[0]).count == 2)
      #expect(await scene.stopWorkers() == [0, 0])
      // Nobody else is left, and the service's worker does what comes.
      let help = try await scene.comment(number, "/arborist help")
      try await scene.settled()
      #expect(try await scene.answers(number, to: help).count == 1)
    }
  }

  @Test func whatADeadWorkerHadIsDoneByAnother() async throws {
    var setting = ServiceScene.Setting()
    let database = try Self.database()
    setting.database = database
    setting.workers = 0
    setting.server += "lease: 3\n"
    setting.forge = ", longestRequest: 6"
    setting.configuration = "on: { opened: [review] }\n"
    try await ServiceScene.play(.github, setting) { scene in
      for _ in 0..<2 { try scene.startWorker() }
      scene.forge.add(Fault(.held(done: true), method: "POST", path: "/pulls/1/reviews"))
      let number = try await scene.open("topic", .write("new.py", "breakpoint()\n"))
      try await scene.isHeld()
      scene.forge.removeFaults()
      // The comment is there, and whoever wrote it has not heard of it.
      let holder = try PostgresCluster.sql(
        "SELECT worker FROM arborist.jobs WHERE state = 'running' AND substr(branch, 1, 1) <> '?'", at: database)
      let words = holder.split(separator: "/")[0].split(separator: "-")
      let process = try #require(pid_t(words[words.count - 2]))
      #expect(scene.workers.withLock { $0 }.contains(process))
      await scene.killWorker(process)
      scene.forge.release()
      #expect(try await scene.ended("review", at: scene.tip("topic")) == .neutral)
      try await scene.settled()
      #expect(try await scene.findings(number).count == 1)
      #expect(try await scene.summaries(number).count == 1)
      #expect(try await scene.own(number).count == 2)
      #expect(try await scene.forge.checks(at: scene.tip("topic").hex).count == 1)
    }
  }
}
