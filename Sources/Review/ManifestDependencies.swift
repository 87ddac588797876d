internal import ByteText
internal import JSON

/// How the dependencies are read out of one kind of manifest.
///
/// It reads enough to see that a dependency came, went or asks for another version, and no more.
struct ManifestDependencies: Sendable {
  private enum Form: Sendable {
    /// Members of these objects of a JSON document.
    case json([String])
    /// Keys of the tables whose names match; and, for `project`, the entries of `dependencies = [ … ]`.
    case toml(withVersions: Bool)
    /// Requirements of Go.
    case goMod
    /// The first text literal behind one of these words at the start of a line.
    case calls([String])
  }

  private let form: Form

  /// The reader for a manifest of this file name; `nil` where none is known.
  init?(_ name: String) {
    switch name {
    case "package.json": form = .json(["dependencies", "devDependencies", "optionalDependencies", "resolutions"])
    case "composer.json": form = .json(["require", "require-dev"])
    case "Cargo.toml": form = .toml(withVersions: false)
    case "pyproject.toml", "Pipfile": form = .toml(withVersions: true)
    case "go.mod": form = .goMod
    case "Gemfile": form = .calls(["gem"])
    case "Podfile": form = .calls(["pod"])
    case "mix.exs": form = .calls(["{:"])
    default: return nil
    }
  }

  /// The dependencies that the manifest names.
  func read(_ content: [UInt8]) -> Set<Dependency> {
    switch form {
    case .json(let keys): Self.readJSON(content, keys: keys)
    case .toml(let withVersions): Self.readTOML(content, withVersions: withVersions)
    case .goMod: Self.readGoMod(content)
    case .calls(let words): Self.readCalls(content, words: words)
    }
  }

  private static func readJSON(_ content: [UInt8], keys: [String]) -> Set<Dependency> {
    guard let document = try? JSONValue.parse(content) else { return [] }
    var result: Set<Dependency> = []
    for key in keys {
      for (name, value) in document[key]?.object ?? [:] {
        result.insert(Dependency(name: Array(name.utf8), version: Array((value.string ?? "").utf8)))
      }
    }
    return result
  }

  private static func readTOML(_ content: [UInt8], withVersions: Bool) -> Set<Dependency> {
    var result: Set<Dependency> = []
    var table: [UInt8] = []
    var inList = false
    for line in content.lines() {
      let text = withoutComment(line).trimmed()
      if text.isEmpty { continue }
      if inList {
        if text.first == UInt8(ascii: "]") { inList = false } else { insertRequirements(text, into: &result) }
      } else if text.first == UInt8(ascii: "["), text.last == UInt8(ascii: "]") {
        table = Array(text.filter { $0 != UInt8(ascii: "[") && $0 != UInt8(ascii: "]") })
        if let name = dependencyNamed(by: table) { result.insert(Dependency(name: name, version: [])) }
      } else if let equals = text.firstIndex(of: UInt8(ascii: "=")) {
        let key = Array(text[..<equals].trimmed())
        let value = text[(equals + 1)...].trimmed()
        if isDependencyTable(table) {
          let name = key.prefix { $0 != UInt8(ascii: ".") }
          result.insert(Dependency(name: Array(name), version: withVersions ? Array(value) : []))
        } else if isRequirementList(key, in: table), value.first == UInt8(ascii: "[") {
          insertRequirements(value, into: &result)
          inList = !value.contains(UInt8(ascii: "]"))
        }
      }
    }
    return result
  }

  private static func withoutComment(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    if line.trimmed().first == 0x23 { return [] }
    guard !line.contains(0x22), !line.contains(0x27), let hash = line.firstIndex(of: 0x23) else { return line }
    return line[..<hash]
  }

  /// `[dependencies]`, `[target.'cfg(unix)'.dev-dependencies]`, `[tool.poetry.group.dev.dependencies]`, `[packages]`.
  private static func isDependencyTable(_ table: [UInt8]) -> Bool {
    table.hasSuffix("dependencies") && !table.hasPrefix("project") || table == Array("packages".utf8)
      || table == Array("dev-packages".utf8)
  }

  /// The name in a table such as `[dependencies.serde]`.
  private static func dependencyNamed(by table: [UInt8]) -> [UInt8]? {
    guard let range = table.firstIndex(of: Array("dependencies.".utf8)), !table.hasPrefix("tool.") else { return nil }
    return Array(table[(range + 13)...])
  }

  private static func isRequirementList(_ key: [UInt8], in table: [UInt8]) -> Bool {
    key == Array("dependencies".utf8) && table == Array("project".utf8)
      || table.hasPrefix("project.optional-dependencies") || table == Array("dependency-groups".utf8)
  }

  /// Every text literal of the line is a requirement.
  private static func insertRequirements(_ text: ArraySlice<UInt8>, into result: inout Set<Dependency>) {
    var rest = text
    while let start = rest.firstIndex(where: { $0 == 0x22 || $0 == 0x27 }) {
      let quote = rest[start]
      guard let end = rest[(start + 1)...].firstIndex(of: quote) else { return }
      let literal = rest[(start + 1)..<end]
      let name = literal.prefix { ASCII.isAlphanumeric($0) || "-_.".utf8.contains($0) }
      result.insert(Dependency(name: Array(name), version: Array(literal.dropFirst(name.count).filter { $0 != 0x20 })))
      rest = rest[(end + 1)...]
    }
  }

  private static func readGoMod(_ content: [UInt8]) -> Set<Dependency> {
    var result: Set<Dependency> = []
    for line in content.lines() {
      let words = line.split(whereSeparator: ASCII.isBlank)
      let rest = words.first?.elementsEqual("require".utf8) == true ? words.dropFirst() : words[...]
      guard rest.count >= 2, let name = rest.first, name.contains(UInt8(ascii: ".")) else { continue }
      let version = rest[rest.startIndex + 1]
      guard version.first == UInt8(ascii: "v") else { continue }
      result.insert(Dependency(name: Array(name), version: Array(version)))
    }
    return result
  }

  private static func readCalls(_ content: [UInt8], words: [String]) -> Set<Dependency> {
    var result: Set<Dependency> = []
    for line in content.lines() {
      let text = line.trimmed()
      guard let word = words.first(where: { text.hasPrefix($0) }) else { continue }
      let rest = text.dropFirst(word.utf8.count)
      guard rest.first.map({ ASCII.isBlank($0) || $0 == UInt8(ascii: "(") || word == "{:" }) == true else { continue }
      let name = rest.drop { !ASCII.isAlphanumeric($0) }.prefix { $0 != 0x22 && $0 != 0x27 && $0 != 0x2c }
      result.insert(Dependency(name: Array(name), version: []))
    }
    return result
  }
}
