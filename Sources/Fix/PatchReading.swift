internal import Base
internal import Git
internal import Verify

/// Reads the difference between two trees as whole files.
enum PatchReading {
  /// The largest file that is looked into.
  private static let limit = 8 << 20

  /// What a tree has otherwise than another; a renamed file is one that goes and one that comes.
  static func files(from old: ObjectID, to new: ObjectID, in repository: Repository) throws -> [PatchedFile] {
    var files: [PatchedFile] = []
    for change in try repository.diff(from: old, to: new).files {
      let before = try change.old.map { try side($0, in: repository) }
      let after = try change.new.map { try side($0, in: repository) }
      if let old = change.old, let new = change.new, old.path != new.path {
        if case .copied = change.status {} else { files.append(PatchedFile(path: old.path, old: before, new: nil)) }
        files.append(PatchedFile(path: new.path, old: nil, new: after))
      } else if let path = change.new?.path ?? change.old?.path {
        files.append(PatchedFile(path: path, old: before, new: after))
      }
    }
    return files.sorted { $0.path < $1.path }
  }

  private static func side(_ side: FileChange.Side, in repository: Repository) throws -> PatchedFile.Side {
    if side.mode == .submodule { return PatchedFile.Side(mode: .submodule, content: Array(side.blob.hex.utf8)) }
    return PatchedFile.Side(mode: side.mode, content: try repository.content(of: side.blob, limit: limit))
  }

  /// A tree with the files of a patch in place of its own.
  static func tree(
    _ base: ObjectID, with patch: [PatchedFile], in repository: PrivateRepository
  ) throws -> ObjectID {
    var edits: [TreeEdit] = []
    for file in patch where file.new == nil { edits.append(.remove(file.path)) }
    for file in patch {
      guard let side = file.new else { continue }
      let blob: ObjectID
      if side.mode == .submodule, let id = ObjectID(hex: String(decoding: side.content, as: UTF8.self)) {
        blob = id
      } else {
        blob = try repository.writeBlob(side.content)
      }
      edits.append(.put(file.path, mode: side.mode, blob: blob))
    }
    return try repository.writeTree(from: base, edits)
  }
}
