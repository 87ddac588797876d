import Base
import Git
import Glibc
import Sandbox
import TestSupport
import Testing
import Workspace

/// The history of a repository as git sees it in a cell.
struct HistoryTests {
  private static func git(_ words: String...) throws {
    let result = try Command.run(["git"] + words, in: "/")
    #expect(result.status == 0, "\(words): \(String(decoding: result.errors, as: UTF8.self))")
  }

  /// A repository with so many commits in a directory that only its owner may enter.
  private func repository(_ host: CellHost, commits: Int) throws -> String {
    let home = host.directory.path + "/home"
    let path = home + "/first"
    try Files.write("0\n".utf8, to: path + "/file")
    chmod(home, 0o700)
    try Self.git("-C", path, "init", "-q", "-b", "main")
    for number in 1...commits { try commit("\(number)", in: path) }
    return path
  }

  private func commit(_ subject: String, in path: String) throws {
    try Files.write("\(subject)\n".utf8, to: path + "/file")
    try Self.git("-C", path, "add", ".")
    try Self.git("-C", path, "commit", "-q", "-m", subject)
  }

  /// A cell around what is checked out, with its history.
  private func cell(_ host: CellHost, around path: String) async throws -> ConfinedCell {
    let source = try await RepositoryActor.open { () throws(GitError) in try Repository.discover(at: path) }
    let own = await source.perform { Array($0.objectsDirectory.utf8) }
    var readOnly: [CellPolicy.ReadOnlyPath] = []
    var targets: [String] = []
    for (number, entry) in try ObjectDirectories(from: own).entries.enumerated() {
      #expect(try await host.spawner.readAccess(to: entry.path) == .readable)
      targets.append("/objects-\(number)")
      let target = try #require(CellPath("/objects-\(number)".utf8))
      readOnly.append(CellPolicy.ReadOnlyPath(source: entry.path, target: target))
      if entry.namesOthers {
        readOnly.append(.emptyFile(at: try #require(CellPath("/objects-\(number)/info/alternates".utf8))))
      }
    }
    let directory = host.directory.path + "/work"
    let shown = targets
    _ = try await source.perform { repository in
      guard case .branch(let branch, let tip) = try repository.head() else { throw WrongPath() }
      return try Checkout(
        of: tip, in: repository, at: directory, history: Checkout.History(objects: shown, branch: branch))
    }
    let paths = readOnly
    return try await host.makeCell {
      $0.checkout = Array(directory.utf8)
      $0.readOnly = paths
    }
  }

  /// That git has these commits and finds nothing wrong.
  private func expect(_ cell: ConfinedCell, has subjects: String) async throws {
    #expect(try await cell.shell("git log --format=%s 2>&1").output == subjects)
    #expect(try await cell.shell("git status --porcelain 2>&1").output == "")
    let checked = try await cell.shell("git fsck --connectivity-only 2>&1")
    #expect(checked.ending == .exited(0) && !checked.output.contains("error"), "\(checked)")
    let commit = try await cell.shell(
      "echo more >> file; git -c user.name=a -c user.email=a@b commit -q -a -m new 2>&1 && git log --format=%s -1")
    #expect(commit.output == "new\n")
  }

  @Test func isReadInAHomeThatNobodyElseMayEnter() async throws {
    let host = try await CellHost()
    let cell = try await cell(host, around: try repository(host, commits: 3))
    try await expect(cell, has: "3\n2\n1\n")
    await cell.stop()
  }

  @Test func isReadWhereObjectsAreBorrowed() async throws {
    let host = try await CellHost()
    let first = try repository(host, commits: 2)
    let home = host.directory.path + "/home"
    try Self.git("clone", "-q", "--shared", first, home + "/second")
    try commit("3", in: home + "/second")
    try Self.git("clone", "-q", "--reference", home + "/second", home + "/second", home + "/third")
    try commit("4", in: home + "/third")
    // Git writes absolute paths; relative ones are read as well.
    let alternates = home + "/third/.git/objects/info/alternates"
    try Files.write("# a comment\n../../../second/.git/objects\n/nonexistent\n".utf8, to: alternates)
    let found = try ObjectDirectories(from: Array((home + "/third/.git/objects").utf8))
    #expect(
      found.entries.map { String(decoding: $0.path, as: UTF8.self) }
        == ["third", "second", "first"].map { "\(home)/\($0)/.git/objects" })
    #expect(found.entries.map(\.namesOthers) == [true, true, false])
    let cell = try await cell(host, around: home + "/third")
    try await expect(cell, has: "4\n3\n2\n1\n")
    await cell.stop()
    // The control: without those it borrows from there is no history.
    Files.remove(alternates)
    #expect(try Command.run(["git", "-C", home + "/third", "log"], in: "/").status != 0)
  }

  @Test func roundAndRoundIsFollowedOnce() async throws {
    let host = try await CellHost()
    let first = try repository(host, commits: 1)
    let objects = first + "/.git/objects"
    try Files.write("\(objects)\n\"\(objects)/../obj\\145cts\"\n".utf8, to: objects + "/info/alternates")
    let found = try ObjectDirectories(from: Array(objects.utf8))
    #expect(found.entries.map(\.path) == [Array(objects.utf8)])
  }

  @Test func isReadWhereItWasCutOff() async throws {
    let host = try await CellHost()
    let first = try repository(host, commits: 5)
    let shallow = host.directory.path + "/home/shallow"
    try Self.git("clone", "-q", "--depth", "2", "file://" + first, shallow)
    let cell = try await cell(host, around: shallow)
    try await expect(cell, has: "5\n4\n")
    #expect(try await cell.shell("git rev-parse --is-shallow-repository").output == "true\n")
    await cell.stop()
  }
}
