import Installation
import TestSupport
import Testing

/// The merge driver as git uses it.
///
/// The program that stands in for it puts `DRIVER` into the file and says 1.
@Suite struct MergeDriverTests {
  @Test(arguments: ["bin", "b%P in", "it's", "a\"b\\c", "two\nlines", "tab\t;#"])
  func gitCallsItForFilesThatNoAttributeSpeaksOf(directory: String) throws {
    let repository = try conflicting()
    let programs = try driver(in: repository.directory.path + "/" + directory)
    try Files.write("union.txt merge=union\nours.txt -merge\n".utf8, to: repository.path + "/.gitattributes")
    try repository.install(programs.options())

    #expect(try repository.attempt(["merge", "side"]).status == 1)

    #expect(try content(repository, "plain 'file.txt") == "DRIVER\n")
    #expect(try content(repository, "union.txt") == "a\nours\ntheirs\nc\n")
    #expect(try content(repository, "ours.txt") == "a\nours\nc\n")
    #expect(try programs.arguments(of: "driver").hasPrefix("merge-file\n--path\nplain 'file.txt\n--marker-size\n7\n"))
  }

  @Test(arguments: [("diff3", "--diff3"), ("zdiff3", "--zdiff3")])
  func theConflictStyleIsPassedOn(style: String, option: String) throws {
    let repository = try conflicting()
    let programs = try driver(in: repository.directory.path + "/bin")
    try repository.git("config", "merge.conflictStyle", style)
    try repository.install(programs.options())
    _ = try repository.attempt(["merge", "side"])
    #expect(try programs.arguments(of: "driver").hasPrefix("merge-file\n\(option)\n"))
  }

  @Test func aDefaultOfTheUserStays() throws {
    let repository = try conflicting()
    let programs = try driver(in: repository.directory.path + "/bin")
    try repository.git("config", "merge.default", "union")
    let plan = try Installer.plan(repository.facts(), programs.options())
    #expect(plan.notes.count == 1)
    try plan.apply()
    #expect(try repository.git("config", "merge.default") == "union")
    #expect(try repository.attempt(["merge", "side"]).status == 0)
  }

  @Test func aDriverThatIsGoneLeavesTheMergeToGit() throws {
    let repository = try conflicting()
    let programs = try driver(in: repository.directory.path + "/bin")
    try repository.install(programs.options())
    Files.remove(programs.recorder)
    #expect(try repository.attempt(["merge", "side"]).status == 1)
    #expect(try content(repository, "plain 'file.txt").contains("<<<<<<<"))
  }

  @Test func removingGivesTheMergeBackToGit() throws {
    let repository = try conflicting()
    let programs = try driver(in: repository.directory.path + "/bin")
    try repository.install(programs.options())
    try repository.uninstall()
    #expect(try repository.attempt(["merge", "side"]).status == 1)
    #expect(try content(repository, "plain 'file.txt").contains("<<<<<<< HEAD"))
  }

  private func content(_ repository: TestRepository, _ name: String) throws -> String {
    String(decoding: try Files.read(repository.path + "/" + name), as: UTF8.self)
  }

  private func driver(in directory: String) throws -> FakePrograms {
    let programs = try FakePrograms(in: directory)
    let text = """
      #!/bin/sh
      printf '%s\\n' "$@" > "${0%/*}/driver.args"
      while [ $# -gt 3 ]; do shift; done
      echo DRIVER > "$1"
      exit 1

      """
    try Files.write(text.utf8, to: programs.recorder, mode: 0o755)
    return programs
  }

  private func conflicting() throws -> TestRepository {
    let repository = try TestRepository()
    let names = ["plain 'file.txt", "union.txt", "ours.txt"]
    try repository.commit("main", changes: names.map { .write($0, "a\nb\nc\n") })
    try repository.git("branch", "side")
    try repository.commit("main", changes: names.map { .write($0, "a\nours\nc\n") })
    try repository.commit("side", changes: names.map { .write($0, "a\ntheirs\nc\n") })
    try repository.git("reset", "-q", "--hard", "main")
    return repository
  }
}
