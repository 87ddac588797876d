/// The words that open and close blocks in languages without braces, and the conditions of preprocessors.
struct BlockKeywords: Hashable {
  /// A style of blocks.
  enum Style: Hashable {
    case ruby, lua, shell, cmake, make, preprocessor
  }

  /// That a block of a kind opens or closes.
  struct Change: Hashable {
    var kind: Int
    var opens: Bool
  }

  let style: Style

  /// - Returns: `nil` for a language that has none.
  init?(_ language: Language) {
    switch language.name {
    case "Ruby": style = .ruby
    case "Lua": style = .lua
    case "Shell": style = .shell
    case "CMake": style = .cmake
    case "Make": style = .make
    case "C", "C++", "C#", "Objective-C": style = .preprocessor
    default: return nil
    }
  }

  /// How many kinds of blocks there are.
  var kindCount: Int {
    switch style {
    case .ruby, .preprocessor: 1
    case .lua, .make: 2
    case .shell: 3
    case .cmake: 5
    }
  }

  /// Reads the words of code, line by line.
  struct Reader {
    private let style: Style
    /// Where the word starts that is being read; `nil` outside of words.
    private var start: Int?
    /// Whether nothing but blanks stands before the word on its statement.
    private var isFirst = true
    private var wordIsFirst = false
    /// The sign before the word, blanks aside, and whether it touches the word.
    private var before: UInt8 = 0
    private var beforeWord: UInt8 = 0
    /// Whether the line starts with a loop whose `do` opens nothing more.
    private var lineHasLoop = false

    init(_ keywords: BlockKeywords) {
      style = keywords.style
    }

    /// Takes one byte; it tells of the word that ended before it.
    mutating func take(_ bytes: [UInt8], at index: Int, isCode: Bool) -> Change? {
      let byte = bytes[index]
      let belongs = isCode && (isNameByte(byte) || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "!"))
      if belongs {
        if start == nil {
          start = index
          wordIsFirst = isFirst
          beforeWord = before
          isFirst = false
        }
        // The last byte of the text ends a word as well.
        guard index + 1 == bytes.count else { return nil }
        return finish(bytes, end: index + 1)
      }
      var change: Change?
      if start != nil { change = finish(bytes, end: index) }
      if byte == UInt8(ascii: "\n") {
        isFirst = true
        lineHasLoop = false
        before = 0
      } else if !isBlankByte(byte) {
        before = byte
        // After these a statement starts anew.
        isFirst = byte == UInt8(ascii: ";") || startsStatement(byte)
      }
      return change
    }

    private func startsStatement(_ byte: UInt8) -> Bool {
      switch style {
      case .ruby: byte == UInt8(ascii: "=") || byte == UInt8(ascii: "(") || byte == UInt8(ascii: "|")
      case .shell: "|&({)`".utf8.contains(byte)
      case .preprocessor: byte == UInt8(ascii: "#")
      case .lua, .cmake, .make: false
      }
    }

    private mutating func finish(_ bytes: [UInt8], end: Int) -> Change? {
      guard let start else { return nil }
      self.start = nil
      let word = bytes[start..<end]
      guard word.count <= 11 else { return nil }
      let text = String(decoding: word, as: UTF8.self)
      before = 0
      defer { if isLoopWord(text), wordIsFirst { lineHasLoop = true } }
      // A method, a symbol or a key of that name.
      if beforeWord == UInt8(ascii: "."), style == .ruby || style == .lua { return nil }
      if style == .ruby, beforeWord == UInt8(ascii: ":") || (end < bytes.count && bytes[end] == UInt8(ascii: ":")) {
        return nil
      }
      return change(text, bytes, after: end)
    }

    private func isLoopWord(_ text: String) -> Bool {
      style == .ruby && (text == "while" || text == "until" || text == "for")
    }

    private func change(_ text: String, _ bytes: [UInt8], after end: Int) -> Change? {
      switch style {
      case .ruby: ruby(text, bytes, after: end)
      case .lua: Self.lua[text]
      case .shell: wordIsFirst ? Self.shell[text] : nil
      case .cmake: wordIsFirst ? Self.cmake[text.lowercased()] : nil
      case .make: wordIsFirst ? Self.make[text] : nil
      case .preprocessor: wordIsFirst && beforeWord == UInt8(ascii: "#") ? Self.preprocessor[text] : nil
      }
    }

    private func ruby(_ text: String, _ bytes: [UInt8], after end: Int) -> Change? {
      switch text {
      case "end": return Change(kind: 0, opens: false)
      case "class", "module", "begin", "case": return Change(kind: 0, opens: true)
      case "def": return isEndless(bytes, after: end) ? nil : Change(kind: 0, opens: true)
      case "do": return lineHasLoop ? nil : Change(kind: 0, opens: true)
      case "if", "unless", "while", "until", "for": return wordIsFirst ? Change(kind: 0, opens: true) : nil
      default: return nil
      }
    }

    /// Whether a method's definition is `def name(…) = value`.
    private func isEndless(_ bytes: [UInt8], after end: Int) -> Bool {
      var depth = 0
      var index = end
      while index < bytes.count, bytes[index] != UInt8(ascii: "\n"), bytes[index] != UInt8(ascii: ";") {
        if bytes[index] == UInt8(ascii: "(") { depth += 1 }
        if bytes[index] == UInt8(ascii: ")") { depth -= 1 }
        if depth == 0, bytes.matches(" = ", at: index) { return true }
        index += 1
      }
      return false
    }

    private static let lua = [
      "function": Change(kind: 0, opens: true), "do": Change(kind: 0, opens: true), "if": Change(kind: 0, opens: true),
      "end": Change(kind: 0, opens: false), "repeat": Change(kind: 1, opens: true),
      "until": Change(kind: 1, opens: false),
    ]
    private static let shell = [
      "if": Change(kind: 0, opens: true), "fi": Change(kind: 0, opens: false), "case": Change(kind: 1, opens: true),
      "esac": Change(kind: 1, opens: false), "do": Change(kind: 2, opens: true), "done": Change(kind: 2, opens: false),
    ]
    private static let cmake = [
      "if": Change(kind: 0, opens: true), "endif": Change(kind: 0, opens: false),
      "foreach": Change(kind: 1, opens: true), "endforeach": Change(kind: 1, opens: false),
      "function": Change(kind: 2, opens: true), "endfunction": Change(kind: 2, opens: false),
      "macro": Change(kind: 3, opens: true), "endmacro": Change(kind: 3, opens: false),
      "while": Change(kind: 4, opens: true), "endwhile": Change(kind: 4, opens: false),
    ]
    private static let make = [
      "ifeq": Change(kind: 0, opens: true), "ifneq": Change(kind: 0, opens: true),
      "ifdef": Change(kind: 0, opens: true), "ifndef": Change(kind: 0, opens: true),
      "endif": Change(kind: 0, opens: false), "define": Change(kind: 1, opens: true),
      "endef": Change(kind: 1, opens: false),
    ]
    private static let preprocessor = [
      "if": Change(kind: 0, opens: true), "ifdef": Change(kind: 0, opens: true),
      "ifndef": Change(kind: 0, opens: true), "endif": Change(kind: 0, opens: false),
    ]
  }
}
