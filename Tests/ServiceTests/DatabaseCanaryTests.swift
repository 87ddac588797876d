import Base
import FileSystem
import Foundation
import ScriptedModel
import TestForge
import TestSupport
import Testing

/// Secrets that are looked for on PostgreSQL, in logs that tell most, and in what a command of a repository sees.
@Suite(
  .enabled(if: ServiceScene.isPossible, "nginx-light and fcgiwrap are not installed"),
  .enabled(if: PostgresCluster.isPossible, "needs PostgreSQL"))
struct DatabaseCanaryTests {
  /// A test that tells all that it can find, and that it has looked.
  private static func check(_ directory: String) -> String {
    FixCycleTests.check.replacing(
      "self.assertEqual(add(1, 2), 3)",
      with: """
        import os
                seen = [repr(dict(os.environ))]
                names = ["server.yml", "hook", "admin", "key.pem", "database"]
                names = ["\(directory)/" + name for name in names]
                for name in os.listdir("/proc"):
                    names += [f"/proc/{name}/environ", f"/proc/{name}/cmdline"] if name.isdigit() else []
                for name in names:
                    try:
                        seen.append(open(name, "rb").read().decode("latin-1"))
                    except OSError:
                        seen.append("no " + name)
                self.assertEqual(add(1, 2), 3, "; ".join(["looked-" + "around"] + seen + ["ends-" + "looking"]))
        """)
  }

  @Test func noSecretIsInPostgreSQLOrInLogsThatTellMost() async throws {
    let (password, key) = ("pw-\(CanaryTests.random())", "sk-proj-canary-\(CanaryTests.random())")
    let planted = "planted-\(CanaryTests.random())"
    let database = try SharedDatabaseTests.database(password: password)
    var setting = try FixCycleTests.setting(FixCycleTests.repair(), key: key)
    setting.configuration = setting.configuration.replacing("opened: [review]", with: "opened: [review, resolve]")
    setting.database = database
    setting.environment["ARBORIST_LOG_LEVEL"] = "debug"
    try await ServiceScene.play(.github, setting) { scene in
      let pem = String(decoding: try Files.read(scene.directory.path + "/key.pem"), as: UTF8.self)
      let lines = pem.split(separator: "\n").map(String.init)
      var held = [
        "the hooks' secret": "a-secret-of-the-hooks", "the page's token": "a-token-of-the-page",
        "the App's key": lines[lines.count / 2], "the database's password": password, "the model's key": key,
      ]
      try scene.git.commit(
        "topic", parents: [scene.tip("main")], message: "Break it",
        changes: [.write("calc.py", FixCycleTests.bad), .write("test_calc.py", Self.check(scene.directory.path))])
      let number = try await scene.forge.openPullRequest(
        in: ServiceScene.path, from: "topic", by: "ada"
      ).number
      let head = try scene.tip("topic")
      _ = try await scene.comment(number, "/arborist ask what is \(planted)?")
      try await scene.settled()
      // Looked at while a child of the broker pushes, with a token in its hands and a workspace on the disk.
      scene.forge.add(Fault(.held(done: false), method: "GIT", path: "git-receive-pack"))
      try await scene.fail(at: head)
      try await scene.isHeld()
      for (index, token) in scene.forge.tokens.enumerated() { held["token \(index)"] = token }
      #expect(held.count > 6)
      var others = held
      others["the model's key"] = nil
      // Whoever asks the model was given its key by a variable; nobody has it in an argument.
      #expect(scene.processes.count >= 4)
      #expect(scene.read("cmdline", of: held) == [] && scene.read("environ", of: others) == [])
      #expect(scene.read("cmdline", of: ["the configuration": "server.yml"]) != [])
      #expect(scene.files { $0.hasSuffix(".git/config") || $0.hasSuffix("/config") }.count >= 2)
      try scene.expectNoFile(holds: held)
      scene.forge.removeFaults()
      scene.forge.release()
      try await scene.settled()
      #expect(try await scene.check("fix", at: head) == .success)
      #expect(try scene.tip("topic") != head)

      for (index, token) in scene.forge.tokens.enumerated() { held["token \(index)"] = token }
      for comment in try await scene.own(number) {
        #expect(CanaryTests.found(held, in: Array(comment.body.utf8)) == [])
      }
      for check in try await scene.forge.checks(at: head.hex) {
        #expect(CanaryTests.found(held, in: Array("\(check)".utf8)) == [])
      }
      let log = try scene.git.git("log", "--all", "--committer=Arborist", "--format=%B", "-p")
      #expect(CanaryTests.found(held, in: Array(log.utf8)) == [])
      // What the model was told is what the commands of the repository have printed; its key is in a header.
      let told = try #require(scene.setting.model).requests.flatMap(\.body)
      #expect(CanaryTests.found(held, in: told) == [])
      #expect(try await scene.stop() == 0)
      try scene.expectNoFile(holds: held)
      #expect(scene.logLines(with: "\"level\":\"debug\"") > 0)

      let tables = try Self.dump(database)
      #expect(CanaryTests.found(held, in: tables) == [])
      // The controls: what somebody has asked is there, and what the tests have printed.
      let seen = ["planted": planted, "looked": "looked-around", "to the end": "ends-looking"]
      #expect(CanaryTests.found(["planted": planted], in: tables) == ["planted"])
      let evidence = tables + scene.files { _ in true }.flatMap { (try? Files.read($0)) ?? [] } + told
      #expect(CanaryTests.found(seen, in: evidence).count == seen.count)
    }
  }

  /// All that the journal's tables hold, as bytes.
  private static func dump(_ address: String) throws -> [UInt8] {
    let names = try PostgresCluster.sql(
      "SELECT tablename FROM pg_tables WHERE schemaname = 'arborist'", at: address
    ).split(separator: "\n")
    #expect(names.count >= 9)
    var all: [UInt8] = []
    for name in names {
      let result = try Command.run(
        ["psql", "-qX", "-d", address, "-c", "COPY arborist.\(name) TO STDOUT WITH (FORMAT binary)"], in: "/")
      #expect(result.status == 0)
      all += result.output
    }
    return all
  }
}

extension ServiceScene {
  /// Which of these others of the same user could read of the service's processes.
  fileprivate func read(_ part: String, of held: [String: String]) -> [String] {
    processes.flatMap { process in
      (try? Files.read("/proc/\(process)/\(part)")).map { CanaryTests.found(held, in: $0) } ?? []
    }
  }

  /// The files that the service has left, without those of the forge.
  fileprivate func files(_ wanted: (String) -> Bool) -> [String] {
    var found: [String] = []
    let files = FileManager.default.enumerator(atPath: directory.path)
    while let name = files?.nextObject() as? String {
      if !name.hasPrefix("repositories"), wanted(name) { found.append("\(directory.path)/\(name)") }
    }
    return found
  }

  fileprivate func expectNoFile(
    holds held: [String: String], sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let given = ["key.pem", "hook", "admin", "database"]
    var count = 0
    for path in files({ !given.contains($0) }) {
      guard let bytes = try? Files.read(path) else { continue }
      count += 1
      #expect(CanaryTests.found(held, in: bytes) == [], "\(path)", sourceLocation: sourceLocation)
    }
    #expect(count > 5, sourceLocation: sourceLocation)
  }
}
