import Base
import Policy
import Testing
import Work

@Suite("A side branch has a name that git accepts")
struct SideBranchTests {
  private let head: ObjectID

  init() throws {
    head = try #require(ObjectID(hex: "0123456789abcdef0123456789abcdef01234567"))
  }

  private func name(_ branch: [UInt8], kind: JobKind = .resolve) throws -> [UInt8] {
    SideBranch.name(kind: kind, branch: try RefName(branch: branch), head: head)
  }

  @Test(
    "An ordinary name is kept whole", arguments: ["feature", "feature/one", "größe", "a.b", "x-", "a@", "é\u{301}/日本"],
    JobKind.allCases)
  func ordinary(_ branch: String, kind: JobKind) throws {
    #expect(try name(Array(branch.utf8), kind: kind) == Array("arborist/\(kind.rawValue)/\(branch)-01234567".utf8))
  }

  @Test(
    "A name of any length gives one that fits a file system, always the same and another for another",
    arguments: [
      [UInt8](repeating: 0x61, count: 240), [UInt8](repeating: 0x61, count: 241), [UInt8](repeating: 0x61, count: 255),
      [UInt8](repeating: 0x61, count: 5000), [UInt8](repeating: 0xff, count: 5000),
      Array(String(repeating: "日", count: 200).utf8), Array(String(repeating: "a/", count: 900).utf8) + [0x61],
      Array(String(repeating: "x", count: 99).utf8) + Array(("/" + String(repeating: "y", count: 300)).utf8),
      Array(String(repeating: ".lock-", count: 80).dropFirst().utf8),
      Array(String(repeating: "a.", count: 400).utf8) + [0x62],
    ])
  func long(_ branch: [UInt8]) throws {
    let short = try name(branch)
    #expect(short == (try name(branch)))
    #expect(short.split(separator: UInt8(ascii: "/")).allSatisfy { $0.count <= 250 })
    #expect(short.count <= 1024)
    #expect(try RefName(branch: short) == SideBranch.ref(kind: .resolve, branch: RefName(branch: branch), head: head))
    #expect(short != (try name(branch + [0x7a])))
    #expect(short != (try name(branch, kind: .review)))
    let other = try #require(ObjectID(hex: "1123456789abcdef0123456789abcdef01234567"))
    #expect(short != SideBranch.name(kind: .resolve, branch: try RefName(branch: branch), head: other))
    if String(validating: branch, as: UTF8.self) != nil { #expect(String(validating: short, as: UTF8.self) != nil) }
    #expect(throws: Never.self) {
      try FeatureBranch(
        RefName.headsPrefix + short,
        under: BranchRules(base: RefName("refs/heads/main"), defaultBranch: nil, head: nil))
    }
  }

  @Test("The longest name that fits is kept and one byte more is not")
  func boundary() throws {
    let fits = [UInt8](repeating: 0x61, count: 241)
    #expect(try name(fits) == Array("arborist/resolve/".utf8) + fits + Array("-01234567".utf8))
    #expect(try name(fits + [0x61]).count < 200)
  }

  @Test("Its own branches are known")
  func own() throws {
    #expect(SideBranch.isOwn(try RefName("refs/heads/arborist/resolve/x-01234567")))
    #expect(SideBranch.isOwn(try RefName("refs/heads/arborist/x")))
    #expect(!SideBranch.isOwn(try RefName("refs/heads/arborist")))
    #expect(!SideBranch.isOwn(try RefName("refs/heads/arborist-x/y")))
    #expect(!SideBranch.isOwn(try RefName("refs/heads/x/arborist/y")))
    #expect(!SideBranch.isOwn(try RefName("refs/tags/arborist/x")))
  }
}
