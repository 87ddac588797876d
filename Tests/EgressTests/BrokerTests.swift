import Base
import Dispatch
import Egress
import Glibc
import Testing

@Suite("The egress broker")
struct BrokerTests {
  private func refusals(_ rig: Rig) -> [EgressRefusal] {
    rig.log.events.compactMap { if case .refused(let refusal) = $0 { refusal } else { nil } }
  }

  @Test("An allowed connection works, and is told of twice")
  func works() async throws {
    let rig = try Rig()
    let bytes = Hello.to("a.com") + (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let got = try await blocking {
      let client = try rig.opened()
      client.send(bytes)
      client.endSending()
      return client.receiveAll()
    }
    #expect(got == (bytes, true))
    await rig.broker.stop()
    let records = rig.log.records
    #expect(rig.log.events == [.allowed(try PublicAddress(Rig.address)), .closed(.finished)])
    #expect(records.allSatisfy { $0.host?.text == "a.com" && $0.connection == 1 })
    #expect(records.last?.uploaded == bytes.count && records.last?.downloaded == bytes.count)
    #expect(rig.broker.traffic.uploaded == bytes.count && rig.broker.traffic.downloaded == bytes.count)
    #expect(rig.server.received == bytes && rig.connector.tried.withLock { $0 } == [Rig.address])
  }

  @Test("A refused request is answered once, in words of ours, and reaches neither a resolver nor a server")
  func refusesRequests() async throws {
    let rig = try Rig()
    let cases =
      RequestTests.refused + [("CONNECT evil-a.com:443 HTTP/1.0\r\n\r\n", .hostNotAllowed)]
      + ["a.com.evil.org", "www.a.com", "xn--a-0.com"].map { ("CONNECT \($0):443 HTTP/1.0\r\n\r\n", .hostNotAllowed) }
    try await blocking {
      for (request, refusal) in cases {
        let answer = try rig.answer(to: request)
        #expect(answer.hasPrefix("HTTP/1.1 4") && answer.hasSuffix("\r\n\r\narborist: \(refusal)\n"), "\(request)")
        #expect(answer.components(separatedBy: "HTTP/1.1 4") == 2 && answer.components(separatedBy: "\r\n\r\n") == 2)
      }
    }
    await rig.log.wait(forCount: cases.count)
    #expect(refusals(rig) == cases.map(\.1))
    #expect(rig.server.connections == 0 && rig.resolver.asked.withLock { $0 }.isEmpty)
    #expect(rig.broker.traffic.uploaded == 0)
    #expect(try await blocking { try rig.works() })
    await rig.broker.stop()
  }

  @Test("No byte of what is not a right ClientHello is passed on")
  func refusesHellos() async throws {
    let rig = try Rig()
    let cases =
      ClientHelloTests.refused.map { ($0.1, EgressRefusal.clientHello($0.2)) } + [
        (Hello.to("b.com"), .serverNameDiffers(try HostName("b.com"))),
        (Hello.to("registry.example.com"), .serverNameDiffers(try HostName("registry.example.com"))),
        (Hello.to("a.com.evil.org"), .serverNameDiffers(try HostName("a.com.evil.org"))),
        (Array(Hello.to("a.com").dropLast()), .clientHello(.incomplete)), ([22], .clientHello(.incomplete)),
      ]
    try await blocking {
      for (bytes, refusal) in cases {
        let client = try rig.opened()
        client.send(bytes)
        client.endSending()
        let answer = client.receiveAll().bytes
        #expect(answer.isEmpty || (answer.count == 7 && answer.starts(with: [21, 3, 3, 0, 2, 2])), "\(refusal)")
      }
    }
    await rig.log.wait(forCount: cases.count)
    #expect(refusals(rig) == cases.map(\.1))
    #expect(rig.server.received.isEmpty && rig.broker.traffic.uploaded == 0)
    #expect(try await blocking { try rig.works() })
    await rig.broker.stop()
  }

  @Test("A ClientHello works wherever it is divided, and with the request in one piece")
  func dividedHello() async throws {
    let rig = try Rig()
    let bytes = Hello.to("a.com")
    try await blocking {
      for place in 0..<bytes.count {
        let client = try rig.opened()
        client.send(Array(bytes[..<place]))
        client.send(Array(bytes[place...]))
        #expect(client.receive(exactly: bytes.count) == bytes)
      }
      let client = try Stream(port: rig.port)
      client.send(Array(Rig.connect.utf8) + bytes + [1, 2, 3])
      #expect(client.receiveHead().hasPrefix("HTTP/1.1 200 "))
      #expect(client.receive(exactly: bytes.count + 3) == bytes + [1, 2, 3])
    }
    await rig.broker.stop()
  }

  @Test("A second ClientHello that the server asks for must name the same host", arguments: ["a.com", "b.com"])
  func secondHello(_ name: String) async throws {
    let first = Hello.to("a.com")
    // A HelloRetryRequest is told by its random number, the hash of that name.
    let random: [UInt8] = [
      0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
      0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
    ]
    let retry = Hello.records([2] + Hello.vector([3, 3] + random + [0, 0x13, 1, 0, 0, 0], lengthBytes: 3))
    let gate = DispatchSemaphore(value: 0)
    let server = try Server { stream, server in
      server.note(stream.receive(exactly: first.count))
      stream.send(retry)
      server.note(stream.receiveAll().bytes)
      gate.signal()
    }
    let rig = try Rig(server: server)
    // It is sent at once, as by somebody who does not wait for the server; a change of ciphers goes before it.
    let second = [20, 3, 3, 0, 1, 1] + Hello.to(name, recordsOf: 5)
    let ended = try await blocking {
      let client = try rig.opened()
      client.send(first + second)
      client.endSending()
      return client.receiveAll().ended
    }
    await rig.log.wait(forCount: 2)
    await rig.broker.stop()
    try await blocking { gate.wait() }
    if name == "a.com" {
      #expect(ended && server.received == first + second && rig.log.events.last == .closed(.finished))
    } else {
      #expect(!ended && server.received == first)
      #expect(rig.log.events.last == .closed(.cut(.serverNameDiffers(try HostName(name)))))
    }
  }

  @Test("A name that leads elsewhere the second time is followed to what was checked, never further")
  func rebinding() async throws {
    let rig = try Rig { _, number in number == 1 ? [Rig.address] : [.v4(0x7f00_0001)] }
    let (first, second) = try await blocking { (try rig.works(), try rig.answer(to: Rig.connect)) }
    #expect(first && second.hasPrefix("HTTP/1.1 403 "))
    await rig.broker.stop()
    #expect(rig.resolver.asked.withLock { $0.count } == 2 && rig.connector.tried.withLock { $0 } == [Rig.address])
    #expect(refusals(rig) == [.address(.loopback)])
  }

  @Test("A name that leads to an address that is not public is refused, and no connection begun")
  func nonPublic() async throws {
    for (address, range) in AddressTests.closed {
      let rig = try Rig { _, _ in [Rig.address, address] }
      let answer = try await blocking { try rig.answer(to: Rig.connect) }
      #expect(answer.hasPrefix("HTTP/1.1 403 "))
      await rig.broker.stop()
      #expect(refusals(rig) == [.address(range)] && rig.connector.tried.withLock { $0 }.isEmpty)
    }
  }

  @Test("The next address is tried where one does not answer; where none does, the client is told")
  func unreachable() async throws {
    let other = IPAddress.v4(0x0808_0808)
    let rig = try Rig(dead: [other]) { _, number in number == 1 ? [other, Rig.address] : number == 2 ? [other] : [] }
    let (works, dead, none) = try await blocking {
      (try rig.works(), try rig.answer(to: Rig.connect), try rig.answer(to: Rig.connect))
    }
    #expect(works && dead.hasPrefix("HTTP/1.1 502 ") && none.hasPrefix("HTTP/1.1 502 "))
    // Nobody listens at a port that was given up.
    let free = try Loopback.listen()
    close(free.descriptor)
    let refused = try Rig(serverPort: free.port)
    let unanswered = try await blocking { try refused.answer(to: Rig.connect) }
    #expect(unanswered.hasPrefix("HTTP/1.1 502 "))
    await rig.broker.stop()
    await refused.broker.stop()
    #expect(refusals(rig) == [.unreachable(ECONNREFUSED), .unresolved(.noAddress)])
    #expect(refusals(refused) == [.unreachable(ECONNREFUSED)])
  }

  @Test("What a client and a server end one after the other arrives in full", arguments: [true, false])
  func halfClosed(_ clientFirst: Bool) async throws {
    let hello = Hello.to("a.com")
    let data = (0..<500_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let gate = DispatchSemaphore(value: 0)
    let server = try Server { stream, server in
      defer { gate.signal() }
      server.note(stream.receive(exactly: hello.count))
      // A server of TLS always answers the ClientHello.
      stream.send([23])
      if clientFirst {
        server.note(stream.receiveAll().bytes)
        stream.send(data)
      } else {
        stream.send(data)
        stream.endSending()
        server.note(stream.receiveAll().bytes)
      }
    }
    let rig = try Rig(server: server)
    let got = try await blocking {
      let client = try rig.opened()
      client.send(hello)
      if clientFirst {
        client.send(data)
        client.endSending()
        return client.receiveAll()
      }
      let got = client.receiveAll()
      client.send(data)
      client.endSending()
      return got
    }
    #expect(got == ([23] + data, true))
    await rig.log.wait(forCount: 2)
    await rig.broker.stop()
    try await blocking { gate.wait() }
    #expect(server.received == hello + data && rig.log.events.last == .closed(.finished))
  }
}

extension String {
  /// How many parts the text has between these separators.
  fileprivate func components(separatedBy separator: String) -> Int {
    var count = 1
    var rest = utf8[...]
    while rest.count >= separator.utf8.count {
      if rest.starts(with: separator.utf8) { count += 1 }
      rest = rest.dropFirst()
    }
    return count
  }
}
