import FileSystem
import MergeFileCommand
import TestSupport
import Testing

/// `arborist-hook merge-file` beside `git merge-file`.
@Suite struct MergeFileTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var base: [UInt8]
    var ours: [UInt8]
    var theirs: [UInt8]
    var testDescription: String { name }

    init(_ name: String, _ base: String, _ ours: String, _ theirs: String) {
      self.init(name, Array(base.utf8), Array(ours.utf8), Array(theirs.utf8))
    }

    init(_ name: String, _ base: [UInt8], _ ours: [UInt8], _ theirs: [UInt8]) {
      (self.name, self.base, self.ours, self.theirs) = (name, base, ours, theirs)
    }
  }

  private static func lines(_ count: Int, _ change: (Int) -> String?) -> String {
    (0..<count).map { (change($0) ?? "line \($0)") + "\n" }.joined()
  }

  static let cases: [Case] = [
    Case("clean", lines(9) { _ in nil }, lines(9) { $0 == 1 ? "x" : nil }, lines(9) { $0 == 7 ? "y" : nil }),
    Case("unchanged", "a\n", "a\n", "a\n"),
    Case("conflict", "a\nb\nc\n", "a\nx\nc\n", "a\ny\nc\n"),
    Case("no line end", "a\nb", "a\nx", "a\ny"),
    Case("one line end", "a\nb\n", "a\nx", "a\ny\n"),
    Case("carriage returns", "a\r\nb\r\nc\r\n", "a\r\nx\r\nc\r\n", "a\r\ny\r\nc\r\n"),
    Case("empty base", "", "x\n", "y\n"),
    Case("emptied", "a\nb\n", "", "a\ny\n"),
    Case("not UTF-8", [0x61, 10, 0xff, 10], [0x61, 10, 0xfe, 10], [0x61, 10, 0xfd, 10]),
    Case("two", lines(40) { _ in nil }, lines(40) { $0 % 20 == 1 ? "x" : nil }, lines(40) { $0 % 20 == 1 ? "y" : nil }),
    Case(
      "more than 127", lines(4000) { _ in nil }, lines(4000) { $0 % 20 == 1 ? "x\($0)" : nil },
      lines(4000) { $0 % 20 == 1 ? "y\($0)" : nil }),
    Case("binary", [0, 1], [0, 2], [0, 3]),
    Case("binary on one side", Array("a\n".utf8), Array("b\n".utf8), [0, 3]),
  ]

  static let options: [[String]] = [
    [], ["-q"], ["--diff3"], ["--zdiff3"], ["--marker-size", "9"], ["--marker-size=3"], ["-L", "mine"],
    ["-L", "mine", "-L", "old", "-Lyours", "--diff3"], ["--ours"], ["--theirs"], ["--union"],
  ]

  /// Runs a merge of the case in a directory of its own: the result, and CURRENT afterwards.
  private func merge(_ command: [String], _ files: Case) throws -> (result: CommandResult, current: [UInt8]) {
    let directory = try TemporaryDirectory()
    for (name, content) in [("current", files.ours), ("base", files.base), ("other", files.theirs)] {
      try Files.write(content, to: "\(directory.path)/\(name)")
    }
    let result = try Command.run(command + ["current", "base", "other"], in: directory.path)
    return (result, try Files.read(directory.path + "/current"))
  }

  @Test(arguments: cases, options)
  func theTextualMergeIsThatOfGit(files: Case, options: [String]) throws {
    for place in [[], ["-p"]] {
      let git = try merge(["git", "merge-file"] + place + options, files)
      let ours = try merge([hookProgram(), "merge-file", "--textual"] + place + options, files)
      #expect(ours.result.status == git.result.status)
      #expect(ours.result.output == git.result.output)
      #expect(ours.current == git.current)
    }
  }

  @Test func aMissingFileIsOneLineAnd255() throws {
    let directory = try TemporaryDirectory()
    let result = try Command.run([hookProgram(), "merge-file", "a", "b", "c"], in: directory.path)
    #expect(result.status == 255)
    #expect(
      String(decoding: result.errors, as: UTF8.self)
        == "arborist: merge-file: cannot open 'a': No such file or directory\n")
  }

  @Test(arguments: [
    [], ["a", "b"], ["a", "b", "c", "d"], ["--what", "a", "b", "c"], ["-x", "a", "b", "c"], ["a", "b", "c", "-L"],
    ["--marker-size", "x", "a", "b", "c"], ["-p", "--format", "json", "a", "b", "c"], ["--format=yaml", "a", "b", "c"],
    ["-L1", "-L2", "-L3", "-L4", "a", "b", "c"],
  ])
  func wordsThatAreNotUnderstood(words: [String]) throws {
    let result = try Command.run([hookProgram(), "merge-file"] + words, in: "/")
    #expect(result.status == 255)
    #expect(String(decoding: result.errors, as: UTF8.self).contains("usage: merge-file"))
    #expect(String(decoding: result.errors, as: UTF8.self).split(separator: "\n").count == 1)
  }

  @Test func wordsMayBeMixedAndJoinedAsInGit() throws {
    let files = Case("conflict", "a\n", "x\n", "y\n")
    let git = try merge(["git", "merge-file", "-pq", "-Lone", "--"], files)
    let ours = try merge([hookProgram(), "merge-file", "-pqLone", "--"], files)
    #expect(ours.result.output == git.result.output)
    #expect(ours.result.status == 1)
  }

  @Test func theFileStaysTheSameFile() throws {
    let directory = try TemporaryDirectory()
    try Files.write("a\nx\n".utf8, to: directory.path + "/current", mode: 0o751)
    try Files.write("a\nb\n".utf8, to: directory.path + "/base")
    try Files.write("a\ny\n".utf8, to: directory.path + "/other")
    _ = try Command.run(["ln", "current", "second"], in: directory.path)
    let before = try #require(try FileStatus(Array((directory.path + "/current").utf8)))
    let result = try Command.run([hookProgram(), "merge-file", "current", "base", "other"], in: directory.path)
    #expect(result.status == 1)
    let after = try #require(try FileStatus(Array((directory.path + "/current").utf8)))
    #expect(after.inode == before.inode && after.mode == before.mode)
    #expect(try Files.read(directory.path + "/second").count > 8)
  }

  @Test(.enabled(if: TinyDisk.isPossible, "needs the right to mount a file system"))
  func aFullDiskLeavesTheFileWhole() throws {
    let home = try TemporaryDirectory()
    let disk = try TinyDisk(at: home.path + "/disk")
    let ours = (0..<800).map { "x\($0)\n" }.joined()
    try Files.write(ours.utf8, to: disk.path + "/current")
    try Files.write("a\n".utf8, to: home.path + "/base")
    try Files.write((0..<800).map { "y\($0)\n" }.joined().utf8, to: home.path + "/other")
    try disk.fill()
    let command = [try hookProgram(), "merge-file", "disk/current", "base", "other"]
    let result = try Command.run(command, in: home.path)
    #expect(result.status == 255)
    #expect(String(decoding: result.errors, as: UTF8.self).contains("No space left on device"))
    #expect(try Files.read(disk.path + "/current") == Array(ours.utf8))
    Files.remove(disk.path + "/fill")
    #expect(try Command.run(command, in: home.path).status == 1)
  }

  @Test func aMergeDriverTakesABinaryFileForOneConflict() throws {
    let files = Case("binary", [0, 1], [0, 2], [0, 3])
    let driver = try merge([hookProgram(), "merge-file", "--path", "image", "--marker-size", "7"], files)
    #expect(driver.result.status == 1)
    #expect(driver.current == files.ours)
    for words in [[], ["-p"], ["-p", "--path", "image"]] {
      let byHand = try merge([hookProgram(), "merge-file"] + words, files).result
      #expect(byHand.status == 255 && byHand.output.isEmpty)
      #expect(String(decoding: byHand.errors, as: UTF8.self).contains("Cannot merge binary files"))
    }
  }

  @Test func aResolverSettlesWhatItMayAndSaysSo() throws {
    let files = Case(
      "imports", "import a\nimport c\n", "import a\nimport b\nimport c\n", "import a\nimport bb\nimport c\n")
    let textual = try merge([hookProgram(), "merge-file", "--textual", "--path", "x.py"], files)
    #expect(textual.result.status == 1)
    let merged = try merge([hookProgram(), "merge-file", "--path", "x.py"], files)
    #expect(merged.result.status == 0)
    #expect(merged.current == Array("import a\nimport b\nimport bb\nimport c\n".utf8))
    #expect(String(decoding: merged.result.errors, as: UTF8.self).hasPrefix("arborist: x.py:2: resolved by "))
    #expect(try merge([hookProgram(), "merge-file", "-q", "--path", "x.py"], files).result.errors == [])
    let json = try merge([hookProgram(), "merge-file", "-q", "--format", "json", "--path", "x.py"], files).result.text
    #expect(
      json.hasPrefix(
        "{\"schema\":\"arborist.merge-file/1\",\"path\":\"x.py\",\"conflicts\":0,\"resolved\":[{\"startLine\":2,"))
  }

  @Test func aLockFileIsLeftToItsTool() throws {
    let files = Case("versions", "version = \"1.0\"\n", "version = \"1.1\"\n", "version = \"1.2\"\n")
    let lock = try merge([hookProgram(), "merge-file", "--path", "Cargo.lock"], files)
    #expect(lock.result.status == 1)
    #expect(try merge([hookProgram(), "merge-file", "--path", "Cargo.toml"], files).result.status == 0, "the control")
  }
}
