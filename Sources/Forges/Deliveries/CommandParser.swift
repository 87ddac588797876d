internal import Base
package import Work

/// Finds the commands in a comment.
///
/// A command is a line that begins with `/arborist` at its first column and stands where a reader sees it as the
/// writer's own words: not in a quote, in code, or in what a page hides. Where it is not sure how a page shows a line,
/// the line is none: a command that is not obeyed can be given again.
package enum CommandParser {
  /// The most of a comment that is looked at, in bytes; a line that is cut there is none.
  static let longest = 64 * 1024
  /// The longest question, in bytes of what was written.
  static let longestQuestion = 4096
  /// The longest unknown word that is repeated, in bytes of what was written.
  static let longestUnknown = 80

  /// The most commands of one comment that count.
  static let mostCommands = 8

  /// The commands in a comment, in their order, each once: what is said twice is meant once.
  package static func words(in text: String) -> [CommentCommand.Word] {
    var bytes = Array(text.utf8.prefix(longest))
    if text.utf8.count > longest {
      bytes.removeLast(bytes.count - (bytes.lastIndex { isLineEnd($0) } ?? 0))
    }
    var layout = CommentLayout()
    var words: [CommentCommand.Word] = []
    var start = 0
    while start < bytes.count, words.count < mostCommands {
      let end = bytes[start...].firstIndex(where: isLineEnd) ?? bytes.count
      let line = bytes[start..<end]
      if let arguments = arguments(of: line), layout.isPlain(line) {
        let word = word(from: arguments)
        if !words.contains(word) { words.append(word) }
      }
      layout.pass(line)
      start = end + 1
      if end + 1 < bytes.count, bytes[end] == 13, bytes[end + 1] == 10 { start += 1 }
    }
    return words
  }

  private static func isLineEnd(_ byte: UInt8) -> Bool { byte == 10 || byte == 13 }
  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 9 }

  private static let name = Array("/arborist".utf8)

  /// What stands behind `/arborist`, without blanks around it; `nil` where the line does not begin so.
  private static func arguments(of line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    guard line.count >= name.count, zip(line, name).allSatisfy({ $0 | 0x20 == $1 | 0x20 }) else { return nil }
    let rest = line.dropFirst(name.count)
    guard rest.first.map(isBlank) != false else { return nil }
    return trimmed(rest)
  }

  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var bytes = bytes.drop(while: isBlank)
    while let last = bytes.last, isBlank(last) { bytes.removeLast() }
    return bytes
  }

  /// A word takes nothing behind it but `ask`: what somebody wanted with more words than that is not to be guessed.
  private static func word(from arguments: ArraySlice<UInt8>) -> CommentCommand.Word {
    let first = arguments.prefix { !isBlank($0) }
    let rest = trimmed(arguments.dropFirst(first.count))
    let word = String(decoding: first, as: UTF8.self).lowercased()
    if word == "ask", !rest.isEmpty {
      return .ask(String(decoding: rest, as: UTF8.self).shown(most: longestQuestion))
    }
    if rest.isEmpty {
      switch word {
      case "ask": return .askWithoutQuestion
      case "review": return .review
      case "fix": return .fix
      case "resolve": return .resolve
      case "undo": return .undo
      case "stop": return .stop
      case "help", "": return .help
      default: break
      }
    }
    return .unknown(String(decoding: arguments, as: UTF8.self).shown(most: longestUnknown))
  }
}
