import Base
import Broker
import Forges
import Git
import TestSupport
import Testing
import Work

@Suite("What holds a secret that the broker knows does not leave")
struct WithholdingTests {
  private let trial = EffectTrial(intended: Timestamp(seconds: 1), isRetry: false)

  /// The token as it is, and as it might be smuggled.
  static let writings: [String] = {
    let token = Scene.token
    let hexadecimal = token.utf8.map { $0 < 16 ? "0\(String($0, radix: 16))" : String($0, radix: 16) }.joined()
    return [
      token, String(token.reversed()), token.uppercased(), hexadecimal, token.map { "\($0) " }.joined(),
      "%63anary-9f3c61d7a8", "canary\\u002d9f3c61d7a8",
    ]
  }()

  private func written(_ scene: Scene) throws -> String {
    let path = scene.directory.path + "/log"
    return Files.exists(path) ? String(decoding: try Files.read(path), as: UTF8.self) : ""
  }

  @Test("No text of an effect", arguments: writings)
  func effects(_ writing: String) async throws {
    let scene = try await Scene()
    let forge = try #require(try await scene.broker.forges().first)
    let error = await failure { () async throws(ForgeError) in
      try await forge.carryOut(.summary(body: "See: \(writing)."), on: scene.place(), trial: trial)
    }
    #expect(error?.code == .withheld)
    #expect(error?.message == "the summary was not sent, because it holds a secret of this server")
    #expect(try written(scene) == "")
    // The control.
    #expect(try await forge.carryOut(.summary(body: "See."), on: scene.place(), trial: trial) == .done("See."))
    #expect(try written(scene) == "first See.\n")
  }

  @Test("No part of an effect that names or quotes something")
  func parts() async throws {
    let scene = try await Scene()
    let forge = try #require(try await scene.broker.forges().first)
    let path = try #require(RepositoryPath("a"))
    let hidden = try #require(RepositoryPath("src/\(Scene.token).c"))
    func comment(_ path: RepositoryPath, _ body: String, _ lines: [String]? = nil) -> LineComment {
      LineComment(
        key: "a/1", anchor: LineAnchor(path: path, side: .head, startLine: 1, endLine: 1), body: body, suggestion: lines
      )
    }
    func check(_ title: String, _ summary: String, _ notes: [LineComment] = []) -> ForgeEffect {
      .check(
        CheckReport(
          name: "arborist/review", head: scene.base, state: .neutral, title: title, summary: summary, annotations: notes
        ))
    }
    let effects: [ForgeEffect] = [
      .comments([comment(path, Scene.token)], head: scene.base),
      .comments([comment(path, "x", ["let a = \"\(Scene.token)\""])], head: scene.base),
      .comments([comment(hidden, "x")], head: scene.base),
      .answer(Answer(key: "r/1", thread: nil, comment: nil, body: Scene.token)),
      check(Scene.token, ""), check("x", Scene.token), check("x", "y", [comment(path, Scene.token)]),
    ]
    for effect in effects {
      let error = await failure { () async throws(ForgeError) in
        try await forge.carryOut(effect, on: scene.place(), trial: trial)
      }
      #expect(error?.code == .withheld, "\(effect)")
      #expect(error.map { !$0.message.contains(Scene.token) } == true)
    }
    // The control: the file's forge takes summaries alone, so it was asked.
    let plain = try await forge.carryOut(check("x", "y", [comment(path, "z")]), on: scene.place(), trial: trial)
    #expect(plain == .refused("only summaries"))
  }

  @Test("No commit that adds it or says it")
  func commits() async throws {
    let scene = try await Scene()
    _ = try await scene.broker.mirror(scene.repository)
    for (name, text) in [("plain", "x \(Scene.token)\n"), ("binary", "\0\(Scene.token)\0")] {
      let work = try scene.work(name, text: text)
      for order in [
        try scene.order(work), try scene.order(work, branch: "arborist/fix/\(name)", target: .beside, old: .zero),
      ] {
        let error = await failure { () async throws(ForgeError) in try await scene.broker.push(order) }
        #expect(error?.code == .withheld, "\(name)")
        #expect(error?.message == "the push was not sent, because it holds a secret of this server")
      }
    }
    let said = try scene.work("said", message: "Say \(Scene.token)\n")
    let saying = try scene.order(said)
    let error = await failure { () async throws(ForgeError) in try await scene.broker.push(saying) }
    #expect(error?.code == .withheld)
    // It is in the commit before the last.
    let first = try scene.work("chain", text: "\(Scene.token)\n")
    let second = try scene.work("chain", on: first.1, text: "gone again\n", isOpen: true)
    let burying = try scene.order(second)
    let buried = await failure { () async throws(ForgeError) in try await scene.broker.push(burying) }
    #expect(buried?.code == .withheld)
    #expect(try scene.there.id("feature") == scene.base)
    #expect(try scene.there.git("for-each-ref", "refs/heads/arborist") == "")
    // The control.
    let good = try scene.work("good")
    #expect(try await scene.broker.push(scene.order(good)) == .pushed)
    #expect(try await scene.broker.signature(of: [1, 2]) == [2, 1])
  }
}
