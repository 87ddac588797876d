import Base
import Forges
import HTTP
import Testing
import Work

@Suite("What the forges' clients decide")
struct ClientValueTests {
  @Test(
    "An address is https, or http on this machine, and carries nothing",
    arguments: [
      ("https://gitea.example", true), ("https://gitea.example:3000/git/", true), ("http://127.0.0.1:3000", true),
      ("http://localhost", true), ("http://[::1]:3000", true), ("http://gitea.example", false),
      ("http://127.0.0.1.example", false), ("https://u:p@gitea.example", false), ("https://gitea.example?a", false),
      ("https://gitea.example#a", false), ("ssh://gitea.example", false), ("https://", false), ("", false),
      ("https://gitea.example\r\nX: y", false), ("http://127.0.0.999", false),
    ])
  func addresses(_ text: String, isGood: Bool) {
    #expect(((try? ForgeAddress(text)) != nil) == isGood)
  }

  @Test("http to another machine is spoken where the operator says so")
  func plain() throws {
    #expect(try ForgeAddress("http://forge.internal:3000/", allowsPlain: true).text == "http://forge.internal:3000")
  }

  @Test("An address covers its own origin and what lies below its path")
  func covers() throws {
    let address = try ForgeAddress("https://Forge.example/git/api")
    for inside in ["https://forge.example/git/api", "https://forge.example:443/git/api/x?page=2"] {
      #expect(address.covers(inside))
    }
    for outside in [
      "https://forge.example/git/apix", "https://forge.example/", "http://forge.example/git/api/x",
      "https://forge.example.evil/git/api/x", "https://forge.example:8443/git/api/x",
      "https://u@forge.example/git/api/x",
      "//evil.example/git/api/x", "git/api",
    ] {
      #expect(!address.covers(outside), "\(outside)")
    }
  }

  @Test("The API's address follows from the site's")
  func sites() throws {
    let hub = ForgeSite(.github, web: try ForgeAddress("https://github.com"))
    #expect(hub.api.text == "https://api.github.com" && hub.graphQL?.text == "https://api.github.com/graphql")
    let own = ForgeSite(.github, web: try ForgeAddress("https://ghe.example"))
    #expect(own.api.text == "https://ghe.example/api/v3" && own.graphQL?.text == "https://ghe.example/api/graphql")
    let lab = ForgeSite(.gitlab, web: try ForgeAddress("https://example.org/gitlab/"))
    #expect(lab.api.text == "https://example.org/gitlab/api/v4")
    #expect(lab.gitAddress(of: try repository(.gitlab, path: "g/s/n")) == "https://example.org/gitlab/g/s/n.git")
  }

  private static let now = Timestamp(seconds: 1_700_000_000)

  private func head(_ status: Int, _ headers: [(String, String)]) -> HTTPHead {
    HTTPHead(status: status, headers: headers.map { HTTPHeader($0.0, $0.1) })
  }

  @Test("Limits are read in the order that GitHub states")
  func limits() {
    let now = Self.now
    func decide(_ head: HTTPHead, _ complaint: String = "", strikes: Int = 0) -> RateLimit.Decision {
      RateLimit.decide(head, complaint: complaint, now: now, strikes: strikes)
    }
    let reset = ("x-ratelimit-reset", "1700000600")
    #expect(decide(head(200, [("x-ratelimit-remaining", "5"), reset])) == .goOn)
    #expect(
      decide(head(200, [("x-ratelimit-remaining", "0"), reset])) == .pause(until: Timestamp(seconds: 1_700_000_600)))
    for status in [403, 429] {
      #expect(
        decide(head(status, [("retry-after", "30"), ("x-ratelimit-remaining", "0"), reset]))
          == .refused(until: Timestamp(seconds: 1_700_000_030)))
      #expect(
        decide(head(status, [("x-ratelimit-remaining", "0"), reset]))
          == .refused(until: Timestamp(seconds: 1_700_000_601)))
    }
    // No time is stated: a minute, doubled.
    #expect(decide(head(429, [])) == .refused(until: now.adding(.seconds(60))))
    let secondary = "You have exceeded a secondary rate limit."
    for (strikes, seconds) in [(0, 60), (1, 120), (2, 240), (3, 480), (4, 900), (60, 900)] {
      #expect(decide(head(403, []), secondary, strikes: strikes) == .refused(until: now.adding(.seconds(seconds))))
    }
    // A refusal of another kind.
    #expect(decide(head(403, [("x-ratelimit-remaining", "4000")]), "Resource not accessible by integration") == .goOn)
    #expect(decide(head(404, [("x-ratelimit-remaining", "0"), reset])) == .goOn)
    // GitLab's names, and nonsense.
    #expect(
      decide(head(429, [("RateLimit-Remaining", "0"), ("RateLimit-Reset", "1700000060")]))
        == .refused(until: Timestamp(seconds: 1_700_000_061)))
    #expect(
      decide(head(429, [("x-ratelimit-remaining", "-1"), ("x-ratelimit-reset", "soon")]))
        == .refused(until: now.adding(.seconds(60))))
    // A reset in a far year is cut at a day.
    #expect(
      decide(head(429, [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "99999999999")]))
        == .refused(until: now.adding(.seconds(86_401))))
  }

  @Test("Writes keep their distance, and no more than so many fit into an hour")
  func pace() {
    var pace = WritePace(spacing: .seconds(1), hourly: 3)
    let start = Self.now
    var turns: [Int64] = []
    for _ in 0..<5 {
      let turn = pace.next(after: start)
      pace.take(turn)
      turns.append(turn.seconds - start.seconds)
    }
    #expect(turns == [0, 1, 2, 3600, 3601])
    #expect(pace.next(after: start.adding(.seconds(9000))) == start.adding(.seconds(9000)))
    var free = WritePace(spacing: .zero)
    free.take(start)
    #expect(free.next(after: start) == start)
  }

  @Test("Reads are tried three times, after failures that pass")
  func retries() {
    #expect(
      ReadRetry.delay(after: 1, status: nil) == .seconds(1) && ReadRetry.delay(after: 2, status: 502) == .seconds(2))
    #expect(ReadRetry.delay(after: 3, status: 502) == nil && ReadRetry.delay(after: 1, status: 501) == nil)
    #expect(ReadRetry.delay(after: 1, status: 404) == nil)
  }

  @Test("The next page is followed as each forge tells it, and not to another address")
  func pages() throws {
    let api = try ForgeAddress("https://api.github.com")
    let url = "https://api.github.com/x?page=1"
    func next(_ style: Pagination, _ headers: [(String, String)], page: Int = 1) throws -> Pagination.Next {
      try style.next(head(200, headers), page: page, url: url, api: api)
    }
    let link = #"<https://api.github.com/x?page=1>; rel="prev", <https://api.github.com/x?page=2>; rel="next""#
    #expect(try next(.links, [("Link", link)]) == .url("https://api.github.com/x?page=2"))
    #expect(
      try next(.links, [("Link", #"<https://api.github.com/x?a=1,2>; foo=bar; REL=next"#)])
        == .url("https://api.github.com/x?a=1,2"))
    #expect(try next(.links, [("Link", #"<https://api.github.com/x>; rel="last""#)]) == .none)
    #expect(try next(.links, []) == .none)
    for foreign in ["https://evil.example/x?page=2", "http://api.github.com/x?page=2", "/x?page=2", url] {
      #expect(throws: ForgeError.self) { try next(.links, [("Link", "<\(foreign)>; rel=\"next\"")]) }
    }
    #expect(try next(.nextPage, [("X-Next-Page", "2")]) == .page(2))
    #expect(try next(.nextPage, [("X-Next-Page", "")]) == .none)
    #expect(throws: ForgeError.self) { try next(.nextPage, [("X-Next-Page", "3")], page: 3) }
    // Gitea's links may name an address that only its own people know.
    #expect(try next(.counted, [("Link", #"<http://localhost/x?page=5>; rel="next""#)], page: 4) == .page(5))
    #expect(try next(.counted, [("Link", #"<http://localhost/x?page=1>; rel="first""#)], page: 4) == .none)
  }

  @Test(
    "Moments are read as forges write them",
    arguments: [
      ("2023-11-14T22:13:20Z", 1_700_000_000_000), ("2023-11-14T22:13:20.5Z", 1_700_000_000_500),
      ("2023-11-14T22:13:20.123456Z", 1_700_000_000_123), ("2023-11-15T00:13:20+02:00", 1_700_000_000_000),
      ("2023-11-14T16:43:20.000-05:30", 1_700_000_000_000), ("1970-01-01T00:00:00Z", 0),
      ("2024-02-29T00:00:00Z", 1_709_164_800_000), ("2023-11-14", nil), ("2023-11-14T22:13:20", nil),
      ("2023-13-14T22:13:20Z", nil), ("2023-11-14T22:13:20.Z", nil), ("2023-11-14T22:13:20+2:00", nil), ("", nil),
    ] as [(String, Int64?)])
  func moments(_ text: String, milliseconds: Int64?) {
    #expect(Timestamp(forgeText: text)?.milliseconds == milliseconds)
  }

  @Test("A marker counts at the beginning of a comment alone")
  func markers() {
    let body = HiddenMarker.mark("Text.", key: "f/0a1b-2.c")
    #expect(body == "<!-- arborist:f/0a1b-2.c -->\nText." && HiddenMarker.key(in: body) == "f/0a1b-2.c")
    #expect(HiddenMarker.key(in: "\r\n <!-- arborist:a -->\r\nText") == "a")
    for other in [
      "Text <!-- arborist:a -->", "> <!-- arborist:a -->", "<!-- arborist: -->", "<!-- arborist:A -->",
      "<!-- arborist:a--><b>", "<!--arborist:a -->", "<!-- arborist:a", "<!-- arborist:a--b -->", "",
    ] {
      #expect(HiddenMarker.key(in: other) == nil, "\(other)")
    }
    #expect(HiddenMarker.isSame("a\r\nb  \n", "a\nb") && !HiddenMarker.isSame("a\nb", "a\n b"))
  }

  private func comment(_ lines: [String]?, start: Int = 4, end: Int = 6, side: Finding.Side = .head) throws
    -> LineComment
  {
    LineComment(
      key: "k", anchor: LineAnchor(path: try #require(RepositoryPath("a")), side: side, startLine: start, endLine: end),
      body: "B", suggestion: lines)
  }

  @Test("A suggestion has each forge's form, in a fence that nothing in it ends")
  func suggestions() throws {
    #expect(SuggestionText.body(of: try comment(nil), on: .github) == "B")
    #expect(SuggestionText.body(of: try comment(["x", "y"]), on: .github) == "B\n\n```suggestion\nx\ny\n```")
    #expect(SuggestionText.body(of: try comment(["x"]), on: .gitlab) == "B\n\n```suggestion:-2+0\nx\n```")
    #expect(SuggestionText.body(of: try comment(["x"]), on: .gitea) == "B\n\n```\nx\n```")
    #expect(SuggestionText.body(of: try comment([]), on: .github) == "B\n\n```suggestion\n```")
    #expect(SuggestionText.body(of: try comment(["a ```` b"]), on: .github) == "B\n\n`````suggestion\na ```` b\n`````")
    #expect(SuggestionText.body(of: try comment(["x"], side: .base), on: .github) == "B\n\n```\nx\n```")
    #expect(SuggestionText.body(of: try comment(["x"], start: 1, end: 200), on: .gitlab) == "B\n\n```\nx\n```")
  }

  @Test("A second try waits until the first one cannot write any more")
  func quarantine() {
    let now = Self.now
    func end(_ isRetry: Bool, _ latest: Int64?) -> Timestamp? {
      Quarantine.end(
        EffectTrial(intended: now, isRetry: isRetry, latest: latest.map { now.adding(.seconds($0)) }), now: now,
        longestRequest: .seconds(90))
    }
    #expect(end(false, nil) == nil && end(false, 0) == nil)
    #expect(end(true, nil) == now.adding(.seconds(90)) && end(true, -30) == now.adding(.seconds(60)))
    #expect(end(true, -90) == nil && end(true, -1000) == nil)
    // Who is perhaps not dead may send for a while; but never for as long as a clock says that was set back.
    #expect(end(true, 30) == now.adding(.seconds(120)))
    #expect(end(true, 86_400) == now.adding(.seconds(210)))
  }

  @Test("No write lasts as long as a forge may work on it", arguments: [1, 2, 3, 30, 90, 600])
  func patience(seconds: Int) throws {
    let patience = ForgePatience.outlasting(.seconds(seconds))
    let total = try #require(patience.writing.total)
    #expect(patience.longestRequest == .seconds(seconds))
    #expect(total < patience.longestRequest && total > .zero)
    #expect(patience.writing.connect <= total)
    #expect(try #require(ForgePatience().writing.total) < ForgePatience().longestRequest)
  }
}
