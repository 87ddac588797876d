import Review
import Testing
import Work

@Suite("An answer with findings")
struct FindingsAnswerTests {
  private static let one =
    #"{"path":"a.py","quote":"x = 1","line":3,"title":"T","body":"B.","severity":"error","confidence":0.9,"suggestion":null}"#

  private static let whole = #"{"findings":[\#(one)]}"#

  @Test(
    "is read in whatever form it comes",
    arguments: [
      whole,
      "```json\n\(whole)\n```",
      "Here is what I found [1]:\n\n\(whole)\n\nHope that helps {really}.",
      "[\(one)]",
      #"{"findings":[\#(one),],}"#,
      "<think>{\"findings\":[]} is what I first thought</think>\n\(whole)",
      whole.replacing("\"B.\"", with: "\"B.\n\""),
      whole.replacing("0.9", with: "\"90%\""),
      whole.replacing("0.9", with: "90"),
      whole.replacing("\"error\"", with: "\"Critical\""),
      whole.replacing("null", with: "None"),
      #"{"findings": \#(one) and more"#,
    ])
  func forms(text: String) throws {
    let answer = try FindingsAnswer(reading: text)
    let finding = try #require(answer.findings.first)
    #expect(answer.findings.count == 1 && answer.malformed == 0)
    #expect(finding.path == "a.py" && finding.quote == "x = 1" && finding.line == 3)
    #expect(finding.severity == .error && finding.confidence == 0.9 && finding.suggestion == nil)
    #expect(finding.body.hasPrefix("B."))
  }

  @Test("says nothing where it is empty of findings", arguments: [#"{"findings":[]}"#, "[]", "```json\n[]\n```"])
  func nothing(text: String) throws {
    let answer = try FindingsAnswer(reading: text)
    #expect(answer == FindingsAnswer())
  }

  @Test("that is cut off counts as far as its findings are whole")
  func cut() throws {
    let text = #"{"findings":[\#(Self.one),\#(Self.one.replacing("x = 1", with: "y = 2"))]}"#
    let two = try FindingsAnswer(reading: text)
    #expect(two.findings.count == 2 && !two.isCut, "the control")
    for count in (Self.one.utf8.count + 14)..<text.utf8.count {
      let answer = try FindingsAnswer(reading: String(decoding: Array(text.utf8).prefix(count), as: UTF8.self))
      #expect(answer.isCut)
      #expect(answer.findings.count == (count >= text.utf8.count - 2 ? 2 : 1), "\(count)")
    }
  }

  @Test(
    "that nobody can use says why",
    arguments: [
      ("", "empty"), ("  \n", "empty"), ("No issues found.", "no JSON object"), ("[1, 2]", "no JSON object"),
      (#"{"issues":[]}"#, "no JSON object"), (#"{"findings":[{"path":"a.p"#, "cut off"),
      (whole.replacing("0.9", with: "7000"), "confidence"), (whole.replacing("\"error\"", with: "\"bad\""), "severity"),
      (whole.replacing("\"x = 1\"", with: "\" \""), "quote"), (#"{"findings":[3]}"#, "no object"),
      (whole.replacing("\"T\"", with: "null"), "title"),
    ])
  func unusable(text: String, reason: String) {
    #expect {
      try FindingsAnswer(reading: text)
    } throws: { error in
      "\(error)".contains(reason)
    }
  }

  @Test("is strict in what it says: a finding that lacks something is counted, the others stand")
  func strict() throws {
    let bad = Self.one.replacing(#""severity":"error""#, with: #""severity":"bad""#)
    let answer = try FindingsAnswer(reading: #"{"findings":[\#(bad),\#(Self.one)]}"#)
    #expect(answer.findings.count == 1 && answer.malformed == 1)
  }

  @Test("tells lines that are to go from no suggestion")
  func emptySuggestion() throws {
    let empty = Self.whole.replacing(#""suggestion":null"#, with: #""suggestion":"""#)
    #expect(try FindingsAnswer(reading: empty).findings.first?.suggestion == "")
    #expect(try FindingsAnswer(reading: Self.whole).findings.map(\.suggestion) == [nil])
  }

  @Test("is limited in its length, and hides nothing")
  func limits() throws {
    let long = Self.one.replacing("\"T\"", with: "\"T\(String(repeating: "t", count: 500))\\u202e\\n#\"")
    let finding = try #require(try FindingsAnswer(reading: "[\(long)]").findings.first)
    #expect(finding.title.count == 160 && finding.title.hasSuffix("…"))
    let hidden = Self.one.replacing("\"T\"", with: "\"T\\u202ehidden\\nmore\"")
    let title = try #require(try FindingsAnswer(reading: "[\(hidden)]").findings.first).title
    #expect(!title.unicodeScalars.contains("\u{202e}") && !title.contains("\n"))
  }

  @Test("comes to an end whatever is in it")
  func hostile() {
    for text in [
      String(repeating: "[", count: 100_000), String(repeating: "{\"a\":", count: 100_000),
      String(repeating: "{", count: 300_000), "{\"findings\":[" + String(repeating: "{},", count: 100_000),
      "\"\\ud800\\u", "{\"findings\":[{\"quote\":\"\\ud83d\\ude00",
    ] {
      _ = try? FindingsAnswer(reading: text)
    }
  }
}
