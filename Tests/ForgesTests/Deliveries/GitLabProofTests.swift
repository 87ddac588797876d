import Base
import DeliveryTrials
import Forges
import Testing
import Work

/// GitLab's two ways to prove a delivery.
@Suite struct GitLabProofTests {
  private static let token = "a plain token"
  private static let key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
  private static let otherKey = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
  private static let delivery = SampleDelivery(
    name: "", forge: .gitlab, event: "Wiki Page Hook", body: Array(#"{"object_kind":"wiki_page"}"#.utf8))

  private func isBelieved(
    _ headers: [(String, String)], _ secrets: [String], at time: Timestamp = .trial
  ) -> Bool {
    if case .ignored = Self.delivery.read(headers, secrets: secrets, at: time).outcome { true } else { false }
  }

  private static func signed(_ secret: String = key, id: String = "1", time: Timestamp = .trial) -> [(String, String)] {
    delivery.headers(secret: secret, id: id, received: time)
  }

  private static func replacing(_ name: String, _ value: String, in headers: [(String, String)]) -> [(String, String)] {
    headers.map { $0.0 == name ? (name, value) : $0 }
  }

  @Test func tokensAreCompared() {
    let headers = Self.delivery.headers(secret: Self.token)
    #expect(isBelieved(headers, [Self.token]))
    #expect(isBelieved(headers, ["x", Self.token]))
    for wrong in ["", "a plain toke", "a plain token ", "A plain token"] {
      #expect(!isBelieved(Self.replacing("X-Gitlab-Token", wrong, in: headers), [Self.token]))
    }
    #expect(!isBelieved(headers.filter { $0.0 != "X-Gitlab-Token" }, [Self.token]))
  }

  @Test func signaturesAreChecked() {
    #expect(isBelieved(Self.signed(), [Self.key]))
    #expect(isBelieved(Self.signed(), [Self.otherKey, Self.key]))
    #expect(!isBelieved(Self.signed(), [Self.otherKey]))
    #expect(!isBelieved(Self.replacing("webhook-id", "2", in: Self.signed()), [Self.key]))
    #expect(!isBelieved(Self.signed().filter { $0.0 != "webhook-id" }, [Self.key]))
    #expect(!isBelieved(Self.signed().filter { $0.0 != "webhook-timestamp" }, [Self.key]))
    #expect(!isBelieved(Self.signed().filter { $0.0 != "webhook-signature" }, [Self.key]))
    let later = String(Timestamp.trial.seconds + 1)
    #expect(!isBelieved(Self.replacing("webhook-timestamp", later, in: Self.signed()), [Self.key]))
  }

  @Test func severalSignaturesMayStandInOneHeader() throws {
    let right = try #require(Self.signed().last?.1)
    for (list, isRight) in [
      ("v1,AAAA \(right)", true), ("v1a,AAAA \(right) v2,x", true), ("v1,AAAA v1,BBBB", false),
      (String(right.dropFirst(3)), false), ("v2,\(right.dropFirst(3))", false), ("", false), ("v1,", false),
      (String(repeating: "v1,AAAA ", count: 8) + right, false),
    ] {
      #expect(isBelieved(Self.replacing("webhook-signature", list, in: Self.signed()), [Self.key]) == isRight)
    }
  }

  @Test func oldSignaturesAreRefused() {
    for seconds in [-301, -300, -1, 0, 1, 300, 301] as [Int64] {
      let time = Timestamp(seconds: Timestamp.trial.seconds + seconds)
      #expect(isBelieved(Self.signed(time: time), [Self.key]) == (abs(seconds) <= 300))
    }
    for odd in ["", "-1", "1e9", "9999999999999", "0x10", " 1", "1795239830.0"] {
      #expect(!isBelieved(Self.replacing("webhook-timestamp", odd, in: Self.signed()), [Self.key]))
    }
  }

  /// A key is never a token, and a request that is signed is judged by its signature wherever it can be.
  @Test func oneFormDoesNotStandInForTheOther() {
    #expect(!isBelieved([("X-Gitlab-Event", "x"), ("Idempotency-Key", "1"), ("X-Gitlab-Token", Self.key)], [Self.key]))
    let both = Self.signed(Self.otherKey) + [("X-Gitlab-Token", Self.token)]
    #expect(!isBelieved(both, [Self.key, Self.token]))
    #expect(isBelieved(both, [Self.otherKey, Self.token]))
    #expect(isBelieved(both, [Self.token]))
    #expect(isBelieved(Self.delivery.headers(secret: Self.token), [Self.key, Self.token]))
    // No key at all.
    for odd in ["whsec_", "whsec_A", "whsec_!!!!", "whsec_AAAA"] { #expect(!isBelieved(Self.signed(odd), [odd])) }
  }

  @Test func theSignedNameIsTheDeliverys() {
    let headers = Self.replacing("Idempotency-Key", "unsigned", in: Self.signed(id: "signed"))
    #expect(Self.delivery.read(headers, secrets: [Self.key]).delivery?.text == "signed")
  }
}
