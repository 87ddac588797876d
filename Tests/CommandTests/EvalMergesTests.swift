import Base
import Foundation
import TestSupport
import Testing

/// `arborist eval merges` from the outside.
@Suite struct EvalMergesTests {
  /// A history whose merges are known, and the list of their conflicted files.
  private struct History {
    let directory: TemporaryDirectory
    let repository: TestRepository
    /// The rows of the list, without its header.
    var rows: [String] = []

    static let header = "repo\tmerge\tp1\tp2\tpath\ttype\tbase_oid\tours_oid\ttheirs_oid\thuman_oid"

    /// Merges that people settled as the resolver for versions would, in another way, and one that no resolver
    /// settles; one path that is gone, one merge of three parents and one of unrelated histories.
    init() throws {
      directory = try TemporaryDirectory()
      repository = try TestRepository(bare: true, named: "repos/me+app/repo", in: directory)
      var tip = try repository.commit("main", time: 1_700_000_000, Self.version("1.0.0"), .write("text", "one\n"))
      try merge(&tip, "1.0.0", "1.2.0", "1.1.0", committed: "1.2.0", time: 1_700_100_000)
      try merge(&tip, "1.2.0", "1.4.0", "1.3.0", committed: "1.3.0", time: 1_700_200_000)
      try merge(&tip, "1.3.0", "1.6.0", "1.5.0", committed: nil, time: 1_700_300_000)
      // Only a person can say what the text is to be.
      let (ours, theirs) = try (
        repository.commit("a", parents: [tip], .write("text", "two\n")),
        repository.commit("b", parents: [tip], .write("text", "three\n"))
      )
      tip = try repository.commit(
        "main", parents: [ours, theirs], time: 1_700_400_000, .write("text", "two and three\n"))
      try add("text", [("base", "one\n"), ("ours", "two\n"), ("theirs", "three\n"), ("", "two and three\n")], of: tip)
      // Clean for git.
      let (left, right) = try (
        repository.commit("a", parents: [tip], .write("a", "a\n")),
        repository.commit("b", parents: [tip], .write("b", "b\n"))
      )
      tip = try repository.commit("main", parents: [left, right], time: 1_700_500_000, .write("b", "b\n"))
      let more = try repository.commit("c", parents: [tip], .write("c", "c\n"))
      tip = try repository.commit("main", parents: [tip, left, more], time: 1_700_600_000, .write("c", "c\n"))
      let root = try repository.rootCommit("d", .write("d", "d\n"))
      tip = try repository.commit("main", parents: [tip, root], time: 1_700_700_000, .write("d", "d\n"))
    }

    static func package(_ version: String) -> String { "{\n  \"name\": \"app\",\n  \"version\": \"\(version)\"\n}\n" }

    private static func version(_ version: String) -> TestRepository.Change {
      .write("package.json", package(version))
    }

    private mutating func merge(
      _ tip: inout ObjectID, _ base: String, _ ours: String, _ theirs: String, committed: String?, time: Int
    ) throws {
      let (left, right) = try (
        repository.commit("a", parents: [tip], Self.version(ours)),
        repository.commit("b", parents: [tip], Self.version(theirs))
      )
      tip = try repository.commit(
        "main", parents: [left, right], time: time, committed.map { Self.version($0) } ?? .remove("package.json"))
      let sides = [base, ours, theirs].map { ("", Self.package($0)) }
      try add("package.json", sides + [("", committed.map { Self.package($0) })], of: tip)
    }

    private mutating func add(_ path: String, _ files: [(String, String?)], of merge: ObjectID) throws {
      let ids = try files.map { file in
        try file.1.map { try repository.git("hash-object", "-w", "--stdin", input: Array($0.utf8)) } ?? "-"
      }
      rows.append((["me/app", merge.hex, "p", "p", path, "content"] + ids).joined(separator: "\t"))
    }

    func write(_ rows: [String], header: String = header) throws -> String {
      let path = directory.path + "/list.tsv"
      try Files.write(([header] + rows).map { $0 + "\n" }.joined().utf8, to: path)
      return path
    }

    func evaluate(_ rows: [String], _ words: String...) throws -> CommandResult {
      try Arborist.run(
        ["eval", "merges", "--list", write(rows), "--repositories", directory.path + "/repos"] + words)
    }
  }

  private func document(_ result: CommandResult) throws -> [String: Any] {
    #expect(result.status == 0, "\(result.errorText)")
    let document = try #require(try JSONSerialization.jsonObject(with: Data(result.output)) as? [String: Any])
    #expect(result.text.hasPrefix("{\"schema\":\"arborist.eval-merges/1\","))
    return document
  }

  private func counts(_ document: [String: Any], _ key: String) -> [String: Int] {
    (document[key] as? [String: Any])?.compactMapValues { $0 as? Int } ?? [:]
  }

  private func named(_ document: [String: Any], _ key: String) -> [String: Int] {
    let rows = document[key] as? [[String: Any]] ?? []
    return Dictionary(
      rows.compactMap { row in (row["name"] as? String).flatMap { name in (row["count"] as? Int).map { (name, $0) } } },
      uniquingKeysWith: +)
  }

  @Test func theMergesOfARepository() throws {
    let history = try History()
    let before = try contents(of: history.repository.path)
    let result = try Arborist.run("eval", "merges", "--format", "json", in: history.repository.path)
    let document = try document(result)
    let files = counts(document, "files")
    #expect(files["files"] == 3)
    #expect(files["clean"] == 2)
    #expect(files["equal"] == 1)
    #expect(files["different"] == 1)
    #expect(files["left"] == 1)
    let merges = counts(document, "merges")
    #expect(merges["replayed"] == 5)
    #expect(merges["conflicted"] == 4)
    #expect(merges["clean"] == 2)
    #expect(merges["good"] == 1)
    #expect(merges["octopus"] == 1)
    #expect(merges["unrelated"] == 1)
    #expect(merges["unreadable"] == 0)
    #expect(named(document, "apart") == ["not comparable: nothing was committed at the path": 1])
    #expect(result.errorText.hasPrefix("arborist: time per file: p50 "))
    #expect(!result.errorText.dropLast().contains("\n"))
    #expect(try contents(of: history.repository.path) == before)
  }

  @Test func aListGivesTheSameAsItsRepository() throws {
    let history = try History()
    let list = try document(history.evaluate(history.rows, "--format", "json"))
    let whole = try document(Arborist.run("eval", "merges", "--repo", history.repository.path, "--format", "json"))
    #expect(counts(list, "files") == counts(whole, "files"))
    #expect(named(list, "apart") == named(whole, "apart"))
    #expect(counts(list, "merges")["conflicted"] == 4)
    #expect(counts(list, "merges")["good"] == 1)
  }

  @Test(arguments: ["text", "json"])
  func theSameInputGivesTheSameBytes(format: String) throws {
    let history = try History()
    let words = ["--format", format, "--show", "different", "--alone"]
    func run(_ rows: [String], _ more: String...) throws -> [UInt8] {
      let path = try history.write(rows)
      let result = try Arborist.run(
        ["eval", "merges", "--list", path, "--repositories", history.directory.path + "/repos"] + words + more)
      #expect(result.status == 0, "\(result.errorText)")
      return result.output
    }
    let first = try run(history.rows)
    #expect(try run(history.rows) == first)
    #expect(try run(history.rows.reversed()) == first, "rows in another order")
    #expect(try run(history.rows, "--jobs", "1") == first)
    #expect(try run(history.rows, "--jobs", "4") == first)
    #expect(try run(history.rows.dropLast()) != first, "the control")
  }

  @Test func swappedSidesGiveTheSameFigures() throws {
    let history = try History()
    let swapped = history.rows.map { row in
      var fields = row.split(separator: "\t", omittingEmptySubsequences: false)
      fields.swapAt(7, 8)
      return fields.joined(separator: "\t")
    }
    #expect(swapped != history.rows)
    #expect(try history.evaluate(swapped).output == history.evaluate(history.rows).output)
  }

  @Test func rowsThatCannotBeJudgedAreCounted() throws {
    let history = try History()
    func replacing(_ column: Int, _ value: String, in row: Int) -> String {
      var fields = history.rows[row].split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      fields[column] = value
      return fields.joined(separator: "\t")
    }
    let absent = String(repeating: "7", count: 40)
    let rows = [
      replacing(6, absent, in: 0), replacing(9, absent, in: 1), replacing(5, "modify/delete", in: 3),
      replacing(4, "yarn.lock", in: 0), history.rows[2],
    ]
    let document = try document(history.evaluate(rows, "--format", "json"))
    #expect(counts(document, "files")["files"] == 0)
    #expect(
      named(document, "apart") == [
        "missing blob": 2, "modify/delete": 1, "lock or generated file": 1,
        "not comparable: nothing was committed at the path": 1,
      ])
    #expect(counts(try self.document(history.evaluate(history.rows, "--format", "json")), "files")["files"] == 3)
  }

  @Test func differingHunksAreShown() throws {
    let history = try History()
    let text = try history.evaluate(history.rows, "--show", "different").text
    let merge = try history.repository.git("log", "--format=%H", "--merges", "--before=1700200000", "-1", "main")
    #expect(text.contains("== me/app \(merge) package.json:3 different\n   version: "))
    for line in [
      "base      |   \"version\": \"1.2.0\"", "result    |   \"version\": \"1.4.0\"",
      "committed |   \"version\": \"1.3.0\"",
    ] { #expect(text.contains("   \(line)\n")) }
    #expect(!text.contains("two and three"))
    let left = try history.evaluate(history.rows, "--show", "left").text
    #expect(left.contains("\n   committed | two and three"))
    #expect(try !history.evaluate(history.rows, "--show", "different:imports").text.contains("\n== "))
    #expect(try !history.evaluate(history.rows).text.contains("\n== "))
  }

  @Test func whatATerminalWouldObeyIsEscaped() throws {
    let repository = try TestRepository()
    let base = try repository.commit("main", .write("a\u{1B}[31m.txt", "one\n"))
    let ours = try repository.commit("main", .write("a\u{1B}[31m.txt", "two \u{1B}[31m\n"))
    let theirs = try repository.commit("b", parents: [base], .write("a\u{1B}[31m.txt", "three\n"))
    try repository.commit("main", parents: [ours, theirs], .write("a\u{1B}[31m.txt", "four\n"))
    let result = try Arborist.run("eval", "merges", "--show", "left", in: repository.path)
    #expect(result.status == 0)
    #expect(result.text.contains("two \\u{1B}[31m"))
    #expect(!(result.output + result.errors).contains(0x1B))
  }

  @Test func onlySomeMerges() throws {
    let history = try History()
    func replayed(_ words: String...) throws -> Int? {
      let result = try Arborist.run(
        ["eval", "merges", "--repo", history.repository.path, "--format", "json"] + words)
      return counts(try document(result), "merges")["replayed"]
    }
    #expect(try replayed() == 5)
    // Of six; the newest is the one of unrelated histories.
    #expect(try replayed("--sample", "2") == 1)
    #expect(try replayed("--sample", "3") == 2)
    #expect(try replayed("--sample", "99") == 5)
    #expect(try replayed("--since", "2023-11-18") == 3)
    #expect(try replayed("--since", "2100-01-01") == 0)
    #expect(try replayed("--since", "main") == 0)
    #expect(try replayed("--since", "main~3") == 1)
  }

  @Test func resolversByName() throws {
    let history = try History()
    func clean(_ words: String...) throws -> Int? {
      let path = try history.write(history.rows)
      let result = try Arborist.run(
        ["eval", "merges", "--list", path, "--repositories", history.directory.path + "/repos", "--format", "json"]
          + words)
      return counts(try document(result), "files")["clean"]
    }
    #expect(try clean("--resolver", "version") == 2)
    #expect(try clean("--resolver", "imports") == 0)
    #expect(try clean("--resolver", "imports", "--resolver", "version") == 2)
    #expect(try clean("--tier", "auto") == 2)
    #expect(try clean("--tier", "all") ?? 0 >= 2)
  }

  @Test func recordsAreWrittenWithVerdicts() throws {
    let history = try History()
    let merge = try history.repository.git("log", "--format=%H", "--merges", "--before=1700200000", "-1", "main")
    let verdicts = history.directory.path + "/verdicts.tsv"
    let record = history.directory.path + "/ResolverTable.swift"
    let columns = "repo\tmerge\tpath\tline\tresolver\tverdict\tnote\n"
    let row = "me/app\t\(merge)\tpackage.json\t3\tversion\twrong\tthe lower one was meant\n"
    try Files.write((columns + row).utf8, to: verdicts)
    let words = ["--verdicts", verdicts, "--write-record", record]
    func run() throws -> CommandResult {
      try Arborist.run(
        [
          "eval", "merges", "--list", history.write(history.rows), "--repositories",
          history.directory.path + "/repos",
        ] + words)
    }
    let result = try run()
    #expect(result.status == 0)
    #expect(!result.errorText.contains("verdict"))
    let text = String(decoding: try Files.read(record), as: UTF8.self)
    #expect(text.contains("    ResolverRecord(name: \"version\", settled: 2, equal: 1, read: 1, wrong: 1),\n"))
    #expect(text.contains("    ResolverRecord(name: \"imports\", settled: 0, equal: 0, read: 0, wrong: 0),\n"))
    // One that fits nothing is named and does not count.
    try Files.write((columns + row.replacing("\t3\t", with: "\t4\t")).utf8, to: verdicts)
    let stale = try run()
    #expect(stale.status == 0)
    #expect(stale.errorText.contains("\(verdicts):2: no differing hunk of 'version' begins at line 4"))
    #expect(stale.errorText.contains("version: 0 of 1 differing hunks have a verdict"))
    #expect(String(decoding: try Files.read(record), as: UTF8.self).contains("equal: 1, read: 0, wrong: 0),\n"))
  }

  @Test(arguments: [
    (["--sample", "0"], "--sample 0"), (["--limit", "0"], "--limit 0"), (["--jobs=-1"], "--jobs -1"),
    (["--seed", "x"], "x"), (["--show", "same"], "white-space"), (["--show", "left:versions"], "'version'"),
    (["--resolver", "versoin"], "'version'"), (["--resolver", "nope"], "; known are "),
    (["--tier", "best"], "best"), (["--format", "yaml"], "yaml"),
    (["--resolver", "version", "--tier", "all"], "--tier"), (["--list", "list.tsv"], "--repositories"),
    (["--repositories", "."], "--list"), (["--unread"], "--verdicts"), (["--write-record", "x"], "--verdicts"),
    (["--verdicts", "missing"], "'missing'"), (["--list", "missing", "--repositories", "."], "'missing'"),
    (["--since", "nonsense"], "'nonsense'"), (["--repo", "missing"], "'missing'"), (["--repo", "/"], "'/'"),
    (["--list", "x", "--repositories", ".", "--since", "2026-01-01"], "--since"), (["extra"], "extra"),
    (["--list", ".", "--repositories", "."], "'.'"),
  ])
  func wrongWords(words: [String], part: String) throws {
    let repository = try TestRepository.withConflict()
    expectFailure(try Arborist.run(["eval", "merges"] + words, in: repository.path), 2, part)
  }

  @Test func wrongLists() throws {
    let history = try History()
    expectFailure(try history.evaluate(history.rows + ["x"]), 2, "list.tsv:6: ")
    expectFailure(try history.evaluate([history.rows[0].replacing("me/app", with: "me/none")]), 2, "me+none/repo")
    let path = try history.write([], header: "repo")
    expectFailure(
      try Arborist.run("eval", "merges", "--list", path, "--repositories", history.directory.path), 2, "list.tsv:1: ")
  }

  @Test func aRepositoryWithoutMergesOrCommits() throws {
    let repository = try TestRepository()
    expectFailure(try Arborist.run("eval", "merges", in: repository.path), 2, "no commit yet")
    try repository.commit("main", .write("a", "a\n"))
    let result = try Arborist.run("eval", "merges", in: repository.path)
    #expect(result.status == 0)
    #expect(result.text.hasPrefix("0 merges replayed"))
    #expect(result.errors == [])
  }

  @Test func aMergeThatLacksAnObjectIsCounted() throws {
    let history = try History()
    let tree = try history.repository.git("rev-parse", "main~3^1^{tree}")
    Files.remove("\(history.repository.path)/objects/\(tree.prefix(2))/\(tree.dropFirst(2))")
    let result = try Arborist.run("eval", "merges", "--format", "json", in: history.repository.path)
    let merges = counts(try document(result), "merges")
    #expect(merges["unreadable"] == 1)
    #expect(merges["replayed"] == 4)
    #expect(result.errorText.contains("cannot replay"))
  }

  @Test func severalBases() throws {
    let repository = try TestRepository()
    let base = try repository.commit("main", .write("package.json", History.package("1.0.0")))
    let left = try repository.commit("a", parents: [base], .write("a", "a\n"))
    let right = try repository.commit("b", parents: [base], .write("b", "b\n"))
    // Each takes the other in, so that both are best ancestors.
    let one = try repository.commit("a", parents: [left, right], .write("b", "b\n"))
    let two = try repository.commit("b", parents: [right, left], .write("a", "a\n"))
    let ours = try repository.commit("a", parents: [one], .write("package.json", History.package("1.2.0")))
    let theirs = try repository.commit("b", parents: [two], .write("package.json", History.package("1.1.0")))
    try repository.commit("main", parents: [ours, theirs])
    let document = try document(Arborist.run("eval", "merges", "--format", "json", in: repository.path))
    #expect(counts(document, "files")["equal"] == 1)
    #expect(counts(document, "merges")["replayed"] == 3)
  }
}
