internal import Base
internal import ByteText
package import Work

/// Writes a review as Markdown, for a comment or a report.
package enum MarkdownRenderer {
  /// The text.
  ///
  /// What comes from the repository or from a tool is shown as it is and makes no link, no picture, no heading and no
  /// mention.
  package static func render(_ outcome: ReviewOutcome) -> String {
    var text = "## Review\n\n\(escaped(outcome.overall))\n"
    if let cost = outcome.cost { text += "\n\(escaped(cost.sentence))\n" }
    var file: RepositoryPath?
    var told: Set<String> = []
    for finding in outcome.findings {
      if finding.path != file {
        file = finding.path
        text += "\n### \(code(finding.path.display))\n"
      }
      text += "\n" + item(finding, explains: told.insert(finding.source + finding.body).inserted)
    }
    if !outcome.unread.isEmpty {
      text += "\n### Not read in full\n\n"
      for group in UnreadGroup.all(of: outcome.unread) {
        let count = group.files.count > 1 ? "\(group.files.count.counted("file")): " : ""
        text += "- \(count)\(group.names { code($0.display) }): \(escaped(group.reason))\n"
      }
    }
    return text
  }

  private static func item(_ finding: Finding, explains: Bool) -> String {
    let sure = finding.sureness.map { ", \($0)" } ?? ""
    var text =
      "**\(finding.severity.rawValue)** \(place(finding))\(escaped(finding.title)) (\(code(finding.source))\(sure))\n"
    if !finding.quote.isEmpty { text += "\n" + block(finding.quote) }
    if explains, !finding.body.isEmpty {
      // Our own pages are Markdown already; the words of another tool are not.
      let isOurs = BuiltInChecks.check(finding.source) != nil
      text += "\n\(isOurs ? finding.body : escaped(finding.body))\n"
    }
    if let suggestion = finding.suggestion {
      text += suggestion.isEmpty ? "\nProposal: take these lines out.\n" : "\nProposal:\n\n" + block(suggestion)
    }
    return text
  }

  private static func place(_ finding: Finding) -> String {
    guard finding.startLine > 0 else { return "" }
    let old = finding.side == .base ? " before the change" : ""
    return finding.endLine > finding.startLine
      ? "lines \(finding.startLine)–\(finding.endLine)\(old): " : "line \(finding.startLine)\(old): "
  }

  /// A fence longer than any run of backticks inside.
  private static func block(_ content: String) -> String {
    let fence = String(repeating: "`", count: max(3, longestRun(in: content) + 1))
    let lines = content.split(separator: "\n", omittingEmptySubsequences: false).map { DisplayText.line($0.utf8) }
    return "\(fence)\n\(lines.joined(separator: "\n"))\n\(fence)\n"
  }

  private static func code(_ content: String) -> String {
    let fence = String(repeating: "`", count: longestRun(in: content) + 1)
    let pad = content.hasPrefix("`") || content.hasSuffix("`") ? " " : ""
    return fence + pad + DisplayText.line(content.utf8) + pad + fence
  }

  private static func longestRun(in content: String) -> Int {
    var longest = 0
    var run = 0
    for byte in content.utf8 {
      run = byte == UInt8(ascii: "`") ? run + 1 : 0
      longest = max(longest, run)
    }
    return longest
  }

  /// The text with every sign that Markdown, HTML or a forge would act on made harmless.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if !result.isEmpty { result += "\n" }
      for scalar in DisplayText.line(line.utf8).unicodeScalars {
        switch scalar {
        case "<": result += "&lt;"
        case ">": result += "&gt;"
        case "&": result += "&amp;"
        case "@": result += "&#64;"
        case "\\", "`", "*", "_", "[", "]", "#", "!", "|", "~": result += "\\" + String(scalar)
        default: result.unicodeScalars.append(scalar)
        }
      }
    }
    return result.replacingLinks
  }
}

extension Finding {
  /// How sure a model is, in percent; `nil` for what decides by rules.
  var sureness: String? {
    guard source.hasPrefix("model:") else { return nil }
    return "\(Int((confidence * 100).rounded())) % sure"
  }
}

extension String {
  /// A bare address is made a link by forges; without its colon it is not.
  fileprivate var replacingLinks: String {
    guard utf8.count > 3 else { return self }
    var result: [UInt8] = []
    let bytes = Array(utf8)
    for (index, byte) in bytes.enumerated() {
      if byte == UInt8(ascii: ":"), bytes.matches(Array("://".utf8), at: index) {
        result += "&#58;".utf8
      } else {
        result.append(byte)
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
