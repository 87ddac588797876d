import Testing

@testable import Merging

@Suite("gate: documents") struct DocumentCheckTests {
  private func read(_ check: any DocumentCheck, _ text: String) -> DocumentReading { check.read(Array(text.utf8)) }

  private func isInvalid(_ reading: DocumentReading) -> Bool {
    if case .invalid = reading.verdict { true } else { false }
  }

  @Test(
    "valid JSON",
    arguments: [
      "{}", "[]", " [1, -0, 2.5e-3, 1E9] \n", "{\"a\": {\"b\": [true, false, null]}}", "\"a\\u00e9\\n\"", "7",
      "[[[[]]]]", "{\"a\": 1, \"b\": \"//\"}", "\u{FEFF}{}", "{\"\": 0}",
    ]
  )
  func validJSON(_ text: String) {
    #expect(read(JSONCheck(), text) == DocumentReading(.valid))
  }

  @Test(
    "invalid JSON",
    arguments: [
      "", "{", "[1 2]", "{\"a\" 1}", "{\"a\": 1 \"b\": 2}", "{\"a\": 1}}", "[01]", "[1.]", "['a']", "{a: 1}", "[1]]",
      "\"a\nb\"", "[\"\\x\"]", "[tru]", "{\"a\":}", "{,}", "/* a", "1 2",
    ]
  )
  func invalidJSON(_ text: String) {
    #expect(isInvalid(read(JSONCheck(), text)))
  }

  @Test("JSON tells of extensions, keys that stand twice, and gives up on great depth")
  func moreJSON() {
    #expect(read(JSONCheck(), "{\n// a\n\"b\": 1,\n}").extensions == ["comment", "trailing comma"])
    #expect(read(JSONCheck(), "{\"a\": 1, \"a\": 2}").repeatedKeys.keys.map { $0 } == [Array("a".utf8)])
    #expect(read(JSONCheck(), "[{\"a\": 1}, {\"a\": 2}]").repeatedKeys.isEmpty)
    #expect(read(JSONCheck(), String(repeating: "[", count: 100_000)).verdict == .unknown)
    let nested = String(repeating: "[", count: 1000) + String(repeating: "]", count: 1000)
    #expect(read(JSONCheck(), nested).verdict == .valid)
  }

  @Test(
    "valid XML",
    arguments: [
      "<a/>", "<?xml version=\"1.0\"?>\n<a b='c'><!-- x --><d e=\"f\">&amp; &#10;</d></a>\n", "<a><![CDATA[<]]></a>",
      "<!DOCTYPE a [<!ENTITY b \"c\">]>\n<a>&b;</a>", "<x:a x:b=\"1\"></x:a>", "<a>></a>", "<a >b</a >",
    ]
  )
  func validXML(_ text: String) {
    #expect(read(XMLCheck(), text).verdict == .valid)
  }

  @Test(
    "invalid XML",
    arguments: [
      "", "<a>", "<a></b>", "<a/><b/>", "<a b=c/>", "<a b='1' b='2'/>", "<a b='1'c='2'/>", "<a>& b</a>", "text<a/>",
      "<a><!-- x -- y --></a>", "<a b='<'/>", "</a>", "<a>]]></a>", "<a", "<a b></a>",
    ]
  )
  func invalidXML(_ text: String) {
    #expect(isInvalid(read(XMLCheck(), text)))
  }

  @Test(
    "valid TOML",
    arguments: [
      "", "a = 1\n", "# x\n[a.\"b c\".d]\nx.y = 'z' # y\n", "a = [\n  1, # one\n  2,\n]\n",
      "a = { b = 1, c = { d = [] } }\n", "a = \"\"\"\nx\n\"y\"\"\"\"\n", "[[a]]\nb = 1\n[[a]]\nb = 2\n",
      "a = 1979-05-27 07:32:00Z\nb = 1_000\nc = 0xff\nd = -inf\n", "a = true\r\nb = '''\n'x\n'''\r\n", "a = {}\n",
    ]
  )
  func validTOML(_ text: String) {
    #expect(read(TOMLCheck(), text) == DocumentReading(.valid))
  }

  @Test(
    "invalid TOML",
    arguments: [
      "a\n", "a =\n", "a = b\n", "[a\n", "a = [1 2]\n", "a = \"b\n", "a = 1 b = 2\n", "a = {b}\n", "= 1\n", "a = [1\n",
      "[[a]\n", "a = '''\n", "a = }\n", "a b = 1\n",
    ]
  )
  func invalidTOML(_ text: String) {
    #expect(isInvalid(read(TOMLCheck(), text)))
  }

  @Test("TOML tells of keys and tables that stand twice, and gives up on great depth")
  func moreTOML() {
    #expect(read(TOMLCheck(), "a = 1\na = 2\n").repeatedKeys.count == 1)
    #expect(read(TOMLCheck(), "[a]\n[b]\n[a]\n").repeatedKeys.count == 1)
    #expect(read(TOMLCheck(), "[a]\nx = 1\n[b]\nx = 1\n").repeatedKeys.isEmpty)
    #expect(read(TOMLCheck(), "a = " + String(repeating: "[", count: 100_000)).verdict == .unknown)
  }

  @Test(
    "YAML that may be valid",
    arguments: [
      "", "a: 1\nb:\n  - c\n  - d: 1\n    e: 2\n", "a:\n- b\n- c\nd: e\n", "a: |\n  x: {\n   y\nb: 1\n",
      "a: [1,\n  2]\n",
      "a: \"b\n  c: d\"\n", "---\na: 1\n---\na: 2\n", "a: b\n  c d\n", "- - a\n  - b\n- c\n", "a: it's\nb: don't [x\n",
      "# x\na: &b\n  c: 1\nd: *b\n", "a: {b: 1, c: \"}\"}\n", "a: x # 'y\n", "- a: 1\n- a: 2\n",
      "\"a b\": 1\n'c: d': 2\n",
      "a: >-\n  b\n\n  c\nd: 1\n", "url: http://a.b/c\n", "a:\n    b: 1\nc:\n  d: 1\n",
    ]
  )
  func validYAML(_ text: String) {
    #expect(read(YAMLCheck(), text) == DocumentReading(.valid))
  }

  @Test(
    "YAML that is surely invalid",
    arguments: [
      "a:\n\tb: 1\n", "a: [1\nb: 2\n", "a: 1\n  b: 2\n", "a:\n    b: 1\n  c: 2\n", "a: \"b\n", "a: [1}\n", "a: 1\nb\n",
      "a: {b: [1}\n", "a:\n  - b\n c: 1\n", "a: [1]]\n[\n",
    ]
  )
  func invalidYAML(_ text: String) {
    #expect(isInvalid(read(YAMLCheck(), text)))
  }

  @Test("YAML tells of keys that stand twice, and knows nothing of templates")
  func moreYAML() {
    #expect(read(YAMLCheck(), "a: 1\nb: 2\na: 3\n").repeatedKeys.count == 1)
    #expect(read(YAMLCheck(), "a:\n  x: 1\nb:\n  x: 1\n").repeatedKeys.isEmpty)
    #expect(read(YAMLCheck(), "a: {{ b }}\n").verdict == .unknown)
    #expect(read(YAMLCheck(), "a: [\n{%").verdict == .unknown)
  }

  @Test("any bytes are read to an end", arguments: 0..<40)
  func anyBytes(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    let alphabet = Array("{}[]\"'\\:,#-<>/!?=&;. \n\t1aé|%".utf8)
    let bytes = (0..<400).map { _ in alphabet.randomElement(using: &random) ?? 0 }
    for check in StandardDocumentChecks.all {
      #expect(check.read(bytes) == check.read(bytes))
    }
  }

  @Test("a document is judged only where both sides are valid, and may use no new extension")
  func rule() {
    func fault(_ ours: String, _ theirs: String, _ merged: String) -> FileMerge.Rejection.Reason? {
      func source(_ text: String) -> SourceText {
        SourceText(Array(text.utf8), language: .ofFile(at: Array("a.json".utf8)))
      }
      return DocumentRule(JSONCheck(), ours: source(ours), theirs: source(theirs))?.fault(in: source(merged))?.reason
    }
    #expect(fault("{}", "[]", "{") == .invalidDocument)
    #expect(fault("{", "[]", "{") == nil)
    #expect(fault("{}", "[]", "[1]") == nil)
    #expect(fault("{}", "[]", "[1,]") == .invalidDocument)
    #expect(fault("{}", "[2,]", "[1,]") == nil)
    #expect(fault("{}", "{}", "{\"a\": 1, \"a\": 2}") == .duplicate)
    #expect(fault("{\"a\": 1, \"a\": 2}", "{}", "{\"a\": 1, \"a\": 2}") == nil)
  }
}
