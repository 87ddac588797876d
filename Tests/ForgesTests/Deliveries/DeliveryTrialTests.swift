import DeliveryTrials
import Forges
import Foundation
import JSON
import Testing
import Work

/// Broken deliveries: none crashes the reader, and none that is forged is believed.
///
/// `ARBORIST_DELIVERY_TRIALS` says how many; the program `delivery-trials` does the same in release.
@Suite struct DeliveryTrialTests {
  private static let count =
    ProcessInfo.processInfo.environment["ARBORIST_DELIVERY_TRIALS"].flatMap { Int($0) } ?? 800

  @Test func brokenDeliveriesAreReadOrRefused() {
    var run = TrialRun(samples: OwnSamples.all, seed: 1)
    for _ in 0..<Self.count { run.step() }
    #expect(run.faults == [])
    #expect(run.forged == Self.count / 4)
    // They are not all broken beyond reading.
    for kind in ["change", "branch", "command", "reply", "failed", "rerun", "ignored", "malformed"] {
      #expect(run.outcomes[kind, default: 0] > 0, "\(kind)")
    }
  }

  @Test func ourOwnDeliveriesAllMeanSomething() {
    for sample in OwnSamples.all {
      #expect(DeliveryTrial.signed(sample).reading.event != nil, "\(sample)")
      #expect(DeliveryTrial.signed(sample).faults == [])
      for way in DeliveryTrial.Forgery.allCases { #expect(DeliveryTrial.forged(sample, as: way) == []) }
    }
  }

  @Test func theSameSeedMakesTheSame() {
    var (one, two) = (Mutator(samples: OwnSamples.all, seed: 7), Mutator(samples: OwnSamples.all, seed: 7))
    for _ in 0..<50 { #expect(one.next().body == two.next().body) }
    var other = Mutator(samples: OwnSamples.all, seed: 8)
    #expect((0..<50).contains { _ in one.next().body != other.next().body })
  }

  @Test(arguments: [("[", "]"), (#"{"a":"#, "}")]) func nestingHasABound(open: String, close: String) {
    func outcome(_ depth: Int) -> WebhookReading.Outcome {
      let value = String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
      return SampleDelivery(name: "", forge: .github, event: "ping", body: Array(#"{"x":\#(value)}"#.utf8))
        .readSigned().outcome
    }
    let ping = WebhookReading.Outcome.ignored(name: "github ping", reason: "events of this name are not read")
    #expect(outcome(198) == ping)
    let tooDeep = WebhookReading.Outcome.malformed(
      reason: "its body is no JSON: line 1: the document is nested too deeply")
    #expect(outcome(199) == tooDeep)
    #expect(outcome(100_000) == tooDeep)
  }

  @Test func theLastOfSeveralMembersCounts() throws {
    let slice = try JSONSlice(Array(#"{"a":1,"\u0061":2,"b":{"a":3},"c":null}"#.utf8))
    #expect(slice.values(of: ["c", "a", "x", "b"]).map { $0?.text } == ["null", "2", nil, #"{"a":3}"#])
    let odd = try JSONSlice(Array(#"{"a\u0062":1,"\u0161b":2,"\/b":3,"\nb":4,"a":5,"abc":6,"\"b":7}"#.utf8))
    #expect(
      odd.values(of: ["ab", "/b", "nb", "a", "abc", "\"b", "b"]).map { $0?.text } == [
        "1", "3", nil, "5", "6", "7", nil,
      ])
    #expect(try JSONSlice(Array("[1,2,3]".utf8)).values(of: ["a"]) == [nil])
    #expect(try JSONSlice(Array("[1,[2],{}]".utf8)).elements(2).map(\.text) == ["1", "[2]"])
    #expect(try JSONSlice(Array("[]".utf8)).elements(2).isEmpty)
  }
}
