package import Base
package import Journal
package import Work

/// Where a job's work is done and its effects are carried out: a bare repository, a person's work tree.
package protocol Venue: Sendable {
  /// Does the work and describes what is to be written for it. It writes nothing that others see.
  ///
  /// - Parameters:
  ///   - job: What is to be done.
  ///   - run: The run that does it.
  ///   - steps: What the run has done already, and where it keeps what it does.
  /// - Returns: What came of it, and what is to be written.
  /// - Throws: ``JobFailure`` where the job cannot succeed, whatever error else where it may succeed later.
  func decide(_ job: Job, run: RunID, steps: any StepKeeping) async throws -> Decision

  /// Carries out one effect. Carrying it out twice leaves what once leaves.
  ///
  /// - Parameters:
  ///   - effect: The effect.
  ///   - attempt: Which try it is.
  ///   - job: The job whose effect it is.
  ///   - run: The run that decided on it.
  ///   - steps: What the run has done already, and where it keeps what it does.
  /// - Returns: What came of it.
  /// - Throws: An error where it can be tried again.
  func carryOut(
    _ effect: Effect, _ attempt: EffectAttempt, of job: Job, run: RunID, steps: any StepKeeping
  ) async throws -> EffectResult

  /// What takes the place of an effect that was refused, and of all behind it.
  ///
  /// - Parameters:
  ///   - effect: The effect.
  ///   - reason: Why it was refused, in one line.
  ///   - decision: What was decided before.
  ///   - job: The job whose effect it is.
  ///   - run: The run that decided on it.
  ///   - steps: What the run has done already, and where it keeps what it does.
  /// - Returns: What came of the run with that, and what is to be written; `nil` where the run fails by it.
  /// - Throws: As ``decide(_:run:steps:)``.
  func instead(
    of effect: Effect, refusedBecause reason: String, _ decision: Decision, for job: Job, run: RunID,
    steps: any StepKeeping
  ) async throws -> Decision?

  /// For how long requests may be begun for an effect before the journal is told again; `nil` where none are sent whose
  /// sender they may outlive.
  ///
  /// - Parameters:
  ///   - effect: The effect.
  ///   - job: The job whose effect it is.
  ///   - turn: How many such times this try has had.
  /// - Returns: The time.
  func writeWindow(for effect: Effect, of job: Job, turn: Int) async -> Duration?

  /// Tells, where it can, that a job ended without anything being published for it.
  func tell(_ closing: Closing, of job: Job, run: RunID) async

  /// Throws away what the run needed for itself.
  func cleanUp(_ run: RunID) async
}

/// Which try an effect is at.
package struct EffectAttempt: Sendable, Hashable {
  /// When it was intended for the first time.
  package var intended: Timestamp
  /// Whether somebody began it before and did not live to say how it ended.
  package var isRepeated: Bool
  /// The latest moment at which whoever that was may have begun a request, by the clock of this machine; `nil` where
  /// that is not known.
  package var latest: Timestamp?
  /// After this moment no request is begun; `nil` where that does not matter.
  package var writesUntil: Timestamp?

  package init(intended: Timestamp, isRepeated: Bool) {
    self.intended = intended
    self.isRepeated = isRepeated
  }
}

/// What came of carrying out an effect.
package enum EffectResult: Sendable, Hashable {
  /// It is there; one line on what it left.
  case done(String)
  /// Somebody was quicker; nothing was written, and the run is pointless.
  case overtaken(String)
  /// A rule forbids it; nothing was written.
  case refused(String)
  /// It holds what must not leave, so nothing was written, and it is not to be told in another way either.
  case withheld(String)
  /// The time for requests is over (``EffectAttempt/writesUntil``) and none is under way; it can be gone on with.
  case unfinished
}

/// A job that cannot succeed, however often it is tried; one line for a person.
package struct JobFailure: Error, Hashable, CustomStringConvertible {
  package let description: String
  /// The same for whoever reads the pull request; `nil` where that is no other.
  package let told: String?

  package init(_ description: String, told: String? = nil) {
    self.description = description
    self.told = told
  }
}

/// A job that is pointless by now; one line for a person.
package struct JobSuperseded: Error, Hashable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) {
    self.description = description
  }
}

extension Venue {
  /// Where what was made is kept in another way, or nobody is told on the spot.
  package func instead(
    of effect: Effect, refusedBecause reason: String, _ decision: Decision, for job: Job, run: RunID,
    steps: any StepKeeping
  ) async throws -> Decision? { nil }

  package func writeWindow(for effect: Effect, of job: Job, turn: Int) async -> Duration? { nil }

  package func tell(_ closing: Closing, of job: Job, run: RunID) async {}
}

/// An error that is no fault of the job's and passes: something outside is away, or wants to be asked later.
package protocol PassingError: Error {
  /// How many seconds to wait at least; `nil` where nobody says.
  var wait: Int? { get }
  /// Whether it passes at all; where it does not, it is tried a few times like any other.
  var passes: Bool { get }
}
