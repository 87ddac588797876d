import Base
import Yams

/// A place in the file, both counted from one, the column in Unicode characters.
package struct FilePosition: Sendable, Hashable, Comparable {
  package var line: Int
  package var column: Int

  package static let start = FilePosition(line: 1, column: 1)

  package init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  init(_ mark: Mark?) {
    self.init(line: max(mark?.line ?? 1, 1), column: max(mark?.column ?? 1, 1))
  }

  package static func < (left: FilePosition, right: FilePosition) -> Bool {
    (left.line, left.column) < (right.line, right.column)
  }
}

/// A YAML file as a plain tree: text, lists and keys with their places, and nothing else that YAML can do.
///
/// Anchors, aliases, merge keys, tags and second documents are refused, and a plain word is the text it was written as:
/// `on` and `off` are no booleans here.
package struct ConfigurationNode: Sendable {
  package var position: FilePosition
  package var content: Content

  /// What stands there.
  package enum Content: Sendable {
    /// Text; plain where it was written without quotes and not as a block.
    case scalar(String, isPlain: Bool)
    case list([ConfigurationNode])
    case keys([Entry])
  }

  /// A key and what it is given.
  package struct Entry: Sendable {
    package var key: String
    package var position: FilePosition
    package var value: ConfigurationNode
  }

  /// Whether the file says nothing here: no text, `~` or `null`.
  package var isNull: Bool {
    guard case .scalar(let text, isPlain: true) = content else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }
}

/// A problem with its place, before the file's name is put to it.
package struct PlacedProblem: Error, Sendable {
  package var position: FilePosition
  package var key: String
  package var message: String

  package init(position: FilePosition, key: String = "", message: String) {
    self.position = position
    self.key = key
    self.message = message
  }

  /// The problem as one of the file of this name.
  package func named(_ file: String) -> ConfigurationError.Problem {
    .init(file: file, line: position.line, column: position.column, key: key, message: message)
  }
}

/// Reads the bytes of a configuration into a tree.
package enum ConfigurationDocument {
  /// The largest file that is read, in bytes.
  package static let maximumSize = 64 * 1024

  /// The tree; `nil` where the file says nothing.
  ///
  /// What YAML can do and a configuration may not is added to `problems`.
  ///
  /// - Throws: ``PlacedProblem`` where the bytes cannot be read as YAML at all.
  package static func parse(
    _ bytes: [UInt8], problems: inout [PlacedProblem]
  ) throws(PlacedProblem) -> ConfigurationNode? {
    let text = try text(of: bytes)
    try refuseAliases(in: text)
    try refuseManyLargeKeys(in: text)
    let parser: Parser
    let root: Node?
    do {
      parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
      root = try parser.singleRoot()
    } catch {
      throw problem(of: error, lines: text)
    }
    // A node's anchor is alive only as long as the parser is.
    return withExtendedLifetime(parser) {
      guard let root else { return nil }
      var reader = TreeReader()
      let tree = reader.read(root, key: "")
      problems += reader.problems
      return tree.isNull ? nil : tree
    }
  }

  /// The bytes as text, once they are known to be few enough, UTF-8, and free of what YAML refuses.
  private static func text(of bytes: [UInt8]) throws(PlacedProblem) -> String {
    if bytes.count > maximumSize {
      throw PlacedProblem(
        position: .start,
        message: "the file has \(bytes.count) bytes; a configuration may have at most \(maximumSize)")
    }
    let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]
    let content = bytes.starts(with: byteOrderMark) ? Array(bytes.dropFirst(3)) : bytes
    var position = FilePosition.start
    var index = 0
    while index < content.count {
      guard let (scalar, length) = DisplayText.scalar(in: content, at: index) else {
        throw PlacedProblem(position: position, message: "the file is not UTF-8; save it as UTF-8")
      }
      if !isPrintable(scalar) {
        let shown = DisplayText.escaping(content[index..<(index + length)])
        throw PlacedProblem(position: position, message: "the character '\(shown)' has no place in YAML; delete it")
      }
      if scalar == "\n" || (scalar == "\r" && !(index + 1 < content.count && content[index + 1] == 0x0a)) {
        position = FilePosition(line: position.line + 1, column: 1)
      } else {
        position.column += 1
      }
      index += length
    }
    return String(decoding: content, as: UTF8.self)
  }

  /// Whether YAML accepts the character; line ends that only YAML knows are left out, as editors count them otherwise.
  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0a, 0x0d, 0x20...0x7e, 0xa0...0x2027, 0x202a...0xd7ff, 0xe000...0xfefe, 0xff00...0xfffd: true
    case 0x10000...0x10ffff: true
    default: false
    }
  }

  /// Refuses a file that may hold an alias, before YAML expands it.
  ///
  /// An alias is `*NAME` behind `&NAME`, and a few of them can stand for more nodes than a machine has memory. The file
  /// is refused where both are there for one name, even inside of text, where nobody writes them.
  private static func refuseAliases(in text: String) throws(PlacedProblem) {
    var anchors: Set<[UInt8]> = []
    let bytes = Array(text.utf8)
    for index in bytes.indices where bytes[index] == UInt8(ascii: "&") || bytes[index] == UInt8(ascii: "*") {
      let name = Array(bytes[(index + 1)...].prefix { isNameByte($0) })
      if name.isEmpty { continue }
      if bytes[index] == UInt8(ascii: "&") {
        anchors.insert(name)
      } else if anchors.contains(name) {
        throw PlacedProblem(
          position: position(of: index, in: bytes),
          message:
            "'*\(DisplayText.escaping(name))' is an alias, which a configuration may not use; write the value out"
        )
      }
    }
  }

  /// Refuses a file in which more than a few keys may be lists or have keys of their own, before YAML reads it.
  ///
  /// Yams compares every key as a whole, so that 900 levels of keys within keys take minutes. Such a key begins with a
  /// `?` that is the first of its line or stands behind one of `-?:[{,`, or it ends with `]` or `}` before a `:`, blanks
  /// aside. `[?]` holds nothing and is a common wildcard.
  private static func refuseManyLargeKeys(in text: String) throws(PlacedProblem) {
    let bytes = Array(text.utf8)
    var last = UInt8(ascii: "\n")
    var count = 0
    for (index, byte) in bytes.enumerated() where byte != UInt8(ascii: " ") && byte != UInt8(ascii: "\t") {
      let isWildcard = index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "]")
      if byte == UInt8(ascii: "?"), !isWildcard, "\n\r-?:[{,".utf8.contains(last) { count += 1 }
      if byte == UInt8(ascii: ":"), last == UInt8(ascii: "]") || last == UInt8(ascii: "}") { count += 1 }
      if count > maximumLargeKeys {
        throw PlacedProblem(
          position: position(of: index, in: bytes), message: "a key is a list or has keys of its own; a key is a word")
      }
      last = byte
    }
  }

  private static let maximumLargeKeys = 16

  /// Whether libyaml takes the byte for a part of an anchor's name.
  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"): true
    default: false
    }
  }

  private static func position(of index: Int, in bytes: [UInt8]) -> FilePosition {
    let before = bytes[..<index]
    let line = before.count { $0 == 0x0a } + 1
    let start = before.lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
    return FilePosition(line: line, column: bytes[start..<index].count { $0 & 0xc0 != 0x80 } + 1)
  }

  /// What YAML has to say, in one line.
  private static func problem(of error: any Error, lines text: String) -> PlacedProblem {
    switch error as? YamlError {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _):
      let place = context.map { " (\($0.text) from line \($0.mark.line) on)" } ?? ""
      return PlacedProblem(position: FilePosition(mark), message: "this is not YAML: \(problem)\(place)")
    case .composer(_, let problem, let mark, _):
      let message =
        problem.contains("another document")
        ? "a second document begins here; a configuration is one document"
        : "this is not YAML: \(problem)"
      return PlacedProblem(position: FilePosition(mark), message: message)
    case .duplicatedKeysInMapping(let names, let context):
      let named = names.map { "'\(DisplayText.escaping($0.utf8))'" }.joined(separator: ", ")
      return PlacedProblem(position: FilePosition(context.mark), message: "\(named) is given twice; keep one")
    default:
      return PlacedProblem(position: .start, message: "this is not YAML")
    }
  }
}

/// Walks what Yams has read.
private struct TreeReader {
  var problems: [PlacedProblem] = []

  /// The tags of what a file without tags holds.
  private static let ordinaryTags: Set<String> = [
    Tag.Name.implicit.rawValue, Tag.Name.str.rawValue, Tag.Name.seq.rawValue, Tag.Name.map.rawValue,
  ]

  mutating func read(_ node: Node, key: String) -> ConfigurationNode {
    let position = FilePosition(node.mark)
    if let anchor = node.anchor {
      let name = DisplayText.escaping("\(anchor.rawValue)".utf8)
      report(position, key, "'&\(name)' is an anchor, which a configuration may not use; delete it")
    }
    switch node {
    case .scalar(let scalar):
      refuseTag(scalar.tag, position, key)
      return ConfigurationNode(
        position: position, content: .scalar(scalar.string, isPlain: scalar.style == .plain))
    case .sequence(let sequence):
      refuseTag(sequence.tag, position, key)
      return ConfigurationNode(position: position, content: .list(sequence.map { read($0, key: key) }))
    case .mapping(let mapping):
      refuseTag(mapping.tag, position, key)
      return ConfigurationNode(position: position, content: .keys(entries(of: mapping, under: key)))
    case .alias:
      report(position, key, "an alias has no place in a configuration; write the value out")
      return ConfigurationNode(position: position, content: .scalar("", isPlain: true))
    }
  }

  private mutating func entries(of mapping: Node.Mapping, under parent: String) -> [ConfigurationNode.Entry] {
    var entries: [ConfigurationNode.Entry] = []
    for (key, value) in mapping {
      let position = FilePosition(key.mark)
      guard case .scalar(let name) = key else {
        report(position, parent, "a key is a list or has keys of its own; a key is a word")
        continue
      }
      if name.string == "<<", name.style == .plain {
        report(position, parent, "'<<' merges keys, which a configuration may not do; write the keys out")
        continue
      }
      _ = read(key, key: parent)
      let path = parent.isEmpty ? name.string : "\(parent).\(name.string)"
      entries.append(.init(key: name.string, position: position, value: read(value, key: path)))
    }
    return entries
  }

  private mutating func refuseTag(_ tag: Tag, _ position: FilePosition, _ key: String) {
    if Self.ordinaryTags.contains(tag.rawValue) { return }
    let shown = DisplayText.escaping(tag.rawValue.utf8)
    report(position, key, "the tag '\(shown)' has no place in a configuration; delete it")
  }

  private mutating func report(_ position: FilePosition, _ key: String, _ message: String) {
    problems.append(PlacedProblem(position: position, key: key, message: message))
  }
}
