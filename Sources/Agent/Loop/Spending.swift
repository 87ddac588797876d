package import Base

/// What a run has taken of what it may take: money, time and answers on one account.
///
/// Money is reserved before a request is sent and settled when its answer, or its failure, is known; a request is
/// settled once, whatever happens in between. Time runs while a process works on the run: a process counts it by a clock
/// that nobody sets (``WallClock/steady()``) and journals it with its requests; only what came after the last of them is
/// told by the times of events, where a step back counts for nothing.
package struct Spending: Sendable, Hashable {
  package let budget: AgentBudget
  /// Settled money, in billionths of a US dollar.
  package private(set) var money: Int64 = 0
  /// Requests that are under way, by their number, and what is reserved for each.
  package private(set) var reserved: [Int: Int64] = [:]
  /// Answers so far.
  package private(set) var steps = 0
  /// Time in which a process worked on the run, in milliseconds.
  package private(set) var milliseconds: Int64 = 0
  private var last: Timestamp?

  /// The longest time that a run can have, in seconds: some thirty years.
  ///
  /// What a journal says can be any number.
  private static let longest = 1_000_000_000

  package init(budget: AgentBudget) {
    self.budget = budget
  }

  /// Time passes: until the event at this moment, and whether a process was at work until then.
  package mutating func pass(to now: Timestamp, isResumed: Bool) {
    if let last, !isResumed { milliseconds += max(0, now.milliseconds - last.milliseconds) }
    last = now
  }

  /// The working time until the last event, as the process knew it that worked then.
  package mutating func correct(to elapsed: Int64) {
    milliseconds = min(max(0, elapsed), Int64(Self.longest) * 1000)
  }

  /// The working time until a moment that may be later than the last event.
  package func milliseconds(at now: Timestamp) -> Int64 {
    milliseconds + max(0, now.milliseconds - (last?.milliseconds ?? now.milliseconds))
  }

  package mutating func reserve(_ amount: Int64, for request: Int) {
    reserved[request] = amount
  }

  /// Settles a request; for one that has no reservation, because it was settled before, nothing happens.
  package mutating func settle(_ request: Int, at amount: Int64) {
    guard reserved.removeValue(forKey: request) != nil else { return }
    money = Self.sum(money, amount)
  }

  /// What a vendor says can be any number; more than everything is everything.
  private static func sum(_ left: Int64, _ right: Int64) -> Int64 {
    let (sum, isTooLarge) = left.addingReportingOverflow(right)
    return isTooLarge ? .max : sum
  }

  package mutating func countStep() {
    steps += 1
  }

  /// What is spent or may yet be.
  package var committed: Int64 { reserved.values.reduce(money, Self.sum) }

  /// What was paid beyond the limit of money; `nil` where nothing was.
  ///
  /// No request is sent that could cost so much, so this comes of a journal alone, whose requests reserved too little.
  package var excess: Int64? { budget.money.flatMap { money > $0 ? money - $0 : nil } }

  /// What is used up, so that no further request may be sent that could cost so much.
  package func exhausted(at now: Timestamp, next cost: Int64) -> AgentEndingOfBudget? {
    if steps >= budget.steps { return .steps }
    if isOutOfTime(at: now) { return .time }
    if let limit = budget.money, Self.sum(committed, cost) > limit { return .money }
    return nil
  }

  /// The working time that is left, in milliseconds.
  package func millisecondsLeft(at now: Timestamp) -> Int64 {
    max(0, Int64(min(budget.seconds, Self.longest)) * 1000 - milliseconds(at: now))
  }

  /// Whether no time is left.
  package func isOutOfTime(at now: Timestamp) -> Bool { millisecondsLeft(at: now) == 0 }

  /// What is nearly used up, in words for the model; `nil` as long as more than a tenth of everything is left.
  ///
  /// Money is so too where what the next two requests come to does not fit.
  package func nearlySpent(at now: Timestamp, nextTwo cost: Int64) -> String? {
    if budget.steps >= 10, steps >= budget.steps - budget.steps / 10 { return (budget.steps - steps).counted("answer") }
    let left = millisecondsLeft(at: now) / 1000
    if left <= Int64(budget.seconds / 10) { return Int(max(1, left)).counted("second") }
    guard let limit = budget.money else { return nil }
    if committed / 9 >= limit / 10 { return "less than a tenth of the money" }
    return Self.sum(committed, cost) > limit ? "money for one more answer" : nil
  }
}

/// Which part of a budget is used up.
package enum AgentEndingOfBudget: Sendable, Hashable {
  case steps
  case time
  case money
}
