import Base
import FileSystem
import Forges
import Git
import Journal
import JournalSQLite
import Pipeline
import Spool
import Synchronization
import TestSupport
import Testing
import Work

/// A bare repository that answers its pushes, with everything that `init` would have made, in this process.
final class House: Sendable {
  static let bot = BotIdentity(name: "Arborist", email: "bot@example.com")

  let repository: TestRepository
  let state: StateDirectory
  private let log = Mutex<[String]>([])
  private let clock = Mutex(Int64(1_700_000_500_000))

  init() throws {
    repository = try TestRepository(bare: true, named: "there.git")
    state = try #require(StateDirectory(Array((repository.directory.path + "/state").utf8)))
    for directory in [state.spoolNew, state.spoolTemporary, state.work] {
      Files.makeDirectory(String(decoding: directory, as: UTF8.self))
    }
  }

  /// What workers said.
  var lines: [String] { log.withLock { $0 } }

  // MARK: Pushing

  /// Leaves what a hook leaves after a push: one delivery.
  func deliver(_ updates: (branch: String, old: ObjectID, new: ObjectID)...) throws {
    let time = clock.withLock { time in
      time += 1000
      return time
    }
    var writer = try SpoolWriter(
      into: state, repository: Array(repository.path.utf8), actor: Array("ada".utf8),
      time: Timestamp(milliseconds: time))
    for update in updates {
      try writer.append(
        .push(RefUpdate(ref: try RefName("refs/heads/\(update.branch)"), old: update.old, new: update.new)))
    }
    try writer.finish()
  }

  /// Makes a commit on a branch and delivers it as pushed.
  @discardableResult
  func push(
    _ branch: String, parents: [ObjectID]? = nil, message: String = "A change", _ changes: TestRepository.Change...
  ) throws -> ObjectID {
    let old = try? repository.id("refs/heads/\(branch)")
    let new = try repository.commit(branch, parents: parents, message: message, changes: changes)
    try deliver((branch, old ?? .zero, new))
    return new
  }

  // MARK: Working

  /// Opens the journal as another process would.
  func journal() async throws -> any JournalStore {
    try await SQLiteJournal.open(
      path: String(decoding: state.journal, as: UTF8.self), access: .readWrite(mode: 0o600))
  }

  /// One worker's whole life.
  func work(_ name: String = "worker", watch: Watch = Watch()) async throws {
    let location = repository.path
    let source = try await RepositoryActor.open { () throws(GitError) in try Repository.openBare(at: location) }
    let recorded = [try RefName("refs/heads/main")]
    let worker = Worker(
      state: state, journal: WatchedJournal(store: try await journal(), watch: watch),
      intake: Intake(source, location: location, identity: Self.bot, recorded: recorded),
      venue: BareVenue(
        source, location: location, workDirectory: String(decoding: state.work, as: UTF8.self), identity: Self.bot,
        recorded: recorded),
      id: WorkerID(name), log: { line in self.log.withLock { $0.append(line) } })
    _ = try await worker.drain()
  }

  /// How every run ended, by job, oldest first.
  func closings(_ kind: JobKind) async throws -> [Closing?] {
    try await journal().runs(RunFilter()).filter { $0.job.kind == kind }.reversed().map(\.closing)
  }

  /// The jobs that wait or run.
  func pending() async throws -> [PendingJob] { try await journal().pending(limit: 99) }

  /// The verdict of the last run of a kind.
  func verdict(_ kind: JobKind) async throws -> Closing.Verdict? { try await closings(kind).last??.verdict }

  // MARK: Judging, by git

  /// Every reference and where it is.
  func references() throws -> [String: String] {
    let lines = try repository.git("for-each-ref", "--format=%(refname) %(objectname) %(symref)").split(separator: "\n")
    return lines.reduce(into: [:]) { result, line in
      let parts = line.split(separator: " ", maxSplits: 1)
      result[String(parts[0])] = String(parts[1])
    }
  }

  /// The references that are elsewhere than they were, or new, or gone; the notes aside.
  func moved(since before: [String: String]) throws -> [String] {
    let now = try references()
    return Set(before.keys).union(now.keys).filter { before[$0] != now[$0] && !$0.hasPrefix("refs/notes/") }.sorted()
  }

  /// The lines of a note, as `git notes` shows them; none where there is no note.
  func note(_ notes: NotesRef, of object: ObjectID) throws -> [String] {
    let result = try repository.attempt(["notes", "--ref=\(notes.rawValue)", "show", object.hex])
    return result.status == 0 ? result.lines : []
  }

  /// The comments on an object.
  func comments(on object: ObjectID) throws -> [Appraise.Comment] {
    Appraise.comments(in: Array(try note(.discuss, of: object).joined(separator: "\n").utf8))
  }

  /// The descriptions of the comments on an object that contain some words.
  func descriptions(on object: ObjectID, containing words: String) throws -> [String] {
    try comments(on: object).map(\.description).filter { $0.contains(words) }
  }
}

/// A history whose merge has a version and an import in conflict, which the resolvers settle.
struct Conflict {
  static let base = Conflict.file(version: "1.1.0", imports: ["os", "sys"])
  static let ours = Conflict.file(version: "1.3.0", imports: ["os", "pathlib", "sys"])
  static let theirs = Conflict.file(version: "1.2.5", imports: ["os", "re", "sys"])

  let root: ObjectID
  let main: ObjectID
  let topic: ObjectID

  static func file(version: String, imports: [String], body: String = "x = 1\n") -> String {
    imports.map { "import \($0)\n" }.joined()
      + "\n\n\(body)\n\ny = 1\nz = [os, pathlib, re, sys]\n\n\n__version__ = \"\(version)\"\n"
  }

  /// Makes it and delivers the push of the branch.
  init(
    in house: House, branch: String = "topic", configuration: String? = nil,
    ours: String = Conflict.ours, theirs: String = Conflict.theirs
  ) throws {
    var files = [TestRepository.Change.write("app.py", Self.base)]
    if let configuration { files.append(.write(".arborist.yml", configuration)) }
    root = try house.repository.commit("main", parents: [], changes: files)
    try house.repository.git("branch", branch, root.hex)
    main = try house.repository.commit("main", .write("app.py", theirs))
    topic = try house.push(branch, .write("app.py", ours))
  }

  var side: String { "refs/heads/arborist/resolve/topic-\(topic.short)" }
}
