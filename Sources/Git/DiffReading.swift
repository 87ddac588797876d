package import Base
internal import CLibgit2

/// How a difference is made.
package struct DiffOptions: Sendable, Hashable {
  /// How many unchanged lines go around a change.
  package var contextLines = 3
  /// The most bytes that a file may have to be compared line by line.
  package var maxFileSize = 8 << 20
  /// Whether a deleted and an added file that are alike are one renamed file.
  package var detectsRenames = true

  package init() {}
}

/// Differences.
///
/// Attributes do not count: a change cannot hide its own lines by calling its files binary.
extension Repository {
  /// The difference between two commits or trees; `nil` is the empty tree.
  ///
  /// - Throws: ``GitError`` where an object cannot be read.
  package func diff(
    from old: ObjectID?, to new: ObjectID?, options: DiffOptions = DiffOptions()
  ) throws(GitError) -> Diff {
    let oldTree = try optionalTree(old)
    let newTree = try optionalTree(new)
    var settings = try unsafe Self.settings(options)
    let difference = try make(
      "compare \(old?.short ?? "nothing") with \(new?.short ?? "nothing")", owner: self,
      free: { unsafe git_diff_free($0) }
    ) { unsafe git_diff_tree_to_tree(&$0, pointer, oldTree.pointer, newTree.pointer, &settings) }
    return try DiffReader(repository: self, options: options).read(difference)
  }

  /// The difference between a commit or tree and what is staged; `nil` is the empty tree.
  ///
  /// - Parameters:
  ///   - old: The commit or tree.
  ///   - path: The index file where it is not the repository's own, as `GIT_INDEX_FILE` names it.
  ///   - options: How to compare.
  /// - Returns: The difference.
  /// - Throws: ``GitError`` where an object or the index cannot be read.
  package func diffStaged(
    against old: ObjectID?, index path: String? = nil, options: DiffOptions = DiffOptions()
  ) throws(GitError) -> Diff {
    let oldTree = try optionalTree(old)
    let path = path ?? indexPath
    let operation = "read the index '\(DisplayText.escaping(path.utf8))'"
    let index = try make(operation, owner: self, free: { unsafe git_index_free($0) }) {
      unsafe git_index_open(&$0, path)
    }
    var settings = try unsafe Self.settings(options)
    let difference = try make(
      "compare \(old?.short ?? "nothing") with the index", owner: self, free: { unsafe git_diff_free($0) }
    ) { unsafe git_diff_tree_to_index(&$0, pointer, oldTree.pointer, index.pointer, &settings) }
    var result = try DiffReader(repository: self, options: options).read(difference)
    result.files.removeAll { file in
      guard file.status == .added, let new = file.new, new.size == 0 else { return false }
      return Self.isOnlyMeantToBeAdded(new.path, index)
    }
    return result
  }

  /// Whether `git add --intent-to-add` put the file into the index, which stages nothing.
  private static func isOnlyMeantToBeAdded(_ path: RepositoryPath, _ index: borrowing Handle) -> Bool {
    let entry = unsafe withCString(path.bytes) { unsafe git_index_get_bypath(index.pointer, $0, 0) }
    guard let flags = unsafe entry?.pointee.flags_extended else { return false }
    return UInt32(flags) & GIT_INDEX_ENTRY_INTENT_TO_ADD.rawValue != 0
  }

  private func optionalTree(_ id: ObjectID?) throws(GitError) -> OptionalTree {
    guard let id else { return OptionalTree() }
    return OptionalTree(try treeHandle(id))
  }

  private static func settings(_ options: DiffOptions) throws(GitError) -> git_diff_options {
    var settings = unsafe git_diff_options()
    try check(
      unsafe git_diff_options_init(&settings, UInt32(GIT_DIFF_OPTIONS_VERSION)), "prepare a comparison")
    unsafe settings.flags = GIT_DIFF_INCLUDE_TYPECHANGE.rawValue | GIT_DIFF_INDENT_HEURISTIC.rawValue
    unsafe settings.context_lines = UInt32(clamping: options.contextLines)
    unsafe settings.max_size = git_off_t(options.maxFileSize)
    return unsafe settings
  }
}

/// A tree, or the empty one, which libgit2 takes as no pointer.
@safe
private struct OptionalTree: ~Copyable {
  private let handle: Handle?

  init() {
    handle = nil
  }

  init(_ handle: consuming Handle) {
    self.handle = consume handle
  }

  var pointer: OpaquePointer? {
    switch handle {
    case .none: nil
    case .some(let handle): unsafe handle.pointer
    }
  }
}

/// Turns libgit2's difference into values.
private struct DiffReader {
  let repository: Repository
  let options: DiffOptions

  /// The blob of an empty file, which a file that is only meant to be added has in the index.
  private static let emptyBlob = ObjectID(hex: "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391")

  func read(_ difference: borrowing Handle) throws(GitError) -> Diff {
    let database = try repository.objectDatabase()
    if options.detectsRenames { try findRenames(in: difference, database) }
    var files: [FileChange] = []
    for index in 0..<(unsafe git_diff_num_deltas(difference.pointer)) {
      guard let delta = unsafe git_diff_get_delta(difference.pointer, index) else { continue }
      guard var change = try unsafe change(delta.pointee, database) else { continue }
      try fillHunks(of: &change, at: index, in: difference)
      files.append(change)
    }
    return Diff(files: files)
  }

  private func findRenames(in difference: borrowing Handle, _ database: borrowing Handle) throws(GitError) {
    var settings = unsafe git_diff_find_options()
    try check(
      unsafe git_diff_find_options_init(&settings, UInt32(GIT_DIFF_FIND_OPTIONS_VERSION)), "prepare finding renames")
    unsafe settings.flags = GIT_DIFF_FIND_RENAMES.rawValue
    unsafe settings.rename_threshold = 50
    unsafe settings.rename_limit = 1000
    if try hasLargeRenameCandidates(difference, database) {
      unsafe settings.flags |= GIT_DIFF_FIND_EXACT_MATCH_ONLY.rawValue
    }
    try check(unsafe git_diff_find_similar(difference.pointer, &settings), "find renames")
  }

  /// Whether libgit2 would read a file above the limit to see what it is like.
  ///
  /// It does where a deleted and an added file differ in size by less than a factor of eight.
  private func hasLargeRenameCandidates(
    _ difference: borrowing Handle, _ database: borrowing Handle
  ) throws(GitError) -> Bool {
    var (largestDeleted, largestAdded) = (0, 0)
    for index in 0..<(unsafe git_diff_num_deltas(difference.pointer)) {
      guard let delta = unsafe git_diff_get_delta(difference.pointer, index)?.pointee else { continue }
      switch unsafe delta.status {
      case GIT_DELTA_DELETED: largestDeleted = max(largestDeleted, try unsafe size(delta.old_file, database))
      case GIT_DELTA_ADDED: largestAdded = max(largestAdded, try unsafe size(delta.new_file, database))
      default: break
      }
    }
    return max(largestDeleted, largestAdded) > options.maxFileSize
      && min(largestDeleted, largestAdded) >= options.maxFileSize / 8
  }

  private func size(_ file: git_diff_file, _ database: borrowing Handle) throws(GitError) -> Int {
    let mode = unsafe FileMode(raw: UInt32(file.mode))
    let id = unsafe ObjectID(file.id)
    guard mode != .submodule, mode != .none, id != Self.emptyBlob else { return 0 }
    var oid = unsafe file.id
    var size = 0
    var type = GIT_OBJECT_INVALID
    try check(
      unsafe git_odb_read_header(&size, &type, database.pointer, &oid),
      "read the size of '\(DisplayText.escaping(unsafe bytes(file.path)))' (\(id.short))")
    return size
  }

  private func side(_ file: git_diff_file, _ database: borrowing Handle) throws(GitError) -> FileChange.Side {
    let name = unsafe bytes(file.path)
    guard let path = RepositoryPath(name) else {
      throw GitError(
        .corrupt, operation: "compare two trees",
        message: "'\(DisplayText.escaping(name))' is no path inside a repository")
    }
    return unsafe FileChange.Side(
      path: path, mode: FileMode(raw: UInt32(file.mode)), blob: ObjectID(file.id), size: try size(file, database))
  }

  private func change(_ delta: git_diff_delta, _ database: borrowing Handle) throws(GitError) -> FileChange? {
    let status: FileChange.Status
    switch unsafe delta.status {
    case GIT_DELTA_ADDED: status = .added
    case GIT_DELTA_DELETED: status = .deleted
    case GIT_DELTA_MODIFIED: status = .modified
    case GIT_DELTA_RENAMED: status = .renamed(similarity: Int(unsafe delta.similarity))
    case GIT_DELTA_COPIED: status = .copied(similarity: Int(unsafe delta.similarity))
    case GIT_DELTA_TYPECHANGE: status = .typeChanged
    case GIT_DELTA_CONFLICTED:
      throw GitError(
        .unmerged, operation: "compare with the index",
        message: "'\(DisplayText.escaping(unsafe bytes(delta.new_file.path)))' is in conflict")
    default: return nil
    }
    let old = status == .added ? nil : try unsafe side(delta.old_file, database)
    let new = status == .deleted ? nil : try unsafe side(delta.new_file, database)
    if let new, new.blob == Self.emptyBlob, try !repository.contains(new.blob) { return nil }
    let isTooLarge = max(old?.size ?? 0, new?.size ?? 0) > options.maxFileSize
    return FileChange(status: status, old: old, new: new, isTooLarge: isTooLarge)
  }

  private func fillHunks(of change: inout FileChange, at index: Int, in difference: borrowing Handle) throws(GitError) {
    guard !change.isTooLarge else { return }
    guard change.old?.mode != .submodule, change.new?.mode != .submodule else { return }
    guard change.old?.blob != change.new?.blob else { return }
    let name = (change.new ?? change.old)?.path.display ?? ""
    let patch = try make("compare '\(name)'", owner: repository, free: { unsafe git_patch_free($0) }) {
      unsafe git_patch_from_diff(&$0, difference.pointer, index)
    }
    guard unsafe git_patch_get_delta(patch.pointer).pointee.flags & GIT_DIFF_FLAG_BINARY.rawValue != 0 else {
      change.hunks = try hunks(of: patch, name)
      return
    }
    // libgit2 also takes a file for binary that has many control characters or is named so by an attribute. git's own
    // rule alone decides here.
    let old = try change.old.map { side throws(GitError) in try repository.content(of: side.blob, limit: side.size) }
    let new = try change.new.map { side throws(GitError) in try repository.content(of: side.blob, limit: side.size) }
    change.isBinary = BinaryContent.isBinary(old ?? []) || BinaryContent.isBinary(new ?? [])
    if !change.isBinary { change.hunks = try textHunks(old ?? [], new ?? [], name) }
  }

  private func textHunks(_ old: [UInt8], _ new: [UInt8], _ name: String) throws(GitError) -> [Hunk] {
    var settings = unsafe git_diff_options()
    try check(
      unsafe git_diff_options_init(&settings, UInt32(GIT_DIFF_OPTIONS_VERSION)), "prepare a comparison")
    unsafe settings.flags = GIT_DIFF_FORCE_TEXT.rawValue | GIT_DIFF_INDENT_HEURISTIC.rawValue
    unsafe settings.context_lines = UInt32(clamping: options.contextLines)
    let patch = try make("compare '\(name)'", owner: repository, free: { unsafe git_patch_free($0) }) {
      unsafe git_patch_from_buffers(&$0, old, old.count, nil, new, new.count, nil, &settings)
    }
    return try hunks(of: patch, name)
  }

  private func hunks(of patch: borrowing Handle, _ name: String) throws(GitError) -> [Hunk] {
    var result: [Hunk] = []
    let count = unsafe git_patch_num_hunks(patch.pointer)
    result.reserveCapacity(count)
    for index in 0..<count {
      var found: UnsafePointer<git_diff_hunk>?
      var lineCount = 0
      try check(unsafe git_patch_get_hunk(&found, &lineCount, patch.pointer, index), "compare '\(name)'")
      guard let found = unsafe found?.pointee else { continue }
      var hunk = Hunk(
        oldStart: Int(found.old_start), oldCount: Int(found.old_lines), newStart: Int(found.new_start),
        newCount: Int(found.new_lines), heading: Self.heading(found))
      hunk.lines.reserveCapacity(lineCount)
      for number in 0..<lineCount {
        var line: UnsafePointer<git_diff_line>?
        try check(unsafe git_patch_get_line_in_hunk(&line, patch.pointer, index, number), "compare '\(name)'")
        if let line = unsafe line, let value = unsafe Self.line(line.pointee) { hunk.lines.append(value) }
      }
      result.append(hunk)
    }
    return result
  }

  /// What stands behind the second `@@` of a hunk's first line.
  private static func heading(_ hunk: git_diff_hunk) -> [UInt8] {
    let header = unsafe withUnsafeBytes(of: hunk.header) { unsafe Array($0.prefix(Int(hunk.header_len))) }
    let at = UInt8(ascii: "@")
    var index = 2
    while index + 1 < header.count, !(header[index] == at && header[index + 1] == at) { index += 1 }
    var heading = header.dropFirst(index + 2)
    if heading.first == UInt8(ascii: " ") { heading.removeFirst() }
    while let last = heading.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") { heading.removeLast() }
    return Array(heading)
  }

  private static func line(_ line: git_diff_line) -> DiffLine? {
    let kind: DiffLine.Kind
    switch UInt8(bitPattern: unsafe line.origin) {
    case UInt8(ascii: " "): kind = .context
    case UInt8(ascii: "+"): kind = .added
    case UInt8(ascii: "-"): kind = .deleted
    // What is left are the remarks on a missing last line end, which the line itself shows.
    default: return nil
    }
    var content = unsafe Array(UnsafeRawBufferPointer(start: line.content, count: line.content_len))
    let lacksNewline = content.last != UInt8(ascii: "\n")
    if !lacksNewline { content.removeLast() }
    return unsafe DiffLine(
      kind: kind, oldNumber: kind == .added ? nil : Int(line.old_lineno),
      newNumber: kind == .deleted ? nil : Int(line.new_lineno), content: content, lacksNewline: lacksNewline)
  }
}
