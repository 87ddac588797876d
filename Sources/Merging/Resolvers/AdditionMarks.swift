extension AdditionDoubt {
  /// Whether an addition has a line that says something of what stands beside it: that it is private, belongs to the
  /// other branch, or comes to all the rest.
  var marksOthers: Bool {
    guard language.family != .markup, language.family != .data else { return false }
    return [ours, theirs].contains { side in
      let texts = side.texts.map(\.text)
      return texts.first.map(Self.goesOnFromAbove) ?? false || Self.leavesConditionOpen(side)
        || side.heads.contains { Self.marksWhatFollows($0.text) || Self.standsForTheRest($0.text) }
    }
  }

  /// Whether a line is the next branch of what stands above it.
  private static func goesOnFromAbove(_ text: ArraySlice<UInt8>) -> Bool {
    let words = ["else", "elif", "elsif", "elseif", "except", "finally", "rescue", "ensure", "catch"]
    return words.contains(text.drop { $0 == UInt8(ascii: "}") || isBlankByte($0) }.firstWord)
  }

  /// Whether a line gives all declarations behind it another access: a word alone, or with a colon.
  private static func marksWhatFollows(_ text: ArraySlice<UInt8>) -> Bool {
    let word = text.firstWord
    let words = ["private", "protected", "public", "internal", "signals", "slots", "module_function"]
    let rest = text.dropFirst(word.utf8.count)
    return words.contains(word) && (rest.isEmpty || rest.elementsEqual(":".utf8))
  }

  /// Whether a line is the one of its kind: the branch for all the rest, or the default of a module.
  private static func standsForTheRest(_ text: ArraySlice<UInt8>) -> Bool {
    let word = text.firstWord
    let rest = text.dropFirst(word.utf8.count).drop(while: isBlankByte)
    let hasArrow = rest.starts(with: "=>".utf8) || rest.starts(with: "->".utf8)
    switch word {
    case "default": return rest.first == UInt8(ascii: ":") || hasArrow
    case "_", "else", "otherwise": return hasArrow
    case "case": return rest.starts(with: "_ ".utf8) || rest.starts(with: "_:".utf8)
    case "export": return rest.firstWord == "default"
    default: return false
    }
  }

  /// Whether a condition of a preprocessor begins or ends within the addition, but not both.
  private static func leavesConditionOpen(_ side: Side) -> Bool {
    var depth = 0
    for line in side.span.indices {
      let text = side.source.line(line).drop(while: isBlankByte)
      guard text.first == UInt8(ascii: "#") else { continue }
      switch text.dropFirst().drop(while: isBlankByte).firstWord {
      case "if", "ifdef", "ifndef": depth += 1
      case "endif": depth -= 1
      case "else", "elif", "elseif": if depth == 0 { return true }
      default: break
      }
      if depth < 0 { return true }
    }
    return depth != 0
  }
}
