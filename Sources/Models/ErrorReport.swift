internal import JSON

/// What a vendor says about a failure, before it is known what it means.
package struct ErrorReport: Sendable, Hashable {
  /// The status of the answer; for a fault inside a good answer, the status that the vendor names in it.
  package var status: Int?
  package var type = ""
  package var code = ""
  package var parameter = ""
  package var message = ""
  package var requestID: String?
  /// Whether the answer had nothing in it.
  package var isEmpty = false

  package init() {}

  /// Reads the body of an answer that is no good one, in whatever form it came.
  package init(status: Int, body: [UInt8]) {
    self.init()
    self.status = status
    let text = String(decoding: body.prefix(4000), as: UTF8.self).trimmingBlanks
    isEmpty = text.isEmpty
    if let document = try? JSONSlice(body) {
      read(document)
    } else {
      message = text
    }
    message = Self.shortened(message.isEmpty ? text : message)
  }

  /// Reads a fault that stands inside a stream or a good answer.
  init(inside document: JSONSlice) {
    self.init()
    read(document)
    if message.isEmpty { message = document.text }
    message = Self.shortened(message)
    if status == nil { status = Int(code) }
  }

  private mutating func read(_ document: JSONSlice) {
    // Some servers wrap the error into a list of one.
    let document = document.kind == .array ? document.elements.first ?? document : document
    requestID = document["request_id"]?.string
    switch document["error"]?.kind {
    case .string: message = document["error"]?.string ?? ""
    case .object: if let error = document["error"] { readFields(error) }
    default:
      readFields(document)
      readDetail(document["detail"])
    }
  }

  private mutating func readFields(_ error: JSONSlice) {
    type = error["type"]?.string ?? error["status"]?.string ?? ""
    code = error["code"]?.string ?? error["code"]?.integer.map(String.init) ?? ""
    parameter = error["param"]?.string ?? ""
    message = error["message"]?.string ?? ""
    // A vendor behind a router is quoted by it.
    if let raw = error["metadata"]?["raw"]?.string { message += " " + raw }
    if let detail = error["details"] {
      if let inner = detail["error_code"]?.string { code = inner }
      // How long to wait is in there.
      if detail.kind == .array { message += " " + String(decoding: detail.bytes.prefix(500), as: UTF8.self) }
    }
  }

  /// The form of Python's common server framework: a text, or the places of a body that it does not take.
  private mutating func readDetail(_ detail: JSONSlice?) {
    guard let detail else { return }
    if let text = detail.string { message = text }
    guard let first = detail.elements.first, let words = first["msg"]?.string else { return }
    parameter = first["loc"]?.elements.last?.string ?? ""
    message = "\(parameter): \(words)"
  }

  private static func shortened(_ text: String) -> String {
    let bytes = text.utf8.prefix(1000)
    return String(decoding: bytes.map { $0 < 0x20 ? 0x20 : $0 }, as: UTF8.self)
  }
}

/// How long a vendor asks to wait in the words of an error; for its headers there is `RetryHint`.
package enum RequestedWait {
  /// What the words of an error ask for: `try again in 20s`, `350ms`, `1m30s`.
  package static func find(in message: String) -> Duration? {
    let text = Array(message.lowercased().utf8)
    for phrase in [
      "try again in ", "retry in ", "retry after ", "wait for ", "\"retrydelay\":\"", "\"retrydelay\": \"",
    ] {
      if let start = text.firstEnd(of: Array(phrase.utf8)), let duration = duration(text[start...]) { return duration }
    }
    return nil
  }

  /// Numbers with units in a row.
  private static func duration(_ text: ArraySlice<UInt8>) -> Duration? {
    var rest = text
    var total = 0.0
    var count = 0
    while true {
      let digits = rest.prefix { $0 &- 0x30 < 10 || $0 == UInt8(ascii: ".") }
      guard !digits.isEmpty, let value = Double(String(decoding: digits, as: UTF8.self).trimmingDots) else { break }
      var behind = rest.dropFirst(digits.count).drop { $0 == 0x20 }
      let unit = behind.prefix { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
      guard let factor = factor(String(decoding: unit, as: UTF8.self), isFirst: count == 0) else { break }
      total += value * factor
      count += 1
      behind = behind.dropFirst(unit.count)
      rest = behind
    }
    return count > 0 && total < 1e7 ? .milliseconds(Int((total * 1000).rounded())) : nil
  }

  private static func factor(_ unit: String, isFirst: Bool) -> Double? {
    switch unit {
    case "ms", "millisecond", "milliseconds": 0.001
    case "s", "sec", "secs", "second", "seconds": 1
    case "m", "min", "mins", "minute", "minutes": 60
    case "h", "hour", "hours": 3600
    case "d", "day", "days": 86_400
    case "": isFirst ? 1 : nil
    default: nil
    }
  }
}

extension Array<UInt8> {
  /// Where the first occurrence of this ends.
  func firstEnd(of pattern: [UInt8]) -> Int? {
    guard let first = pattern.first, count >= pattern.count else { return nil }
    for index in 0...(count - pattern.count) where self[index] == first {
      if self[index..<(index + pattern.count)].elementsEqual(pattern) { return index + pattern.count }
    }
    return nil
  }
}

extension String {
  fileprivate var trimmingDots: String {
    var bytes = Array(utf8)[...]
    while bytes.last == UInt8(ascii: ".") { bytes = bytes.dropLast() }
    return String(decoding: bytes, as: UTF8.self)
  }
}
