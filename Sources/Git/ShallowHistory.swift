internal import Base

/// History in a repository that does not have all of it.
///
/// The file `shallow` names the commits whose parents were left out (gitformat-pack, "shallow"; git-clone(1),
/// `--depth`). libgit2 1.5 does not look at it and stumbles over the missing parents, so here the walk is our own.
struct ShallowHistory {
  private let repository: Repository
  private let boundary: Set<ObjectID>

  /// - Throws: ``GitError`` where the file cannot be read.
  init(of repository: Repository) throws(GitError) {
    self.repository = repository
    boundary = Set(try Self.boundary(at: repository.commonDirectory + "/shallow"))
  }

  /// The commits that a file `shallow` names; empty where there is no such file.
  ///
  /// - Throws: ``GitError`` where it cannot be read.
  static func boundary(at path: String) throws(GitError) -> [ObjectID] {
    guard let content = try SmallFile.read(path) else { return [] }
    return content.split(separator: UInt8(ascii: "\n")).compactMap { ObjectID(hex: $0) }
  }

  /// A commit's parents as far as the repository has them.
  private func parents(of id: ObjectID) throws(GitError) -> [ObjectID] {
    boundary.contains(id) ? [] : try repository.commit(id).parents
  }

  /// A commit and everything that it descends from, as far as the repository has it.
  func ancestors(of id: ObjectID) throws(GitError) -> Set<ObjectID> {
    var seen: Set<ObjectID> = [id]
    var rest = [id]
    while let next = rest.popLast() {
      for parent in try parents(of: next) where seen.insert(parent).inserted { rest.append(parent) }
    }
    return seen
  }

  /// The common ancestors that no other common ancestor descends from, the newest first.
  func mergeBases(_ left: ObjectID, _ right: ObjectID) throws(GitError) -> [ObjectID] {
    let common = try ancestors(of: left).intersection(ancestors(of: right))
    var best = common
    // An ancestor of a common ancestor is one itself, so looking at parents is enough.
    for commit in common { best.subtract(try parents(of: commit)) }
    var dated: [(id: ObjectID, time: Timestamp)] = []
    for id in best { dated.append((id, try repository.commit(id).committer.time)) }
    return dated.sorted { ($1.time, $0.id.hex) < ($0.time, $1.id.hex) }.map(\.id)
  }
}
