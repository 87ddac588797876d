internal import Forges
internal import Work

/// Many trials, one after the other, and their count.
package struct TrialRun: Sendable {
  private var mutator: Mutator
  package private(set) var signed = 0
  package private(set) var forged = 0
  /// How often each outcome came of a delivery that was signed.
  package private(set) var outcomes: [String: Int] = [:]
  /// What went wrong, with the number of the trial; the first hundred.
  package private(set) var faults: [String] = []
  package private(set) var bytes = 0

  /// Trials on what is made of these samples, of which there is at least one.
  package init(samples: [SampleDelivery], seed: UInt64) {
    mutator = Mutator(samples: samples, seed: seed)
  }

  /// One more trial; every fourth is forged.
  package mutating func step() {
    let delivery = mutator.next()
    bytes += delivery.body.count
    var found: [String]
    if (signed + forged) % 4 == 3 {
      let ways = DeliveryTrial.Forgery.allCases
      found = DeliveryTrial.forged(delivery, as: ways[forged % ways.count])
      forged += 1
    } else {
      let trial = DeliveryTrial.signed(delivery)
      found = trial.faults
      outcomes[Self.kind(trial.reading.outcome), default: 0] += 1
      signed += 1
    }
    if faults.count < 100 { faults += found.map { "trial \(signed + forged): \($0)" } }
  }

  private static func kind(_ outcome: WebhookReading.Outcome) -> String {
    switch outcome {
    case .event(let event):
      guard case .forge(let happening) = event.kind else { return "event" }
      switch happening.kind {
      case .change: return "change"
      case .branch: return "branch"
      case .command: return "command"
      case .reply: return "reply"
      case .failed: return "failed"
      case .rerun: return "rerun"
      case .head: return "head"
      case .stop: return "stop"
      case .untold: return "untold"
      }
    case .ignored: return "ignored"
    case .malformed: return "malformed"
    case .unauthenticated: return "unauthenticated"
    }
  }
}
