/// What a stream of server-sent events holds.
package enum ServerSentItem: Sendable, Hashable {
  case event(ServerSentEvent)
  /// A line that begins with a colon, without it: a sign of life.
  case comment([UInt8])
  /// How many milliseconds to wait before connecting anew.
  case retry(milliseconds: Int)
}

/// One event of a stream.
package struct ServerSentEvent: Sendable, Hashable {
  /// The field `event`; `message` where there is none.
  package var name: String
  /// The fields `data`, joined by line feeds.
  package var data: [UInt8]
  /// The last field `id` so far, of this event or one before.
  package var id: String?

  package init(name: String = "message", data: [UInt8], id: String? = nil) {
    self.name = name
    self.data = data
    self.id = id
  }
}

/// Why a stream of events is not read further.
package enum ServerSentEventError: Error, Hashable, CustomStringConvertible {
  case lineTooLong(limit: Int)
  case eventTooLong(limit: Int)

  package var description: String {
    switch self {
    case .lineTooLong(let limit): "the event stream has a line of more than \(limit) bytes"
    case .eventTooLong(let limit): "the event stream has an event of more than \(limit) bytes"
    }
  }
}

/// Reads a stream of server-sent events in pieces cut anywhere (WHATWG HTML, section 9.2.6).
///
/// Lines end with CR, LF or CRLF. Data are given as bytes; names and ids that are not UTF-8 are repaired.
package struct ServerSentEventParser: Sendable {
  private let maximumLine: Int
  private let maximumEvent: Int

  /// The beginning of a line whose end has not come.
  private var line: [UInt8] = []
  private var isFirstLine = true
  /// A CR was the last byte, and so an LF belongs to it.
  private var isAfterReturn = false
  private var name: [UInt8] = []
  private var data: [UInt8] = []
  private var hasData = false
  private var id: String?
  private var failure: ServerSentEventError?

  /// - Parameters:
  ///   - maximumLine: The most bytes of a line, without its ending.
  ///   - maximumEvent: The most bytes of data of an event.
  package init(maximumLine: Int = 16 << 20, maximumEvent: Int = 32 << 20) {
    self.maximumLine = maximumLine
    self.maximumEvent = maximumEvent
  }

  /// Reads the next bytes and appends what they complete.
  ///
  /// What came before an error is appended too. After an error every call throws it again.
  package mutating func feed(_ bytes: [UInt8], into items: inout [ServerSentItem]) throws(ServerSentEventError) {
    if let failure { throw failure }
    do {
      try read(bytes, into: &items)
    } catch {
      failure = error
      line = []
      data = []
      throw error
    }
  }

  /// Reads the next bytes and gives what they complete.
  package mutating func feed(_ bytes: [UInt8]) throws(ServerSentEventError) -> [ServerSentItem] {
    var items: [ServerSentItem] = []
    try feed(bytes, into: &items)
    return items
  }

  /// Ends the stream, and gives the event that was under way if nothing of it but the empty line at its end is missing.
  ///
  /// The standard discards such an event, since it may lack lines; some servers forget the empty line behind their last
  /// one. A reader that cannot tell a whole event from a cut one should ignore it.
  package mutating func finish() -> ServerSentEvent? {
    guard failure == nil, line.isEmpty, hasData else { return nil }
    return takeEvent()
  }

  private mutating func read(_ bytes: [UInt8], into items: inout [ServerSentItem]) throws(ServerSentEventError) {
    let span = bytes.span
    let count = span.count
    var start = 0
    if isAfterReturn, count > 0 {
      isAfterReturn = false
      if span[0] == 0x0A { start = 1 }
    }
    while start < count {
      var end = start
      while end < count, span[end] != 0x0A, span[end] != 0x0D { end += 1 }
      guard end - start <= maximumLine - line.count else { throw .lineTooLong(limit: maximumLine) }
      guard end < count else {
        line.append(contentsOf: bytes[start..<end])
        return
      }
      if line.isEmpty {
        try take(bytes[start..<end], into: &items)
      } else {
        line.append(contentsOf: bytes[start..<end])
        let whole = line
        line.removeAll(keepingCapacity: whole.count <= 64 << 10)
        try take(whole[...], into: &items)
      }
      let isReturn = span[end] == 0x0D
      start = end + 1
      if isReturn {
        if start == count { isAfterReturn = true } else if span[start] == 0x0A { start += 1 }
      }
    }
  }

  private mutating func take(
    _ whole: ArraySlice<UInt8>, into items: inout [ServerSentItem]
  ) throws(ServerSentEventError) {
    var text = whole
    if isFirstLine {
      isFirstLine = false
      if text.starts(with: [0xEF, 0xBB, 0xBF]) { text = text.dropFirst(3) }
    }
    guard let first = text.first else {
      if let event = takeEvent() { items.append(.event(event)) }
      return
    }
    if first == UInt8(ascii: ":") {
      items.append(.comment(Array(text.dropFirst())))
      return
    }
    let colon = text.firstIndex(of: UInt8(ascii: ":")) ?? text.endIndex
    var value = text[min(colon + 1, text.endIndex)...]
    if value.first == 0x20 { value = value.dropFirst() }
    try take(field: text[..<colon], value, into: &items)
  }

  private mutating func take(
    field: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>, into items: inout [ServerSentItem]
  ) throws(ServerSentEventError) {
    if field.elementsEqual("data".utf8) {
      guard value.count + (hasData ? 1 : 0) <= maximumEvent - data.count else {
        throw .eventTooLong(limit: maximumEvent)
      }
      if hasData { data.append(0x0A) }
      data.append(contentsOf: value)
      hasData = true
    } else if field.elementsEqual("event".utf8) {
      name = Array(value)
    } else if field.elementsEqual("id".utf8) {
      if !value.contains(0) { id = String(decoding: value, as: UTF8.self) }
    } else if field.elementsEqual("retry".utf8) {
      let isNumber = !value.isEmpty && value.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      if isNumber, let milliseconds = Int(String(decoding: value, as: UTF8.self)) {
        items.append(.retry(milliseconds: milliseconds))
      }
    }
  }

  private mutating func takeEvent() -> ServerSentEvent? {
    defer {
      name = []
      hasData = false
    }
    guard hasData else { return nil }
    let whole = data
    data = []
    return ServerSentEvent(name: name.isEmpty ? "message" : String(decoding: name, as: UTF8.self), data: whole, id: id)
  }
}
