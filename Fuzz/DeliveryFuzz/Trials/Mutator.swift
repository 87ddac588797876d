internal import Work

/// Numbers that look random and are the same for the same seed (SplitMix64).
package struct SeededNumbers: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  mutating func below(_ bound: Int) -> Int { bound > 0 ? Int(next() % UInt64(bound)) : 0 }
}

/// Makes broken deliveries out of whole ones.
package struct Mutator: Sendable {
  private let samples: [SampleDelivery]
  private let events: [ForgeName: [String]]
  package var numbers: SeededNumbers

  /// A mutator of these samples, of which there is at least one.
  package init(samples: [SampleDelivery], seed: UInt64) {
    self.samples = samples
    var events: [ForgeName: Set<String>] = [:]
    for sample in samples { events[sample.forge, default: []].insert(sample.event) }
    self.events = events.mapValues { $0.sorted() }
    numbers = SeededNumbers(seed: seed)
  }

  /// The members that the reader looks at.
  static let fields = [
    "action", "after", "app", "author_id", "base", "before", "body", "build_allow_failure", "build_name",
    "build_status", "builds", "changes", "check_run", "check_suite", "comment", "conclusion", "content", "context",
    "current", "discussion_id", "draft", "event_name", "event_type", "from", "full_name", "head", "head_sha",
    "homepage",
    "id", "identifier", "iid", "in_reply_to_id", "is_pull", "issue", "labels", "last_commit", "login", "merge_request",
    "name", "note", "noteable_type", "number", "object_attributes", "object_kind", "oldrev", "path_with_namespace",
    "performed_via_github_app", "previous", "project", "project_id", "pull_request", "pull_requests", "ref", "repo",
    "repository", "requested_action", "review", "sender", "sha", "source", "source_project_id", "state", "status",
    "system", "target_branch", "target_project_id", "title", "type", "user", "user_id", "username", "workflow",
    "workflow_run",
  ]

  private static let hostileValues = [
    "null", "true", "false", "0", "-1", "1", "-0", "1e400", "-1e400", "1e18", "9223372036854775807",
    "9223372036854775808", "99999999999999999999999999999999999999", "1.5", "2147483648", "1e-400", "0.0e0", "01", "+1",
    "NaN", "\"\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\u{1F600}\"", "\"\u{202E}\"",
    "\"\\u001b[2J\"",
    "\"refs/heads/\"", "\"refs/heads/x\"", "\"refs/heads/../x\"", "\"refs/tags/x\"", "\"completed\"", "\"failure\"",
    "\"opened\"", "\"created\"", "\"MergeRequest\"", "\"arborist/review\"", "\"../../etc/passwd\"", "\"a/b\"",
    "\"-x/-y\"",
    "\"/arborist fix\"", "\"```\\n/arborist fix\\n```\"", "\"0000000000000000000000000000000000000000\"",
    "\"da1560886d4f094c3e6c9ef40349f7d38b5d27d7\"", "[]", "{}", "[[]]", "[null]", "[{}]", "[{\"number\":1}]",
    "{\"sha\":1}", "{\"id\":{}}", "{\"id\":1,\"id\":\"x\"}", "\"", "{", "[", "]", "}", ",", "\"\\", "\"\\u12", "\\",
  ]

  /// One more broken delivery; the same ones in the same order for the same seed.
  package mutating func next() -> SampleDelivery {
    var delivery = samples[numbers.below(samples.count)]
    if numbers.below(12) == 0, let events = events[delivery.forge] {
      delivery.event = events[numbers.below(events.count)]
    }
    for _ in 0...numbers.below(4) { change(&delivery.body) }
    return delivery
  }

  private mutating func change(_ body: inout [UInt8]) {
    switch numbers.below(14) {
    case 0:
      for _ in 0...numbers.below(8) where !body.isEmpty {
        body[numbers.below(body.count)] ^= 1 << UInt8(numbers.below(8))
      }
    case 1: body.removeLast(numbers.below(body.count + 1))
    case 2: splice(&body)
    case 3: repeatRange(&body)
    case 4: removeRange(&body)
    case 5: insertBytes(&body)
    case 6: nest(&body)
    case 7: duplicateKey(&body)
    default: replaceValue(&body)
    }
  }

  private mutating func range(in body: [UInt8], most: Int) -> Range<Int> {
    let start = numbers.below(body.count + 1)
    return start..<min(body.count, start + numbers.below(most))
  }

  /// The beginning of this and the end of another.
  private mutating func splice(_ body: inout [UInt8]) {
    let other = samples[numbers.below(samples.count)].body
    body.removeLast(numbers.below(body.count + 1))
    body += other.suffix(numbers.below(min(other.count, 60_000) + 1))
  }

  private mutating func repeatRange(_ body: inout [UInt8]) {
    let range = range(in: body, most: 200)
    let copy = [UInt8](body[range])
    body.insert(contentsOf: Array(repeatElement(copy, count: 1 + numbers.below(20)).joined()), at: range.upperBound)
  }

  private mutating func removeRange(_ body: inout [UInt8]) {
    body.removeSubrange(range(in: body, most: 400))
  }

  private mutating func insertBytes(_ body: inout [UInt8]) {
    let bytes = (0...numbers.below(16)).map { _ in UInt8(truncatingIfNeeded: numbers.next()) }
    body.insert(contentsOf: bytes, at: numbers.below(body.count + 1))
  }

  /// Wraps a value into many lists or objects, about as many as are allowed and far more.
  private mutating func nest(_ body: inout [UInt8]) {
    guard let value = valueOfField(in: body) else { return }
    let depths = [2, 150, 199, 200, 201, 1000, 20_000]
    let depth = depths[numbers.below(depths.count)]
    let (open, close) = numbers.below(2) == 0 ? ("[", "]") : ("{\"a\":", "}")
    let isClosed = numbers.below(4) > 0
    var wrapped = Array(repeatElement(Array(open.utf8), count: depth).joined()) + body[value]
    if isClosed { wrapped += Array(repeatElement(Array(close.utf8), count: depth).joined()) }
    body.replaceSubrange(value, with: wrapped)
  }

  private mutating func duplicateKey(_ body: inout [UInt8]) {
    guard let value = valueOfField(in: body) else { return }
    let name = Self.fields[numbers.below(Self.fields.count)]
    body.insert(contentsOf: Array(",\"\(name)\":".utf8) + hostileValue(), at: value.upperBound)
  }

  private mutating func replaceValue(_ body: inout [UInt8]) {
    guard let value = valueOfField(in: body) else { return }
    body.replaceSubrange(value, with: hostileValue())
  }

  private mutating func hostileValue() -> [UInt8] {
    switch numbers.below(24) {
    case 0: return [34] + [UInt8](repeating: 0x61, count: numbers.below(100_000)) + [34]
    case 1: return [34] + Array(repeatElement(Array("\\u00e4".utf8), count: numbers.below(20_000)).joined()) + [34]
    case 2: return [91] + Array(repeatElement(Array("1,".utf8), count: numbers.below(20_000)).joined()) + [49, 93]
    case 3: return [UInt8](repeating: 0x39, count: 1 + numbers.below(5000))
    case 4, 5: return comment()
    default: return Array(Self.hostileValues[numbers.below(Self.hostileValues.count)].utf8)
    }
  }

  private static let pieces = [
    "/arborist fix", "/arborist ask \u{202E}x", "/arborist ", "`", "```", "~~~", "<!--", "-->", "> ", ">>>", "<pre>",
    "</pre>", "<code>", "<blockquote>", "- ", "1. ", "   ", "\\n", "\\n\\n", "\\r\\n", "\\u0000", "text", "\\\\", "<",
    "\u{1F600}",
  ]

  /// A comment of marks that a page would obey.
  private mutating func comment() -> [UInt8] {
    let text = (0...numbers.below(30)).map { _ in Self.pieces[numbers.below(Self.pieces.count)] }.joined()
    return Array("\"\(text)\\n/arborist review\"".utf8)
  }

  /// Where the value of one of the fields stands, by a look at the bytes alone; `nil` where the field is not there.
  private mutating func valueOfField(in body: [UInt8]) -> Range<Int>? {
    guard !body.isEmpty else { return nil }
    for _ in 0..<4 {
      let key = Array("\"\(Self.fields[numbers.below(Self.fields.count)])\"".utf8)
      // From anywhere on, so that it is not always the first of its name.
      let from = numbers.below(3) == 0 ? numbers.below(body.count) : 0
      guard let start = Self.find(key, in: body, from: from) else { continue }
      var index = start + key.count
      while index < body.count, body[index] == 0x20 || body[index] == 0x3a { index += 1 }
      return index..<Self.endOfValue(body, at: index)
    }
    return nil
  }

  private static func find(_ key: [UInt8], in body: [UInt8], from: Int) -> Int? {
    var index = from
    let last = body.count - key.count
    while index <= last {
      if body[index] == 34, body[index + 1] == key[1], body[index..<(index + key.count)].elementsEqual(key) {
        return index
      }
      index += 1
    }
    return nil
  }

  private static func endOfValue(_ body: [UInt8], at start: Int) -> Int {
    var (index, depth, isText) = (start, 0, false)
    while index < body.count {
      let byte = body[index]
      if isText {
        if byte == 0x5c { index += 1 } else if byte == 34 { isText = false }
      } else if byte == 34 {
        isText = true
      } else if byte == 0x7b || byte == 0x5b {
        depth += 1
      } else if byte == 0x7d || byte == 0x5d {
        if depth == 0 { return index }
        depth -= 1
      } else if byte == 0x2c, depth == 0 {
        return index
      }
      index += 1
    }
    return min(index, body.count)
  }
}
