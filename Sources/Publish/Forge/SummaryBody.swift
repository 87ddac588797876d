internal import Base
internal import ByteText
internal import Crypto

/// The one comment that sums up a pull request, made of a section for each kind of job.
///
/// Each section stands between two hidden lines, the first of which names it and holds a digest of what is in it. So a
/// job that writes its own section finds the others in the comment that is there, and knows those that somebody else has
/// edited: their words are nobody's but that person's, and are left out.
struct SummaryBody: Hashable {
  /// What a section is about; the order is that of the comment.
  enum Kind: String, Hashable, CaseIterable {
    case review, resolve, fix
    /// What Arborist has to remember of the pull request; nobody sees it.
    case state
  }

  /// The sections by what they are about.
  private(set) var sections: [Kind: String] = [:]
  /// The kinds whose sections somebody has edited.
  private(set) var edited: [Kind] = []

  /// GitHub takes 65,535 characters; the marker before the body and what a forge adds have their place.
  static let limit = 65_000
  /// The most settled threads that are remembered.
  private static let mostSettled = 150

  init() {}

  /// Reads the sections of a comment's body.
  init(_ body: String) {
    let lines = body.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false)
    var open: (kind: Kind, digest: String, lines: [Substring])?
    for line in lines.map(Self.trimmedEnd) {
      let key = OwnMarker.key(of: line)
      let parts = key?.split(separator: "/") ?? []
      if parts.count == 3, parts[0] == "part", let kind = Kind(rawValue: String(parts[1])) {
        open = (kind, String(parts[2]), [])
      } else if let section = open, parts.count == 2, parts[0] == "end", parts[1] == section.kind.rawValue {
        let text = section.lines.joined(separator: "\n")
        if Self.digest(text) == section.digest {
          sections[section.kind] = Self.trimmed(text)
        } else if section.kind != .state {
          edited.append(section.kind)
        }
        open = nil
      } else {
        open?.lines.append(line)
      }
    }
  }

  /// Writes a section anew; `nil` takes it away.
  mutating func set(_ kind: Kind, _ text: OutgoingText?) {
    sections[kind] = text.flatMap { $0.isEmpty ? nil : $0.markdown }
    edited.removeAll { $0 == kind }
  }

  /// The threads that Arborist itself has settled, by their keys, the latest last.
  var settled: [String] {
    get {
      (sections[.state] ?? "").split(separator: "\n").compactMap { line in
        OwnMarker.key(of: line).flatMap { $0.hasPrefix("settled/") ? String($0.dropFirst(8)) : nil }
      }
    }
    set {
      let lines = newValue.suffix(Self.mostSettled).map { OwnMarker.line("settled/\($0)") }
      sections[.state] = lines.isEmpty ? nil : lines.joined(separator: "\n")
    }
  }

  /// The body.
  ///
  /// - Parameters:
  ///   - newest: The kind whose section stays where not all have room.
  ///   - leftOut: Words for a section that had no room.
  ///   - wasEdited: Words for a section that somebody else has edited.
  /// - Returns: At most ``limit`` bytes, unless the newest section alone has more.
  func text(newest: Kind, leftOut: (Kind) -> OutgoingText, wasEdited: (Kind) -> OutgoingText) -> String {
    var sections = sections
    for kind in edited { sections[kind] = wasEdited(kind).markdown }
    var dropped = Kind.allCases.filter { $0 != newest && $0 != .state && sections[$0] != nil }
    while true {
      let text = Kind.allCases.compactMap { kind in sections[kind].map { Self.marked(kind, $0) } }
        .joined(separator: "\n\n")
      if text.utf8.count <= Self.limit { return text }
      guard let kind = dropped.popLast() else { return text }
      sections[kind] = leftOut(kind).markdown
    }
  }

  private static func marked(_ kind: Kind, _ text: String) -> String {
    let text = "\n" + trimmed(text) + "\n"
    return OwnMarker.line("part/\(kind.rawValue)/\(digest(text))") + "\n" + text + "\n"
      + OwnMarker.line("end/\(kind.rawValue)")
  }

  /// A digest that does not see what forges change: the ends of lines, and blanks at them.
  private static func digest(_ text: String) -> String {
    let lines = text.utf8.split(separator: 0x0a).map { line -> [UInt8] in
      var line = Array(line)
      while let last = line.last, ASCII.isBlank(last) { line.removeLast() }
      return line
    }
    let bytes = Array(lines.filter { !$0.isEmpty }.joined(separator: [0x0a]))
    return Hexadecimal.encode(SHA256.hash(data: bytes).prefix(8))
  }

  /// A line without the blanks that a forge may have put at its end.
  private static func trimmedEnd(_ line: Substring) -> Substring {
    var line = line
    while line.last?.isWhitespace == true { line.removeLast() }
    return line
  }

  private static func trimmed(_ text: String) -> String {
    var text = text[...]
    while text.first == "\n" { text.removeFirst() }
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return String(text)
  }
}
