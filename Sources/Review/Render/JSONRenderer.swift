internal import Base
internal import JSON
package import Work

/// Writes a review as `arborist.review/1`.
package enum JSONRenderer {
  /// The document, with sorted keys.
  package static func render(_ outcome: ReviewOutcome) -> [UInt8] {
    var document: [String: JSONValue] = [
      "schema": "arborist.review/1",
      "findings": .array(outcome.findings.map(finding)),
      "unread": .array(
        outcome.unread.map { ["path": .string(QuotedPath.encode($0.path.bytes)), "reason": .string($0.reason)] }),
      "overall": .string(outcome.overall),
    ]
    if let models = outcome.models { document["models"] = .array(models.map { .string($0) }) }
    document["run"] = outcome.run.map { .string($0.text) }
    document["base"] = outcome.baseCommit.map { .string($0.description) }
    document["head"] = outcome.headCommit.map { .string($0.description) }
    document["dropped"] = outcome.dropped.map { .array($0.map(dropped)) }
    document["cost"] = outcome.cost.map(cost)
    if let shortfall = outcome.shortfall { document["shortfall"] = .string(shortfall.rawValue) }
    return JSONValue.object(document).rendered()
  }

  private static func dropped(_ finding: DroppedFinding) -> JSONValue {
    var members: [String: JSONValue] = [
      "title": .string(finding.title), "path": .string(finding.path), "why": .string(finding.why),
    ]
    members["line"] = finding.line.map { .number(Double($0)) }
    return .object(members)
  }

  private static func cost(_ cost: ReviewCost) -> JSONValue {
    var members: [String: JSONValue] = ["answers": .number(Double(cost.answers))]
    members["usd"] = cost.nanodollars.map { .number(Double($0) / 1_000_000_000) }
    members["inputTokens"] = cost.input.map { .number(Double($0)) }
    members["outputTokens"] = cost.output.map { .number(Double($0)) }
    return .object(members)
  }

  private static func finding(_ finding: Finding) -> JSONValue {
    var members: [String: JSONValue] = [
      "id": .string(finding.id),
      "path": .string(QuotedPath.encode(finding.path.bytes)),
      "startLine": .number(Double(finding.startLine)),
      "endLine": .number(Double(finding.endLine)),
      "side": .string(finding.side.rawValue),
      "quote": .string(finding.quote),
      "title": .string(finding.title),
      "body": .string(finding.body),
      "severity": .string(finding.severity.rawValue),
      "confidence": .number(finding.confidence),
      "source": .string(finding.source),
    ]
    if let suggestion = finding.suggestion { members["suggestion"] = .string(suggestion) }
    return .object(members)
  }
}
