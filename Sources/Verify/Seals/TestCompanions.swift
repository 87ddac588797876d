internal import Base

/// Finds what belongs to the tests of a tree and does not look so by its path: data that only they name, and modules of
/// assertions that only they load.
///
/// It is cautious: what the product may need as well is left open.
enum TestCompanions {
  private static let mostTests = 2_000
  private static let mostSources = 6_000
  private static let largest = 256 << 10

  /// What of a tree belongs to its tests, and what it is sealed as.
  ///
  /// - Parameters:
  ///   - paths: All files of the tree.
  ///   - kind: What a file is sealed as otherwise.
  ///   - read: The bytes of a file.
  /// - Returns: Files that are sealed for no other reason.
  static func of(
    _ paths: [RepositoryPath], kind: (RepositoryPath) -> SealKind?, read: (RepositoryPath) -> [UInt8]?
  ) -> [RepositoryPath: SealKind] {
    var tests: [RepositoryPath] = []
    var sources: [RepositoryPath] = []
    var data: [[UInt8]: [RepositoryPath]] = [:]
    for path in paths {
      switch kind(path) {
      case .test, .runner: if SealedPaths.isCode(path) { tests.append(path) }
      case nil:
        if SealedPaths.isCode(path) {
          sources.append(path)
        } else if isData(path) {
          data[Array(path.name), default: []].append(path)
        }
      default: break
      }
    }
    let (known, all) = (Set(sources), Set(paths))
    var candidates: [RepositoryPath: SealKind] = [:]
    for test in tests.prefix(mostTests) {
      guard let bytes = read(test), bytes.count <= largest else { continue }
      for literal in literals(in: bytes) {
        guard let name = literal.split(separator: UInt8(ascii: "/")).last, let named = data[Array(name)] else {
          continue
        }
        for path in named where fits(literal, path) { candidates[path] = .testData }
      }
      for module in modules(in: bytes, of: test) where known.contains(module) && candidates[module] == nil {
        if !isInPackage(module, all), asserts(module, read) { candidates[module] = .test }
      }
    }
    guard !candidates.isEmpty else { return [:] }
    // What is too much to look through may be named anywhere.
    guard sources.count <= mostSources else { return [:] }
    var wanted = WantedWords()
    for path in candidates.keys { for word in words(of: path) { wanted.add(word, for: path) } }
    for source in sources + paths.filter(isManifest) where candidates[source] == nil {
      guard let bytes = read(source), bytes.count <= largest * 4 else { continue }
      for path in wanted.found(in: bytes) { candidates[path] = nil }
      if candidates.isEmpty { break }
    }
    return candidates
  }

  // MARK: Data

  /// Whether a file may be data of tests: no code, no manifest, and nothing that people read.
  private static func isData(_ path: RepositoryPath) -> Bool {
    let name = String(decoding: path.name, as: UTF8.self).lowercased()
    let endings = [".md", ".rst", ".adoc", ".html", ".css", ".lock", ".toml", ".cfg", ".ini", ".in", ".cmake", ".svg"]
    return name.count > 3 && !path.fileExtension.isEmpty && !endings.contains(where: name.hasSuffix)
      && !isManifest(path) && !name.hasPrefix("readme") && !name.hasPrefix("license") && !name.hasPrefix("changelog")
      && !name.hasPrefix("requirements")
  }

  private static func isManifest(_ path: RepositoryPath) -> Bool {
    [
      "package.json", "setup.py", "setup.cfg", "pyproject.toml", "MANIFEST.in", "Cargo.toml", "composer.json",
      "deno.json", "tsconfig.json", "go.mod", "pom.xml", "Makefile", "CMakeLists.txt", "meson.build",
    ].contains { path.name.elementsEqual($0.utf8) }
  }

  /// Whether a literal may mean the path: a name alone, or the end of the path.
  private static func fits(_ literal: ArraySlice<UInt8>, _ path: RepositoryPath) -> Bool {
    var rest = literal
    while rest.starts(with: "./".utf8) || rest.starts(with: "../".utf8) {
      rest = rest.drop { $0 != UInt8(ascii: "/") }.dropFirst()
    }
    return !rest.contains(UInt8(ascii: "/")) || path.bytes.elementsEqual(rest)
      || path.bytes.suffix(rest.count + 1).elementsEqual([UInt8(ascii: "/")] + rest)
  }

  /// The text literals of a file that may name another, as they stand between quotes on a line.
  private static func literals(in bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    var found: [ArraySlice<UInt8>] = []
    for line in bytes.split(separator: 10) {
      var start: Int?
      var quote: UInt8 = 0
      for index in line.indices {
        let byte = line[index]
        if let open = start {
          guard byte == quote else { continue }
          let literal = line[open..<index]
          if literal.count > 3, literal.count < 200, literal.contains(UInt8(ascii: ".")) { found.append(literal) }
          start = nil
        } else if byte == 0x22 || byte == 0x27 || byte == 0x60 {
          (start, quote) = (index + 1, byte)
        }
      }
    }
    return found
  }

  // MARK: Modules

  /// The files that a test loads as modules, as far as its lines tell.
  private static func modules(in bytes: [UInt8], of test: RepositoryPath) -> [RepositoryPath] {
    let isPython = test.fileExtension.elementsEqual("py".utf8)
    let isScript = ["js", "mjs", "cjs", "ts", "mts", "tsx", "jsx"].contains {
      test.fileExtension.elementsEqual($0.utf8)
    }
    guard isPython || isScript else { return [] }
    let directory = Array(test.components.dropLast())
    var found: [RepositoryPath] = []
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      let text = String(line).trimmed
      if isPython, text.hasPrefix("import ") || text.hasPrefix("from ") {
        let names =
          text.hasPrefix("from ")
          ? [text.dropFirst(5).prefix { $0 != " " }]
          : text.dropFirst(7).split(separator: ",").map { $0.drop { $0 == " " }.prefix { $0 != " " } }
        for name in names where !name.hasPrefix(".") {
          let parts = name.split(separator: ".").map { Array($0.utf8)[...] }
          for base in [[], directory, [Array("src".utf8)[...]]] { found += path(base + parts, ["py"]) }
        }
      } else if isScript, text.contains("require(") || text.hasPrefix("import") {
        for literal in literals(inScript: text) where literal.hasPrefix(".") {
          var base = directory
          for part in literal.split(separator: "/") {
            if part == ".." { _ = base.popLast() } else if part != "." { base.append(Array(part.utf8)[...]) }
          }
          found += path(base, ["", "js", "mjs", "cjs", "ts"])
        }
      }
    }
    return found
  }

  private static func literals(inScript text: String) -> [Substring] {
    text.split(omittingEmptySubsequences: false) { $0 == "'" || $0 == "\"" }.enumerated().compactMap { place, part in
      place % 2 == 1 ? part : nil
    }
  }

  private static func path(_ parts: [ArraySlice<UInt8>], _ endings: [String]) -> [RepositoryPath] {
    let stem = Array(parts.joined(separator: [UInt8(ascii: "/")]))
    return endings.compactMap { RepositoryPath($0.isEmpty ? stem : stem + Array(".\($0)".utf8)) }
  }

  /// Whether a module is a part of a package of Python, which others may load it from.
  private static func isInPackage(_ path: RepositoryPath, _ all: Set<RepositoryPath>) -> Bool {
    guard path.fileExtension.elementsEqual("py".utf8), path.components.count > 1 else { return false }
    let directory = path.components.dropLast() + [Array("__init__.py".utf8)[...]]
    return RepositoryPath(Array(directory.joined(separator: [UInt8(ascii: "/")]))).map(all.contains) ?? false
  }

  /// Whether a module is there to assert: it does, and its name or its first lines say so.
  private static func asserts(_ path: RepositoryPath, _ read: (RepositoryPath) -> [UInt8]?) -> Bool {
    guard let bytes = read(path), bytes.count <= largest else { return false }
    let text = String(decoding: bytes, as: UTF8.self)
    guard text.has("assert") || text.has("AssertionError") || text.contains("self.assert") else { return false }
    let name = String(decoding: path.name, as: UTF8.self).lowercased()
    let words = ["check", "assert", "expect", "matcher", "harness", "testing"]
    let head = text.split(separator: "\n").prefix(5).joined(separator: "\n")
    return words.contains(where: name.hasPrefix) || head.speaksOfTests
  }

  // MARK: The product

  /// By what other code may mean a file: its name without an ending, and the directory of data.
  private static func words(of path: RepositoryPath) -> [[UInt8]] {
    func longest(_ text: some Collection<UInt8>) -> [UInt8] {
      text.split { !$0.isWordByte }.map { Array($0) }.max { $0.count < $1.count } ?? []
    }
    let stem = longest(path.name.prefix { $0 != UInt8(ascii: ".") })
    guard !SealedPaths.isCode(path), let directory = path.components.dropLast().last else { return [stem] }
    return [stem, longest(directory)]
  }
}

/// Words that are looked for in many files, all at once.
private struct WantedWords {
  private var owners: [ArraySlice<UInt8>: [RepositoryPath]] = [:]
  /// Whether a word begins with the byte and is that long, up to sixty-three: most words need no more than this.
  private var forms = [Bool](repeating: false, count: 256 * 64)

  mutating func add(_ word: [UInt8], for path: RepositoryPath) {
    guard let first = word.first else { return }
    owners[word[...], default: []].append(path)
    forms[Int(first) << 6 | min(word.count, 63)] = true
  }

  /// The files that the text may mean.
  func found(in bytes: [UInt8]) -> Set<RepositoryPath> {
    var found: Set<RepositoryPath> = []
    var start = 0
    for index in 0...bytes.count where index == bytes.count || !bytes[index].isWordByte {
      if index > start, forms[Int(bytes[start]) << 6 | min(index - start, 63)], let paths = owners[bytes[start..<index]]
      {
        found.formUnion(paths)
      }
      start = index + 1
    }
    return found
  }
}
