internal import Base
internal import FileSystem
internal import Glibc
package import Work

/// Where the memory of the repository is that this process runs in, found without libgit2.
package enum MemoryPlace {
  /// The state directory of the repository that git started this process for, or that the working directory lies in.
  ///
  /// Git names its directory in `GIT_DIR` where it is not the usual one; otherwise it is `.git` here or above. A linked
  /// work tree has the memory of the main one. Where `arborist init` recorded another state directory, it is that one.
  ///
  /// - Returns: `nil` where there is no repository, or none that can be read.
  package static func current() -> StateDirectory? {
    if let named = getenv("GIT_DIR"), named.pointee != 0 {
      let bytes = UnsafeRawBufferPointer(start: named, count: strlen(named)).map { $0 }
      return (try? File.realPath(bytes)).flatMap { $0 }.flatMap(state(gitDirectory:))
    }
    guard let here = (try? File.realPath([UInt8(ascii: ".")])).flatMap({ $0 }) else { return nil }
    return above(here)
  }

  /// The state directory of the repository whose work tree a directory lies in, or that it is itself.
  package static func above(_ directory: [UInt8]) -> StateDirectory? {
    var place = directory
    while true {
      let candidate = (place == [UInt8(ascii: "/")] ? [] : place) + Array("/.git".utf8)
      if let found = gitDirectory(at: candidate) { return state(gitDirectory: found) }
      if isGitDirectory(place) { return state(gitDirectory: place) }
      guard place.count > 1, let slash = place.lastIndex(of: UInt8(ascii: "/")) else { return nil }
      place = slash == 0 ? [UInt8(ascii: "/")] : Array(place[..<slash])
    }
  }

  /// `.git` itself, or the directory that the file `.git` names (gitrepository-layout(5)).
  private static func gitDirectory(at path: [UInt8]) -> [UInt8]? {
    guard let status = (try? FileStatus(path)).flatMap({ $0 }) else { return nil }
    if status.kind == .directory { return isGitDirectory(path) ? path : nil }
    guard status.kind == .file, let line = firstLine(of: path), line.starts(with: "gitdir: ".utf8) else { return nil }
    let parent = Array(path.dropLast(".git".utf8.count))
    return resolved(Array(line.dropFirst("gitdir: ".utf8.count)), from: parent)
  }

  private static func isGitDirectory(_ path: [UInt8]) -> Bool {
    ["/HEAD", "/objects"].allSatisfy { (try? FileStatus(path + Array($0.utf8))).flatMap { $0 } != nil }
  }

  /// The state directory of a git directory.
  private static func state(gitDirectory: [UInt8]) -> StateDirectory? {
    var common = gitDirectory
    if let line = firstLine(of: gitDirectory + Array("/commondir".utf8)), !line.isEmpty {
      guard let found = resolved(line, from: gitDirectory + [UInt8(ascii: "/")]) else { return nil }
      common = found
    }
    guard let own = StateDirectory(inGitDirectory: common) else { return nil }
    return recorded(in: own) ?? own
  }

  /// What the record of `arborist init` names, a line `state PATH`.
  private static func recorded(in own: StateDirectory) -> StateDirectory? {
    guard let content = try? File.read(own.installed, limit: 1 << 16) else { return nil }
    let key = Array("state ".utf8)
    for line in content.split(separator: UInt8(ascii: "\n")) where line.starts(with: key) {
      return QuotedPath.decode(Array(line.dropFirst(key.count))).flatMap { StateDirectory($0) }
    }
    return nil
  }

  private static func firstLine(of path: [UInt8]) -> [UInt8]? {
    guard let content = try? File.read(path, limit: 1 << 16) else { return nil }
    return content.split(separator: UInt8(ascii: "\n")).first.map { Array($0) }
  }

  private static func resolved(_ path: [UInt8], from directory: [UInt8]) -> [UInt8]? {
    let full = path.first == UInt8(ascii: "/") ? path : directory + path
    return (try? File.realPath(full)).flatMap { $0 }
  }
}
