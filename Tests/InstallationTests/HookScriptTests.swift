import Base
import Installation
import TestSupport
import Testing

/// The installed hooks as git and `sh` run them.
@Suite struct HookScriptTests {
  static let strangeNames = ["plain", "a b", "it's", "two\nlines", "$HOME`id`\"\\", "@STATE@", "é\u{81}\u{85}ü", "%P"]

  @Test(arguments: strangeNames)
  func anyPathReachesTheRecorderAsItIs(name: String) throws {
    let directory = try TemporaryDirectory()
    let repository = try TestRepository(bare: true, named: name, in: directory)
    let programs = try FakePrograms(in: directory.path + "/bin " + name)
    try repository.install(programs.options())

    let result = try post(repository, "old new refs/heads/x\n")

    #expect(result.status == 0)
    let state = repository.gitDirectory + "/arborist"
    let words = ["post-receive", "--state", state, "--arborist", programs.arborist].joined(separator: "\n")
    #expect(try programs.arguments(of: "arborist-hook") == words + "\n")
    #expect(try programs.input(of: "arborist-hook") == Array("old new refs/heads/x\n".utf8))
  }

  @Test func theServiceFlagIsPassedOn() throws {
    let repository = try TestRepository(bare: true)
    let programs = try FakePrograms(in: repository.directory.path + "/bin")
    try repository.install(programs.options(isService: true))
    _ = try post(repository, "")
    #expect(try programs.arguments(of: "arborist-hook").hasSuffix("\n--service\n"))
    try repository.install(programs.options(isService: false))
    _ = try post(repository, "")
    #expect(try !programs.arguments(of: "arborist-hook").contains("--service"))
  }

  static let inputs: [[UInt8]] = [
    [], Array("one\n".utf8), Array("one\ntwo\n\n\n".utf8), Array("no end".utf8),
    [0x61, 0x81, 0x82, 0x85, 0x88, 0xff, 10],
    Array(repeating: UInt8(ascii: "y"), count: 300_000) + [10],
  ]

  @Test(arguments: inputs.indices)
  func aKeptHookAndOursBothGetAllOfTheInput(index: Int) throws {
    let input = Self.inputs[index]
    for hook in ["post-receive", "pre-receive"] {
      let repository = try TestRepository(bare: true)
      let programs = try FakePrograms(in: repository.directory.path + "/bin")
      let seen = repository.directory.path + "/seen"
      try Files.write("#!/bin/sh\ncat > '\(seen)'\n".utf8, to: repository.hook(hook), mode: 0o755)
      try repository.install(programs.options(preReceive: true))

      #expect(try run(repository, hook, input).status == 0)

      #expect(try Files.read(seen) == input)
      let ours = hook == "post-receive" ? "arborist-hook" : "arborist"
      #expect(try programs.input(of: ours) == input)
    }
  }

  @Test func aKeptHookThatDoesNotReadDoesNoHarm() throws {
    let repository = try TestRepository(bare: true)
    let programs = try FakePrograms(in: repository.directory.path + "/bin")
    try Files.write("#!/bin/sh\nexit 0\n".utf8, to: repository.hook("post-receive"), mode: 0o755)
    try repository.install(programs.options())
    let input = Array(repeating: UInt8(ascii: "y"), count: 300_000)
    let result = try run(repository, "post-receive", input)
    #expect(result.status == 0)
    #expect(result.errors == [])
    #expect(try programs.input(of: "arborist-hook") == input)
  }

  @Test func theStatusOfAKeptPostReceiveIsPassedOnAndTheEventRecordedAnyway() throws {
    let repository = try TestRepository(bare: true)
    let programs = try FakePrograms(in: repository.directory.path + "/bin")
    try Files.write("#!/bin/sh\nexit 7\n".utf8, to: repository.hook("post-receive"), mode: 0o755)
    try repository.install(programs.options())
    #expect(try post(repository, "x\n").status == 7)
    #expect(try programs.input(of: "arborist-hook") == Array("x\n".utf8))
  }

  @Test func ourStatusIsPassedOnBesideAKeptHook() throws {
    let repository = try TestRepository(bare: true)
    let programs = try FakePrograms(in: repository.directory.path + "/bin", status: 4)
    try Files.write("#!/bin/sh\nexit 0\n".utf8, to: repository.hook("post-receive"), mode: 0o755)
    try repository.install(programs.options())
    #expect(try post(repository, "x\n").status == 4)
  }

  @Test(arguments: [("pre-receive", true), ("pre-commit", false), ("pre-push", false)])
  func aKeptHookThatRefusesIsObeyedFirst(hook: String, isBare: Bool) throws {
    for status: Int32 in [0, 5] {
      let repository = try TestRepository(bare: isBare)
      let programs = try FakePrograms(in: repository.directory.path + "/bin", status: 3)
      try Files.write("#!/bin/sh\nexit \(status)\n".utf8, to: repository.hook(hook), mode: 0o755)
      try repository.install(programs.options(preReceive: true))
      #expect(try run(repository, hook, Array("x\n".utf8)).status == (status == 0 ? 3 : status))
      #expect(programs.wasCalled("arborist") == (status == 0))
    }
  }

  @Test func aHookThatWasNotExecutableStaysWithoutEffect() throws {
    for mode: UInt32 in [0o644, 0o755] {
      let repository = try TestRepository()
      let programs = try FakePrograms(in: repository.directory.path + "/bin")
      try Files.write("#!/bin/sh\nexit 5\n".utf8, to: repository.hook("pre-commit"), mode: mode)
      try repository.install(programs.options())
      #expect(try run(repository, "pre-commit", []).status == (mode == 0o755 ? 5 : 0))
    }
  }

  @Test func aKeptHookFindsItsNameItsNeighboursAndItsLinksTarget() throws {
    let repository = try TestRepository(bare: true)
    let programs = try FakePrograms(in: repository.directory.path + "/bin")
    let text = "#!/bin/sh\n. \"$(dirname \"$0\")/functions\"\ntell \"$(basename \"$0\")\"\n"
    try Files.write(text.utf8, to: repository.gitDirectory + "/scripts/all", mode: 0o755)
    try Files.write("tell() { echo \"I am $1\"; }\n".utf8, to: repository.hook("functions"), mode: 0o644)
    _ = try Command.run(["ln", "-s", "../scripts/all", repository.hook("post-receive")], in: "/")
    try repository.install(programs.options())
    #expect(try post(repository, "x\n").text == "I am post-receive")
  }

  @Test(arguments: [
    ("post-receive", true), ("pre-receive", true), ("pre-commit", false), ("pre-push", false),
  ])
  func aProgramThatIsGoneBlocksNothingAndIsMissed(hook: String, isBare: Bool) throws {
    for isKept in [false, true] {
      let repository = try TestRepository(bare: isBare)
      let programs = try FakePrograms(in: repository.directory.path + "/bin")
      if isKept { try Files.write("#!/bin/sh\necho kept\n".utf8, to: repository.hook(hook), mode: 0o755) }
      try repository.install(programs.options(preReceive: true))
      #expect(try run(repository, hook, Array("x\n".utf8)).errors == [], "the control: it is there")
      Files.remove(programs.recorder)
      Files.remove(programs.arborist)

      let result = try run(repository, hook, Array("x\n".utf8))

      #expect(result.status == 0)
      #expect(result.text == (isKept ? "kept" : ""))
      let errors = String(decoding: result.errors, as: UTF8.self)
      #expect(errors.contains("is gone"))
      #expect(errors.contains(isKept ? "mv " : "rm "))
      #expect(errors.split(separator: "\n").count == 1)
    }
  }

  @Test func gitRunsTheHooksOfAWorkTree() throws {
    let repository = try TestRepository()
    let programs = try FakePrograms(in: repository.directory.path + "/bin")
    try repository.install(programs.options())
    try Files.write("x".utf8, to: repository.path + "/file")
    try repository.git("add", "file")
    try repository.git("commit", "-q", "-m", "x")
    #expect(try programs.arguments(of: "arborist") == "hook\npre-commit\n")
    let remote = try TestRepository(bare: true, named: "remote", in: repository.directory)
    try repository.git("push", "-q", remote.path, "main")
    #expect(try programs.arguments(of: "arborist") == "hook\npre-push\n\(remote.path)\n\(remote.path)\n")
    let id = try repository.id("main").hex
    let zero = String(repeating: "0", count: 40)
    #expect(try programs.input(of: "arborist") == Array("refs/heads/main \(id) refs/heads/main \(zero)\n".utf8))
  }

  private func post(_ repository: TestRepository, _ input: String) throws -> CommandResult {
    try run(repository, "post-receive", Array(input.utf8))
  }

  /// Runs a hook as git does: by its path from the directory that git is in.
  private func run(_ repository: TestRepository, _ hook: String, _ input: [UInt8]) throws -> CommandResult {
    let path = repository.isBare ? "hooks/\(hook)" : ".git/hooks/\(hook)"
    return try Command.run([path], in: repository.path, input: input)
  }
}
