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
  /// The three versions of the files in conflict.
  let texts: [RepositoryPath: ContentConflict]
  /// Every answer that may be used: one line in the merged tree cannot be several that were moved.
  let answers: [JudgedAnswer]

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
    case .moved(let path, let number): try moved(line, to: path, number)
    case .gone(let name): try gone(name, line)
    }
  }

  private func moved(_ line: StakeLine, to path: RepositoryPath, _ number: Int) throws(GitError) -> Finding {
    let name = "\(path.display):\(number)"
    guard let text = try content(path, in: merged) else { return .isNot("there is no text at \(path.display)") }
    let ink = Self.ink(line.line[...])
    let lines = MarkedFile.lines(text).map { Self.ink($0) }
    // Whoever counts lines by eye is a few off.
    let near = lines.enumerated().contains { index, line in abs(index + 1 - number) <= 3 && line == ink }
    guard near else { return .isNot("the line does not stand at \(name)") }
    guard let base else { return .unknown }
    let now = lines.count { $0 == ink }
    guard now > Self.count(ink, in: try content(path, in: base) ?? []) else {
      return .isNot("the line stood at \(name) before already")
    }
    // What a side has elsewhere in the file is that line, and not the one that was moved there.
    let moved = answers.filter { answer in
      answer.dropped.contains { Self.isMoved($0, ink, to: path) }
    }
    for side in [DroppedLine.Side.ours, .theirs] {
      let all: [UInt8]?
      if let text = texts[path] {
        all = side == .ours ? text.ours : text.theirs
      } else {
        all = try content(path, in: side == .ours ? ours : theirs)
      }
      var elsewhere = Self.count(ink, in: all ?? [])
      var arrived = side == line.side ? 0 : 1
      for answer in moved {
        if answer.question.path == path, case .lines(_, let conflict) = answer.question.kind {
          elsewhere -= Self.count(ink, in: side == .ours ? conflict.ours : conflict.theirs)
        }
        guard side == line.side else { continue }
        let dropped = Set(answer.dropped.filter { $0.line.side == side && Self.isMoved($0, ink, to: path) }.map(\.line))
        arrived += dropped.reduce(0) { $0 + $1.count }
      }
      if now < elsewhere + arrived { return .unknown }
    }
    return .isSo
  }

  private static func isMoved(_ dropped: JudgedAnswer.Dropped, _ ink: [UInt8], to path: RepositoryPath) -> Bool {
    guard case .moved(path, _) = dropped.claim else { return false }
    return Self.ink(dropped.line.line[...]) == ink
  }

  private static func count(_ ink: [UInt8], in text: [UInt8]) -> Int {
    MarkedFile.lines(text).count { Self.ink($0) == ink }
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
