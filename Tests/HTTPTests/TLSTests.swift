import HTTP
import TestSupport
import Testing

@Suite("TLS")
struct TLSTests {
  @Test("The right authority is trusted; another, none, and another name are not")
  func authorities() async throws {
    let server = try await TLSServer()
    let other = try TemporaryDirectory()
    try TLSServer.makeCertificates(in: other.path)
    func get(_ authority: String?, host: String = "localhost") async throws -> HTTPError? {
      let client = try HTTPClient(HTTPClientOptions(proxy: .none, authorities: authority))
      return await failure { () async throws(HTTPError) in
        try await client.send(HTTPRequest(.get, "https://\(host):\(server.port)/path?SECRET"))
      }
    }
    #expect(try await get(server.authority) == nil)
    #expect(try await get(other.path + "/ca.pem")?.code == .tls)
    #expect(try await get(nil)?.code == .tls)
    let misnamed = try #require(try await get(server.authority, host: "127.0.0.1"))
    #expect(misnamed.code == .tls && !misnamed.description.contains("SECRET"))
  }

  @Test("A server that speaks no TLS is told from one that is not there")
  func plain() async throws {
    let server = try LoopbackServer { peer, _ in
      _ = peer.read()
      peer.write("HTTP/1.1 400 Bad Request\r\n\r\n")
    }
    let client = try HTTPClient(HTTPClientOptions(proxy: .none))
    let error = await failure { () async throws(HTTPError) in
      try await client.send(HTTPRequest(.get, "https://127.0.0.1:\(server.port)/"))
    }
    #expect(error?.code == .tls)
  }
}
