import JSON
import Testing

@Suite("JSON in the bytes in which it came")
struct JSONSliceTests {
  /// Any document, with blanks where they may stand.
  private func document(_ generator: inout SeededGenerator, depth: Int = 0) -> String {
    func blank() -> String { ["", "", " ", "\n\t"].randomElement(using: &generator) ?? "" }
    func text() -> String {
      let pieces = ["a", "\\\"", "\\\\", "é", "\\u00e9", "\\ud83d\\ude00", "\\n", "{", "]", ",", ":", "x y"]
      return "\""
        + (0..<Int.random(in: 0...4, using: &generator)).map { _ in pieces.randomElement(using: &generator) ?? "" }
        .joined() + "\""
    }
    switch Int.random(in: 0..<(depth > 4 ? 5 : 8), using: &generator) {
    case 0: return "null"
    case 1: return Bool.random(using: &generator) ? "true" : "false"
    case 2: return ["0", "-1", "1.5", "1e3", "12345", "-0.25E-2"].randomElement(using: &generator) ?? "0"
    case 3, 4: return text()
    case 5:
      let list = (0..<Int.random(in: 0...4, using: &generator)).map { _ in
        blank() + document(&generator, depth: depth + 1) + blank()
      }
      return "[" + (list.isEmpty ? blank() : list.joined(separator: ",")) + "]"
    default:
      let list = (0..<Int.random(in: 0...4, using: &generator)).map { _ in
        blank() + text() + blank() + ":" + blank() + document(&generator, depth: depth + 1) + blank()
      }
      return "{" + (list.isEmpty ? blank() : list.joined(separator: ",")) + "}"
    }
  }

  private func value(_ slice: JSONSlice) -> JSONValue {
    switch slice.kind {
    case .null: .null
    case .bool: .bool(slice.bool ?? false)
    case .number: .number(slice.number ?? 0)
    case .string: .string(slice.string ?? "")
    case .array: .array(slice.elements.map(value))
    case .object: .object(Dictionary(slice.members.map { ($0.name, value($0.value)) }, uniquingKeysWith: { $1 }))
    }
  }

  @Test("A slice holds what a value holds, and every member is found by its name", arguments: 0..<300)
  func agrees(_ seed: Int) throws {
    var generator = SeededGenerator(seed: seed)
    let bytes = Array((" " + document(&generator) + "\n").utf8)
    let slice = try JSONSlice(bytes)
    let whole = try JSONValue.parse(bytes)
    #expect(value(slice) == whole)
    #expect(try JSONSlice(Array(slice.bytes)).bytes.elementsEqual(slice.bytes))
    for member in slice.members {
      #expect(slice[member.name].map(value) == whole[member.name])
      #expect(bytes.contains(member.value.bytes.first ?? 0))
    }
  }

  @Test("Changed documents are refused by both or taken by both", arguments: 0..<300)
  func refusals(_ seed: Int) throws {
    var generator = SeededGenerator(seed: seed)
    var bytes = Array(document(&generator).utf8)
    for _ in 0..<Int.random(in: 1...3, using: &generator) where !bytes.isEmpty {
      let index = Int.random(in: 0..<bytes.count, using: &generator)
      switch Int.random(in: 0..<3, using: &generator) {
      case 0: bytes.remove(at: index)
      case 1: bytes[index] = Array("{}[]\",:\\ae0 \u{1}".utf8).randomElement(using: &generator) ?? 0
      default: bytes[index] = UInt8.random(in: 0...255, using: &generator)
      }
    }
    // A slice is stricter with numbers and blanks, and takes nothing that a value does not.
    if let slice = try? JSONSlice(bytes) { #expect(value(slice) == (try JSONValue.parse(bytes))) }
  }

  @Test(
    "What is no JSON is no slice",
    arguments: [
      "", " ", "{", "[1", "{\"a\"}", "{\"a\":}", "[1,]", "{,}", "01", "1.", "-", "+1", ".5", "1e", "tru", "nul", "\"",
      "\"\\x\"",
      "\"\\u12\"", "1 2", "\"a\u{1}\"", "{\"a\":1,}", "'a'", "NaN",
    ])
  func nonsense(_ text: String) {
    #expect(throws: JSONSyntaxError.self) { try JSONSlice(Array(text.utf8)) }
  }

  @Test("Depth is bounded, and bytes that are no UTF-8 are refused")
  func bounds() throws {
    func nested(_ depth: Int) -> [UInt8] {
      Array(String(repeating: "[", count: depth).utf8) + Array(String(repeating: "]", count: depth).utf8)
    }
    #expect(try JSONSlice(nested(200)).kind == .array)
    #expect(throws: JSONSyntaxError.self) { try JSONSlice(nested(201)) }
    #expect(throws: JSONSyntaxError.self) { try JSONSlice([0x22, 0xff, 0x22]) }
  }

  @Test("Members go by their name however it is written; the last of a name counts; parts are the bytes as they came")
  func members() throws {
    let slice = try JSONSlice(Array(#"{"a" : 1, "\u0061":[1,  2] , "b\"":{"c" :null}}"#.utf8))
    #expect(slice["a"]?.text == "[1,  2]")
    #expect(slice["b\""]?.text == #"{"c" :null}"#)
    #expect(slice["b\""]?["c"]?.isNull == true && slice["c"] == nil && slice["a"]?["x"] == nil)
    #expect(try JSONSlice(Array("9007199254740993".utf8)).integer == 9_007_199_254_740_993)
    #expect(try JSONSlice(Array("1.0".utf8)).integer == 1 && JSONSlice(Array("1.5".utf8)).integer == nil)
  }

  @Test(
    "A text that is written is the text that is read",
    arguments: ["", "a", "\"\\\n\r\t\u{0}\u{1f}\u{7f}", "é漢😀", "</script>\u{2028}"])
  func texts(_ text: String) throws {
    var bytes: [UInt8] = []
    JSONText.append(text, to: &bytes)
    #expect(try JSONSlice(bytes).string == text)
    #expect(try JSONValue.parse(bytes).string == text)
    #expect(JSONText.quoted(text).utf8.elementsEqual(bytes))
  }
}
