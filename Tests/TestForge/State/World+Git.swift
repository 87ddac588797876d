/// What is read from and kept in the bare repositories.
extension World {
  /// The tips of all branches of a repository.
  func branches(of repository: Repository) -> [String: String] {
    let found = GitRunner.run(
      ["for-each-ref", "--format=%(objectname) %(refname)", "refs/heads/"], in: repository.directory)
    var result: [String: String] = [:]
    for line in found.lines {
      let halves = line.split(separator: " ", maxSplits: 1)
      if halves.count == 2 { result[String(halves[1].dropFirst("refs/heads/".count))] = String(halves[0]) }
    }
    return result
  }

  /// The commit that a name means; `nil` where there is none.
  func commit(_ name: String, in repository: Repository) -> String? {
    guard !name.isEmpty, !name.hasPrefix("-"), !name.utf8.contains(0) else { return nil }
    let found = GitRunner.run(
      ["rev-parse", "--verify", "--quiet", "--end-of-options", name + "^{commit}"], in: repository.directory)
    return found.status == 0 ? found.text : nil
  }

  /// The tip of a branch; `nil` where there is none.
  func tip(of branch: String, in repository: Repository) -> String? {
    commit("refs/heads/\(branch)", in: repository)
  }

  /// Reads the heads of a repository's open pull requests, and keeps them under the forge's own references.
  mutating func refresh(_ repository: Repository) {
    var tips: [Int: [String: String]] = [:]
    for var pull in pulls(of: repository.id) where pull.isOpen {
      guard let source = repositories[pull.headRepository] else { continue }
      let branches = tips[source.id] ?? self.branches(of: source)
      tips[source.id] = branches
      guard let tip = branches[pull.branch], tip != pull.head else { continue }
      keep(tip, of: pull, from: source, in: repository)
      pull.head = tip
      pull.updated = now
      pulls[pull.id] = pull
    }
  }

  /// Writes `refs/pull/N/head`, or GitLab's `refs/merge-requests/N/head`, with the objects of a fork.
  func keep(_ tip: String, of pull: Pull, from source: Repository, in repository: Repository) {
    let reference = "refs/\(kind == .gitlab ? "merge-requests" : "pull")/\(pull.number)/head"
    if source.id == repository.id {
      _ = GitRunner.run(["update-ref", reference, tip], in: repository.directory)
    } else {
      _ = GitRunner.run(
        ["fetch", "--quiet", "--no-tags", source.directory, "+refs/heads/\(pull.branch):\(reference)"],
        in: repository.directory)
    }
  }

  /// Where a pull request's branch left its base; the base's tip where they share nothing.
  func mergeBase(of pull: Pull) -> String? {
    guard let repository = repositories[pull.repository] else { return nil }
    let found = GitRunner.run(["merge-base", "refs/heads/\(pull.base)", pull.head], in: repository.directory)
    return found.status == 0 ? found.text : tip(of: pull.base, in: repository)
  }

  /// The difference of a pull request as text, with the forge's three lines around each change.
  func differenceText(of pull: Pull, head: String? = nil) -> [UInt8] {
    guard let repository = repositories[pull.repository], let base = mergeBase(of: pull) else { return [] }
    return GitRunner.run(
      [
        "diff", "--no-color", "--no-ext-diff", "--no-textconv", "-U3", "-M", "--full-index", base, head ?? pull.head,
        "--",
      ],
      in: repository.directory
    ).output
  }

  func difference(of pull: Pull, head: String? = nil) -> Difference {
    Difference(differenceText(of: pull, head: head))
  }

  /// Whether a pull request can be merged; `nil` where it was not tried since one of both moved.
  ///
  /// Asking starts the trial, so that the next who asks is told.
  mutating func isMergeable(_ pull: Pull) -> Bool? {
    guard let repository = repositories[pull.repository], let base = tip(of: pull.base, in: repository) else {
      return nil
    }
    if let tried = pull.tried, tried.head == pull.head, tried.base == base { return tried.isClean }
    let merged = GitRunner.run(["merge-tree", "--write-tree", base, pull.head], in: repository.directory)
    var pull = pull
    pull.tried = MergeTrial(head: pull.head, base: base, isClean: merged.status == 0, isTold: true)
    pulls[pull.id] = pull
    return options.knowsMergeabilityAtOnce ? merged.status == 0 : nil
  }

  /// The line at a later head that was at a line of an earlier one; `nil` where it was changed.
  func moved(_ line: Int, of path: String, from old: String, to new: String, in repository: Repository) -> Int? {
    if old == new { return line }
    let text = GitRunner.run(
      ["diff", "--no-color", "--no-ext-diff", "-U0", "--full-index", old, new, "--", path], in: repository.directory)
    guard let file = Difference(text.output).files.first else { return line }
    if file.status == "removed" { return nil }
    var shift = 0
    for hunk in file.hunks {
      for entry in hunk.lines {
        if let before = entry.old {
          if before == line { return nil }
          if before < line { shift -= 1 }
        } else if let after = entry.new, after <= line + shift + 1, after - shift <= line {
          shift += 1
        }
      }
    }
    return line + shift
  }

  /// The commits of a pull request, oldest first.
  func commits(of pull: Pull) -> [String] {
    guard let repository = repositories[pull.repository], let base = mergeBase(of: pull) else { return [] }
    return GitRunner.run(["rev-list", "--reverse", "\(base)..\(pull.head)"], in: repository.directory).lines.map(
      String.init)
  }

  /// The parts of a commit: author's name, address and time, committer's, the message, the tree and the parents.
  func commitParts(_ sha: String, in repository: Repository) -> [String] {
    GitRunner.run(
      ["show", "-s", "--no-color", "--format=%an%x00%ae%x00%at%x00%cn%x00%ce%x00%ct%x00%T%x00%P%x00%B", sha],
      in: repository.directory
    ).text.split(separator: "\0", omittingEmptySubsequences: false).map(String.init)
  }
}
