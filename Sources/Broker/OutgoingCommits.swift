internal import Base
internal import Git

/// What a push makes known: the messages of its commits, and the names and lines that none of their parents has.
struct OutgoingCommits {
  /// Where the push begins: the head that the branch moves from, or that a branch beside it was made from.
  let start: ObjectID
  let new: ObjectID
  let workspace: String
  /// The directory of the mirror: what is in there is known to the forge already.
  let mirror: String

  /// The most bytes that are looked through.
  static let most = 8 << 20
  /// The most commits that a run has put on a branch.
  static let mostCommits = 100

  /// All of it; `nil` where it is more than is looked through, or cannot be told from what else there is: where the
  /// first parents do not lead to the start, or the forge does not know the start or what was merged.
  ///
  /// - Throws: ``GitError`` where the workspace or the mirror cannot be read.
  func bytes() throws(GitError) -> [UInt8]? {
    let repository = try PrivateRepository.reopen(at: workspace)
    let known = try Repository.openBare(at: mirror)
    guard try known.contains(start) else { return nil }
    var result: [UInt8] = []
    var next = new
    var count = 0
    while next != start {
      count += 1
      guard count <= Self.mostCommits else { return nil }
      let commit = try repository.commit(next)
      guard let first = commit.parents.first else { return nil }
      for merged in commit.parents.dropFirst() {
        guard try known.contains(merged) else { return nil }
      }
      result += commit.message + [0x0a]
      for file in try additions(by: next, to: commit.parents, in: repository) {
        if file.isNamed { result += file.side.path.bytes + [0x0a] }
        guard try add(file, in: repository, to: &result), result.count <= Self.most else { return nil }
      }
      next = first
    }
    return result
  }

  /// What a commit adds to all of its parents: what a merge has from one of them is nothing new.
  private func additions(
    by commit: ObjectID, to parents: [ObjectID], in repository: PrivateRepository
  ) throws(GitError) -> [FileAddition] {
    var options = DiffOptions()
    options.contextLines = 0
    var common: [RepositoryPath: FileAddition]?
    // The last parent first: what the branch has beside the base is less than what the base has beside the branch.
    for parent in parents.reversed() {
      let files = try repository.diff(from: parent, to: commit, options: options).files.compactMap(FileAddition.init)
      let added = Dictionary(files.map { ($0.side.path, $0) }, uniquingKeysWith: { first, _ in first })
      common = common.map { Self.intersection($0, added) } ?? added
      if common?.isEmpty == true { break }
    }
    return (common ?? [:]).values.sorted { $0.side.path < $1.side.path }
  }

  private static func intersection(
    _ files: [RepositoryPath: FileAddition], _ others: [RepositoryPath: FileAddition]
  ) -> [RepositoryPath: FileAddition] {
    var result: [RepositoryPath: FileAddition] = [:]
    for (path, file) in files {
      if let other = others[path] { result[path] = file.intersection(other) }
    }
    return result
  }

  /// Adds what a file adds; `false` where it is too large.
  private func add(
    _ file: FileAddition, in repository: PrivateRepository, to result: inout [UInt8]
  ) throws(GitError) -> Bool {
    switch file.content {
    case .lines(let lines):
      for number in lines.keys.sorted() { result += (lines[number] ?? []) + [0x0a] }
      return true
    case .whole:
      guard file.side.size <= Self.most - result.count else { return false }
      result += try repository.content(of: file.side.blob, limit: Self.most) + [0x0a]
      return true
    }
  }
}

/// What a file of a commit adds to one or more of its parents.
struct FileAddition: Hashable {
  enum Content: Hashable {
    /// Lines by their numbers in the file.
    case lines([Int: [UInt8]])
    /// All of it: its lines cannot be compared.
    case whole
  }

  var side: FileChange.Side
  /// Whether its name is new too.
  var isNamed: Bool
  var content: Content

  /// What a change adds; `nil` where the file is gone.
  init?(_ change: FileChange) {
    guard let side = change.new else { return nil }
    self.side = side
    isNamed = change.old?.path != side.path
    let isOpaque = change.isBinary || change.isTooLarge
    if isOpaque, side.mode != .submodule, change.old?.blob != side.blob {
      content = .whole
    } else {
      var lines: [Int: [UInt8]] = [:]
      for line in change.hunks.lazy.flatMap(\.lines) where line.kind == .added {
        if let number = line.newNumber { lines[number] = line.content }
      }
      content = .lines(lines)
    }
  }

  /// What it adds to the parents of both.
  func intersection(_ other: FileAddition) -> FileAddition {
    var result = self
    result.isNamed = isNamed && other.isNamed
    switch (content, other.content) {
    case (.whole, let content), (let content, .whole): result.content = content
    case (.lines(let lines), .lines(let others)): result.content = .lines(lines.filter { others[$0.key] != nil })
    }
    return result
  }
}
