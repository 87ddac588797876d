internal import Base

/// How a line refers to a file of the repository, and what it would be if the file had another name.
enum FileReference {
  /// The line with its reference to a file changed to the file's new path; `nil` where it has none that is certain.
  static func renaming(
    _ from: RepositoryPath, to: RepositoryPath, in line: [UInt8], of path: RepositoryPath
  ) -> [UInt8]? {
    let isImport = ImportWords.isImport(line[...])
    if from.bytes.contains(UInt8(ascii: "/")), Words.find(from.bytes, in: line, from: 0) != nil {
      return Words.replacing(from.bytes, by: to.bytes, in: line)
    }
    if let result = relative(from, to: to, in: line, of: path) { return result }
    guard isImport else { return nil }
    let (stem, newStem) = (FileNames.stem(from.bytes), FileNames.stem(to.bytes))
    if stem.contains(UInt8(ascii: "/")), stem != newStem {
      for separator in ["/", ".", "::", "\\"] {
        let old = FileNames.joined(stem, by: separator)
        if Words.find(old, in: line, from: 0) != nil {
          return Words.replacing(old, by: FileNames.joined(newStem, by: separator), in: line)
        }
      }
    }
    return module(FileNames.stem(Array(from.name)), FileNames.stem(Array(to.name)), from, in: line, of: path)
  }

  // MARK: - A path in quotes

  /// A path in quotes or angle brackets that is meant from the directory of the file it stands in.
  private static func relative(
    _ from: RepositoryPath, to: RepositoryPath, in line: [UInt8], of path: RepositoryPath
  ) -> [UInt8]? {
    for range in quoted(in: line) {
      let text = Array(line[range])
      guard let target = resolved(text, from: Array(path.directory)) else { continue }
      let isWhole = target == from.bytes
      guard isWhole || target == FileNames.stem(from.bytes) && ImportWords.isImport(line[...]) else { continue }
      let new = isWhole ? to.bytes : FileNames.stem(to.bytes)
      var written = relativePath(to: new, from: Array(path.directory))
      if text.starts(with: "./".utf8), !written.starts(with: "../".utf8) { written = Array("./".utf8) + written }
      if written == text { return nil }
      return Array(line[..<range.lowerBound]) + written + line[range.upperBound...]
    }
    return nil
  }

  /// What stands between quotes of the same kind.
  private static func quoted(in line: [UInt8]) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var open: (quote: UInt8, start: Int)?
    for (index, byte) in line.enumerated() {
      if let start = open {
        if byte == start.quote {
          if index > start.start { result.append(start.start..<index) }
          open = nil
        }
      } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") || byte == UInt8(ascii: "`") {
        open = (byte, index + 1)
      }
    }
    return result
  }

  /// A relative path from the root of the repository; `nil` where it leads out of it or is no path.
  static func resolved(_ text: [UInt8], from directory: [UInt8]) -> [UInt8]? {
    guard !text.isEmpty, text.first != UInt8(ascii: "/"), text.count < 1_000, !text.contains(UInt8(ascii: ":"))
    else { return nil }
    var components = directory.split(separator: UInt8(ascii: "/")).map { Array($0) }
    for component in text.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
      switch String(decoding: component, as: UTF8.self) {
      case "": return nil
      case ".": continue
      case "..":
        if components.popLast() == nil { return nil }
      default: components.append(Array(component))
      }
    }
    return Array(components.joined(separator: [UInt8(ascii: "/")]))
  }

  private static func relativePath(to path: [UInt8], from directory: [UInt8]) -> [UInt8] {
    var target = path.split(separator: UInt8(ascii: "/"))[...]
    var place = directory.split(separator: UInt8(ascii: "/"))[...]
    while let first = target.first, target.count > 1, let here = place.first, first.elementsEqual(here) {
      target.removeFirst()
      place.removeFirst()
    }
    let up = place.map { _ in Array("..".utf8) }
    return Array((up + target.map { Array($0) }).joined(separator: [UInt8(ascii: "/")]))
  }

  // MARK: - The name of a module

  /// The name of the file's module on an import line, where what stands before it names the file's directory.
  private static func module(
    _ old: [UInt8], _ new: [UInt8], _ from: RepositoryPath, in line: [UInt8], of path: RepositoryPath
  ) -> [UInt8]? {
    guard old != new, old.count >= 3, let hit = Words.find(old, in: line, from: 0) else { return nil }
    let directory = from.components.dropLast().last.map { Array($0) } ?? []
    let qualifier = qualifier(before: hit, in: line)
    let isBeside = path.directory.elementsEqual(from.directory)
    guard qualifier.isEmpty ? isBeside : qualifier == directory else { return nil }
    return Words.replacing(old, by: new, in: line)
  }

  /// The component before a name, or the module that it is imported from; empty where there is none.
  private static func qualifier(before place: Int, in line: [UInt8]) -> [UInt8] {
    var end = place
    while end > 0, "./:\\".utf8.contains(line[end - 1]) { end -= 1 }
    if end < place {
      let start = line[..<end].lastIndex { !Words.isNameByte($0) }.map { $0 + 1 } ?? 0
      return Array(line[start..<end])
    }
    let words = line[..<place].split { $0 == 0x20 || $0 == 0x09 }
    guard let keyword = words.firstIndex(where: { $0.elementsEqual("from".utf8) }), keyword + 1 < words.count else {
      return []
    }
    return words[keyword + 1].split { !Words.isNameByte($0) }.last.map { Array($0) } ?? []
  }
}
