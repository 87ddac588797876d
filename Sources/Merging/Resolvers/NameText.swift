/// Text as the names in it and the bytes between them; names in comments and text literals count as well.
enum NameText {
  /// A name: a run of the bytes of names that does not start with a digit.
  static func isName(_ piece: ArraySlice<UInt8>) -> Bool {
    piece.first.map { isNameByte($0) && !isDigitByte($0) } ?? false
  }

  /// Whether the mark that some files start with in UTF-8 is taken for a part of a word.
  static func hasByteOrderMark(_ piece: ArraySlice<UInt8>) -> Bool { piece.starts(with: [0xEF, 0xBB, 0xBF]) }

  /// The names, the numbers, and every other byte that is no white space, in order.
  static func pieces(of bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    var pieces: [ArraySlice<UInt8>] = []
    var index = bytes.startIndex
    while index < bytes.endIndex {
      let start = index
      index += 1
      if isNameByte(bytes[start]) {
        while index < bytes.endIndex, isNameByte(bytes[index]) { index += 1 }
      } else if isBlankByte(bytes[start]) || bytes[start] == UInt8(ascii: "\n") {
        continue
      }
      pieces.append(bytes[start..<index])
    }
    return pieces
  }

  /// The bytes with other names in the place of some.
  static func replacing(_ names: [ArraySlice<UInt8>: ArraySlice<UInt8>], in bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      guard isNameByte(bytes[index]) else {
        result.append(bytes[index])
        index += 1
        continue
      }
      let start = index
      while index < bytes.count, isNameByte(bytes[index]) { index += 1 }
      let word = bytes[start..<index]
      result += names[word] ?? word
    }
    return result
  }

  /// How often each of some names occurs.
  static func counts(of names: Set<ArraySlice<UInt8>>, in bytes: [UInt8]) -> [ArraySlice<UInt8>: Int] {
    let lengths = Set(names.map(\.count))
    var counts: [ArraySlice<UInt8>: Int] = [:]
    var index = 0
    while index < bytes.count {
      guard isNameByte(bytes[index]) else {
        index += 1
        continue
      }
      let start = index
      while index < bytes.count, isNameByte(bytes[index]) { index += 1 }
      guard lengths.contains(index - start) else { continue }
      let word = bytes[start..<index]
      if names.contains(word) { counts[word, default: 0] += 1 }
    }
    return counts
  }
}
