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

  /// The same, told for the first time.
  var once: FindingKey { FindingKey(place: place, source: source, number: number) }

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

/// Makes the keys of findings, and knows where in the change the places are that keys speak of.
struct FindingPlaces {
  private let anchors: DiffAnchors
  /// Files of the head.
  private let contents: [RepositoryPath: [UInt8]]
  private var outlines: [RepositoryPath: Outline?] = [:]
  private var lines: [RepositoryPath: [ArraySlice<UInt8>]] = [:]
  /// The numbers of the lines by the place that they are.
  private var present: [RepositoryPath: [String: [Int]]] = [:]

  init(_ anchors: DiffAnchors, contents: [RepositoryPath: [UInt8]]) {
    self.anchors = anchors
    self.contents = contents
  }

  /// The key of a finding, as if it were the only one with it.
  mutating func key(of finding: Finding, at anchor: LineAnchor) -> FindingKey {
    // What the finding was anchored by is its first line, if that can be seen.
    let isWhole = anchor.startLine == finding.startLine
    let line = isWhole ? anchors.content(anchor.path, finding.side, finding.startLine) : nil
    let place = digest(
      of: line ?? Array(finding.quote.utf8), path: anchor.oldPath ?? anchor.path, side: finding.side,
      enclosing: finding.side == .head ? opening(around: finding.startLine, of: anchor.path) : [])
    // What one model has told another one need not tell again.
    let source = Self.hash(Array((finding.source.hasPrefix("model:") ? "model" : finding.source).utf8), digits: 6)
    return FindingKey(place: place, source: source, number: 1)
  }

  /// Whether two lines of the head stand in one declaration, as far as keys tell declarations apart.
  mutating func areTogether(_ first: Int, _ second: Int, in path: RepositoryPath) -> Bool {
    opening(around: first, of: path) == opening(around: second, of: path)
  }

  /// Who found it is a model, whichever it was.
  static func isOfModel(_ key: FindingKey) -> Bool { key.source == hash(Array("model".utf8), digits: 6) }

  /// The lines of the change that are a place.
  ///
  /// - Parameters:
  ///   - place: The place, as a key names it.
  ///   - path: The file that a comment with the key stands at.
  /// - Returns: The lines, from above; `nil` where that cannot be seen.
  mutating func lines(at place: String, in path: RepositoryPath) -> [PlacedLine]? {
    guard let names = anchors.names(of: path) else { return [] }
    guard names.head.map({ contents[$0] != nil }) ?? true else {
      // Of the lines that the change takes away all is seen, but not whether the head has them.
      return nil
    }
    let known = present[path] ?? placed(in: path, names.head, names.base)
    present[path] = known
    return (known[place] ?? []).map { number in
      // One side has the place or the other: it is in its digest.
      number > 0
        ? Self.line(.head, number) { content(of: names.head, $0) }
        : Self.line(.base, -number) { anchors.content(path, .base, $0) }
    }
  }

  /// Where each place of a file is: lines of the head by their numbers, and those taken away by the negative ones.
  private mutating func placed(
    in path: RepositoryPath, _ head: RepositoryPath?, _ base: RepositoryPath
  ) -> [String: [Int]] {
    var there: [String: [Int]] = [:]
    for (number, line) in anchors.deletedLines(of: path) {
      there[digest(of: line, path: base, side: .base, enclosing: []), default: []].append(-number)
    }
    guard let head, let content = contents[head] else { return there }
    for (index, line) in content.lines().enumerated() {
      let enclosing = opening(around: index + 1, of: head)
      there[digest(of: Array(line), path: base, side: .head, enclosing: enclosing), default: []].append(index + 1)
    }
    return there
  }

  private mutating func content(of path: RepositoryPath?, _ number: Int) -> [UInt8]? {
    guard let path, let content = contents[path] else { return nil }
    let lines = self.lines[path] ?? content.lines()
    self.lines[path] = lines
    return lines.indices.contains(number - 1) ? Array(lines[number - 1]) : nil
  }

  /// A line with what stands around it.
  private static func line(_ side: Finding.Side, _ number: Int, _ content: (Int) -> [UInt8]?) -> PlacedLine {
    func neighbour(_ step: Int) -> String {
      // Not far: what stands behind many blank lines is no neighbour.
      for distance in 1...3 {
        guard let line = content(number + step * distance) else { break }
        let bytes = line.collapsingBlanks()
        if !bytes.isEmpty { return hash(bytes, digits: 4) }
      }
      return hash([], digits: 4)
    }
    return PlacedLine(side: side, number: number, before: neighbour(-1), after: neighbour(1))
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
