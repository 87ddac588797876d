/// The lines of two additions beside the lines that stood around their place before.
///
/// A place that held line after line of one kind holds one more of it; what a single neighbour leaves open, such as
/// whether places mean something in a call or in a language of which little is known, many that are alike tell.
struct AddedKin {
  private let ours: AddedBlocks.Side
  private let theirs: AddedBlocks.Side

  init(_ blocks: AddedBlocks) {
    ours = blocks.ours
    theirs = blocks.theirs
  }

  /// How many lines on either side of the additions are looked at.
  private static let reach = 12

  /// The lines directly above and below the additions with their indentation, until one that is blank, a comment or
  /// further left.
  private var neighbours: [Int] {
    let source = ours.source
    guard let first = ours.inkedLines.first else { return [] }
    let indentation = source.line(first).prefix(while: isBlankByte)
    func space(_ line: Int) -> ArraySlice<UInt8> { source.line(line).prefix(while: isBlankByte) }
    func isWithin(_ line: Int) -> Bool {
      !source.isBlank(line) && space(line).count >= indentation.count && !source.startsInside(line: line)
        && !source.isComment(line)
    }
    let above = (max(0, ours.span.start - Self.reach)..<ours.span.start).reversed().prefix(while: isWithin)
    let end = min(source.table.count, ours.span.end + Self.reach)
    let below = (ours.span.end..<max(ours.span.end, end)).prefix(while: isWithin)
    return (Array(above) + Array(below)).filter { space($0) == indentation }
  }

  private var added: [(source: SourceText, line: Int)] {
    ours.inkedLines.map { (ours.source, $0) } + theirs.inkedLines.map { (theirs.source, $0) }
  }

  /// How many neighbours have the form that all added lines have; 0 where these have several.
  ///
  /// A form is what a line is but for its names, or `nil` where it has no such form.
  private func count(_ form: (ArraySlice<UInt8>) -> [UInt8]?) -> Int {
    let forms = added.map { source, line in form(source.line(line).trimmed) }
    guard let first = forms.first, let first, forms.allSatisfy({ $0 == first }) else { return 0 }
    return neighbours.count { form(ours.source.line($0).trimmed) == first }
  }

  /// Whether each line is one text in quotes with a comma behind it, and so are two neighbours or more.
  var areTexts: Bool {
    count { line in
      guard let quote = line.first, "'\"".utf8.contains(quote), line.last == UInt8(ascii: ",") else { return nil }
      let rest = line.dropFirst().dropLast()
      return rest.firstIndex(of: quote) == rest.indices.last ? [quote] : nil
    } >= 2
  }

  /// Whether each line is one name with a comma behind it, and so are so many neighbours that no parameters have so
  /// many names.
  var areNames: Bool {
    count { line in
      guard line.last == UInt8(ascii: ","), let first = line.first, isNameByte(first), !isDigitByte(first) else {
        return nil
      }
      return line.dropLast().allSatisfy { isNameByte($0) || $0 == UInt8(ascii: ".") } ? [] : nil
    } >= 8 && !areParameters
  }

  /// Whether the lines stand in what declares a function.
  private var areParameters: Bool {
    let source = ours.source
    guard let first = ours.inkedLines.first else { return false }
    let indentation = source.line(first).prefix(while: isBlankByte).count
    let above = (max(0, ours.span.start - 60)..<ours.span.start).reversed()
    guard
      let opener = above.first(where: {
        !source.isBlank($0) && source.line($0).prefix(while: isBlankByte).count < indentation
      })
    else { return false }
    let words = source.line(opener).split { !isNameByte($0) }
    return words.contains { word in
      ["def", "func", "fn", "fun", "function", "sub"].contains { word.elementsEqual($0.utf8) }
    }
  }

  /// Whether each line is an element of a macro that goes on, and a neighbour has the same form.
  var areMacroElements: Bool {
    count { line in
      guard line.last == UInt8(ascii: "\\"), !line.contains(UInt8(ascii: ";")) else { return nil }
      let element = line.dropLast().trimmingEnd
      guard let last = element.last, last == UInt8(ascii: ",") || last == UInt8(ascii: ")") else { return nil }
      let head = element.prefix { isNameByte($0) || $0 == UInt8(ascii: ".") }
      guard let first = head.first, let sign = element[head.endIndex...].drop(while: isBlankByte).first else {
        return nil
      }
      // The fields of a literal, or the entries of a list that a macro makes of one call each.
      if first == UInt8(ascii: "."), sign == UInt8(ascii: "=") { return [first, last] }
      return sign == UInt8(ascii: "(") ? head + [last] : nil
    } >= 1 && !shareNumbers
  }

  /// Whether both sides added the same number.
  private var shareNumbers: Bool {
    func numbers(_ side: AddedBlocks.Side) -> Set<ArraySlice<UInt8>> {
      Set(
        side.inkedLines.flatMap { side.source.line($0).split { !isNameByte($0) } }
          .filter { $0.first.map(isDigitByte) ?? false })
    }
    return !numbers(ours).isDisjoint(with: numbers(theirs))
  }

  /// Whether each line starts with the word with which two neighbours or more start, and no two lines of both sides
  /// have more words at the beginning in common than with these: such lines would say something of the same.
  var startAlike: Bool {
    let alike = count { line in
      let word = line.prefix(while: isNameByte)
      let next = line[word.endIndex...].first
      return word.isEmpty || next.map(isBlankByte) != true ? nil : Array(word)
    }
    return alike >= 2 && !haveOneSubject
  }

  private var haveOneSubject: Bool {
    func words(_ side: AddedBlocks.Side) -> [[ArraySlice<UInt8>]] {
      side.inkedLines.map { Self.words(side.source.line($0)) }
    }
    func common(_ one: [ArraySlice<UInt8>], _ other: [ArraySlice<UInt8>]) -> Int {
      zip(one, other).prefix { $0 == $1 }.count
    }
    let known = neighbours.map { Self.words(ours.source.line($0)) }
    return words(ours).contains { mine in
      let usual = known.map { common(mine, $0) }.max() ?? 0
      return words(theirs).contains { common(mine, $0) > usual }
    }
  }

  /// Whether each line is a neighbour's but for one of its many words.
  var repeatNeighbours: Bool {
    let known = neighbours.map { Self.words(ours.source.line($0)) }
    return !known.isEmpty
      && added.allSatisfy { source, line in
        let words = Self.words(source.line(line))
        guard words.count >= 4 else { return false }
        return known.contains { other in
          other.count == words.count && zip(words, other).count { $0 != $1 } == 1
        }
      }
  }

  private static func words(_ line: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    line.split(whereSeparator: isBlankByte)
  }
}
