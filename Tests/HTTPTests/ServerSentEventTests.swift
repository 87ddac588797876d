import HTTP
import Testing

@Suite("Server-sent events")
struct ServerSentEventTests {
  private func items(_ text: String, by size: Int = .max) throws -> [ServerSentItem] {
    try items(Array(text.utf8), by: size)
  }

  private func items(_ bytes: [UInt8], by size: Int = .max) throws -> [ServerSentItem] {
    var parser = ServerSentEventParser()
    var items: [ServerSentItem] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = rest.prefix(size)
      rest = rest.dropFirst(piece.count)
      try parser.feed(Array(piece), into: &items)
    }
    return items
  }

  private func event(_ data: String, name: String = "message", id: String? = nil) -> ServerSentItem {
    .event(ServerSentEvent(name: name, data: Array(data.utf8), id: id))
  }

  @Test("Fields, comments and empty lines mean what the standard says")
  func standard() throws {
    #expect(try items("data: YHOO\ndata: +2\ndata: 10\n\n") == [event("YHOO\n+2\n10")])
    #expect(
      try items(": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n")
        == [
          .comment(Array(" test stream".utf8)), event("first event", id: "1"), event("second event", id: ""),
          event(" third event", id: ""),
        ])
    #expect(try items("data\n\ndata\ndata\n\ndata:") == [event(""), event("\n")])
    #expect(try items("data:test\n\ndata: test\n\n") == [event("test"), event("test")])
    #expect(try items("event: a\n\ndata: x\n\nevent: b\ndata: y\n\n") == [event("x"), event("y", name: "b")])
    #expect(
      try items("retry: 3000\nretry: soon\nretry:\nretry: 99999999999999999999\n") == [.retry(milliseconds: 3000)])
    #expect(try items("id: a\u{0}b\ndata: x\nunknown: y\nDATA: z\n data: w\n\n") == [event("x")])
    #expect(try items("\n\n\r\n\r") == [])
  }

  @Test("A byte order mark counts at the very beginning alone", arguments: [1, 2, 3, 4, 100])
  func byteOrderMark(by size: Int) throws {
    #expect(try items("\u{FEFF}data: x\n\n", by: size) == [event("x")])
    #expect(try items("data: x\n\n\u{FEFF}data: y\n\ndata: z\n\n", by: size) == [event("x"), event("z")])
    #expect(try items("\u{FEFF}\u{FEFF}data: x\n\n", by: size) == [])
    #expect(try items([0xEF, 0xBB] + Array("data: x\n\n".utf8), by: size) == [])
  }

  @Test("All three line endings are the same, also when mixed", arguments: ["\n", "\r", "\r\n"])
  func endings(_ end: String) throws {
    #expect(try items("data: a\(end)data: b\(end)\(end)data: c\(end)\(end)") == [event("a\nb"), event("c")])
    #expect(try items("data: a\r\ndata: b\n\rdata: c\r\r\n") == [event("a\nb"), event("c")])
  }

  @Test("An event is given with the first byte of the empty line's ending, before what may follow it")
  func atOnce() throws {
    var parser = ServerSentEventParser()
    #expect(try parser.feed(Array("data: a\r\n\r".utf8)) == [event("a")])
    #expect(try parser.feed(Array("\ndata: b\r\n\r\n".utf8)) == [event("b")])
  }

  @Test("However a stream is cut, it holds the same", arguments: 0..<200)
  func anySplit(_ seed: Int) throws {
    var generator = SplitMix(seed: UInt64(seed))
    let alphabet: [[UInt8]] = [
      "data: ", "data:", "data", "event: delta", "id: 7", "retry: 10", ": ping", "\n", "\r", "\r\n", "\n\n", "\r\n\r\n",
      "é", "🌲", "\u{FEFF}", "{\"a\":1}", " ", ":", "\u{0}",
    ].map { Array($0.utf8) }
    var bytes: [UInt8] = []
    for _ in 0..<Int.random(in: 1...80, using: &generator) {
      bytes += alphabet.randomElement(using: &generator) ?? []
      if Int.random(in: 0..<20, using: &generator) == 0 { bytes.append(.random(in: 0...255, using: &generator)) }
    }
    let whole = try items(bytes)
    #expect(try items(bytes, by: 1) == whole)
    var parser = ServerSentEventParser()
    var inPieces: [ServerSentItem] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = rest.prefix(Int.random(in: 0...9, using: &generator))
      rest = rest.dropFirst(piece.count)
      try parser.feed(Array(piece), into: &inPieces)
    }
    #expect(inPieces == whole)
    #expect(whole == SlowEventParser.items(bytes))
  }

  @Test("An event without its last empty line is given only when asked for, and only if its lines are whole")
  func unfinished() throws {
    var parser = ServerSentEventParser()
    #expect(try parser.feed(Array("event: x\ndata: [DONE]\n".utf8)) == [])
    #expect(parser.finish() == ServerSentEvent(name: "x", data: Array("[DONE]".utf8)))
    #expect(parser.finish() == nil)
    #expect(try parser.feed(Array("data: a\ndata: b".utf8)) == [])
    #expect(parser.finish() == nil)
  }

  @Test("Lines and events have a largest size, and what came before is given", arguments: [1, 7, 1000])
  func limits(by size: Int) throws {
    func read(_ text: String) -> (items: [ServerSentItem], error: ServerSentEventError?) {
      var parser = ServerSentEventParser(maximumLine: 20, maximumEvent: 30)
      var items: [ServerSentItem] = []
      var rest = Array(text.utf8)[...]
      while !rest.isEmpty {
        let piece = Array(rest.prefix(size))
        rest = rest.dropFirst(piece.count)
        do {
          try parser.feed(piece, into: &items)
        } catch {
          #expect(throws: error) { try parser.feed([]) }
          return (items, error)
        }
      }
      return (items, nil)
    }
    let line = String(repeating: "x", count: 14)
    var result = read("data: a\n\ndata: \(line)\n\n")
    #expect(result.items.count == 2 && result.error == nil)
    result = read("data: a\n\ndata: \(line)x\n\n")
    #expect(result.items == [event("a")] && result.error == .lineTooLong(limit: 20))
    result = read("data: a\n\ndata: \(line)\ndata: \(line)\n\n")
    #expect(result.items.count == 2 && result.error == nil)
    result = read("data: a\n\ndata: \(line)\ndata: \(line)\ndata:\ndata:\n\n")
    #expect(result.items == [event("a")] && result.error == .eventTooLong(limit: 30))
  }
}

/// A small generator with a seed (SplitMix64).
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

/// The standard's words made into code as they stand, for comparing.
enum SlowEventParser {
  static func items(_ bytes: [UInt8]) -> [ServerSentItem] {
    var text = bytes
    if text.starts(with: [0xEF, 0xBB, 0xBF]) { text.removeFirst(3) }
    var lines: [[UInt8]] = [[]]
    var index = 0
    while index < text.count {
      let byte = text[index]
      if byte == 0x0D || byte == 0x0A {
        if byte == 0x0D, index + 1 < text.count, text[index + 1] == 0x0A { index += 1 }
        lines.append([])
      } else {
        lines[lines.count - 1].append(byte)
      }
      index += 1
    }
    lines.removeLast()
    var items: [ServerSentItem] = []
    var data: [UInt8] = []
    var name = ""
    var id: String?
    for line in lines {
      if line.isEmpty {
        if data.last == 0x0A {
          items.append(
            .event(ServerSentEvent(name: name.isEmpty ? "message" : name, data: Array(data.dropLast()), id: id)))
        }
        data = []
        name = ""
        continue
      }
      if line[0] == UInt8(ascii: ":") {
        items.append(.comment(Array(line.dropFirst())))
        continue
      }
      let colon = line.firstIndex(of: UInt8(ascii: ":"))
      let field = String(decoding: line[..<(colon ?? line.count)], as: UTF8.self)
      var value = colon.map { Array(line[($0 + 1)...]) } ?? []
      if value.first == 0x20 { value.removeFirst() }
      let string = String(decoding: value, as: UTF8.self)
      switch field {
      case "data": data += value + [0x0A]
      case "event": name = string
      case "id": if !value.contains(0) { id = string }
      case "retry":
        if string.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(string) {
          items.append(.retry(milliseconds: number))
        }
      default: break
      }
    }
    return items
  }
}
