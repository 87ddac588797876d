import FileSystem
import Memory
import Merging
import TestSupport
import Testing
import Work

/// `arborist-hook merge-file` in a repository that remembers resolutions.
@Suite struct MergeFileMemoryTests {
  let repository: TestRepository

  init() throws {
    repository = try TestRepository()
    for (name, content) in [("base", "one\n"), ("ours", "two\n"), ("theirs", "three\n")] {
      try Files.write("head\n\(content)tail\n".utf8, to: repository.path + "/" + name)
    }
  }

  private func remember(in gitDirectory: String) throws {
    var memory = ResolutionMemory()
    let span = LineSpan(start: 1, count: 1)
    memory.learn(
      Conflict(
        base: Array("one\n".utf8), ours: Array("three\n".utf8), theirs: Array("two\n".utf8),
        position: .init(base: span, ours: span, theirs: span)),
      settledAs: Array("two\nthree\n".utf8),
      at: .init(merge: Array(repeating: 0xAB, count: 20), time: 0, path: Array("a".utf8)))
    Files.makeDirectory(gitDirectory + "/arborist")
    try Files.write(ResolutionFile.encoded(memory), to: gitDirectory + "/arborist/resolutions")
  }

  private func merge(
    _ words: [String] = [], in directory: String? = nil, adding environment: [String: String] = [:]
  ) throws -> CommandResult {
    let files = ["ours", "base", "theirs"].map { repository.path + "/" + $0 }
    return try Command.run(
      [hookProgram(), "merge-file", "-p"] + words + files, in: directory ?? repository.path, adding: environment)
  }

  private var isAuto: Bool { Remembered.record.tier == .auto }

  @Test("settles what people settled, where its record allows it")
  func settles() throws {
    #expect(try merge().status == 1, "the control: nothing is remembered yet")
    try remember(in: repository.gitDirectory)
    let result = try merge()
    #expect(result.status == (isAuto ? 0 : 1))
    if isAuto { #expect(result.text == "head\ntwo\nthree\ntail") }
    #expect(try merge(["--textual"]).status == 1)
    #expect(try merge(in: "/").status == 1, "another directory is another repository, or none")
    #expect(try merge(in: "/", adding: ["GIT_DIR": repository.gitDirectory]).status == (isAuto ? 0 : 1))
  }

  @Test(
    "a memory that is damaged keeps nothing from merging",
    arguments: ["", "nonsense", "ARBRES\n\u{1}", "ARBRES\n\u{2}" + String(repeating: "x", count: 99)])
  func damaged(_ content: String) throws {
    Files.makeDirectory(repository.gitDirectory + "/arborist")
    try Files.write(content.utf8, to: repository.gitDirectory + "/arborist/resolutions")
    let result = try merge()
    #expect(result.status == 1)
    #expect(String(decoding: result.errors, as: UTF8.self).contains("is not used"))
    #expect(result.text.contains("<<<<<<<"))
  }

  @Test("is found from a directory below, from a linked work tree, and where `init` put the state")
  func places() throws {
    Files.makeDirectory(repository.path + "/a")
    let expected = repository.gitDirectory + "/arborist"
    func place(_ directory: String) -> String? {
      MemoryPlace.above(Array(directory.utf8)).map { String(decoding: $0.path, as: UTF8.self) }
    }
    #expect(place(repository.path) == expected)
    #expect(place(repository.path + "/a") == expected)
    #expect(place(repository.gitDirectory) == expected)
    try repository.commit("main", .write("x", "1\n"))
    try repository.git("worktree", "add", "--quiet", "-b", "other", "../linked", "main")
    let linked = repository.directory.path + "/linked"
    let real = try File.realPath(Array(repository.gitDirectory.utf8)).map { String(decoding: $0, as: UTF8.self) }
    #expect(place(linked) == real.map { $0 + "/arborist" })
    Files.makeDirectory(expected)
    try Files.write("arborist-installation 1\nstate /srv/state\nend\n".utf8, to: expected + "/installed")
    #expect(place(repository.path) == "/srv/state")
    #expect(place(repository.directory.path) == nil)
  }
}
