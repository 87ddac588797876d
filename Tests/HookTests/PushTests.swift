import Base
import FileSystem
import Glibc
import Installation
import Spool
import TestSupport
import Testing
import Work

/// Real pushes to a bare repository with the installed hook, the built `arborist-hook`, and a worker that tells a test
/// what it was given.
@Suite struct PushTests {
  private struct Setting {
    let directory: TemporaryDirectory
    let bare: TestRepository
    let state: StateDirectory
    /// What the worker writes, once the test reads from the FIFO.
    var report: String { directory.path + "/report" }
    var fifo: String { directory.path + "/fifo" }

    init(named name: String = "bare.git", worker: String? = nil) throws {
      directory = try TemporaryDirectory()
      bare = try TestRepository(bare: true, named: name, in: directory)
      guard let state = StateDirectory(inGitDirectory: Array(bare.gitDirectory.utf8)) else {
        throw FileFailure(action: "name", path: bare.gitDirectory)
      }
      self.state = state
      let arborist = directory.path + "/arborist"
      try Files.write((worker ?? "#!/bin/sh\n").utf8, to: arborist, mode: 0o755)
      _ = try Command.run(["mkfifo", directory.path + "/fifo"], in: "/")
      try Installer.plan(
        InstallationFacts(gitDirectory: Array(bare.gitDirectory.utf8), isBare: true),
        InstallationOptions(
          arborist: Array(arborist.utf8), arboristHook: Array(hookProgram().utf8), version: "0.1.0",
          bot: BotIdentity(name: "Arborist", email: "a@example.com"))
      ).apply()
    }

    func person(_ name: String) throws -> TestRepository {
      let person = try TestRepository(named: name, in: directory)
      try person.commit("main", .write("file", "text of \(name)\n"))
      return person
    }

    func deliveries() throws -> [Delivery] {
      let reader = SpoolReader(state)
      return try reader.names().compactMap {
        if case .delivery(let delivery) = try reader.read($0) { delivery } else { nil }
      }
    }
  }

  @Test(arguments: ["bare.git", "a b's \"c\"", "two\nlines", "é$x`y`"])
  func aPushIsRecordedWhereverTheRepositoryIs(name: String) throws {
    let setting = try Setting(named: name)
    let person = try setting.person("person")
    let id = try person.id("main")

    let created = try person.attempt(["push", setting.bare.path, "main:refs/heads/feature"])
    #expect(created.status == 0)
    #expect(String(decoding: created.errors, as: UTF8.self).contains("remote: arborist: 1 reference update recorded"))
    let deleted = try person.attempt(["push", setting.bare.path, ":refs/heads/feature"])
    #expect(deleted.status == 0)

    let feature = try RefName("refs/heads/feature")
    let deliveries = try setting.deliveries()
    #expect(deliveries.map(\.repository) == [Array(setting.bare.path.utf8), Array(setting.bare.path.utf8)])
    #expect(
      deliveries.map(\.updates) == [
        [RefUpdate(ref: feature, old: .zero, new: id)], [RefUpdate(ref: feature, old: id, new: .zero)],
      ])
  }

  @Test func pushesAtOnceAreAllRecorded() throws {
    let setting = try Setting()
    let people = try (0..<6).map { try setting.person("person\($0)") }
    let processes = try people.enumerated().map { index, person in
      try Command.start(["git", "push", "-q", setting.bare.path, "main:refs/heads/b\(index)"], in: person.path)
    }
    #expect(processes.map { Command.wait(for: $0) } == [0, 0, 0, 0, 0, 0])
    let branches = try setting.deliveries().flatMap { $0.updates.map(\.ref.display) }
    #expect(branches.sorted() == (0..<6).map { "refs/heads/b\($0)" })
  }

  @Test func aPushSucceedsThoughItCannotBeRecorded() throws {
    let setting = try Setting()
    let person = try setting.person("person")
    _ = try Command.run(["rm", "-r", setting.bare.path + "/arborist/spool"], in: "/")
    let result = try person.attempt(["push", setting.bare.path, "main:feature"])
    #expect(result.status == 0)
    #expect(String(decoding: result.errors, as: UTF8.self).contains("remote: arborist: the push is stored, but"))
    #expect(try setting.bare.id("refs/heads/feature") == person.id("main"))
  }

  /// Writes what a process can know of its own place, and then waits until the test reads the FIFO.
  private static let worker = """
    #!/bin/sh
    here=${0%/*}
    printf '%s\\n' "$@" > "$here/report.words"
    cut -d' ' -f1,6 < /proc/$$/stat > "$here/report.session"
    find /proc/$$/fd -lname 'pipe:*' > "$here/report.pipes"
    find /proc/$$/fd -lname 'socket:*' >> "$here/report.pipes"
    tr '\\0' '\\n' < /proc/$$/environ > "$here/report.environment"
    readlink /proc/$$/cwd > "$here/report.directory"
    readlink /proc/$$/fd/0 /proc/$$/fd/1 /proc/$$/fd/2
    echo done > "$here/fifo"

    """

  @Test func theWorkerIsDetached() throws {
    let setting = try Setting(worker: Self.worker)
    let person = try setting.person("person")
    // The pipe ends only when nobody holds it, and the worker goes on until the FIFO is read. So 'cat' would wait.
    let command = "git push '\(setting.bare.path)' main:feature 2>&1 9>&1 | cat"
    let push = try Command.run(["timeout", "60", "sh", "-c", command], in: person.path, adding: ["OTHER": "kept"])
    #expect(push.status == 0)
    #expect(push.text.contains("remote: arborist: 1 reference update recorded"))
    #expect(try Command.run(["timeout", "60", "cat", setting.fifo], in: "/").text == "done")

    func report(_ part: String) throws -> [String] {
      String(decoding: try Files.read("\(setting.report).\(part)"), as: UTF8.self).split(separator: "\n").map(
        String.init)
    }
    let state = String(decoding: setting.state.path, as: UTF8.self)
    #expect(try report("words") == ["worker", "--state", state])
    let session = try #require(try report("session").first).split(separator: " ")
    #expect(session.first == session.last, "it leads a session of its own")
    #expect(try report("pipes") == [])
    #expect(try report("directory") == ["/"])
    let environment = try report("environment")
    #expect(environment.contains("OTHER=kept"))
    #expect(!environment.contains { $0.hasPrefix("GIT_") })
    let log = String(decoding: try Files.read(state + "/worker.log"), as: UTF8.self)
    #expect(log == "/dev/null\n\(state)/worker.log\n\(state)/worker.log\n", "its three files, written to the log")
  }
}
