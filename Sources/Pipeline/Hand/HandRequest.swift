package import Base
internal import Journal
package import Work

/// What a person asked for by hand, as the journal keeps it: a run that is taken up again is the same request.
package struct HandRequest: Sendable, Hashable, Codable {
  /// The repository, or a directory in it.
  package var repository: String
  package var base: String?
  /// The branch; `nil` for what is checked out.
  package var branch: String?
  /// The branch by its bytes, which ``branch`` need not be; `nil` where nobody has looked, or an older version wrote it.
  package var branchName: RefName?
  /// The remote that is pushed to; `nil` to stay in the repository.
  package var remote: String?
  /// Whether nothing is to be written anywhere.
  package var isDryRun: Bool
  /// The commands that tell whether a tree is good; empty for the configured ones.
  package var test: [String]
  /// The models that may be asked, as `PROVIDER/NAME`; empty for the configured ones, `nil` for none at all.
  package var models: [String]?
  /// Whether what fails at the base too is repaired; `nil` for what is configured.
  package var includesBase: Bool?
  /// The most that models may cost, in billionths of a US dollar; `nil` for what is configured.
  package var nanodollars: Int64?
  /// Whether there is no limit of money.
  package var isUnlimited: Bool
  package var minutes: Int?
  /// The run that is to be taken back; `nil` for anything else.
  package var undoes: RunID?
  package var steps: Int?
  /// The repository that is written to, by which pushes are counted; `nil` where an older version wrote the record.
  package var destination: String?
  /// The last commit of a change that is to be reviewed; `nil` for what is checked out.
  package var head: String?
  /// The SARIF files that join a review, by their absolute paths; `nil` for none.
  package var sarif: [String]?

  package init(repository: String) {
    self.repository = repository
    isDryRun = false
    test = []
    models = []
    isUnlimited = false
  }
}

extension HandRequest {
  /// The name of the step that keeps it.
  static let step = "request"

  /// What the events of a run say was asked for; `nil` where it is none that a person asked for.
  init?(in events: [RunEvent]) {
    guard let request = events.detail(of: Self.step, as: Self.self) else { return nil }
    self = request
  }
}

extension [RunEvent] {
  /// What the step of a name left; `nil` where there is none.
  func detail<Detail: Decodable>(of step: String, as type: Detail.Type) -> Detail? {
    for event in self where event.kind == .step && event.payload.decode(StepName.self)?.name == step {
      if let kept = event.payload.decode(KeptStep<Detail>.self) { return kept.detail }
    }
    return nil
  }
}

private struct StepName: Decodable {
  var name: String
}

private struct KeptStep<Detail: Decodable>: Decodable {
  var detail: Detail
}

/// What came of something that a person asked for.
package struct HandResult: Sendable {
  package var run: RunID
  package var outcome: Outcome
  package var branch: RefName
  /// The base by the name that people know it under.
  package var base: String
  /// The branch that now is the commit; `nil` where none is.
  package var pushed: RefName?
  /// Whether nothing was to be written anywhere.
  package var isDryRun: Bool
  /// What a person should know of where it went, a line each.
  package var notes: [String]
  /// What of that a person has to act on, a line each.
  package var left: [String] = []
  /// Why it could not be delivered; `nil` where nothing stood in the way.
  package var refusal: String?
  /// Where the commit is kept as a patch, because it is on no branch; `nil` where it is not.
  package var patch: String?
  /// What could not be used, so that less was done than might have been.
  package var warnings: [String]
  /// The directory with the logs of the run's commands; `nil` where there are none.
  package var logs: String?
}

/// A run by hand that is not over: it was interrupted, or what it needs could not be reached; exit status 4.
package struct RunWaits: Error, CustomStringConvertible {
  package let run: RunID
  /// Why; `nil` where somebody interrupted it.
  package let reason: String?
  /// What was found until then; `nil` where there is nothing to tell of.
  package let found: HandResult?

  package var description: String {
    "run \(run) \(reason.map { "waits: \($0)" } ?? "was interrupted"); 'arborist resume \(run)' goes on with it"
  }
}
