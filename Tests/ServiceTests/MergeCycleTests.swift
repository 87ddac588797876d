import Base
import TestForge
import TestSupport
import Testing

/// Merges of the base that come of conflicts, and taking them back.
@Suite(.enabled(if: ServiceScene.isPossible, "nginx-light and fcgiwrap are not installed"))
struct MergeCycleTests {
  static func package(_ version: String) -> TestRepository.Change {
    .write("package.json", "{\n  \"name\": \"app\",\n  \"version\": \"\(version)\"\n}\n")
  }

  static func setting(_ more: String) -> ServiceScene.Setting {
    var setting = ServiceScene.Setting()
    setting.configuration += more
    setting.files["package.json"] = "{\n  \"name\": \"app\",\n  \"version\": \"1.0.0\"\n}\n"
    return setting
  }

  /// A pull request that is fine until the base moves.
  static func conflicted(_ scene: ServiceScene) async throws -> (number: Int, head: ObjectID, base: ObjectID) {
    let number = try await scene.open("topic", Self.package("1.1.0"), .write("new.py", "x = 1\n"))
    let head = try scene.tip("topic")
    #expect(try await scene.ended("resolve", at: head) == .success)
    try await scene.settled()
    #expect(try scene.tip("topic") == head)
    let base = try await scene.push("main", Self.package("1.2.0"))
    try await scene.settled()
    return (number, head, base)
  }

  @Test(arguments: ForgeKind.allCases)
  func whatIsLeftOfAMergeIsShownWithItsSidesAndNotWrittenAnew(kind: ForgeKind) async throws {
    var setting = Self.setting("")
    setting.files["words.txt"] = "one\nfour legs good\nthree\n"
    try await ServiceScene.play(kind, setting) { scene in
      let number = try await scene.open("topic", .write("words.txt", "one\nsix legs are better @max\nthree\n"))
      let head = try scene.tip("topic")
      #expect(try await scene.ended("resolve", at: head) == .success)
      try await scene.settled()
      let base = try await scene.push("main", .write("words.txt", "one\neight arms bring luck\nthree\n"))
      try await scene.settled()
      #expect(try await scene.check("resolve", at: head) == .failure)
      let told = try #require(try await scene.summaries(number).first)
      #expect(
        told.body.contains(
          """
          <<<<<<< topic
          six legs are better @max
          ||||||| before
          four legs good
          =======
          eight arms bring luck
          >>>>>>> main
          """))
      #expect(told.body.contains("- changed on `topic` by [`\(head.short)`]("))
      #expect(told.body.contains("- changed on `main` by [`\(base.short)`]("))
      #expect(told.body.contains("`Change it again`"))
      // Asked once more it is the same, and the comment is as it was.
      _ = try await scene.comment(number, "/arborist resolve")
      try await scene.settled()
      #expect(try await scene.runs("resolve", "conflicts") == 2)
      #expect(try await scene.summaries(number) == [told])
    }
  }

  @Test(arguments: ForgeKind.allCases)
  func aMovedBaseIsMergedIntoTheBranchAndTheMergeIsTakenBack(kind: ForgeKind) async throws {
    try await ServiceScene.play(kind, Self.setting("unverified: head\n")) { scene in
      let (number, head, base) = try await Self.conflicted(scene)
      let merge = try scene.tip("topic")
      #expect(try scene.git.git("rev-list", "--parents", "-n1", merge.hex) == "\(merge.hex) \(head.hex) \(base.hex)")
      #expect(try scene.git.git("show", "topic:package.json").contains("1.2.0"))
      #expect(try scene.git.git("show", "topic:new.py") == "x = 1")
      #expect(try scene.tip("main") == base)
      #expect(try scene.branches() == ["main", "topic"])
      #expect(scene.forge.writes["push"] == 1)
      #expect(try await scene.check("resolve", at: head) == .success)
      // The merge itself is reviewed, and not merged again.
      #expect(try await scene.check("review", at: merge) == .success)
      #expect(try await scene.summaries(number).count == 1)
      #expect(try await scene.summaries(number).first?.body.contains("The merge is [`\(merge.short)`](") == true)

      let undo = try await scene.comment(number, "/arborist undo")
      try await scene.settled()
      let revert = try scene.tip("topic")
      #expect(try scene.git.git("rev-list", "--parents", "-n1", revert.hex) == "\(revert.hex) \(merge.hex)")
      #expect(
        try scene.git.git("rev-parse", "\(revert.hex)^{tree}") == scene.git.git("rev-parse", "\(head.hex)^{tree}"))
      #expect(try await scene.answers(number, to: undo).count == 1)
      let summary = try #require(try await scene.summaries(number).first?.body)
      #expect(summary.contains("`\(revert.short)`](") && summary.contains(" took it back."))
      #expect(!summary.contains("The merge is"))
      let more = try await scene.comment(number, "/arborist undo")
      try await scene.settled()
      #expect(try scene.tip("topic") == revert)
      #expect(try await scene.answers(number, to: more).first?.body.contains("nothing to take back") == true)
      #expect(try scene.tip("main") == base)
      #expect(try scene.branches() == ["main", "topic"])
    }
  }

  @Test(arguments: ForgeKind.allCases)
  func whatAPersonBuiltOnIsNotTakenBack(kind: ForgeKind) async throws {
    try await ServiceScene.play(kind, Self.setting("unverified: head\n")) { scene in
      let (number, head, _) = try await Self.conflicted(scene)
      #expect(try scene.tip("topic") != head)
      let built = try await scene.push("topic", .write("more.py", "y = 1\n"))
      let undo = try await scene.comment(number, "/arborist undo")
      try await scene.settled()
      #expect(try scene.tip("topic") == built)
      #expect(try await scene.answers(number, to: undo).first?.body.contains("nothing to take back") == true)
    }
  }

  @Test(arguments: ForgeKind.allCases)
  func aPersonsPushInBetweenWins(kind: ForgeKind) async throws {
    try await ServiceScene.play(kind, Self.setting("unverified: head\n")) { scene in
      let number = try await scene.open("topic", Self.package("1.1.0"), .write("new.py", "x = 1\n"))
      let head = try scene.tip("topic")
      #expect(try await scene.ended("resolve", at: head) == .success)
      try await scene.settled()
      scene.forge.add(Fault(.held(done: false), method: "GIT", path: "git-receive-pack"))
      let base = try await scene.push("main", Self.package("1.2.0"))
      try await scene.isHeld()
      scene.forge.removeFaults()
      let theirs = try await scene.push("topic", .write("new.py", "x = 2\n"))
      scene.forge.release()
      try await scene.settled()
      // What the person pushed is there, and it is what the base was merged into.
      let merge = try scene.tip("topic")
      #expect(try scene.git.git("rev-list", "--parents", "-n1", merge.hex) == "\(merge.hex) \(theirs.hex) \(base.hex)")
      #expect(try scene.git.git("show", "topic:new.py") == "x = 2")
      #expect(try await scene.check("resolve", at: head) == .neutral)
      #expect(try await scene.check("resolve", at: theirs) == .success)
      #expect(try scene.branches() == ["main", "topic"])
      #expect(try await scene.summaries(number).count == 1)
    }
  }

  @Test(arguments: ForgeKind.allCases)
  func aMergeThatTheForgeRefusesIsToldAsAPatch(kind: ForgeKind) async throws {
    try await ServiceScene.play(kind, Self.setting("unverified: head\n")) { scene in
      let refusal = try scene.refusePushes(to: "topic")
      let (number, head, base) = try await Self.conflicted(scene)
      #expect(try scene.tip("topic") == head && scene.tip("main") == base)
      #expect(try scene.branches() == ["main", "topic"])
      #expect(try await scene.check("resolve", at: head) == .neutral)
      let summary = try #require(try await scene.summaries(number).first?.body)
      #expect(summary.contains("The push to `topic` was refused") && summary.contains("no merges today"))
      #expect(summary.contains("-  \"version\": \"1.1.0\"\n+  \"version\": \"1.2.0\""))
      #expect(try await scene.runs("resolve", "resolved") == 1)
      let undo = try await scene.comment(number, "/arborist undo")
      try await scene.settled()
      #expect(try await scene.answers(number, to: undo).first?.body.contains("nothing to take back") == true)
      // Control: it is pushed where the forge takes it.
      try refusal.lift()
      _ = try await scene.comment(number, "/arborist resolve")
      try await scene.settled()
      #expect(try scene.tip("topic") != head)
      #expect(try await scene.check("resolve", at: head) == .success)
    }
  }

  @Test func aBranchThatIsMarkedAsProtectedIsNotPushedToThoughTheListCannotBeRead() async throws {
    // GitLab shows the list to Maintainers, and Arborist is none here.
    try await ServiceScene.play(.gitlab, Self.setting("unverified: head\n")) { scene in
      let number = try await scene.open("topic", Self.package("1.1.0"), .write("new.py", "x = 1\n"))
      try await scene.settled()
      let head = try scene.tip("topic")
      try await scene.forge.protect("topic", in: ServiceScene.path)
      try await scene.push("main", Self.package("1.2.0"))
      try await scene.settled()
      #expect(try scene.tip("topic") == head)
      #expect(try await scene.check("resolve", at: head) == .neutral)
      let summary = try #require(try await scene.summaries(number).first?.body)
      #expect(summary.contains("protects 'topic'") && summary.contains("as a patch"))
      let log = try #require(scene.service.withLock { $0?.log })
      let told = try Files.read(log).split(separator: 0x0a).count {
        String(decoding: $0, as: UTF8.self).contains("are protected cannot be read with this token")
      }
      #expect(told == 1)
    }
  }

  @Test(arguments: ForgeKind.allCases)
  func aMergeThatNoTestConfirmsGoesBesideTheBranch(kind: ForgeKind) async throws {
    try await ServiceScene.play(kind, Self.setting("")) { scene in
      let (number, head, base) = try await Self.conflicted(scene)
      let side = "arborist/resolve/topic-\(head.short)"
      #expect(try scene.branches() == [side, "main", "topic"].sorted())
      #expect(try scene.tip("topic") == head)
      #expect(try scene.tip("main") == base)
      let merge = try scene.tip(side)
      #expect(try scene.git.git("rev-list", "--parents", "-n1", merge.hex) == "\(merge.hex) \(head.hex) \(base.hex)")
      #expect(try await scene.check("resolve", at: head) == .neutral)
      #expect(try await scene.summaries(number).first?.body.contains(side) == true)
      let undo = try await scene.comment(number, "/arborist undo")
      try await scene.settled()
      #expect(try scene.tip("topic") == head)
      #expect(try await scene.answers(number, to: undo).first?.body.contains("nothing to take back") == true)
    }
  }
}

extension ServiceScene {
  /// A hook of the forge's that no client knows of.
  struct Refusal {
    fileprivate let path: String

    /// Takes the hook away.
    func lift() throws { try Files.write("#!/bin/sh\n".utf8, to: path, mode: 0o755) }
  }

  /// Has a hook refuse what is pushed to a branch.
  func refusePushes(to branch: String) throws -> Refusal {
    let refusal = Refusal(path: git.path + "/hooks/update")
    // Commits that a test makes move no branch by a push.
    let hook = """
      #!/bin/sh
      [ -n "$FORGE_REPOSITORY" ] && [ "$1" = "refs/heads/\(branch)" ] || exit 0
      echo "no merges today" >&2
      exit 1
      """
    try Files.write(hook.utf8, to: refusal.path, mode: 0o755)
    return refusal
  }

  /// The branches on the forge.
  func branches() throws -> [String] {
    try git.git("for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads/").split(separator: "\n").map(String.init)
      .sorted()
  }
}
