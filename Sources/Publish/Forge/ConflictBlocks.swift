internal import Base
internal import Secrets
internal import Work

/// The places of a merge that are left to a person, for the summary: the three sides of each, the commits that changed
/// them, and what was proposed and why it was not taken.
///
/// The same places give the same text.
struct ConflictBlocks {
  /// How much of a merge is shown.
  struct Size {
    /// The most items of a list.
    var list: Int
    /// The most places that are shown in full.
    var full: Int
    /// The most lines of a side or a proposal, and the most bytes of them.
    var lines: Int
    var bytes: Int
  }

  /// From much to little; see ``ForgeComposer/fitting(_:_:)``.
  static let sizes = [
    Size(list: 20, full: 6, lines: 40, bytes: 2_400), Size(list: 20, full: 6, lines: 12, bytes: 800),
    Size(list: 20, full: 2, lines: 12, bytes: 800), Size(list: 8, full: 1, lines: 12, bytes: 600),
    Size(list: 3, full: 1, lines: 6, bytes: 400), Size(list: 1, full: 0, lines: 0, bytes: 0),
  ]

  /// Of longer lines the beginning is shown.
  private static let longestLine = 400
  /// The most proposals of one place; models and resolvers often propose the same.
  private static let mostProposals = 4

  private let files: [ConflictedFile]
  private let branch: String
  private let base: String
  private let pages: ForgePages

  /// - Parameters:
  ///   - files: The files in conflict.
  ///   - branch: The branch that receives the merge, whose side is called ours.
  ///   - base: The branch that is merged, whose side is called theirs.
  ///   - pages: The pages of the repository.
  init(_ files: [ConflictedFile], branch: String, base: String, pages: ForgePages) {
    (self.files, self.branch, self.base, self.pages) = (files, branch, base, pages)
  }

  /// What the template of a merge takes of them.
  func slots(_ size: Size) -> [String: OutgoingSlot] {
    let places = files.flatMap { file in file.left.filter(\.hasMore).map { (file, $0) } }
    let shown = places.prefix(size.full)
    return [
      "hasPlaces": .flag(!shown.isEmpty), "explainsSides": .flag(shown.contains { $0.1.hasSides }),
      "branch": .text(.code(branch)), "places": .list(shown.map { place($0, $1, size) }),
      "hasUnshown": .flag(places.count > shown.count), "unshown": .number(places.count - shown.count),
    ]
  }

  private func place(_ file: ConflictedFile, _ hunk: LeftHunk, _ size: Size) -> [String: OutgoingSlot] {
    let proposals = proposals(for: hunk, size)
    return [
      "path": .text(.code(file.path.display)), "isLines": .flag(hunk.startLine > 0),
      "from": .number(hunk.startLine), "to": .number(hunk.endLine), "hasSides": .flag(hunk.hasSides),
      "sides": .text(fence(sides(of: hunk, size))), "hasCommits": .flag(hunk.hasCommits),
      "ofOurs": commits(hunk.commits?.ours), "ofTheirs": commits(hunk.commits?.theirs),
      "proposals": .list(Array(proposals.prefix(Self.mostProposals))),
      "hasMoreProposals": .flag(proposals.count > Self.mostProposals),
      "moreProposals": .number(proposals.count - Self.mostProposals),
    ]
  }

  private func commits(_ notes: [CommitNote]?) -> OutgoingSlot {
    .list(
      (notes ?? []).map { note in
        [
          "commit": .text(.link(.code(note.id.short), to: pages.commit(note.id))),
          "subject": .text(.code(SecretScanner.redacting(note.subject), limit: 120)),
        ]
      })
  }

  // MARK: Lines

  /// The sides as git writes a conflict that shows the base.
  private func sides(of hunk: LeftHunk, _ size: Size) -> [String] {
    func marker(_ sign: Character) -> String { String(repeating: sign, count: 7) }
    var lines = [marker("<") + " " + branch] + Self.shown(hunk.ours ?? [], size)
    if let base = hunk.base { lines += [marker("|") + " before"] + Self.shown(base, size) }
    return lines + [marker("=")] + Self.shown(hunk.theirs ?? [], size) + [marker(">") + " " + base]
  }

  /// Lines without the secrets that they seem to have; of many the first, and one that says how many there are.
  private static func shown(_ lines: [String], _ size: Size) -> [String] {
    var (result, bytes): ([String], Int) = ([], 0)
    for line in lines.prefix(size.lines) {
      let line = cut(SecretScanner.redacting(line))
      bytes += line.utf8.count + 1
      if bytes > size.bytes, !result.isEmpty { break }
      result.append(line)
    }
    if result.count < lines.count { result.append("… \(lines.count - result.count) more lines") }
    return result
  }

  private static func cut(_ line: String) -> String {
    guard line.utf8.count > longestLine else { return line }
    var end = line.utf8.index(line.startIndex, offsetBy: longestLine)
    while end.samePosition(in: line.unicodeScalars) == nil { end = line.utf8.index(before: end) }
    return line[..<end] + " … \(line.utf8.distance(from: end, to: line.endIndex)) more bytes"
  }

  /// The lines were cut to their size before, each side for itself.
  private func fence(_ lines: [String], language: String = "") -> OutgoingText {
    .fence(lines, language: language, most: lines.count, limit: .max)
  }

  // MARK: Proposals

  private func proposals(for hunk: LeftHunk, _ size: Size) -> [[String: OutgoingSlot]] {
    var result = (hunk.answers ?? []).map { answer in
      let kind =
        switch answer.state {
        case .abstained: "isAbstained"
        case .refused: "isRefused"
        case .accepted: "isHeld"
        }
      return proposal(kind, by: answer.model, answer.reason, answer.lines.map(Self.orNothing), size)
    }
    for candidate in hunk.candidates ?? [] {
      let isBefore = candidate.endLine < candidate.startLine
      var slots = proposal(
        isBefore ? "isBefore" : "isCandidate", by: candidate.by, candidate.reason, Self.orNothing(candidate.lines), size
      )
      (slots["from"], slots["to"]) = (.number(candidate.startLine), .number(candidate.endLine))
      result.append(slots)
    }
    if let deletion = hunk.proposal {
      let more = deletion.lostMore > 0 ? ["… \(deletion.lostMore) more lines"] : []
      let lines = deletion.references.map { "\($0.path.display):\($0.line) \($0.text)" } + deletion.lost + more
      result.append(proposal("isDeletion", by: "", deletion.reason, lines, size, language: "diff"))
    }
    return result
  }

  private static func orNothing(_ lines: [String]) -> [String] { lines.isEmpty ? ["(nothing)"] : lines }

  private static let kinds = ["isAbstained", "isRefused", "isHeld", "isBefore", "isCandidate", "isDeletion"]

  private func proposal(
    _ kind: String, by: String, _ reason: String, _ lines: [String]?, _ size: Size, language: String = ""
  ) -> [String: OutgoingSlot] {
    let shown = Self.shown(lines ?? [], size)
    var slots: [String: OutgoingSlot] = [
      "by": .text(.code(by)), "reason": .text(.line(SecretScanner.redacting(reason), under: pages.rules)),
      "hasCode": .flag(!shown.isEmpty), "code": .text(fence(shown, language: language)),
    ]
    for each in Self.kinds { slots[each] = .flag(each == kind) }
    return slots
  }
}

extension LeftHunk {
  /// Whether lines of it are known, and not that it is left alone.
  fileprivate var hasSides: Bool { ours != nil || theirs != nil }
  fileprivate var hasCommits: Bool { commits.map { !$0.ours.isEmpty || !$0.theirs.isEmpty } ?? false }
  /// Whether there is more to show of it than its place and the reason.
  fileprivate var hasMore: Bool {
    hasSides || hasCommits || proposal != nil || !(candidates ?? []).isEmpty || !(answers ?? []).isEmpty
  }
}
