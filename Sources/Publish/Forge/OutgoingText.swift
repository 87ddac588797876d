internal import Base
internal import ByteText

/// Markdown that may leave the program.
///
/// Whatever came from a model, a log, a repository or a person becomes part of a comment through this type alone. A text
/// is read as Markdown and written anew from what was read: paragraphs, lists, quotes and code stay what they are;
/// images, HTML, links to elsewhere, names that would be notified, numbers that would be linked, commands at the
/// beginning of a line, characters that nobody sees and markers of Arborist's become text that only says so.
package struct OutgoingText: Sendable, Hashable, CustomStringConvertible {
  /// The text itself, without a line break at its ends.
  package let markdown: String

  private init(_ markdown: String) { self.markdown = markdown }

  package var description: String { markdown }
  package var isEmpty: Bool { markdown.isEmpty }
  /// Its size in bytes.
  package var size: Int { markdown.utf8.count }

  /// Nothing.
  package static let empty = OutgoingText("")

  /// A text of any number of lines.
  ///
  /// - Parameters:
  ///   - text: Markdown by whoever.
  ///   - rules: Which links may stay.
  ///   - limit: The most bytes that it may have; what is behind is cut off, and the cut is marked.
  /// - Returns: The text, fit to leave.
  package static func blocks(_ text: String, under rules: OutgoingRules, limit: Int = 8_000) -> OutgoingText {
    cut(rules.withoutPlaces(text), to: limit, mark: "\n\n…") { text in
      let lines = text.split(separator: 0x0a, omittingEmptySubsequences: false).map(Array.init)
      return MarkdownWriter(rules).text(MarkdownReader.blocks(lines))
    }
  }

  /// A text of one line: what breaks it becomes a space.
  package static func line(_ text: String, under rules: OutgoingRules, limit: Int = 400) -> OutgoingText {
    cut(rules.withoutPlaces(text), to: limit) { text in
      let line = text.map { $0 == 0x0a || $0 == 0x09 ? 0x20 : $0 }
      return MarkdownWriter(rules).paragraph(line)
    }
  }

  /// A text of one line as code: a path, a name, a word.
  package static func code(_ text: String, limit: Int = 400) -> OutgoingText {
    cut(text, to: limit) { text in
      let line = Array(text.map { $0 == 0x0a || $0 == 0x09 ? 0x20 : $0 }.trimmed())
      return line.isEmpty ? "" : MarkdownWriter.codeSpan(line)
    }
  }

  /// Lines as a block of code; of too many the first, and the last one says how many there are.
  ///
  /// - Parameters:
  ///   - lines: Each without its end.
  ///   - language: Of what they are; anything that is no language's name is left out.
  ///   - most: The most lines that it shows.
  ///   - limit: The most bytes that it shows.
  /// - Returns: The block of code.
  package static func fence(
    _ lines: [String], language: String = "", most: Int = 60, limit: Int = 6_000
  ) -> OutgoingText {
    var (shown, size): ([[UInt8]], Int) = ([], 0)
    for line in lines.prefix(most) {
      let bytes = VisibleText.of(line).filter { $0 != 0x0a }
      size += bytes.count + 1
      if size > limit { break }
      shown.append(bytes)
    }
    if shown.count < lines.count { shown.append(Array("… \(lines.count - shown.count) more lines".utf8)) }
    return OutgoingText(
      MarkdownWriter.fence(shown, language: MarkdownReader.language(Array(language.utf8))).joined(separator: "\n"))
  }

  /// A number.
  package static func number(_ number: Int) -> OutgoingText { OutgoingText(String(number)) }

  /// A link to a place on the forge.
  package static func link(_ text: OutgoingText, to address: PageAddress) -> OutgoingText {
    OutgoingText("[\(text.markdown)](\(address.text))")
  }

  /// What a template made of such texts.
  init(filled template: String) { self.init(template) }

  /// As much of the text as leaves no more than the limit once it is written.
  private static func cut(
    _ text: String, to limit: Int, mark: String = " …", _ write: ([UInt8]) -> String
  ) -> OutgoingText {
    var bytes = VisibleText.of(text)
    var most = limit
    while true {
      let isCut = bytes.count > most
      if isCut {
        var end = most
        while end > 0, bytes[end] & 0xc0 == 0x80 { end -= 1 }
        bytes.removeLast(bytes.count - end)
      }
      let written = write(isCut || most < limit ? bytes + Array(mark.utf8) : bytes)
      if written.utf8.count <= limit || most <= 16 { return OutgoingText(written) }
      most = min(most, bytes.count) * 3 / 4
    }
  }
}

/// Which links may stay in a text, and which paths may not.
package struct OutgoingRules: Sendable, Hashable {
  /// `https` or `http`.
  package let scheme: String
  /// The forge's host as links name it, with the port where they name one, in lower case.
  package let host: String
  /// The places of the server that runs Arborist.
  private let places: [String]

  /// The rules for a forge whose pages are at this address; `nil` where it is no address of pages.
  ///
  /// - Parameters:
  ///   - address: The address.
  ///   - places: Absolute paths of the server that runs Arborist: neither they nor what is in them is named.
  package init?(web address: String, hiding places: [String] = []) {
    // A path of one part may be anybody's.
    self.places = places.filter { $0.hasPrefix("/") && $0.split(separator: "/").count > 1 }
    for scheme in ["https", "http"] where address.hasPrefix(scheme + "://") {
      let host = address.dropFirst(scheme.count + 3).prefix { $0 != "/" }.lowercased()
      let isHost = host.utf8.allSatisfy { ASCII.isAlphanumeric($0) || "-.:".utf8.contains($0) }
      guard !host.isEmpty, isHost else { return nil }
      (self.scheme, self.host) = (scheme, host)
      return
    }
    return nil
  }

  /// Whether a link may lead there: a page of the forge, or a place beside the page; never to what the forge would tell
  /// others of, and never with a question, which may ask for something to be done.
  func allow(_ target: [UInt8]) -> Bool {
    guard !target.isEmpty, target.count <= 500, target.allSatisfy(Self.isPlain) else { return false }
    let start = Array("\(scheme)://\(host)".utf8)
    if target.contains(text: "://") {
      guard target.count >= start.count, target[..<start.count].lowercased() == start else { return false }
      let rest = target[start.count...]
      return (rest.isEmpty || rest.first == UInt8(ascii: "/")) && Self.isQuiet(rest)
    }
    return !target.contains(UInt8(ascii: ":")) && !target.starts(with: "//".utf8) && Self.isQuiet(target[...])
  }

  /// The text, in which no path of the server stands.
  func withoutPlaces(_ text: String) -> String {
    guard places.contains(where: { text.contains($0) }) else { return text }
    var rest = Array(text.utf8)[...]
    var result: [UInt8] = []
    var isInPath = false
    while let byte = rest.first {
      if !isInPath, places.contains(where: { Self.begins(rest, with: Array($0.utf8)) }) {
        result += Array("(a place on the server)".utf8)
        rest = rest.drop(while: Self.isOfPath)
      } else {
        result.append(byte)
        rest.removeFirst()
      }
      isInPath = Self.isOfPath(byte)
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// Whether bytes begin with a path, or with one that leads on from it.
  private static func begins(_ bytes: ArraySlice<UInt8>, with path: [UInt8]) -> Bool {
    guard bytes.starts(with: path) else { return false }
    guard let next = bytes.dropFirst(path.count).first else { return true }
    return next == UInt8(ascii: "/") || !isOfPath(next)
  }

  /// Whether a byte goes on with a path.
  private static func isOfPath(_ byte: UInt8) -> Bool {
    ASCII.isAlphanumeric(byte) || byte >= 0x80 || "-._~/+@%".utf8.contains(byte)
  }

  private static func isPlain(_ byte: UInt8) -> Bool { ASCII.isAlphanumeric(byte) || "-._~/#%+,=:".utf8.contains(byte) }

  private static let told = [
    "issues", "issue", "pull", "pulls", "merge_requests", "discussions", "epics", "work_items",
  ]

  /// Whether following it does nothing and naming it is told to nobody.
  private static func isQuiet(_ path: ArraySlice<UInt8>) -> Bool {
    let parts = path.prefix { $0 != UInt8(ascii: "#") }.split(separator: UInt8(ascii: "/"))
    return !zip(parts, parts.dropFirst()).contains { part, next in
      told.contains(String(decoding: part, as: UTF8.self).lowercased()) && next.allSatisfy(ASCII.isDigit)
    }
  }
}

/// Text in which everything can be seen.
enum VisibleText {
  /// The most marks that one letter may carry.
  private static let mostMarks = 4

  /// The bytes of the text, in which line breaks are `\n`, blanks are spaces and tabs, and a character that a browser
  /// would obey or hide is written as `\u{…}`; those that only choose how an emoji looks are left out.
  static func of(_ text: String) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(text.utf8.count)
    var marks = 0
    var isBehindReturn = false
    for scalar in text.unicodeScalars {
      defer { isBehindReturn = scalar == "\r" }
      switch scalar {
      case "\n":
        if !isBehindReturn { result.append(0x0a) }
      case "\r": result.append(0x0a)
      case "\t": result.append(0x09)
      case "\u{fe00}"..."\u{fe0f}", "\u{200d}": break
      default:
        if scalar.value >= 0x20, scalar.value < 0x7f {
          result.append(UInt8(scalar.value))
          marks = 0
          continue
        }
        let category = scalar.properties.generalCategory
        marks = category == .nonspacingMark || category == .enclosingMark ? marks + 1 : 0
        if marks > mostMarks { continue }
        result += Array((category == .spaceSeparator ? " " : DisplayText.line(Array(String(scalar).utf8))).utf8)
      }
    }
    return result
  }
}
