internal import Base
internal import Crypto
internal import Foundation

/// Deliveries as GitHub sends them, of the size that real ones have at the median.
struct Payload {
  /// Everything of the request behind the delivery's id.
  let rest: [UInt8]

  static let size = 28 * 1024

  /// The payload of one pull request that was updated, signed.
  init(number: Int, secret: String) {
    var body = """
      {"action":"synchronize","number":\(number),"pull_request":{"id":\(9_000_000 + number),"number":\(number),\
      "state":"open","title":"Let the tree grow \(number)","head":{"ref":"feature/\(number)","sha":"\(Self.id(number))",\
      "repo":{"id":77,"full_name":"octo/tree","fork":false}},"base":{"ref":"main","sha":"\(Self.id(0))",\
      "repo":{"id":77,"full_name":"octo/tree","fork":false}},"user":{"id":5,"login":"ada","type":"User"},"links":[
      """
    // The rest of a real payload is mostly addresses.
    var index = 0
    while body.utf8.count < Self.size - 400 {
      body +=
        #"{"url":"https://api.github.com/repos/octo/tree/things/\#(index)","html":"https://github.com/octo/tree"},"#
      index += 1
    }
    body += """
      {"url":""}]},"before":"\(Self.id(number + 1))","after":"\(Self.id(number))",\
      "repository":{"id":77,"full_name":"octo/tree","private":true},"sender":{"id":5,"login":"ada","type":"User"}}
      """
    let bytes = Array(body.utf8)
    let code = HMAC<SHA256>.authenticationCode(for: Data(bytes), using: SymmetricKey(data: Data(secret.utf8)))
    rest =
      Array(
        """
        \r\nX-GitHub-Event: pull_request\r\nX-Hub-Signature-256: sha256=\(Hexadecimal.encode(code))\r\n\
        Content-Type: application/json\r\nContent-Length: \(bytes.count)\r\n\r\n
        """.utf8) + bytes
  }

  private static func id(_ number: Int) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "a", count: 40 - digits.utf8.count) + digits
  }
}

/// Which delivery is sent next: each new one once, some a second time a while later, so that their order is mixed.
struct Schedule {
  private var next = 0
  private var again: [Int: [Int]] = [:]
  private var ready: [Int] = []
  private var sent = 0
  private var generator = SplitMix(state: 42)

  /// How many different ones were sent.
  var unique: Int { next }

  /// The number of the next delivery.
  mutating func take() -> Int {
    sent += 1
    if let due = again.removeValue(forKey: sent) { ready += due }
    if let number = ready.popLast() { return number }
    let number = next
    next += 1
    // 30 in 100 come twice, after one to 400 others.
    if generator.next() % 100 < 30 {
      again[sent + 1 + Int(generator.next() % 400), default: []].append(number)
    }
    return number
  }
}

/// Random numbers that are the same in every run.
struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
    return value ^ (value >> 31)
  }
}
