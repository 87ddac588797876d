internal import Base
internal import Sandbox

extension Toolbox {
  /// The largest file that is read or edited as a whole.
  static let largestFile = 32 << 20

  /// A file's content, or what to tell the model instead.
  enum Loaded {
    case file(CellFile)
    case missing
    /// A directory, or something else that is no regular file.
    case notAFile(String)
    case problem(String)
  }

  /// Carries out what is done to files.
  func performOnFiles(_ operation: ToolOperation) async throws(SandboxError) -> ToolAnswer {
    switch operation {
    case .read(let request): try await read(request)
    case .view(let request): try await view(request)
    case .list(let path): try await list(path)
    case .write(let request): try await write(request)
    case .replace(let request):
      // What fits in one place is as the model knows it, whatever has changed elsewhere.
      try await edit(request.path, toleratingChanges: true) { bytes, name throws(EditFault) in
        var result = try TextEdit.replace(
          request.old, with: request.new, all: request.replacesAll, in: bytes, name: name)
        for (index, change) in request.further.enumerated() {
          do throws(EditFault) {
            let next = try TextEdit.replace(
              change.old, with: change.new, all: request.replacesAll, in: result.bytes, name: name)
            result = next.behind(result)
          } catch {
            throw EditFault("Edit \(index + 2) of \(request.further.count + 1) fails, so none was made. \(error.text)")
          }
        }
        return result
      }
    case .insert(let request):
      try await edit(request.path) { bytes, name throws(EditFault) in
        try TextEdit.insert(request.text, behind: request.line, in: bytes, name: name)
      }
    case .patch(let patch, let directory): try await apply(patch, in: directory)
    case .grep(let request): try await grep(request)
    case .glob(let pattern, let directory): try await glob(pattern, in: directory)
    case .plan, .run, .shell, .restartShell, .poll, .undo, .kept, .impossible: try await perform(operation)
    }
  }

  func load(_ path: CellPath) async throws(SandboxError) -> Loaded {
    do throws(SandboxError) {
      let file = try await cell.read(path, from: 0, limit: Self.largestFile)
      guard file.size <= Self.largestFile else {
        return .problem(
          "`\(path.shown)` has \(file.size) bytes, too many for this tool. Use commands on it, such as `sed -n "
            + "'1,200p'`, `grep -n` or `sed -i`.")
      }
      return .file(file)
    } catch {
      if error.code == .notFound { return .missing }
      if error.code == .notAFile {
        return .notAFile("`\(path.shown)` is a directory or no regular file. Give the path of a file.")
      }
      return .problem(try Self.report(error, on: path))
    }
  }

  /// What is known of a path's content.
  func version(of path: CellPath) -> Fingerprint? { memory.versions[Hexadecimal.encode(path.bytes)] }

  func remember(_ bytes: [UInt8]?, at path: CellPath) {
    memory.versions[Hexadecimal.encode(path.bytes)] = bytes.map { Fingerprint(of: $0) }
  }

  /// Whether a file is not as the model saw it last.
  private func isStale(_ bytes: [UInt8], at path: CellPath) -> Bool {
    guard profile.hasReadTool else { return false }
    // One that the tools never saw may have been read by a command.
    return version(of: path).map { $0 != Fingerprint(of: bytes) } ?? false
  }

  /// Why a file may not be edited that is not as the model saw it last; `nil` where it may.
  func staleness(of bytes: [UInt8], at path: CellPath) -> String? {
    guard isStale(bytes, at: path) else { return nil }
    return
      "`\(path.shown)` has changed since it was read, by a command or a formatter, so nothing was changed. Read it "
      + "again, then edit what it is now."
  }
}

// MARK: - Reading

extension Toolbox {
  private func view(_ request: ReadRequest) async throws(SandboxError) -> ToolAnswer {
    let loaded = try await load(request.path)
    if case .notAFile = loaded { return try await list(request.path, depth: 2) }
    return try await read(request, loaded: loaded)
  }

  private func read(_ request: ReadRequest) async throws(SandboxError) -> ToolAnswer {
    try await read(request, loaded: try await load(request.path))
  }

  private func read(_ request: ReadRequest, loaded: Loaded) async throws(SandboxError) -> ToolAnswer {
    switch loaded {
    case .missing: return ToolAnswer(text: try await missing(request.path), isError: true)
    case .notAFile(let text), .problem(let text): return ToolAnswer(text: text, isError: true)
    case .file(let file):
      if FileLines.isBinary(file.bytes) {
        return ToolAnswer(
          text: "`\(request.path.shown)` is a binary file of \(file.size) bytes. Look at it with a command such as "
            + "`xxd` or `file`.", isError: true)
      }
      let page = FilePage(file.bytes, from: request.first, to: request.last, profile: profile)
      guard let text = page.text else {
        return ToolAnswer(
          text: "`\(request.path.shown)` has \(page.total) lines; line \(request.first) is behind its end.",
          isError: true)
      }
      remember(file.bytes, at: request.path)
      return ToolAnswer(text: text + request.note)
    }
  }

  private func list(_ path: CellPath) async throws(SandboxError) -> ToolAnswer { try await list(path, depth: 1) }

  private func list(_ path: CellPath, depth: Int) async throws(SandboxError) -> ToolAnswer {
    let limit = 1000
    var lines: [String] = []
    var isCut = false
    var hidden = 0
    var pending = [(path, "", depth)]
    while let (directory, prefix, depth) = pending.popLast() {
      let entries: [CellEntry]
      do throws(SandboxError) {
        entries = try await cell.list(directory, limit: limit + 1)
      } catch {
        if directory != path { continue }
        let text = error.code == .notFound ? try await missing(path) : try Self.report(error, on: path)
        return ToolAnswer(text: text, isError: true)
      }
      for entry in entries {
        if depth > 1 || !prefix.isEmpty, entry.name.first == UInt8(ascii: ".") {
          hidden += 1
          continue
        }
        guard lines.count < limit else {
          isCut = true
          break
        }
        let name = prefix + DisplayText.line(entry.name)
        switch entry.kind {
        case .directory:
          lines.append(name + "/")
          if depth > 1, let inner = directory.appending(entry.name) { pending.append((inner, name + "/", depth - 1)) }
        case .link: lines.append(name + " (link)")
        case .file, .other: lines.append(name)
        }
      }
    }
    let rest = hidden == 0 ? "" : "\n[\(hidden) hidden \(hidden == 1 ? "entry is" : "entries are") left out.]"
    if lines.isEmpty { return ToolAnswer(text: "`\(path.shown)` is empty." + rest) }
    lines.sort()
    return ToolAnswer(
      text: "In \(path.display):\n" + lines.joined(separator: "\n")
        + (isCut ? "\n[More are left out; list a directory further down.]" : "") + rest)
  }
}

// MARK: - Editing

extension Toolbox {
  /// Why nothing can be written at a path; `nil` where it can.
  func obstacle(at path: CellPath) async throws(SandboxError) -> String? {
    guard path.isInside(.workspace) || path.isInside(.temporary) else {
      return "`\(path.display)` is neither in the workspace, \(CellPath.workspace.display), nor in "
        + "\(CellPath.temporary.display); only files in these are edited."
    }
    if path == .workspace || path == .temporary { return "`\(path.display)` is a directory. Give the path of a file." }
    let git = Array("\(CellPath.workspace.display)/.git".utf8)
    if path.bytes == git || path.bytes.starts(with: git + [UInt8(ascii: "/")]) {
      return "`\(path.shown)` is git's own. Use git commands to change what it keeps."
    }
    do throws(SandboxError) {
      guard let entry = try await cell.list(path.parent, limit: 200_000).first(where: { $0.name == path.name }) else {
        return nil
      }
      switch entry.kind {
      case .file: return nil
      case .directory: return "`\(path.shown)` is a directory. Give the path of a file."
      case .link:
        return "`\(path.shown)` is a symbolic link, which an edit would replace. Edit the file that it leads to; "
          + "`readlink` shows which."
      case .other: return "`\(path.shown)` is no regular file."
      }
    } catch {
      if error.code == .notFound { return nil }
      return try Self.report(error, on: path)
    }
  }

  private func write(_ request: WriteRequest) async throws(SandboxError) -> ToolAnswer {
    let path = request.path
    if let problem = try await obstacle(at: path) { return ToolAnswer(text: problem, isError: true) }
    var bytes = Array(request.content.utf8)
    var isNew = true
    switch try await load(path) {
    case .missing: break
    case .notAFile(let text), .problem(let text): return ToolAnswer(text: text, isError: true)
    case .file(let file):
      isNew = false
      if file.bytes == bytes, !file.bytes.isEmpty {
        remember(bytes, at: path)
        return ToolAnswer(text: "`\(path.shown)` has this content already; nothing was changed.")
      }
      if !request.replaces, file.size > 0 {
        return ToolAnswer(
          text: "`\(path.shown)` exists already, so it was not created. Edit it, or remove it by a command first.",
          isError: true)
      }
      if file.size > 0, let problem = staleness(of: file.bytes, at: path) {
        return ToolAnswer(text: problem, isError: true)
      }
      if file.size > 0, profile.hasReadTool, version(of: path) == nil {
        remember(file.bytes, at: path)
        let count = Self.lines(FileLines.count(file.bytes))
        return ToolAnswer(
          text:
            "`\(path.shown)` exists already, with \(count), and was not read; nothing was written. Read it, or make "
            + "the same call again to replace all of it.", isError: true)
      }
      bytes = Self.kept(bytes, like: file.bytes)
    }
    if let problem = try await put(bytes, at: path) { return ToolAnswer(text: problem, isError: true) }
    let count = Self.lines(FileLines.count(bytes))
    return ToolAnswer(
      text: "`\(path.shown)` was \(isNew ? "created" : "overwritten"): \(count), \(bytes.count) bytes.")
  }

  static func lines(_ count: Int) -> String { count == 1 ? "1 line" : "\(count) lines" }

  /// New content with the line ends and the byte order mark of the old one, where it has them throughout.
  private static func kept(_ bytes: [UInt8], like old: [UInt8]) -> [UInt8] {
    let (before, after) = (FileLines(old), FileLines(bytes))
    var result = Array(after.mark.isEmpty ? before.mark : after.mark)
    let isPaired =
      before.lines.count > 1 && before.lines.dropLast().allSatisfy { $0.end.count == 2 }
      && after.lines.allSatisfy { $0.end.count != 2 }
    for byte in bytes[after.mark.endIndex...] {
      if isPaired, byte == 10 { result.append(13) }
      result.append(byte)
    }
    return result
  }

  /// Writes a file and remembers its content; what stands in the way, where something does.
  private func put(_ bytes: [UInt8], at path: CellPath) async throws(SandboxError) -> String? {
    do throws(SandboxError) {
      try await cell.write(bytes, to: path, isExecutable: nil)
    } catch {
      return try Self.report(error, on: path)
    }
    remember(bytes, at: path)
    return nil
  }

  private func edit(
    _ path: CellPath, toleratingChanges: Bool = false, _ change: ([UInt8], String) throws(EditFault) -> TextEdit.Result
  ) async throws(SandboxError) -> ToolAnswer {
    if let problem = try await obstacle(at: path) { return ToolAnswer(text: problem, isError: true) }
    let file: CellFile
    switch try await load(path) {
    case .missing: return ToolAnswer(text: try await missing(path), isError: true)
    case .notAFile(let text), .problem(let text): return ToolAnswer(text: text, isError: true)
    case .file(let loaded): file = loaded
    }
    if FileLines.isBinary(file.bytes) {
      return ToolAnswer(text: "`\(path.shown)` is a binary file; edit it by a command.", isError: true)
    }
    let isStale = isStale(file.bytes, at: path)
    if isStale, !toleratingChanges, let problem = staleness(of: file.bytes, at: path) {
      return ToolAnswer(text: problem, isError: true)
    }
    var result: TextEdit.Result
    do throws(EditFault) {
      result = try change(file.bytes, path.shown)
    } catch {
      let also = isStale ? "\nThe file has changed since it was read, by a command or a formatter." : ""
      return ToolAnswer(text: error.text + also, isError: true)
    }
    if isStale {
      if result.isRepeated, let problem = staleness(of: file.bytes, at: path) {
        return ToolAnswer(text: problem, isError: true)
      }
      let note = "the file had changed since it was read"
      result.note = result.note.map { "\($0); \(note)" } ?? note
    }
    if let problem = try await put(result.bytes, at: path) { return ToolAnswer(text: problem, isError: true) }
    return ToolAnswer(text: Self.edited(path, result))
  }

  /// An edit's answer: what was done, and the lines as they are now.
  private static func edited(_ path: CellPath, _ result: TextEdit.Result) -> String {
    let lines = FileLines(result.bytes).lines
    let first = max(1, min(result.first - 2, lines.count))
    let last = min(lines.count, result.first + min(result.count, 40) + 2)
    let places = result.places == 1 ? "" : " at \(result.places) places"
    let note = result.note.map { " (\($0))" } ?? ""
    let shown = first <= last ? PatchReport.numbered(lines[(first - 1)..<last].map(\.text), from: first) : ""
    return "The file \(path.shown) was edited\(places)\(note). It has now:\n\(shown)"
  }
}
