internal import Base
internal import Git
internal import Merging
internal import Work

/// Looks in the merged tree whether what a model said of lines that it left out is so.
struct ClaimProof {
  let repository: Repository
  /// The merged tree, and those that the merge is made of.
  let merged: ObjectID
  let ours: ObjectID
  let theirs: ObjectID
  let base: ObjectID?

  /// What was found.
  enum Finding: Sendable, Hashable {
    case isSo
    /// It is not so; why, as a phrase.
    case isNot(String)
    /// Nobody can tell.
    case unknown
  }

  /// Whether a claim about a line is so.
  func check(_ claim: AnswerWords.Claim, of line: StakeLine) throws(GitError) -> Finding {
    switch claim {
    case .word: .unknown
    case .moved(let path, let number): try moved(line.line, to: path, number)
    case .gone(let name): try gone(name, line)
    }
  }

  private func moved(_ line: [UInt8], to path: RepositoryPath, _ number: Int) throws(GitError) -> Finding {
    let name = "\(path.display):\(number)"
    guard let text = try content(path, in: merged) else { return .isNot("there is no text at \(path.display)") }
    let ink = Self.ink(line[...])
    let lines = MarkedFile.lines(text).map { Self.ink($0) }
    // Whoever counts lines by eye is a few off.
    let near = lines.enumerated().contains { index, line in abs(index + 1 - number) <= 3 && line == ink }
    guard near else { return .isNot("the line does not stand at \(name)") }
    guard let base else { return .unknown }
    let before = try content(path, in: base).map { MarkedFile.lines($0).count { Self.ink($0) == ink } } ?? 0
    return lines.count { $0 == ink } > before ? .isSo : .isNot("the line stood at \(name) before already")
  }

  private static func ink(_ line: ArraySlice<UInt8>) -> [UInt8] {
    line.filter { ![0x20, 0x09, 0x0D, 0x0A, 0x0B, 0x0C].contains($0) }
  }

  /// A name is gone where the ancestor's tree has it outside of prose, the side that does not have the line took it away
  /// everywhere, and the merged tree has it nowhere.
  private func gone(_ name: String, _ line: StakeLine) throws(GitError) -> Finding {
    let bytes = Array(name.utf8)
    guard bytes.count >= 3, Words.find(bytes, in: line.line, from: 0) != nil else {
      return .isNot("the line does not use the name '\(DisplayText.line(bytes[...]))'")
    }
    guard let base else { return .unknown }
    let shown = "'\(DisplayText.line(bytes[...]))'"
    guard try place(of: bytes, in: base).place != nil else {
      return .isNot("\(shown) is not in the common ancestor, so nobody can have taken it away")
    }
    for tree in [line.side == .ours ? theirs : ours, merged] {
      let found = try place(of: bytes, in: tree)
      if let place = found.place {
        return .isNot("\(shown) still stands in \(place.path.display):\(place.line)")
      }
      if !found.isComplete { return .unknown }
    }
    return .isSo
  }

  private func place(
    of name: [UInt8], in tree: ObjectID
  ) throws(GitError) -> (place: CodePlace?, isComplete: Bool) {
    var files: [(path: RepositoryPath, blob: ObjectID)] = []
    try repository.walk(tree) { entry throws(GitError) in
      if entry.mode == .regular || entry.mode == .executable || entry.mode == .groupWritable {
        files.append((entry.path, entry.id))
      }
      return true
    }
    let found = try TreeSearch.run(files, [[TreeSearch.Needle(text: name, scope: .code)]], in: repository)[0]
    return (found.places.first, found.isComplete)
  }

  private func content(_ path: RepositoryPath, in tree: ObjectID) throws(GitError) -> [UInt8]? {
    guard let entry = try repository.entry(at: path, in: tree),
      entry.mode == .regular || entry.mode == .executable || entry.mode == .groupWritable,
      try repository.header(of: entry.id).size <= ContentConflict.largestFile
    else { return nil }
    return try repository.content(of: entry.id, limit: ContentConflict.largestFile)
  }
}
