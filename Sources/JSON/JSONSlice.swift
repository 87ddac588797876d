/// A part of a JSON document, left in the bytes in which it came (RFC 8259).
///
/// The document is checked once; its parts are found by walking over it and are built only where they are asked for.
/// What is passed on is passed on byte for byte.
package struct JSONSlice: Sendable, Hashable {
  /// Exactly the value, without blanks around it.
  package let bytes: ArraySlice<UInt8>

  private init(known bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
  }

  /// The document in these bytes, with nothing but blanks around it.
  ///
  /// - Throws: ``JSONSyntaxError`` where the bytes are no JSON, or are nested deeper than 200 levels.
  package init(_ bytes: ArraySlice<UInt8>) throws(JSONSyntaxError) {
    let start = JSONScanner.skipBlanks(bytes, at: bytes.startIndex)
    let end = try JSONScanner.endOfValue(bytes, at: start)
    guard JSONScanner.skipBlanks(bytes, at: end) == bytes.endIndex else {
      throw JSONSyntaxError(
        line: 1 + bytes[..<end].count { $0 == 10 }, reason: "something stands behind the end of the document")
    }
    self.bytes = bytes[start..<end]
  }

  /// The document in these bytes, with nothing but blanks around it.
  ///
  /// - Throws: ``JSONSyntaxError`` where the bytes are no JSON, or are nested deeper than 200 levels.
  package init(_ bytes: [UInt8]) throws(JSONSyntaxError) {
    try self.init(bytes[...])
  }

  /// The document in this text; `nil` where it is no JSON.
  package init?(text: String) {
    guard let slice = try? JSONSlice(Array(text.utf8)) else { return nil }
    self = slice
  }

  /// The kinds of JSON values.
  package enum Kind: Sendable, Hashable {
    case object
    case array
    case string
    case number
    case bool
    case null
  }

  package var kind: Kind {
    switch bytes.first {
    case UInt8(ascii: "{"): .object
    case UInt8(ascii: "["): .array
    case UInt8(ascii: "\""): .string
    case UInt8(ascii: "t"), UInt8(ascii: "f"): .bool
    case UInt8(ascii: "n"): .null
    default: .number
    }
  }

  package var isNull: Bool { kind == .null }

  /// The bytes as text.
  package var text: String { String(decoding: bytes, as: UTF8.self) }

  /// The member of an object, the last of that name; `nil` where there is none or this is no object.
  package subscript(name: String) -> JSONSlice? {
    guard kind == .object else { return nil }
    var name = name
    return name.withUTF8 { wanted in
      var found: JSONSlice?
      forEachMember { key, value in
        let inner = key.bytes.dropFirst().dropLast()
        if inner.count == wanted.count, inner.elementsEqual(wanted) {
          found = value
        } else if inner.contains(UInt8(ascii: "\\")), let decoded = key.string, decoded.utf8.elementsEqual(wanted) {
          found = value
        }
        return true
      }
      return found
    }
  }

  /// The members of these names, which are ASCII, each the last of its name, found in one walk; `nil` for each that is
  /// not there.
  ///
  /// At most so many members are walked over: `nil` for an object that has more, and for what is no object.
  package func values(of names: [String], most: Int) -> [JSONSlice?]? {
    guard kind == .object else { return nil }
    let wanted = names.map { Array($0.utf8) }
    let longest = wanted.map(\.count).max() ?? 0
    var name: [UInt8] = []
    name.reserveCapacity(longest)
    var found = [JSONSlice?](repeating: nil, count: names.count)
    var count = 0
    forEachMember { key, value in
      count += 1
      guard count <= most else { return false }
      if JSONScanner.decode(key.bytes.dropFirst().dropLast(), into: &name, most: longest),
        let index = wanted.firstIndex(of: name)
      {
        found[index] = value
      }
      return true
    }
    return count > most ? nil : found
  }

  /// The members of an object in their order; empty where this is none.
  package var members: [(name: String, value: JSONSlice)] {
    var result: [(name: String, value: JSONSlice)] = []
    forEachMember { name, value in
      result.append((name.string ?? "", value))
      return true
    }
    return result
  }

  /// The elements of a list; empty where this is none.
  package var elements: [JSONSlice] { elements(.max) }

  /// At most so many elements of a list, from its beginning; empty where this is none.
  package func elements(_ most: Int) -> [JSONSlice] {
    guard kind == .array else { return [] }
    var result: [JSONSlice] = []
    var index = JSONScanner.skipBlanks(bytes, at: bytes.startIndex + 1)
    while index < bytes.endIndex - 1, result.count < most {
      let end = JSONScanner.endOfKnownValue(bytes, at: index)
      result.append(JSONSlice(known: bytes[index..<end]))
      index = JSONScanner.skipBlanks(bytes, at: end)
      if index < bytes.endIndex, bytes[index] == UInt8(ascii: ",") {
        index = JSONScanner.skipBlanks(bytes, at: index + 1)
      }
    }
    return result
  }

  /// The text, where this is one.
  package var string: String? {
    guard kind == .string else { return nil }
    let inner = bytes.dropFirst().dropLast()
    guard inner.contains(UInt8(ascii: "\\")) else { return String(decoding: inner, as: UTF8.self) }
    var parser = JSONParser(bytes)
    return (try? parser.document())?.string
  }

  /// The number, where this is one that a `Double` can hold.
  package var number: Double? {
    guard kind == .number, let number = Double(text), number.isFinite else { return nil }
    return number
  }

  /// The number as a whole one, where it is one.
  package var integer: Int? {
    guard kind == .number else { return nil }
    if let whole = Int(text) { return whole }
    return number.flatMap { Int(exactly: $0) }
  }

  package var bool: Bool? {
    switch bytes.first {
    case UInt8(ascii: "t"): true
    case UInt8(ascii: "f"): false
    default: nil
    }
  }

  /// Walks over the members of an object, until the closure says `false`.
  private func forEachMember(_ body: (JSONSlice, JSONSlice) -> Bool) {
    guard kind == .object else { return }
    var index = JSONScanner.skipBlanks(bytes, at: bytes.startIndex + 1)
    while index < bytes.endIndex - 1 {
      let nameEnd = JSONScanner.endOfString(bytes, at: index)
      let name = JSONSlice(known: bytes[index..<nameEnd])
      // Behind the colon, which is known to be there.
      index = JSONScanner.skipBlanks(bytes, at: JSONScanner.skipBlanks(bytes, at: nameEnd) + 1)
      let end = JSONScanner.endOfKnownValue(bytes, at: index)
      guard body(name, JSONSlice(known: bytes[index..<end])) else { return }
      index = JSONScanner.skipBlanks(bytes, at: end)
      if index < bytes.endIndex, bytes[index] == UInt8(ascii: ",") {
        index = JSONScanner.skipBlanks(bytes, at: index + 1)
      }
    }
  }
}
