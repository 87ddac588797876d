/// Command lines as the shell takes them apart, as far as that can be told without running them.
enum ShellWords {
  /// One word: its text without quotes, and whether a part of it is only known when it runs.
  struct Word: Hashable {
    var text: String
    var isKnown = true
  }

  /// A command: its words, and the files that it writes over by `>`.
  struct Command: Hashable {
    var words: [Word] = []
    var overwrites: [Word] = []
    /// The text of its here-document; `nil` where it has none.
    var document: String?

    var texts: [String] { words.map(\.text) }
  }

  /// The simple commands of a line, those in subshells and substitutions too, in the order in which they begin.
  static func commands(in line: String) -> [Command] {
    var scanner = ShellScanner(Array(line.utf8))
    scanner.scan(until: nil, depth: 0)
    return scanner.commands
  }

  /// Whether a quote or a substitution seems to be open at the end of a line.
  static func isOpen(_ line: String) -> Bool {
    var scanner = ShellScanner(Array(line.utf8))
    scanner.scan(until: nil, depth: 0)
    return scanner.isOpen
  }
}

/// Takes a command line apart.
private struct ShellScanner {
  private let bytes: [UInt8]
  private var index = 0
  private(set) var commands: [ShellWords.Command] = []
  private var current = ShellWords.Command()
  private var word: ShellWords.Word?
  private var text: [UInt8] = []
  private var takesRedirection: Redirection?
  /// Whether a quote or a substitution had no end.
  private(set) var isOpen = false
  private var documents: [(end: [UInt8], command: Int)] = []

  private enum Redirection {
    case overwrite
    case other
    case document(trimmed: Bool)
  }

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  mutating func scan(until close: UInt8?, depth: Int) {
    while index < bytes.count {
      let byte = bytes[index]
      if byte == close {
        endCommand()
        index += 1
        return
      }
      switch byte {
      case 0x20, 9, 13:
        endWord()
        index += 1
      case 10:
        endCommand()
        index += 1
        skipDocuments()
      case UInt8(ascii: ";"), UInt8(ascii: "&"), UInt8(ascii: "|"):
        separator(byte)
      case UInt8(ascii: "("), UInt8(ascii: ")"):
        endCommand()
        index += 1
      case UInt8(ascii: "#") where word == nil:
        while index < bytes.count, bytes[index] != 10 { index += 1 }
      case UInt8(ascii: "<"), UInt8(ascii: ">"): redirection(byte, depth: depth)
      default: piece(byte, depth: depth)
      }
    }
    if close != nil { isOpen = true }
    endCommand()
  }

  private mutating func separator(_ byte: UInt8) {
    let after = index + 1 < bytes.count ? bytes[index + 1] : 0
    if byte == UInt8(ascii: "&"), after == UInt8(ascii: ">") {
      endWord()
      index += 1
      return
    }
    endCommand()
    index += 1
  }

  private mutating func redirection(_ byte: UInt8, depth: Int) {
    // A number before it is a descriptor.
    if word != nil, text.allSatisfy({ $0 &- 0x30 < 10 }), !text.isEmpty {
      word = nil
      text = []
    } else {
      endWord()
    }
    let next = index + 1 < bytes.count ? bytes[index + 1] : 0
    if next == UInt8(ascii: "(") {
      index += 2
      substitution(until: UInt8(ascii: ")"), depth: depth)
      word = word ?? ShellWords.Word(text: "", isKnown: false)
      return
    }
    if byte == UInt8(ascii: "<"), next == byte {
      let third = index + 2 < bytes.count ? bytes[index + 2] : 0
      if third == byte {
        takesRedirection = .other
        index += 3
      } else {
        takesRedirection = .document(trimmed: third == UInt8(ascii: "-"))
        index += third == UInt8(ascii: "-") ? 3 : 2
      }
      return
    }
    takesRedirection = byte == UInt8(ascii: ">") && next != byte && next != UInt8(ascii: "&") ? .overwrite : .other
    index += next == byte || next == UInt8(ascii: "&") || next == UInt8(ascii: "|") ? 2 : 1
  }

  private mutating func begin() {
    if word == nil { word = ShellWords.Word(text: "") }
  }

  private mutating func piece(_ byte: UInt8, depth: Int) {
    begin()
    switch byte {
    case UInt8(ascii: "\\"):
      if index + 1 < bytes.count, bytes[index + 1] != 10 { text.append(bytes[index + 1]) }
      index += 2
      if text.isEmpty { word = nil }
    case UInt8(ascii: "'"):
      index += 1
      while index < bytes.count, bytes[index] != byte {
        text.append(bytes[index])
        index += 1
      }
      close()
    case UInt8(ascii: "\""): doubleQuoted(depth: depth)
    case UInt8(ascii: "$"): dollar(depth: depth)
    case UInt8(ascii: "`"):
      index += 1
      word?.isKnown = false
      substitution(until: byte, depth: depth)
    default:
      text.append(byte)
      index += 1
    }
  }

  private mutating func doubleQuoted(depth: Int) {
    index += 1
    while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
      switch bytes[index] {
      case UInt8(ascii: "\\"):
        let next = index + 1 < bytes.count ? bytes[index + 1] : 0
        if !"\"\\$`\n".utf8.contains(next) { text.append(UInt8(ascii: "\\")) }
        if next != 0, next != 10 { text.append(next) }
        index += 2
      case UInt8(ascii: "$"): dollar(depth: depth)
      case UInt8(ascii: "`"):
        index += 1
        word?.isKnown = false
        substitution(until: UInt8(ascii: "`"), depth: depth)
      default:
        text.append(bytes[index])
        index += 1
      }
    }
    close()
  }

  /// Goes behind the end of a quote, if there is one.
  private mutating func close() {
    if index >= bytes.count { isOpen = true }
    index += 1
  }

  private mutating func dollar(depth: Int) {
    let next = index + 1 < bytes.count ? bytes[index + 1] : 0
    switch next {
    case UInt8(ascii: "("):
      word?.isKnown = false
      index += 2
      substitution(until: UInt8(ascii: ")"), depth: depth)
    case UInt8(ascii: "'"):
      // Its escapes are not followed; what they stand for is unknown.
      index += 2
      while index < bytes.count, bytes[index] != next {
        if bytes[index] == UInt8(ascii: "\\") {
          word?.isKnown = false
          index += 1
        }
        if index < bytes.count { text.append(bytes[index]) }
        index += 1
      }
      close()
    case UInt8(ascii: "{"), UInt8(ascii: "_"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "@"),
      UInt8(ascii: "*"):
      word?.isKnown = false
      text.append(UInt8(ascii: "$"))
      index += 1
    default:
      text.append(UInt8(ascii: "$"))
      index += 1
    }
  }

  /// The commands of a substitution, put before the one that it stands in.
  private mutating func substitution(until close: UInt8, depth: Int) {
    guard depth < 16 else {
      index = bytes.count
      return
    }
    let outer = (current, word, text, takesRedirection)
    current = ShellWords.Command()
    word = nil
    text = []
    takesRedirection = nil
    scan(until: close, depth: depth + 1)
    (current, word, text, takesRedirection) = outer
  }

  private mutating func endWord() {
    guard var word else { return }
    word.text = String(decoding: text, as: UTF8.self)
    self.word = nil
    text = []
    switch takesRedirection {
    case nil: current.words.append(word)
    case .overwrite?: current.overwrites.append(word)
    case .other?: break
    case .document?: documents.append((Array(word.text.utf8), commands.count))
    }
    takesRedirection = nil
  }

  private mutating func endCommand() {
    endWord()
    takesRedirection = nil
    // Words of the language before the command.
    let openers: Set<String> = ["if", "then", "else", "elif", "while", "until", "do", "{", "!", "time", "case", "for"]
    while let first = current.words.first, openers.contains(first.text) { current.words.removeFirst() }
    if !current.words.isEmpty || !current.overwrites.isEmpty {
      commands.append(current)
    } else if documents.contains(where: { $0.command == commands.count }) {
      commands.append(current)
    }
    current = ShellWords.Command()
  }

  private mutating func skipDocuments() {
    let pending = documents
    documents = []
    for (end, command) in pending {
      var content: [UInt8] = []
      while index < bytes.count {
        let line = bytes[index...].prefix { $0 != 10 }
        index = min(line.endIndex + 1, bytes.count)
        if Likeness.trimmed(Array(line)) == Likeness.trimmed(end) { break }
        content += line + [10]
      }
      if commands.indices.contains(command) { commands[command].document = String(decoding: content, as: UTF8.self) }
    }
  }
}
