internal import Base

/// Finds the lines that commands stand for: the recipes and scripts of the targets that they name.
enum CommandRecipes {
  /// How often a recipe may lead to another.
  private static let depth = 3

  /// The lines behind the targets of make and just, and the scripts of npm and its like, composer and tox.
  static func lines(
    of commands: [String], paths: Set<RepositoryPath>, read: (RepositoryPath) -> [UInt8]?
  ) -> [String] {
    var found: [String] = []
    var texts = commands
    for _ in 0..<depth where !texts.isEmpty {
      let new = texts.flatMap { recipes(of: $0, paths: paths, read: read) }.filter { !found.contains($0) }
      found += new
      texts = new
    }
    return found
  }

  private static func recipes(
    of command: String, paths: Set<RepositoryPath>, read: (RepositoryPath) -> [UInt8]?
  ) -> [String] {
    command.split { ";&|()\n\"".contains($0) }.flatMap { part -> [String] in
      let words = part.split(whereSeparator: \.isWhitespace).drop { $0.contains("=") || $0 == "env" || $0 == "@" }
      guard let first = words.first, let name = first.split(separator: "/").last else { return [] }
      let rest = words.dropFirst().map(String.init)
      func file(_ names: String...) -> (path: RepositoryPath, bytes: [UInt8])? {
        let directory = zip(rest, rest.dropFirst()).first { ["-C", "--prefix", "--dir"].contains($0.0) }?.1
        for name in names {
          guard let path = RepositoryPath(Array((directory.map { "\($0)/\(name)" } ?? name).utf8)),
            paths.contains(path), let bytes = read(path)
          else { continue }
          return (path, bytes)
        }
        return nil
      }
      switch name.drop(while: { $0 == "@" || $0 == "-" || $0 == "+" }) {
      case "make", "gmake", "$(MAKE)", "$MAKE", "${MAKE}":
        guard let (path, bytes) = file("GNUmakefile", "makefile", "Makefile") else { return [] }
        return MakeRegions.recipes(of: SourceView(bytes, path: path), targets: targets(rest))
      case "just":
        guard let (path, bytes) = file("justfile", ".justfile", "Justfile") else { return [] }
        return MakeRegions.recipes(of: SourceView(bytes, path: path), targets: targets(rest))
      case "npm", "pnpm", "yarn", "bun", "composer":
        guard let (_, bytes) = file(name == "composer" ? "composer.json" : "package.json") else { return [] }
        let named = rest.first { !["run", "run-script", "exec"].contains($0) && !$0.hasPrefix("-") }
        return named.map { scripts($0 == "t" ? "test" : $0, of: bytes) } ?? []
      case "tox": return file("tox.ini").map { lines(of: $0.bytes) } ?? []
      case "nox": return file("noxfile.py").map { lines(of: $0.bytes) } ?? []
      default: return []
      }
    }
  }

  private static func lines(of bytes: [UInt8]) -> [String] {
    String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  private static func targets(_ words: [String]) -> [String] {
    words.filter { !$0.hasPrefix("-") && !$0.contains("=") && !$0.contains("/") }
  }

  /// A script of a manifest by its name, with those that run before and behind it.
  private static func scripts(_ name: String, of bytes: [UInt8]) -> [String] {
    func value(_ entry: ManifestKeys.Entry, in bytes: [UInt8]) -> [UInt8] {
      let rest = bytes[entry.range].dropFirst(entry.key.utf8.count + 2)
      return Array(rest.drop { $0 != UInt8(ascii: ":") }.dropFirst())
    }
    guard let entry = ManifestKeys.entries(of: bytes)?.first(where: { $0.key == "scripts" }) else { return [] }
    let scripts = value(entry, in: bytes)
    return (ManifestKeys.entries(of: scripts) ?? []).filter { [name, "pre\(name)", "post\(name)"].contains($0.key) }
      .map { String(decoding: value($0, in: scripts), as: UTF8.self).filter { $0 != "\"" } }
  }
}
