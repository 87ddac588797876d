internal import BenchSupport
internal import Glibc

/// Sends deliveries over connections that stay open, from one thread.
///
/// Each connection has one request under way. With a rate, a request is due at its moment whether a connection is free or
/// not, and its latency counts from there.
final class Generator {
  private let port: Int
  private let payloads: [Payload]
  private let rate: Double
  private var schedule = Schedule()
  private var links: [Link] = []
  /// Requests that are due and for which no connection is free.
  private var due: [Double] = []
  private var idle: [Int] = []

  private(set) var latencies: [Double] = []
  /// The deliveries that were answered with 202.
  private(set) var accepted: [Bool] = []
  private(set) var refused = 0
  private(set) var repeated = 0

  /// How many different deliveries were sent.
  var unique: Int { schedule.unique }

  private struct Link {
    var descriptor: Int32
    var head: [UInt8] = []
    var payload = 0
    var written = 0
    var number = 0
    var began = 0.0
    var answer: [UInt8] = []
    var isBusy = false

    func isSending(_ payloads: [Payload]) -> Bool { written < head.count + payloads[payload].rest.count }
  }

  init(port: Int, connections: Int, rate: Double, payloads: [Payload]) throws {
    (self.port, self.rate, self.payloads) = (port, rate, payloads)
    for index in 0..<connections {
      links.append(Link(descriptor: try Self.connect(port)))
      idle.append(index)
    }
  }

  deinit {
    for link in links { close(link.descriptor) }
  }

  private static func connect(_ port: Int) throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else { throw BenchFailure("cannot connect to port \(port)") }
    var one: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    return descriptor
  }

  static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// Sends for so many seconds, then waits for the answers that are due.
  func run(seconds: Double) throws {
    let begin = Self.now()
    let end = begin + seconds
    var planned = 0
    while true {
      let now = Self.now()
      if now < end {
        if rate > 0 {
          while Double(planned) / rate <= now - begin {
            due.append(begin + Double(planned) / rate)
            planned += 1
          }
        }
        while let index = idle.last, rate == 0 || !due.isEmpty {
          idle.removeLast()
          try send(index, at: rate == 0 ? now : due.removeFirst())
        }
      } else if idle.count == links.count {
        return
      } else if now > end + 30 {
        throw BenchFailure("answers are missing 30 s after the end")
      }
      let busy = links.indices.filter { links[$0].isBusy }
      var waiting = busy.map { index in
        let events = POLLIN | (links[index].isSending(payloads) ? POLLOUT : 0)
        return pollfd(fd: links[index].descriptor, events: Int16(events), revents: 0)
      }
      _ = poll(&waiting, nfds_t(waiting.count), rate > 0 && now < end ? 1 : 100)
      for (index, ready) in zip(busy, waiting) where ready.revents != 0 {
        try write(index)
        try read(index)
      }
    }
  }

  private func send(_ index: Int, at time: Double) throws {
    let number = schedule.take()
    while accepted.count <= number { accepted.append(false) }
    links[index].number = number
    links[index].payload = number % payloads.count
    links[index].began = time
    links[index].head = Array(
      "POST /webhooks/github HTTP/1.1\r\nHost: 127.0.0.1\r\nX-GitHub-Delivery: d-\(number)".utf8)
    links[index].written = 0
    links[index].answer.removeAll(keepingCapacity: true)
    links[index].isBusy = true
    try write(index)
  }

  private func write(_ index: Int) throws {
    let rest = payloads[links[index].payload].rest
    let head = links[index].head.count
    while links[index].written < head + rest.count {
      let place = links[index].written
      let isHead = place < head
      let part = isHead ? links[index].head[place...] : rest[(place - head)...]
      let flags = Int32(MSG_NOSIGNAL) | (isHead ? Int32(MSG_MORE) : 0)
      let count = part.withUnsafeBytes { Glibc.send(links[index].descriptor, $0.baseAddress, $0.count, flags) }
      if count < 0 {
        if errno == EAGAIN { return }
        throw BenchFailure("the server ended a connection")
      }
      links[index].written += count
    }
  }

  private func read(_ index: Int) throws {
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = recv(links[index].descriptor, &chunk, chunk.count, 0)
      if count < 0, errno == EAGAIN { break }
      guard count > 0 else { throw BenchFailure("the server ended a connection") }
      links[index].answer += chunk[..<count]
    }
    guard let status = Self.status(of: links[index].answer) else { return }
    latencies.append(Self.now() - links[index].began)
    if status == 202 { accepted[links[index].number] = true } else { refused += 1 }
    if links[index].answer.count > 100, Self.has(links[index].answer, "\"repeated\"") { repeated += 1 }
    links[index].isBusy = false
    idle.append(index)
  }

  /// The status of a whole answer; `nil` while some of it is missing.
  private static func status(of answer: [UInt8]) -> Int? {
    guard answer.count > 12, answer.last == 0x0a else { return nil }
    let end = Array("\r\n\r\n".utf8)
    guard let head = answer.firstRange(of: end), head.upperBound < answer.count else { return nil }
    return Int(String(decoding: answer[9..<12], as: UTF8.self))
  }

  private static func has(_ answer: [UInt8], _ text: String) -> Bool { answer.firstRange(of: Array(text.utf8)) != nil }
}
