internal import Base
internal import CLibgit2
internal import Glibc

/// The repository that something lands in.
///
/// It is opened with a configuration of ours, written for the occasion: what its own says is looked up where it matters
/// and not obeyed otherwise.
struct LandingSite {
  let repository: Repository
  private let directory: String
  private let sharing: SharedPermissions

  init(_ directory: String, from source: PrivateRepository) throws(GitError) {
    let found = Repository(try Repository.open(directory, flags: GIT_REPOSITORY_OPEN_NO_SEARCH.rawValue))
    self.directory = found.commonDirectory
    sharing = SharedPermissions(
      try found.configuration("core.sharedRepository") ?? "", like: found.commonDirectory + "/objects")
    repository = try Repository.openBare(at: self.directory)
    let settings = try Self.settings(found)
    let path = source.commonDirectory + "/landing.config"
    try SyncedFile.write(Array(settings.utf8), to: path, "write '\(path)'")
    let configuration = try make("read '\(path)'", free: { unsafe git_config_free($0) }) {
      unsafe git_config_open_ondisk(&$0, path)
    }
    try check(unsafe git_repository_set_config(repository.pointer, configuration.pointer), "set a configuration")
    try check(unsafe git_repository_set_ident(repository.pointer, "Arborist", "arborist"), "set an identity")
  }

  /// What libgit2 is to do here: sync every object and reference to the disk, and write a reflog where git would.
  private static func settings(_ repository: Repository) throws(GitError) -> String {
    let bare = try repository.configurationFlag("core.bare") ?? false
    let wish = try repository.configuration("core.logAllRefUpdates")?.lowercased() ?? ""
    let log = ["true", "false", "always"].contains(wish) ? wish : bare ? "false" : "true"
    return "[core]\n\tbare = true\n\tfsyncObjectFiles = true\n\tlogAllRefUpdates = \(log)\n"
  }

  /// What is already decided about moving a reference; `nil` where it may move.
  func verdict(
    on ref: RefName, from old: ObjectID, to new: ObjectID
  ) throws(GitError) -> Result<LandingOutcome, LandingError>? {
    func refuse(_ reason: LandingError.Reason) -> Result<LandingOutcome, LandingError> {
      .failure(LandingError(ref: ref, reason: reason))
    }
    let actual: ObjectID
    switch try repository.reference(ref)?.target {
    case .symbolic: return refuse(.symbolic)
    case .direct(let id): actual = id
    case nil: actual = .zero
    }
    if actual == new { return .success(.alreadyThere) }
    if actual != old { return .success(.raced(actual: actual)) }
    if let place = try CheckedOut.place(of: ref, in: directory) { return refuse(.checkedOut(place)) }
    if actual.isZero, let other = try blocking(ref) { return refuse(.blocked(by: other)) }
    return nil
  }

  /// A reference whose name is a directory of this one's, or the other way round.
  private func blocking(_ ref: RefName) throws(GitError) -> RefName? {
    let slash: [UInt8] = [UInt8(ascii: "/")]
    return try repository.references().map(\.name).first { other in
      other.bytes.starts(with: ref.bytes + slash) || ref.bytes.starts(with: other.bytes + slash)
    }
  }

  /// Moves a reference under its lock, after everything that speaks against it was looked at again.
  func move(
    _ ref: RefName, from old: ObjectID, to new: ObjectID
  ) throws(GitError) -> Result<LandingOutcome, LandingError> {
    let operation = "move '\(ref.display)'"
    AbandonedLock.remove(of: ref, to: new, in: directory)
    let transaction = try make(operation, owner: repository, free: { unsafe git_transaction_free($0) }) {
      unsafe git_transaction_new(&$0, repository.pointer)
    }
    try check(
      unsafe withCString(ref.bytes) { unsafe git_transaction_lock_ref(transaction.pointer, $0) }, operation)
    if let known = try verdict(on: ref, from: old, to: new) { return known }
    var oid = new.oid
    let result = unsafe withCString(ref.bytes) {
      unsafe git_transaction_set_target(transaction.pointer, $0, &oid, nil, "push by Arborist")
    }
    try check(result, operation)
    try check(unsafe git_transaction_commit(transaction.pointer), operation)
    try share(ref)
    return .success(.landed)
  }

  /// Gives others the rights to new objects that the repository's configuration promises them.
  func share(objects: [ObjectID]) throws(GitError) {
    for object in objects {
      let hex = object.hex
      let fanOut = "\(directory)/objects/\(hex.prefix(2))"
      sharing.apply(to: fanOut)
      sharing.apply(to: "\(fanOut)/\(hex.dropFirst(2))")
    }
    try SyncedFile.sync(directory: directory + "/objects", "copy objects")
  }

  private func share(_ ref: RefName) throws(GitError) {
    let components = ref.bytes.split(separator: UInt8(ascii: "/"))
    for root in ["", "/logs"] {
      var path = Array((directory + root).utf8)
      for component in components {
        path += [UInt8(ascii: "/")] + component
        sharing.apply(to: path)
      }
    }
  }
}

/// The rights that others have to what a repository holds: those that `core.sharedRepository` asks for
/// (git-config(1)), and those that they have to the directory of its objects.
///
/// A worker has a tight umask, because its state is nobody's business. What it leaves in the repository must stay
/// readable for everyone who could read the repository before: a directory of objects serves later pushes too.
struct SharedPermissions {
  private let mode: mode_t?
  private let replaces: Bool
  /// What group and others may do with the directory of objects; others never get the right to write from it.
  private let inherited: mode_t

  init(_ setting: String, like directory: String) {
    switch setting.lowercased() {
    case "group", "true", "yes", "on", "1": (mode, replaces) = (0o660, false)
    case "all", "world", "everybody", "2": (mode, replaces) = (0o664, false)
    case let text where text.hasPrefix("0") && text.count > 1: (mode, replaces) = (mode_t(text, radix: 8), true)
    default: (mode, replaces) = (nil, false)
    }
    var status = stat()
    let isThere = unsafe withCString(Array(directory.utf8)) { unsafe stat($0, &status) } == 0
    inherited = isThere ? status.st_mode & 0o075 : 0
  }

  /// Widens the rights of a file or a directory; whose is not ours stays as it is.
  func apply(to path: String) {
    apply(to: Array(path.utf8))
  }

  /// The same for a path that need not be UTF-8.
  func apply(to path: [UInt8]) {
    var status = stat()
    guard unsafe withCString(path, { unsafe stat($0, &status) }) == 0 else { return }
    let isDirectory = status.st_mode & S_IFMT == S_IFDIR
    let present = status.st_mode & 0o7777
    let replaced = mode != nil && replaces
    var change = replaced ? 0 : inherited & 0o066
    change |= mode ?? 0
    if present & 0o200 == 0 { change &= ~0o222 }
    if present & 0o100 != 0 { change |= (change & 0o444) >> 2 }
    var result = replaced ? (present & ~0o777) | change : present | change
    if isDirectory, mode != nil { result |= 0o2000 }
    if result != present { _ = unsafe withCString(path) { unsafe chmod($0, result) } }
  }
}

/// Finds out who works on a branch.
enum CheckedOut {
  /// The directory of the repository or work tree whose HEAD names the branch, or that is rebasing it; `nil` where none
  /// does.
  static func place(of ref: RefName, in directory: String) throws(GitError) -> String? {
    for place in [directory] + workTrees(of: directory) {
      if names(ref, in: place + "/HEAD", after: "ref:") { return place }
      for state in ["rebase-merge", "rebase-apply"] where names(ref, in: "\(place)/\(state)/head-name", after: "") {
        return place
      }
    }
    return nil
  }

  private static func names(_ ref: RefName, in path: String, after prefix: String) -> Bool {
    guard let content = read(path), content.starts(with: prefix.utf8) else { return false }
    let isSpace = { (byte: UInt8) in byte == 0x20 || (9...13).contains(byte) }
    var rest = content.dropFirst(prefix.utf8.count).drop(while: isSpace)
    while let last = rest.last, isSpace(last) { rest.removeLast() }
    return rest.elementsEqual(ref.bytes)
  }

  private static func read(_ path: String) -> [UInt8]? {
    guard let file = unsafe fopen(path, "rbe") else { return nil }
    defer { unsafe fclose(file) }
    var buffer = [UInt8](repeating: 0, count: 8192)
    let count = unsafe fread(&buffer, 1, buffer.count, file)
    return Array(buffer[..<count])
  }

  private static func workTrees(of directory: String) -> [String] {
    let parent = directory + "/worktrees"
    guard let listing = unsafe opendir(parent) else { return [] }
    defer { unsafe closedir(listing) }
    var result: [String] = []
    while let entry = unsafe readdir(listing) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { unsafe Array($0.prefix { $0 != 0 }) }
      if let text = String(validating: name, as: UTF8.self), text != ".", text != ".." {
        result.append(parent + "/" + text)
      }
    }
    return result
  }
}
