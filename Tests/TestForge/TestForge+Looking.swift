internal import Synchronization

/// What a test looks at.
extension TestForge {
  /// What clients did that they must never do; empty at the end of a good test.
  package var breaches: [Breach] { world.withLock { $0.breaches } }

  /// The calls so far, without those to the control address.
  package var calls: [LoggedCall] { world.withLock { $0.log } }

  /// How often something was written: `comment`, `line comment`, `review`, `reply`, `check`, `status`, ….
  package var writes: [String: Int] { world.withLock { $0.writes } }

  /// Every token that was given out, those of installations among them.
  package var tokens: [String] { world.withLock { Array($0.tokens.keys) } }

  /// The comments of a pull request, on lines and on the whole, oldest first.
  package func comments(on number: Int, in path: String) async throws -> [Comment] {
    try await withWorld { world in
      let pull = try world.knownPull(path, number)
      return world.comments(of: pull.repository, number)
    }
  }

  package func threads(on number: Int, in path: String) async throws -> [ForgeThread] {
    try await withWorld { world in
      let pull = try world.knownPull(path, number)
      return world.threads(of: pull.repository, number)
    }
  }

  package func reviews(on number: Int, in path: String) async throws -> [Review] {
    try await withWorld { world in
      let pull = try world.knownPull(path, number)
      return world.reviews(of: pull.repository, number)
    }
  }

  /// A pull request as it is now.
  package func pullRequest(_ number: Int, in path: String) async throws -> Pull {
    try await withWorld { world in
      world.refresh(try world.known(path))
      return try world.knownPull(path, number)
    }
  }

  /// The checks at a commit, oldest first.
  package func checks(at sha: String) async throws -> [CheckRun] {
    try await withWorld { world in world.checks.values.filter { $0.head == sha }.sorted { $0.id < $1.id } }
  }

  /// The statuses at a commit, oldest first.
  package func statuses(at sha: String) async throws -> [CommitStatus] {
    try await withWorld { world in world.statuses.filter { $0.sha == sha } }
  }

  // MARK: What goes wrong

  /// Makes calls go wrong from now on.
  package func add(_ fault: Fault) { world.withLock { $0.faults.append(fault) } }

  /// Whether calls go wrong.
  package var hasFaults: Bool { world.withLock { !$0.faults.isEmpty } }

  /// Lets all calls go well again; those that are held stay so.
  package func removeFaults() { world.withLock { $0.faults = [] } }

  /// Lets the calls that are held go on; further ones are held as long as the fault is there.
  package func release() { world.withLock { $0.releases += 1 } }

  /// Refuses the next calls by the secondary limit.
  ///
  /// `retryAfter`: Seconds that the answer names; `nil` leaves the header away.
  /// `status`: 403 or 429.
  package func limit(calls: Int, retryAfter: Int?, status: Int = 403) {
    world.withLock { world in
      world.limits.refusals = calls
      world.limits.retryAfter = retryAfter
      world.limits.status = status
    }
  }

  /// Sets how many calls are left until the primary limit, and in how many seconds it begins anew.
  package func limit(left: Int, resetsIn seconds: Int) {
    world.withLock { world in
      world.limits.used = max(0, world.limits.limit - left)
      world.limits.reset = world.now + seconds
    }
  }

  /// Puts the forge's clock ahead of the real one, or behind it; tokens expire by it.
  package func setClock(ahead seconds: Int) { world.withLock { $0.skew = seconds } }
}
