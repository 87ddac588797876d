import Base
import DeliveryTrials
import Forges
import JSON
import Testing
import Work

/// Every payload of the test data is the event that its name and its action say, or is ignored by name.
///
/// Skipped where `ARBORIST_TEST_DATA` names no directory. What is expected follows from the name of the event, the action
/// and the result alone, by rules that are written here a second time.
@Suite(.enabled(if: SampleFiles.directory != nil, "ARBORIST_TEST_DATA names no directory with forges"))
struct SamplePayloadTests {
  private let directory = SampleFiles.directory ?? ""

  @Test func everyPayloadIsWhatItSays() throws {
    var kinds: [String: Int] = [:]
    let samples = try SampleFiles.all(in: directory)
    for sample in samples {
      let payload = try JSONValue.parse(sample.body)
      let found = ReadingText.of(sample.readSigned())
      #expect(found == ExpectedReading.of(sample.forge, sample.event, payload), "\(sample.name)")
      kinds[String(found.prefix { $0 != " " }), default: 0] += 1
    }
    print("payloads of the test data: \(samples.count), of which \(kinds.sorted { $0.key < $1.key })")
    #expect(samples.count >= 390)
    for kind in ["change", "branch", "failed", "rerun", "ignored"] { #expect(kinds[kind, default: 0] > 0) }
  }

  /// Nothing that these forges send is without what is used of it, but for one example whose names end with blanks.
  @Test func noPayloadLacksWhatIsUsed() throws {
    for sample in try SampleFiles.all(in: directory) {
      guard case .ignored(_, let reason) = sample.readSigned().outcome else { continue }
      #expect(reason.hasPrefix("'") == sample.name.hasSuffix("group_merge_request.json"), "\(sample.name): \(reason)")
    }
  }

  /// Forges that are not spoken to: whatever they call their events, they are no forge's, or are ignored by name.
  @Test(arguments: ForgeName.allCases) func payloadsOfOtherForgesAreIgnored(forge: ForgeName) throws {
    var count = 0
    for sample in try SampleFiles.others(in: directory, for: forge) {
      #expect(
        sample.readSigned().outcome
          == .ignored(
            name: "\(forge.rawValue) \(ExpectedReading.words(forge, sample.event, try JSONValue.parse(sample.body)))",
            reason: "events of this name are not read"))
      #expect(sample.read([("X-Event-Key", sample.event)], secrets: ["s3cret"]).event == nil)
      count += 1
    }
    #expect(count > 20)
  }

  @Test func recordedDeliveriesAreSignedAndNoByteMayChange() throws {
    var signed = 0
    for recorded in try SampleFiles.recorded(in: directory) {
      guard let delivery = recorded.gitea else { continue }
      signed += 1
      let reading = delivery.read(recorded.headers, secrets: ["s3cret"])
      let sent = try #require(recorded.headers.first { $0.0 == "X-Gitea-Delivery" }?.1)
      #expect(reading.delivery?.text == sent)
      let payload = try JSONValue.parse(delivery.body)
      #expect(ReadingText.of(reading) == ExpectedReading.of(.gitea, delivery.event, payload))
      for (index, bit) in [(0, 1), (delivery.body.count / 2, 4), (delivery.body.count - 1, 0x20)] as [(Int, UInt8)] {
        var changed = delivery
        changed.body[index] ^= bit
        #expect(
          changed.read(recorded.headers, secrets: ["s3cret"]).outcome
            == .unauthenticated(reason: "the signature is not ours"))
      }
      #expect(delivery.read(recorded.headers, secrets: ["S3cret"]).event == nil)
    }
    #expect(signed == 90)
  }

  /// What Pagure, Kallithea and others send is believed nowhere.
  @Test(arguments: ForgeName.allCases) func recordedDeliveriesOfOthersProveNothing(forge: ForgeName) throws {
    var count = 0
    for recorded in try SampleFiles.recorded(in: directory) where recorded.gitea == nil {
      let delivery = SampleDelivery(name: "", forge: forge, event: "", body: Array(recorded.document.bytes))
      switch delivery.read(recorded.headers, secrets: ["s3cret"]).outcome {
      case .unauthenticated: count += 1
      case .malformed(let reason):
        #expect(reason.hasPrefix("github sent it"))
        #expect(forge != .github)
      case .event, .ignored: Issue.record("believed: \(recorded.path)")
      }
    }
    #expect(count >= 22)
  }
}

/// A reading as one line.
enum ReadingText {
  static func of(_ reading: WebhookReading) -> String {
    switch reading.outcome {
    case .ignored(let name, _): "ignored \(name)"
    case .unauthenticated(let reason): "unauthenticated \(reason)"
    case .malformed(let reason): "malformed \(reason)"
    case .event(let event): if case .forge(let happening) = event.kind { of(happening) } else { "other" }
    }
  }

  private static func of(_ happening: ForgeHappening) -> String {
    let actor = happening.actor.map { "\($0.id)" } ?? "nobody"
    let place = "\(happening.repository.id) \(happening.repository.path) by \(actor)"
    switch happening.kind {
    case .change(let notice):
      let fork = notice.fork.map { " of \($0)" } ?? ""
      return "change \(notice.action.rawValue) \(notice.number) \(notice.head?.hex ?? "-")\(fork) in \(place)"
    case .branch(let update): return "branch \(update.hookLine.count) \(update.ref) \(update.new) in \(place)"
    case .command(let command): return "command \(command.number) in \(place)"
    case .reply(let reply): return "reply \(reply.number) \(reply.comment) in \(reply.thread) in \(place)"
    case .failed(let failed): return "failed \(failed.head) \(failed.numbers) '\(failed.check)' in \(place)"
    case .rerun(let rerun): return "rerun \(rerun.head) \(rerun.numbers) in \(place)"
    case .head: return "head"
    case .stop: return "stop"
    case .untold: return "untold"
    }
  }
}
