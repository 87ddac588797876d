import TestSupport
import Testing

@testable import Signing

@Suite("Signing with a key of OpenSSH")
struct SSHSigningKeyTests {
  private func run(_ words: String..., input: String? = nil, in directory: String) throws -> Int32 {
    let bytes = try input.map { try self.bytes("\(directory)/\($0)") } ?? []
    return try Command.run(words, in: directory, input: bytes).status
  }

  private func bytes(_ path: String) throws -> [UInt8] { try Files.read(path) }

  @Test("is believed by ssh-keygen for what was signed, and for nothing else")
  func verified() throws {
    let scratch = try TemporaryDirectory()
    let path = scratch.path
    try #require(try run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "bot", "-f", "key", in: path) == 0)
    let key = try SSHSigningKey(bytes(path + "/key"))
    let content = Array("tree 1\n\nA message\n".utf8)
    let signature = try key.signature(of: content)
    #expect(try key.signature(of: content) == signature)
    try Files.write(signature, to: path + "/signature")
    try Files.write(content, to: path + "/content")
    try Files.write(content + [33], to: path + "/other")
    let open = try String(decoding: bytes(path + "/key.pub"), as: UTF8.self)
    try Files.write("bot@example.org \(open)".utf8, to: path + "/signers")
    func verify(_ file: String) throws -> Int32 {
      try run(
        "ssh-keygen", "-Y", "verify", "-f", "signers", "-I", "bot@example.org", "-n", "git", "-s", "signature",
        input: file, in: path)
    }
    #expect(try verify("content") == 0)
    #expect(try verify("other") != 0)
  }

  @Test("refuses a key with a passphrase, one of another kind, and what is no key")
  func refused() throws {
    let scratch = try TemporaryDirectory()
    let path = scratch.path
    try #require(try run("ssh-keygen", "-q", "-t", "ed25519", "-N", "secret", "-f", "locked", in: path) == 0)
    try #require(try run("ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-f", "other", in: path) == 0)
    #expect { try SSHSigningKey(bytes(path + "/locked")) } throws: { "\($0)".contains("passphrase") }
    #expect { try SSHSigningKey(bytes(path + "/other")) } throws: { "\($0)".contains("another kind") }
    #expect(throws: SigningKeyError.self) { try SSHSigningKey(Array("no key".utf8)) }
    try #require(try run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "good", in: path) == 0)
    var damaged = try bytes(path + "/good")
    damaged.removeSubrange(80..<120)
    #expect(throws: SigningKeyError.self) { try SSHSigningKey(damaged) }
    _ = try SSHSigningKey(bytes(path + "/good"))
  }
}
