/// Takes a stream of server-sent events apart (WHATWG HTML, 9.2), however it is cut.
struct EventStream: Sendable {
  /// One event.
  struct Event: Sendable, Hashable {
    /// Empty where the server named none.
    var name: String
    var data: ArraySlice<UInt8>
  }

  private var buffer: [UInt8] = []
  /// Where the next line begins.
  private var index = 0
  /// How far the next line was looked through without finding its end.
  private var searched = 0
  private var isAtStart = true
  private var name = ""
  private var data: ArraySlice<UInt8>?

  /// Adds what has come.
  mutating func append(_ piece: [UInt8]) {
    if index == buffer.count, data == nil {
      // The usual case: everything was read, and the piece is taken as it is.
      buffer = piece
      (index, searched) = (0, 0)
    } else {
      if index > 0 {
        buffer.removeFirst(index)
        searched -= index
        index = 0
      }
      buffer += piece
    }
  }

  /// Bytes that are kept for an event that is not whole yet.
  var pending: Int { buffer.count - index + (data?.count ?? 0) }

  /// The next event that is whole; `nil` where more has to come first.
  mutating func next() -> Event? {
    while let line = nextLine() {
      if let event = take(line) { return event }
    }
    return nil
  }

  /// What is left where the stream ends without the blank line that ends an event.
  mutating func finish() -> Event? {
    if index < buffer.count {
      let rest = buffer[index...]
      index = buffer.count
      if let event = take(rest.last == 13 ? rest.dropLast() : rest) { return event }
    }
    return take([])
  }

  private mutating func nextLine() -> ArraySlice<UInt8>? {
    if isAtStart {
      // A byte order mark may stand before the first line, and may come in pieces.
      let mark: [UInt8] = [0xef, 0xbb, 0xbf]
      if buffer.count < 3, mark.starts(with: buffer) { return nil }
      if buffer.starts(with: mark) { index = 3 }
      searched = index
      isAtStart = false
    }
    var end = searched
    while end < buffer.count, buffer[end] != 10, buffer[end] != 13 { end += 1 }
    searched = end
    guard end < buffer.count else { return nil }
    let line = buffer[index..<end]
    if buffer[end] == 13 {
      // What follows decides whether this is one line end or half of one.
      guard end + 1 < buffer.count else { return nil }
      index = end + (buffer[end + 1] == 10 ? 2 : 1)
    } else {
      index = end + 1
    }
    searched = index
    return line
  }

  private mutating func take(_ line: ArraySlice<UInt8>) -> Event? {
    guard let first = line.first else {
      defer {
        data = nil
        name = ""
      }
      return data.map { Event(name: name, data: $0) }
    }
    // A comment keeps the connection alive and says nothing.
    if first == UInt8(ascii: ":") { return nil }
    let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
    let field = line[..<colon]
    var value = colon < line.endIndex ? line[(colon + 1)...] : line[line.endIndex...]
    if value.first == 0x20 { value = value.dropFirst() }
    if field.elementsEqual("data".utf8) {
      guard var before = data else {
        data = value
        return nil
      }
      // In place, so that an event of a million lines costs no more than its bytes.
      data = nil
      before.append(10)
      before.append(contentsOf: value)
      data = before
    } else if field.elementsEqual("event".utf8) {
      name = String(decoding: value, as: UTF8.self)
    }
    return nil
  }
}
