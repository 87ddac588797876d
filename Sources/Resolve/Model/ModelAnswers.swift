internal import Base
internal import Foundation
internal import Git
internal import Work

/// What a model left behind, in itself: the objects of the workspace that it worked in may be gone when it is read.
struct ModelAnswers: Sendable, Hashable, Codable {
  /// A file that is not as the model got it.
  struct File: Sendable, Hashable, Codable {
    /// What became of the file.
    enum Change: String, Sendable, Hashable, Codable {
      case edited
      case added
      case deleted
      /// It is of another kind, or may be executed now, or no longer.
      case mode
      /// It is too large to be looked at, or the harness could not keep it.
      case unreadable
    }

    var path: RepositoryPath
    var change: Change
    /// What it holds now; empty where it is no file that was edited.
    var content: StoredBytes
    /// What it held before, where that is needed to tell what was edited.
    var old: StoredBytes
  }

  var run: RunID
  var model: String
  var ending: AgentEnding
  var reason: String
  /// What the model said last.
  var text: String
  var files: [File]

  /// Reads what a model left behind.
  ///
  /// - Parameters:
  ///   - work: What the model made of its task.
  ///   - tree: The tree that it began with.
  ///   - repository: Where both trees are.
  /// - Throws: ``GitError`` where a tree cannot be read.
  init(_ work: ModelWork, from tree: ObjectID, in repository: Repository) throws(GitError) {
    run = work.run
    model = work.model
    ending = work.outcome.ending
    reason = work.outcome.reason
    text = String(work.outcome.text.suffix(64_000))
    var options = DiffOptions()
    options.detectsRenames = false
    options.maxFileSize = ContentConflict.largestFile
    files = []
    for change in try repository.diff(from: tree, to: work.tree, options: options).files {
      files += try Self.files(change, in: repository)
    }
    for path in work.leftOut where !files.contains(where: { $0.path == path }) {
      files.append(File(path: path, change: .unreadable, content: StoredBytes([]), old: StoredBytes([])))
    }
    files.sort { $0.path < $1.path }
  }

  private static func files(_ change: FileChange, in repository: Repository) throws(GitError) -> [File] {
    func bare(_ path: RepositoryPath, _ kind: File.Change) -> File {
      File(path: path, change: kind, content: StoredBytes([]), old: StoredBytes([]))
    }
    guard let old = change.old else { return change.new.map { [bare($0.path, .added)] } ?? [] }
    guard let new = change.new else { return [bare(old.path, .deleted)] }
    if old.path != new.path { return [bare(old.path, .deleted), bare(new.path, .added)] }
    if old.mode != new.mode { return [bare(new.path, .mode)] }
    guard old.mode != .submodule, old.mode != .symbolicLink else { return [bare(new.path, .mode)] }
    for blob in [old.blob, new.blob] where try repository.header(of: blob).size > ContentConflict.largestFile {
      return [bare(new.path, .unreadable)]
    }
    return [
      File(
        path: new.path, change: .edited,
        content: StoredBytes(try repository.content(of: new.blob, limit: ContentConflict.largestFile)),
        old: StoredBytes(try repository.content(of: old.blob, limit: ContentConflict.largestFile)))
    ]
  }
}

/// Bytes that are written down as text where they are text, and in base64 otherwise.
struct StoredBytes: Sendable, Hashable, Codable {
  var bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  private enum CodingKeys: String, CodingKey {
    case text, base64
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    if let text = try container.decodeIfPresent(String.self, forKey: .text) {
      bytes = Array(text.utf8)
      return
    }
    guard let data = Data(base64Encoded: try container.decode(String.self, forKey: .base64)) else {
      throw DecodingError.dataCorruptedError(forKey: .base64, in: container, debugDescription: "it is no base64")
    }
    bytes = Array(data)
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    if let text = String(validating: bytes, as: UTF8.self) {
      try container.encode(text, forKey: .text)
    } else {
      try container.encode(Data(bytes).base64EncodedString(), forKey: .base64)
    }
  }
}
