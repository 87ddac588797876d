import Base
import Git

/// Reads what `git diff`, `git show` and `git log -p` print, as values.
///
/// It knows what our tests write and what git writes, no more.
struct UnifiedDiff {
  private(set) var diff = Diff()
  private var file: Draft?
  private var oldNumber = 0
  private var newNumber = 0

  private struct Draft {
    var oldPath: RepositoryPath?
    var newPath: RepositoryPath?
    var oldMode = FileMode.regular
    var newMode = FileMode.regular
    var oldBlob = ObjectID.zero
    var newBlob = ObjectID.zero
    var isAdded = false
    var isDeleted = false
    var isRename = false
    var isCopy = false
    var isBinary = false
    var hunks: [Hunk] = []
  }

  static func parse(_ bytes: [UInt8], size: (ObjectID) -> Int? = { _ in nil }) -> Diff {
    var parser = UnifiedDiff()
    for line in bytes.split(separator: 10, omittingEmptySubsequences: false) { parser.read(Array(line)) }
    parser.finish()
    for index in parser.diff.files.indices {
      if let id = parser.diff.files[index].new?.blob, let size = size(id) { parser.diff.files[index].new?.size = size }
      if let id = parser.diff.files[index].old?.blob, let size = size(id) { parser.diff.files[index].old?.size = size }
    }
    return parser.diff
  }

  private mutating func read(_ line: [UInt8]) {
    if isInHunk, let first = line.first, " +-\\".utf8.contains(first) { return readContent(line, first) }
    if isInHunk, line.isEmpty { return }
    let text = String(decoding: line, as: UTF8.self)
    if text.hasPrefix("diff --git ") {
      finish()
      let (old, new) = Self.paths(Array(line.dropFirst(11)))
      file = Draft(oldPath: old, newPath: new)
    } else if text.hasPrefix("@@ ") {
      readHunk(line, text)
    } else {
      readHeader(text, line)
    }
  }

  private var isInHunk: Bool {
    guard let hunk = file?.hunks.last else { return false }
    return oldNumber < hunk.oldStart + hunk.oldCount || newNumber < hunk.newStart + hunk.newCount
      || hunk.oldCount + hunk.newCount == 0
  }

  private mutating func readContent(_ line: [UInt8], _ first: UInt8) {
    guard let index = file.map({ $0.hunks.count - 1 }), index >= 0 else { return }
    let content = Array(line.dropFirst())
    switch first {
    case UInt8(ascii: "+"):
      file?.hunks[index].lines.append(
        DiffLine(kind: .added, oldNumber: nil, newNumber: newNumber, content: content))
      newNumber += 1
    case UInt8(ascii: "-"):
      file?.hunks[index].lines.append(
        DiffLine(kind: .deleted, oldNumber: oldNumber, newNumber: nil, content: content))
      oldNumber += 1
    case UInt8(ascii: " "):
      file?.hunks[index].lines.append(
        DiffLine(kind: .context, oldNumber: oldNumber, newNumber: newNumber, content: content))
      oldNumber += 1
      newNumber += 1
    default: break
    }
  }

  private mutating func readHeader(_ text: String, _ line: [UInt8]) {
    if text.hasPrefix("new file mode ") {
      file?.isAdded = true
      file?.newMode = Self.mode(text)
    } else if text.hasPrefix("deleted file mode ") {
      file?.isDeleted = true
      file?.oldMode = Self.mode(text)
    } else if text.hasPrefix("old mode ") {
      file?.oldMode = Self.mode(text)
    } else if text.hasPrefix("new mode ") {
      file?.newMode = Self.mode(text)
    } else if text.hasPrefix("rename to ") {
      file?.isRename = true
      file?.newPath = Self.path(Array(line.dropFirst(10)))
    } else if text.hasPrefix("rename from ") {
      file?.oldPath = Self.path(Array(line.dropFirst(12)))
    } else if text.hasPrefix("copy from ") {
      file?.isCopy = true
      file?.oldPath = Self.path(Array(line.dropFirst(10)))
    } else if text.hasPrefix("copy to ") {
      file?.newPath = Self.path(Array(line.dropFirst(8)))
    } else if text.hasPrefix("Binary files ") || text.hasPrefix("GIT binary patch") {
      file?.isBinary = true
    } else if text.hasPrefix("index ") {
      readIndex(text)
    }
  }

  private mutating func readIndex(_ text: String) {
    let words = text.split(separator: " ")
    let ids = words[1].split(separator: ".")
    if ids.count == 2 {
      file?.oldBlob = ObjectID(hex: String(ids[0])) ?? .zero
      file?.newBlob = ObjectID(hex: String(ids[1])) ?? .zero
    }
    if words.count == 3 {
      file?.oldMode = Self.mode(text)
      file?.newMode = Self.mode(text)
    }
  }

  private mutating func readHunk(_ line: [UInt8], _ text: String) {
    let words = text.split(separator: " ")
    guard words.count >= 3 else { return }
    func range(_ word: Substring) -> (Int, Int) {
      let numbers = word.dropFirst().split(separator: ",").compactMap { Int($0) }
      return (numbers.first ?? 0, numbers.count > 1 ? numbers[1] : 1)
    }
    let (oldStart, oldCount) = range(words[1])
    let (newStart, newCount) = range(words[2])
    oldNumber = oldStart
    newNumber = newStart
    file?.hunks.append(Hunk(oldStart: oldStart, oldCount: oldCount, newStart: newStart, newCount: newCount))
  }

  private mutating func finish() {
    guard let draft = file else { return }
    file = nil
    let old =
      draft.isAdded
      ? nil
      : draft.oldPath.map {
        FileChange.Side(path: $0, mode: draft.oldMode, blob: draft.oldBlob, size: 0)
      }
    let new =
      draft.isDeleted
      ? nil
      : draft.newPath.map {
        FileChange.Side(path: $0, mode: draft.newMode, blob: draft.newBlob, size: 0)
      }
    guard old != nil || new != nil else { return }
    let status: FileChange.Status =
      draft.isAdded
      ? .added
      : draft.isDeleted
        ? .deleted
        : draft.isRename ? .renamed(similarity: 90) : draft.isCopy ? .copied(similarity: 90) : .modified
    diff.files.append(
      FileChange(status: status, old: old, new: new, isBinary: draft.isBinary, hunks: draft.hunks))
  }

  private static func mode(_ text: String) -> FileMode {
    text.split(separator: " ").last.flatMap { UInt16($0, radix: 8) }.flatMap(FileMode.init) ?? .regular
  }

  private static func path(_ bytes: [UInt8]) -> RepositoryPath? {
    QuotedPath.decode(bytes).flatMap { RepositoryPath($0) }
  }

  private static func paths(_ bytes: [UInt8]) -> (RepositoryPath?, RepositoryPath?) {
    if bytes.first == 0x22 {
      let end = bytes.dropFirst().firstIndex(of: 0x22) ?? bytes.endIndex - 1
      let old = QuotedPath.decode(Array(bytes[...end])) ?? []
      let rest = Array(bytes[min(end + 2, bytes.count)...])
      return (RepositoryPath(old.dropFirst(2)), RepositoryPath((QuotedPath.decode(rest) ?? []).dropFirst(2)))
    }
    // Both names are alike unless a later line names them: the line is `a/X b/X`.
    let half = (bytes.count - 1) / 2
    if bytes.count > 4, bytes[2..<half].elementsEqual(bytes[(half + 3)...]) {
      let path = RepositoryPath(bytes[2..<half])
      return (path, path)
    }
    let text = String(decoding: bytes, as: UTF8.self)
    let parts = text.split(separator: " ").map(String.init)
    return (RepositoryPath(String(parts[0].dropFirst(2))), RepositoryPath(String(parts[parts.count - 1].dropFirst(2))))
  }
}
