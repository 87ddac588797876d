package import Base
internal import CLibgit2
internal import Glibc

/// A bare repository that Arborist made and that nobody else writes to: the only one whose references and objects are
/// free to be changed.
///
/// It has a configuration of its own, so that none that a stranger can write to is obeyed.
package final class PrivateRepository: Repository {
  /// Signs every commit that is written; `nil` to sign none.
  package var signer: CommitSigner?

  /// Makes a repository that reads the objects of others.
  ///
  /// - Parameters:
  ///   - directory: Where; it is made, and must not hold a repository yet.
  ///   - objectDirectories: Absolute paths of the `objects` directories whose objects it sees, without owning them.
  ///   - mode: The permissions of the directory.
  /// - Returns: The repository, opened.
  /// - Throws: ``GitError`` where it cannot be made.
  package static func create(
    at directory: String, borrowing objectDirectories: [String] = [], mode: UInt32 = 0o700
  ) throws(GitError) -> PrivateRepository {
    Library.start()
    let operation = "make a repository at '\(DisplayText.escaping(directory.utf8))'"
    if unsafe mkdir(directory, mode) != 0, errno != EEXIST {
      throw GitError(.system, operation: operation, message: unsafe String(cString: strerror(errno)))
    }
    var options = unsafe git_repository_init_options()
    try check(
      unsafe git_repository_init_options_init(&options, UInt32(GIT_REPOSITORY_INIT_OPTIONS_VERSION)), operation)
    unsafe options.flags = GIT_REPOSITORY_INIT_BARE.rawValue | GIT_REPOSITORY_INIT_NO_REINIT.rawValue
    let head = Array("main".utf8CString)
    let handle = try make(operation, free: { unsafe git_repository_free($0) }) { made in
      unsafe head.withUnsafeBufferPointer { head in
        unsafe options.initial_head = head.baseAddress
        return unsafe git_repository_init_ext(&made, directory, &options)
      }
    }
    let repository = PrivateRepository(handle)
    if !objectDirectories.isEmpty { try repository.borrow(objectDirectories, operation) }
    try guardLooseObjects(of: repository.handle)
    return repository
  }

  /// Opens a repository that ``create(at:borrowing:mode:)`` made earlier.
  ///
  /// - Throws: ``GitError`` with `notFound` where there is none.
  package static func reopen(at directory: String) throws(GitError) -> PrivateRepository {
    PrivateRepository(
      try open(directory, flags: GIT_REPOSITORY_OPEN_BARE.rawValue | GIT_REPOSITORY_OPEN_NO_SEARCH.rawValue))
  }

  /// Writes `objects/info/alternates` (gitrepository-layout(5)), and `shallow` where a lender's history is cut off.
  private func borrow(_ directories: [String], _ operation: String) throws(GitError) {
    for directory in directories where !directory.hasPrefix("/") || directory.utf8.contains(UInt8(ascii: "\n")) {
      throw GitError(
        .invalid, operation: operation,
        message: "'\(DisplayText.escaping(directory.utf8))' is not an absolute path that git can note down")
    }
    let content = directories.map { $0 + "\n" }.joined()
    try SyncedFile.write(Array(content.utf8), to: objectsDirectory + "/info/alternates", operation)
    var boundary: [ObjectID] = []
    for directory in directories { boundary += try ShallowHistory.boundary(at: directory + "/../shallow") }
    if !boundary.isEmpty {
      let lines = boundary.map { $0.hex + "\n" }.joined()
      try SyncedFile.write(Array(lines.utf8), to: commonDirectory + "/shallow", operation)
    }
  }

  /// Points one of this repository's references to an object, wherever it pointed before; nobody else sees it.
  ///
  /// - Throws: ``GitError`` where it cannot be written.
  package func setReference(_ name: RefName, to id: ObjectID) throws(GitError) {
    try setReference(name.bytes, to: id)
  }

  func setReference(_ name: [UInt8], to id: ObjectID) throws(GitError) {
    var oid = id.oid
    var reference: OpaquePointer?
    let result = unsafe withCString(name) {
      unsafe git_reference_create(&reference, pointer, $0, &oid, 1, nil)
    }
    try check(result, "set the reference '\(DisplayText.escaping(name))' of the private repository")
    unsafe git_reference_free(reference)
  }
}

/// Files that are on the disk when writing them returns.
enum SyncedFile {
  static func write(_ content: [UInt8], to path: String, _ operation: String) throws(GitError) {
    let file = unsafe Glibc.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw systemError(operation, path) }
    defer { close(file) }
    var rest = content[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw systemError(operation, path) }
      rest = rest.dropFirst(count)
    }
    guard fsync(file) == 0 else { throw systemError(operation, path) }
  }

  /// Makes what was renamed or made in a directory last.
  static func sync(directory: String, _ operation: String) throws(GitError) {
    let file = unsafe Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard file >= 0 else { throw systemError(operation, directory) }
    defer { close(file) }
    guard fsync(file) == 0 else { throw systemError(operation, directory) }
  }

  private static func systemError(_ operation: String, _ path: String) -> GitError {
    let reason = unsafe String(cString: strerror(errno))
    return GitError(.system, operation: operation, message: "'\(DisplayText.escaping(path.utf8))': \(reason)")
  }
}
