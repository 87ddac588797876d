/// An import over several lines with one name of its list on each.
struct ImportNameLines {
  private let first: ArraySlice<UInt8>
  private let last: ArraySlice<UInt8>
  private let indentation: ArraySlice<UInt8>
  private let ending: ArraySlice<UInt8>
  private let hasLastComma: Bool

  /// - Returns: `nil` for another layout.
  init?(_ line: HunkLine) {
    let lines = HunkLine.split(Array(line.content))
    guard lines.count > 2, let first = lines.first, let last = lines.last,
      let opener = first.trimmedEnd.last, opener == UInt8(ascii: "(") || opener == UInt8(ascii: "{"),
      let closer = last.trimmed.first, closer == UInt8(ascii: ")") || closer == UInt8(ascii: "}")
    else { return nil }
    let names = lines.dropFirst().dropLast()
    let comma = UInt8(ascii: ",")
    guard let name = names.first, names.allSatisfy({ $0.indentation == name.indentation }),
      names.dropLast().allSatisfy({ $0.trimmed.last == comma }),
      names.allSatisfy({ !$0.trimmed.dropLast().contains(comma) && !$0.isBlank })
    else { return nil }
    (self.first, self.last) = (first.content, last.content)
    indentation = name.indentation
    ending = first.ending
    hasLastComma = names.last?.trimmed.last == comma
  }

  /// The import with other names.
  ///
  /// - Returns: `nil` where its lines end in another way than they should.
  func line(with names: [[UInt8]], ending: ArraySlice<UInt8>) -> HunkLine? {
    guard ending == self.ending || ending.isEmpty else { return nil }
    var text = Array(first + self.ending)
    for (index, name) in names.enumerated() {
      text += indentation + name
      if hasLastComma || index + 1 < names.count { text.append(UInt8(ascii: ",")) }
      text += self.ending
    }
    return HunkLine(content: ArraySlice(text + last), ending: ending)
  }
}
