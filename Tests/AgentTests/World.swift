import Agent
import Base
import Journal
import Models
import Sandbox
import Tools

/// Files and commands in memory: what a cell and its tools are to a run.
///
/// Calls are examined by the real profiles. A command is known by its text: `write NAME TEXT` and `drop NAME` change
/// the files, `fail` is answered as a tool that failed, `big N` with so many bytes, anything else with its own text.
final class World: ToolPerforming, FilesKeeping {
  private let catalog: ProfileCatalog
  private let state: Lock<State>
  /// What is kept beyond the life of a world; shared by all worlds of one run.
  private let kept: Kept

  final class Kept: Sendable {
    let contents = Lock<[Digest: String]>([:])
  }

  struct State {
    var files: [String: String] = [:]
    var performed: [ToolOperation] = []
    /// What is done before an operation is carried out; throwing, it is not.
    var before: (@Sendable (ToolOperation) async throws(SandboxError) -> Void)?
    var beforeChanges: (@Sendable () throws -> Void)?
    var hasNewMemory = false
  }

  init(
    _ profile: ToolProfile = .generic, _ dialect: Dialect = .chat, files: [String: String] = [:], kept: Kept = Kept()
  ) {
    catalog = ProfileCatalog(profile, dialect: dialect)
    state = Lock(State(files: files))
    self.kept = kept
  }

  /// A world in which the files are what the manifest says.
  convenience init(
    _ profile: ToolProfile = .generic, _ dialect: Dialect = .chat, restoring manifest: FilesManifest, kept: Kept
  ) {
    var files: [String: String] = [:]
    for (path, state) in manifest.entries {
      if case .file(let digest, _) = state { files[path.display] = kept.contents.withLock { $0[digest] } }
    }
    self.init(profile, dialect, files: files, kept: kept)
  }

  var performed: [ToolOperation] { state.withLock { $0.performed } }
  var files: [String: String] { state.withLock { $0.files } }
  /// The command lines that were carried out, in order.
  var commands: [String] {
    performed.compactMap { operation in
      switch operation {
      case .run(let request): request.command
      case .shell(let request): request.command
      default: nil
      }
    }
  }

  func before(_ body: @escaping @Sendable (ToolOperation) async throws(SandboxError) -> Void) {
    state.withLock { $0.before = body }
  }

  func beforeChanges(_ body: @escaping @Sendable () throws -> Void) {
    state.withLock { $0.beforeChanges = body }
  }

  func put(_ name: String, _ content: String) { state.withLock { $0.files[name] = content } }

  // MARK: Tools

  func examine(_ call: ToolCall) -> ExaminedCall { catalog.examine(call) }

  func perform(_ operation: ToolOperation) async throws(SandboxError) -> ToolAnswer {
    if let before = state.withLock({ $0.before }) { try await before(operation) }
    return state.withLock { state in
      state.performed.append(operation)
      switch operation {
      case .plan: return ToolAnswer(text: "Plan updated.")
      case .impossible(let text): return ToolAnswer(text: text, isError: true)
      case .read(let request), .view(let request):
        let name = String(decoding: request.path.bytes.dropFirst(CellPath.workspace.bytes.count + 1), as: UTF8.self)
        guard let content = state.files[name] else { return ToolAnswer(text: "There is no `\(name)`.", isError: true) }
        return ToolAnswer(text: content)
      case .write(let request):
        let name = String(decoding: request.path.bytes.dropFirst(CellPath.workspace.bytes.count + 1), as: UTF8.self)
        state.files[name] = request.content
        return ToolAnswer(text: "Written.")
      case .run(let request): return Self.run(request.command, &state)
      case .shell(let request): return Self.run(request.command, &state)
      default: return ToolAnswer(text: "done")
      }
    }
  }

  private static func run(_ command: String, _ state: inout State) -> ToolAnswer {
    let words = command.split(separator: " ", maxSplits: 2).map(String.init)
    switch words.first {
    case "write" where words.count == 3: state.files[words[1]] = words[2]
    case "drop" where words.count == 2: state.files[words[1]] = nil
    case "fail": return ToolAnswer(text: "it failed", isError: true)
    case "big": return ToolAnswer(text: String(repeating: "line of output\n", count: (Int(words[1]) ?? 0) / 15))
    default: break
    }
    return ToolAnswer(text: "ran \(command)")
  }

  func memoryChange() async -> ToolboxMemoryChange? { nil }

  // MARK: Files

  func changes(since manifest: FilesManifest) async throws -> FilesDelta? {
    if let before = state.withLock({ $0.beforeChanges }) { try before() }
    let files = state.withLock { $0.files }
    var changed: [ChangedFile] = []
    var stamp = ""
    var seen: Set<RepositoryPath> = []
    for (name, content) in files.sorted(by: { $0.key < $1.key }) {
      guard let path = RepositoryPath(name) else { continue }
      let digest = Digest(ofContent: Array(content.utf8))
      kept.contents.withLock { $0[digest] = content }
      seen.insert(path)
      stamp += "\(name) \(digest.hex) "
      let state = FileState.file(digest, isExecutable: false)
      if manifest.entries[path] != state { changed.append(ChangedFile(path: path, state: state)) }
    }
    let reverted = manifest.entries.keys.filter { !seen.contains($0) }.sorted { $0.display < $1.display }
    if changed.isEmpty, reverted.isEmpty { return nil }
    return FilesDelta(
      changed: changed, reverted: reverted,
      stamp: stamp.isEmpty ? FilesManifest.origin : Digest(ofContent: Array(stamp.utf8)).hex)
  }
}
