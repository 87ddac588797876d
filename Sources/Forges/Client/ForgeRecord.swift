internal import Base
internal import JSON
internal import Work

/// An object in a forge's answer, of which only the members that are used are read.
///
/// The forges' own examples break their own strict schemas, so what is not used may be anything.
struct ForgeRecord: Sendable {
  private let slice: JSONSlice
  /// What was asked, for messages.
  private let asked: String

  init(_ slice: JSONSlice, _ asked: String) {
    self.slice = slice
    self.asked = asked
  }

  private func fault(_ name: String, _ what: String) -> ForgeError {
    ForgeError(.malformed, "\(asked): '\(name)' in the answer is not \(what)")
  }

  /// A text; `nil` where there is none or `null` stands there.
  func text(_ name: String) -> String? { slice[name]?.string }

  func requiredText(_ name: String) throws(ForgeError) -> String {
    guard let text = text(name) else { throw fault(name, "a text") }
    return text
  }

  func number(_ name: String) -> Int64? { slice[name]?.integer.map(Int64.init) }

  func requiredNumber(_ name: String) throws(ForgeError) -> Int64 {
    guard let number = number(name) else { throw fault(name, "a number") }
    return number
  }

  func flag(_ name: String) -> Bool? { slice[name]?.bool }

  /// An object; `nil` where there is none or `null` stands there.
  func record(_ name: String) -> ForgeRecord? {
    guard let value = slice[name], value.kind == .object else { return nil }
    return ForgeRecord(value, asked)
  }

  func requiredRecord(_ name: String) throws(ForgeError) -> ForgeRecord {
    guard let record = record(name) else { throw fault(name, "an object") }
    return record
  }

  /// The objects in a list; empty where there is none.
  func records(_ name: String) -> [ForgeRecord] {
    (slice[name]?.elements ?? []).filter { $0.kind == .object }.map { ForgeRecord($0, asked) }
  }

  /// The texts in a list; empty where there is none.
  func texts(_ name: String) -> [String] { (slice[name]?.elements ?? []).compactMap(\.string) }

  func objectID(_ name: String) throws(ForgeError) -> ObjectID {
    guard let id = text(name).flatMap({ ObjectID(hex: $0) }) else { throw fault(name, "an object's name") }
    return id
  }

  /// A branch by its short name, or a reference by its full one.
  func branch(_ name: String) throws(ForgeError) -> RefName {
    let text = try requiredText(name)
    // What a forge calls a branch whose own was deleted is the pull request's reference.
    let full = text.hasPrefix("refs/") ? try? RefName(text) : nil
    guard let ref = full ?? (try? RefName(branch: Array(text.utf8))) else { throw fault(name, "a branch's name") }
    return ref
  }

  func time(_ name: String) throws(ForgeError) -> Timestamp {
    guard let time = text(name).flatMap({ Timestamp(forgeText: $0) }) else { throw fault(name, "a moment") }
    return time
  }

  func repository(_ forge: ForgeName, path name: String) throws(ForgeError) -> ForgeRepository {
    let made = ForgeRepository(forge: forge, id: try requiredNumber("id"), path: try requiredText(name))
    guard let made else { throw fault(name, "a repository's path") }
    return made
  }

  func path(_ name: String) -> RepositoryPath? { text(name).flatMap { RepositoryPath($0) } }
}

/// Texts out of a forge's answers.
enum ForgeText {
  /// The most bytes of a description or comment that are kept.
  static let longest = 64 << 10

  /// At most so many bytes, cut between characters.
  static func cut(_ text: String, most: Int = longest) -> String {
    guard text.utf8.count > most else { return text }
    var end = text.utf8.index(text.utf8.startIndex, offsetBy: most)
    while end > text.startIndex, text.utf8[end] & 0xc0 == 0x80 { end = text.utf8.index(before: end) }
    return String(text[..<end])
  }

  /// One line of at most 300 characters that is safe to show.
  static func short(_ text: String) -> String {
    let line = DisplayText.escaping(text.utf8)
    return line.count > 300 ? line.prefix(297) + "..." : line
  }
}
