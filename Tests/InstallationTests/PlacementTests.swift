import Base
import Installation
import TestSupport
import Testing
import Work

/// Where things go, who may use them, and when `arborist init` refuses.
@Suite struct PlacementTests {
  @Test func aPrivateRepositoryGetsAPrivateState() throws {
    let repository = try TestRepository(bare: true)
    let programs = try FakePrograms(in: repository.directory.path + "/bin")
    try repository.install(programs.options())
    #expect(try mode(repository.gitDirectory + "/arborist/spool/new") == "700")
    #expect(try mode(repository.gitDirectory + "/arborist/worker.lock") == "600")
  }

  @Test(arguments: ["group", "true", "all", "0660", "0664"])
  func aSharedRepositoryGetsASharedState(value: String) throws {
    let repository = try TestRepository(bare: true)
    let programs = try FakePrograms(in: repository.directory.path + "/bin")
    try repository.git("config", "core.sharedRepository", value)
    try repository.install(programs.options())
    for name in ["", "/spool", "/spool/new", "/spool/tmp", "/work"] {
      #expect(try mode(repository.gitDirectory + "/arborist" + name) == "2770")
    }
    for name in ["installed", "worker.lock", "worker.log"] {
      #expect(try mode(repository.gitDirectory + "/arborist/" + name) == "660")
    }
  }

  @Test(arguments: ["umask", "false", "0600", "0640", "nonsense"])
  func otherValuesShareNothing(value: String) throws {
    let repository = try TestRepository(bare: true)
    let programs = try FakePrograms(in: repository.directory.path + "/bin")
    var facts = try repository.facts()
    facts.sharedRepository = Array(value.utf8)
    try Installer.plan(facts, programs.options()).apply()
    #expect(try mode(repository.gitDirectory + "/arborist") == "700")
  }

  @Test func aRepositoryThatItsGroupMayWriteIsShared() throws {
    let repository = try TestRepository(bare: true)
    let programs = try FakePrograms(in: repository.directory.path + "/bin")
    _ = try Command.run(["chmod", "2775", repository.gitDirectory], in: "/")
    try repository.install(programs.options())
    #expect(try mode(repository.gitDirectory + "/arborist/spool/tmp") == "2770")
  }

  @Test func aRepositoryThatBecomesSharedSharesItsState() throws {
    let repository = try TestRepository(bare: true)
    let programs = try FakePrograms(in: repository.directory.path + "/bin")
    try repository.install(programs.options())
    try repository.git("config", "core.sharedRepository", "group")
    try repository.install(programs.options())
    #expect(try mode(repository.gitDirectory + "/arborist/spool/new") == "2770")
  }

  @Test func theRecordSaysWhatWasInstalled() throws {
    let repository = try TestRepository(bare: true)
    let programs = try FakePrograms(in: repository.directory.path + "/bin")
    let state = try #require(StateDirectory(Array((repository.directory.path + "/state\nhere").utf8)))
    try repository.install(programs.options(state: state, isService: true))

    let record = try #require(try InstallationRecord.of(gitDirectory: Array(repository.gitDirectory.utf8)))
    #expect(record.state == state)
    #expect(record.repository == Array(repository.gitDirectory.utf8))
    #expect(record.defaultBranch == (try RefName("refs/heads/main")))
    #expect(record.bot == BotIdentity(name: "Arborist", email: "arborist@example.com"))
    #expect(record.isService)
    #expect(try InstallationRecord.of(state: state) == record)

    try repository.uninstall()
    #expect(!Files.exists(repository.directory.path + "/state\nhere"))
    #expect(!Files.exists(repository.gitDirectory + "/arborist"))
  }

  @Test func aStateDirectoryOfAnotherRepositoryIsRefused() throws {
    let directory = try TemporaryDirectory()
    let first = try TestRepository(bare: true, named: "first", in: directory)
    let second = try TestRepository(bare: true, named: "second", in: directory)
    let programs = try FakePrograms(in: directory.path + "/bin")
    let state = try #require(StateDirectory(Array((directory.path + "/state").utf8)))
    try first.install(programs.options(state: state))
    #expect(
      throws: InstallationError.stateTaken(state: state.path, by: Array(first.gitDirectory.utf8))
    ) { try second.install(programs.options(state: state)) }
    try first.install(programs.options(state: state))
  }

  @Test func aRepositoryThatMovedIsInstalledAgain() throws {
    let directory = try TemporaryDirectory()
    let old = try TestRepository(bare: true, named: "old", in: directory)
    let programs = try FakePrograms(in: directory.path + "/bin")
    try old.install(programs.options())
    _ = try Command.run(["mv", "old", "new"], in: directory.path)
    let new = TestRepository(existing: directory.path + "/new", bare: true, in: directory)
    let moved = try #require(StateDirectory(inGitDirectory: Array(new.gitDirectory.utf8)))
    try new.install(programs.options())
    let record = try #require(try InstallationRecord.of(gitDirectory: Array(new.gitDirectory.utf8)))
    #expect(record.state == moved)
  }

  @Test func hooksOutsideOfTheRepositoryAreNotTouched() throws {
    let repository = try TestRepository()
    let programs = try FakePrograms(in: repository.directory.path + "/bin")
    try Files.write("#!/bin/sh\n".utf8, to: repository.path + "/.husky/pre-commit", mode: 0o755)
    try repository.git("config", "core.hooksPath", ".husky")
    let before = try repository.strictSnapshot()
    let error = #expect(throws: InstallationError.self) { try repository.install(programs.options()) }
    #expect(error?.description.contains("'\(programs.arborist)' hook pre-commit \"$@\"") ?? false)
    #expect(error?.description.contains("\n") == false)
    #expect(try repository.strictSnapshot() == before)
  }

  @Test func aHooksDirectoryThatIsALinkElsewhereIsNotTouched() throws {
    let repository = try TestRepository(bare: true)
    let programs = try FakePrograms(in: repository.directory.path + "/bin")
    _ = try Command.run(
      ["sh", "-c", "mv repo/hooks common && ln -s ../common repo/hooks"], in: repository.directory.path)
    #expect(throws: InstallationError.self) { try repository.install(programs.options()) }
    #expect(!Files.exists(repository.directory.path + "/common/post-receive"))
  }

  @Test func aConfigurationThatGitHasLockedIsLeftAlone() throws {
    let repository = try TestRepository()
    let programs = try FakePrograms(in: repository.directory.path + "/bin")
    let lock = repository.gitDirectory + "/config.lock"
    try Files.write("".utf8, to: lock)
    #expect(throws: InstallationError.configurationLocked(lock: Array(lock.utf8))) {
      try repository.install(programs.options())
    }
    #expect(Files.exists(lock))
    Files.remove(lock)
    try repository.install(programs.options())
    #expect(!Files.exists(lock))
  }

  @Test func aConfigurationThatChangedMeanwhileIsLeftAlone() throws {
    let repository = try TestRepository()
    let programs = try FakePrograms(in: repository.directory.path + "/bin")
    let plan = try Installer.plan(repository.facts(), programs.options())
    try repository.git("config", "user.name", "Eve")
    #expect(throws: InstallationError.self) { try plan.apply() }
    #expect(try repository.git("config", "user.name") == "Eve")
    #expect(!Files.exists(repository.gitDirectory + "/config.lock"))
  }

  @Test func somethingInTheWayIsNamed() throws {
    let repository = try TestRepository(bare: true)
    let programs = try FakePrograms(in: repository.directory.path + "/bin")
    Files.makeDirectory(repository.hook("post-receive"))
    #expect(throws: InstallationError.inTheWay(path: Array(repository.hook("post-receive").utf8))) {
      try repository.install(programs.options())
    }
  }

  @Test func aBrokenRecordIsNamed() throws {
    let repository = try TestRepository(bare: true)
    let programs = try FakePrograms(in: repository.directory.path + "/bin")
    try repository.install(programs.options())
    try Files.write("arborist-installation 1\nstate /x\n".utf8, to: repository.gitDirectory + "/arborist/installed")
    #expect(throws: InstallationError.self) { try repository.install(programs.options()) }
  }

  private func mode(_ path: String) throws -> String {
    try Command.run(["stat", "-c", "%a", path], in: "/").text
  }
}
