import Base
import TestSupport
import Testing

@Suite("The repositories that tests are made of")
struct TestSupportTests {
  @Test("A commit holds what was asked for, and the same request gives the same commit")
  func commits() throws {
    let repository = try TestRepository(bare: true)
    let strange: [UInt8] = [0x61, 0x0a, 0xff]
    let root = try repository.commit(.init("main"), changes: [.write("a", "1\n"), .bytes(strange, [0, 1])])
    let side = try repository.commit("side", parents: [root], .write("b/c", "2\n", mode: "100755"), .remove("a"))
    #expect(try repository.git("ls-tree", "-r", "--name-only", side.hex) == "\"a\\n\\377\"\nb/c")
    #expect(try repository.git("ls-tree", side.hex, "b/c").hasPrefix("100755"))
    #expect(try repository.id("side~1") == root)
    let again = try TestRepository(bare: true)
    #expect(try again.commit("main", changes: [.write("a", "1\n"), .bytes(strange, [0, 1])]) == root)
  }
}
