package import Base

/// A repository for one test, made and judged by the git command line.
package final class TestRepository: Sendable {
  /// The temporary directory that everything lies in.
  package let directory: TemporaryDirectory
  /// The work tree, or the bare repository itself.
  package let path: String
  package let isBare: Bool

  /// Makes an empty repository whose HEAD names `main`.
  ///
  /// - Throws: What making it met.
  package init(bare: Bool = false, named name: String = "repo", in directory: TemporaryDirectory? = nil) throws {
    let directory = try directory ?? TemporaryDirectory()
    self.directory = directory
    path = directory.path + "/" + name
    isBare = bare
    Files.makeDirectory(path)
    try git("init", "--quiet", "--initial-branch=main", bare ? "--bare" : "--no-bare", ".")
  }

  /// Wraps a repository that is already there, such as a clone.
  package init(existing path: String, bare: Bool, in directory: TemporaryDirectory) {
    self.directory = directory
    self.path = path
    isBare = bare
  }

  /// The directory that holds HEAD.
  package var gitDirectory: String { isBare ? path : path + "/.git" }

  /// Runs git here and returns what it printed, without the line end at its end.
  ///
  /// - Throws: ``CommandFailure`` where it does not end with 0.
  @discardableResult
  package func git(
    _ arguments: String..., input: [UInt8] = [], adding extra: [String: String] = [:]
  ) throws -> String {
    let result = try attempt(arguments, input: input, adding: extra)
    guard result.status == 0 else {
      throw CommandFailure(
        arguments: ["git"] + arguments, status: result.status, errors: String(decoding: result.errors, as: UTF8.self))
    }
    return result.text
  }

  /// Runs git here and returns what came of it, whatever that is.
  ///
  /// - Throws: ``CommandFailure`` where git cannot be started.
  package func attempt(
    _ arguments: [String], input: [UInt8] = [], adding extra: [String: String] = [:]
  ) throws -> CommandResult {
    try Command.run(["git"] + arguments, in: path, input: input, adding: extra)
  }

  /// The object that a revision names, by git's own answer.
  ///
  /// - Throws: ``CommandFailure`` where git finds none.
  package func id(_ revision: String) throws -> ObjectID {
    try Self.id(of: git("rev-parse", "--verify", "--quiet", revision), for: revision)
  }

  /// One file to be put into a commit or taken out of it.
  package struct Change: Sendable {
    package let path: [UInt8]
    /// `nil` removes the file.
    package let content: [UInt8]?
    package let mode: String

    /// Puts a file with this content in.
    package static func write(_ path: String, _ content: String, mode: String = "100644") -> Change {
      Change(path: Array(path.utf8), content: Array(content.utf8), mode: mode)
    }

    /// Puts a file with these bytes in; a submodule (`160000`) has the forty digits of its commit as content.
    package static func bytes(_ path: [UInt8], _ content: [UInt8], mode: String = "100644") -> Change {
      Change(path: path, content: content, mode: mode)
    }

    /// Takes a file or a directory out.
    package static func remove(_ path: String) -> Change {
      Change(path: Array(path.utf8), content: nil, mode: "")
    }
  }

  /// Makes a commit and moves a branch to it; the work tree and the index stay as they are.
  ///
  /// The tree is that of the first parent with the changes applied. With `parents` left out, the commit goes on top of
  /// the branch where that exists and is a root commit where it does not. The same arguments give the same commit.
  ///
  /// - Throws: ``CommandFailure`` where git refuses.
  @discardableResult
  package func commit(
    _ branch: String = "main", parents: [ObjectID]? = nil, message: String = "A change", time: Int = 1_700_000_000,
    _ changes: Change...
  ) throws -> ObjectID {
    try commit(branch, parents: parents, message: message, time: time, changes: changes)
  }

  /// The same with the changes as an array.
  ///
  /// - Throws: ``CommandFailure`` where git refuses.
  @discardableResult
  package func commit(
    _ branch: String, parents: [ObjectID]? = nil, message: String = "A change", time: Int = 1_700_000_000,
    changes: [Change]
  ) throws -> ObjectID {
    let ref = "refs/heads/\(branch)"
    var parents = parents ?? []
    if parents.isEmpty, let tip = try? id(ref) { parents = [tip] }
    var stream: [UInt8] = []
    func line(_ text: String) { stream += Array(text.utf8) + [UInt8(ascii: "\n")] }
    func data(_ bytes: [UInt8]) {
      line("data \(bytes.count)")
      stream += bytes + [UInt8(ascii: "\n")]
    }
    line("commit \(ref)")
    line("mark :1")
    line("author Ada <ada@example.com> \(time) +0000")
    line("committer Ada <ada@example.com> \(time) +0000")
    data(Array(message.utf8))
    if let first = parents.first { line("from \(first.hex)") }
    for parent in parents.dropFirst() { line("merge \(parent.hex)") }
    for change in changes {
      if let content = change.content, change.mode == "160000" {
        line("M 160000 \(String(decoding: content, as: UTF8.self)) \(Self.quoted(change.path))")
      } else if let content = change.content {
        line("M \(change.mode) inline \(Self.quoted(change.path))")
        data(content)
      } else {
        line("D \(Self.quoted(change.path))")
      }
    }
    line("get-mark :1")
    let text = try git("fast-import", "--quiet", "--force", input: stream)
    return try Self.id(of: text, for: ref)
  }

  /// Makes a root commit on a branch, whatever the branch held before.
  ///
  /// - Throws: ``CommandFailure`` where git refuses.
  @discardableResult
  package func rootCommit(_ branch: String, message: String = "A root", _ changes: Change...) throws -> ObjectID {
    _ = try attempt(["update-ref", "-d", "refs/heads/\(branch)"])
    return try commit(branch, parents: [], message: message, changes: changes)
  }

  private static func quoted(_ path: [UInt8]) -> String {
    "\""
      + path.map { byte in
        let octal = String(byte, radix: 8)
        return "\\" + String(repeating: "0", count: 3 - octal.count) + octal
      }.joined() + "\""
  }

  private static func id(of text: String, for what: String) throws -> ObjectID {
    guard let id = ObjectID(hex: text) else {
      throw CommandFailure(arguments: ["git"], status: 0, errors: "no object name for \(what): '\(text)'")
    }
    return id
  }
}
