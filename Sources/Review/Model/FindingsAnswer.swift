internal import Base
internal import ByteText
internal import JSON
package import Work

/// A finding as a model proposes it; nobody has looked whether its quote is anywhere.
package struct ProposedFinding: Sendable, Hashable, Codable {
  package var path: String
  package var quote: String
  /// The line that the model counted.
  package var line: Int?
  package var title: String
  package var body: String
  package var severity: Severity
  package var confidence: Double
  package var suggestion: String?

  package init(
    path: String, quote: String, line: Int? = nil, title: String, body: String, severity: Severity,
    confidence: Double, suggestion: String? = nil
  ) {
    self.path = path
    self.quote = quote
    self.line = line
    self.title = title
    self.body = body
    self.severity = severity
    self.confidence = confidence
    self.suggestion = suggestion
  }
}

/// What a model answered: forgiving in its form, strict in what it says.
package struct FindingsAnswer: Sendable, Hashable, Codable {
  package var findings: [ProposedFinding]
  /// How many findings could not be read: without a quote, without a title, of no severity that there is.
  package var malformed: Int
  /// Whether the end of the answer is missing, so that there may have been more.
  package var isCut: Bool

  package init(findings: [ProposedFinding] = [], malformed: Int = 0, isCut: Bool = false) {
    self.findings = findings
    self.malformed = malformed
    self.isCut = isCut
  }

  /// Longer answers are read up to here: 1 MiB.
  private static let limit = 1 << 20
  /// Places at which an answer may begin; more is no answer with words around it.
  private static let tries = 200

  /// Reads an answer, whatever stands around it.
  ///
  /// - Throws: ``Unusable`` where there is no answer in it, or nothing in that can be read.
  package init(reading text: String) throws(Unusable) {
    let bytes = Array(text.utf8.prefix(Self.limit))
    guard bytes.contains(where: { !ASCII.isBlank($0) }) else { throw Unusable("it was empty") }
    guard let (items, isWhole) = Self.items(in: bytes) else {
      throw Unusable("there was no JSON object with \"findings\" in it")
    }
    self.init(isCut: !isWhole || text.utf8.count > Self.limit)
    var fault: String?
    for item in items {
      do throws(Unusable) {
        findings.append(try Self.finding(item))
      } catch {
        malformed += 1
        fault = fault ?? error.reason
      }
    }
    if findings.isEmpty, isCut { throw Unusable("it was cut off before its first finding was whole: be brief") }
    if findings.isEmpty, let fault { throw Unusable("no finding could be read: \(fault)") }
  }

  /// The last list of findings in a text; what stands before it is thought.
  private static func items(in bytes: [UInt8]) -> (items: [JSONValue], isWhole: Bool)? {
    var found: (items: [JSONValue], isWhole: Bool)?
    // Where what is around them cannot be read, the findings themselves may be.
    var single: [JSONValue] = []
    var index = 0
    var left = tries
    while left > 0,
      let start = bytes[index...].firstIndex(where: { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "[") })
    {
      left -= 1
      var reader = LenientJSON(bytes, from: start)
      let reading = reader.value()
      if let reading, let items = items(of: reading.value, isAll: isAll(bytes, start, reader.index)) {
        found = (items, reading.isWhole)
        index = reader.index
      } else if let reading, reading.isWhole, reading.value["quote"] != nil, reading.value["path"] != nil {
        single.append(reading.value)
        index = reader.index
      } else {
        index = start + 1
      }
    }
    return found ?? (single.isEmpty ? nil : (single, false))
  }

  /// Whether nothing but blanks and fences stand around a part of the text.
  private static func isAll(_ bytes: [UInt8], _ start: Int, _ end: Int) -> Bool {
    (bytes[..<start] + bytes[min(end, bytes.count)...]).allSatisfy {
      ASCII.isBlank($0) || $0 == UInt8(ascii: "`") || ASCII.isLower($0)
    }
  }

  private static func items(of value: JSONValue, isAll: Bool) -> [JSONValue]? {
    if let list = value["findings"]?.array { return list }
    guard let list = value.array else { return nil }
    if list.isEmpty { return isAll ? [] : nil }
    return list.allSatisfy { $0["quote"] != nil || $0["title"] != nil } ? list : nil
  }

  // MARK: One finding

  private static func finding(_ value: JSONValue) throws(Unusable) -> ProposedFinding {
    guard value.object != nil else { throw Unusable("a finding is no object") }
    let title = DisplayText.line(try text(value, "title").utf8).trimmingBlanks()
    guard let severity = severity(value["severity"]) else {
      throw Unusable("\"severity\" is none of error, warning, note")
    }
    guard let confidence = confidence(value["confidence"]) else {
      throw Unusable("\"confidence\" is no number from 0 to 1")
    }
    let quote = try text(value, "quote")
    guard quote.utf8.count <= 4000 else { throw Unusable("a \"quote\" is too long: a few lines will do") }
    var suggestion = value["suggestion"]?.string
    if let given = suggestion, given.utf8.count > 8000 { suggestion = nil }
    return ProposedFinding(
      path: try text(value, "path"), quote: quote, line: value["line"]?.integer ?? Int(value["line"]?.string ?? ""),
      title: title.cut(to: 160), body: (value["body"]?.string ?? "").cut(to: 2000), severity: severity,
      confidence: confidence, suggestion: suggestion)
  }

  private static func text(_ value: JSONValue, _ name: String) throws(Unusable) -> String {
    guard let text = value[name]?.string, text.utf8.contains(where: { !ASCII.isBlank($0) }) else {
      throw Unusable("a finding has no \"\(name)\"")
    }
    return text
  }

  /// The severity, also in the words of other tools.
  private static func severity(_ value: JSONValue?) -> Severity? {
    switch value?.string?.lowercased() {
    case "error", "critical", "high", "blocker", "major": .error
    case "warning", "medium", "moderate", "minor": .warning
    case "note", "low", "info", "information", "nit": .note
    default: nil
    }
  }

  /// The confidence, also in percent.
  private static func confidence(_ value: JSONValue?) -> Double? {
    var number: Double
    switch value {
    case .number(let given): number = given
    case .string(let text):
      guard let given = Double(text.filter { $0 != "%" && $0 != " " }) else { return nil }
      number = given
    default: return nil
    }
    if number > 1 { number /= 100 }
    return (0...1).contains(number) ? number : nil
  }

  /// An answer that says nothing.
  package struct Unusable: Error, Hashable, CustomStringConvertible {
    /// What was wrong with it, so that the model can do better.
    package let reason: String

    init(_ reason: String) {
      self.reason = reason
    }

    package var description: String { reason }
  }
}

extension String {
  /// The text with at most so many characters, `…` where something is left out.
  func cut(to limit: Int) -> String { count > limit ? prefix(limit - 1) + "…" : self }

  func trimmingBlanks() -> String {
    String(decoding: Array(utf8)[...].trimmed(), as: UTF8.self)
  }
}
