/// What people do on the forge, as far as a test plays them.
extension TestForge {
  /// Opens a pull request.
  ///
  /// `fork`: The path of the repository that holds the branch, where it is another one.
  package func openPullRequest(
    in path: String, from branch: String, into base: String? = nil, fork: String? = nil, by author: String,
    title: String = "A change", body: String = "", isDraft: Bool = false, labels: [String] = [],
    allowsMaintainers: Bool = true
  ) async throws -> Pull {
    try await withWorldAndHooks { world in
      let repository = try world.known(path)
      let source = try fork.map { try world.known($0) } ?? repository
      let author = try world.knownAccount(author)
      guard let tip = world.tip(of: branch, in: source) else {
        throw ForgeFailure("there is no branch \(branch) in \(source.path)")
      }
      return world.makePull(
        in: repository, from: source, branch: branch, base: base ?? repository.defaultBranch, tip: tip,
        author: author.id, title: title, body: body, isDraft: isDraft, labels: labels,
        allowsMaintainers: allowsMaintainers)
    }
  }

  /// Tells the forge that branches were pushed, which it would know had the push gone through it; sends the hooks.
  package func pushed(_ path: String, _ branch: String, from before: String, by login: String) async throws {
    try await withWorld { world in
      let repository = try world.known(path)
      let account = try world.knownAccount(login)
      world.branchMoved(branch, in: repository, from: before, by: account.id)
    }
    deliverIfWanted()
  }

  /// Writes a comment on a pull request as a whole.
  package func comment(on number: Int, in path: String, by login: String, _ body: String) async throws -> Comment {
    try await withWorldAndHooks { world in
      let pull = try world.knownPull(path, number)
      let account = try world.knownAccount(login)
      let thread = world.kind == .gitlab ? world.addThread(to: pull, isResolvable: false).id : nil
      return world.addComment(body, to: pull, by: account.id, thread: thread)
    }
  }

  /// Writes a comment on a line, as a thread of its own.
  package func comment(
    on number: Int, in path: String, by login: String, _ body: String, file: String, line: Int, side: String = "RIGHT"
  ) async throws -> Comment {
    try await withWorldAndHooks { world in
      let account = try world.knownAccount(login)
      world.refresh(try world.known(path))
      let pull = try world.knownPull(path, number)
      var anchor = Anchor(path: file, oldPath: file, commit: pull.head)
      (anchor.side, anchor.line) = (side, line)
      let review = world.addReview("", state: "COMMENTED", to: pull, commit: pull.head, by: account.id)
      let comment = world.addLineComment(body, at: anchor, to: pull, review: review.id, by: account.id)
      world.happened(.lineCommented(comment), by: account.id)
      world.happened(.reviewed(review), by: account.id)
      return comment
    }
  }

  /// Answers a comment in its thread.
  package func reply(to comment: Int, by login: String, _ body: String) async throws -> Comment {
    try await withWorldAndHooks { world in
      let account = try world.knownAccount(login)
      guard let parent = world.comments[comment], let repository = world.repositories[parent.repository] else {
        throw ForgeFailure("there is no comment \(comment)")
      }
      let pull = try world.knownPull(repository.path, parent.number)
      if let reply = world.addReply(body, to: parent, of: pull, by: account.id) { return reply }
      return world.addComment(body, to: pull, by: account.id, thread: parent.thread)
    }
  }

  /// Marks a thread as settled, or as open again.
  package func settle(_ thread: Int, by login: String, _ isResolved: Bool = true) async throws {
    try await withWorld { world in
      try world.settle(thread, isResolved, by: try world.knownAccount(login).id)
    }
    deliverIfWanted()
  }

  /// Removes a comment, as somebody would who was annoyed by it.
  package func removeComment(_ id: Int) async throws {
    try await withWorld { $0.comments[id] = nil }
  }

  /// Closes a pull request, merged or not.
  package func close(_ number: Int, in path: String, by login: String, merged: Bool = false) async throws {
    try await change(number, in: path, by: login) { pull in
      (pull.isOpen, pull.isMerged) = (false, merged)
      return .closed(pull)
    }
  }

  /// Opens a pull request again.
  package func reopen(_ number: Int, in path: String, by login: String) async throws {
    try await change(number, in: path, by: login) { pull in
      pull.isOpen = true
      return .reopened(pull)
    }
  }

  /// Makes a pull request a draft, or ready.
  package func draft(_ number: Int, in path: String, by login: String, _ isDraft: Bool) async throws {
    try await change(number, in: path, by: login) { pull in
      pull.isDraft = isDraft
      return isDraft ? .drafted(pull) : .ready(pull)
    }
  }

  /// Adds a label, or takes one away.
  package func label(_ number: Int, in path: String, by login: String, _ label: String, isOn: Bool = true) async throws
  {
    try await change(number, in: path, by: login) { pull in
      pull.labels.removeAll { $0 == label }
      if isOn { pull.labels.append(label) }
      return isOn ? .labelled(pull, label) : .unlabelled(pull, label)
    }
  }

  /// Gives a pull request another base.
  package func retarget(_ number: Int, in path: String, by login: String, to base: String) async throws {
    try await change(number, in: path, by: login) { pull in
      let old = pull.base
      pull.base = base
      return .retargeted(pull, from: old)
    }
  }

  private func change(
    _ number: Int, in path: String, by login: String, _ body: @escaping @Sendable (inout Pull) -> Happening
  ) async throws {
    try await withWorld { world in
      let account = try world.knownAccount(login)
      world.refresh(try world.known(path))
      var pull = try world.knownPull(path, number)
      let happening = body(&pull)
      pull.updated = world.now
      world.pulls[pull.id] = pull
      world.happened(happening, by: account.id)
    }
    deliverIfWanted()
  }

  /// Reports a check of somebody else: on GitHub a check run of the app, elsewhere a status.
  package func report(
    check name: String, at sha: String, in path: String, app: App? = nil, by login: String, state: String,
    title: String = "", summary: String = ""
  ) async throws {
    try await withWorld { world in
      let repository = try world.known(path)
      let account = try world.knownAccount(login)
      guard let app else {
        _ = world.addStatus(state, name, title, "", sha, in: repository, by: account.id)
        return
      }
      var check = CheckRun(
        id: world.nextID(), repository: repository.id, name: name, head: sha, app: app.id, externalID: "",
        status: "completed", conclusion: state, started: world.now)
      (check.title, check.summary, check.completed) = (title, summary, world.now)
      world.checks[check.id] = check
      world.happened(.check(check, action: "completed"), by: account.id)
    }
    deliverIfWanted()
  }

  /// Somebody asks for a check to run again.
  package func rerequest(_ check: Int, by login: String) async throws {
    try await withWorld { world in
      let account = try world.knownAccount(login)
      guard let found = world.checks[check] else { throw ForgeFailure("there is no check \(check)") }
      world.happened(.check(found, action: "rerequested"), by: account.id)
    }
    deliverIfWanted()
  }

  func deliverIfWanted() {
    if options.sendsHooks { deliverWaiting() }
  }

  /// Does something with the state, and sends what hooks are told of it.
  private func withWorldAndHooks<T: Sendable>(_ body: @escaping @Sendable (inout World) throws -> T) async throws -> T {
    let result = try await withWorld(body)
    deliverIfWanted()
    return result
  }
}

extension World {
  /// What follows from a branch that moved: pull requests with it have another head.
  mutating func branchMoved(_ branch: String, in repository: Repository, from before: String, by author: Int) {
    let after = tip(of: branch, in: repository) ?? String(repeating: "0", count: 40)
    let touched = pulls.values.filter { $0.isOpen && $0.headRepository == repository.id && $0.branch == branch }
    for id in Set(touched.map(\.repository)) { repositories[id].map { refresh($0) } }
    happened(.pushed(repository, ref: "refs/heads/" + branch, before: before, after: after), by: author)
    for pull in touched.sorted(by: { $0.number < $1.number }) {
      if let fresh = pulls[pull.id] { happened(.synchronized(fresh, before: before, after: after), by: author) }
    }
  }

  mutating func settle(_ id: Int, _ isResolved: Bool, by author: Int) throws {
    guard var thread = threads[id] else { throw ForgeFailure("there is no thread \(id)") }
    (thread.isResolved, thread.resolvedBy) = (isResolved, isResolved ? author : nil)
    threads[id] = thread
    wrote(isResolved ? "resolve" : "unresolve")
    happened(isResolved ? .threadResolved(thread) : .threadUnresolved(thread), by: author)
  }
}
