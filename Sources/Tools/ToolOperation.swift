internal import Base
package import Sandbox

/// What calls come to, whatever the profile.
package enum ToolOperation: Sendable, Hashable {
  /// The model says what it plans; nothing happens outside of the conversation.
  case plan([PlanStep])
  /// A command in a shell of its own.
  case run(RunRequest)
  /// A command in the shell that stays.
  case shell(ShellRequest)
  case restartShell
  /// Writes to a session, or looks what it wrote.
  case poll(PollRequest)
  case read(ReadRequest)
  case list(CellPath)
  /// Views whatever the path is: a file, or the files of a directory.
  case view(ReadRequest)
  case write(WriteRequest)
  case replace(ReplaceRequest)
  case insert(InsertRequest)
  case patch(Patch, directory: CellPath)
  case grep(GrepRequest)
  case glob(pattern: String, directory: CellPath)
  /// Brings the workspace back to a state that was kept, or to what it was before the last command that destroys.
  case undo(UInt32?)
  /// Says which states are kept.
  case kept
  /// Nothing can be done; the text says why and what to do. The call was understood, so it counts as no malformed one.
  case impossible(String)

  /// Whether carrying it out twice does no harm, and whether it may run beside others; a command never counts as such.
  package var isRead: Bool {
    switch self {
    case .plan, .read, .list, .view, .grep, .glob, .impossible, .kept: true
    case .run, .shell, .restartShell, .poll, .write, .replace, .insert, .patch, .undo: false
    }
  }

  /// A text that is the same for the same operation in every process, whatever spelling the model chose for it.
  package var key: String {
    switch self {
    case .plan(let steps): "plan\n" + steps.map { "\($0.status.rawValue) \($0.text)" }.joined(separator: "\n")
    case .run(let request): request.key
    case .shell(let request): "shell\n\(request.command)"
    case .restartShell: "restart-shell"
    case .poll(let request): "poll \(request.session)\n\(request.input)"
    case .read(let request), .view(let request): "read \(request.first)-\(request.last ?? -1) \(request.path.display)"
    case .list(let path): "list \(path.display)"
    case .write(let request): "write \(request.replaces) \(request.path.display)\n\(request.content)"
    case .replace(let request):
      "replace \(request.replacesAll) \(request.path.display)\n"
        + ([TextChange(old: request.old, new: request.new)] + request.further).map { "\($0.old)\u{0}\($0.new)" }
        .joined(separator: "\u{0}")
    case .insert(let request): "insert \(request.line) \(request.path.display)\n\(request.text)"
    case .patch(let patch, let directory): "patch \(directory.display)\n\(patch.source)"
    case .grep(let request): request.key
    case .glob(let pattern, let directory): "glob \(directory.display)\n\(pattern)"
    case .undo(let number): "undo" + (number.map { " \($0)" } ?? "")
    case .kept: "kept"
    case .impossible(let text): "impossible\n\(text)"
    }
  }
}

extension ToolOperation {
  /// What is said at the end of the answer, where whoever carries the operation out does not say it.
  var note: String {
    switch self {
    case .poll(let request): request.note
    case .write(let request): request.note
    case .replace(let request): request.note
    case .grep(let request): request.note
    case .patch(let patch, _): patch.lacksEnd ? "\n[No `*** End Patch`: it was taken as complete.]" : ""
    default: ""
    }
  }

  /// Adds to what is said at the end of the answer, of operations that take more than one or two parameters.
  mutating func add(note: String) {
    if note.isEmpty { return }
    switch self {
    case .run(var request):
      request.note += note
      self = .run(request)
    case .shell(var request):
      request.note += note
      self = .shell(request)
    case .poll(var request):
      request.note += note
      self = .poll(request)
    case .read(var request):
      request.note += note
      self = .read(request)
    case .view(var request):
      request.note += note
      self = .view(request)
    case .write(var request):
      request.note += note
      self = .write(request)
    case .replace(var request):
      request.note += note
      self = .replace(request)
    case .grep(var request):
      request.note += note
      self = .grep(request)
    default: break
    }
  }
}

/// A command line in a shell of its own.
package struct RunRequest: Sendable, Hashable {
  package var command: String
  package var directory: CellPath = .workspace
  /// When it is ended.
  package var timeout: Duration = .seconds(120)
  /// How long to wait before it becomes a session; `nil` where it never does.
  package var patience: Duration?
  package var hasTerminal = false
  /// Whether bash reads the login profile.
  package var isLogin = true
  /// Whether it goes on in the background, with its output in a file.
  package var isBackground = false
  /// The most bytes to show; `nil` for the profile's own limit.
  package var outputLimit: Int?
  /// What was not done as the call asked, for the end of the answer.
  package var note = ""

  var key: String {
    "run \(isBackground) \(hasTerminal) \(directory.display)\n\(command)"
  }
}

/// A command line in the shell that stays.
package struct ShellRequest: Sendable, Hashable {
  package var command: String
  /// When it is ended.
  package var timeout: Duration = .seconds(300)
  /// What was not done as the call asked, for the end of the answer.
  package var note = ""

  package init(command: String, timeout: Duration = .seconds(300), note: String = "") {
    self.command = command
    self.timeout = timeout
    self.note = note
  }
}

/// A look at a session.
package struct PollRequest: Sendable, Hashable {
  package var session: Int
  package var input: String
  package var patience: Duration
  package var outputLimit: Int?
  /// What was not done as the call asked, for the end of the answer.
  package var note = ""
}

/// Lines of a file, counted from one.
package struct ReadRequest: Sendable, Hashable {
  package var path: CellPath
  package var first = 1
  /// The last line; `nil` for as many as a page holds.
  package var last: Int?
  /// What the lines that were asked for were taken for, for the end of the answer.
  package var note = ""

  /// The same lines in their order, where the last was named first.
  func ordered(_ names: String) -> ReadRequest {
    guard let end = last, end < first else { return self }
    var request = self
    (request.first, request.last) = (end, first)
    request.note = "\n[\(names) were taken the other way round: lines \(end) to \(first).]"
    return request
  }
}

/// A whole file.
package struct WriteRequest: Sendable, Hashable {
  package var path: CellPath
  package var content: String
  /// Whether it may replace a file that is there.
  package var replaces: Bool
  /// What was not done as the call asked, for the end of the answer.
  package var note = ""
}

/// One text of a file for another.
package struct ReplaceRequest: Sendable, Hashable {
  package var path: CellPath
  package var old: String
  package var new: String
  /// Whether every occurrence is meant; otherwise there must be exactly one.
  package var replacesAll = false
  /// What else is replaced, one after the other; all of it or nothing.
  package var further: [TextChange] = []
  /// What was not done as the call asked, for the end of the answer.
  package var note = ""
}

/// One text for another.
package struct TextChange: Sendable, Hashable {
  package var old: String
  package var new: String

  /// What models call the two.
  static let oldNames = ["old_str", "old_string", "oldText", "old", "search", "find", "old_text", "original"]
  static let newNames = ["new_str", "new_string", "newText", "new", "replace", "replacement", "new_text", "updated"]
}

/// New lines behind a line; 0 is the beginning.
package struct InsertRequest: Sendable, Hashable {
  package var path: CellPath
  package var line: Int
  package var text: String
}

/// A search for lines.
package struct GrepRequest: Sendable, Hashable {
  package var pattern: String
  package var directory: CellPath = .workspace
  /// Only files that match this glob.
  package var include: String?
  /// Without lines that match this expression.
  package var exclude: String?
  package var namesOnly = false
  package var limitPerFile: Int?
  package var limit = 100
  /// What was not done as the call asked, for the end of the answer.
  package var note = ""

  var key: String {
    "grep \(namesOnly) \(limit) \(limitPerFile ?? 0) \(directory.display)\n"
      + [pattern, include ?? "", exclude ?? ""].joined(separator: "\u{0}")
  }
}

extension CellPath {
  /// The path as text that is safe to show.
  var display: String { DisplayText.escaping(bytes) }

  /// The path relative to the workspace as text, or the whole one where it lies elsewhere.
  var shown: String {
    guard isInside(.workspace), bytes.count > CellPath.workspace.bytes.count else { return display }
    return DisplayText.escaping(bytes.dropFirst(CellPath.workspace.bytes.count + 1))
  }

  /// Whether this is the directory or something in it.
  func isInside(_ directory: CellPath) -> Bool {
    bytes.starts(with: directory.bytes)
      && (bytes.count == directory.bytes.count || bytes[directory.bytes.count] == UInt8(ascii: "/"))
  }

  /// The directory that holds it; the root holds itself.
  var parent: CellPath {
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return self }
    return CellPath(bytes[..<slash] + (slash == 0 ? [UInt8(ascii: "/")] : [])) ?? self
  }

  /// The last component.
  var name: [UInt8] {
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return bytes }
    return Array(bytes[(slash + 1)...])
  }
}

/// A path as a model writes it.
enum WrittenPath {
  /// What a path of a model comes to.
  enum Meaning: Hashable {
    case path(CellPath)
    /// It cannot be one; the text says why and what to write.
    case fault(String)
  }

  /// The path, relative ones from the directory on, with `.` and `..` followed by name.
  static func read(_ written: String, from directory: CellPath = .workspace) -> Meaning {
    var text = Substring(written)
    while let last = text.unicodeScalars.last, last == "\n" || last == "\r" { text = text.dropLast() }
    while text.first?.isWhitespace == true { text = text.dropFirst() }
    for (open, close) in [("\"", "\""), ("'", "'"), ("`", "`")] where text.count > 2 {
      if text.hasPrefix(open), text.hasSuffix(close) { text = text.dropFirst().dropLast() }
    }
    if text.hasPrefix("file://") { text = text.dropFirst(7) }
    if text.isEmpty { return .fault("The path is empty. Write one like `src/main.c`, from the workspace on.") }
    if text == "~" || text.hasPrefix("~/") {
      return .fault(
        "`\(shown(text))` begins with `~`, which stands for nothing here. Write a path from the workspace on, such as "
          + "`src/main.c`, or an absolute one in \(CellPath.workspace.display).")
    }
    if text.utf8.contains(0) { return .fault("The path has a NUL in it. Write one like `src/main.c`.") }
    var parts: [Substring.UTF8View.SubSequence] = []
    var base = text.hasPrefix("/") ? [] : directory.bytes.split(separator: UInt8(ascii: "/")).map(Array.init)
    for part in text.utf8.split(separator: UInt8(ascii: "/")) {
      if part.elementsEqual(".".utf8) { continue }
      if part.elementsEqual("..".utf8) {
        if parts.popLast() == nil, base.popLast() == nil {
          return .fault("`\(shown(text))` leads out of the file system. Write a path from the workspace on.")
        }
      } else {
        parts.append(part)
      }
    }
    let bytes = (base + parts.map(Array.init)).flatMap { [UInt8(ascii: "/")] + $0 }
    guard let path = CellPath(bytes.isEmpty ? [UInt8(ascii: "/")] : bytes) else {
      return .fault("`\(shown(text.prefix(80)))…` is too long for a path.")
    }
    if !text.hasPrefix("/"), !path.isInside(.workspace), !path.isInside(.temporary) {
      return .fault(
        "`\(shown(text))` leads out of the workspace, \(CellPath.workspace.display). Write a path from the workspace "
          + "on, such as `src/main.c`.")
    }
    return .path(path)
  }

  private static func shown(_ text: Substring) -> String { DisplayText.line(Array(text.utf8)) }
}
