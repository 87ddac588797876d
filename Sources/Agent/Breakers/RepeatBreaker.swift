/// Ends what goes round in circles: the same call with the same result, while no file changes.
///
/// What counts is the call in its canonical form, not how it was written, and calls of other kinds in between do not
/// make it new. No permission switches it off.
package struct RepeatBreaker: Sendable, Hashable {
  /// From this time on the model is told.
  package static let nudgeAt = 3
  /// From this time on the call is not carried out.
  package static let refuseAt = 5
  /// At this time the run ends.
  package static let endAt = 8

  private struct Streak: Hashable {
    /// What came of the call, and the state of the files it came in.
    var result: String
    var files: String
    var count: Int
  }

  private var streaks: [String: Streak] = [:]

  package init() {}

  /// What is to be done with a call that is about to be carried out.
  package enum Verdict: Sendable, Hashable {
    case allow
    /// Do not carry it out; the number is how often it was made with the same result.
    case refuse(count: Int)
    case end(count: Int)
  }

  /// What is to be done with a call, given the state of the files.
  package func verdict(on call: String, files: String) -> Verdict {
    guard let streak = streaks[call], streak.files == files else { return .allow }
    switch streak.count + 1 {
    case Self.endAt...: return .end(count: streak.count)
    case Self.refuseAt...: return .refuse(count: streak.count)
    default: return .allow
    }
  }

  /// How often a call has been made with this result, this time included.
  package func count(of call: String, result: String, files: String) -> Int {
    guard let streak = streaks[call], streak.result == result, streak.files == files else { return 1 }
    return streak.count + 1
  }

  /// Notes what came of a call.
  package mutating func note(_ call: String, result: String, files: String) {
    streaks[call] = Streak(
      result: result, files: files, count: count(of: call, result: result, files: files))
  }

  /// Notes that a call was refused, which is one more time.
  package mutating func noteRefusal(of call: String) {
    streaks[call]?.count += 1
  }
}
