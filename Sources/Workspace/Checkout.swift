package import Base
internal import FileSystem
package import Git

/// The files of one commit in a directory of their own, for commands to work on.
///
/// They are the bytes of the blobs: no filter, no conversion of line ends, no submodule. With the history comes a `.git`
/// that reads its objects from elsewhere and is thrown away with the directory; nobody reads it back.
package struct Checkout: Sendable {
  /// The absolute path of the directory.
  package let directory: String
  /// What a commit has and the directory has not, with the reason.
  package let left: [RepositoryPath: String]

  /// The files of a commit.
  ///
  /// - Parameters:
  ///   - commit: The commit, or a tree.
  ///   - repository: Where it is.
  ///   - directory: An absolute path; it is made, and nothing may be there.
  ///   - history: Where the objects can be read by whoever works in the directory; `nil` for no `.git`.
  ///   - head: The commit that git in the directory takes for checked out; `nil` for the same commit.
  /// - Throws: ``GitError`` or ``FileError``.
  package init(
    of commit: ObjectID, in repository: Repository, at directory: String, history: History?,
    head: ObjectID? = nil
  ) throws {
    let root = Array(directory.utf8)
    try Directory.make(root, mode: 0o755)
    var left: [RepositoryPath: String] = [:]
    var failure: (any Error)?
    try repository.walk(commit) { entry throws(GitError) in
      guard failure == nil else { return false }
      if let reason = Self.refusal(entry) {
        left[entry.path] = reason
        return false
      }
      do {
        try Self.put(entry, of: repository, under: root)
      } catch let error as GitError {
        throw error
      } catch {
        failure = error
      }
      return true
    }
    if let failure { throw failure }
    self.directory = directory
    self.left = left
    if let history { try Self.putHistory(history, of: head ?? commit, files: commit, in: repository, under: directory) }
  }

  /// Where the history of a checkout is, and what it is called.
  package struct History: Sendable, Hashable {
    /// The object directories as whoever works in the checkout sees them.
    package var objects: [String]
    /// The branch that is checked out; `nil` for none.
    package var branch: RefName?

    package init(objects: [String], branch: RefName?) {
      self.objects = objects
      self.branch = branch
    }
  }

  /// Why an entry is not checked out; `nil` where it is.
  package static func refusal(_ entry: TreeEntry) -> String? {
    if entry.mode == .submodule { return "it is a submodule" }
    let name = entry.path.components.last.map { $0.map { $0 | 0x20 } } ?? []
    // What git would take for its own directory; a tree that has one was made by hand.
    return name == Array(".git".utf8) ? "git refuses its name" : nil
  }

  private static func put(_ entry: TreeEntry, of repository: Repository, under root: [UInt8]) throws {
    let path = root + [UInt8(ascii: "/")] + entry.path.bytes
    switch entry.mode {
    // A directory that is there already is no directory of ours: the tree has two entries of one name.
    case .directory: try Directory.make(path, mode: 0o755)
    case .symbolicLink:
      try File.makeSymbolicLink(path, target: repository.content(of: entry.id, limit: 4096))
    default:
      let content = try repository.content(of: entry.id, limit: .max)
      try FileDescriptor(opening: path, .create(mode: entry.mode == .executable ? 0o755 : 0o644)).write(content)
    }
  }

  private static func putHistory(
    _ history: History, of commit: ObjectID, files: ObjectID, in repository: Repository, under directory: String
  ) throws {
    let git = directory + "/.git"
    for name in ["", "/objects", "/objects/info", "/objects/pack", "/refs", "/refs/heads", "/refs/tags", "/info"] {
      try Directory.make(Array((git + name).utf8), mode: 0o755)
    }
    func write(_ text: String, to name: String) throws {
      try FileDescriptor(opening: Array("\(git)/\(name)".utf8), .create(mode: 0o644)).write(Array(text.utf8))
    }
    // Where the history was cut off, git must know, or it misses the parents.
    let shallow = Array((repository.commonDirectory + "/shallow").utf8)
    if try FileStatus(shallow) != nil {
      try FileDescriptor(opening: Array("\(git)/shallow".utf8), .create(mode: 0o644)).write(File.read(shallow))
    }
    try write(history.objects.map { $0 + "\n" }.joined(), to: "objects/info/alternates")
    try write("[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tlogallrefupdates = true\n", to: "config")
    // A packed reference needs no directories of its own, however many slashes the name has.
    if let branch = history.branch, let name = String(validating: branch.bytes, as: UTF8.self) {
      try write("\(commit.hex) \(name)\n", to: "packed-refs")
      try write("ref: \(name)\n", to: "HEAD")
    } else {
      try write("\(commit.hex)\n", to: "HEAD")
    }
    // Of the files that are there, so that git shows what is changed by whoever works in them, and no more.
    try repository.writeIndex(of: files, to: git + "/index")
  }

  /// Throws the directory away.
  ///
  /// - Throws: ``FileError`` where a file cannot be removed.
  package func remove() throws {
    try Directory.removeTree(Array(directory.utf8))
  }
}
