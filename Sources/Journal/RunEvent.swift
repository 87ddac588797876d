package import Base
package import Work

/// One thing that happened in a run, as the journal keeps it; a run's events are only ever appended.
package struct RunEvent: Sendable, Hashable {
  /// The run it belongs to.
  package var run: RunID
  /// Its place in the run, counted from one.
  package var sequence: Int
  package var time: Timestamp
  package var kind: Kind
  /// What the kind calls for, as JSON; see ``Kind``.
  package var payload: CanonicalJSON
  /// The hash of the event before it; for the first one, ``Chain/origin(of:job:)``.
  package var previous: Digest
  /// The hash over all of the above; see ``Chain``.
  package var hash: Digest

  /// What happened; the raw values are stored and hashed, so they never change.
  package enum Kind: String, Sendable, Hashable, CaseIterable {
    /// The run began; ``RunStarted``. Always the first event and only the first.
    case started
    /// A worker took the run up again after another had gone; ``RunNote``.
    case resumed
    /// A workspace was made; ``RunNote``.
    case workspace
    /// Something was executed, and this came of it; ``RunNote``.
    case step
    /// Something worth knowing; ``RunNote``.
    case note
    /// A model was given a task: all that the requests to come are made from.
    case agentStarted = "agent-started"
    /// A request is about to be sent to a model: its hash, and what was reserved for it.
    case modelRequest = "model-request"
    /// A model answered, and this is what it cost.
    case modelAnswer = "model-answer"
    /// A request to a model came to nothing, and this is done about it.
    case modelFailure = "model-failure"
    /// A model's server was asked what the model can do, and this was found out.
    case modelProbe = "model-probe"
    /// A tool that may change something is about to be called.
    case toolIntended = "tool-intended"
    /// A tool was called, and this came of it.
    case toolDone = "tool-done"
    /// The harness said something to the model.
    case notice
    /// The conversation was shortened.
    case compaction
    /// The model's work is over, in this way.
    case agentEnded = "agent-ended"
    /// What came of the run was decided, and what is to be published; ``Decision``.
    case outcome
    /// An effect is about to be carried out; ``EffectIntended``.
    case effectIntended = "effect-intended"
    /// An effect was carried out; ``EffectDone``.
    case effectDone = "effect-done"
    /// An effect was refused, and something else takes its place and that of all behind it; ``EffectRefused``.
    case effectRefused = "effect-refused"
    /// The run is over; ``RunFinished``. Always the last event.
    case finished
  }

  package init(
    run: RunID, sequence: Int, time: Timestamp, kind: Kind, payload: CanonicalJSON, previous: Digest, hash: Digest
  ) {
    self.run = run
    self.sequence = sequence
    self.time = time
    self.kind = kind
    self.payload = payload
    self.previous = previous
    self.hash = hash
  }

  /// What holds the event, for an error.
  var place: String { "event \(sequence) of run \(run)" }
}

/// What a ``RunEvent/Kind/started`` event holds.
package struct RunStarted: Sendable, Hashable, Codable {
  package var job: Job
  package var worker: WorkerID
  /// Which try at the job this is, counted from one.
  package var attempt: Int
  /// Where the ledger ended when the run began; it ties the ledger down from outside of it.
  package var ledger: LedgerHead

  package init(job: Job, worker: WorkerID, attempt: Int, ledger: LedgerHead) {
    self.job = job
    self.worker = worker
    self.attempt = attempt
    self.ledger = ledger
  }
}

/// Something that a worker notes of its own accord, between the events that carry a run's state.
package struct RunNote: Sendable, Hashable {
  package let kind: RunEvent.Kind
  package let payload: CanonicalJSON

  /// The run was taken up again: which try this is, and whose.
  package static func resumed(attempt: Int, by worker: WorkerID) throws(JournalError) -> RunNote {
    try RunNote(kind: .resumed, name: "resumed", detail: Resumed(attempt: attempt, worker: worker))
  }

  /// A workspace was made; `detail` describes it.
  package static func workspace(_ detail: some Encodable & Sendable) throws(JournalError) -> RunNote {
    try RunNote(kind: .workspace, name: "workspace", detail: detail)
  }

  /// The step of this name was executed; `detail` says what came of it.
  package static func step(_ name: String, _ detail: some Encodable & Sendable) throws(JournalError) -> RunNote {
    try RunNote(kind: .step, name: name, detail: detail)
  }

  /// Something that happened between a model, its tools and the harness; the kind says what the detail is.
  package static func agent(
    _ kind: RunEvent.Kind, _ detail: some Encodable & Sendable
  ) throws(JournalError) -> RunNote {
    RunNote(kind: kind, payload: try CanonicalJSON(detail))
  }

  /// One line for a person.
  package static func note(_ text: String) throws(JournalError) -> RunNote {
    try RunNote(kind: .note, name: "note", detail: text)
  }

  private init(kind: RunEvent.Kind, payload: CanonicalJSON) {
    self.kind = kind
    self.payload = payload
  }

  private init(kind: RunEvent.Kind, name: String, detail: some Encodable) throws(JournalError) {
    self.kind = kind
    payload = try CanonicalJSON(Named(name: name, detail: detail))
  }

  private struct Named<Detail: Encodable>: Encodable {
    var name: String
    var detail: Detail
  }

  private struct Resumed: Codable {
    var attempt: Int
    var worker: WorkerID
  }
}

/// What a ``RunEvent/Kind/outcome`` event holds: what came of the run, and what is to be written for it.
package struct Decision: Sendable, Hashable, Codable {
  package var outcome: Outcome
  package var publication: Publication

  package init(outcome: Outcome, publication: Publication) {
    self.outcome = outcome
    self.publication = publication
  }

  /// The decision where something else takes the place of an effect, counted from zero, and of all behind it.
  package func replacing(from effect: Int, by instead: Decision) -> Decision {
    let kept = publication.effects.prefix(effect)
    return Decision(
      outcome: instead.outcome, publication: Publication(effects: kept + instead.publication.effects))
  }
}

/// What a ``RunEvent/Kind/effectIntended`` event holds.
package struct EffectIntended: Sendable, Hashable, Codable {
  /// The effect's place in the publication, counted from zero.
  package var effect: Int

  package init(effect: Int) {
    self.effect = effect
  }
}

/// What a ``RunEvent/Kind/effectDone`` event holds.
package struct EffectDone: Sendable, Hashable, Codable {
  /// The effect's place in the publication, counted from zero.
  package var effect: Int
  /// One line: what the effect left behind.
  package var result: String

  package init(effect: Int, result: String) {
    self.effect = effect
    self.result = result
  }
}

/// What a ``RunEvent/Kind/effectRefused`` event holds.
package struct EffectRefused: Sendable, Hashable, Codable {
  /// The effect's place in the publication, counted from zero.
  package var effect: Int
  /// One line: why it was refused.
  package var reason: String
  /// What came of the run with that, and what is to be written in place of the effect and of all behind it.
  package var instead: Decision

  package init(effect: Int, reason: String, instead: Decision) {
    self.effect = effect
    self.reason = reason
    self.instead = instead
  }
}

/// What a ``RunEvent/Kind/finished`` event holds.
package struct RunFinished: Sendable, Hashable, Codable {
  /// How many events the run has, this one included: a run that was cut short is seen by it.
  package var count: Int
  package var closing: Closing

  package init(count: Int, closing: Closing) {
    self.count = count
    self.closing = closing
  }
}

/// How a run ended, in few words.
package struct Closing: Sendable, Hashable, Codable {
  package var verdict: Verdict
  /// One line for a person.
  package var summary: String

  /// The word under which a run is listed.
  package enum Verdict: String, Sendable, Hashable, Codable, CaseIterable {
    /// A review without findings.
    case clean
    case findings
    case upToDate = "up_to_date"
    /// There was no conflict to resolve.
    case mergeable
    case resolved
    case conflicts
    /// Every conflict was resolved, and what works in both parents fails in the merge.
    case broken
    /// git merges the two without a conflict, and what works in both parents fails in the merge.
    case semanticConflict = "semantic_conflict"
    /// Failing tests are green again, with nothing touched that tells so.
    case fixed
    /// Failing tests are green again only together with changes to tests.
    case fixedWithTestChange = "fixed_with_test_change"
    case notFixed = "not_fixed"
    case regressed
    case flaky
    case tampered
    case nothingToFix = "nothing_to_fix"
    /// Tests could not be run at all.
    case infrastructure
    /// What another run did was taken back.
    case undone
    /// A question was answered.
    case answered
    /// A forge's report was looked at.
    case attended
    /// A model did what it was asked for, as far as it says.
    case completed
    /// Work was ended before it was done: by a person, or a model's by its budget.
    case stopped
    case failed
    case superseded
  }

  package init(verdict: Verdict, summary: String) {
    self.verdict = verdict
    self.summary = summary
  }

  /// The closing of a run whose job became pointless, or was stopped, for this reason.
  package init(endedBecause reason: String) {
    self.init(verdict: reason == Supersession.stopped ? .stopped : .superseded, summary: reason)
  }

  /// The closing that an outcome calls for where there is nothing more to say.
  package init(of outcome: Outcome) {
    switch outcome {
    case .review(let review):
      // What was not read is not clean.
      let verdict: Verdict =
        review.findings.isEmpty ? (review.shortfall == nil ? .clean : .stopped) : .findings
      self.init(verdict: verdict, summary: review.overall)
    case .resolve(let resolve):
      let verdict: Verdict =
        switch resolve.verdict {
        case .upToDate: .upToDate
        case .clean: .mergeable
        case .resolved: .resolved
        case .conflicts: .conflicts
        case .broken: .broken
        case .semanticConflict: .semanticConflict
        }
      self.init(verdict: verdict, summary: resolve.reason)
    case .fix(let fix):
      let verdict: Verdict =
        switch fix.verdict {
        case .fixed: .fixed
        case .fixedWithTestChange: .fixedWithTestChange
        case .notFixed: .notFixed
        case .regressed: .regressed
        case .flaky: .flaky
        case .tampered: .tampered
        case .nothingToFix: .nothingToFix
        case .infrastructure: .infrastructure
        }
      self.init(verdict: verdict, summary: fix.reason)
    case .undo(let undo): self.init(verdict: .undone, summary: undo.reason)
    case .answered(let answer):
      self.init(verdict: .answered, summary: "\(answer.model) answered a question")
    case .attended(let attended):
      let reason = (attended.planned + attended.ignored).joined(separator: "; ")
      self.init(verdict: .attended, summary: reason.isEmpty ? "nothing is to be done" : reason)
    case .agent(let agent):
      let verdict: Verdict =
        switch agent.ending.nature {
        case .completed: .completed
        case .left, .budget: .stopped
        case .surroundings: .failed
        }
      self.init(verdict: verdict, summary: agent.reason)
    case .failed(let reason): self.init(verdict: .failed, summary: reason)
    case .superseded(let reason): self.init(verdict: .superseded, summary: reason)
    }
  }
}
