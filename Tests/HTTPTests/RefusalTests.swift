import HTTP
import Testing

@Suite("Requests that are not sent")
struct RefusalTests {
  private func refusal(_ url: String, _ headers: [HTTPHeader] = []) async throws -> HTTPError? {
    let client = try HTTPClient(HTTPClientOptions(proxy: .none))
    return await failure { () async throws(HTTPError) in
      try await client.send(HTTPRequest(.get, url, headers: headers, deadlines: HTTPDeadlines(total: .seconds(20))))
    }
  }

  @Test(
    "An address that is none, or holds what it should not, is refused and not repeated",
    arguments: [
      "", "SECRET", "/SECRET", "ftp://host/SECRET", "file:///etc/SECRET", "http:/host/SECRET", "http:///SECRET",
      "http://user:SECRET@host/", "https://SECRET@host/", "http://host\r\nX-SECRET: 1/", "http://host/\r\nSECRET",
      "http://host/ SECRET", "http://host/\u{0}SECRET", "http://host/SECRÉT", "http://ho%73t/SECRET",
      "http://host:0/SECRET", "http://host:65536/SECRET", "http://host:x/SECRET", "http://host:/SECRET",
      "http://[::1/SECRET", "http://[SECRET]/", "http://[]/SECRET", "http://host\\@SECRET/", "http://ho{st}/SECRET",
      "http://host\t/SECRET", "javascript:SECRET", "http://:80/SECRET", "http://a,b/SECRET",
    ])
  func addresses(_ url: String) async throws {
    let error = try #require(try await refusal(url))
    #expect(error.code == .address && !error.description.contains("SECRET"), "\(error)")
    #expect(error.operation == "GET" && !error.description.contains("\n"))
  }

  @Test(
    "A header that could end its line, or is the client's to set, is refused and its value not repeated",
    arguments: [
      ("X-A", "SECRET\r\nX-B: 1"), ("X-A", "SECRET\nX-B: 1"), ("X-A", "SECRET\r"), ("X-A", "SECRET\u{0}"),
      ("X-A", "SECRET\u{7F}"), ("X-A\r\nX-B", "SECRET"), ("X-A:", "SECRET"), ("", "SECRET"), ("X A", "SECRET"),
      ("X-Ä", "SECRET"), ("X-A;", "SECRET"), ("Host", "SECRET"), ("content-length", "0SECRET"),
      ("Transfer-Encoding", "SECRET"), ("Expect", "SECRET"), ("Connection", "SECRET"),
      ("Proxy-Authorization", "SECRET"),
    ])
  func headers(_ name: String, _ value: String) async throws {
    let server = try LoopbackServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    let error = try #require(try await refusal(server.url("/p?q=SECRET"), [HTTPHeader(name, value)]))
    #expect(error.code == .address && !error.description.contains("SECRET"), "\(error)")
    #expect(error.operation == "GET \(server.url("/p"))")
    // The control: what is allowed comes through.
    #expect(try await refusal(server.url("/p?q=SECRET"), [HTTPHeader("X-A", "SECRET \t é")]) == nil)
  }

  @Test("Options that cannot be are refused at once, without repeating them")
  func options() async throws {
    func refusal(_ options: HTTPClientOptions) throws -> HTTPError? {
      do throws(HTTPError) {
        _ = try HTTPClient(options)
        return nil
      } catch {
        return error
      }
    }
    #expect(try refusal(HTTPClientOptions(authorities: "/no/such/file"))?.code == .tls)
    #expect(try refusal(HTTPClientOptions(userAgent: "a\r\nb"))?.code == .address)
    for address in [
      "SECRET", "http://", "ftp://SECRET", "http://a\r\nSECRET", "http://user:SECRET@", "http://a SECRET",
    ] {
      let error = try #require(try refusal(HTTPClientOptions(proxy: .address(address))))
      #expect(error.code == .proxy && !error.description.contains("SECRET"))
    }
    #expect(try refusal(HTTPClientOptions(proxy: .address("http://user:SECRET@proxy:3128", except: ["a"]))) == nil)
    #expect(try refusal(HTTPClientOptions(proxy: .address("http://proxy", except: ["a,b"])))?.code == .proxy)
  }
}
