package import Base
internal import CLibgit2
package import Work

/// Who made a commit, and when.
package struct Signature: Sendable, Hashable {
  /// The name, as the bytes that are stored.
  package var name: [UInt8]
  /// The e-mail address, as the bytes that are stored.
  package var email: [UInt8]
  package var time: Timestamp
  /// Minutes east of UTC.
  package var offset: Int

  package init(name: [UInt8], email: [UInt8], time: Timestamp, offset: Int = 0) {
    self.name = name
    self.email = email
    self.time = time
    self.offset = offset
  }

  /// A signature from text.
  package init(name: String, email: String, time: Timestamp, offset: Int = 0) {
    self.init(name: Array(name.utf8), email: Array(email.utf8), time: time, offset: offset)
  }

  init(_ signature: UnsafePointer<git_signature>?) {
    guard let signature = unsafe signature?.pointee else {
      self.init(name: [], email: [], time: Timestamp(seconds: 0))
      return
    }
    // A time that milliseconds cannot hold comes from a broken commit; it must not end the program.
    let seconds = unsafe max(-1 << 52, min(signature.when.time, 1 << 52))
    unsafe self.init(
      name: bytes(signature.name), email: bytes(signature.email), time: Timestamp(seconds: seconds),
      offset: Int(signature.when.offset))
  }
}

/// A commit.
package struct Commit: Sendable, Hashable {
  package var id: ObjectID
  package var tree: ObjectID
  package var parents: [ObjectID]
  package var author: Signature
  package var committer: Signature
  /// The whole message, as the bytes that are stored.
  package var message: [UInt8]

  /// The first paragraph of the message as one line.
  package var summary: [UInt8] {
    let newline = UInt8(ascii: "\n")
    var lines: [ArraySlice<UInt8>] = []
    for line in message.split(separator: newline, omittingEmptySubsequences: false) {
      let isBlank = line.allSatisfy { $0 == 0x20 || (9...13).contains($0) }
      if isBlank, lines.isEmpty { continue }
      if isBlank { break }
      lines.append(line)
    }
    return Array(lines.joined(separator: [0x20]))
  }
}

/// One entry of a tree.
package struct TreeEntry: Sendable, Hashable {
  /// The path from the root of the tree that was asked.
  package var path: RepositoryPath
  package var mode: FileMode
  package var id: ObjectID

  package init(path: RepositoryPath, mode: FileMode, id: ObjectID) {
    self.path = path
    self.mode = mode
    self.id = id
  }
}

/// The kinds of object.
package enum ObjectType: Sendable, Hashable {
  case commit
  case tree
  case blob
  case tag
}

extension FileMode {
  /// The kind of file that a mode stands for; an unknown one counts as a plain file.
  init(raw mode: UInt32) {
    self = UInt16(exactly: mode).flatMap(FileMode.init(rawValue:)) ?? .regular
  }
}

/// Commits, trees and blobs.
extension Repository {
  /// The signature of a commit that Arborist puts on top of others: its identity, at the time of the newest of them.
  ///
  /// The clock has no part in it, so that the same parents, tree and message are the same commit whenever and however
  /// often it is made. A date before 1970 or after 2099, as broken commits have it, counts as the nearest in between:
  /// git refuses others.
  ///
  /// - Throws: ``GitError`` where a parent cannot be read.
  package func signature(of identity: BotIdentity, onTopOf parents: [ObjectID]) throws(GitError) -> Signature {
    var newest = Timestamp(seconds: 0)
    for parent in parents { newest = max(newest, try commit(parent).committer.time) }
    let last = Timestamp(seconds: 4_102_444_799)
    return Signature(name: identity.name, email: identity.email, time: min(newest, last))
  }

  /// A commit.
  ///
  /// - Throws: ``GitError`` with `notFound` or `missingObject` where there is none.
  package func commit(_ id: ObjectID) throws(GitError) -> Commit {
    let commit = try commitHandle(id)
    let pointer = unsafe commit.pointer
    var parents: [ObjectID] = []
    for index in 0..<(unsafe git_commit_parentcount(pointer)) {
      parents.append(unsafe ObjectID(git_commit_parent_id(pointer, index)))
    }
    return unsafe Commit(
      id: id, tree: ObjectID(git_commit_tree_id(pointer)), parents: parents,
      author: Signature(git_commit_author(pointer)), committer: Signature(git_commit_committer(pointer)),
      message: bytes(git_commit_message_raw(pointer)))
  }

  func commitHandle(_ id: ObjectID) throws(GitError) -> Handle {
    var oid = id.oid
    return try make("read the commit \(id.short)", owner: self, free: { unsafe git_commit_free($0) }) {
      unsafe git_commit_lookup(&$0, pointer, &oid)
    }
  }

  /// The tree of a commit, or the tree itself.
  func treeHandle(_ id: ObjectID) throws(GitError) -> Handle {
    var oid = id.oid
    let object = try make("read the object \(id.short)", owner: self, free: { unsafe git_object_free($0) }) {
      unsafe git_object_lookup(&$0, pointer, &oid, GIT_OBJECT_ANY)
    }
    do {
      return try make("read the tree of \(id.short)", owner: self, free: { unsafe git_object_free($0) }) {
        unsafe git_object_peel(&$0, object.pointer, GIT_OBJECT_TREE)
      }
    } catch {
      // libgit2 says the same of a commit whose tree is missing as of an object that has none.
      let cannotPeel = [.notFound, .wrongType, .invalid].contains(error.code)
      guard cannotPeel, unsafe git_object_type(object.pointer) == GIT_OBJECT_COMMIT else { throw error }
      throw GitError(.missingObject, operation: error.operation, message: "the commit's tree is not in the repository")
    }
  }

  /// The tree of a commit or a tag.
  ///
  /// - Throws: ``GitError`` where it cannot be read.
  package func tree(of id: ObjectID) throws(GitError) -> ObjectID {
    let tree = try treeHandle(id)
    return unsafe ObjectID(git_tree_id(tree.pointer))
  }

  /// What lies at a path of a commit's tree or of a tree; `nil` where nothing does.
  ///
  /// - Throws: ``GitError`` where a tree on the way cannot be read.
  package func entry(at path: RepositoryPath, in id: ObjectID) throws(GitError) -> TreeEntry? {
    let tree = try treeHandle(id)
    var found: OpaquePointer?
    let result = unsafe withCString(path.bytes) { unsafe git_tree_entry_bypath(&found, tree.pointer, $0) }
    if result == GIT_ENOTFOUND.rawValue {
      let error = lastError(result, "look for '\(path)' in \(id.short)")
      // A tree that is missing is not the same as a path that is not there.
      if error.code == .missingObject { throw error }
      return nil
    }
    try check(result, "look for '\(path)' in \(id.short)")
    defer { unsafe git_tree_entry_free(found) }
    return unsafe TreeEntry(
      path: path, mode: FileMode(raw: git_tree_entry_filemode(found).rawValue), id: ObjectID(git_tree_entry_id(found)))
  }

  /// The entries of one directory, in git's order.
  ///
  /// - Throws: ``GitError`` with `corrupt` where a name is none.
  package func entries(of id: ObjectID) throws(GitError) -> [TreeEntry] {
    try entries(of: id, under: [])
  }

  private func entries(of id: ObjectID, under prefix: [UInt8]) throws(GitError) -> [TreeEntry] {
    let tree = try treeHandle(id)
    var result: [TreeEntry] = []
    for index in 0..<(unsafe git_tree_entrycount(tree.pointer)) {
      let entry = unsafe git_tree_entry_byindex(tree.pointer, index)
      let name = unsafe bytes(git_tree_entry_name(entry))
      guard !name.contains(UInt8(ascii: "/")), let path = RepositoryPath(prefix + name) else {
        throw GitError(
          .corrupt, operation: "read the tree \(id.short)",
          message: "it has an entry named '\(DisplayText.escaping(name))'")
      }
      unsafe result.append(
        TreeEntry(
          path: path, mode: FileMode(raw: git_tree_entry_filemode(entry).rawValue),
          id: ObjectID(git_tree_entry_id(entry))))
    }
    return result
  }

  /// Visits every entry below a commit's tree or a tree, a directory before what is in it.
  ///
  /// - Parameters:
  ///   - id: The commit or tree.
  ///   - visit: Returns whether to go into the directory it was called with; for other entries it does not matter.
  /// - Throws: ``GitError`` where a tree cannot be read.
  package func walk(_ id: ObjectID, _ visit: (TreeEntry) throws(GitError) -> Bool) throws(GitError) {
    var waiting = try Array(entries(of: id).reversed())
    while let entry = waiting.popLast() {
      guard try visit(entry), entry.mode == .directory else { continue }
      waiting += try entries(of: entry.id, under: entry.path.bytes + [UInt8(ascii: "/")]).reversed()
    }
  }

  /// The type and the size in bytes of an object, without reading its content.
  ///
  /// - Throws: ``GitError`` with `notFound` or `missingObject` where there is none.
  package func header(of id: ObjectID) throws(GitError) -> (type: ObjectType, size: Int) {
    let database = try objectDatabase()
    var oid = id.oid
    var size = 0
    var type = GIT_OBJECT_INVALID
    try check(
      unsafe git_odb_read_header(&size, &type, database.pointer, &oid), "read the header of the object \(id.short)")
    switch type {
    case GIT_OBJECT_COMMIT: return (.commit, size)
    case GIT_OBJECT_TREE: return (.tree, size)
    case GIT_OBJECT_BLOB: return (.blob, size)
    case GIT_OBJECT_TAG: return (.tag, size)
    default:
      throw GitError(.corrupt, operation: "read the header of the object \(id.short)", message: "its type is unknown")
    }
  }

  /// Whether the object is there.
  package func contains(_ id: ObjectID) throws(GitError) -> Bool {
    let database = try objectDatabase()
    var oid = id.oid
    return unsafe git_odb_exists(database.pointer, &oid) == 1
  }

  func objectDatabase() throws(GitError) -> Handle {
    try make("open the object database", owner: self, free: { unsafe git_odb_free($0) }) {
      unsafe git_repository_odb(&$0, pointer)
    }
  }

  /// The content of a blob.
  ///
  /// - Parameters:
  ///   - id: The blob.
  ///   - limit: The most bytes that are read.
  /// - Returns: The bytes.
  /// - Throws: ``GitError`` with `tooLarge` where the blob is larger; it is then not read.
  package func content(of id: ObjectID, limit: Int) throws(GitError) -> [UInt8] {
    let size = try header(of: id).size
    guard size <= limit else {
      throw GitError(
        .tooLarge, operation: "read the file \(id.short)", message: "it has \(size) bytes, the limit is \(limit)")
    }
    var oid = id.oid
    let blob = try make("read the file \(id.short)", owner: self, free: { unsafe git_blob_free($0) }) {
      unsafe git_blob_lookup(&$0, pointer, &oid)
    }
    let count = unsafe Int(git_blob_rawsize(blob.pointer))
    return unsafe Array(UnsafeRawBufferPointer(start: git_blob_rawcontent(blob.pointer), count: count))
  }
}

/// What git takes for binary.
package enum BinaryContent {
  /// How many bytes git looks at (`buffer_is_binary`).
  private static let examined = 8000

  /// Whether git takes the content for binary: a NUL among its first 8,000 bytes.
  package static func isBinary(_ content: [UInt8]) -> Bool {
    content.prefix(examined).contains(0)
  }
}
