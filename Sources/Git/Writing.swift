package import Base
internal import CLibgit2

/// A change to a tree.
package enum TreeEdit: Sendable, Hashable {
  /// Puts a file in, whatever was there.
  case put(RepositoryPath, mode: FileMode, blob: ObjectID)
  /// Takes a file out; nothing happens where it is not there.
  case remove(RepositoryPath)
}

/// Making objects. Who makes them and when is always given, so the same arguments give the same objects.
extension PrivateRepository {
  /// Stores a file's content.
  ///
  /// - Throws: ``GitError`` where it cannot be written.
  package func writeBlob(_ content: [UInt8]) throws(GitError) -> ObjectID {
    var oid = git_oid()
    try check(
      unsafe git_blob_create_from_buffer(&oid, pointer, content, content.count),
      "write a file of \(content.count) bytes")
    return ObjectID(oid)
  }

  /// Stores a tree that differs from another by some edits.
  ///
  /// - Parameters:
  ///   - base: A commit or a tree; `nil` for the empty tree.
  ///   - edits: What to change, in this order.
  /// - Returns: The tree.
  /// - Throws: ``GitError`` with `invalid` where a path cannot be in a tree, such as `.git/config`.
  package func writeTree(from base: ObjectID?, _ edits: [TreeEdit]) throws(GitError) -> ObjectID {
    let index = try make("prepare a tree", owner: self, free: { unsafe git_index_free($0) }) {
      unsafe git_index_new(&$0)
    }
    if let base {
      let tree = try treeHandle(base)
      try check(unsafe git_index_read_tree(index.pointer, tree.pointer), "read the tree of \(base.short)")
    }
    for edit in edits {
      switch edit {
      case .put(let path, let mode, let blob):
        try IndexEntries.put(path, mode: mode, blob: blob, into: index)
      case .remove(let path):
        try IndexEntries.remove(path, from: index)
      }
    }
    return try IndexEntries.writeTree(of: index, into: self)
  }

  /// Stores a commit; no reference moves.
  ///
  /// It is signed where the repository has a ``signer``, unless it goes no further than the repository itself.
  ///
  /// - Throws: ``GitError`` with `invalid` where the message has a NUL, a signature is none that git stores, or the
  ///   signer refuses.
  package func writeCommit(
    tree: ObjectID, parents: [ObjectID], author: Signature, committer: Signature, message: [UInt8],
    isSigned: Bool = true
  ) throws(GitError) -> ObjectID {
    let operation = "write a commit"
    guard !message.contains(0) else { throw GitError(.invalid, operation: operation, message: "its message has a NUL") }
    let tree = try treeHandle(tree)
    var owners = ParentCommits()
    for parent in parents { owners.append(try commitHandle(parent)) }
    let author = try SignatureHandle(author)
    let committer = try SignatureHandle(committer)
    var oid = git_oid()
    var pointers = unsafe owners.pointers
    if isSigned, let signer {
      var content = unsafe git_buf()
      defer { unsafe git_buf_dispose(&content) }
      let made = unsafe withCString(message) { text in
        unsafe git_commit_create_buffer(
          &content, pointer, author.pointer, committer.pointer, nil, text, tree.pointer, parents.count, &pointers)
      }
      try check(made, operation)
      return try storeSigned(unsafe Array(UnsafeRawBufferPointer(start: content.ptr, count: content.size)), by: signer)
    }
    let result = unsafe withCString(message) { text in
      unsafe git_commit_create(
        &oid, pointer, nil, author.pointer, committer.pointer, nil, text, tree.pointer, parents.count, &pointers)
    }
    try check(result, operation)
    return ObjectID(oid)
  }
}

/// Makes the signature of a commit's content, as git keeps it; the same content gives the same signature.
package typealias CommitSigner = @Sendable (_ content: [UInt8]) throws -> [UInt8]

extension PrivateRepository {
  private func storeSigned(_ content: [UInt8], by signer: CommitSigner) throws(GitError) -> ObjectID {
    let operation = "write a signed commit"
    let signature: [UInt8]
    do {
      signature = try signer(content)
    } catch {
      throw GitError(.invalid, operation: operation, message: "it cannot be signed: \(error)")
    }
    var oid = git_oid()
    let result = unsafe withCString(content) { content in
      unsafe withCString(signature) { signature in
        unsafe git_commit_create_with_signature(&oid, pointer, content, signature, "gpgsig")
      }
    }
    try check(result, operation)
    return ObjectID(oid)
  }
}

/// The parents of a commit that is being made.
///
/// A handle cannot be put into an array, so each holds the one before it.
@safe
private struct ParentCommits: ~Copyable {
  private final class Node {
    let handle: Handle
    let previous: Node?

    init(_ handle: consuming Handle, previous: Node?) {
      self.handle = handle
      self.previous = previous
    }
  }

  private var last: Node?

  mutating func append(_ handle: consuming Handle) {
    last = Node(handle, previous: last)
  }

  /// The pointers in order, valid as long as the value lives.
  var pointers: [OpaquePointer?] {
    var result: [OpaquePointer?] = unsafe []
    var node = last
    while let present = node {
      unsafe result.append(present.handle.pointer)
      node = present.previous
    }
    return unsafe result.reversed()
  }
}

/// A signature as libgit2 wants it.
@safe
struct SignatureHandle: ~Copyable {
  let pointer: UnsafeMutablePointer<git_signature>

  init(_ signature: Signature) throws(GitError) {
    let operation = "sign as '\(DisplayText.escaping(signature.name))'"
    guard !signature.name.contains(0), !signature.email.contains(0), let offset = Int32(exactly: signature.offset)
    else {
      throw GitError(.invalid, operation: operation, message: "the name, the address or the offset is impossible")
    }
    var made: UnsafeMutablePointer<git_signature>?
    let result = unsafe withCString(signature.name) { name in
      unsafe withCString(signature.email) { email in
        unsafe git_signature_new(&made, name, email, signature.time.seconds, offset)
      }
    }
    guard result >= 0, let made = unsafe made else { throw lastError(result, operation) }
    unsafe pointer = made
  }

  deinit {
    unsafe git_signature_free(pointer)
  }
}

/// Entries of an index in memory.
enum IndexEntries {
  static func put(
    _ path: RepositoryPath, mode: FileMode, blob: ObjectID, into index: borrowing Handle
  ) throws(GitError) {
    let operation = "put '\(path)' into a tree"
    guard mode != .none, mode != .directory else {
      throw GitError(.invalid, operation: operation, message: "it is no file")
    }
    if let component = path.components.first(where: isForbidden) {
      throw GitError(
        .invalid, operation: operation, message: "git refuses '\(DisplayText.escaping(component))' in a path")
    }
    var entry = unsafe git_index_entry()
    unsafe entry.mode = UInt32(mode == .groupWritable ? FileMode.regular.rawValue : mode.rawValue)
    unsafe entry.id = blob.oid
    let result = unsafe withCString(path.bytes) { text in
      unsafe entry.path = text
      return unsafe git_index_add(index.pointer, &entry)
    }
    try check(result, operation)
  }

  /// Whether git would refuse to check the name out because a file system may take it for `.git`.
  private static func isForbidden(_ name: ArraySlice<UInt8>) -> Bool {
    let folded = name.map { (0x41...0x5a).contains($0) ? $0 + 0x20 : $0 }
    return folded == Array(".git".utf8) || folded == Array("git~1".utf8)
  }

  static func remove(_ path: RepositoryPath, from index: borrowing Handle) throws(GitError) {
    let result = unsafe withCString(path.bytes) { unsafe git_index_remove(index.pointer, $0, 0) }
    if result == GIT_ENOTFOUND.rawValue {
      git_error_clear()
      return
    }
    try check(result, "take '\(path)' out of a tree")
  }

  static func writeTree(of index: borrowing Handle, into repository: Repository) throws(GitError) -> ObjectID {
    var oid = git_oid()
    try check(unsafe git_index_write_tree_to(&oid, index.pointer, repository.pointer), "write a tree")
    return ObjectID(oid)
  }
}
