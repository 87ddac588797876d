internal import FileSystem

/// What of this machine no cell may be shown: files with secrets, and what the server keeps.
package struct HiddenPlaces: Sendable, Hashable {
  /// Files, by their absolute paths: whatever is above one of them shows it.
  package var files: Set<String>
  /// Directories, by their absolute paths: what is in them shows a part of them too.
  package var directories: Set<String>

  /// A path that would show something hidden.
  package struct Exposure: Sendable, Hashable {
    package var path: String
    package var hidden: String

    package init(path: String, hidden: String) {
      self.path = path
      self.hidden = hidden
    }
  }

  package init(files: Set<String>, directories: Set<String>) {
    self.files = files
    self.directories = directories
  }

  /// The first of the paths that would show something hidden, under its own name or where symbolic links lead.
  ///
  /// - Parameters:
  ///   - paths: What cells are to read, as absolute paths.
  ///   - real: Where a path leads.
  /// - Returns: The path and what it would show; `nil` where all may be shown.
  package func exposure(by paths: [String], real: (String) -> String = realPath) -> Exposure? {
    let hidden = files.map { ($0, false) } + directories.map { ($0, true) }
    let places = hidden.sorted { $0.0 < $1.0 }.map { name, isDirectory in
      (name: name, isDirectory: isDirectory, parts: [name, real(name)].map { $0.split(separator: "/") })
    }
    for path in paths {
      let shown = [path, real(path)].map { $0.split(separator: "/") }
      let found = places.first { place in
        shown.contains { shown in
          place.parts.contains { $0.starts(with: shown) || (place.isDirectory && shown.starts(with: $0)) }
        }
      }
      if let found { return Exposure(path: path, hidden: found.name) }
    }
    return nil
  }

  /// The path with all links followed; of what is not there yet, as far as there is something.
  package static func realPath(_ path: String) -> String {
    var (known, rest) = (path[...], "")
    while !known.isEmpty {
      if let real = (try? File.realPath(Array(known.utf8))) ?? nil {
        return String(decoding: real, as: UTF8.self) + rest
      }
      let slash = known.lastIndex(of: "/") ?? known.startIndex
      rest = known[slash...] + rest
      known = known[..<slash]
    }
    return path
  }
}
