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
    #expect(slice.values(of: ["c", "a", "x", "b"], most: 4)?.map { $0?.text } == ["null", "2", nil, #"{"a":3}"#])
    let odd = try JSONSlice(Array(#"{"a\u0062":1,"\u0161b":2,"\/b":3,"\nb":4,"a":5,"abc":6,"\"b":7}"#.utf8))
    #expect(
      odd.values(of: ["ab", "/b", "nb", "a", "abc", "\"b", "b", "\nb"], most: 7)?.map { $0?.text } == [
        "1", "3", nil, "5", "6", "7", nil, "4",
      ])
    #expect(odd.values(of: ["ab"], most: 6) == nil)
    #expect(try JSONSlice(Array("[1,2,3]".utf8)).values(of: ["a"], most: 9) == nil)
    #expect(try JSONSlice(Array("{}".utf8)).values(of: ["a"], most: 0) == [nil])
    #expect(try JSONSlice(Array("[1,[2],{}]".utf8)).elements(2).map(\.text) == ["1", "[2]"])
    #expect(try JSONSlice(Array("[]".utf8)).elements(2).isEmpty)
  }

  @Test func objectsOfTooManyMembersAreNotLookedInto() {
    let odd = (1...1025).map { #""\u0061\#($0)":1"# }
    func outcome(top: Int, inside: Int) -> WebhookReading.Outcome {
      let comment = odd.prefix(inside) + [#""body":"/arborist help""#, #""id":1"#, #""user":{"id":3,"login":"ada"}"#]
      let body =
        odd.prefix(top) + [
          #""action":"created""#, #""issue":{"number":5,"pull_request":{}}"#,
          #""comment":{\#(comment.joined(separator: ","))}"#, #""repository":{"id":7,"full_name":"o/r"}"#,
          #""sender":{"id":3,"login":"ada"}"#,
        ]
      let text = "{\(body.joined(separator: ","))}"
      return SampleDelivery(name: "", forge: .github, event: "issue_comment", body: Array(text.utf8))
        .readSigned().outcome
    }
    // At the bound everything is read.
    guard case .event = outcome(top: 1024 - 5, inside: 1024 - 3) else {
      Issue.record("what is within the bound was not read")
      return
    }
    #expect(outcome(top: 1024 - 4, inside: 0) == .malformed(reason: "its body has more than 1024 members"))
    #expect(
      outcome(top: 0, inside: 1024 - 2)
        == .ignored(name: "github issue_comment created", reason: "'comment' is no object of at most 1024 members"))
  }
}
