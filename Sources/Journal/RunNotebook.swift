package import Work

/// The steps of one run as its journal has them.
package actor RunNotebook: StepKeeping {
  private let run: RunID
  private let claim: Claim
  private let journal: any JournalStore
  private var steps: [String: CanonicalJSON]?
  /// Steps that are just being kept, and who waits for that.
  private var writing: Set<String> = []
  private var waiting: [CheckedContinuation<Void, Never>] = []

  /// - Parameters:
  ///   - run: The run, which is open.
  ///   - claim: The right to write to it.
  ///   - journal: Where it is.
  package init(of run: RunID, under claim: Claim, in journal: any JournalStore) {
    self.run = run
    self.claim = claim
    self.journal = journal
  }

  package func recall<Value: Codable & Sendable>(
    _ step: String, as type: Value.Type
  ) async throws -> Value? {
    guard let payload = try await known()[step] else { return nil }
    return try payload.require(Step<Value>.self, in: "step '\(step)' of run \(run)").detail
  }

  package func record<Value: Codable & Sendable>(_ step: String, _ value: Value) async throws {
    _ = try await known()
    // Of several at once the first is the one that is kept.
    while writing.contains(step) { await withCheckedContinuation { waiting.append($0) } }
    guard steps?[step] == nil else { return }
    writing.insert(step)
    defer {
      writing.remove(step)
      for waiter in waiting { waiter.resume() }
      waiting = []
    }
    let note = try RunNote.step(step, value)
    try await journal.append(note, to: run, under: claim)
    steps?[step] = note.payload
  }

  package func names() async throws -> [String] {
    Array(try await known().keys)
  }

  /// One line for a person, kept with the run.
  ///
  /// - Throws: ``JournalError``.
  package func note(_ line: String) async throws {
    try await journal.append(.note(line), to: run, under: claim)
  }

  private func known() async throws(JournalError) -> [String: CanonicalJSON] {
    if let steps { return steps }
    var found: [String: CanonicalJSON] = [:]
    for event in try await journal.events(of: run) where event.kind == .step {
      guard let name = event.payload.decode(StepName.self)?.name, found[name] == nil else { continue }
      found[name] = event.payload
    }
    // Another call may have been quicker while this one waited.
    if let steps { return steps }
    steps = found
    return found
  }

  private struct StepName: Decodable {
    var name: String
  }

  private struct Step<Detail: Decodable>: Decodable {
    var detail: Detail
  }
}
