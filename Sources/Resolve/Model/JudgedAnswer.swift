internal import Base
internal import Merging

/// What became of a model's answer to one question.
struct JudgedAnswer: Sendable, Hashable {
  enum State: Sendable, Hashable {
    case accepted
    case refused
    case abstained
  }

  /// A line that is left out.
  struct Dropped: Sendable, Hashable {
    var line: StakeLine
    var claim: AnswerWords.Claim
    var reason: String
    var isConfirmed: Bool
  }

  var question: HunkQuestion
  var state: State
  /// Why it is refused or abstained, a sentence each; what the model said of it where it is accepted.
  var reasons: [String]
  /// What would let it through where it is right, for the model to read.
  var remedies: [String] = []
  /// Whether the answer itself is good, and was refused for what was done elsewhere.
  var isGood = false
  /// The lines in the place; `nil` for a file that is decided on as a whole.
  var lines: [UInt8]?
  var decision: AnswerWords.Decision?
  var dropped: [Dropped] = []
  /// What rests on the model's word alone, a sentence each.
  var concerns: [String] = []

  /// Refuses an answer that is good for what was done elsewhere.
  mutating func refuse(forElsewhere faults: [String]) {
    state = .refused
    isGood = true
    reasons = ["it is good as it is, and was not taken because " + faults.joined(separator: "; ")]
  }
}
