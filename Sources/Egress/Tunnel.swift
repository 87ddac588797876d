internal import Base
internal import Glibc

/// One connection of a cell, from its request to its end.
///
/// Only the broker's thread touches it. Each step of ``Phase`` decides one thing, and none can be left out: the host
/// comes from the request, the addresses from the check of the resolver's answer, and only the ClientHello's check leads
/// to the phases in which bytes are passed on.
final class Tunnel {
  private enum Phase {
    /// Reads the request.
    case request
    /// Waits for the addresses of the host.
    case resolving(HostName)
    /// Waits for the connection to one of the addresses; the others are tried after it.
    case connecting(HostName, PublicAddress, others: ArraySlice<PublicAddress>)
    /// Reads the ClientHello.
    case hello(HostName, PublicAddress)
    /// Waits for the server to show whether it wants a second ClientHello.
    case serverStart(HostName)
    /// Reads the second ClientHello.
    case secondHello(HostName)
    /// Passes on whatever comes.
    case open
    /// Sends what is left of the refusal and throws away what comes, so that the client gets to read it.
    case refused
    case closed
  }

  /// What to wait for on a socket.
  enum Interest {
    /// Not even errors.
    case nothing
    case events(Int16)
  }

  let number: Int
  let client: Socket
  private(set) var upstream: Socket?
  private let world: BrokerWorld
  private let meter: Meter
  private let began: Timestamp
  private let start = Moment.now

  private var phase = Phase.request
  private var phaseLimit: (moment: Moment, kind: EgressTimeLimit)
  /// When the present try to connect is given up for the next address.
  private var attemptLimit: Moment?
  private var host: HostName?
  private var up = Flow()
  private var down = Flow()
  private var uploaded = 0
  private var downloaded = 0
  private var thrownAway = 0
  private var requestReader = ConnectRequestReader()
  private var helloReader = ClientHelloReader()
  private var serverStart = ServerStart()
  private var secondHello = SecondHelloReader()

  /// The most bytes that wait in one direction, and are read at once.
  private static let bufferSize = 64 << 10

  init(number: Int, client: Socket, world: BrokerWorld, meter: Meter) {
    self.number = number
    self.client = client
    self.world = world
    self.meter = meter
    began = world.clock.now()
    phaseLimit = (start + world.policy.limits.handshakeTime, .request)
    client.sendWithoutDelay()
  }

  var isClosed: Bool { if case .closed = phase { true } else { false } }

  // MARK: - What is waited for

  var interestInClient: Interest {
    var events: Int16 = down.isEmpty ? 0 : Int16(POLLOUT)
    switch phase {
    case .request, .hello: events |= Int16(POLLIN)
    case .secondHello, .open: if wantsMore { events |= Int16(POLLIN) }
    case .refused where down.isEmpty: events |= Int16(POLLIN)
    // Only whether it is still there.
    case .resolving, .connecting: return .events(events)
    default: break
    }
    return events == 0 ? .nothing : .events(events)
  }

  var interestInUpstream: Interest {
    var events: Int16 = up.isReady ? Int16(POLLOUT) : 0
    switch phase {
    case .connecting: events |= Int16(POLLOUT)
    case .serverStart, .secondHello, .open: if down.isEmpty, !down.hasEnded { events |= Int16(POLLIN) }
    default: break
    }
    return events == 0 ? .nothing : .events(events)
  }

  /// When ``checkTime(at:)`` has something to do.
  var deadline: Moment {
    min(phaseLimit.moment, attemptLimit ?? phaseLimit.moment, start + world.policy.limits.totalTime)
  }

  // MARK: - What happens

  func go(client clientEvents: Int16, upstream upstreamEvents: Int16, at now: Moment) {
    if clientEvents != 0 { clientReady(clientEvents, at: now) }
    if upstreamEvents != 0, !isClosed { upstreamReady(upstreamEvents, at: now) }
  }

  private func clientReady(_ events: Int16, at now: Moment) {
    switch phase {
    case .resolving, .connecting:
      if events & Int16(POLLERR | POLLHUP) != 0 { end(.abandoned) }
    case .request: receive(at: now) { $0.takeRequest($1, at: now) }
    case .hello:
      sendDown(at: now)
      if case .hello = phase { receive(at: now) { $0.takeHello($1, at: now) } }
    case .refused: drain()
    case .serverStart, .secondHello, .open:
      sendDown(at: now)
      if wantsMore { passUp(at: now) }
    case .closed: break
    }
  }

  private func upstreamReady(_ events: Int16, at now: Moment) {
    switch phase {
    case .connecting(let host, let address, let others): finishConnecting(host, address, others, at: now)
    case .serverStart, .secondHello, .open:
      sendUp(at: now)
      if isPassing, down.isEmpty, !down.hasEnded { passDown(at: now) }
    default: break
    }
  }

  /// Whether what the client sends is to be read and there is room for it.
  private var wantsMore: Bool {
    switch phase {
    case .secondHello: true
    case .open: up.isEmpty && !up.hasEnded
    default: false
    }
  }

  /// Whether the ClientHello has been checked and the connection has not ended.
  private var isPassing: Bool {
    switch phase {
    case .serverStart, .secondHello, .open: true
    default: false
    }
  }

  func checkTime(at now: Moment) {
    guard !isClosed, deadline <= now else { return }
    if case .refused = phase { return close() }
    if case .connecting(let host, _, let others) = phase, now < phaseLimit.moment, !others.isEmpty {
      return connect(host, others, failure: ETIMEDOUT, at: now)
    }
    let isTotal = start + world.policy.limits.totalTime <= now
    let limit = EgressRefusal.time(isTotal ? .total : phaseLimit.kind)
    if isPassing { cut(.cut(limit)) } else { refuse(limit, at: now) }
  }

  /// Ends the connection because the broker ends.
  func stop(at now: Moment) {
    if isPassing { cut(.stopped) } else { end(.abandoned) }
  }

  // MARK: - The request

  /// Receives from the client and hands the bytes on; an end before anything was decided ends the connection.
  private func receive(at now: Moment, _ take: (Tunnel, ArraySlice<UInt8>) -> Void) {
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    switch client.receive(into: &buffer) {
    case .bytes(let count): take(self, buffer[..<count])
    case .end:
      if case .hello = phase { refuse(.clientHello(.incomplete), at: now) } else { end(.abandoned) }
    case .failed: end(.abandoned)
    case .later: break
    }
  }

  private func takeRequest(_ bytes: ArraySlice<UInt8>, at now: Moment) {
    do throws(EgressRefusal) {
      guard let (request, used) = try requestReader.read(bytes) else { return }
      host = request.host
      let admitted = try world.policy.admit(request)
      if meter.isUploadExhausted { throw .uploadLimit }
      if meter.isDownloadExhausted { throw .downloadLimit }
      up.hold(bytes.dropFirst(used))
      phase = .resolving(admitted)
      phaseLimit = (now + world.policy.limits.connectTime, .connect)
      try resolve(admitted)
    } catch {
      refuse(error, at: now)
    }
  }

  private func resolve(_ host: HostName) throws(EgressRefusal) {
    do throws(ResolutionError) {
      try world.control.resolve(
        host, for: number, with: world.resolver, limit: world.policy.limits.concurrentConnections)
    } catch {
      throw .unresolved(error)
    }
  }

  // MARK: - The connection

  func takeAddresses(_ answer: BrokerControl.Answer, at now: Moment) {
    guard case .resolving(let host) = phase else { return }
    switch answer {
    case .failure(let error): refuse(.unresolved(error), at: now)
    case .success(let addresses):
      do throws(EgressRefusal) {
        connect(host, try PublicAddress.checking(addresses)[...], failure: 0, at: now)
      } catch {
        refuse(error, at: now)
      }
    }
  }

  /// Tries the first of these addresses with which a connection can be begun.
  private func connect(_ host: HostName, _ addresses: ArraySlice<PublicAddress>, failure: Int32, at now: Moment) {
    var (rest, failure) = (addresses, failure)
    upstream = nil
    while let address = rest.popFirst() {
      do throws(ConnectError) {
        let socket = Socket(owning: try world.connector.begin(to: address, port: EgressPolicy.port))
        socket.sendWithoutDelay()
        upstream = socket
        phase = .connecting(host, address, others: rest)
        attemptLimit = now + (phaseLimit.moment - now) / (rest.count + 1)
        return
      } catch {
        failure = error.code
      }
    }
    refuse(.unreachable(failure), at: now)
  }

  private func finishConnecting(
    _ host: HostName, _ address: PublicAddress, _ others: ArraySlice<PublicAddress>, at now: Moment
  ) {
    let code = upstream?.option(SO_ERROR) ?? EBADF
    guard code == 0 else { return connect(host, others, failure: code, at: now) }
    attemptLimit = nil
    phase = .hello(host, address)
    phaseLimit = (now + world.policy.limits.handshakeTime, .clientHello)
    down.append(Array("HTTP/1.1 200 Connection established\r\n\r\n".utf8)[...])
    sendDown(at: now)
    // A client need not wait for the answer.
    if case .hello = phase, let early = up.takeAll() { takeHello(early[...], at: now) }
  }

  // MARK: - The ClientHello

  private func takeHello(_ bytes: ArraySlice<UInt8>, at now: Moment) {
    guard case .hello(let host, let address) = phase else { return }
    up.hold(bytes)
    do throws(EgressRefusal) {
      guard let (hello, used) = try readHello(bytes) else { return }
      try hello.check(against: host)
      guard charge(upload: up.heldCount) else { throw .uploadLimit }
      record(.allowed(address))
      phase = .serverStart(host)
      phaseLimit = (now + world.policy.limits.idleTime, .idle)
      up.release(allBut: bytes.count - used)
      sendUp(at: now)
    } catch {
      refuse(error, at: now)
    }
  }

  private func readHello(_ bytes: ArraySlice<UInt8>) throws(EgressRefusal) -> (hello: ClientHello, used: Int)? {
    do throws(ClientHelloFault) { return try helloReader.read(bytes) } catch { throw .clientHello(error) }
  }

  private func takeServerStart(_ bytes: ArraySlice<UInt8>, of host: HostName, at now: Moment) {
    switch serverStart.read(bytes) {
    case .undecided: break
    case .other: open(at: now)
    case .retry:
      phase = .secondHello(host)
      if up.heldCount > 0 { takeSecondHello(up.held, of: host, at: now) }
    }
  }

  private func takeSecondHello(_ bytes: ArraySlice<UInt8>, of host: HostName, at now: Moment) {
    do throws(ClientHelloFault) {
      guard let hello = try secondHello.read(bytes) else { return }
      guard hello.serverName == host else { return cut(.cut(.serverNameDiffers(hello.serverName))) }
      open(at: now)
    } catch {
      cut(.cut(.clientHello(error)))
    }
  }

  private func open(at now: Moment) {
    phase = .open
    up.release(allBut: 0)
    sendUp(at: now)
  }

  // MARK: - Passing on

  private func passUp(at now: Moment) {
    var buffer = [UInt8](repeating: 0, count: Self.bufferSize)
    switch client.receive(into: &buffer) {
    case .bytes(let count):
      guard charge(upload: count) else { return cut(.cut(.uploadLimit)) }
      touch(at: now)
      switch phase {
      case .secondHello(let host):
        up.hold(buffer[..<count])
        takeSecondHello(buffer[..<count], of: host, at: now)
      case .open:
        up.append(buffer[..<count])
        sendUp(at: now)
      // Nothing else reads from the client here.
      default: cut(.broken)
      }
    case .end:
      if case .secondHello = phase { return cut(.broken) }
      up.hasEnded = true
      sendUp(at: now)
    case .failed: cut(.broken)
    case .later: break
    }
  }

  private func passDown(at now: Moment) {
    guard let upstream else { return }
    var buffer = [UInt8](repeating: 0, count: Self.bufferSize)
    switch upstream.receive(into: &buffer) {
    case .bytes(let count):
      guard meter.download(count) else { return cut(.cut(.downloadLimit)) }
      downloaded += count
      touch(at: now)
      down.append(buffer[..<count])
      if case .serverStart(let host) = phase { takeServerStart(buffer[..<count], of: host, at: now) }
      if isPassing { sendDown(at: now) }
    case .end:
      down.hasEnded = true
      // A server that ends before it has begun wants no second ClientHello.
      if case .serverStart = phase { open(at: now) }
      if isPassing { sendDown(at: now) }
    case .failed: cut(.broken)
    case .later: break
    }
  }

  private func sendUp(at now: Moment) {
    guard let upstream else { return }
    switch up.send(to: upstream) {
    case .moved: touch(at: now)
    case .still: break
    case .failed: return cut(.broken)
    }
    endIfFinished()
  }

  private func sendDown(at now: Moment) {
    switch down.send(to: client) {
    case .moved: if isPassing { touch(at: now) }
    case .still: break
    case .failed: return isPassing ? cut(.broken) : end(.abandoned)
    }
    endIfFinished()
  }

  private func endIfFinished() {
    if isPassing, up.isOver, down.isOver { end(.closed(.finished)) }
  }

  private func touch(at now: Moment) {
    phaseLimit = (now + world.policy.limits.idleTime, .idle)
  }

  private func charge(upload count: Int) -> Bool {
    guard meter.upload(count) else { return false }
    uploaded += count
    return true
  }

  // MARK: - The end

  /// Tells the client that it is refused, as far as it can still be told, and passes nothing on.
  func refuse(_ refusal: EgressRefusal, at now: Moment) {
    let isInTLS = if case .hello = phase { true } else { false }
    record(.refused(refusal))
    upstream = nil
    attemptLimit = nil
    if !isInTLS { down.append(refusal.response[...]) } else if let alert = refusal.alert { down.append(alert[...]) }
    down.hasEnded = true
    phase = .refused
    phaseLimit = (now + min(world.policy.limits.handshakeTime, .seconds(1)), .request)
    drain()
  }

  private func drain() {
    if case .failed = down.send(to: client) { return close() }
    guard down.isEmpty else { return }
    // To close with bytes unread would reset the connection, and the client might not see the answer.
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    switch client.receive(into: &buffer) {
    case .bytes(let count):
      thrownAway += count
      if thrownAway > 256 << 10 { close() }
    case .end, .failed: close()
    case .later: break
    }
  }

  /// Ends an allowed connection so that both sides see that it was broken off.
  private func cut(_ ending: EgressEnding) {
    client.resetWhenClosed()
    upstream?.resetWhenClosed()
    end(.closed(ending))
  }

  private func end(_ event: EgressRecord.Event) {
    switch phase {
    case .closed: return
    // It has had its record.
    case .refused: break
    default: record(event)
    }
    close()
  }

  private func close() {
    phase = .closed
    upstream = nil
  }

  private func record(_ event: EgressRecord.Event) {
    world.audit(
      EgressRecord(
        connection: number, event: event, host: host, uploaded: uploaded, downloaded: downloaded, began: began,
        elapsed: Moment.now - start))
  }
}
