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
    // The same to a branch beside, which has all of the run's commits and not the last alone.
    let beside = try scene.order(second, branch: "arborist/fix/chain", target: .beside, old: .zero)
    let hidden = await failure { () async throws(ForgeError) in try await scene.broker.push(beside) }
    #expect(hidden?.message == "the push was not sent, because it holds a secret of this server")
    #expect(try scene.there.git("for-each-ref", "refs/heads/arborist") == "")
    // The control.
    let two = try scene.work("two", on: scene.work("two").1, text: "three\n", isOpen: true)
    let plain = try scene.order(two, branch: "arborist/fix/two", target: .beside, old: .zero)
    #expect(try await scene.broker.push(plain) == .pushed)
    let good = try scene.work("good")
    #expect(try await scene.broker.push(scene.order(good)) == .pushed)
    #expect(try await scene.broker.signature(of: [1, 2]) == [2, 1])
  }

  @Test("No commits of which it cannot be told where they begin")
  func beginnings() async throws {
    let scene = try await Scene()
    let far = try scene.there.commit("far", .write("far", "1\n"))
    _ = try await scene.broker.mirror(scene.repository)
    let work = try scene.work(text: "\(Scene.token)\n")
    func pushed(from start: ObjectID, _ work: (String, ObjectID)) async throws -> ForgeError? {
      let order = try scene.order(work, branch: "arborist/fix/feature", target: .beside, old: .zero, start: start)
      return await failure { () async throws(ForgeError) in try await scene.broker.push(order) }
    }
    let error = "the push was not sent, because it adds too much, or too far from where it began, to be looked through"
    // A start that first parents do not lead to, and one that the forge does not know: the commit itself.
    for start in [far, work.1, .zero] {
      let error = try await pushed(from: start, work)
      #expect(error?.code == .withheld)
    }
    let other = try scene.work("other")
    #expect(try await pushed(from: far, other)?.message == error)
    #expect(try await pushed(from: other.1, other)?.message == error)
    // What is merged has to be known too.
    let base = try scene.commit("merged", of: [far], putting: ["hidden": "\(Scene.token)\n"])
    let merge = try scene.commit(
      "merged", of: [scene.base, base.1], isOpen: true, putting: ["hidden": "\(Scene.token)\n"])
    #expect(try await pushed(from: scene.base, merge)?.message == error)
    #expect(try scene.there.git("for-each-ref", "refs/heads/arborist") == "")
    // The control.
    #expect(try await pushed(from: scene.base, other) == nil)
    #expect(try scene.there.id("arborist/fix/feature") == other.1)
  }

  @Test("A merge is looked through for what neither side has", arguments: ["head", "beside"])
  func merges(_ target: String) async throws {
    let scene = try await Scene()
    // What the base gained: a secret that is known there anyway, a file that both change, and more than is looked at.
    let both = (0..<40).map { "line \($0)\n" }
    func lines(_ changes: [Int: String]) -> String {
      both.enumerated().map { changes[$0.offset] ?? $0.element }.joined()
    }
    let old = try scene.there.commit("feature", parents: [scene.base], .write("both", lines([:])))
    let large = String(repeating: "0123456789abcdef\n", count: 600_000)
    let theirs = [1: "theirs \(Scene.token)\n"]
    let base = try scene.there.commit(
      "main", parents: [old], .write("known", "\(Scene.token)\n"), .write("large", large),
      .write("both", lines(theirs)))
    let head = try scene.there.commit("feature", parents: [old], .write("both", lines([30: "ours\n"])))
    _ = try await scene.broker.mirror(scene.repository)
    let taken = ["known": "\(Scene.token)\n", "large": large]
    let merged = theirs.merging([30: "ours\n"]) { first, _ in first }
    func pushed(_ name: String, _ files: [String: String]) async throws -> ForgeError? {
      let work = try scene.commit(name, of: [head, base], putting: taken.merging(files) { _, new in new })
      let isBeside = target == "beside"
      let order = try scene.order(
        work, branch: isBeside ? "arborist/resolve/feature" : "feature", target: isBeside ? .beside : .head,
        old: isBeside ? .zero : head, start: head)
      return await failure { () async throws(ForgeError) in try await scene.broker.push(order) }
    }
    let held = "the push was not sent, because it holds a secret of this server"
    // What the merge itself puts in is found: in a file of its own, in one that both sides have, in one of the base's.
    #expect(try await pushed("own", ["both": lines(merged), "own": "\(Scene.token)\n"])?.message == held)
    #expect(
      try await pushed("line", ["both": lines(merged.merging([15: "x \(Scene.token)\n"]) { $1 })])?.message == held)
    #expect(try await pushed("theirs", ["both": lines(merged), "known": "and \(Scene.token) \n"])?.message == held)
    #expect(try await pushed("binary", ["both": lines(merged), "a": "\0\(Scene.token)"])?.message == held)
    #expect(try scene.there.id("feature") == head)
    // The control: everything of it is on the forge.
    #expect(try await pushed("good", ["both": lines(merged)]) == nil)
    let branch = target == "beside" ? "arborist/resolve/feature" : "feature"
    #expect(try scene.there.git("log", "-1", "--format=%P", branch) == "\(head.hex) \(base.hex)")
  }
}
