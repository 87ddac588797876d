import Base
import FileSystem
import TestSupport
import Testing
import Work

@testable import Git

@Suite("A reference moves under a lock that tells whose it is, whenever its owner dies")
struct ReferenceLockTests {
  let directory: TemporaryDirectory
  let destination: TestRepository
  let base: ObjectID
  let next: ObjectID
  let work: PrivateRepository
  let feature: RefName
  let sharing: SharedPermissions

  init() throws {
    directory = try TemporaryDirectory()
    destination = try TestRepository(bare: true, named: "there.git", in: directory)
    base = try destination.commit("main", changes: [.write("file", "one\n")])
    try destination.git("branch", "feature", base.hex)
    work = try PrivateRepository.create(
      at: directory.path + "/private", borrowing: [destination.path + "/objects"])
    let signature = Signature(name: "Bot", email: "bot@example.com", time: Timestamp(seconds: 1_700_000_100))
    next = try work.writeCommit(
      tree: work.tree(of: base), parents: [base], author: signature, committer: signature,
      message: Array("next\n".utf8))
    feature = try RefName("refs/heads/feature")
    sharing = SharedPermissions("", like: destination.path + "/objects")
  }

  private var lock: String { destination.path + "/refs/heads/feature.lock" }

  private func land(_ name: String = "feature", expecting old: ObjectID? = nil) throws -> LandingOutcome {
    let rules = BranchRules(base: try RefName("refs/heads/main"), defaultBranch: nil, head: nil)
    let branch = try FeatureBranch(Array("refs/heads/\(name)".utf8), under: rules)
    return try work.land(next, onto: branch, expecting: old ?? base, at: destination.path)
  }

  private func isLocked(_ body: () throws -> LandingOutcome) -> Bool {
    do {
      _ = try body()
      return false
    } catch {
      guard case .locked = (error as? LandingError)?.reason else { return false }
      return true
    }
  }

  private func status(_ path: String) throws -> FileStatus? { try FileStatus(noFollow: Array(path.utf8)) }

  @Test("However it is made: it is whole at once, keeps others out, and becomes the reference", arguments: 0..<3)
  func isTaken(_ making: Int) throws {
    let making = [ReferenceLock.Making.allCases[making]]
    func take() throws -> Bool {
      try ReferenceLock.take(of: feature, for: next, in: destination.path, sharing, by: making) != nil
    }
    let held = try ReferenceLock.take(of: feature, for: next, in: destination.path, sharing, by: making)
    guard var held else { throw NotTaken() }
    #expect(try Files.read(lock) == Array("\(next.hex)\n".utf8))
    #expect(try status(lock).map { $0.mode & ReferenceLock.mark } == ReferenceLock.mark)
    // Neither another of ours nor git gets it, and nobody takes it for abandoned.
    #expect(try !take())
    AbandonedLock.remove(of: feature, to: next, in: destination.path)
    #expect(try destination.attempt(["update-ref", "refs/heads/feature", base.hex]).status != 0)
    #expect(Files.exists(lock))
    try held.commit()
    #expect(try Files.read(destination.path + "/refs/heads/feature") == Array("\(next.hex)\n".utf8))
    #expect(try status(destination.path + "/refs/heads/feature").map { $0.mode & 0o7000 } == 0)
    #expect(!Files.exists(lock))
    // Nothing else is left, and the next one gets it.
    let objects = try Directory.names(Array("\(destination.path)/objects".utf8))
    #expect(!objects.contains { $0.starts(with: "tmp".utf8) })
    #expect(try take())
    #expect(!Files.exists(lock))
  }

  private struct NotTaken: Error {}

  @Test("Who gave up leaves no lock, and who lost it to somebody else leaves that one alone")
  func isGivenUp() throws {
    func take(_ body: () throws -> Void) throws {
      guard try ReferenceLock.take(of: feature, for: next, in: destination.path, sharing) != nil else {
        throw NotTaken()
      }
    }
    try take {}
    #expect(!Files.exists(lock))
    guard var held = try ReferenceLock.take(of: feature, for: next, in: destination.path, sharing) else {
      throw NotTaken()
    }
    Files.remove(lock)
    try Files.write([], to: lock)
    do {
      try held.commit()
      Issue.record("it moved a reference by somebody else's lock")
    } catch {
      #expect(error.code == .modified)
    }
    #expect(try Files.read(lock).isEmpty)
    #expect(try destination.id("feature") == base)
  }

  /// What lies where the lock would be, and whether it is surely one that a dead process of ours has left.
  enum Left: String, CaseIterable {
    // The first stands at each instant behind the making of a lock, the second where the file system keeps no mark.
    case marked, unmarked, markedForAnother
    case empty, emptyAndOld, another, part, link, directory, heldAndMarked

    var isOurs: Bool {
      switch self {
      case .marked, .unmarked, .markedForAnother: true
      default: false
      }
    }
  }

  @Test("A lock that a killed process of ours left is removed, and no other is", arguments: Left.allCases)
  func abandoned(_ left: Left) throws {
    let path = Array(lock.utf8)
    let ours = Array("\(next.hex)\n".utf8)
    var holder: FileDescriptor?
    switch left {
    case .marked: try Files.write(ours, to: lock, mode: 0o1644)
    case .unmarked: try Files.write(ours, to: lock)
    case .markedForAnother: try Files.write(Array("\(base.hex)\n".utf8), to: lock, mode: 0o1644)
    case .empty, .emptyAndOld: try Files.write([], to: lock)
    case .another: try Files.write(Array("\(base.hex)\n".utf8), to: lock)
    case .part: try Files.write(ours.prefix(20), to: lock)
    case .link: try File.makeSymbolicLink(path, target: Array("/dev/null".utf8))
    case .directory: try Directory.make(path, mode: 0o755)
    case .heldAndMarked:
      try Files.write(ours, to: lock, mode: 0o1644)
      let file = try FileDescriptor(opening: path, .readWriteNoFollow)
      #expect(try file.tryLock())
      holder = consume file
    }
    if left == .emptyAndOld { try File.setModified(path, 1_000_000_000) }
    if left.isOurs {
      #expect(try land() == .landed)
      #expect(!Files.exists(lock))
      #expect(try destination.id("feature") == next)
    } else {
      #expect(isLocked { try land() })
      #expect(try status(lock) != nil)
      #expect(try destination.id("feature") == base)
    }
    _ = consume holder
    // As soon as the owner is gone, it is one that is left.
    if left == .heldAndMarked { #expect(try land() == .landed) }
  }

  @Test("A lock beside a reference that has moved already is removed as well")
  func besideMoved() throws {
    #expect(try land() == .landed)
    try Files.write(Array("\(next.hex)\n".utf8), to: lock)
    #expect(try land() == .alreadyThere)
    #expect(!Files.exists(lock))
    // The control: git's stays.
    try Files.write([], to: lock)
    #expect(try land() == .alreadyThere)
    #expect(Files.exists(lock))
  }

  @Test("A reference whose mover was killed behind the move loses our mark")
  func behindMove() throws {
    #expect(try land() == .landed)
    let path = destination.path + "/refs/heads/feature"
    try File.setMode(Array(path.utf8), 0o1644)
    #expect(try land() == .alreadyThere)
    #expect(try status(path)?.mode == 0o644)
  }

  @Test("A log tells each move once, also where its writer was killed behind the line or within one")
  func isLogged() throws {
    let log = destination.path + "/logs/refs/heads/feature"
    try destination.git("config", "core.logAllRefUpdates", "true")
    let line = "\(base.hex) \(next.hex) Arborist <arborist> 1700000000 +0000\tpush by Arborist\n"
    try Files.write(Array(line.utf8), to: log)
    #expect(try land() == .landed)
    #expect(try Files.read(log) == Array(line.utf8))
    // Back and there again: that is another move.
    try destination.git("update-ref", "-m", "back", "refs/heads/feature", base.hex)
    #expect(try land() == .landed)
    let told = try destination.git("log", "-g", "--format=%gs %H", "feature")
    #expect(told == "push by Arborist \(next.hex)\nback \(base.hex)\npush by Arborist \(next.hex)")
    try destination.git("update-ref", "-m", "back", "refs/heads/feature", base.hex)
    try Files.write(try Files.read(log) + Array(line.utf8.prefix(90)), to: log)
    #expect(try land() == .landed)
    #expect(try destination.git("log", "-g", "--format=%gs", "feature").hasPrefix("push by Arborist\nback\n"))
  }

  @Test(
    "A log is begun where git would begin one",
    arguments: [("true", false, true), ("false", false, false), ("false", true, true), ("", false, false)])
  func beginsLog(_ setting: String, isThere: Bool, isWritten: Bool) throws {
    let log = destination.path + "/logs/refs/heads/feature"
    if !setting.isEmpty { try destination.git("config", "core.logAllRefUpdates", setting) }
    if isThere { try Files.write([], to: log) }
    #expect(try land() == .landed)
    #expect((try? Files.read(log))?.isEmpty == false ? isWritten : !isWritten)
  }

  @Test(
    "Empty directories in the way of a branch or of its log go, and nothing that is in one", arguments: [false, true])
  func directoriesInTheWay(_ isFilled: Bool) throws {
    try destination.git("config", "core.logAllRefUpdates", "true")
    let name = "arborist/side"
    for root in ["/refs/heads/", "/logs/refs/heads/"] {
      let path = destination.path + root + name + "/a/b"
      try Files.write([], to: path + "/x")
      if !isFilled { Files.remove(path + "/x") }
    }
    if isFilled {
      #expect(throws: LandingError.self) { try land(name, expecting: .zero) }
      #expect(Files.exists(destination.path + "/refs/heads/" + name + "/a/b/x"))
      #expect(!Files.exists(destination.path + "/refs/heads/" + name + ".lock"))
    } else {
      #expect(try land(name, expecting: .zero) == .landed)
      #expect(try destination.id(name) == next)
      #expect(try destination.git("fsck", "--strict", "--no-dangling") == "")
    }
  }

  @Test("Objects that a killed process left to itself alone can be read by everyone in the end")
  func sharesWhatIsThere() throws {
    let hex = next.hex
    let object = "\(destination.path)/objects/\(hex.prefix(2))/\(hex.dropFirst(2))"
    #expect(try land() == .landed)
    #expect(try status(object)?.mode == 0o444)
    try destination.git("update-ref", "refs/heads/feature", base.hex)
    try File.setMode(Array(object.utf8), 0o400)
    #expect(try land() == .landed)
    #expect(try status(object)?.mode == 0o444)
  }
}
