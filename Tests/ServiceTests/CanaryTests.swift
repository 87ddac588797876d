import Base
import FileSystem
import Foundation
import Glibc
import ScriptedModel
import TestForge
import TestSupport
import Testing

/// Secrets that are looked for, afterwards and meanwhile, in all that the service leaves and shows.
@Suite(.enabled(if: ServiceScene.isPossible, "nginx-light and fcgiwrap are not installed"))
struct CanaryTests {
  @Test func noSecretLeavesTheProcessThatHoldsIt() async throws {
    // The model's key is planted where strangers write: in a file, in messages, in comments, in what the model says.
    let planted = "sk-proj-canary-" + Self.random()
    let words = "It adds now, with \(planted)."
    let keys = try TemporaryDirectory()
    let key = keys.path + "/signing"
    #expect(try Command.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], in: keys.path).status == 0)
    var setting = try FixCycleTests.setting(FixCycleTests.repair(saying: words), key: planted)
    setting.configuration = setting.configuration.replacing("opened: [review]", with: "opened: [review, resolve]")
    setting.configuration = setting.configuration.replacing("fix: openai", with: "review: openai/gpt-5.5, fix: openai")
    setting.environment["ARBORIST_SIGNING_KEY"] = key
    setting.isApp = false
    try await ServiceScene.play(.gitea, setting) { scene in
      var held = [
        "the signing key": try Self.middle(ofKey: key), "the hooks' secret": "a-secret-of-the-hooks",
        "the page's token": "a-token-of-the-page",
      ]
      held["the forge's token"] = String(decoding: try Files.read(scene.directory.path + "/token"), as: UTF8.self)
      let changes: [TestRepository.Change] = [
        .write("calc.py", FixCycleTests.bad), .write("note.txt", "the key is \(planted)\n"),
        .write(
          "test_calc.py",
          FixCycleTests.check.replacing(
            "self.assertEqual(add(1, 2), 3)", with: "self.assertEqual(add(1, 2), 3, open('note.txt').read())")),
      ]
      try scene.git.commit(
        "topic", parents: [scene.tip("main")], message: "Break it with \(planted)", changes: changes)
      let number = try await scene.forge.openPullRequest(
        in: ServiceScene.path, from: "topic", by: "ada", title: "With \(planted)", body: "And \(planted)"
      ).number
      let head = try scene.tip("topic")
      try await scene.settled()
      _ = try await scene.comment(number, "/arborist ask what is \(planted)?")
      _ = try await scene.comment(number, "/arborist \(planted)")
      // Looked at while the work is under way.
      scene.forge.add(Fault(.held(done: true), method: "POST", path: "/statuses/"))
      try await scene.fail(at: head)
      try await scene.isHeld()
      let (visible, count) = scene.visible(to: held, planted)
      #expect(visible.isEmpty && count >= 3, "\(visible) of \(count)")
      scene.forge.removeFaults()
      scene.forge.release()
      try await scene.settled()

      // What was to be pushed had the key in its message.
      #expect(try scene.tip("topic") == head && scene.branches() == ["main", "topic"])
      #expect(try await scene.check("fix", at: head) == .neutral)
      held["the model's key"] = planted
      for comment in try await scene.own(number) { #expect(Self.found(held, in: Array(comment.body.utf8)) == []) }
      #expect(try await scene.own(number).contains { $0.body.contains("so it was stopped") })
      for status in try await scene.forge.statuses(at: head.hex) {
        #expect(Self.found(held, in: Array("\(status)".utf8)) == [])
      }
      #expect(try await scene.stop() == 0)
      try scene.expectNothing(of: held, planted)
    }
  }

  static func random() -> String { Hexadecimal.encode((0..<16).map { _ in UInt8.random(in: .min ... .max) }) }

  /// A part of a key's file that is the key's own.
  private static func middle(ofKey path: String) throws -> String {
    let lines = String(decoding: try Files.read(path), as: UTF8.self).split(separator: "\n")
    return String(lines[lines.count / 2])
  }

  /// Which of the secrets are in the bytes, as they are, in Base64, or as a name and a password are sent.
  static func found(_ secrets: [String: String], in bytes: [UInt8]) -> [String] {
    let text = Data(bytes)
    return secrets.filter { _, secret in
      let plain = Data(secret.utf8)
      // The end of a coded text depends on what follows.
      let coded = ["", "oauth2:", "x-access-token:"].map { Data($0.utf8) + plain }.map {
        Data($0.base64EncodedString().utf8.dropLast(4))
      }
      return ([plain] + coded).contains { text.range(of: $0) != nil }
    }.keys.sorted()
  }
}

extension ServiceScene {
  /// What other processes of the same user could read of the service's: its arguments and variables.
  ///
  /// - Returns: What was found where, and how many processes were looked at.
  fileprivate func visible(to held: [String: String], _ planted: String) -> (found: [String], count: Int) {
    var found: [String] = []
    let processes = processes
    for process in processes {
      for part in ["cmdline", "environ"] {
        guard let bytes = try? Files.read("/proc/\(process)/\(part)") else { continue }
        let wanted = held.merging(["the model's key": planted]) { first, _ in first }
        found += CanaryTests.found(wanted, in: bytes).map { "\($0) in \(part)" }
      }
    }
    return (found, processes.count)
  }

  /// Looks through all files that the service left, and through the commits on the forge that are its own.
  ///
  /// What the repository and people say of themselves is evidence, which the journal and the logs of tests keep; it
  /// holds no secret that was not theirs.
  fileprivate func expectNothing(of secrets: [String: String], _ planted: String) throws {
    let given = ["token", "hook", "admin"].map { "\(directory.path)/\($0)" }
    var count = 0
    let files = FileManager.default.enumerator(atPath: directory.path)
    while let name = files?.nextObject() as? String {
      let path = directory.path + "/" + name
      guard !name.hasPrefix("repositories"), !given.contains(path), let bytes = try? Files.read(path) else { continue }
      count += 1
      let isEvidence = name.hasPrefix("journal.sqlite") || name.contains("/runs/")
      let wanted = isEvidence ? secrets.filter { $0.value != planted } : secrets
      #expect(CanaryTests.found(wanted, in: bytes) == [], "\(name)")
    }
    #expect(count > 5)
    let log = try git.git("log", "--all", "--committer=Arborist", "--format=%B", "-p")
    #expect(CanaryTests.found(secrets, in: Array(log.utf8)) == [])
  }
}
