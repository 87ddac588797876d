import Base
import Git
import Pipeline
import Policy
import TestSupport
import Testing
import Work

@Suite("`arborist resolve` in a person's own repository touches one branch and nothing else")
struct LocalResolveTests {
  let directory: TemporaryDirectory
  let repository: TestRepository

  init() throws {
    directory = try TemporaryDirectory()
    repository = try TestRepository(named: "tree", in: directory)
    Files.makeDirectory(directory.path + "/scratch")
  }

  /// Makes the conflict and checks the feature branch out.
  private func conflict(configuration: String? = nil) throws -> (root: ObjectID, main: ObjectID, topic: ObjectID) {
    var files = [TestRepository.Change.write("app.py", Conflict.base)]
    if let configuration { files.append(.write(".arborist.yml", configuration)) }
    let root = try repository.commit("main", parents: [], changes: files)
    let main = try repository.commit("main", .write("app.py", Conflict.theirs))
    let topic = try repository.commit("topic", parents: [root], .write("app.py", Conflict.ours))
    try repository.git("checkout", "--quiet", "--force", "topic")
    return (root, main, topic)
  }

  private func resolve(
    branch: String? = nil, base: String? = nil, remote: String? = nil, dryRun: Bool = false, at path: String? = nil,
    beforeItLands: (@Sendable () throws -> Void)? = nil
  ) async throws -> LocalResolve.Result {
    var resolve = LocalResolve(
      repository: path ?? repository.path, base: base, branch: branch, remote: remote, isDryRun: dryRun,
      identity: House.bot)
    if let beforeItLands {
      // Asked when the merge is made, and nothing is written yet.
      resolve.signer = { _ in
        try beforeItLands()
        return Array("-----BEGIN SSH SIGNATURE-----\nA\n-----END SSH SIGNATURE-----\n".utf8)
      }
    }
    return try await resolve.run(
      scratch: directory.path + "/scratch",
      keepingIn: UserDirectories(
        state: directory.path + "/state", configuration: directory.path + "/configuration", isShared: false))
  }

  /// Everything of a repository that a merge could touch.
  private func state(_ repository: TestRepository) throws -> [String] {
    let references = [
      try repository.git("for-each-ref", "--format=%(refname) %(objectname)"),
      try repository.git("symbolic-ref", "--quiet", "HEAD"),
    ]
    if repository.isBare { return references }
    return references + [try repository.git("status", "--porcelain"), try repository.git("ls-files", "--stage")]
  }

  private func code(_ error: any Error) -> GitError.Code? { (error as? GitError)?.code }

  @Test("The merge is on a branch beside; HEAD, the index and the work tree stay, changes in them included")
  func side() async throws {
    let (_, main, topic) = try conflict()
    try Files.write("mine".utf8, to: repository.path + "/untracked")
    try Files.write("mine\n".utf8, to: repository.path + "/app.py")
    let before = try state(repository)
    let result = try await resolve()
    let side = "refs/heads/arborist/resolve/topic-\(topic.short)"
    #expect(result.outcome.verdict == .resolved && result.pushed?.display == side)
    #expect(try repository.git("rev-parse", "\(side)^1", "\(side)^2") == "\(topic.hex)\n\(main.hex)")
    try repository.git("update-ref", "-d", side)
    #expect(try state(repository) == before)
    #expect(try String(decoding: Files.read(repository.path + "/app.py"), as: UTF8.self) == "mine\n")
    #expect(try Command.run(["ls", "scratch"], in: directory.path).output.isEmpty)
  }

  @Test("A dry run, and `unverified: report`, write nothing", arguments: [true, false])
  func dry(_ isDryRun: Bool) async throws {
    _ = try conflict(configuration: isDryRun ? "unverified: head\n" : "unverified: report\n")
    let before = try state(repository)
    let result = try await resolve(dryRun: isDryRun)
    #expect(result.outcome.commit != nil && result.pushed == nil && !result.notes.isEmpty)
    #expect(try state(repository) == before)
  }

  @Test("The branch that is checked out is not moved under a person's feet: the merge is beside; another one is moved")
  func checkedOut() async throws {
    let (_, main, topic) = try conflict(configuration: "unverified: head\n")
    try Files.write("mine\n".utf8, to: repository.path + "/app.py")
    let before = try state(repository)
    let side = "refs/heads/arborist/resolve/topic-\(topic.short)"
    let beside = try await resolve()
    #expect(beside.pushed?.display == side && beside.refusal == nil && beside.patch == nil)
    #expect(beside.notes == ["It is on a branch of its own, because topic is checked out."])
    #expect(try repository.git("rev-parse", "\(side)^1", "\(side)^2") == "\(topic.hex)\n\(main.hex)")
    try repository.git("update-ref", "-d", side)
    #expect(try state(repository) == before)
    try repository.git("checkout", "--quiet", "--force", "--detach")
    let result = try await resolve(branch: "topic")
    #expect(result.pushed?.display == "refs/heads/topic" && result.notes.isEmpty)
    #expect(try repository.git("rev-parse", "topic^1") == topic.hex)
  }

  @Test(
    "A branch that moves on, or is checked out, while the merge is made: the merge is beside", arguments: [true, false])
  func raced(_ isMoved: Bool) async throws {
    let (root, _, topic) = try conflict(configuration: "unverified: head\n")
    try repository.git("checkout", "--quiet", "--detach")
    let repository = repository
    let side = "refs/heads/arborist/resolve/topic-\(topic.short)"
    let result = try await resolve(branch: "topic") {
      if isMoved {
        try repository.git("update-ref", "refs/heads/topic", root.hex)
      } else {
        try repository.git("checkout", "--quiet", "topic")
      }
    }
    #expect(try repository.id("topic") == (isMoved ? root : topic))
    #expect(result.pushed?.display == side && result.refusal == nil)
    #expect(try repository.git("rev-parse", "\(side)^1") == topic.hex)
    let reason = isMoved ? "topic is at \(root.short) by now" : "it is checked out in"
    #expect(result.notes.count == 1 && result.notes.first?.contains(reason) == true, "\(result.notes)")
  }

  @Test("What an earlier run left beside the branch stays, and the next merge goes beside it")
  func numbered() async throws {
    let (_, _, topic) = try conflict()
    let side = "refs/heads/arborist/resolve/topic-\(topic.short)"
    let first = try await resolve()
    #expect(first.pushed?.display == side)
    #expect(try await resolve().pushed?.display == side, "the same merge is the same commit")
    try repository.commit("main", .write("other", "1\n"))
    let second = try await resolve()
    #expect(second.pushed?.display == side + "-2" && second.outcome.commit != first.outcome.commit)
    #expect(try repository.id(side) == first.outcome.commit)
  }

  @Test("A merge that can go nowhere is kept as a patch, and the reason is told")
  func patch() async throws {
    let (_, _, topic) = try conflict()
    try repository.git("branch", "arborist", "main")
    let before = try state(repository)
    let result = try await resolve()
    #expect(result.pushed == nil && result.refusal?.contains("'refs/heads/arborist' is in the way") == true)
    #expect(try state(repository) == before)
    let patch = try #require(result.patch)
    #expect(patch.hasPrefix(directory.path + "/state/runs/") && patch.hasSuffix("/changes.patch"))
    try repository.git("checkout", "--quiet", "--force", "--detach", topic.hex)
    try repository.git("apply", patch)
    let merged = try Files.read(repository.path + "/app.py")
    try repository.git("branch", "-D", "arborist")
    let control = try await resolve(branch: "topic")
    let side = try #require(control.pushed).display
    #expect(control.refusal == nil && control.patch == nil)
    #expect(try repository.git("show", "\(side):app.py") + "\n" == String(decoding: merged, as: UTF8.self))
  }

  @Test("A repository that cannot be merged in says why, and stays as it is")
  func badInput() async throws {
    await #expect { try await resolve() } throws: { code($0) == .unbornBranch || $0 is NoBase }
    let (root, _, _) = try conflict()
    let alone = try repository.commit("alone", parents: [], .write("app.py", "1\n"))
    let before = try state(repository)
    await #expect { try await resolve(branch: "none") } throws: { code($0) == .notFound }
    await #expect { try await resolve(branch: "alone") } throws: { code($0) == .noCommonAncestor }
    await #expect { try await resolve(base: "none") } throws: { code($0) == .notFound }
    await #expect { try await resolve(remote: "none") } throws: { code($0) == .notFound }
    for closed in ["main", "refs/heads/main", "MAIN", "HEAD", "main/../main", "refs/tags/x"] {
      await #expect(throws: (any Error).self, "\(closed)") { try await resolve(branch: closed) }
    }
    #expect(try state(repository) == before)
    try repository.git("checkout", "--quiet", "--detach")
    await #expect { try await resolve() } throws: { code($0) == .invalid }
    #expect(try repository.id("alone") == alone && repository.id("main") != root)
  }

  @Test("A shallow clone whose common ancestor is cut off is an error, and gets no merge")
  func shallow() async throws {
    _ = try conflict()
    try repository.git("clone", "--quiet", "--depth=1", "--no-single-branch", "file://\(repository.path)", "../shallow")
    let clone = TestRepository(existing: directory.path + "/shallow", bare: false, in: directory)
    try clone.git("remote", "set-head", "origin", "main")
    let before = try state(clone)
    await #expect(throws: GitError.self) { try await resolve(at: clone.path) }
    #expect(try state(clone) == before)
    try clone.git("fetch", "--quiet", "--unshallow")
    #expect(try await resolve(at: clone.path).outcome.verdict == .resolved)
  }

  // MARK: Remotes

  /// A bare copy, which the work tree knows as `there`.
  private func makeRemote(_ server: GitServer? = nil) throws -> TestRepository {
    try repository.git("clone", "--quiet", "--bare", ".", "../there.git")
    let there = TestRepository(existing: directory.path + "/there.git", bare: true, in: directory)
    try there.git("symbolic-ref", "HEAD", "refs/heads/main")
    try repository.git("remote", "add", "there", server?.address("there.git") ?? there.path)
    return there
  }

  @Test(
    "With a remote the merge goes there, and the repository itself stays", arguments: ["side", "head"], [false, true])
  func remote(_ target: String, _ overNetwork: Bool) async throws {
    let server = overNetwork ? try GitServer(serving: directory.path) : nil
    let (_, _, topic) = try conflict(configuration: "unverified: \(target)\n")
    let there = try makeRemote(server)
    let before = try state(repository)
    let main = try there.id("main")
    let result = try await resolve(remote: "there")
    let pushed = target == "side" ? "refs/heads/arborist/resolve/topic-\(topic.short)" : "refs/heads/topic"
    #expect(result.pushed?.display == pushed)
    #expect(try there.git("rev-parse", "\(pushed)^1") == topic.hex)
    #expect(try there.id("main") == main)
    #expect(try state(repository) == before)
    #expect(try there.git("fsck", "--no-dangling") == "")
  }

  @Test(
    "A remote that has moved on is not pushed over, and that is said before anything is made", arguments: [false, true])
  func overtaken(_ overNetwork: Bool) async throws {
    let server = overNetwork ? try GitServer(serving: directory.path) : nil
    _ = try conflict(configuration: "unverified: head\n")
    let there = try makeRemote(server)
    try there.commit("topic", .write("person", "1\n"))
    let before = try state(there)
    await #expect { try await resolve(remote: "there") } throws: { code($0) == .modified }
    #expect(try state(there) == before)
  }

  @Test("A remote that moves on while the merge is made gets it beside", arguments: [false, true])
  func racedThere(_ overNetwork: Bool) async throws {
    let server = overNetwork ? try GitServer(serving: directory.path) : nil
    let (_, _, topic) = try conflict(configuration: "unverified: head\n")
    let there = try makeRemote(server)
    let before = try state(repository)
    let result = try await resolve(remote: "there") { try there.commit("topic", .write("person", "1\n")) }
    let side = "refs/heads/arborist/resolve/topic-\(topic.short)"
    #expect(result.pushed?.display == side && result.refusal == nil)
    #expect(try there.git("rev-parse", "\(side)^1") == topic.hex)
    #expect(try there.git("show", "topic:person") == "1")
    #expect(try state(repository) == before)
  }

  @Test("A branch that the remote's HEAD names is closed", arguments: [false, true])
  func remoteHead(_ overNetwork: Bool) async throws {
    let server = overNetwork ? try GitServer(serving: directory.path) : nil
    _ = try conflict(configuration: "unverified: head\n")
    let there = try makeRemote(server)
    try there.git("symbolic-ref", "HEAD", "refs/heads/topic")
    let before = try state(there)
    await #expect(throws: BranchRefusal.self) { try await resolve(remote: "there") }
    #expect(try state(there) == before)
  }
}
