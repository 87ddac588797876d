internal import Base
package import Evaluation
internal import FileSystem
package import Git

/// A repository with the merges of it that are to be replayed.
package struct ReplaySource: Sendable {
  /// The repository by the name that reports use.
  package let name: String
  /// Its directory with the objects.
  package let objects: String
  package let merges: [Task]
  /// What is known before anything is replayed: the merges that are left out.
  package let leftOut: MergeTally

  /// One merge to be replayed.
  package enum Task: Sendable, Hashable {
    /// Merges the two parents again.
    case commit(MergeCommit)
    /// Merges the files that a list names.
    case files(MergeList.Merge)

    /// The merge commit.
    var id: ObjectID {
      switch self {
      case .commit(let merge): merge.id
      case .files(let merge): merge.id
      }
    }
  }

  /// The merges of two parents that are reachable from HEAD, newest first.
  ///
  /// - Parameters:
  ///   - path: The repository, or a directory in it.
  ///   - since: From where on; `nil` for all.
  ///   - sample: How many at most, evenly spread; `nil` for all.
  /// - Returns: The repository with these merges.
  /// - Throws: ``GitError`` where the repository is not there or its history cannot be read.
  package static func history(of path: String, since: Since?, sample: Int?) async throws -> ReplaySource {
    let actor = try await RepositoryActor.open { () throws(GitError) in try Repository.discover(at: path) }
    return try await actor.perform { repository throws(GitError) in
      guard let head = try repository.head().commit else {
        throw GitError(
          .unbornBranch, operation: "replay the merges of '\(DisplayText.escaping(path.utf8))'",
          message: "HEAD has no commit yet")
      }
      var bases: [ObjectID] = []
      var time: Timestamp?
      switch since {
      case nil: break
      case .date(let moment): time = moment
      case .revision(let revision): bases = [try repository.resolve(revision)]
      }
      let commits = try repository.mergeCommits(of: head, notIn: bases, since: time)
      let merges = commits.filter { $0.parents.count == 2 }
      var leftOut = MergeTally()
      leftOut.octopus = commits.count - merges.count
      return ReplaySource(
        name: DisplayText.escaping(path.utf8), objects: repository.objectsDirectory,
        merges: Sample.even(merges, count: sample).map(Task.commit), leftOut: leftOut)
    }
  }

  /// The merges of a list, by repository.
  ///
  /// - Parameters:
  ///   - list: The list.
  ///   - directory: Where OWNER/NAME is as the bare repository `OWNER+NAME/repo`.
  ///   - sample: How many merges at most, evenly spread over the whole list; `nil` for all.
  /// - Returns: Each repository with its merges, in the order in which the list first names them.
  /// - Throws: ``GitError`` with `notFound` where a repository is not there.
  package static func sources(of list: MergeList, in directory: String, sample: Int?) async throws -> [ReplaySource] {
    var names: [String] = []
    var merges: [String: [Task]] = [:]
    for merge in Sample.even(list.merges, count: sample) {
      if merges[merge.repository] == nil { names.append(merge.repository) }
      merges[merge.repository, default: []].append(.files(merge))
    }
    var sources: [ReplaySource] = []
    for name in names {
      let path = directory + "/" + String(name.map { $0 == "/" ? "+" : $0 }) + "/repo"
      let actor = try await RepositoryActor.open { () throws(GitError) in try Repository.openBare(at: path) }
      let objects = await actor.perform { $0.objectsDirectory }
      sources.append(
        ReplaySource(
          name: DisplayText.escaping(name.utf8), objects: objects, merges: merges[name] ?? [], leftOut: MergeTally()))
    }
    return sources
  }
}

/// A part of many that stands for all.
enum Sample {
  /// So many of the elements, evenly spread from the first on; all where there are not more.
  static func even<Element>(_ elements: [Element], count: Int?) -> [Element] {
    guard let count, count < elements.count else { return elements }
    return (0..<max(0, count)).map { elements[$0 * elements.count / count] }
  }
}
