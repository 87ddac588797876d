/// Where a file says which version it has itself, or the package that it belongs to.
///
/// The fix that such a version stands for is in the merge, whichever of two versions is taken; that of a dependency is
/// in one of them.
enum OwnVersion {
  /// How far up and down the rest of a file is looked at.
  private static let reach = 400

  /// Whether both sides have such a version in a line of a conflict that they have at the same place.
  static func isThere(_ conflict: Conflict, line: Int, in context: ResolverContext) -> Bool {
    isThere(context.sources.ours, line: conflict.position.ours.start + line, path: context.path)
      && isThere(context.sources.theirs, line: conflict.position.theirs.start + line, path: context.path)
  }

  private static func isThere(_ source: SourceText, line: Int, path: [UInt8]) -> Bool {
    let table = source.table
    guard line < table.count else { return false }
    let text = table[line]
    let key = text.drop { !isNameByte($0) }.prefix(while: isNameByte)
    let isPlain = text.first.map(isNameByte) ?? false
    let name = path.split(separator: UInt8(ascii: "/")).last ?? []
    func isNamed(_ names: String...) -> Bool { names.contains { name.elementsEqual($0.utf8) } }
    if isNamed("package.json", "composer.json", "bower.json") {
      return key.hasSuffix("version") && key.count == 7 && isTopLevel(line, in: table)
    }
    if isNamed("Cargo.toml", "pyproject.toml", "setup.cfg") {
      return isPlain && key.hasSuffix("version") && key.count == 7 && isInPackageTable(line, in: table)
    }
    if isNamed("__init__.py", "__about__.py", "__version__.py", "_version.py", "version.py") {
      return isPlain && key.hasSuffix("__version__") && key.count == 11
    }
    if isNamed("gradle.properties") { return isPlain && key.hasSuffix("version") && key.count == 7 }
    if isNamed("pubspec.yaml", "Chart.yaml") {
      let hasName = around(line, table).contains { table[$0].hasPrefix("name:") }
      return isPlain && text.hasPrefix("version:") && hasName
    }
    return name.hasSuffix(".gemspec") && isGemVersion(text)
  }

  private static func around(_ line: Int, _ table: LineTable) -> Range<Int> {
    max(0, line - reach)..<min(table.count, line + reach)
  }

  /// Whether a line of JSON stands in the outermost object, which has a name.
  private static func isTopLevel(_ line: Int, in table: LineTable) -> Bool {
    let depth = table[line].prefix(while: isBlankByte).count
    guard depth > 0 else { return false }
    var hasName = false
    for index in around(line, table) {
      let text = table[index].drop(while: isBlankByte)
      let own = table[index].count - text.count
      if text.hasPrefix("\"name\":"), own == depth { hasName = true }
      // Anything further out than the line is the end of its object, or the start of the outermost.
      guard own < depth, !text.isEmpty, text.first != 0x0A else { continue }
      if index < line {
        guard text.first == UInt8(ascii: "{"), own == 0 else { return false }
        hasName = false
      } else {
        return hasName && own == 0
      }
    }
    return hasName
  }

  /// Whether the table of a line in TOML, or its section, is the one of the package.
  private static func isInPackageTable(_ line: Int, in table: LineTable) -> Bool {
    let heading = (max(0, line - reach)..<line).reversed().first { table[$0].first == UInt8(ascii: "[") }
    guard let heading else { return false }
    let title = table[heading].dropFirst().prefix { $0 != UInt8(ascii: "]") }
    return ["package", "workspace.package", "project", "tool.poetry", "metadata"].contains {
      title.elementsEqual($0.utf8)
    }
  }

  /// Whether a line of a gem's description gives its version: `version = "1"` or `s.version = "1"`.
  private static func isGemVersion(_ text: ArraySlice<UInt8>) -> Bool {
    let left = text.prefix { $0 != UInt8(ascii: "=") }.trimmingEnd.drop(while: isBlankByte)
    let parts = left.split(separator: UInt8(ascii: "."))
    return text.contains(UInt8(ascii: "=")) && parts.count <= 2
      && parts.last.map { $0.elementsEqual("version".utf8) } ?? false && parts.allSatisfy { $0.allSatisfy(isNameByte) }
  }
}
