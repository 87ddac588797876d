import Base
import Git
import Policy
import Review
import Work

/// A change written as text, with marks where a finding has to be.
///
///     file Sources/a.swift new
///     +let a = 1
///     +let b = "<<" ⟵ some-check
///
/// A line that begins with `file` opens a file; behind its path stand `new`, `gone`, `binary`, `large`, `mode=100755`,
/// `oldmode=100644`, `size=12`, `from=OLDPATH`. `@@ 20` opens a hunk at line 20. What stands behind `⟵` are the checks
/// that find something in the line, or, on a `file` line, in the file as a whole.
struct Fixture {
  /// Where a finding is.
  struct Place: Hashable, CustomStringConvertible {
    var path: String
    /// Zero for the file as a whole.
    var line: Int
    var side: Finding.Side
    var check: String

    var description: String { "\(path):\(line) (\(side.rawValue)) \(check)" }
  }

  private(set) var diff = Diff()
  private(set) var expected: Set<Place> = []
  private var blobs: [ObjectID: [UInt8]] = [:]
  private var nextBlob: UInt8 = 1
  private var old = 1
  private var new = 1

  init(_ text: String) {
    for line in Array(text.utf8).split(separator: 10, omittingEmptySubsequences: false) { read(Array(line)) }
    for index in diff.files.indices { fillBlobs(index) }
  }

  /// What a review of the change is given.
  func input(
    tree: [String: String] = [:], configuration: ReviewConfiguration = ReviewConfiguration(),
    protectedPaths: [Glob] = [], linters: [SARIFDocument] = []
  ) -> ReviewInput {
    var files = diff.files.compactMap(\.new).map { HeadFile(path: $0.path, blob: $0.blob) }
    var blobs = blobs
    for (index, entry) in tree.sorted(by: { $0.key < $1.key }).enumerated() {
      guard let path = RepositoryPath(entry.key), let id = Self.blob(200, UInt8(index)) else { continue }
      files.append(HeadFile(path: path, blob: id))
      blobs[id] = Array(entry.value.utf8)
    }
    return ReviewInput(
      diff: diff, configuration: configuration, protectedPaths: protectedPaths, linters: linters,
      readBlob: { [blobs] id, limit in blobs[id].flatMap { $0.count <= limit ? $0 : nil } },
      headFiles: { [files] in files })
  }

  /// Where the findings of the checks are.
  static func places(_ findings: [Finding], of checks: Set<String>? = nil) -> Set<Place> {
    Set(
      findings.filter { checks?.contains($0.source) ?? true }.map {
        Place(path: $0.path.display, line: $0.startLine, side: $0.side, check: $0.source)
      })
  }

  private static func blob(_ first: UInt8, _ second: UInt8) -> ObjectID? {
    ObjectID(bytes: [first, second] + [UInt8](repeating: 7, count: 18))
  }

  private mutating func read(_ raw: [UInt8]) {
    // By bytes: a carriage return or a combining mark at a line's end would join its neighbour as a `Character`.
    let mark = Array("⟵".utf8)
    let place = raw.indices.first { raw[$0...].starts(with: mark) }
    var line = Array(raw[..<(place ?? raw.count)])
    if place != nil, line.last == 0x20 { line.removeLast() }
    let marks = String(decoding: raw[(place.map { $0 + mark.count } ?? raw.count)...], as: UTF8.self)
      .split(separator: " ").map(String.init)
    if line.starts(with: "file ".utf8) {
      openFile(String(decoding: line, as: UTF8.self).split(separator: " ").dropFirst().map(String.init), marks: marks)
    } else if line.starts(with: "@@ ".utf8) {
      let number = Int(String(decoding: line.dropFirst(3), as: UTF8.self)) ?? 1
      (old, new) = (number, number)
      openHunk()
    } else if let sign = line.first, " +-".utf8.contains(sign), !diff.files.isEmpty {
      content(sign, Array(line.dropFirst()), marks: marks)
    }
  }

  private mutating func openFile(_ words: [String], marks: [String]) {
    guard let name = words.first, let path = RepositoryPath(name) else { return }
    func option(_ key: String) -> String? {
      words.first { $0.hasPrefix(key + "=") }.map { String($0.dropFirst(key.count + 1)) }
    }
    let mode = option("mode").flatMap { UInt16($0, radix: 8) }.flatMap(FileMode.init) ?? .regular
    let oldMode = option("oldmode").flatMap { UInt16($0, radix: 8) }.flatMap(FileMode.init) ?? mode
    let from = option("from").flatMap { RepositoryPath($0) }
    let size = option("size").flatMap { Int($0) } ?? 0
    let isNew = words.contains("new")
    let isGone = words.contains("gone")
    defer { nextBlob += 2 }
    let oldSide = FileChange.Side(
      path: from ?? path, mode: oldMode, blob: Self.blob(nextBlob, 1) ?? .zero,
      size: option("oldsize").flatMap { Int($0) } ?? 0)
    let newSide = FileChange.Side(path: path, mode: mode, blob: Self.blob(nextBlob + 1, 1) ?? .zero, size: size)
    diff.files.append(
      FileChange(
        status: isNew ? .added : isGone ? .deleted : from != nil ? .renamed(similarity: 90) : .modified,
        old: isNew ? nil : oldSide, new: isGone ? nil : newSide, isBinary: words.contains("binary"),
        isTooLarge: words.contains("large")))
    (old, new) = (1, 1)
    for mark in marks { expected.insert(Place(path: name, line: 0, side: isGone ? .base : .head, check: mark)) }
  }

  private mutating func openHunk() {
    diff.files[diff.files.count - 1].hunks.append(Hunk(oldStart: old, oldCount: 0, newStart: new, newCount: 0))
  }

  private mutating func content(_ sign: UInt8, _ bytes: [UInt8], marks: [String]) {
    let file = diff.files.count - 1
    if diff.files[file].hunks.isEmpty { openHunk() }
    let hunk = diff.files[file].hunks.count - 1
    let isOld = sign != UInt8(ascii: "+")
    let isNew = sign != UInt8(ascii: "-")
    diff.files[file].hunks[hunk].lines.append(
      DiffLine(
        kind: isOld && isNew ? .context : isNew ? .added : .deleted, oldNumber: isOld ? old : nil,
        newNumber: isNew ? new : nil, content: bytes))
    let path = (diff.files[file].new ?? diff.files[file].old)?.path.display ?? ""
    for mark in marks {
      expected.insert(Place(path: path, line: isNew ? new : old, side: isNew ? .head : .base, check: mark))
    }
    if isOld { old += 1 }
    if isNew { new += 1 }
  }

  /// A file of one hunk from its first line on is known as a whole.
  private mutating func fillBlobs(_ index: Int) {
    let file = diff.files[index]
    guard file.hunks.count == 1, file.hunks[0].newStart == 1, !file.isBinary else { return }
    func content(_ keep: (DiffLine) -> Bool) -> [UInt8] {
      Array(file.hunks[0].lines.filter(keep).flatMap { $0.content + [10] })
    }
    if let side = file.new {
      blobs[side.blob] = content { $0.newNumber != nil }
      if side.size == 0 { diff.files[index].new?.size = blobs[side.blob]?.count ?? 0 }
    }
    if let side = file.old { blobs[side.blob] = content { $0.oldNumber != nil } }
  }
}
