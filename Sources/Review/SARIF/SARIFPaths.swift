internal import Base
internal import ByteText
internal import JSON

/// Makes paths inside the repository of a run's artifact locations (3.4 of the standard).
struct SARIFPaths {
  private let artifacts: [JSONValue]
  private let bases: [String: JSONValue]
  private let root: [ArraySlice<UInt8>]

  init(_ run: JSONValue, root: [UInt8]) {
    artifacts = run["artifacts"]?.array ?? []
    bases = run["originalUriBaseIds"]?.object ?? [:]
    self.root = root.split(separator: UInt8(ascii: "/"))
  }

  /// The path that a location names; `nil` where it names nothing inside the repository.
  func path(of location: JSONValue) -> RepositoryPath? {
    var location = location
    if location["uri"] == nil, let index = location["index"]?.integer, artifacts.indices.contains(index) {
      location = artifacts[index]["location"] ?? .null
    }
    guard let uri = location["uri"]?.string else { return nil }
    if let path = absolute(uri) { return inside(path) }
    guard let relative = decoded(uri) else { return nil }
    if let base = location["uriBaseId"]?.string, let directory = directory(of: base, depth: 0),
      let path = inside(directory.path + relative, isAbsolute: directory.isAbsolute)
    {
      return path
    }
    // A base that is not known, or that is a place on another machine, stands for the root of the repository.
    return inside(relative, isAbsolute: false)
  }

  private struct Directory {
    var path: [ArraySlice<UInt8>]
    var isAbsolute: Bool
  }

  /// What a base id stands for; one may be relative to another.
  private func directory(of id: String, depth: Int) -> Directory? {
    guard depth < 10, let base = bases[id], let uri = base["uri"]?.string else { return nil }
    if let path = absolute(uri) { return Directory(path: path, isAbsolute: true) }
    guard let relative = decoded(uri) else { return nil }
    guard let next = base["uriBaseId"]?.string else { return Directory(path: relative, isAbsolute: false) }
    guard let parent = directory(of: next, depth: depth + 1) else {
      return Directory(path: relative, isAbsolute: false)
    }
    return Directory(path: parent.path + relative, isAbsolute: parent.isAbsolute)
  }

  /// The components of `file:///a/b`, `file://host/a/b` or `/a/b`; `nil` for a relative reference.
  private func absolute(_ uri: String) -> [ArraySlice<UInt8>]? {
    let bytes = Array(uri.utf8)
    if bytes.hasPrefix("/") { return decoded(uri) }
    guard bytes.prefix(5).lowercased().hasPrefix("file:") else { return nil }
    var rest = bytes[5...]
    if rest.hasPrefix("//") {
      rest = rest.dropFirst(2)
      rest = rest.drop { $0 != UInt8(ascii: "/") }
    }
    return decoded(String(decoding: rest, as: UTF8.self))
  }

  /// The components of a reference without its percent signs, query and fragment.
  private func decoded(_ uri: String) -> [ArraySlice<UInt8>]? {
    var bytes = Array(uri.utf8.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") })
    // Another scheme names no file of ours; a colon later is a part of a name.
    if bytes.firstIndex(of: Array("://".utf8)) != nil { return nil }
    // Tools on Windows write what no URI may hold.
    if bytes.contains(UInt8(ascii: "\\")) { bytes = bytes.map { $0 == UInt8(ascii: "\\") ? UInt8(ascii: "/") : $0 } }
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
        let byte = Hexadecimal.decode(bytes[(index + 1)...(index + 2)])
      {
        result += byte
        index += 3
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    return result.split(separator: UInt8(ascii: "/"))
  }

  private func inside(_ absolute: [ArraySlice<UInt8>]) -> RepositoryPath? { inside(absolute, isAbsolute: true) }

  private func inside(_ components: [ArraySlice<UInt8>], isAbsolute: Bool) -> RepositoryPath? {
    var path: [ArraySlice<UInt8>] = []
    for component in components where !component.elementsEqual(".".utf8) {
      if component.elementsEqual("..".utf8) {
        guard path.popLast() != nil else { return nil }
      } else {
        path.append(component)
      }
    }
    if isAbsolute {
      guard !root.isEmpty, path.count > root.count, zip(path, root).allSatisfy({ $0.elementsEqual($1) }) else {
        return nil
      }
      path.removeFirst(root.count)
    }
    return RepositoryPath(Array(path.joined(separator: [UInt8(ascii: "/")])))
  }
}
