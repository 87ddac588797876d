import Installation
import TestSupport
import Testing

/// States in which `arborist init` may find a repository.
enum StartingState: String, CaseIterable, Sendable {
  case samples, noHooksDirectory, emptyHooksDirectory, hook, hookNotExecutable, absoluteLink, relativeLink
  case danglingLink, hookWithNeighbour, ownHooksPath, mergeDefault, unfinishedConfiguration, driverOfTheSameName
  case shared

  func prepare(_ repository: TestRepository) throws {
    let hooks = repository.gitDirectory + "/hooks"
    let names = repository.isBare ? ["post-receive", "pre-receive"] : ["pre-commit", "pre-push"]
    let script = "#!/bin/sh\nexit 0\n".utf8
    func run(_ words: String...) throws { _ = try Command.run(words, in: repository.gitDirectory) }
    switch self {
    case .samples: break
    case .noHooksDirectory: try run("rm", "-rf", hooks)
    case .emptyHooksDirectory: try run("sh", "-c", "rm -f hooks/*")
    case .hook: for name in names { try Files.write(script, to: "\(hooks)/\(name)", mode: 0o751) }
    case .hookNotExecutable: for name in names { try Files.write(script, to: "\(hooks)/\(name)", mode: 0o644) }
    case .absoluteLink: for name in names { try run("ln", "-s", "/bin/true", "\(hooks)/\(name)") }
    case .relativeLink:
      try Files.write(script, to: repository.gitDirectory + "/scripts/all", mode: 0o755)
      for name in names { try run("ln", "-s", "../scripts/all", "\(hooks)/\(name)") }
    case .danglingLink: for name in names { try run("ln", "-s", "nowhere", "\(hooks)/\(name)") }
    case .hookWithNeighbour:
      try Files.write(script, to: "\(hooks)/functions", mode: 0o644)
      for name in names { try Files.write(script, to: "\(hooks)/\(name)", mode: 0o755) }
    case .ownHooksPath:
      try repository.git("config", "core.hooksPath", repository.gitDirectory + "/mine")
      for name in names { try Files.write(script, to: "\(repository.gitDirectory)/mine/\(name)", mode: 0o755) }
    case .mergeDefault: try repository.git("config", "merge.default", "union")
    case .unfinishedConfiguration:
      try Files.write(
        Files.read(repository.gitDirectory + "/config") + "[user]\n\tname = Ada".utf8,
        to: repository.gitDirectory + "/config")
    case .driverOfTheSameName: try repository.git("config", "merge.arborist.driver", "false")
    case .shared: try repository.git("config", "core.sharedRepository", "group")
    }
  }
}

@Suite struct RoundTripTests {
  @Test(arguments: StartingState.allCases, [true, false])
  func removingPutsBackEveryByte(state: StartingState, isBare: Bool) throws {
    let repository = try TestRepository(bare: isBare)
    let programs = try FakePrograms(in: repository.directory.path + "/bin")
    try state.prepare(repository)
    let before = try repository.snapshot()

    try repository.install(programs.options(preReceive: true))
    #expect(try repository.snapshot() != before, "the control: init does something")
    try repository.uninstall()

    #expect(try repository.snapshot() == before)
  }

  @Test(arguments: StartingState.allCases, [true, false])
  func theSecondTimeTouchesNothing(state: StartingState, isBare: Bool) throws {
    let repository = try TestRepository(bare: isBare)
    let programs = try FakePrograms(in: repository.directory.path + "/bin")
    try state.prepare(repository)
    try repository.install(programs.options(preReceive: true))
    let once = try repository.strictSnapshot()

    let plan = try Installer.plan(repository.facts(), programs.options(preReceive: true))
    #expect(plan.steps == [])
    try plan.apply()

    #expect(try repository.strictSnapshot() == once)
  }

  @Test(arguments: [true, false])
  func removingTwiceOrWithoutInitDoesNothing(isBare: Bool) throws {
    let repository = try TestRepository(bare: isBare)
    let programs = try FakePrograms(in: repository.directory.path + "/bin")
    #expect(try Installer.planRemoval(repository.facts()).steps == [])

    try repository.install(programs.options())
    #expect(try Installer.planRemoval(repository.facts()).steps != [])
    try repository.uninstall()
    #expect(try Installer.planRemoval(repository.facts()).steps == [])
  }

  @Test func anOlderHookOfOursIsRewrittenAndNotKept() throws {
    let repository = try TestRepository(bare: true)
    let programs = try FakePrograms(in: repository.directory.path + "/bin")
    let older = "#!/bin/sh\n# arborist init wrote this hook (version 0).\nexit 9\n"
    try Files.write(older.utf8, to: repository.hook("post-receive"), mode: 0o755)

    try repository.install(programs.options())

    #expect(try Files.read(repository.hook("post-receive")) != Array(older.utf8))
    #expect(!Files.exists(repository.gitDirectory + "/hooks.arborist-kept"))
  }

  @Test func aHookThatCameAfterOursIsNotLostAndNotTakenForOurs() throws {
    let repository = try TestRepository(bare: true)
    let programs = try FakePrograms(in: repository.directory.path + "/bin")
    try Files.write("#!/bin/sh\n# first\n".utf8, to: repository.hook("post-receive"), mode: 0o755)
    try repository.install(programs.options())
    try Files.write("#!/bin/sh\n# second\n".utf8, to: repository.hook("post-receive"), mode: 0o755)

    #expect(throws: InstallationError.self) { try repository.install(programs.options()) }
    let removal = try Installer.planRemoval(repository.facts())
    #expect(removal.notes.contains { $0.contains("is not Arborist's any more") })
    try removal.apply()

    #expect(try Files.read(repository.hook("post-receive")) == Array("#!/bin/sh\n# second\n".utf8))
    let kept = repository.gitDirectory + "/hooks.arborist-kept/post-receive"
    #expect(try Files.read(kept) == Array("#!/bin/sh\n# first\n".utf8))
  }

  @Test func anInterruptedKeepGoesOn() throws {
    let repository = try TestRepository(bare: true)
    let programs = try FakePrograms(in: repository.directory.path + "/bin")
    try Files.write("#!/bin/sh\nexit 0\n".utf8, to: repository.hook("post-receive"), mode: 0o755)
    let before = try repository.snapshot()
    let plan = try Installer.plan(repository.facts(), programs.options())
    for count in 0..<plan.steps.count {
      var part = plan
      part.steps = Array(plan.steps.prefix(count))
      let copy = try TestRepository(bare: true)
      try Files.write("#!/bin/sh\nexit 0\n".utf8, to: copy.hook("post-receive"), mode: 0o755)
      let first = try Installer.plan(copy.facts(), programs.options())
      part.steps = Array(first.steps.prefix(count))
      try part.apply()
      try copy.install(programs.options())
      #expect(try Installer.plan(copy.facts(), programs.options()).steps == [])
      try copy.uninstall()
      #expect(!Files.exists(copy.gitDirectory + "/hooks.arborist-kept"))
      #expect(try Files.read(copy.hook("post-receive")) == Array("#!/bin/sh\nexit 0\n".utf8))
    }
    #expect(try repository.snapshot() == before, "a plan alone changes nothing")
  }

  @Test func aStateDirectoryWithSomethingInItStays() throws {
    let repository = try TestRepository(bare: true)
    let programs = try FakePrograms(in: repository.directory.path + "/bin")
    try repository.install(programs.options())
    try Files.write("x".utf8, to: repository.gitDirectory + "/arborist/journal.sqlite")

    let removal = try Installer.planRemoval(repository.facts())
    #expect(removal.notes.contains { $0.contains("is left: it is not empty") })
    try removal.apply()

    #expect(Files.exists(repository.gitDirectory + "/arborist/journal.sqlite"))
    #expect(!Files.exists(repository.hook("post-receive")))
  }

  @Test func configurationOfOthersInTheBlockStays() throws {
    let repository = try TestRepository()
    let programs = try FakePrograms(in: repository.directory.path + "/bin")
    try repository.install(programs.options())
    try repository.git("config", "merge.ff", "only")
    try repository.git("config", "user.name", "Eve")

    try repository.uninstall()

    #expect(try repository.git("config", "merge.ff") == "only")
    #expect(try repository.git("config", "user.name") == "Eve")
    #expect(try repository.attempt(["config", "merge.default"]).status == 1)
    #expect(try repository.attempt(["config", "merge.arborist.driver"]).status == 1)
  }
}
