internal import Base

/// The names under which other files ask for a file.
enum FileNames {
  /// Names that say nothing by themselves; on import lines and as paths they count all the same.
  private static let generic: Set<String> = [
    "index", "mod", "main", "lib", "init", "__init__", "__main__", "test", "tests", "utils", "util", "types", "config",
    "package", "default", "common", "base", "core", "app", "setup", "conftest", "src", "makefile", "helper", "helpers",
  ]

  /// The needles for a file beside the others that are there: its path, its name, and the name of its module on lines
  /// that import one.
  static func needles(of path: RepositoryPath, beside others: some Sequence<RepositoryPath>) -> [TreeSearch.Needle] {
    let name = Array(path.name)
    let base = stem(name)
    var (hasTwin, hasCompanion) = (false, false)
    for other in others {
      // Another file of that name answers to it as well.
      if other.name == path.name { hasTwin = true }
      if isCompanion(other, of: path) { hasCompanion = true }
    }
    var needles: [TreeSearch.Needle] = []
    if path.bytes.contains(UInt8(ascii: "/")) {
      needles.append(.init(text: path.bytes, scope: .code))
      let stem = stem(path.bytes)
      for separator in [".", "::", "\\"] where path.components.count > 1 {
        let text = Array(joined(stem, by: separator))
        needles.append(.init(text: text, scope: .importLine))
      }
      needles.append(.init(text: stem, scope: .importLine))
    }
    needles.append(.init(text: base, scope: .reference(ReferenceTest(path, hasTwin: hasTwin))))
    if !hasCompanion, let directory = ReferenceTest(directoryOf: path), let word = directory.word {
      needles.append(.init(text: word, scope: .reference(directory)))
    }
    let isGeneric = generic.contains(String(decoding: base, as: UTF8.self).lowercased()) || base.count < 3
    if !isGeneric, !hasTwin {
      needles.append(.init(text: name, scope: base == name ? .importLine : .code))
      needles.append(.init(text: base, scope: .importLine))
    }
    return needles
  }

  /// Whether a file makes up a package of Go together with another, so that the package is there without that one.
  private static func isCompanion(_ other: RepositoryPath, of path: RepositoryPath) -> Bool {
    path.fileExtension.elementsEqual("go".utf8) && other.fileExtension == path.fileExtension
      && other.directory.elementsEqual(path.directory) && other != path
      && !other.name.reversed().starts(with: "_test.go".utf8.reversed())
  }

  /// The path without the ending of its name.
  static func stem(_ path: [UInt8]) -> [UInt8] {
    let slash = path.lastIndex(of: UInt8(ascii: "/")) ?? -1
    guard let dot = path.lastIndex(of: UInt8(ascii: ".")), dot > slash + 1 else { return path }
    return Array(path[..<dot])
  }

  /// The components of a path with another separator, as languages write modules.
  static func joined(_ path: [UInt8], by separator: String) -> [UInt8] {
    Array(path.split(separator: UInt8(ascii: "/")).joined(separator: Array(separator.utf8)))
  }
}

/// Names that the lines of a source file declare, by the keywords of the common languages.
enum Declarations {
  private static let types: Set<String> = [
    "class", "struct", "enum", "interface", "protocol", "trait", "record", "object", "actor", "union", "module",
  ]
  private static let others: Set<String> = [
    "func", "function", "fn", "def", "fun", "let", "const", "var", "val", "type", "typealias", "sub", "proc", "static",
  ]
  /// Words between a keyword and the name that are no names.
  private static let fillers: Set<String> = [
    "class", "struct", "enum", "case", "object", "companion", "mut", "self", "static", "function", "union", "inline",
  ]

  /// The types that are declared without indentation.
  static func topLevelTypes(in content: [UInt8]) -> [[UInt8]] {
    var result: [[UInt8]] = []
    for line in content.split(separator: 0x0A) where line.first != 0x20 && line.first != 0x09 {
      guard let name = name(in: line, keywords: types), name.count >= 2, !result.contains(name) else { continue }
      result.append(name)
      if result.count == 50 { break }
    }
    return result
  }

  /// The name that a line declares; `nil` where it declares none.
  static func name(in line: ArraySlice<UInt8>) -> [UInt8]? { name(in: line, keywords: types.union(others)) }

  private static func name(in line: ArraySlice<UInt8>, keywords: Set<String>) -> [UInt8]? {
    let first = line.first { $0 != 0x20 && $0 != 0x09 }
    // A comment or a directive may talk of classes too.
    guard let first, !"/*#-;\"'".utf8.contains(first) else { return nil }
    var expectsName = false
    for word in line.prefix(400).split(whereSeparator: { !Words.isNameByte($0) }).prefix(8) {
      let text = String(decoding: word, as: UTF8.self)
      if expectsName, !fillers.contains(text) {
        let follower = line[word.endIndex...].first
        // 'class: x' and 'type = x' declare nothing of that name.
        return follower == UInt8(ascii: "'") || word.first.map { (0x30...0x39).contains($0) } ?? true
          ? nil : Array(word)
      }
      if keywords.contains(text) { expectsName = true }
    }
    return nil
  }
}
