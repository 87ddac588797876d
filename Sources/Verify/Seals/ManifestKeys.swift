internal import Base

/// The parts of a JSON manifest, by the keys of its outermost object.
enum ManifestKeys {
  /// The keys that are sealed in a file of this name, with what they are sealed as; empty where none are.
  static func sealed(in path: RepositoryPath) -> [String: SealKind] {
    switch String(decoding: path.name, as: UTF8.self).lowercased() {
    case "package.json":
      [
        "scripts": .runner, "workspaces": .runner, "jest": .runner, "mocha": .runner, "ava": .runner, "tap": .runner,
        "vitest": .runner,
        "nyc": .lint, "c8": .lint, "eslintConfig": .lint, "eslintIgnore": .lint, "prettier": .lint, "stylelint": .lint,
        "lint-staged": .lint, "husky": .protected, "xo": .lint, "standard": .lint, "babel": .runner,
      ]
    case "composer.json": ["scripts": .runner, "autoload-dev": .runner]
    case "deno.json", "deno.jsonc": ["tasks": .runner, "test": .runner, "lint": .lint, "fmt": .lint]
    default: [:]
    }
  }

  /// One key of the outermost object.
  struct Entry {
    var key: String
    /// From the key's opening quote to the end of its value, without the comma.
    var range: Range<Int>
  }

  /// The entries of the outermost object; `nil` where the text is no object that can be followed.
  static func entries(of bytes: [UInt8]) -> [Entry]? {
    var reader = Reader(bytes: bytes)
    return reader.entries()
  }

  private struct Reader {
    let bytes: [UInt8]
    var index = 0

    mutating func entries() -> [Entry]? {
      skipBlanks()
      guard take("{") else { return nil }
      var entries: [Entry] = []
      skipBlanks()
      if take("}") { return entries }
      while true {
        skipBlanks()
        let start = index
        guard let key = string() else { return nil }
        skipBlanks()
        guard take(":"), skipValue() else { return nil }
        entries.append(Entry(key: key, range: start..<index))
        skipBlanks()
        if take(",") { continue }
        return take("}") ? entries : nil
      }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard index < bytes.count, bytes[index] == UInt8(ascii: character) else { return false }
      index += 1
      return true
    }

    private mutating func skipBlanks() {
      while index < bytes.count, [0x20, 9, 10, 13].contains(bytes[index]) { index += 1 }
    }

    private mutating func string() -> String? {
      guard take("\"") else { return nil }
      let start = index
      while index < bytes.count, bytes[index] != 0x22 { index += bytes[index] == 0x5c ? 2 : 1 }
      guard index < bytes.count else { return nil }
      index += 1
      return String(decoding: bytes[start..<index - 1], as: UTF8.self)
    }

    private mutating func skipValue() -> Bool {
      skipBlanks()
      var depth = 0
      let start = index
      while index < bytes.count {
        switch bytes[index] {
        case 0x22:
          guard string() != nil else { return false }
          if depth == 0 { return true }
          continue
        case 0x7b, 0x5b: depth += 1
        case 0x7d, 0x5d:
          if depth == 0 { return index > start }
          depth -= 1
          if depth == 0 {
            index += 1
            return true
          }
        case 0x2c where depth == 0: return trimEnd(from: start)
        default: break
        }
        index += 1
      }
      return false
    }

    private mutating func trimEnd(from start: Int) -> Bool {
      while index > start, [0x20, 9, 10, 13].contains(bytes[index - 1]) { index -= 1 }
      return index > start
    }
  }

  /// Puts a manifest together whose sealed keys are as they were and everything else as a patch has it.
  ///
  /// - Returns: `nil` where that is not possible; then all of the edit belongs together.
  static func split(
    old: [UInt8], new: [UInt8], sealed: [String: SealKind]
  ) -> (content: [UInt8], edits: [RegionSplit.Edit])? {
    guard let before = entries(of: old), let after = entries(of: new) else { return nil }
    let keys = [before, after].map { entries in entries.map(\.key) }
    guard keys.allSatisfy({ Set($0).count == $0.count }) else { return nil }
    let was = Dictionary(uniqueKeysWithValues: before.map { ($0.key, Array(old[$0.range])) })
    let isNow = Dictionary(uniqueKeysWithValues: after.map { ($0.key, Array(new[$0.range])) })
    var edits: [RegionSplit.Edit] = []
    for (key, kind) in sealed.sorted(by: { $0.key < $1.key }) where was[key] != isNow[key] {
      edits.append(RegionSplit.Edit(name: "\"\(key)\"", kind: kind, old: was[key], new: isNow[key]))
    }
    if edits.isEmpty { return (new, []) }
    // A key that comes or goes takes a comma with it; those are put back as a whole.
    guard edits.allSatisfy({ $0.old != nil && $0.new != nil }) else { return nil }
    var content: [UInt8] = []
    var index = 0
    for entry in after {
      content += new[index..<entry.range.lowerBound]
      content += sealed[entry.key] != nil ? was[entry.key] ?? [] : Array(new[entry.range])
      index = entry.range.upperBound
    }
    return (content + new[index...], edits)
  }
}
