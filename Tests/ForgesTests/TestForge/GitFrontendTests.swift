import Base
import TestForge
import TestSupport
import Testing

import class Foundation.Thread

/// git over HTTP, with the forges' rules.
@Suite(.enabled(if: GitFrontend.isPossible, "nginx-light and fcgiwrap are not installed"))
struct GitFrontendTests {
  private func address(_ front: GitFrontend, _ name: String, _ token: String, _ path: String = "ada/app") -> String {
    front.address.replacing("http://", with: "http://\(name):\(token)@") + "/\(path).git"
  }

  /// Runs git beside the threads that the forge answers on: waiting on one of them, it would wait for ever.
  private func git(_ arguments: [String], in directory: String = "/") async throws -> CommandResult {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(with: Result { try Command.run(["git"] + arguments, in: directory) })
      }
    }
  }

  private func push(_ scene: ForgeScene, _ address: String, _ refspec: String) async throws -> CommandResult {
    try await git(["push", address, refspec], in: scene.git.path)
  }

  @Test func whoHasATokenMayDoWhatTheAccountMay() async throws {
    let scene = try await ForgeScene.start(.gitea)
    let front = try await GitFrontend.start(for: scene.forge)
    let rob = address(front, "anybody", scene.token)
    #expect(try await git(["ls-remote", rob]).text.contains(scene.head))
    #expect(try await git(["ls-remote", front.address + "/ada/app.git"]).status != 0)
    let eve = address(front, "eve", try await scene.forge.addToken(for: "eve"))
    #expect(try await git(["ls-remote", eve]).status != 0)
    try await scene.forge.grant(.read, to: "eve", on: "ada/app")
    #expect(try await git(["ls-remote", eve]).status == 0)
    #expect(try await push(scene, eve, "change:refs/heads/new").status != 0)
    #expect(try await push(scene, rob, "change:refs/heads/new").status == 0)
    #expect(try scene.git.id("refs/heads/new").hex == scene.head)
    await front.stop()
  }

  @Test(arguments: [
    (ForgeKind.github, "GH006: Protected branch update failed for refs/heads/main"),
    (.gitlab, "You are not allowed to push code to protected branches"),
    (.gitea, "Gitea: Not allowed to push to protected branch main"),
  ])
  func protectedBranchesAreRefusedInTheForgesWords(kind: ForgeKind, words: String) async throws {
    let scene = try await ForgeScene.start(kind)
    let front = try await GitFrontend.start(for: scene.forge)
    let rob = address(front, kind == .gitlab ? "oauth2" : "rob", scene.token)
    let refused = try await push(scene, rob, "change:refs/heads/main")
    #expect(refused.status != 0)
    #expect(String(decoding: refused.errors, as: UTF8.self).contains(words))
    #expect(try scene.git.id("refs/heads/main").hex == scene.base)
    #expect(try await push(scene, rob, "change:refs/pull/9/head").status != 0 || kind == .gitlab)
    #expect(try await push(scene, rob, "change:refs/heads/other").status == 0)
    await front.stop()
  }

  @Test func rulesetsRefusePushesToWhatTheySpeakOf() async throws {
    let scene = try await ForgeScene.start(.github)
    let front = try await GitFrontend.start(for: scene.forge)
    let rob = address(front, "rob", scene.token)
    try await scene.forge.rule("non_fast_forward", over: "*", in: ForgeScene.repository)
    #expect(try await push(scene, rob, "change:refs/heads/open").status == 0)
    try await scene.forge.rule("update", over: "open", in: ForgeScene.repository)
    _ = try scene.advance(1)
    #expect(try await push(scene, rob, "change:refs/heads/open").status != 0)
    #expect(try await push(scene, rob, "change:refs/heads/other").status == 0)
    #expect(try scene.git.id("refs/heads/open").hex == scene.head)
    await front.stop()
  }

  @Test func aPushRaisesHooks() async throws {
    let scene = try await ForgeScene.start(.github)
    let front = try await GitFrontend.start(for: scene.forge)
    try await scene.forge.addHook("http://127.0.0.1:1/hook", secret: "s")
    #expect(try await push(scene, address(front, "rob", scene.token), "main:refs/heads/fresh").status == 0)
    await scene.forge.hooksAreSent()
    #expect(scene.forge.sent.map(\.event) == ["push"])
    #expect(scene.forge.writes["push"] == 1)
    await front.stop()
  }

  @Test func maintainersPushToTheBranchOfAForkThatAllowsIt() async throws {
    let scene = try await ForgeScene.start(.gitea)
    let front = try await GitFrontend.start(for: scene.forge)
    let fork = try await scene.forge.addRepository("eve/app", forkOf: "ada/app")
    _ = try await scene.forge.openPullRequest(in: "ada/app", from: "change", fork: "eve/app", by: "eve")
    let rob = address(front, "rob", scene.token, "eve/app")
    #expect(try await push(scene, rob, "main:refs/heads/other").status != 0)
    _ = try scene.advance(1)
    #expect(try await push(scene, rob, "change:refs/heads/change").status == 0)
    #expect(fork.path == "eve/app")
    await front.stop()
  }
}
