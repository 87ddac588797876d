internal import Base
internal import ByteText
internal import Crypto
internal import Merging
internal import Work

/// Names a finding in a pull request by the content that it speaks of.
///
/// The first part is made of the file's name in the base, the line without its blanks and the line that opens the
/// declaration around it; the second of who found it. Neither the line's number nor the words of the finding count, so
/// that it outlives a rebase, moved lines, a renamed file and a model's other words. What would have the same name is
/// numbered.
package struct FindingKey: Sendable, Hashable, CustomStringConvertible {
  /// Stands for what it speaks of: 16 hexadecimal digits.
  package let place: String
  /// Stands for who found it: 6 hexadecimal digits.
  package let source: String
  /// Counted from one.
  package let number: Int
  /// Whether it is told for a second time, after Arborist itself had settled the first thread.
  package var isAgain = false

  init(place: String, source: String, number: Int) {
    (self.place, self.source, self.number) = (place, source, number)
  }

  /// The key in its marker: `finding/PLACE/SOURCE`, with `.NUMBER` from the second on, and `-again`.
  package var text: String {
    "finding/\(place)/\(source)" + (number > 1 ? ".\(number)" : "") + (isAgain ? "-again" : "")
  }

  package var description: String { text }

  /// The key that stands in a marker; `nil` where that is another one.
  package init?(_ text: String) {
    var rest = text[...]
    guard rest.hasPrefix("finding/") else { return nil }
    rest = rest.dropFirst("finding/".count)
    let isAgain = rest.hasSuffix("-again")
    if isAgain { rest = rest.dropLast("-again".count) }
    let parts = rest.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].utf8.count == 16, parts[0].utf8.allSatisfy(ASCII.isHex) else { return nil }
    let tail = parts[1].split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(tail.count), tail[0].utf8.count == 6, tail[0].utf8.allSatisfy(ASCII.isHex) else {
      return nil
    }
    guard let number = tail.count == 1 ? 1 : Int(tail[1]), number > 0 else { return nil }
    self.init(place: String(parts[0]), source: String(tail[0]), number: number)
    self.isAgain = isAgain
  }
}

/// Makes the keys of findings, and knows which of the places that keys speak of are still there.
struct FindingPlaces {
  private let anchors: DiffAnchors
  /// Files of the head.
  private let contents: [RepositoryPath: [UInt8]]
  private var outlines: [RepositoryPath: Outline?] = [:]
  private var lines: [RepositoryPath: [ArraySlice<UInt8>]] = [:]
  private var counts: [String: Int] = [:]
  private var present: [RepositoryPath: Set<String>] = [:]

  init(_ anchors: DiffAnchors, contents: [RepositoryPath: [UInt8]]) {
    self.anchors = anchors
    self.contents = contents
  }

  /// The key of a finding; the same order of findings gives the same numbers.
  mutating func key(of finding: Finding, at anchor: LineAnchor) -> FindingKey {
    // What the finding was anchored by is its first line, if that can be seen.
    let isWhole = anchor.startLine == finding.startLine
    let line = isWhole ? anchors.content(anchor.path, finding.side, finding.startLine) : nil
    let place = digest(
      of: line ?? Array(finding.quote.utf8), path: anchor.oldPath ?? anchor.path, side: finding.side,
      enclosing: finding.side == .head ? opening(around: finding.startLine, of: anchor.path) : [])
    // What one model has told another one need not tell again.
    let source = Self.hash(Array((finding.source.hasPrefix("model:") ? "model" : finding.source).utf8), digits: 6)
    counts["\(place)/\(source)", default: 0] += 1
    return FindingKey(place: place, source: source, number: counts["\(place)/\(source)"] ?? 1)
  }

  /// Whether what a comment speaks of is gone from the change; where that cannot be seen, it is not.
  ///
  /// - Parameters:
  ///   - place: The place, as a key names it.
  ///   - path: The file that the comment stands at.
  /// - Returns: Whether no line of the file is that place any more.
  mutating func isGone(_ place: String, from path: RepositoryPath) -> Bool {
    guard let names = anchors.names(of: path) else { return true }
    if let known = present[path] { return !known.contains(place) }
    var there: Set<String> = []
    for line in anchors.deletedLines(of: path) {
      there.insert(digest(of: line, path: names.base, side: .base, enclosing: []))
    }
    if let head = names.head {
      guard let content = contents[head] else { return false }
      for (index, line) in content.lines().enumerated() {
        let enclosing = opening(around: index + 1, of: head)
        there.insert(digest(of: Array(line), path: names.base, side: .head, enclosing: enclosing))
      }
    }
    present[path] = there
    return !there.contains(place)
  }

  /// The line that opens the innermost declaration around a line; empty where none is known.
  private mutating func opening(around line: Int, of path: RepositoryPath) -> [UInt8] {
    guard let content = contents[path] else { return [] }
    let outline: Outline?
    if let known = outlines[path] {
      outline = known
    } else {
      outline = Outline(of: content, at: path.bytes)
      outlines[path] = outline
    }
    // A line that opens a declaration itself stands in the one around that.
    guard let head = outline?.enclosing(line - 1).last(where: { $0.head.lowerBound != line - 1 })?.head else {
      return []
    }
    let lines = self.lines[path] ?? content.lines()
    self.lines[path] = lines
    return head.lowerBound < lines.count ? lines[head.lowerBound].collapsingBlanks() : []
  }

  private func digest(
    of line: [UInt8], path: RepositoryPath, side: Finding.Side, enclosing: [UInt8]
  ) -> String {
    let parts = [path.bytes, Array(side.rawValue.utf8), line.collapsingBlanks(), enclosing]
    return Self.hash(Array(parts.joined(separator: [0])), digits: 16)
  }

  private static func hash(_ bytes: [UInt8], digits: Int) -> String {
    Hexadecimal.encode(SHA256.hash(data: bytes).prefix(digits / 2))
  }
}
