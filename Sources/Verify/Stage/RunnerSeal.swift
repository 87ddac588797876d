/// The files that run the tests, by what was in them at one moment, as a cell sees them.
///
/// Taken after `setup`, and again after the test commands: what differs was changed by what the tests ran, or by the tree
/// that was tested.
package struct RunnerSeal: Sendable, Hashable, Codable {
  /// The SHA-256 of each file's content in hexadecimal digits, by its path in the cell: absolute, with symbolic links
  /// followed to the content but not in the path, and quoted as git quotes where it is not plain text.
  package var files: [String: String]
  /// What the first word of each command is found to be, by the word; the empty text where nothing is found.
  package var programs: [String: String]

  package init(files: [String: String] = [:], programs: [String: String] = [:]) {
    self.files = files
    self.programs = programs
  }

  /// What is otherwise in a later seal, sorted by path; nothing where both say the same.
  package func changes(in later: RunnerSeal) -> [RunnerChange] {
    var changes: [RunnerChange] = []
    for (path, digest) in files where later.files[path] != digest {
      changes.append(later.files[path] == nil ? .removed(path) : .changed(path))
    }
    for path in later.files.keys where files[path] == nil { changes.append(.added(path)) }
    for (word, place) in programs where later.programs[word] != place {
      changes.append(.found(word: word, before: place, now: later.programs[word] ?? ""))
    }
    return changes.sorted { $0.subject == $1.subject ? $0.description < $1.description : $0.subject < $1.subject }
  }
}

/// One way in which what runs the tests is not what it was.
package enum RunnerChange: Sendable, Hashable, CustomStringConvertible {
  case changed(String)
  case removed(String)
  /// A file stands where runners are, and was not there before.
  case added(String)
  /// The first word of a command leads to another program.
  case found(word: String, before: String, now: String)

  /// The path or the word.
  package var subject: String {
    switch self {
    case .changed(let path), .removed(let path), .added(let path): path
    case .found(let word, _, _): word
    }
  }

  package var description: String {
    func place(_ path: String) -> String { path.isEmpty ? "nothing" : "'\(path)'" }
    return switch self {
    case .changed(let path): "'\(path)' is not what it was after setup"
    case .removed(let path): "'\(path)' is gone since setup"
    case .added(let path): "'\(path)' was not there after setup"
    case .found(let word, let before, let now): "'\(word)' was \(place(before)) after setup and is \(place(now)) now"
    }
  }
}
