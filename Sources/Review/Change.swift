package import Base
internal import ByteText
package import Git
internal import Merging
internal import Policy
internal import Work

/// A change as the checks see it: what the configuration leaves out is gone, and facts about files are at hand.
package final class Change {
  /// What the review was given.
  package let input: ReviewInput
  /// Every file that is not ignored, binary and deleted ones included.
  package let files: [ChangedFile]
  /// Files that the configuration leaves out, with the pattern that did.
  package let ignored: [(path: RepositoryPath, pattern: [UInt8])]
  /// The files of the head's tree, read when first asked for.
  package private(set) lazy var headFiles: [HeadFile] = input.headFiles()

  package init(_ input: ReviewInput) {
    self.input = input
    var files: [ChangedFile] = []
    var ignored: [(path: RepositoryPath, pattern: [UInt8])] = []
    for change in input.diff.files {
      guard let side = change.new ?? change.old else { continue }
      if let glob = input.configuration.ignore.first(where: { $0.matches(side.path.bytes) }) {
        ignored.append((side.path, glob.pattern))
      } else {
        files.append(ChangedFile(change, path: side.path, input: input))
      }
    }
    self.files = files
    self.ignored = ignored
  }

  /// The files with lines to read: text in the head, neither generated nor a lock file.
  package var sources: [ChangedFile] { files.filter { $0.isReadable && $0.generated == nil } }

  /// The files with lines to read, generated ones included.
  package var texts: [ChangedFile] { files.filter(\.isReadable) }

  /// The file of the change whose head path is this one.
  package func file(at path: RepositoryPath) -> ChangedFile? { byPath[path] }

  /// The file of the head's tree at this path.
  package func headFile(at path: RepositoryPath) -> HeadFile? { headByPath[path] }

  private lazy var headByPath: [RepositoryPath: HeadFile] = Dictionary(
    headFiles.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })

  private lazy var byPath: [RepositoryPath: ChangedFile] = Dictionary(
    files.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
}

/// One file of a change, with what is known of it.
package final class ChangedFile {
  /// The difference itself.
  package let change: FileChange
  /// The path in the head; in the base for a deleted file.
  package let path: RepositoryPath
  /// What the path tells about the file.
  let place: PathFacts
  private let readBlob: (ObjectID, Int) -> [UInt8]?

  init(_ change: FileChange, path: RepositoryPath, input: ReviewInput) {
    self.change = change
    self.path = path
    place = PathFacts(path, testPaths: input.testPaths)
    readBlob = input.readBlob
  }

  /// Whether the change has lines of a text file in the head.
  var isReadable: Bool {
    guard let new = change.new, !change.isBinary, !change.isTooLarge else { return false }
    return new.mode != .submodule && new.mode != .symbolicLink && new.mode != .directory
  }

  /// Whether the file is new, by a copy or otherwise.
  var isNew: Bool {
    switch change.status {
    case .added, .copied: true
    default: false
    }
  }

  /// The lines that the change adds, in order.
  private(set) lazy var addedLines: [NumberedLine] = change.hunks.flatMap(\.lines).compactMap { line in
    guard line.kind == .added, let number = line.newNumber else { return nil }
    return NumberedLine(number: number, bytes: line.content)
  }

  /// The lines that the change takes away, in order, numbered as in the base.
  private(set) lazy var deletedLines: [NumberedLine] = change.hunks.flatMap(\.lines).compactMap { line in
    guard line.kind == .deleted, let number = line.oldNumber else { return nil }
    return NumberedLine(number: number, bytes: line.content)
  }

  /// What wrote the file, where no person did.
  private(set) lazy var generated: GeneratedFile? = {
    if let known = GeneratedFile.at(path.bytes) { return known }
    guard isReadable else { return nil }
    // The first lines tell; where the change does not hold them, they are read only if the file is small.
    if let first = change.hunks.first, first.newStart <= 1 {
      let head = first.lines.filter { $0.kind != .deleted }.prefix(12).map(\.content).joined(separator: [10])
      return GeneratedFile.at(path.bytes, content: Array(head))
    }
    return GeneratedFile.at(path.bytes, content: headContent ?? [])
  }()

  /// The whole file in the head; `nil` where it cannot be read or is larger than ``ReviewLimits/wholeFile``.
  private(set) lazy var headContent: [UInt8]? = content(of: change.new)

  /// The lines of the whole file in the head.
  private(set) lazy var headLines: [ArraySlice<UInt8>]? = headContent?.lines()

  /// The whole file in the base; `nil` where it cannot be read or is larger than ``ReviewLimits/wholeFile``.
  private(set) lazy var baseContent: [UInt8]? = content(of: change.old)

  private func content(of side: FileChange.Side?) -> [UInt8]? {
    guard let side, side.size <= ReviewLimits.wholeFile, side.mode != .submodule else { return nil }
    return readBlob(side.blob, ReviewLimits.wholeFile)
  }

  /// The language of the file.
  private(set) lazy var language = Language.ofFile(at: path.bytes)

  /// The line of the head with comments and the inside of text literals blanked out; see ``CodeMask``.
  ///
  /// Where the whole file is at hand it is read from its first line on, so that a text literal or a comment that began
  /// far above is seen; otherwise from the start of the hunk.
  func code(of line: NumberedLine) -> [UInt8] {
    if let lines = maskedHead, line.number <= lines.count { return Array(lines[line.number - 1]) }
    return maskedHunks[line.number] ?? line.bytes
  }

  private lazy var maskedHead: [ArraySlice<UInt8>]? = headContent.map { CodeMask.blank($0, language: language).lines() }

  private lazy var maskedHunks: [Int: [UInt8]] = {
    var result: [Int: [UInt8]] = [:]
    for hunk in change.hunks {
      let lines = hunk.lines.filter { $0.newNumber != nil }
      let text = Array(lines.map(\.content).joined(separator: [10]))
      for (line, masked) in zip(lines, CodeMask.blank(text, language: language).lines()) {
        if let number = line.newNumber { result[number] = Array(masked) }
      }
    }
    return result
  }()
}

/// A line and its number, counted from one.
struct NumberedLine {
  var number: Int
  /// The line without its `\n`.
  var bytes: [UInt8]
}
