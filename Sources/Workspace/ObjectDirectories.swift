internal import Base
package import FileSystem

/// The directories that a repository reads its objects from: its own, then those of the repositories it borrows from.
///
/// A repository made with `git clone --shared` or `--reference` names others in `objects/info/alternates`
/// (gitrepository-layout(5)), and those may name more.
package struct ObjectDirectories: Sendable, Hashable {
  /// One of them.
  package struct Entry: Sendable, Hashable {
    /// The path with every symbolic link followed.
    package let path: [UInt8]
    /// Whether a file in it names others.
    package let namesOthers: Bool
  }

  /// The repository's own comes first, and each comes once.
  package let entries: [Entry]

  /// As many levels as git follows.
  private static let deepest = 5

  /// Follows every `info/alternates` from a repository's own directory on; what is not there is left out, as git does.
  ///
  /// - Throws: ``FileError`` where a directory or such a file cannot be looked at.
  package init(from own: [UInt8]) throws(FileError) {
    var entries: [Entry] = []
    var seen: Set<[UInt8]> = []
    var level = [own]
    for depth in 0...Self.deepest where !level.isEmpty {
      var next: [[UInt8]] = []
      for named in level {
        guard let path = try File.realPath(named), seen.insert(path).inserted else { continue }
        let file = path + Array("/info/alternates".utf8)
        let kind = try FileStatus(noFollow: file)?.kind
        entries.append(Entry(path: path, namesOthers: kind == .file))
        guard kind != nil, depth < Self.deepest, try FileStatus(file) != nil else { continue }
        next += Self.paths(in: try File.read(file, limit: 1 << 20), relativeTo: path)
      }
      level = next
    }
    self.entries = entries
  }

  /// The paths that a file `alternates` names: one a line, from `#` on a comment, in quotes where it has odd bytes.
  static func paths(in content: [UInt8], relativeTo directory: [UInt8]) -> [[UInt8]] {
    content.split(separator: UInt8(ascii: "\n")).compactMap { line in
      guard line.first != UInt8(ascii: "#") else { return nil }
      let path = unquoted(line) ?? Array(line)
      return path.first == UInt8(ascii: "/") ? path : directory + [UInt8(ascii: "/")] + path
    }
  }

  /// What a line in C's quotes stands for, as git writes such a line; `nil` where it is not in quotes.
  private static func unquoted(_ line: ArraySlice<UInt8>) -> [UInt8]? {
    guard line.count >= 2, line.first == UInt8(ascii: "\""), line.last == UInt8(ascii: "\"") else { return nil }
    var rest = line.dropFirst().dropLast()
    var path: [UInt8] = []
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\") else {
        path.append(byte)
        continue
      }
      guard let escaped = rest.popFirst() else { return nil }
      switch escaped {
      case UInt8(ascii: "0")...UInt8(ascii: "3"):
        let digits = [escaped] + rest.prefix(2)
        let text = String(decoding: digits, as: UTF8.self)
        guard digits.count == 3, let value = UInt8(text, radix: 8) else { return nil }
        path.append(value)
        rest = rest.dropFirst(2)
      case UInt8(ascii: "\\"), UInt8(ascii: "\""): path.append(escaped)
      default:
        guard let place = Array("abtnvfr".utf8).firstIndex(of: escaped) else { return nil }
        path.append([7, 8, 9, 10, 11, 12, 13][place])
      }
    }
    return path
  }
}

extension ObjectDirectories {
  /// Lets every user read a repository's own objects, as far as whatever lies above the directory lets them.
  ///
  /// - Throws: ``FileError`` where a mode cannot be set.
  static func letAllRead(_ directory: [UInt8]) throws(FileError) {
    guard let status = try FileStatus(noFollow: directory) else { return }
    switch status.kind {
    case .directory:
      try File.setMode(directory, status.mode & 0o7777 | 0o555)
      for name in try Directory.names(directory) { try letAllRead(directory + [UInt8(ascii: "/")] + name) }
    case .file: try File.setMode(directory, status.mode & 0o7777 | 0o444)
    default: break
    }
  }
}
