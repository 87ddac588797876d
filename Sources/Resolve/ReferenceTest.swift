internal import Base

/// Tells lines that refer to one file by its path or as a module from lines that only have a word of its name.
struct ReferenceTest: Hashable {
  private let path: RepositoryPath
  /// The components of the path under which it is asked for, without the ending of the name.
  private let stem: [[UInt8]]
  /// How many components at the end are the name that is looked for.
  private let nameCount: Int
  private let isDirectory: Bool
  /// Whether another file has the same name, so that the name alone says nothing.
  private let hasTwin: Bool

  /// Tests for a file by its own name.
  init(_ path: RepositoryPath, hasTwin: Bool) {
    self.path = path
    let name = Self.split(FileNames.stem(Array(path.name)), at: ".")
    stem = Self.split(Array(path.directory), at: "/") + name
    nameCount = name.count
    isDirectory = false
    self.hasTwin = hasTwin
  }

  /// Tests for a file that is meant where its directory is named; `nil` for any other.
  init?(directoryOf path: RepositoryPath) {
    let name = String(decoding: FileNames.stem(Array(path.name)), as: UTF8.self)
    let language = Languages.name(path.fileExtension)
    guard !path.directory.isEmpty,
      language == "go" || language == "javascript" && name == "index" || language == "python" && name == "__init__"
        || language == "rs" && name == "mod"
    else { return nil }
    self.path = path
    stem = Self.split(Array(path.directory), at: "/")
    nameCount = 1
    isDirectory = true
    hasTwin = false
  }

  /// A word that each line has that refers to the file.
  var word: [UInt8]? { stem.last }

  /// Whether a line of a file refers to it.
  func holds(on line: ArraySlice<UInt8>, of user: RepositoryPath) -> Bool {
    let isImport = ImportWords.isImport(line) || Self.isGoImport(line, of: user)
    let isPython = Languages.name(user.fileExtension) == "python"
    /// Of `from X import y` the X, once the `import` has been passed.
    var module: [UInt8] = []
    var before: ArraySlice<UInt8> = []
    var hasPassedImport = false
    var at = line.startIndex
    while at < line.endIndex {
      guard Self.isPathByte(line[at]) else {
        at += 1
        continue
      }
      let end = line[at...].firstIndex { !Self.isPathByte($0) } ?? line.endIndex
      defer { at = end }
      // What is longer is no path.
      guard end - at <= 400 else { continue }
      let text = line[at..<end]
      if isPython, before.elementsEqual("from".utf8) { module = Array(text) }
      if isPython, text.elementsEqual("import".utf8) { hasPassedImport = true }
      before = text
      let isQuoted = at > line.startIndex && "\"'`<".utf8.contains(line[at - 1])
      var written = Array(text)
      if hasPassedImport, !module.isEmpty, !text.elementsEqual("import".utf8) {
        written = module + (module.last == UInt8(ascii: ".") ? [] : [UInt8(ascii: ".")]) + written
      }
      if isPath(written, isImport: isImport, of: user) { return true }
      if isImport, isModule(written, isQuoted: isQuoted, of: user) { return true }
    }
    return false
  }

  // MARK: - A path

  /// Whether a text is the file's path, from the root or from where it is written.
  private func isPath(_ text: [UInt8], isImport: Bool, of user: RepositoryPath) -> Bool {
    if isDirectory { return false }
    if let colon = text.firstIndex(of: UInt8(ascii: ":")) {
      // "package.module:function" names an entry point.
      let module = Self.split(Array(text[..<colon]), at: ".")
      if module == stem, Languages.name(path.fileExtension) == "python" { return true }
    }
    let place = Array(text.prefix { $0 != UInt8(ascii: ":") })
    let hasSlash = place.contains(UInt8(ascii: "/"))
    // A word without an ending may be anything.
    guard hasSlash || isImport || path.name.contains(UInt8(ascii: ".")) else { return false }
    if FileReference.resolved(place, from: Array(user.directory)) == path.bytes { return true }
    return (hasSlash || !hasTwin) && FileReference.resolved(place, from: []) == path.bytes
  }

  // MARK: - A module

  /// Whether a text on an import line names the file as languages name modules.
  private func isModule(_ text: [UInt8], isQuoted: Bool, of user: RepositoryPath) -> Bool {
    let isDots = isQuoted && [".", ".."].contains { text.elementsEqual($0.utf8) }
    if isDots || text.starts(with: "./".utf8) || text.starts(with: "../".utf8) {
      return isRelativePath(text, of: user)
    }
    if text.first == UInt8(ascii: "."), Languages.name(user.fileExtension) == "python" {
      return isRelativeModule(text, of: user)
    }
    let hasSlash = text.contains(UInt8(ascii: "/"))
    // What has no path there is a package from elsewhere, or a name that is imported.
    if Languages.name(user.fileExtension) == "javascript", !isQuoted || !hasSlash { return false }
    let components = Self.components(of: text)
    let name = stem.suffix(nameCount)
    guard components.count >= nameCount else { return false }
    for start in 0...(components.count - nameCount) where components[start..<(start + nameCount)] == name {
      let rest = components[(start + nameCount)...]
      let isWhole = rest.count == 1 && rest.first.map { Self.lowercased($0) } == path.fileExtension
      // Members of a module follow it; after a path comes at most an ending.
      guard rest.isEmpty || isWhole || !isQuoted && !hasSlash else { continue }
      guard isWhole || Languages.areAlike(path.fileExtension, user.fileExtension) else { continue }
      if isAt(components[..<start], text, of: user) { return true }
    }
    return false
  }

  /// Whether what stands before the name leads to the file's directory, as far as either is known.
  private func isAt(_ qualifier: ArraySlice<[UInt8]>, _ text: [UInt8], of user: RepositoryPath) -> Bool {
    let directory = stem.dropLast(nameCount)
    if qualifier.isEmpty { return !hasTwin || user.directory.elementsEqual(path.directory) }
    // A package at the root of a Go module is imported by the module's name, which begins with a host.
    if directory.isEmpty { return isDirectory && text.contains(UInt8(ascii: ".")) }
    let count = min(qualifier.count, directory.count)
    return qualifier.suffix(count) == directory.suffix(count)
  }

  /// Whether `./x` or `../x` leads to the file from where it is written.
  private func isRelativePath(_ text: [UInt8], of user: RepositoryPath) -> Bool {
    guard Languages.areAlike(path.fileExtension, user.fileExtension),
      let target = FileReference.resolved(text, from: Array(user.directory))
    else { return false }
    if isDirectory { return target.elementsEqual(path.directory) }
    if target == FileNames.stem(path.bytes) { return true }
    // Modules of TypeScript are imported under the name that they get in JavaScript.
    guard let end = RepositoryPath(target), Languages.name(path.fileExtension) == "javascript" else { return false }
    return Languages.areAlike(end.fileExtension, path.fileExtension)
      && FileNames.stem(target) == FileNames.stem(path.bytes)
  }

  /// Whether a module of Python that begins with dots leads to the file from where it is written.
  private func isRelativeModule(_ text: [UInt8], of user: RepositoryPath) -> Bool {
    let up = text.prefix { $0 == UInt8(ascii: ".") }.count - 1
    let place = Self.split(Array(user.directory), at: "/")
    guard up <= place.count else { return false }
    return (place.dropLast(up) + Self.split(text, at: ".")).starts(with: stem)
  }

  // MARK: - Words

  private static func isPathByte(_ byte: UInt8) -> Bool {
    Words.isNameByte(byte) || "-./\\:@~+".utf8.contains(byte)
  }

  /// The components of the name of a module, without what only says where to begin.
  private static func components(of text: [UInt8]) -> [[UInt8]] {
    var components = text.split { "./\\:".utf8.contains($0) }.map { part in
      Array(part.drop { $0 == UInt8(ascii: "@") || $0 == UInt8(ascii: "~") })
    }
    // 'package:name/path' of Dart begins in 'lib'.
    if text.starts(with: "package:".utf8) { components.removeFirst(min(2, components.count)) }
    while let first = components.first,
      ["", "crate", "self", "super"].contains(String(decoding: first, as: UTF8.self))
    {
      components.removeFirst()
    }
    return components
  }

  /// Whether a line stands in a list of imports of Go: a path in quotes, perhaps after a name.
  private static func isGoImport(_ line: ArraySlice<UInt8>, of user: RepositoryPath) -> Bool {
    guard line.count <= 400, user.fileExtension.elementsEqual("go".utf8) else { return false }
    let quote = UInt8(ascii: "\"")
    let text = line.drop { $0 == 0x20 || $0 == 0x09 }.split(separator: quote, omittingEmptySubsequences: false)
    guard text.count == 3 else { return false }
    return text[0].allSatisfy { Words.isNameByte($0) || $0 == 0x20 || $0 == 0x09 || $0 == UInt8(ascii: ".") }
      && (text[2].allSatisfy { $0 == 0x20 || $0 == 0x0D } || text[2].contains(UInt8(ascii: "/")))
  }

  private static func split(_ text: [UInt8], at separator: Unicode.Scalar) -> [[UInt8]] {
    text.split(separator: UInt8(ascii: separator)).map { Array($0) }
  }

  private static func lowercased(_ text: [UInt8]) -> [UInt8] {
    text.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
  }
}

/// Which endings of names belong to one language, or to languages that import each other's files.
enum Languages {
  private static let groups: [String: [String]] = [
    "javascript": ["js", "jsx", "ts", "tsx", "mjs", "cjs", "mts", "cts", "vue", "svelte"],
    "c": ["c", "h", "cc", "cpp", "cxx", "hpp", "hh", "hxx", "m", "mm"],
    "python": ["py", "pyi", "pyx"],
    "java": ["java", "kt", "kts", "scala", "groovy"],
    "css": ["css", "scss", "sass", "less"],
    "shell": ["sh", "bash", "zsh"],
    "ruby": ["rb", "rake"],
  ]
  private static let byEnding = Dictionary(
    uniqueKeysWithValues: groups.flatMap { name, endings in endings.map { ($0, name) } })

  /// The group of an ending; the ending itself where it is in none.
  static func name(_ ending: [UInt8]) -> String {
    let ending = String(decoding: ending, as: UTF8.self)
    return byEnding[ending] ?? ending
  }

  static func areAlike(_ one: [UInt8], _ other: [UInt8]) -> Bool { one == other || name(one) == name(other) }
}
