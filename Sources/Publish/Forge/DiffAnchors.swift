package import Base
package import Git
package import Work

/// The lines of a change that a comment can stand on, by the rule of the strictest forge: both ends lie within one hunk
/// of the file's difference, with three unchanged lines around each change.
///
/// Forges that take any line show nothing for one outside, so the rule holds for them all.
package struct DiffAnchors: Sendable {
  /// The most lines and bytes that the difference of one file may have: larger ones are not shown.
  private static let mostLines = 20_000
  private static let mostBytes = 500_000
  /// The most files whose difference a forge lists.
  private static let mostFiles = 3_000
  private static let context = 3

  private let files: [FileLines]
  private let byNewPath: [RepositoryPath: Int]
  private let byOldPath: [RepositoryPath: Int]

  package init(_ diff: Diff) {
    var files: [FileLines] = []
    var (byNewPath, byOldPath): ([RepositoryPath: Int], [RepositoryPath: Int]) = ([:], [:])
    for file in diff.files {
      guard let path = file.new?.path ?? file.old?.path else { continue }
      if let new = file.new { byNewPath[new.path] = files.count }
      // A copy leaves what it was made of where it is.
      if let old = file.old, file.new == nil || !file.isCopy { byOldPath[old.path] = files.count }
      files.append(FileLines(file, path: path, isListed: files.count < Self.mostFiles))
    }
    (self.files, self.byNewPath, self.byOldPath) = (files, byNewPath, byOldPath)
  }

  /// Where a comment on a finding can stand; `nil` where it can stand nowhere.
  ///
  /// Of lines that are not all in one hunk those are left that are in the hunk with the most of them.
  package func anchor(for finding: Finding) -> LineAnchor? {
    anchor(finding.path, finding.side, finding.startLine...max(finding.startLine, finding.endLine))
  }

  /// Where a comment on these lines can stand; `nil` where it can stand nowhere.
  package func anchor(_ path: RepositoryPath, _ side: Finding.Side, _ lines: ClosedRange<Int>) -> LineAnchor? {
    guard lines.lowerBound > 0, let file = file(at: path) else { return nil }
    var best: (stretch: Stretch, lines: ClosedRange<Int>)?
    for stretch in file.stretches {
      guard let all = stretch.lines(side), all.overlaps(lines) else { continue }
      let part = all.clamped(to: lines)
      if part.count > best?.lines.count ?? 0 { best = (stretch, part) }
    }
    guard let best else { return nil }
    let (start, end) = (best.lines.lowerBound, best.lines.upperBound)
    let isRange = start < end
    return LineAnchor(
      path: file.path, oldPath: file.oldPath, side: side, startLine: start, endLine: end,
      startPair: best.stretch.pair(of: start, side), endPair: best.stretch.pair(of: end, side),
      startBeside: isRange ? best.stretch.beside(start, side) : nil,
      endBeside: isRange ? best.stretch.beside(end, side) : nil)
  }

  /// The bytes of a line as the difference has them; `nil` where it does not show the line.
  package func content(_ path: RepositoryPath, _ side: Finding.Side, _ line: Int) -> [UInt8]? {
    guard let file = file(at: path) else { return nil }
    return side == .head ? file.headLines[line] : file.baseLines[line]
  }

  /// What the difference takes away from a file: each line with its number in the base.
  func deletedLines(of path: RepositoryPath) -> [(number: Int, content: [UInt8])] { file(at: path)?.deleted ?? [] }

  /// How a file of the change is known on both sides; `nil` where the change does not touch it.
  func names(of path: RepositoryPath) -> (head: RepositoryPath?, base: RepositoryPath)? {
    file(at: path).map { ($0.headPath, $0.oldPath ?? $0.path) }
  }

  private func file(at path: RepositoryPath) -> FileLines? {
    (byNewPath[path] ?? byOldPath[path]).map { files[$0] }
  }

  // MARK: Lines

  /// The lines of one file.
  private struct FileLines: Sendable {
    let path: RepositoryPath
    /// `nil` where the file is called the same on both sides, or is on one alone.
    let oldPath: RepositoryPath?
    /// `nil` where the head has it no more.
    let headPath: RepositoryPath?
    var stretches: [Stretch] = []
    var headLines: [Int: [UInt8]] = [:]
    var baseLines: [Int: [UInt8]] = [:]
    var deleted: [(number: Int, content: [UInt8])] = []

    init(_ file: FileChange, path: RepositoryPath, isListed: Bool) {
      self.path = path
      headPath = file.new?.path
      oldPath = file.new != nil && file.old?.path != path ? file.old?.path : nil
      guard !file.isBinary, !file.isTooLarge else { return }
      for line in file.hunks.lazy.flatMap(\.lines) {
        if let number = line.newNumber { headLines[number] = line.content }
        if let number = line.oldNumber { baseLines[number] = line.content }
        if line.kind == .deleted { deleted.append((line.oldNumber ?? 0, line.content)) }
      }
      let lines = file.hunks.reduce(0) { $0 + $1.lines.count }
      let bytes = file.hunks.lazy.flatMap(\.lines).reduce(0) { $0 + $1.content.count + 1 }
      guard isListed, lines <= mostLines, bytes <= mostBytes else { return }
      stretches = file.hunks.flatMap { Stretch.all(in: $0) }
    }
  }

  /// Lines that one hunk shows where each change has three unchanged lines around it.
  private struct Stretch: Sendable {
    private var head: ClosedRange<Int>?
    private var base: ClosedRange<Int>?
    /// For each unchanged line of the head the one of the base, and the other way round.
    private var headToBase: [Int: Int] = [:]
    private var baseToHead: [Int: Int] = [:]
    /// For each line that is on one side alone, the one that comes next on the other.
    private var nextInBase: [Int: Int] = [:]
    private var nextInHead: [Int: Int] = [:]

    /// The hunk as a forge would show it, however much it has around the changes.
    static func all(in hunk: Hunk) -> [Stretch] {
      var isShown = Array(repeating: false, count: hunk.lines.count)
      for (index, line) in hunk.lines.enumerated() where line.kind != .context {
        for near in max(0, index - context)...min(hunk.lines.count - 1, index + context) { isShown[near] = true }
      }
      var result: [Stretch] = []
      var open: Stretch?
      var (old, new) = (hunk.oldStart, hunk.newStart)
      for (index, line) in hunk.lines.enumerated() {
        defer {
          old = line.oldNumber.map { $0 + 1 } ?? old
          new = line.newNumber.map { $0 + 1 } ?? new
        }
        guard isShown[index] else {
          if let ended = open { result.append(ended) }
          open = nil
          continue
        }
        var stretch = open ?? Stretch()
        stretch.add(line, besideOld: old, besideNew: new)
        open = stretch
      }
      return result + (open.map { [$0] } ?? [])
    }

    private mutating func add(_ line: DiffLine, besideOld old: Int, besideNew new: Int) {
      if let number = line.newNumber { head = (head?.lowerBound ?? number)...number }
      if let number = line.oldNumber { base = (base?.lowerBound ?? number)...number }
      if let new = line.newNumber, let old = line.oldNumber {
        headToBase[new] = old
        baseToHead[old] = new
      } else if let number = line.newNumber {
        nextInBase[number] = old
      } else if let number = line.oldNumber {
        nextInHead[number] = new
      }
    }

    func lines(_ side: Finding.Side) -> ClosedRange<Int>? { side == .head ? head : base }

    func beside(_ line: Int, _ side: Finding.Side) -> Int? {
      pair(of: line, side) ?? (side == .head ? nextInBase[line] : nextInHead[line])
    }

    func pair(of line: Int, _ side: Finding.Side) -> Int? { side == .head ? headToBase[line] : baseToHead[line] }
  }
}

extension FileChange {
  fileprivate var isCopy: Bool {
    if case .copied = status { return true }
    return false
  }
}
