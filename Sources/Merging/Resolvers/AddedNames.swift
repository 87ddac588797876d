/// Reads an entry of a list in which each entry has a number.
enum NumberedEntry {
  /// The number that an entry of code gives to a name: of a field, an enumerator or a constant.
  static func number(_ text: ArraySlice<UInt8>, _ language: Language) -> ArraySlice<UInt8>? {
    if text.hasPrefix("#define ") {
      let words = text.split(whereSeparator: isBlankByte)
      return words.count >= 3 && isNumber(words[2]) ? words[2] : nil
    }
    guard let sign = text.lastIndex(where: { $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: ":") }) else { return nil }
    let value = text[(sign + 1)...].drop(while: isBlankByte)
    let number = value.prefix(while: isNameByte)
    let rest = value[number.endIndex...].drop(while: isBlankByte)
    guard isNumber(number), rest.isEmpty || ",;[/#".utf8.contains(rest.first ?? 0) else { return nil }
    if language.name == "Protocol Buffers" { return number }
    let words = text[..<sign].trimmingEnd.split(whereSeparator: isBlankByte)
    guard let first = words.first, let name = words.last, name.allSatisfy(isNameByte), let start = name.first else {
      return nil
    }
    let isUpper = UInt8(ascii: "A")...UInt8(ascii: "Z") ~= start
    if words.count == 1 {
      return isUpper || text[sign] == UInt8(ascii: "=") && language.family == .braces ? number : nil
    }
    return first.elementsEqual("case".utf8) || isUpper ? number : nil
  }

  /// The number by which an entry is known: the value of a key such as `id`.
  static func identifier(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    let text = text.drop { isBlankByte($0) || "-{\"'".utf8.contains($0) }
    let key = text.prefix(while: isNameByte)
    let rest = text[key.endIndex...].drop { isBlankByte($0) || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "'") }
    guard let sign = rest.first, sign == UInt8(ascii: ":") || sign == UInt8(ascii: "=") else { return nil }
    let number = rest.dropFirst().drop(while: isBlankByte).prefix(while: isNameByte)
    guard isNumber(number) else { return nil }
    let lower = String(decoding: key.map { $0 | 0x20 }, as: UTF8.self)
    return ["id", "number", "code", "index"].contains { lower == $0 } ? number : nil
  }

  private static func isNumber(_ word: ArraySlice<UInt8>) -> Bool { word.first.map(isDigitByte) ?? false }
}

/// Reads the name of a package where a file asks for one.
enum PackageName {
  /// The name at the start of a requirement, in the spelling that all its spellings share.
  static func requirement(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    let name = text.prefix { isNameByte($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
    guard let first = name.first, isNameByte(first) else { return nil }
    return name.map { $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".") ? UInt8(ascii: "-") : $0 | 0x20 }
  }

  /// What stands before the first text and the text itself, without the version at the end of `group:name:version`.
  static func quoted(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    let quotes = [UInt8(ascii: "\""), UInt8(ascii: "'")]
    guard let start = text.firstIndex(where: quotes.contains) else { return nil }
    let before = text[..<start].filter { !isBlankByte($0) }
    guard before.contains(where: isNameByte), !before.contains(UInt8(ascii: "=")) else { return nil }
    let inside = text[(start + 1)...].prefix { $0 != text[start] }
    guard inside.endIndex < text.endIndex, inside.count > 1 else { return nil }
    var name = inside
    if inside.count(where: { $0 == UInt8(ascii: ":") }) == 2, !inside.contains(where: isBlankByte),
      let colon = inside.lastIndex(of: UInt8(ascii: ":"))
    {
      name = inside[..<colon]
    }
    return before + [0] + name
  }

  /// The packages and names that elements of XML hold.
  static func elements(_ texts: [ArraySlice<UInt8>], heads: [ArraySlice<UInt8>]) -> Set<[UInt8]> {
    var names: Set<[UInt8]> = []
    var group: ArraySlice<UInt8> = []
    for text in texts {
      if let found = leaf("groupId", in: text) { group = found }
      if let artifact = leaf("artifactId", in: text) { names.insert(group + [0] + artifact) }
    }
    for head in heads where head.first == UInt8(ascii: "<") {
      let tag = head.dropFirst().prefix(while: isNameByte)
      for key in ["Include", "id", "name", "key"] {
        if let value = attribute(key, in: head) { names.insert(tag + [1] + value) }
        if let value = leaf(key, in: head) { names.insert(tag + [2] + value) }
      }
    }
    return names
  }

  private static func leaf(_ tag: String, in text: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    after(Array("<\(tag)>".utf8), in: text)?.prefix { $0 != UInt8(ascii: "<") }
  }

  private static func attribute(_ name: String, in text: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    after(Array(" \(name)=\"".utf8), in: text)?.prefix { $0 != UInt8(ascii: "\"") }
  }

  private static func after(_ wanted: [UInt8], in text: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    var rest = text
    while let start = rest.firstIndex(of: wanted[0]) {
      rest = rest[start...]
      if rest.starts(with: wanted) { return rest.dropFirst(wanted.count) }
      rest = rest.dropFirst()
    }
    return nil
  }
}
