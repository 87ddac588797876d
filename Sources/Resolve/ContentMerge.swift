package import Base
package import Git
package import Merging
package import Work

/// Three versions of one file whose changes overlap.
package struct ContentConflict: Sendable {
  package var path: RepositoryPath
  package var base: [UInt8]
  package var ours: [UInt8]
  package var theirs: [UInt8]
  /// Whether a side has the file at another path than the common ancestor.
  package var isMoved: Bool

  package init(
    path: RepositoryPath, base: [UInt8], ours: [UInt8], theirs: [UInt8], isMoved: Bool = false
  ) {
    self.isMoved = isMoved
    self.path = path
    self.base = base
    self.ours = ours
    self.theirs = theirs
  }
}

extension ContentConflict {
  /// A file larger than this is left to a person: 4 MiB.
  package static let largestFile = 4 << 20

  /// What a conflict of two trees asks to be merged.
  package enum Reading: Sendable {
    /// Three files to be merged.
    case content(ContentConflict)
    /// A path that is left as a whole, and why.
    case whole(ConflictedFile)
  }

  /// Reads the three files of a conflict that is one of content, has no symbolic link and is not too large.
  ///
  /// - Throws: ``GitError`` where a file cannot be read.
  package static func read(_ conflict: TreeConflict, in repository: Repository) throws(GitError) -> Reading {
    guard conflict.kind == .content, let base = conflict.ancestor, let ours = conflict.ours,
      let theirs = conflict.theirs
    else { return .whole(ConflictWords.wholeFile(conflict)) }
    if [base, ours, theirs].contains(where: { $0.mode == .symbolicLink }) {
      let reason = "both sides changed where the symbolic link points; choose one"
      return .whole(ConflictedFile(path: conflict.path, kind: .mode, wholeFileLeft: reason))
    }
    return try read(
      at: conflict.path, base: base.blob, ours: ours.blob, theirs: theirs.blob,
      isMoved: ours.path != base.path || theirs.path != base.path, in: repository)
  }

  /// Reads the three versions of a file, which one side may have moved to another path.
  ///
  /// - Throws: ``GitError`` where one cannot be read.
  package static func read(
    at path: RepositoryPath, base: ObjectID, ours: ObjectID, theirs: ObjectID, isMoved: Bool,
    in repository: Repository
  ) throws(GitError) -> Reading {
    for blob in [base, ours, theirs] where try repository.header(of: blob).size > largestFile {
      let reason = "a side has more than \(largestFile >> 20) MiB; merge it with a tool of its own"
      return .whole(ConflictedFile(path: path, kind: .tooLarge, wholeFileLeft: reason))
    }
    return .content(
      ContentConflict(
        path: path, base: try repository.content(of: base, limit: largestFile),
        ours: try repository.content(of: ours, limit: largestFile),
        theirs: try repository.content(of: theirs, limit: largestFile), isMoved: isMoved))
  }
}

/// What the deterministic part makes of one conflicted file.
package struct ContentMerge: Sendable {
  /// What a person is told about the file.
  package var file: ConflictedFile
  /// The merged file, where nothing is left in conflict.
  package var merged: [UInt8]?
  /// The merge by lines with what the resolvers settled; `nil` for a file that is left as a whole.
  package let merge: FileMerge?

  /// Merges the file by lines and asks the resolvers about every conflict that is left.
  ///
  /// Lock files, generated files and binary files are left as they are: text-merging them makes files that no tool
  /// would have written.
  package init(
    _ conflict: ContentConflict, resolvers: [any Resolver] = StandardResolvers.auto,
    proposing: [any Resolver] = StandardResolvers.proposing, regenerator: any Regenerator = NoRegenerator()
  ) {
    let path = conflict.path
    if let generated = GeneratedFile.at(path.bytes, versions: [conflict.ours, conflict.theirs]) {
      self.init(path: path, generated, regenerator)
      return
    }
    if [conflict.base, conflict.ours, conflict.theirs].contains(where: { LineMerge.isBinary($0) }) {
      self.init(
        file: ConflictedFile(path: path, kind: .binary, wholeFileLeft: "git takes the file for binary; choose a side"))
      return
    }
    self.init(
      path: path,
      merge: FileMerge(
        base: conflict.base, ours: conflict.ours, theirs: conflict.theirs, path: path.bytes,
        isMoved: conflict.isMoved, resolvers: resolvers, proposing: proposing))
  }

  private init(file: ConflictedFile) {
    self.file = file
    merge = nil
    merged = nil
  }

  private init(path: RepositoryPath, merge: FileMerge) {
    file = ConflictedFile(
      path: path, kind: .content, conflicts: merge.left.count + merge.resolved.count,
      resolved: merge.resolved.map { Self.resolved($0.conflict, $0.resolution) },
      left: Self.left(merge))
    self.merge = merge
    merged = merge.isClean ? merge.render(ConflictMarkers(ours: nil, base: nil, theirs: nil)) : nil
  }

  private init(path: RepositoryPath, _ generated: GeneratedFile, _ regenerator: any Regenerator) {
    merge = nil
    let kind = ConflictedFile.Kind.generated
    guard let regeneration = Regeneration(of: generated, at: path.bytes) else {
      file = ConflictedFile(path: path, kind: kind, wholeFileLeft: generated.reasonToLeave)
      merged = nil
      return
    }
    switch regenerator.regenerate(regeneration) {
    case .written(let content):
      let hunk = ResolvedHunk(
        by: "regeneration", reason: "'\(regeneration.command)' wrote it anew", startLine: 1, lines: [], maker: .tool)
      file = ConflictedFile(path: path, kind: kind, conflicts: 1, resolved: [hunk])
      merged = content
    case .notRun(let reason):
      file = ConflictedFile(path: path, kind: kind, wholeFileLeft: "\(generated.reasonToLeave); \(reason)")
      file.left[0].regenerate = RegenerationNeeded(
        command: regeneration.command, directory: DisplayText.escaping(regeneration.directory),
        inputs: regeneration.inputs, notRun: reason)
      merged = nil
    }
  }

  private static func resolved(_ conflict: Conflict, _ resolution: Resolution) -> ResolvedHunk {
    ResolvedHunk(
      by: resolution.resolver, reason: resolution.reason, startLine: conflict.position.ours.start + 1,
      lines: DisplayLines.of(resolution.lines),
      dropped: resolution.dropped.map { dropped in
        DroppedLineNote(
          side: dropped.side == .ours ? .ours : .theirs, line: DisplayText.line(dropped.line[...]),
          reason: dropped.reason)
      }, maker: resolution.isQuoted ? .reused : .resolver)
  }

  /// What is left, each with what resolvers propose for it; what is meant for more than one stands at the first.
  private static func left(_ merge: FileMerge) -> [LeftHunk] {
    var proposals = merge.proposals
    return merge.left.map { conflict in
      var hunk = left(conflict, refused: merge.rejection(for: conflict))
      let meant = proposals.filter { overlap($0.conflict.position, conflict.position) }
      proposals.removeAll { meant.contains($0) }
      var candidates: [CandidateLines] = []
      for proposal in meant {
        let candidate = candidate(proposal)
        if !candidates.contains(candidate) { candidates.append(candidate) }
      }
      if !candidates.isEmpty { hunk.candidates = candidates }
      return hunk
    }
  }

  private static func candidate(_ proposal: FileMerge.Proposal) -> CandidateLines {
    let ours = proposal.conflict.position.ours
    return CandidateLines(
      by: proposal.resolution.resolver, reason: proposal.resolution.reason, startLine: ours.start + 1,
      endLine: ours.end, lines: DisplayLines.of(proposal.resolution.lines))
  }

  private static func overlap(_ a: Conflict.Position, _ b: Conflict.Position) -> Bool {
    func touch(_ a: LineSpan, _ b: LineSpan) -> Bool { a.start <= b.end && b.start <= a.end }
    return touch(a.ours, b.ours) && touch(a.theirs, b.theirs)
  }

  private static func left(_ conflict: Conflict, refused: FileMerge.Rejection?) -> LeftHunk {
    let ours = conflict.position.ours
    let reason =
      refused.map { "the proposal of '\($0.resolution.resolver)' did not pass the gate: \($0.reason.sentence)" }
      ?? "both sides changed these lines and no resolver is sure what is meant"
    var hunk = LeftHunk(
      startLine: ours.start + 1, endLine: max(ours.start + 1, ours.end), reason: reason,
      base: DisplayLines.of(conflict.base), ours: DisplayLines.of(conflict.ours),
      theirs: DisplayLines.of(conflict.theirs))
    hunk.theirStartLine = conflict.position.theirs.start + 1
    return hunk
  }
}

extension ConflictedFile {
  /// A path that is left as a whole.
  package init(path: RepositoryPath, kind: Kind, wholeFileLeft reason: String) {
    self.init(
      path: path, kind: kind, conflicts: 1,
      left: [LeftHunk(startLine: 0, endLine: 0, reason: reason, base: nil, ours: nil, theirs: nil)])
  }
}

/// Lines of a file as text that is safe to show.
package enum DisplayLines {
  /// The lines without their `\n`; what a terminal would obey is escaped.
  package static func of(_ bytes: [UInt8]) -> [String] {
    var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if lines.last?.isEmpty ?? false { lines.removeLast() }
    return lines.map { DisplayText.line($0) }
  }
}
