internal import Base
internal import JSON
internal import Work

/// Reads one `run` of a SARIF document.
///
/// Numbers in comments are sections of the standard.
struct SARIFRunReader {
  private(set) var results: [SARIFDocument.Result] = []
  private(set) var outside = 0

  private let run: JSONValue
  private let place: String
  private let driver: JSONValue
  private let toolName: String
  private let paths: SARIFPaths
  private let rules: [JSONValue]
  private let rulesByID: [String: JSONValue]

  init(_ run: JSONValue, place: String, root: [UInt8]) throws(SARIFError) {
    guard run.object != nil else { throw SARIFError(place: place, reason: "it is no object") }
    guard let driver = run["tool"]?["driver"], let name = driver["name"]?.string else {
      throw SARIFError(place: "\(place).tool.driver.name", reason: "it is missing")
    }
    self.run = run
    self.place = place
    self.driver = driver
    toolName = name
    rules = driver["rules"]?.array ?? []
    let extensions = run["tool"]?["extensions"]?.array ?? []
    let all = rules + extensions.flatMap { $0["rules"]?.array ?? [] }
    rulesByID = Dictionary(
      all.compactMap { rule in rule["id"]?.string.map { ($0, rule) } }, uniquingKeysWith: { first, _ in first })
    paths = SARIFPaths(run, root: root)
  }

  mutating func read() throws(SARIFError) {
    // A run may leave out its results (3.14.23): it was not meant to have any.
    guard let value = run["results"], value != .null else { return }
    guard let list = value.array else { throw SARIFError(place: "\(place).results", reason: "it is no list") }
    for (index, result) in list.enumerated() {
      guard result.object != nil else {
        throw SARIFError(place: "\(place).results[\(index)]", reason: "it is no object")
      }
      read(result)
    }
  }

  private mutating func read(_ result: JSONValue) {
    guard !isSuppressed(result), isNew(result) else { return }
    let rule = rule(of: result)
    guard let severity = severity(of: result, rule: rule) else { return }
    guard let location = result["locations"]?.array?.first?["physicalLocation"],
      let path = paths.path(of: location["artifactLocation"] ?? .null)
    else {
      outside += 1
      return
    }
    let start = max(0, location["region"]?["startLine"]?.integer ?? 0)
    let end = max(start, location["region"]?["endLine"]?.integer ?? start)
    let id = result["ruleId"]?.string ?? result["rule"]?["id"]?.string ?? rule?["id"]?.string ?? "unnamed"
    results.append(
      SARIFDocument.Result(
        tool: toolName, rule: id, path: path, startLine: start, endLine: end,
        message: message(result["message"] ?? .null, rule: rule), severity: severity,
        help: rule?["shortDescription"]?["text"]?.string ?? rule?["fullDescription"]?["text"]?.string,
        helpAddress: rule?["helpUri"]?.string))
  }

  /// 3.27.23: suppressed unless somebody still has to agree or has not agreed.
  private func isSuppressed(_ result: JSONValue) -> Bool {
    guard let list = result["suppressions"]?.array, !list.isEmpty else { return false }
    return list.allSatisfy { ["accepted", nil].contains($0["status"]?.string) }
  }

  /// 3.27.24: whether the result was not there before.
  private func isNew(_ result: JSONValue) -> Bool {
    !["unchanged", "absent"].contains(result["baselineState"]?.string)
  }

  /// 3.27.5 to 3.27.7: by index in the driver or in an extension, or by id, of which the last part may be a detail.
  private func rule(of result: JSONValue) -> JSONValue? {
    let reference = result["rule"]
    if let index = reference?["index"]?.integer ?? result["ruleIndex"]?.integer, index >= 0 {
      var list = rules
      if let component = reference?["toolComponent"]?["index"]?.integer {
        let extensions = run["tool"]?["extensions"]?.array ?? []
        list = extensions.indices.contains(component) ? extensions[component]["rules"]?.array ?? [] : []
      }
      if list.indices.contains(index) { return list[index] }
    }
    guard var id = reference?["id"]?.string ?? result["ruleId"]?.string else { return nil }
    while true {
      if let rule = rulesByID[id] { return rule }
      guard let slash = id.lastIndex(of: "/") else { return nil }
      id = String(id[..<slash])
    }
  }

  /// 3.27.9 and 3.27.10; `nil` where there is nothing to say.
  private func severity(of result: JSONValue, rule: JSONValue?) -> Severity? {
    let kind = result["kind"]?.string ?? "fail"
    let level: String
    if let own = result["level"]?.string {
      level = own
    } else if kind != "fail" {
      level = "none"
    } else {
      level = rule?["defaultConfiguration"]?["level"]?.string ?? "warning"
    }
    if let severity = Severity(rawValue: level) { return severity }
    if level == "none" { return kind == "review" || kind == "open" ? .note : nil }
    return .warning
  }

  /// 3.11: the text itself, or one of the rule's or the tool's texts, with its places filled in.
  private func message(_ message: JSONValue, rule: JSONValue?) -> String {
    var text = message["text"]?.string ?? message["markdown"]?.string
    if text == nil, let id = message["id"]?.string {
      text = rule?["messageStrings"]?[id]?["text"]?.string ?? driver["globalMessageStrings"]?[id]?["text"]?.string
    }
    guard let text, !text.isEmpty else {
      return rule?["shortDescription"]?["text"]?.string ?? "The tool says no more than that."
    }
    guard let values = message["arguments"]?.array?.map({ $0.string ?? "" }) else { return text }
    return Self.filling(text, with: values)
  }

  /// `{0}` is the first value; `{{` and `}}` stand for a brace.
  private static func filling(_ text: String, with values: [String]) -> String {
    var result: [UInt8] = []
    let bytes = Array(text.utf8)
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      if byte == 0x7b || byte == 0x7d, index + 1 < bytes.count, bytes[index + 1] == byte {
        result.append(byte)
        index += 2
      } else if byte == 0x7b, let end = bytes[index...].firstIndex(of: 0x7d),
        let number = Int(String(decoding: bytes[(index + 1)..<end], as: UTF8.self)), values.indices.contains(number)
      {
        result += values[number].utf8
        index = end + 1
      } else {
        result.append(byte)
        index += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
