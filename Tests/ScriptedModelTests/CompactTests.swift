import JSON
import Testing

struct CompactTests {
  @Test func theSameValueGivesTheSameBytes() throws {
    let value: JSONValue = [
      "b": [1, .number(-2.5), true, false, .null], "a": "é\"\\\n\r\t\u{1}\u{1f}/🌲", "": [:],
      "c": [[], 1_000_000_000_000],
    ]
    let text = #"{"":{},"a":"é\"\\\n\r\t\u0001\u001f/🌲","b":[1,-2.5,true,false,null],"c":[[],1000000000000]}"#
    #expect(String(decoding: value.compact(), as: UTF8.self) == text)
    #expect(try JSONValue.parse(value.compact()) == value)
  }
}
