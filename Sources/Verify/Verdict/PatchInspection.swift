package import Base
internal import Git
internal import Merging

/// Looks at a patch, without running it, for what acts on the tests and not on what they test.
package enum PatchInspection {
  /// What is suspicious in a patch to a tree whose tests can be read.
  ///
  /// - Parameters:
  ///   - split: The patch in its two parts.
  ///   - seals: What was sealed when the patch was begun.
  ///   - read: The bytes of a file of the tree that the run began with; asked for test files, and only where what they
  ///     speak of matters.
  /// - Returns: In the order of paths and lines.
  package static func look(
    at split: PatchSplit, seals: Seals, read: (RepositoryPath) -> [UInt8]?
  ) -> [PatchSuspicion] {
    var texts: [String]?
    return look(at: split, seals: seals) { word in
      let known =
        texts ?? seals.testPaths.prefix(mostTests).compactMap(read).map { String(decoding: $0, as: UTF8.self) }
      texts = known
      return known.contains { $0.has(word) }
    }
  }

  /// The most test files that are read.
  private static let mostTests = 5000

  /// What is suspicious in a patch.
  ///
  /// - Parameters:
  ///   - split: The patch in its two parts.
  ///   - seals: What was sealed when the patch was begun.
  ///   - isInTests: Whether a word, such as the name of a variable of the environment, stands in a test file of the tree
  ///     that the run began with: what the tests speak of is what the product is to do.
  /// - Returns: In the order of paths and lines.
  package static func look(
    at split: PatchSplit, seals: Seals, isInTests: (String) -> Bool = { _ in false }
  ) -> [PatchSuspicion] {
    var found: [PatchSuspicion] = []
    let unsealed = Set(split.unsealed.map(\.path))
    for file in split.whole { found += PathRules.look(at: file, isSealed: !unsealed.contains(file.path)) }
    let moved = movedLines(split.whole)
    let loaders = LoadedText.loaders(in: split.unsealed)
    for file in split.unsealed where isText(file) {
      let inspected = InspectedFile(file, moved: movedLines([file]), loadedBy: loaders[file.path])
      guard !inspected.isProse else { continue }
      var signs = StatusRules.look(at: inspected, isInTests: isInTests)
      signs += SniffRules.look(at: inspected, isInTests: isInTests)
      signs += SurroundingsRules.look(at: inspected, isInTests: isInTests)
      signs += FrameworkRules.look(at: inspected)
      signs += BorrowedNames.look(at: inspected, isInTests: isInTests)
      signs += EqualityRules.look(at: inspected)
      signs += RunnerRules.look(at: inspected, seals: seals, isInTests: isInTests)
      // What comes from another file may not have been run there, or not by the tests.
      found += signs.compactMap { sign in
        guard sign.line > 0, moved.contains(inspected.new.lines[sign.line - 1].trimmed) else { return sign }
        var sign = sign
        if sign.strength == .strong { sign.strength = .wantsPerson }
        return sign.strength == .weak ? nil : sign
      }
    }
    var seen: Set<PatchSuspicion> = []
    return found.filter { seen.insert($0).inserted }.sorted { ($0.path, $0.line) < ($1.path, $1.line) }
  }

  /// Lines that the patch takes from one place, so that they are not new in another.
  private static func movedLines(_ files: [PatchedFile]) -> Set<String> {
    var gone: Set<String> = []
    for file in files where isText(file) {
      guard let old = file.old else { continue }
      let table = LineTable(old.content)
      for change in LineDiff.changes(from: old.content, to: file.new?.content ?? []) {
        for line in change.old.start..<change.old.end {
          let text = String(decoding: table[line], as: UTF8.self).trimmed
          if text.count > 1 { gone.insert(text) }
        }
      }
    }
    return gone
  }

  private static func isText(_ file: PatchedFile) -> Bool {
    [file.old, file.new].allSatisfy { side in
      side.map { $0.mode != .symbolicLink && $0.mode != .submodule && !LineMerge.isBinary($0.content) } ?? true
    }
  }
}
