package import Base
internal import Foundation
package import Work

/// What came of a merge, as programs read it: the document `arborist.resolve/1`.
package struct ResolveDocument: Encodable, Sendable {
  private let outcome: String
  private let reason: String
  private let branch: RefName
  private let base: String
  private let files: [ConflictedFile]
  private let commit: ObjectID?
  private let renames: [RenameReach]?
  private let pushed: String?
  /// The run that made it, which `undo` takes; `nil` where it was none.
  private let run: RunID?
  /// Whether tests have confirmed the merge.
  private let verified: Bool
  private let confirmation: MergeConfirmation?
  private let reach: MergeReach?
  private let concerns: [String]?
  private let outside: [OutsideEdit]?
  private let models: [String]?
  private let modelRuns: [RunID]?
  private let repair: FixOutcome?
  private let said: [ModelWords]?
  private let headCommit: ObjectID?
  private let baseCommit: ObjectID?
  /// What a person should know of where it went; `nil` where there is nothing to say.
  private let delivery: [String]?
  private let patch: String?

  /// - Parameters:
  ///   - outcome: What came of the merge.
  ///   - branch: The branch that received it.
  ///   - base: The base by the name the person used.
  ///   - pushed: The full name of the branch that was moved to the merge; `nil` where none was.
  ///   - run: The run that made it; `nil` where it was made without one.
  ///   - delivery: What a person should know of where it went.
  ///   - patch: Where it is kept as a patch, because it is on no branch; `nil` where it is not.
  package init(
    _ outcome: ResolveOutcome, branch: RefName, base: String, pushed: RefName?, run: RunID? = nil,
    delivery: [String] = [], patch: String? = nil
  ) {
    self.run = run
    self.delivery = delivery.isEmpty ? nil : delivery
    self.patch = patch
    self.outcome = outcome.verdict.rawValue
    reason = outcome.reason
    self.branch = branch
    self.base = base
    files = outcome.files
    commit = outcome.commit
    renames = outcome.renames
    verified = outcome.commit != nil && outcome.confirmation?.verdict == .verified
    confirmation = outcome.confirmation
    reach = outcome.reach
    concerns = outcome.concerns
    outside = outcome.outside
    models = outcome.models
    modelRuns = outcome.modelRuns
    repair = outcome.repair
    said = outcome.said
    headCommit = outcome.headCommit
    baseCommit = outcome.baseCommit
    self.pushed = pushed.map { QuotedPath.encode($0.bytes) }
  }

  /// The document as one line of JSON, with a line end.
  ///
  /// - Throws: what `JSONEncoder` throws; these types give it no cause.
  package func encoded() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // The name of the schema stands first, so that a reader knows what follows.
    let members = Array(try encoder.encode(self)).dropFirst()
    return Array("{\"schema\":\"arborist.resolve/1\",".utf8) + members + [UInt8(ascii: "\n")]
  }
}
