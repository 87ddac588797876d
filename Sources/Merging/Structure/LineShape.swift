/// What one line does to the nesting of a file: how deep it starts, how far it closes, how deep it leaves.
struct LineShape: Sendable, Hashable {
  /// What part a line plays for the items around it.
  enum Role: Sendable, Hashable {
    case blank
    /// Nothing but a comment, or an attribute or annotation of what follows.
    case lead
    case code
    /// Starts within a text literal, a fence or a continued line: it belongs to the line before.
    case inner
  }

  var role: Role
  /// How far the line is indented, a tab as eight.
  var indent: Int
  /// How many levels are open before it, at most closed within it, and open after it.
  var before: Int
  var low: Int
  var after: Int
  /// Whether the line goes on with the item that ends before it, as `else` or a leading operator does.
  var continues = false
  /// Whether the line stands alone whatever follows: a directive of a preprocessor, a label.
  var isFlat = false
}

/// How the lines of a file nest.
enum NestingStyle: Sendable, Hashable {
  /// By brackets alone.
  case brackets
  /// By indentation and brackets; some words close a block.
  case indentation
  /// By tags.
  case tags
  /// By the rank of headings.
  case headings
  /// By `[section]` lines.
  case sections
}

extension Language {
  /// How files of this language nest; `nil` where nothing is known.
  var nesting: NestingStyle? {
    switch family {
    case .braces: .brackets
    case .indentation, .endKeyword: .indentation
    case .markup: name == "XML" || name == "HTML" ? .tags : name == "Markdown" || name == "text" ? .headings : nil
    case .data: name == "JSON" ? .brackets : name == "table" ? nil : .sections
    case .build: name == "CMake" ? .brackets : .indentation
    case .other: name == "Shell" ? .indentation : nil
    }
  }

  /// The words that, at the start of a line, close a block of indented lines.
  var closingWords: [StaticString] {
    switch name {
    case "Ruby", "Lua": ["end", "until"]
    case "Shell": ["fi", "done", "esac"]
    case "Make": ["endif", "endef"]
    case "CMake": ["endif", "endforeach", "endwhile", "endfunction", "endmacro"]
    default: []
    }
  }

  /// The words that, at the start of a line, go on with the block before.
  var dividingWords: [StaticString] {
    switch name {
    case "Python", "Starlark": ["else", "elif", "except", "finally"]
    case "Ruby": ["else", "elsif", "when", "rescue", "ensure", "in"]
    case "Lua": ["else", "elseif"]
    case "Shell": ["else", "elif", "then", "do"]
    case "Make": ["else"]
    case "CMake": ["else", "elseif"]
    default: family == .braces ? ["else", "catch", "finally", "where", "throws", "extends", "implements"] : []
    }
  }

  /// Whether lines that start with a number sign are instructions to a preprocessor.
  var hasDirectives: Bool { ["C", "C++", "Objective-C", "C#", "C-like", "Swift"].contains(name) }
}
