internal import Glibc
internal import JSON

/// Repositories, branches, commits and files.
extension World {
  func getRepository(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    .json(200, repositoryJSON(try repository(parameters), caller: caller.account))
  }

  /// Whether a branch is protected, by a name or a pattern.
  func isProtected(_ branch: String, in repository: Repository) -> Bool {
    repository.protected.contains { fnmatch($0, branch, FNM_PATHNAME) == 0 }
  }

  private func branchJSON(_ name: String, _ sha: String, _ repository: Repository) -> JSONValue {
    ["name": .string(name), "commit": ["sha": .string(sha)], "protected": .bool(isProtected(name, in: repository))]
  }

  func listBranches(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let repository = try repository(parameters)
    var all = branches(of: repository).sorted { $0.key < $1.key }
    if let wanted = call.query["protected"] {
      all = all.filter { isProtected($0.key, in: repository) == (wanted == "true") }
    }
    return page(all.map { branchJSON($0.key, $0.value, repository) }, call, in: repository)
  }

  func getBranch(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let repository = try repository(parameters)
    let name = parameters["branch"] ?? ""
    guard let sha = tip(of: name, in: repository) else { throw Refusal(404, "Branch not found") }
    return .json(200, branchJSON(name, sha, repository))
  }

  /// The rules over a branch, whether it is there or not; classic protection is none of them.
  func branchRules(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let repository = try repository(parameters)
    let branch = parameters["branch"] ?? ""
    let rules: [JSONValue] = repository.rules.filter { fnmatch($0.pattern, branch, FNM_PATHNAME) == 0 }.map {
      [
        "type": .string($0.type), "ruleset_source_type": "Repository", "ruleset_source": .string(repository.path),
        "ruleset_id": 1,
      ]
    }
    return page(rules, call, in: repository)
  }

  func gitReference(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let repository = try repository(parameters)
    let name = "refs/" + (parameters["ref"] ?? "")
    let found = GitRunner.run(["rev-parse", "--verify", "--quiet", "--end-of-options", name], in: repository.directory)
    guard found.status == 0 else { throw Refusal(404, "Not Found") }
    return .json(200, ["ref": .string(name), "object": ["type": "commit", "sha": .string(found.text)]])
  }

  func getCommit(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let repository = try repository(parameters)
    let name = parameters["ref"] ?? ""
    guard let sha = commit(name, in: repository) else { throw Refusal(422, "No commit found for SHA: \(name)") }
    return .json(200, commitJSON(sha, in: repository))
  }

  /// The open pull requests with a commit; those of forks are not told, as it is with checks.
  mutating func pullsOfCommit(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let repository = try repository(parameters)
    refresh(repository)
    let sha = parameters["commit_sha"] ?? ""
    let found = pulls(of: repository.id).filter { $0.headRepository == repository.id && commits(of: $0).contains(sha) }
    return page(found.map(pullJSON), call, in: repository)
  }

  func compare(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let repository = try repository(parameters)
    let sides = (parameters["basehead"] ?? "").components(separatedBy: "...")
    guard sides.count == 2, let base = commit(sides[0], in: repository), let head = commit(sides[1], in: repository)
    else { throw Refusal(404, "Not Found") }
    let shared = GitRunner.run(["merge-base", base, head], in: repository.directory).text
    let text = GitRunner.run(
      ["diff", "--no-color", "--no-ext-diff", "-U3", "-M", shared, head, "--"], in: repository.directory)
    let commits = GitRunner.run(["rev-list", "--reverse", "\(base)..\(head)"], in: repository.directory).lines
    let files = Self.number(call, "page", or: 1) == 1 ? Difference(text.output).files.map(fileJSON) : []
    return .json(
      200,
      [
        "status": base == head ? "identical" : shared == base ? "ahead" : shared == head ? "behind" : "diverged",
        "merge_base_commit": ["sha": .string(shared)], "total_commits": .number(commits.count),
        "ahead_by": .number(commits.count), "commits": .array(commits.map { commitJSON(String($0), in: repository) }),
        "files": .array(files),
      ])
  }

  func fileJSON(_ file: Difference.File) -> JSONValue {
    let base: JSONValue = [
      "filename": .string(file.newPath), "status": .string(file.status), "additions": .number(file.additions),
      "deletions": .number(file.deletions), "changes": .number(file.additions + file.deletions), "sha": .null,
    ]
    let named = file.status == "renamed" ? base.adding(["previous_filename": .string(file.oldPath)]) : base
    return file.isBinary || file.hunks.isEmpty ? named : named.adding(["patch": .string(file.patch)])
  }

  func contents(_ call: Call, _ caller: Caller, _ parameters: Parameters) throws -> Reply {
    let repository = try repository(parameters)
    let path = parameters["path"] ?? ""
    guard let sha = commit(call.query["ref"] ?? "refs/heads/\(repository.defaultBranch)", in: repository) else {
      throw Refusal(404, "No commit found for the ref \(call.query["ref"] ?? "")")
    }
    let found = GitRunner.run(["cat-file", "blob", "\(sha):\(path)"], in: repository.directory)
    guard found.status == 0 else { throw Refusal(404, "Not Found") }
    if call.headers["accept"]?.contains("raw") == true {
      return .text(200, found.output, type: "application/vnd.github.raw")
    }
    let isLarge = found.output.count > 1 << 20
    return .json(
      200,
      [
        "type": "file", "name": .string(path.split(separator: "/").last.map(String.init) ?? path),
        "path": .string(path),
        "size": .number(found.output.count), "encoding": isLarge ? "none" : "base64",
        "content": .string(isLarge ? "" : Base64.encoded(found.output)),
        "sha": .string(GitRunner.run(["rev-parse", "\(sha):\(path)"], in: repository.directory).text),
      ])
  }
}

extension String {
  /// The parts between a separator.
  func components(separatedBy separator: String) -> [String] {
    var parts: [String] = []
    var rest = self[...]
    while let range = rest.firstRange(of: separator) {
      parts.append(String(rest[..<range.lowerBound]))
      rest = rest[range.upperBound...]
    }
    return parts + [String(rest)]
  }
}
