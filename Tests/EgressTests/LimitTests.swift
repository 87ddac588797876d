import Base
import Dispatch
import Egress
import Glibc
import Testing

import class Foundation.Thread

@Suite("Limits of the egress broker")
struct LimitTests {
  private func last(_ rig: Rig) -> EgressRecord.Event? { rig.log.events.last }

  /// Sends a ClientHello and so many bytes to an echo; returns how many came back.
  private func pass(_ count: Int, through rig: Rig) async throws -> Int {
    try await blocking {
      let client = try rig.opened()
      let bytes = Hello.to("a.com") + [UInt8](repeating: 5, count: count)
      Thread.detachNewThread {
        client.send(bytes)
        client.endSending()
      }
      return client.receiveAll().bytes.count - Hello.to("a.com").count
    }
  }

  @Test("3 MiB are not sent; what passes stays below the limit, and nothing passes afterwards")
  func upload() async throws {
    let rig = try Rig()
    #expect(try await pass(300_000, through: rig) == 300_000)
    _ = try await pass(3 << 20, through: rig)
    await rig.log.wait(forCount: 4)
    #expect(last(rig) == .closed(.cut(.uploadLimit)))
    #expect(rig.server.received.count <= 1 << 20)
    let after = try await blocking { try rig.answer(to: Rig.connect) }
    #expect(after.hasPrefix("HTTP/1.1 403 "))
    await rig.broker.stop()
    #expect(last(rig) == .refused(.uploadLimit) && rig.broker.traffic.uploaded <= 1 << 20)
  }

  @Test("A limit holds for all connections together, to the byte")
  func uploadToTheByte() async throws {
    let one = Hello.to("a.com").count + 1000
    let rig = try Rig(limits: EgressLimits(upload: 3 * one))
    for _ in 0..<3 { #expect(try await pass(1000, through: rig) == 1000) }
    #expect(rig.broker.traffic.uploaded == 3 * one)
    #expect(try await blocking { try rig.opened().send(Hello.to("a.com")) } == true)
    await rig.log.wait(forCount: 7)
    #expect(last(rig) == .refused(.uploadLimit) && rig.server.received.count == 3 * one)
    await rig.broker.stop()
  }

  @Test("No more comes in than may")
  func download() async throws {
    let rig = try Rig(limits: EgressLimits(download: 100_000))
    #expect(try await pass(50_000, through: rig) == 50_000)
    #expect(try await pass(60_000, through: rig) < 50_000)
    await rig.log.wait(forCount: 4)
    #expect(last(rig) == .closed(.cut(.downloadLimit)) && rig.broker.traffic.downloaded <= 100_000)
    let after = try await blocking { try rig.answer(to: Rig.connect) }
    #expect(after.hasPrefix("HTTP/1.1 403 "))
    await rig.broker.stop()
  }

  @Test("A client that takes its time with the request or the ClientHello is ended, and others are served meanwhile")
  func slowClients() async throws {
    let rig = try Rig(limits: EgressLimits(handshakeTime: .milliseconds(1500)))
    let answers = try await blocking {
      let silent = try Stream(port: rig.port)
      let slow = try Stream(port: rig.port)
      slow.send("CONNECT a.com:443 HTTP/1.1\r\nHost: a")
      let hello = try rig.opened()
      hello.send(Array(Hello.to("a.com").prefix(20)))
      #expect(try rig.works())
      return [silent, slow, hello].map { $0.receiveAll().bytes }
    }
    #expect(answers[0].starts(with: "HTTP/1.1 408 ".utf8) && answers[1].starts(with: "HTTP/1.1 408 ".utf8))
    #expect(answers[2] == [21, 3, 3, 0, 2, 2, 49])
    await rig.broker.stop()
    let refused = rig.log.events.filter { if case .refused = $0 { true } else { false } }
    #expect(refused.filter { $0 == .refused(.time(.request)) }.count == 2)
    #expect(refused.filter { $0 == .refused(.time(.clientHello)) }.count == 1 && refused.count == 3)
    #expect(rig.server.received.count == Hello.to("a.com").count + 4)
  }

  @Test("A connection without a byte is ended, and one that is open too long", arguments: [true, false])
  func idle(_ isIdle: Bool) async throws {
    let short = Duration.milliseconds(200)
    let rig = try Rig(limits: isIdle ? EgressLimits(idleTime: short) : EgressLimits(totalTime: .milliseconds(1500)))
    let ended = try await blocking {
      let client = try rig.opened()
      client.send(Hello.to("a.com"))
      return client.receiveAll().ended
    }
    #expect(!ended)
    await rig.broker.stop()
    #expect(last(rig) == .closed(.cut(.time(isIdle ? .idle : .total))))
  }

  @Test("A resolver that hangs holds up neither its client, nor others, nor the end")
  func hangingResolver() async throws {
    let gate = DispatchSemaphore(value: 0)
    let rig = try Rig(limits: EgressLimits(connectTime: .milliseconds(1000))) { host, _ in
      if host.text == "registry.example.com" { gate.wait() }
      return [Rig.address]
    }
    let hanging = "CONNECT registry.example.com:443 HTTP/1.0\r\n\r\n"
    let answer = try await blocking { try rig.answer(to: hanging) }
    #expect(answer.hasPrefix("HTTP/1.1 504 ") && last(rig) == .refused(.time(.connect)))
    #expect(try await blocking { try rig.works() })
    await rig.broker.stop()
    gate.signal()
  }

  @Test("More connections at once than are served wait for their turn")
  func manyConnections() async throws {
    // No limit of time ends one that waits for its turn, however slow the machine is.
    let hour = Duration.seconds(3600)
    let rig = try Rig(
      limits: EgressLimits(concurrentConnections: 4, handshakeTime: hour, connectTime: hour, idleTime: hour))
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for _ in 0..<40 { group.addTask { try await blocking { try rig.works() } } }
      for try await works in group { #expect(works) }
    }
    await rig.broker.stop()
    #expect(rig.log.events.filter { $0 == .closed(.finished) }.count == 40 && rig.broker.traffic.connections == 40)
  }

  @Test("After the last connection of the run the listener is gone")
  func allConnections() async throws {
    let rig = try Rig(limits: EgressLimits(totalConnections: 3))
    let answer = try await blocking {
      for _ in 0..<3 { #expect(try rig.works()) }
      return try rig.answer(to: Rig.connect)
    }
    #expect(answer.hasPrefix("HTTP/1.1 403 "))
    await rig.log.wait(forCount: 7)
    #expect(last(rig) == .refused(.connectionLimit))
    // It is told of before the listener is closed, so that is waited for.
    #expect(await isGone(rig.port))
    await rig.broker.stop()
  }

  /// Whether nobody listens at a port in the end.
  private func isGone(_ port: UInt16) async -> Bool {
    for _ in 0..<2000 {
      do {
        try await blocking { _ = try Stream(port: port) }
        try await Task.sleep(for: .milliseconds(10))
      } catch {
        return error is SocketFailure
      }
    }
    return false
  }

  @Test("Stopping ends every connection, whatever it waits for, and the listener")
  func stops() async throws {
    // No other limit ends them, however slow the machine is.
    let rig = try Rig(limits: EgressLimits(handshakeTime: .seconds(3600), idleTime: .seconds(3600)))
    let clients = try await blocking {
      let open = try rig.opened()
      open.send(Hello.to("a.com"))
      _ = open.receive(exactly: Hello.to("a.com").count)
      let waiting = try Stream(port: rig.port)
      waiting.send("CONNECT ")
      return [open, try rig.opened(), waiting]
    }
    await rig.broker.stop()
    await rig.broker.stop()
    let ended = try await blocking { clients.map { $0.receiveAll().bytes } }
    #expect(ended == [[], [], []])
    #expect(rig.log.events.filter { $0 == .closed(.stopped) }.count == 1 && rig.log.events.count <= 4)
    await #expect(throws: SocketFailure.self) { try await blocking { _ = try Stream(port: rig.port) } }
  }

  @Test("A broker that nobody keeps ends by itself")
  func forgotten() async throws {
    let log = RecordLog()
    let listener = try Loopback.listen()
    var broker: EgressBroker? = try EgressBroker(
      listener: listener.descriptor, policy: EgressPolicy(hosts: []), audit: log.append)
    let client = try await blocking {
      let client = try Stream(port: listener.port)
      client.send("CONNECT a.com:443 HTTP/1.0\r\n\r\n")
      _ = client.receiveHead()
      return client
    }
    await log.wait(forCount: 1)
    #expect(broker?.traffic.connections == 1 && log.events == [.refused(.hostNotAllowed)])
    broker = nil
    _ = try await blocking { client.receiveAll() }
  }

  @Test("Only a listening TCP socket is served; whatever was given is closed")
  func wrongDescriptor() async throws {
    let listener = try Loopback.listen()
    let other = try await blocking { try Loopback.connect(listener.port) }
    close(listener.descriptor)
    #expect(throws: EgressError.notListening) {
      _ = try EgressBroker(listener: other, policy: EgressPolicy(hosts: []), audit: { _ in })
    }
    #expect(throws: EgressError.notListening) {
      _ = try EgressBroker(listener: -1, policy: EgressPolicy(hosts: []), audit: { _ in })
    }
  }
}
