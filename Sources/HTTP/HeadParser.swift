/// Puts the head of an answer together from the lines in which libcurl gives it.
///
/// Lines of interim answers (1xx) are passed over, and so are trailers, but they count towards the limits.
struct HeadParser {
  enum Step: Equatable {
    case more
    /// The head is whole.
    case complete(HTTPHead)
    /// Why the head is none, and whether for its size.
    case rejected(reason: String, isTooLarge: Bool)
  }

  /// The most bytes that all heads of one request may have together.
  static let maximumBytes = 256 << 10
  /// The most header lines of one head.
  static let maximumLines = 512

  private var bytes = 0
  private var head: HTTPHead?
  private var isComplete = false
  /// Header lines seen, those of interim answers and trailers too.
  private var lines = 0

  /// Takes one line with its line ending.
  mutating func take(_ line: [UInt8]) -> Step {
    bytes += line.count
    lines += 1
    guard bytes <= Self.maximumBytes else {
      return .rejected(reason: "the head of the answer is larger than \(Self.maximumBytes) bytes", isTooLarge: true)
    }
    guard lines <= Self.maximumLines else {
      return .rejected(reason: "the answer has more than \(Self.maximumLines) header lines", isTooLarge: true)
    }
    if isComplete { return .more }
    var end = line.count
    while end > 0, line[end - 1] == 0x0A || line[end - 1] == 0x0D { end -= 1 }
    let text = line[..<end]
    if text.isEmpty { return finishHead() }
    if text.starts(with: "HTTP/".utf8) { return begin(text) }
    return header(text)
  }

  private mutating func begin(_ text: ArraySlice<UInt8>) -> Step {
    let code = text.drop { $0 != 0x20 }.drop { $0 == 0x20 }.prefix { $0 != 0x20 }
    guard code.count == 3, let status = Int(String(decoding: code, as: UTF8.self)), (100...999).contains(status) else {
      return .rejected(reason: "the answer has no status of three digits", isTooLarge: false)
    }
    head = HTTPHead(status: status)
    return .more
  }

  private mutating func header(_ text: ArraySlice<UInt8>) -> Step {
    guard head != nil else { return .rejected(reason: "the answer does not begin with a status", isTooLarge: false) }
    // A line that begins with a blank continues the one before (RFC 9112, section 5.2).
    if let first = text.first, first == 0x20 || first == 0x09, let last = head?.headers.indices.last {
      head?.headers[last].value += " " + Self.text(text)
      return .more
    }
    guard let colon = text.firstIndex(of: UInt8(ascii: ":")) else {
      return .rejected(reason: "the answer has a header line without a colon", isTooLarge: false)
    }
    head?.headers.append(HTTPHeader(Self.text(text[..<colon]), Self.text(text[(colon + 1)...])))
    return .more
  }

  private mutating func finishHead() -> Step {
    guard let whole = head else {
      return .rejected(reason: "the answer does not begin with a status", isTooLarge: false)
    }
    // What follows an interim answer is the answer.
    guard whole.status >= 200 else {
      head = nil
      return .more
    }
    isComplete = true
    return .complete(whole)
  }

  private static func text(_ bytes: ArraySlice<UInt8>) -> String {
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
    guard let first = bytes.firstIndex(where: { !isBlank($0) }), let last = bytes.lastIndex(where: { !isBlank($0) })
    else { return "" }
    return String(decoding: bytes[first...last], as: UTF8.self)
  }
}
