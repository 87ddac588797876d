internal import Base
internal import CLibgit2

/// Copies what a commit needs from one repository into another that lacks it.
final class ObjectCopy {
  private let source: Repository
  private let from: Handle
  private let to: Handle

  init(from source: Repository, to destination: Repository) throws(GitError) {
    let from = try source.objectDatabase()
    let to = try destination.objectDatabase()
    self.source = source
    self.from = from
    self.to = to
  }

  private enum Kind {
    case commit
    case tree
    case blob
  }

  private struct Step {
    let id: ObjectID
    let kind: Kind
    let childrenAreThere: Bool
  }

  /// Copies a commit and everything below it, each object after those it names.
  ///
  /// So an object that is there is whole, even where the copying was cut off, and the walk stops at it. Of what it stops
  /// at, one may have been written by somebody who was killed before others got their rights to it.
  ///
  /// - Parameters:
  ///   - commit: The commit.
  ///   - place: Where an object lies there.
  /// - Throws: ``GitError`` where one cannot be read or written.
  func run(_ commit: ObjectID, place: (ObjectID) -> SharedObject) throws(GitError) {
    var waiting = [Step(id: commit, kind: .commit, childrenAreThere: false)]
    var seen: Set<ObjectID> = []
    while let step = waiting.popLast() {
      if step.childrenAreThere {
        let object = place(step.id)
        object.prepare()
        try copy(step.id)
        object.share()
        continue
      }
      guard seen.insert(step.id).inserted else { continue }
      if isThere(step.id) {
        place(step.id).share()
        continue
      }
      waiting.append(Step(id: step.id, kind: step.kind, childrenAreThere: true))
      waiting += try children(of: step)
    }
  }

  private func children(of step: Step) throws(GitError) -> [Step] {
    switch step.kind {
    case .blob: return []
    case .tree:
      return try source.entries(of: step.id).filter { $0.mode != .submodule }.map {
        Step(id: $0.id, kind: $0.mode == .directory ? .tree : .blob, childrenAreThere: false)
      }
    case .commit:
      let commit = try source.commit(step.id)
      return commit.parents.map { Step(id: $0, kind: .commit, childrenAreThere: false) } + [
        Step(id: commit.tree, kind: .tree, childrenAreThere: false)
      ]
    }
  }

  private func isThere(_ id: ObjectID) -> Bool {
    var oid = id.oid
    return unsafe git_odb_exists_ext(to.pointer, &oid, GIT_ODB_LOOKUP_NO_REFRESH.rawValue) == 1
  }

  private func copy(_ id: ObjectID) throws(GitError) {
    var oid = id.oid
    let object = try make("read the object \(id.short)", owner: source, free: { unsafe git_odb_object_free($0) }) {
      unsafe git_odb_read(&$0, from.pointer, &oid)
    }
    var written = git_oid()
    let result = unsafe git_odb_write(
      &written, to.pointer, git_odb_object_data(object.pointer), git_odb_object_size(object.pointer),
      git_odb_object_type(object.pointer))
    try check(result, "copy the object \(id.short)")
  }
}
