internal import Crypto
internal import Dispatch
internal import Glibc
internal import JSON
internal import Synchronization

extension TestForge {
  /// Sends what waits, in the order and with the trouble that the test wants; nothing is tried again.
  func deliverWaiting() {
    let waiting = world.withLock { $0.takeOutgoing() }
    for (delivery, fate, delay) in waiting {
      mail.async {
        if delay > 0 { usleep(UInt32(delay) * 1000) }
        self.send(delivery, fate)
      }
    }
  }

  /// Sends what was kept because of ``Options/sendsHooks``.
  package func sendHooks() async {
    deliverWaiting()
    await hooksAreSent()
  }

  /// Waits until all that was to be sent is sent.
  @concurrent
  package func hooksAreSent() async {
    await withCheckedContinuation { continuation in
      mail.async { continuation.resume() }
    }
  }

  /// What was sent, and what was lost.
  package var sent: [SentHook] { world.withLock { $0.sent } }

  /// Makes deliveries go wrong from now on.
  package func setTrouble(_ trouble: HookTrouble) {
    world.withLock { world in
      world.trouble = trouble
      world.troubleRandom = SeededRandom(seed: trouble.seed)
    }
  }

  /// Sends a delivery again with the same id, as somebody does who asks for it on the forge's page.
  package func redeliver(_ id: String) async {
    let found = sent.first { $0.id == id }
    guard let found else { return }
    mail.async {
      let status = Self.post(found.body, to: found.address, found.headers, seconds: 10)
      self.record(found, status: status, fate: "redelivered")
    }
    await hooksAreSent()
  }

  private func send(_ delivery: Delivery, _ fate: String) {
    let prepared = world.withLock { world in
      (delivery.message ?? world.freshMessage(delivery)).map { message in
        let body = message.body.compact()
        return (body, world.headers(delivery, message, body), message.event)
      }
    }
    guard let (body, headers, event) = prepared else { return }
    let note = SentHook(
      id: delivery.id, address: delivery.hook.address, event: event, headers: headers, body: body, status: 0, fate: fate
    )
    let status =
      fate == "lost" ? 0 : Self.post(body, to: delivery.hook.address, headers, seconds: kind == .gitea ? 5 : 10)
    record(note, status: status, fate: fate)
  }

  private func record(_ note: SentHook, status: Int, fate: String) {
    world.withLock {
      $0.sent.append(
        SentHook(
          id: note.id, address: note.address, event: note.event, headers: note.headers, body: note.body, status: status,
          fate: fate))
    }
  }

  /// Posts to `http://127.0.0.1:PORT/PATH` and gives the status; 0 where no answer came in time.
  private static func post(_ body: [UInt8], to address: String, _ headers: [String: String], seconds: Int) -> Int {
    guard address.hasPrefix("http://") else { return 0 }
    let rest = address.dropFirst("http://".count)
    let host = rest.prefix { $0 != "/" }
    let path = rest.dropFirst(host.count)
    guard let port = UInt16(host.split(separator: ":").last ?? "") else { return 0 }
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard socket >= 0 else { return 0 }
    defer { Glibc.close(socket) }
    var limit = timeval(tv_sec: seconds, tv_usec: 0)
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    guard Self.connect(socket, port: port) else { return 0 }
    var text = "POST \(path.isEmpty ? "/" : path) HTTP/1.1\r\nHost: \(host)\r\nContent-Length: \(body.count)\r\n"
    for (name, value) in headers.sorted(by: { $0.key < $1.key }) { text += "\(name): \(value)\r\n" }
    var left = (Array((text + "Connection: close\r\n\r\n").utf8) + body)[...]
    while !left.isEmpty {
      let count = left.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if count <= 0 { return 0 }
      left = left.dropFirst(count)
    }
    var buffer = [UInt8](repeating: 0, count: 64)
    var answer: [UInt8] = []
    while answer.count < 12 {
      let count = recv(socket, &buffer, buffer.count, 0)
      if count <= 0 { return 0 }
      answer += buffer[..<count]
    }
    return Int(String(decoding: answer[9..<12], as: UTF8.self)) ?? 0
  }

  /// Connects to loopback.
  static func connect(_ socket: Int32, port: UInt16) -> Bool {
    var target = sockaddr_in()
    target.sin_family = sa_family_t(AF_INET)
    target.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    target.sin_port = port.bigEndian
    return withUnsafeMutablePointer(to: &target) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }
}

extension World {
  /// Takes what waits, shuffled, with what is lost and what is sent twice.
  mutating func takeOutgoing() -> [(Delivery, fate: String, delay: Int)] {
    var waiting = outgoing
    outgoing = []
    if trouble.isShuffled { waiting.shuffle(using: &troubleRandom) }
    var all: [(Delivery, fate: String, delay: Int)] = []
    for delivery in waiting {
      let delay = trouble.delay > 0 ? Int(troubleRandom.next() % UInt64(trouble.delay + 1)) : 0
      if Int(troubleRandom.next() % 1000) < trouble.lost {
        all.append((delivery, "lost", 0))
        continue
      }
      all.append((delivery, "sent", delay))
      if Int(troubleRandom.next() % 1000) < trouble.doubled { all.append((delivery, "again", 0)) }
    }
    return all
  }

  /// What Gitea says at the moment of sending: the pull request as it is now.
  mutating func freshMessage(_ delivery: Delivery) -> Message? {
    if case .synchronized(let pull, let before, let after) = delivery.happening {
      repositories[pull.repository].map { refresh($0) }
      return message(.synchronized(pulls[pull.id] ?? pull, before: before, after: after), by: delivery.author)
    }
    return message(delivery.happening, by: delivery.author)
  }

  /// The headers of a delivery, with its proofs.
  func headers(_ delivery: Delivery, _ message: Message, _ body: [UInt8]) -> [String: String] {
    let key = SymmetricKey(data: Array(delivery.hook.secret.utf8))
    let proof = Self.hex(HMAC<SHA256>.authenticationCode(for: body, using: key))
    var headers = ["Content-Type": "application/json"]
    switch kind {
    case .github:
      headers["User-Agent"] = "GitHub-Hookshot/forge"
      headers["X-GitHub-Event"] = message.event
      headers["X-GitHub-Delivery"] = delivery.id
      headers["X-GitHub-Hook-ID"] = String(delivery.hook.id)
      headers["X-Hub-Signature"] = "sha1=" + Self.hex(HMAC<Insecure.SHA1>.authenticationCode(for: body, using: key))
      headers["X-Hub-Signature-256"] = "sha256=" + proof
    case .gitea:
      headers["User-Agent"] = "Go-http-client/1.1"
      for family in options.gitea == .forgejo15 ? ["Gitea", "Gogs", "GitHub", "Forgejo"] : ["Gitea", "Gogs", "GitHub"] {
        headers["X-\(family)-Delivery"] = delivery.id
        headers["X-\(family)-Event"] = message.event
        headers["X-\(family)-Event-Type"] = message.type
        if family != "GitHub" { headers["X-\(family)-Signature"] = proof }
      }
      headers["X-Hub-Signature"] = "sha1=" + Self.hex(HMAC<Insecure.SHA1>.authenticationCode(for: body, using: key))
      headers["X-Hub-Signature-256"] = "sha256=" + proof
    case .gitlab:
      headers["User-Agent"] = "GitLab/18.6.0"
      headers["X-Gitlab-Event"] = message.event
      headers["X-Gitlab-Event-UUID"] = delivery.id
      headers["X-Gitlab-Webhook-UUID"] = "hook-\(delivery.hook.id)"
      headers["X-Gitlab-Instance"] = address
      headers["Idempotency-Key"] = delivery.id
      headers["X-Gitlab-Token"] = delivery.hook.secret
      if let signing = delivery.hook.signingKey, let raw = Base64.decoded(signing.dropFirst("whsec_".count)) {
        let stamp = String(now)
        let signed = Array("\(delivery.id).\(stamp).".utf8) + body
        let code = HMAC<SHA256>.authenticationCode(for: signed, using: SymmetricKey(data: raw))
        headers["webhook-id"] = delivery.id
        headers["webhook-timestamp"] = stamp
        headers["webhook-signature"] = "v1," + Base64.encoded(Array(code))
      }
    }
    return headers
  }

  private static func hex(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}
