import HTTP
import Testing

/// A proxy that carries bytes: CONNECT as a tunnel, and absolute addresses as requests of its own.
private func proxy(_ seen: Notes, refusing: Bool = false) throws -> LoopbackServer {
  try LoopbackServer { peer, _ in
    guard let request = peer.request() else { return }
    let credentials = request.header("proxy-authorization").map { " \($0)" } ?? ""
    seen.add(request.line + credentials)
    let words = request.line.split(separator: " ")
    if refusing {
      peer.write("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
      return
    }
    guard words[0] == "CONNECT" else {
      peer.write("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nproxied")
      return
    }
    guard let port = words[1].split(separator: ":").last.flatMap({ Int($0) }),
      let server = Peer.connecting(to: port)
    else { return }
    peer.write("HTTP/1.1 200 Connection established\r\n\r\n")
    peer.carry(to: server)
  }
}

@Suite("Proxies")
struct ProxyTests {
  @Test("A request for http goes to the proxy as a whole, with credentials in their header alone")
  func absolute() async throws {
    let seen = Notes()
    let proxy = try proxy(seen)
    let address = "http://user:pass@127.0.0.1:\(proxy.port)"
    let client = try HTTPClient(HTTPClientOptions(proxy: .address(address, except: ["localhost"])))
    let response = try await client.send(HTTPRequest(.get, "http://example.invalid/a?b=c"))
    #expect(response.body == Array("proxied".utf8))
    #expect(seen.all == ["GET http://example.invalid/a?b=c HTTP/1.1 Basic dXNlcjpwYXNz"])
  }

  @Test("Hosts that are excepted, and clients without a proxy, go straight")
  func straight() async throws {
    let seen = Notes()
    let proxy = try proxy(seen)
    let server = try LoopbackServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\ndirect")
    let address = proxy.url("")
    func body(_ setting: HTTPClientOptions.Proxy) async throws -> String {
      let client = try HTTPClient(HTTPClientOptions(proxy: setting))
      return String(decoding: try await client.send(HTTPRequest(.get, server.url())).body, as: UTF8.self)
    }
    #expect(try await body(.none) == "direct")
    #expect(try await body(.address(address, except: ["127.0.0.1"])) == "direct")
    #expect(try await body(.address(address, except: ["*"])) == "direct")
    #expect(seen.all == [])
    #expect(try await body(.address(address)) == "proxied")
    #expect(seen.all.count == 1)
  }

  @Test("A request for https goes through a tunnel, and the proxy sees nothing but the host")
  func tunnel() async throws {
    let seen = Notes()
    let proxy = try proxy(seen)
    let server = try await TLSServer()
    let options = HTTPClientOptions(proxy: .address(proxy.url("")), authorities: server.authority)
    let response = try await HTTPClient(options).send(HTTPRequest(.get, server.url("/path?secret")))
    #expect(response.head.status == 200)
    #expect(seen.all == ["CONNECT localhost:\(server.port) HTTP/1.1"])
  }

  @Test("A proxy that refuses, or is not there, is named as the cause")
  func refused() async throws {
    let seen = Notes()
    let proxy = try proxy(seen, refusing: true)
    let client = try HTTPClient(HTTPClientOptions(proxy: .address("http://user:SECRET@127.0.0.1:\(proxy.port)")))
    let error = await failure { () async throws(HTTPError) in
      try await client.send(HTTPRequest(.get, "https://example.invalid/"))
    }
    #expect(error?.code == .proxy && error?.detail.contains("407") == true)
    let unknown = try HTTPClient(HTTPClientOptions(proxy: .address("http://user:SECRET@no-such-host.invalid:3128")))
    let missing = await failure { () async throws(HTTPError) in
      try await unknown.send(HTTPRequest(.get, "http://example.invalid/"))
    }
    #expect(missing?.code == .proxy && missing?.description.contains("SECRET") == false)
  }
}
