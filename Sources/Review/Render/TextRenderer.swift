internal import Base
package import Work

/// Writes a review for reading: by file, each finding with its line, why it matters and what to do.
package enum TextRenderer {
  /// The text; nothing in it but our own colours can steer a terminal.
  package static func render(_ outcome: ReviewOutcome, terminal: TextTerminal) -> String {
    var writer = Writer(terminal: terminal)
    var told: Set<String> = []
    var file: RepositoryPath?
    for finding in outcome.findings {
      if finding.path != file {
        file = finding.path
        writer.line(writer.style(finding.path.display, .bold))
      }
      writer.finding(finding, explains: told.insert(finding.source + finding.body).inserted)
    }
    if !outcome.unread.isEmpty {
      writer.line(writer.style("Not read in full", .bold))
      for group in UnreadGroup.all(of: outcome.unread) {
        let count = group.files.count > 1 ? "\(group.files.count.counted("file")): " : ""
        writer.paragraph("\(count)\(group.names(\.display)): \(oneLine(group.reason))", indent: 2)
      }
      writer.line("")
    }
    writer.paragraph(outcome.overall, indent: 0)
    if let cost = outcome.cost { writer.paragraph(cost.sentence, indent: 0) }
    return writer.text
  }

  /// Text that was made safe before, made safe again: a renderer trusts nobody.
  private static func oneLine(_ text: String) -> String { DisplayText.line(text.utf8) }

  private enum Style: String {
    case bold = "1"
    case dim = "2"
    case error = "1;31"
    case warning = "1;33"
    case note = "1;36"
  }

  private struct Writer {
    let terminal: TextTerminal
    var text = ""

    init(terminal: TextTerminal) { self.terminal = terminal }

    func style(_ text: String, _ style: Style) -> String {
      terminal.hasColor ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    mutating func line(_ line: String) {
      text += line + "\n"
    }

    mutating func paragraph(_ text: String, indent: Int) {
      let margin = String(repeating: " ", count: indent)
      for line in TextLayout.wrap(text, width: terminal.width - indent) { self.line(margin + line) }
    }

    mutating func finding(_ finding: Finding, explains: Bool) {
      let place = "\(finding.path.display)\(TextRenderer.lines(of: finding))"
      let severity: Style =
        switch finding.severity {
        case .error: .error
        case .warning: .warning
        case .note: .note
        }
      let sure = finding.sureness.map { ", \($0)" } ?? ""
      let source = style("[\(TextRenderer.oneLine(finding.source))\(sure)]", .dim)
      line("  \(place) \(style(finding.severity.rawValue, severity)) \(source)")
      paragraph(TextRenderer.oneLine(finding.title), indent: 4)
      if !finding.quote.isEmpty {
        let number = String(finding.startLine)
        let sign = finding.side == .base ? "-" : finding.isUnchanged == true ? " " : "+"
        let room = terminal.width - 9 - number.count
        let quote = TextLayout.cut(TextRenderer.untabbed(TextRenderer.oneLine(finding.quote)), width: room)
        line("      \(style("\(number) \(sign)", .dim)) \(quote)")
      }
      // The same words once are enough.
      if explains, !finding.body.isEmpty {
        for part in finding.body.split(separator: "\n") { paragraph(TextRenderer.oneLine(String(part)), indent: 4) }
      }
      if let suggestion = finding.suggestion, suggestion.isEmpty {
        line("    Proposal: take \(finding.endLine > finding.startLine ? "these lines" : "this line") out.")
      } else if let suggestion = finding.suggestion {
        line("    Proposal:")
        for part in suggestion.split(separator: "\n", omittingEmptySubsequences: false) {
          line("      " + TextRenderer.oneLine(String(part)))
        }
      }
      line("")
    }
  }

  private static func untabbed(_ text: String) -> String {
    String(text.flatMap { $0 == "\t" ? "  " : String($0) })
  }

  /// `:12`, `:12-14`, or nothing for a file as a whole; a line of the base is named as one.
  private static func lines(of finding: Finding) -> String {
    guard finding.startLine > 0 else { return "" }
    let range = finding.endLine > finding.startLine ? "\(finding.startLine)-\(finding.endLine)" : "\(finding.startLine)"
    return finding.side == .base ? ":\(range) (before the change)" : ":\(range)"
  }
}
