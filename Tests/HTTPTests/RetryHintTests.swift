import Base
import HTTP
import Testing

@Suite("Hints about asking again")
struct RetryHintTests {
  /// Sun, 06 Nov 1994 08:49:37 GMT.
  private let now = Timestamp(seconds: 784_111_777)

  private func hint(_ headers: [(String, String)]) -> RetryHint {
    RetryHint(HTTPHead(status: 429, headers: headers.map { HTTPHeader($0.0, $0.1) }), now: now)
  }

  @Test("Milliseconds go before seconds, and names have no case")
  func order() {
    #expect(hint([]) == RetryHint())
    #expect(hint([("Retry-After", "7")]).delay == .seconds(7))
    #expect(hint([("retry-after", "7"), ("Retry-After-Ms", "1500")]).delay == .milliseconds(1500))
    #expect(hint([("retry-after-ms", "soon"), ("retry-after", "0.25")]).delay == .milliseconds(250))
    #expect(hint([("X-Should-Retry", "TRUE")]).shouldRetry == true)
    #expect(
      hint([("x-should-retry", "false"), ("retry-after", "3")]) == RetryHint(delay: .seconds(3), shouldRetry: false))
    #expect(hint([("x-should-retry", "perhaps")]).shouldRetry == nil)
  }

  @Test(
    "All three forms of a date are read",
    arguments: [
      "Sun, 06 Nov 1994 08:50:07 GMT", "Sunday, 06-Nov-94 08:50:07 GMT", "Sun Nov  6 08:50:07 1994",
    ])
  func dates(_ text: String) {
    #expect(hint([("retry-after", text)]).delay == .seconds(30))
  }

  @Test("A date that has passed is no delay; months, leap days and centuries are right")
  func calendar() {
    #expect(hint([("retry-after", "Sun, 06 Nov 1994 08:49:36 GMT")]).delay == .zero)
    #expect(hint([("retry-after", "Tue, 28 Feb 1995 08:49:37 GMT")]).delay == .seconds(114 * 86_400))
    #expect(hint([("retry-after", "Wednesday, 01-Mar-95 08:49:37 GMT")]).delay == .seconds(115 * 86_400))
    #expect(hint([("retry-after", "Sunday, 06-Nov-93 08:49:37 GMT")]).delay == .zero)
    let leap = Timestamp(seconds: 1_709_164_800)
    let head = HTTPHead(status: 503, headers: [HTTPHeader("retry-after", "Thu, 29 Feb 2024 00:00:10 GMT")])
    #expect(RetryHint(head, now: leap).delay == .seconds(10))
  }

  @Test("A delay is never longer than a year")
  func longest() {
    #expect(hint([("retry-after", "99999999999999999999999999")]).delay == RetryHint.longest)
    #expect(hint([("retry-after", "Fri, 31 Dec 9999 23:59:59 GMT")]).delay == RetryHint.longest)
  }

  @Test(
    "What is no hint is none",
    arguments: [
      "", "-1", "+1", "1e3", "0x10", ".5", "5.", "1.2.3", "inf", "nan", "tomorrow", "Sun, 06 Nov 1994 08:50:07 CET",
      "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 31 Nov 1994 08:50:07 GMT", "Sun, 00 Nov 1994 08:50:07 GMT",
      "Wed, 29 Feb 1995 08:50:07 GMT", "Sun, 06 nov 1994 08:50:07 GMT", "06 Nov 1994", "Sun, 06 Nov 1994 8:50:07 GMT",
      "Sun, 06 Nov 1994 08:50 GMT", "Sun, 06-Nov GMT GMT", "١٢",
    ])
  func nonsense(_ text: String) {
    #expect(hint([("retry-after", text)]).delay == nil)
  }
}
