import Base
import Foundation
import Spool
import TestSupport
import Testing
import Work

/// A bare repository that answers its pushes: hook, worker, outcome.
@Suite struct BareTests {
  /// A bare repository with the hooks, and a person's clone of it.
  private struct Setting {
    let bare: TestRepository
    let person: TestRepository

    init(_ words: [String] = ["--service"], named name: String = "bare.git", isHard: Bool = false) throws {
      person = try TestRepository.withConflict(isHard: isHard)
      bare = try TestRepository(bare: true, named: name, in: person.directory)
      try person.git("push", "--quiet", bare.path, "main")
      let result = try Arborist.run(["init", "--repo", bare.path] + words)
      #expect(result.status == 0, "\(result.errorText)")
    }

    var state: String { bare.path + "/arborist" }

    @discardableResult
    func push(_ references: String..., adding environment: [String: String] = [:]) throws -> CommandResult {
      try person.attempt(["push", bare.path] + references, adding: environment)
    }

    func worker() throws -> CommandResult { try Arborist.run("worker", "--state", state) }

    func runs() throws -> [[String: Any]] {
      let result = try Arborist.run("runs", "--repo", bare.path, "--format", "json", "--limit", "1000")
      #expect(result.status == 0, "\(result.errorText)")
      let document = try JSONSerialization.jsonObject(with: Data(result.output)) as? [String: Any]
      #expect(document?["schema"] as? String == "arborist.runs/1")
      return try #require(document?["runs"] as? [[String: Any]])
    }

    /// One line for each run, such as `review feature clean`, sorted.
    func outcomes() throws -> [String] {
      try runs().map { run in ["kind", "branch", "state"].map { run[$0] as? String ?? "?" }.joined(separator: " ") }
        .map { $0.replacing("refs/heads/", with: "") }.sorted()
    }

    func expectSound(sourceLocation: SourceLocation = #_sourceLocation) throws {
      #expect(try bare.attempt(["fsck", "--strict"]).status == 0, sourceLocation: sourceLocation)
      #expect(try Command.run(["ls", "-A", state + "/work"], in: "/").text == "", sourceLocation: sourceLocation)
      let spool = try Command.run(["ls", "-A", state + "/spool/new", state + "/spool/bad"], in: "/").lines
      #expect(spool.filter { !$0.hasPrefix("/") } == [], sourceLocation: sourceLocation)
    }

    func side(of branch: String = "feature") throws -> String {
      "refs/heads/arborist/resolve/\(branch)-\(try person.id(branch).hex.prefix(8))"
    }
  }

  @Test(arguments: ["bare.git", "a b's \"c\"", "é$x`y`"])
  func aPushComesBackReviewedAndMerged(name: String) throws {
    let setting = try Setting(named: name)
    let (main, feature) = try (setting.person.id("main"), setting.person.id("feature"))
    #expect(try setting.push("feature").status == 0)
    let worker = try setting.worker()
    #expect(worker.status == 0, "\(worker.errorText)")
    #expect(worker.output == [])
    #expect(try setting.outcomes() == ["resolve feature resolved", "review feature clean"])
    #expect(
      try setting.bare.git("rev-parse", setting.side() + "^1", setting.side() + "^2") == "\(feature.hex)\n\(main.hex)")
    #expect(try setting.bare.id("main") == main && setting.bare.id("feature") == feature)
    #expect(try setting.bare.git("notes", "--ref", "devtools/reviews", "list") != "")
    try setting.expectSound()
    let references = try setting.bare.references()
    #expect(try setting.worker().status == 0)
    #expect(try setting.bare.references() == references, "nothing is left to do")
  }

  @Test func theLintersOfTheBaseLookAtWhatIsPushed() throws {
    let setting = try Setting()
    let sarif = """
      {"version":"2.1.0","runs":[{"tool":{"driver":{"name":"lint"}},"results":[{"ruleId":"r","message":{"text":"odd"},
      "locations":[{"physicalLocation":{"artifactLocation":{"uri":"new.txt"},"region":{"startLine":1}}}]}]}]}
      """
    let configuration = "review: { sarif: ['cat lint.sarif', 'exit 3'] }\n"
    try setting.person.commit("main", .write(".arborist.yml", configuration), .write("lint.sarif", sarif))
    try setting.person.git("push", "--quiet", setting.bare.path, "main")
    let main = try setting.person.id("main")
    let topic = try setting.person.commit("topic", parents: [main], .write("new.txt", "new\n"))
    try setting.push("topic")
    let worker = try setting.worker()
    #expect(worker.status == 0, "\(worker.errorText)")
    #expect(try setting.outcomes().contains("review topic findings"))
    let notes = try setting.bare.git("notes", "--ref", "devtools/discuss", "show", topic.hex)
    #expect(notes.contains("lint/r") && notes.contains("new.txt"), "\(notes)")
    #expect(notes.contains("The linter 'exit 3' told nothing: it printed nothing and ended with 3."), "\(notes)")
    try setting.expectSound()
  }

  @Test func aConflictThatIsLeftWritesNoBranch() throws {
    let setting = try Setting(isHard: true)
    try setting.push("feature")
    #expect(try setting.worker().status == 0)
    #expect(try setting.outcomes() == ["resolve feature conflicts", "review feature clean"])
    #expect(
      try setting.bare.git("for-each-ref", "--format=%(refname)", "refs/heads") == "refs/heads/feature\nrefs/heads/main"
    )
    try setting.expectSound()
  }

  @Test func pushesAtOnceAreAllAnswered() throws {
    let setting = try Setting()
    for number in 0..<4 { try setting.person.git("branch", "b\(number)", "feature") }
    let processes = try (0..<4).map {
      try Command.start(["git", "push", "-q", setting.bare.path, "b\($0)"], in: setting.person.path)
    }
    #expect(processes.map { Command.wait(for: $0) } == [0, 0, 0, 0])
    let workers = try (0..<2).map { _ in
      try Command.start([Arborist.program(), "worker", "--state", setting.state], in: "/")
    }
    #expect(workers.map { Command.wait(for: $0) } == [0, 0])
    #expect(
      try setting.outcomes() == (0..<4).map { "resolve b\($0) resolved" } + (0..<4).map { "review b\($0) clean" })
    try setting.expectSound()
  }

  @Test func theDetachedWorkerAnswersToo() throws {
    let setting = try Setting([])
    try setting.push("feature")
    // A worker in the foreground ends at once while another works, and else does what is left; either way it is done
    // when the lock is free and nothing is queued.
    let state = try #require(StateDirectory(Array(setting.state.utf8)))
    try WorkerWait.untilFree(state)
    #expect(try setting.worker().status == 0)
    try WorkerWait.untilFree(state)
    #expect(try setting.outcomes() == ["resolve feature resolved", "review feature clean"])
    try setting.expectSound()
  }

  // MARK: - pre-receive

  @Test func theBotIsKeptFromTheBase() throws {
    let setting = try Setting(["--service", "--pre-receive"])
    let main = try setting.bare.id("main")
    let bot = ["GIT_COMMITTER_NAME": "Arborist", "GIT_COMMITTER_EMAIL": "arborist@localhost"]
    try setting.person.checkOut("main")
    try setting.person.git("commit", "--quiet", "--allow-empty", "-m", "by the bot", adding: bot)
    let refused = try setting.push("main")
    #expect(refused.status != 0)
    #expect(refused.errorText.contains("may not be written to"))
    #expect(try setting.bare.id("main") == main)
    #expect(try setting.push("main:refs/heads/topic").status == 0, "a feature branch")
    try setting.person.git("commit", "--quiet", "--allow-empty", "-m", "by a person")
    #expect(try setting.push("main:refs/heads/main", adding: ["REMOTE_USER": "Arborist"]).status != 0)
    #expect(try setting.push(":main", adding: ["REMOTE_USER": "arborist"]).status != 0)
    #expect(try setting.bare.id("main") == main)
    #expect(try setting.push("main", adding: ["REMOTE_USER": "ada"]).status == 0, "an ordinary person")
  }

  @Test func aBrokenConfigurationIsMendedByAPush() throws {
    let setting = try Setting(["--service", "--pre-receive"])
    try setting.person.commit("main", .write(".arborist.yml", "protcet: [x]\n"))
    #expect(try setting.push("main").status == 0)
    let mended = try setting.person.commit("main", .write(".arborist.yml", "protect: [x]\n"))
    #expect(try setting.push("main").status == 0)
    #expect(try setting.bare.id("main") == mended)
    // The control: what is protected by nature stays so while the file is broken.
    try setting.person.commit("main", .write(".arborist.yml", "protcet: [x]\n"))
    #expect(try setting.push("main").status == 0)
    try setting.person.checkOut("main")
    let bot = ["GIT_COMMITTER_NAME": "Arborist", "GIT_COMMITTER_EMAIL": "arborist@localhost"]
    try setting.person.git("commit", "--quiet", "--allow-empty", "-m", "by the bot", adding: bot)
    #expect(try setting.push("main").status != 0)
  }

  // MARK: - The journal

  @Test func theLogOfARun() throws {
    let setting = try Setting()
    try setting.push("feature")
    let early = try Arborist.run("runs", "--repo", setting.bare.path)
    #expect(early.status == 0 && early.output == Array("No run yet.\n".utf8))
    expectFailure(try Arborist.run("log", "--repo", setting.bare.path, "00"), 2, "nothing has run yet")
    #expect(try setting.worker().status == 0)
    let run = try #require(try setting.runs().first?["run"] as? String)
    let before = try contents(of: setting.bare.path)
    for words in [[run], [String(run.prefix(6))], [run, "--format", "json"], [run, "--verify"]] {
      let result = try Arborist.run(["log", "--repo", setting.bare.path] + words)
      #expect(result.status == 0, "\(result.errorText)")
      #expect(result.errors == [] && result.output != [])
    }
    for name in ["0123456789abcdef", "zz", "", "\u{1B}[31m"] {
      expectFailure(try Arborist.run("log", "--repo", setting.bare.path, name), 2, "")
    }
    #expect(try contents(of: setting.bare.path) == before)
    // A server that is not there; its password is shown to nobody.
    let address = ["ARBORIST_DATABASE": "postgres://ada:hunter2@/arborist?host=/nonexistent"]
    for words in [["runs"], ["log", run]] {
      let result = try Arborist.run(words, in: setting.bare.path, adding: address)
      expectFailure(result, 4, "postgresql://ada@/arborist")
      #expect(!result.errorText.contains("hunter2"))
    }
    let path = ["ARBORIST_DATABASE": setting.state + "/journal.sqlite"]
    #expect(try Arborist.run(["log", run, "--verify"], adding: path).status == 0)
  }

  @Test(.enabled(if: hasSQLite, "needs sqlite3"))
  func aChangedJournalIsFoundOut() throws {
    let setting = try Setting()
    try setting.push("feature")
    #expect(try setting.worker().status == 0)
    let run = try #require(try setting.runs().first?["run"] as? String)
    func verify() throws -> Int32 { try Arborist.run("log", run, "--verify", "--repo", setting.bare.path).status }
    #expect(try verify() == 0)
    let journal = setting.state + "/journal.sqlite"
    let tables = try Command.run(["sqlite3", journal, "SELECT name FROM sqlite_master WHERE type = 'table'"], in: "/")
      .lines
    let table = try #require(
      tables.first { $0 == "run_events" } ?? tables.first { $0.contains("event") && $0.contains("run") })
    // As somebody with the right to write the file would, who first takes away what stands in the way.
    let triggers = try Command.run(
      ["sqlite3", journal, "SELECT name FROM sqlite_master WHERE type = 'trigger'"], in: "/"
    ).lines
    let drops = triggers.map { "DROP TRIGGER \"\($0)\";" }.joined()
    let change = "UPDATE \"\(table)\" SET payload = CAST(CAST(payload AS TEXT) || ' ' AS BLOB);"
    let result = try Command.run(["sqlite3", journal, drops + change], in: "/")
    #expect(result.status == 0, "\(result.errorText)")
    #expect(try verify() == 1)
  }

  private static let hasSQLite = (try? Command.run(["sqlite3", "--version"], in: "/").status) == 0

  @Test(.enabled(if: Nobody.isPossible, "needs the right to become another user"))
  func aStateThatMayNotBeWritten() throws {
    let setting = try Setting()
    try Command.run(["chmod", "-R", "a+rX", setting.person.directory.path], in: "/")
    try setting.push("feature")
    let before = try contents(of: setting.bare.path)
    expectFailure(try Nobody.run(["worker", "--state", setting.state], in: "/"), 4, "Permission denied")
    #expect(try contents(of: setting.bare.path) == before)
    #expect(try setting.worker().status == 0, "the control")
    #expect(try setting.outcomes().count == 2)
  }

  @Test(.enabled(if: SmallDisk.isPossible, "needs the right to mount a file system"))
  func aFullDiskLosesNothing() throws {
    let home = try TemporaryDirectory()
    let disk = try SmallDisk(at: home.path + "/disk", kilobytes: 3000)
    let setting = try Setting(["--service", "--state", disk.path + "/state"])
    try setting.push("feature")
    try disk.fill()
    let unrecorded = try setting.push("feature:refs/heads/second")
    #expect(unrecorded.status == 0, "the push itself is stored elsewhere")
    #expect(unrecorded.errorText.contains("could not be recorded"))
    let references = try setting.bare.references()
    let worker = try Arborist.run("worker", "--state", disk.path + "/state")
    expectFailure(worker, 4, "full")
    #expect(try setting.bare.references() == references)
    disk.empty()
    #expect(try Arborist.run("worker", "--state", disk.path + "/state").status == 0)
    #expect(try setting.outcomes() == ["resolve feature resolved", "review feature clean"])
  }

  // MARK: - Death

  @Test(arguments: 0..<12)
  func aWorkerThatIsKilledLosesNothing(step: Int) throws {
    let setting = try Setting()
    for number in 0..<3 { try setting.person.git("branch", "b\(number)", "feature") }
    try setting.push("b0", "b1", "b2")
    // The shell counts before it kills. What is expected holds wherever that finds the worker, also before its start.
    let line = """
      "$arborist" worker --state "$state" & pid=$!
      i=0; while [ $i -lt $turns ]; do i=$((i + 1)); done
      kill -9 $pid; wait $pid
      """
    _ = try Arborist.shell(line, adding: ["state": setting.state, "turns": String(step * step * 3000)])
    #expect(try setting.bare.attempt(["fsck", "--strict"]).status == 0)
    let worker = try setting.worker()
    #expect(worker.status == 0, "\(worker.errorText)")
    let outcomes = try setting.outcomes()
    #expect(
      outcomes == (0..<3).map { "resolve b\($0) resolved" } + (0..<3).map { "review b\($0) clean" },
      "\(outcomes)\n\(worker.errorText)")
    for number in 0..<3 {
      #expect(
        try setting.bare.git("rev-parse", setting.side(of: "b\(number)") + "^1") == setting.person.id("feature").hex)
      #expect(try setting.bare.id("b\(number)") == setting.person.id("feature"))
    }
    try setting.expectSound()
  }
}
