internal import Base
internal import ByteText
internal import JSON
internal import Templates
package import Work

/// Writes a review as SARIF 2.1.0 (OASIS Standard, 2020).
package enum SARIFWriter {
  /// The document; `version` is Arborist's own.
  package static func render(_ outcome: ReviewOutcome, version: String) -> [UInt8] {
    let rules = rules(for: outcome.findings)
    let indices = Dictionary(uniqueKeysWithValues: rules.enumerated().map { ($1.id, $0) })
    let run: JSONValue = [
      "tool": [
        "driver": [
          "name": "Arborist", "version": .string(version), "rules": .array(rules.map(\.value)),
        ]
      ],
      "originalUriBaseIds": ["SRCROOT": ["description": ["text": "The root of the repository."]]],
      "columnKind": "unicodeCodePoints",
      "invocations": [
        [
          "executionSuccessful": true,
          "toolExecutionNotifications": .array(
            (outcome.unheard ?? []).map { ["level": "warning", "message": ["text": .string($0)]] }
              + outcome.unread.map(notification)),
        ]
      ],
      "results": .array(outcome.findings.map { result($0, ruleIndex: indices[$0.source] ?? 0) }),
    ]
    let document: JSONValue = [
      "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
      "version": "2.1.0",
      "runs": [run],
    ]
    return document.rendered()
  }

  private struct Rule {
    var id: String
    var value: JSONValue
  }

  /// Every built-in check, and the rules of other tools that found something.
  private static func rules(for findings: [Finding]) -> [Rule] {
    var rules = BuiltInChecks.all.map { check -> Rule in
      let page = CheckPages.page(check.id) ?? check.title
      return Rule(
        id: check.id,
        value: [
          "id": .string(check.id),
          "shortDescription": ["text": .string(check.title)],
          "fullDescription": ["text": .string(CheckPages.summary(of: check.id) ?? check.title)],
          "help": ["text": .string(page), "markdown": .string(page)],
          "defaultConfiguration": ["level": .string(check.defaultSeverity.rawValue)],
        ])
    }
    let known = Set(rules.map(\.id))
    for source in Set(findings.map(\.source)).subtracting(known).sorted() {
      rules.append(Rule(id: source, value: rule(of: source)))
    }
    return rules
  }

  /// The rule of another tool, of which nothing is known but its name, or a model that has none.
  private static func rule(of source: String) -> JSONValue {
    guard source.hasPrefix("model:") else { return ["id": .string(source)] }
    let name = String(source.dropFirst("model:".count))
    let text =
      "\(name) read the change and proposed this. That the code it quotes stands at the change was looked up; whether "
      + "it is right is for a person to judge. The confidence is the model's own."
    return [
      "id": .string(source),
      "shortDescription": ["text": .string("A finding of the model \(name)")],
      "fullDescription": ["text": .string(text)],
      "help": ["text": .string(text)],
    ]
  }

  private static func result(_ finding: Finding, ruleIndex: Int) -> JSONValue {
    let text = finding.body.isEmpty ? finding.title : finding.title + "\n" + finding.body
    var members: [String: JSONValue] = [
      "ruleId": .string(finding.source),
      "ruleIndex": .number(Double(ruleIndex)),
      "level": .string(finding.severity.rawValue),
      "message": ["text": .string(text)],
      "locations": [["physicalLocation": location(finding)]],
      "partialFingerprints": ["arboristFinding/v1": .string(finding.id)],
      "properties": ["confidence": .number(finding.confidence), "side": .string(finding.side.rawValue)],
    ]
    members["fixes"] = fix(of: finding).map { .array([$0]) }
    return .object(members)
  }

  /// The proposal as a change of the file (3.55 to 3.57); `nil` where there is none.
  ///
  /// A region of whole lines ends before the end of its last line (3.30.2), so lines that go take the start of the next
  /// one with them.
  private static func fix(of finding: Finding) -> JSONValue? {
    guard let suggestion = finding.suggestion, finding.startLine > 0, finding.side == .head else { return nil }
    let last = max(finding.startLine, finding.endLine)
    var replacement: [String: JSONValue] = [
      "deletedRegion": ["startLine": .number(Double(finding.startLine)), "endLine": .number(Double(last))]
    ]
    if suggestion.isEmpty {
      replacement["deletedRegion"] = [
        "startLine": .number(Double(finding.startLine)), "startColumn": 1, "endLine": .number(Double(last + 1)),
        "endColumn": 1,
      ]
    } else {
      replacement["insertedContent"] = ["text": .string(suggestion)]
    }
    return [
      "description": ["text": .string(suggestion.isEmpty ? "Take the lines out." : "Replace the lines.")],
      "artifactChanges": [
        ["artifactLocation": artifact(finding.path), "replacements": .array([.object(replacement)])]
      ],
    ]
  }

  private static func location(_ finding: Finding) -> JSONValue {
    var location: [String: JSONValue] = ["artifactLocation": artifact(finding.path)]
    // A line of the base is no line of the file that a viewer opens.
    if finding.startLine > 0, finding.side == .head {
      var region: [String: JSONValue] = [
        "startLine": .number(Double(finding.startLine)),
        "endLine": .number(Double(max(finding.startLine, finding.endLine))),
      ]
      if !finding.quote.isEmpty {
        region["snippet"] = ["text": .string(finding.lines?.joined(separator: "\n") ?? finding.quote)]
      }
      location["region"] = .object(region)
    }
    return .object(location)
  }

  private static func notification(_ unread: Unread) -> JSONValue {
    [
      "level": "note",
      "message": ["text": .string("Not read in full: \(unread.reason)")],
      "locations": [["physicalLocation": ["artifactLocation": artifact(unread.path)]]],
    ]
  }

  private static func artifact(_ path: RepositoryPath) -> JSONValue {
    ["uri": .string(uri(path)), "uriBaseId": "SRCROOT"]
  }

  /// The path as a relative reference (RFC 3986): everything but unreserved characters and `/` with a percent sign.
  private static func uri(_ path: RepositoryPath) -> String {
    var text = ""
    for byte in path.bytes {
      if ASCII.isAlphanumeric(byte) || "-._~/".utf8.contains(byte) {
        text.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        text += "%" + Hexadecimal.encode([byte]).uppercased()
      }
    }
    return text
  }
}
