internal import Base
internal import ByteText
internal import Crypto
internal import Git
internal import Merging
internal import Policy
internal import Secrets
internal import Templates
package import Work

/// Puts a review together: the built-in checks, what linters found and what a model found, on changed lines only.
package enum Reviewer {
  /// What there is to say about the change.
  ///
  /// The same input gives the same outcome. Findings are sorted by path, line and source; each has an id that depends
  /// on its content and not on its line number, and no finding shows a secret.
  ///
  /// - Parameters:
  ///   - input: The change.
  ///   - model: What models said of the same change; `nil` where none was asked.
  /// - Returns: The review.
  package static func review(_ input: ReviewInput, with model: ModelReview? = nil) -> ReviewOutcome {
    let change = Change(input)
    var drafts = builtIn(change)
    drafts += input.linters.flatMap { linterDrafts(of: $0, in: change) }
    if let model { drafts += modelDrafts(of: model, in: change, beside: drafts) }
    let findings = shown(named(distinct(drafts)), in: change)
    let unread = (unread(in: change) + (model?.unread ?? [])).sorted { ($0.path, $0.reason) < ($1.path, $1.reason) }
    let sentence = Summary.sentence(
      findings: findings, unread: unread, files: input.diff.files.count,
      strays: input.linters.reduce(0) { $0 + $1.outside }, isPartial: model?.shortfall != nil)
    var outcome = ReviewOutcome(
      findings: findings, unread: unread, overall: ([sentence] + (model?.notes ?? [])).joined(separator: " "))
    if let model {
      outcome.shortfall = model.shortfall
      if !model.models.isEmpty { (outcome.models, outcome.modelRuns) = (model.models, model.runs) }
      if !model.faults.isEmpty { outcome.unheard = model.faults }
      (outcome.dropped, outcome.cost) = (model.dropped, model.cost)
    }
    return outcome
  }

  /// A finding that has everything but its name.
  private struct Draft {
    var finding: Finding
    /// What the name is made from, blanks aside.
    var content: [UInt8]
  }

  // MARK: Built-in checks

  private static func builtIn(_ change: Change) -> [Draft] {
    let keyLines = privateKeyLines(in: change)
    var drafts: [Draft] = []
    for check in BuiltInChecks.all {
      let configured = change.input.configuration.checks[check.id]
      // Configured and without a severity is off.
      if let configured, configured == nil { continue }
      let body = CheckPages.summary(of: check.id) ?? check.title
      for found in check.findings(in: change) {
        let isKey = keyLines[found.path]?.contains(found.startLine) ?? false
        let quote = Self.quote(found.line, isKey: isKey && found.side == .head)
        let severity = (configured ?? nil) ?? found.severity ?? check.defaultSeverity
        drafts.append(
          Draft(
            finding: Finding(
              id: "", path: found.path, startLine: found.startLine, endLine: found.endLine, side: found.side,
              quote: DisplayText.line(quote), title: found.title, body: body, severity: severity,
              confidence: found.confidence, source: check.id, suggestion: found.suggestion),
            content: quote.collapsingBlanks()))
      }
    }
    return drafts
  }

  /// A line as it may be shown: without secrets, and not endless.
  private static func quote(_ line: [UInt8], isKey: Bool) -> [UInt8] {
    if isKey { return Array("…[part of a private key]".utf8) }
    var line = SecretScanner.redacting(line)
    if line.last == 0x0d { line.removeLast() }
    guard line.count > ReviewLimits.quote else { return line }
    var end = ReviewLimits.quote
    while end > 0, line[end] & 0xc0 == 0x80 { end -= 1 }
    return line[..<end] + Array("…".utf8)
  }

  /// A line as it may be shown, of any file but one with a private key.
  static func shownQuote(_ line: [UInt8]) -> String { DisplayText.line(quote(line, isKey: false)) }

  // MARK: Models

  /// What models found and nobody before them.
  private static func modelDrafts(of model: ModelReview, in change: Change, beside known: [Draft]) -> [Draft] {
    let keyLines = privateKeyLines(in: change)
    return model.findings.compactMap { anchored in
      var finding = anchored.finding
      guard !known.contains(where: { finding.repeats($0.finding) }) else { return nil }
      if keyLines[finding.path]?.contains(finding.startLine) == true {
        finding.quote = DisplayText.line(quote([], isKey: true))
      }
      return Draft(finding: finding, content: anchored.content)
    }
  }

  /// The lines that hold a private key, so that nothing else quotes them.
  private static func privateKeyLines(in change: Change) -> [RepositoryPath: Set<Int>] {
    var result: [RepositoryPath: Set<Int>] = [:]
    for file in change.texts {
      for block in PrivateKeyBlock.all(in: file.addedLines) {
        let first = block.last > block.first.number ? block.first.number + 1 : block.first.number
        result[file.path, default: []].formUnion(first...block.last)
      }
    }
    return result
  }

  // MARK: Linters

  private static func linterDrafts(of document: SARIFDocument, in change: Change) -> [Draft] {
    let changed = ChangedLines(change.input.diff)
    let keyLines = privateKeyLines(in: change)
    return document.results.compactMap { result in
      guard changed.touch(result.path, from: result.startLine, through: result.endLine) else { return nil }
      guard let file = change.file(at: result.path) else { return nil }
      let isKey = keyLines[result.path]?.contains(result.startLine) ?? false
      let line = Self.quote(line(result.startLine, of: file), isKey: isKey)
      let (title, rest) = words(of: result)
      return Draft(
        finding: Finding(
          id: "", path: result.path, startLine: result.startLine, endLine: result.endLine,
          quote: DisplayText.line(line), title: title, body: rest, severity: result.severity, confidence: 0.8,
          source: "\(safe(result.tool))/\(safe(result.rule))"),
        content: line.isEmpty ? Array(result.message.utf8).collapsingBlanks() : line.collapsingBlanks())
    }
  }

  private static func line(_ number: Int, of file: ChangedFile) -> [UInt8] {
    guard number > 0 else { return [] }
    let shown = file.change.hunks.lazy.flatMap(\.lines).first { $0.newNumber == number }
    if let shown { return shown.content }
    guard let lines = file.headLines, number <= lines.count else { return [] }
    return Array(lines[number - 1])
  }

  /// The first line of a message as a title, and all of it with the rule's help behind it.
  private static func words(of result: SARIFDocument.Result) -> (title: String, body: String) {
    let lines = result.message.split(whereSeparator: \.isNewline).map { safe(String($0)) }
    let first = lines.first ?? safe(result.rule)
    let title = first.count > 160 ? first.prefix(159) + "…" : first[...]
    var paragraphs = lines.count > 1 || first.count > 160 ? [lines.joined(separator: "\n")] : []
    if let help = result.help {
      paragraphs.append(help.split(whereSeparator: \.isNewline).map { safe(String($0)) }.joined(separator: "\n"))
    }
    if let address = result.helpAddress { paragraphs.append(safe(address)) }
    return (String(title), paragraphs.joined(separator: "\n"))
  }

  /// Foreign text as one line that is safe to show and holds no secret.
  private static func safe(_ text: String) -> String {
    DisplayText.line(SecretScanner.redacting(Array(text.utf8)))
  }

  // MARK: What stands there

  /// The findings with all of their lines, and whether the first of them is the change's.
  private static func shown(_ findings: [Finding], in change: Change) -> [Finding] {
    let changed = ChangedLines(change.input.diff)
    let keyLines = privateKeyLines(in: change)
    return findings.map { finding in
      guard finding.side == .head, finding.startLine > 0, !finding.quote.isEmpty else { return finding }
      var finding = finding
      if !changed.touch(finding.path, from: finding.startLine, through: finding.startLine) {
        finding.isUnchanged = true
      }
      guard finding.endLine > finding.startLine, finding.endLine - finding.startLine < ReviewLimits.lines,
        let file = change.file(at: finding.path), let all = file.headLines, finding.endLine <= all.count
      else { return finding }
      let rest = (finding.startLine + 1)...finding.endLine
      finding.lines =
        [finding.quote]
        + rest.map { number in
          let isKey = keyLines[finding.path]?.contains(number) == true
          return DisplayText.line(quote(Array(all[number - 1]), isKey: isKey))
        }
      return finding
    }
  }

  // MARK: Order and names

  private static func distinct(_ drafts: [Draft]) -> [Draft] {
    struct Key: Hashable {
      var path: RepositoryPath
      var source: String
      var side: Finding.Side
      var lines: ClosedRange<Int>
      var title: String
    }
    var seen: Set<Key> = []
    return drafts.filter { draft in
      let finding = draft.finding
      let end = max(finding.startLine, finding.endLine)
      return seen.insert(
        Key(
          path: finding.path, source: finding.source, side: finding.side, lines: finding.startLine...end,
          title: finding.title)
      ).inserted
    }
  }

  /// The drafts in order, each with its name.
  private static func named(_ drafts: [Draft]) -> [Finding] {
    let sorted = drafts.sorted { left, right in
      let (a, b) = (left.finding, right.finding)
      if a.path != b.path { return a.path < b.path }
      return (a.startLine, a.source, a.side.rawValue, a.endLine, a.title)
        < (b.startLine, b.source, b.side.rawValue, b.endLine, b.title)
    }
    var occurrences: [[UInt8]: Int] = [:]
    return sorted.map { draft in
      var finding = draft.finding
      let content =
        Array(finding.source.utf8) + [0] + finding.path.bytes + [0] + draft.content + [0]
      let occurrence = occurrences[content, default: 0]
      occurrences[content] = occurrence + 1
      let digest = SHA256.hash(data: content + Array(String(occurrence).utf8))
      finding.id = Hexadecimal.encode(digest.prefix(8))
      return finding
    }
  }

  // MARK: What was not read

  private static func unread(in change: Change) -> [Unread] {
    var result = change.ignored.map {
      Unread(path: $0.path, reason: "the configuration ignores '\(DisplayText.escaping($0.pattern))'")
    }
    for file in change.files {
      guard let reason = reason(file) else { continue }
      result.append(Unread(path: file.path, reason: reason))
    }
    return result
  }

  private static func reason(_ file: ChangedFile) -> String? {
    guard let new = file.change.new else { return nil }
    if new.mode == .submodule { return "a submodule: the commits behind it are not read" }
    if file.change.isTooLarge { return "too large: \(LargeFileCheck.size(new.size))" }
    if file.change.isBinary { return "a binary file" }
    guard let generated = file.generated, !file.addedLines.isEmpty else { return nil }
    let kind = generated.kind == .lockFile ? "a lock file" : "a generated file"
    return "\(kind): searched only for conflict markers, secrets and hidden characters"
  }
}
