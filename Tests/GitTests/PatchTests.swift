import Base
import Git
import TestSupport
import Testing

@Suite("A difference as text is one that git applies")
struct PatchTests {
  /// What is at a place of the tree.
  enum Kind: String, CaseIterable, Sendable {
    case file = "100644"
    case executable = "100755"
    case link = "120000"
    case binary
    case directory
    case nothing

    func change(at path: String) -> [TestRepository.Change] {
      switch self {
      case .file, .executable: [.write(path, "one\ntwo\n", mode: rawValue)]
      case .link: [.write(path, "other/place", mode: rawValue)]
      case .binary: [.bytes(Array(path.utf8), [0, 1, 2, 255, 0])]
      case .directory: [.write("\(path)/inner", "in\n"), .write("\(path)/deep/inner", "x", mode: "120000")]
      case .nothing: []
      }
    }
  }

  @Test("whatever becomes of a place", arguments: Kind.allCases, Kind.allCases)
  func kinds(old: Kind, new: Kind) throws {
    let there = try TestRepository()
    // Beside it a change that must not be lost with it.
    let before = try there.commit("main", changes: [.write("z", "1\n")] + old.change(at: "place"))
    let gone: [TestRepository.Change] = old == .nothing ? [] : [.remove("place")]
    let after = try there.commit("main", changes: gone + [.write("z", "2\n")] + new.change(at: "place"))
    let patch = try Repository.openBare(at: there.gitDirectory).patch(from: before, to: after)
    try there.git("checkout", "--quiet", "--force", "--detach", before.hex)
    let checked = try there.attempt(["apply", "--check", "--index"], input: patch)
    #expect(checked.status == 0, "\(String(decoding: checked.errors + patch, as: UTF8.self))")
    try there.git("apply", "--index", input: patch)
    #expect(try there.git("write-tree") == there.git("rev-parse", "\(after.hex)^{tree}"))
  }
}
