internal import Base
internal import CLibgit2
internal import FileSystem
internal import Glibc
internal import Work

/// The repository that something lands in.
///
/// It is opened with a configuration of ours, written for the occasion: what its own says is looked up where it matters
/// and not obeyed otherwise.
struct LandingSite {
  let repository: Repository
  private let directory: String
  private let sharing: SharedPermissions
  /// Whether a log is begun for a reference that has none, as git would.
  private let makesLogs: Bool

  init(_ directory: String, from source: PrivateRepository) throws(GitError) {
    let found = Repository(try Repository.open(directory, flags: GIT_REPOSITORY_OPEN_NO_SEARCH.rawValue))
    self.directory = found.commonDirectory
    sharing = SharedPermissions(
      try found.configuration("core.sharedRepository") ?? "", like: found.commonDirectory + "/objects")
    let wish = try found.configuration("core.logAllRefUpdates")?.lowercased() ?? ""
    let isBare = try found.configurationFlag("core.bare") ?? false
    makesLogs = ["true", "false", "always"].contains(wish) ? wish != "false" : !isBare
    repository = try Repository.openBare(at: self.directory)
    let path = source.commonDirectory + "/landing.config"
    try SyncedFile.write(Array(Self.settings.utf8), to: path, "write '\(path)'")
    let configuration = try make("read '\(path)'", free: { unsafe git_config_free($0) }) {
      unsafe git_config_open_ondisk(&$0, path)
    }
    try check(unsafe git_repository_set_config(repository.pointer, configuration.pointer), "set a configuration")
  }

  /// What libgit2 is to do here: sync every object to the disk.
  private static let settings = "[core]\n\tbare = true\n\tfsyncObjectFiles = true\n"

  /// Removes a lock that a killed process of ours has left on a reference.
  func removeAbandonedLock(of ref: RefName, to new: ObjectID) {
    AbandonedLock.remove(of: ref, to: new, in: directory)
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
    guard var lock = try ReferenceLock.take(of: ref, for: new, in: directory, sharing) else {
      let path = ReferenceLock.path(of: Array("\(directory)/".utf8) + ref.bytes)
      return .failure(LandingError(ref: ref, reason: .locked(DisplayText.escaping(path))))
    }
    if let known = try verdict(on: ref, from: old, to: new) { return known }
    try ReferenceLog.note(
      ref, from: old, to: new, in: directory, sharing, makes: makesLogs, time: Glibc.time(nil))
    try lock.commit()
    return .success(.landed)
  }

  /// Copies what a commit needs, for everyone who may use the repository.
  func copy(_ commit: ObjectID, from source: Repository) throws(GitError) {
    let (directory, sharing) = (directory, sharing)
    try ObjectCopy(from: source, to: repository).run(commit) { object in
      let hex = object.hex
      let fanOut = "\(directory)/objects/\(hex.prefix(2))"
      return SharedObject(fanOut: fanOut, path: "\(fanOut)/\(hex.dropFirst(2))", sharing: sharing)
    }
    try SyncedFile.sync(directory: directory + "/objects", "copy objects")
  }
}

/// Where an object lies among the loose ones, with the rights that others get.
struct SharedObject {
  let fanOut: String
  let path: String
  let sharing: SharedPermissions

  /// Makes the directory that it is to lie in, so that it is never one that others cannot write to.
  func prepare() {
    // Where that fails, libgit2 says so in a moment.
    if unsafe mkdir(fanOut, 0o777) == 0 || errno == EEXIST { sharing.apply(to: fanOut) }
  }

  /// Gives others their rights to it, where it is one of the loose ones.
  func share() {
    sharing.apply(to: path)
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
    let present = status.st_mode & 0o7777
    let result = mode(of: present, isDirectory: status.st_mode & S_IFMT == S_IFDIR)
    if result != present { _ = unsafe withCString(path) { unsafe chmod($0, result) } }
  }

  /// The mode that a file gets that has some already.
  func mode(of file: FileStatus) -> UInt32 {
    mode(of: file.mode, isDirectory: file.kind == .directory)
  }

  private func mode(of present: mode_t, isDirectory: Bool) -> mode_t {
    let replaced = mode != nil && replaces
    var change = replaced ? 0 : inherited & 0o066
    change |= mode ?? 0
    if present & 0o200 == 0 { change &= ~0o222 }
    if present & 0o100 != 0 { change |= (change & 0o444) >> 2 }
    var result = replaced ? (present & ~0o777) | change : present | change
    if isDirectory, mode != nil { result |= 0o2000 }
    return result
  }
}

/// Finds out who works on a branch.
enum CheckedOut {
  /// The directory of the repository or work tree whose HEAD names the branch, or that is rebasing it; `nil` where none
  /// does.
  static func place(of ref: RefName, in directory: String) throws(GitError) -> String? {
    for place in [directory] + workTrees(of: directory) {
      if names(ref, in: place + "/HEAD", after: "ref:") || linked(place + "/HEAD") == ref { return place }
      for state in ["rebase-merge", "rebase-apply"] where names(ref, in: "\(place)/\(state)/head-name", after: "") {
        return place
      }
    }
    return nil
  }

  /// The branch that HEAD names where it is a symbolic link (git-config(1), `core.preferSymlinkRefs`).
  static func linked(_ path: String) -> RefName? {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = unsafe readlink(path, &buffer, buffer.count)
    guard count > 0, count < buffer.count else { return nil }
    let name = buffer[..<count].map { UInt8(bitPattern: $0) }
    return name.starts(with: "refs/".utf8) ? try? RefName(name) : nil
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
