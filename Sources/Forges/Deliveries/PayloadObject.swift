internal import Base
internal import JSON
internal import Work

/// An object of a payload, of which only those members are known that are asked for.
struct PayloadObject {
  /// Where it stands in the payload, for reasons: empty for the payload itself.
  private let path: String
  private let names: [String]
  private let values: [JSONSlice?]

  /// The most members of an object that is looked into.
  ///
  /// Those of forges have a hundred; one that somebody made to keep the reader busy is none for us.
  static let mostMembers = 1024

  init(_ slice: JSONSlice, path: String = "", _ names: [String]) {
    self.path = path
    self.names = names
    values = slice.values(of: names, most: Self.mostMembers) ?? Array(repeating: nil, count: names.count)
  }

  /// Whether it is an object that is looked into.
  static func isReadable(_ slice: JSONSlice) -> Bool { slice.values(of: [], most: mostMembers) != nil }

  private func place(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

  /// The member, unless it is missing or `null`.
  func slice(_ name: String) -> JSONSlice? {
    guard let index = names.firstIndex(of: name), let value = values[index], !value.isNull else { return nil }
    return value
  }

  func has(_ name: String) -> Bool { slice(name) != nil }

  /// The member as an object; `nil` where it is none.
  func objectIfAny(_ name: String, _ names: [String]) -> PayloadObject? {
    guard let value = slice(name), Self.isReadable(value) else { return nil }
    return PayloadObject(value, path: place(name), names)
  }

  func object(_ name: String, _ names: [String]) throws(PayloadFault) -> PayloadObject {
    if let object = objectIfAny(name, names) { return object }
    let isObject = slice(name)?.kind == .object
    throw PayloadFault(
      reason: "'\(place(name))' is no object" + (isObject ? " of at most \(Self.mostMembers) members" : ""))
  }

  /// The elements of a list that are objects, at most a hundred; empty where it is none.
  func objects(_ name: String, _ names: [String]) -> [PayloadObject] {
    (slice(name)?.elements(100) ?? []).filter(Self.isReadable).map {
      PayloadObject($0, path: place(name), names)
    }
  }

  /// The member as a text of at most so many bytes; `nil` where it is none, or a longer one.
  func text(_ name: String, most: Int = 1024) -> String? {
    // An escape takes six bytes for one at most.
    guard let value = slice(name), value.kind == .string, value.bytes.count <= 6 * most + 2,
      let text = value.string, text.utf8.count <= most
    else { return nil }
    return text
  }

  /// The member as a text, cut behind so many bytes; `nil` where it is none.
  func beginning(_ name: String, most: Int) -> String? { slice(name)?.beginning(most: most) }

  /// The member as a whole number; `nil` where it is none, or one of more than 32 characters.
  func number(_ name: String) -> Int64? {
    guard let value = slice(name), value.bytes.count <= 32 else { return nil }
    return value.integer.map(Int64.init)
  }

  func bool(_ name: String) -> Bool? { slice(name)?.bool }

  /// The commit that the member names; `nil` where it names none.
  func commit(_ name: String) -> ObjectID? { text(name, most: 40).flatMap(ObjectID.init(hex:)) }

  func requiredCommit(_ name: String) throws(PayloadFault) -> ObjectID {
    guard let commit = commit(name), !commit.isZero else {
      throw PayloadFault(reason: "'\(place(name))' names no commit")
    }
    return commit
  }

  /// The number of a pull request: from one to what 32 bits hold.
  func requestNumber(_ name: String) -> Int? {
    number(name).flatMap { (1...Int64(Int32.max)).contains($0) ? Int($0) : nil }
  }

  func requiredRequestNumber(_ name: String) throws(PayloadFault) -> Int {
    guard let number = requestNumber(name) else {
      throw PayloadFault(reason: "'\(place(name))' is no number of a pull request")
    }
    return number
  }
}

/// A payload that has not what its name promises.
struct PayloadFault: Error, Hashable {
  let reason: String
}

/// What a payload means to us.
enum PayloadMeaning {
  case happening(ForgeHappening.Kind)
  /// Nothing, and why; with the result of a check or the like, where that belongs to the name.
  case nothing(String, detail: String? = nil)
}

extension JSONSlice {
  /// The text, cut behind so many bytes; `nil` where this is none.
  ///
  /// What is behind the cut is never decoded, however long it is.
  func beginning(most: Int) -> String? {
    guard kind == .string else { return nil }
    guard bytes.count > most + 2 else { return string }
    var index = bytes.startIndex + 1
    let end = bytes.endIndex - 1
    var length = 0
    // A place between two characters: behind an escape as a whole, never inside of a row of UTF-8.
    var cut = index
    while index < end, length < most {
      cut = index
      if bytes[index] == UInt8(ascii: "\\") {
        index += bytes[index + 1] == UInt8(ascii: "u") ? 6 : 2
        length += 1
      } else {
        repeat {
          index += 1
          length += 1
        } while index < end && bytes[index] & 0xc0 == 0x80
      }
    }
    if length <= most { cut = index }
    let text = JSONSlice(text: "\"" + String(decoding: bytes[(bytes.startIndex + 1)..<cut], as: UTF8.self) + "\"")?
      .string
    // An escape may stand for up to three bytes.
    return text.map { String($0.cut(most: most)) }
  }
}

extension String {
  /// The text up to so many bytes, cut between two characters.
  func cut(most: Int) -> Substring {
    guard utf8.count > most else { return self[...] }
    var end = utf8.index(startIndex, offsetBy: most)
    while end > startIndex, Unicode.Scalar.isInside(utf8[end]) { end = utf8.index(before: end) }
    return self[..<end]
  }

  /// One line that is safe to show, from at most so many bytes of this.
  func shown(most: Int) -> String { DisplayText.line(cut(most: most).utf8) }
}

extension Unicode.Scalar {
  /// Whether a byte of UTF-8 continues a character.
  fileprivate static func isInside(_ byte: UInt8) -> Bool { byte & 0xc0 == 0x80 }
}
