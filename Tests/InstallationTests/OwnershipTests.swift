import Base
import FileSystem
import Glibc
import Installation
import TestSupport
import Testing
import Work

/// What `arborist init` makes as root belongs to the owner of the repository: it is that user's hook that writes there.
@Suite struct OwnershipTests {
  @Test(.enabled(if: geteuid() == 0, "needs root"), arguments: [true, false])
  func whatRootMakesBelongsToTheOwnerOfTheRepository(isBare: Bool) throws {
    let repository = try TestRepository(bare: isBare)
    let programs = try FakePrograms(in: repository.directory.path + "/bin")
    try Files.write("#!/bin/sh\nexit 0\n".utf8, to: repository.hook("post-receive"), mode: 0o755)
    _ = try Command.run(["chown", "-R", "54001:54321", repository.directory.path + "/repo"], in: "/")

    try repository.install(programs.options())

    let foreign = try Command.run(
      ["find", repository.gitDirectory, "(", "!", "-uid", "54001", "-o", "!", "-gid", "54321", ")"], in: "/")
    #expect(foreign.lines == [])
    let made = try Command.run(["find", repository.gitDirectory, "-path", "*arborist*"], in: "/")
    #expect(made.lines.count > 1, "the control: something was made")
  }
}
