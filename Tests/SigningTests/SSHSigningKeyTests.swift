import Foundation
import TestSupport
import Testing

@testable import Signing

@Suite("Signing with a key of OpenSSH")
struct SSHSigningKeyTests {
  private func run(_ words: String..., input: String? = nil, in directory: String) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    if let input { process.standardInput = FileHandle(forReadingAtPath: "\(directory)/\(input)") }
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }

  private func bytes(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }

  @Test("is believed by ssh-keygen for what was signed, and for nothing else")
  func verified() throws {
    let scratch = try TemporaryDirectory()
    let path = scratch.path
    try #require(try run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "bot", "-f", "key", in: path) == 0)
    let key = try SSHSigningKey(bytes(path + "/key"))
    let content = Array("tree 1\n\nA message\n".utf8)
    let signature = try key.signature(of: content)
    #expect(try key.signature(of: content) == signature)
    try Data(signature).write(to: URL(fileURLWithPath: path + "/signature"))
    try Data(content).write(to: URL(fileURLWithPath: path + "/content"))
    try Data(content + [33]).write(to: URL(fileURLWithPath: path + "/other"))
    let open = try String(decoding: bytes(path + "/key.pub"), as: UTF8.self)
    try Data("bot@example.org \(open)".utf8).write(to: URL(fileURLWithPath: path + "/signers"))
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
