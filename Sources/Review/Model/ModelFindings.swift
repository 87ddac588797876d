internal import Base
internal import ByteText
internal import Merging
internal import Secrets
package import Work

/// What is left of a model's findings when each was looked for in the head.
package struct ModelFindings: Sendable {
  /// The findings whose quote is there, near the change; without names, in no order.
  package private(set) var anchored: [Anchored] = []
  /// Findings of which nothing is told but that there were any.
  package private(set) var dropped = Dropped()

  /// A finding with its place.
  package struct Anchored: Sendable, Hashable {
    package var finding: Finding
    /// What it is named by, blanks aside: the line that it begins with.
    package var content: [UInt8]
  }

  /// Why findings were dropped, and how many.
  package struct Dropped: Sendable, Hashable {
    /// The quote is not in the head's file, or there is no such file in the part.
    package var notFound = 0
    /// It speaks of lines that the change neither touches nor stands next to.
    package var outside = 0
    /// The model was not sure enough.
    package var unsure = 0
    /// It could not be read.
    package var malformed = 0
    /// There were more than one answer may bring.
    package var surplus = 0
    /// The suggestion alone, because it did not fit or broke the file.
    package var suggestions = 0
  }

  /// The model, as `PROVIDER/NAME`.
  private let model: String
  /// Below this confidence nothing is told.
  private let floor: Double
  private let reading: ChangeReading
  private var searches: [Int: QuoteSearch] = [:]
  private var shownSearches: [Int: QuoteSearch] = [:]

  /// So far from a line that the change touches a finding may stand: as far as is shown around it in any case.
  private static let reach = Surroundings.context
  /// A finding speaks of so many lines at the most.
  private static let lineLimit = 30

  package init(of model: String, in reading: ChangeReading, floor: Double) {
    self.model = model
    self.reading = reading
    self.floor = floor
  }

  /// Takes the answer to one part.
  package mutating func take(_ answer: FindingsAnswer, to part: ReviewPart) {
    dropped.malformed += answer.malformed
    dropped.surplus += max(0, answer.findings.count - ReviewBrief.findingLimit)
    for proposed in answer.findings.prefix(ReviewBrief.findingLimit) {
      guard proposed.confidence >= floor else {
        dropped.unsure += 1
        continue
      }
      switch place(of: proposed, in: part) {
      case .notFound: dropped.notFound += 1
      case .outside: dropped.outside += 1
      case .at(let file, let lines): add(proposed, file, lines)
      }
    }
  }

  private enum Place {
    case notFound
    case outside
    case at(file: Int, lines: ClosedRange<Int>)
  }

  /// Where a finding belongs: of several places at which its quote stands the one that the model counted, or else the
  /// one nearest to the change as it was shown.
  private mutating func place(of proposed: ProposedFinding, in part: ReviewPart) -> Place {
    let files = Set(part.sections.map(\.file)).sorted()
    guard let file = files.first(where: { Self.names(proposed.path, reading.files[$0].path) }) else { return .notFound }
    var hits = search(file).hits(of: proposed.quote).filter { $0.count <= Self.lineLimit }
    // A model sees secrets cut out, hidden characters written out and long lines cut, and quotes them so.
    if hits.isEmpty {
      hits = shownSearch(file).hits(of: Self.plain(proposed.quote)).filter { $0.count <= Self.lineLimit }
    }
    if hits.isEmpty { return .notFound }
    let shown = part.sections.filter { $0.file == file }.flatMap { section in
      reading.files[file].groups[section.group][section.lines].compactMap(\.number)
    }
    let changed = reading.files[file].changed.intersection(Set(shown).union(shown.map { $0 + 1 }))
    let near = hits.compactMap { hit -> (hit: ClosedRange<Int>, distance: Int)? in
      guard let distance = changed.map({ Self.distance(from: hit, to: $0) }).min(), distance <= Self.reach else {
        return nil
      }
      return (hit, distance)
    }
    if let line = proposed.line, let counted = near.first(where: { $0.hit.lowerBound == line }) {
      return .at(file: file, lines: counted.hit)
    }
    let line = proposed.line
    let nearest = near.min { left, right in
      func order(_ place: (hit: ClosedRange<Int>, distance: Int)) -> (Int, Int, Int) {
        (place.distance, line.map { abs($0 - place.hit.lowerBound) } ?? 0, place.hit.lowerBound)
      }
      return order(left) < order(right)
    }
    return nearest.map { .at(file: file, lines: $0.hit) } ?? .outside
  }

  private mutating func search(_ file: Int) -> QuoteSearch {
    if let search = searches[file] { return search }
    let search = QuoteSearch(reading.files[file].content ?? [])
    searches[file] = search
    return search
  }

  private mutating func shownSearch(_ file: Int) -> QuoteSearch {
    if let search = shownSearches[file] { return search }
    let text = Self.plain(String(decoding: reading.files[file].asShown, as: UTF8.self))
    let search = QuoteSearch(Array(text.utf8))
    shownSearches[file] = search
    return search
  }

  /// The text with spaces in place of those that only look like one.
  private static func plain(_ text: String) -> String {
    String(
      String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .spaceSeparator ? " " : $0 }))
  }

  /// Whether a model's word for a file means it.
  private static func names(_ text: String, _ path: RepositoryPath) -> Bool {
    var text = text.trimmingBlanks()
    while text.hasPrefix("./") { text.removeFirst(2) }
    let known = path.display
    return text == known || text == "a/" + known || text == "b/" + known || text == "/" + known
  }

  private static func distance(from lines: ClosedRange<Int>, to line: Int) -> Int {
    if lines.contains(line) { return 0 }
    return line < lines.lowerBound ? lines.lowerBound - line : line - lines.upperBound
  }

  // MARK: What is told

  private mutating func add(_ proposed: ProposedFinding, _ index: Int, _ lines: ClosedRange<Int>) {
    let file = reading.files[index]
    let all = file.content?.lines() ?? []
    guard lines.upperBound <= all.count else {
      dropped.notFound += 1
      return
    }
    let first = Array(all[lines.lowerBound - 1])
    var suggestion: String?
    if let given = proposed.suggestion {
      suggestion = SuggestionCheck(path: file.path, content: file.content ?? []).accepted(
        given, for: lines, quoted: proposed.quote)
      if suggestion == nil { dropped.suggestions += 1 }
    }
    let finding = Finding(
      id: "", path: file.path, startLine: lines.lowerBound, endLine: lines.upperBound,
      quote: Reviewer.shownQuote(first), title: Self.safe(proposed.title),
      body: proposed.body.split(separator: "\n", omittingEmptySubsequences: false).map { Self.safe(String($0)) }
        .joined(separator: "\n").trimmingBlanks(),
      severity: proposed.severity, confidence: proposed.confidence, source: "model:\(model)", suggestion: suggestion)
    let content = first.collapsingBlanks()
    // What two requests, or two passes, find is one finding.
    if let same = anchored.firstIndex(where: { $0.finding.isLike(finding) }) {
      if anchored[same].finding.confidence < finding.confidence {
        anchored[same] = Anchored(finding: finding, content: content)
      }
    } else {
      anchored.append(Anchored(finding: finding, content: content))
    }
  }

  /// A model's words as one line that is safe to show and holds no secret.
  private static func safe(_ text: String) -> String {
    DisplayText.line(SecretScanner.redacting(Array(text.utf8)))
  }
}

extension Finding {
  /// Whether another finding says the same: of some of the same lines, in much the same words.
  func isLike(_ other: Finding) -> Bool {
    guard path == other.path, side == other.side, startLine <= other.endLine, other.startLine <= endLine else {
      return false
    }
    let (own, foreign) = (Self.words(title), Self.words(other.title))
    return own.intersection(foreign).count * 2 >= min(own.count, foreign.count) && !own.isEmpty && !foreign.isEmpty
  }

  /// Whether a built-in check or a linter has told this already: of some of the same lines, by a word of its own.
  func repeats(_ known: Finding) -> Bool {
    guard path == known.path, side == known.side, startLine <= max(known.startLine, known.endLine),
      known.startLine <= endLine
    else { return false }
    let telling = Self.words(known.source).union(Self.words(known.title)).filter { $0.count >= 5 }
    return !telling.isDisjoint(with: Self.words(title))
  }

  /// The words of a text that tell something, in lower case.
  private static func words(_ text: String) -> Set<String> {
    Set(text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init).filter { $0.count > 2 })
      .subtracting(["the", "and", "for", "not", "are", "was", "this", "that", "with", "from", "line", "can", "may"])
  }
}
