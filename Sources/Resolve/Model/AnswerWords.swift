internal import Base
internal import Work

/// What a model said about its answers, in lines of a given form; see the template `merge` for the form.
struct AnswerWords: Sendable, Hashable {
  /// A line that a side added and that the answer leaves out on purpose.
  struct Drop: Sendable, Hashable {
    var side: DroppedLineNote.Side
    /// Which of the side's lines at stake, counted from one.
    var numbers: ClosedRange<Int>
    var claim: Claim
    var reason: String
  }

  /// What is said of a line that is left out.
  enum Claim: Sendable, Hashable {
    /// Nothing that code could look at.
    case word
    /// The same line stands there in the merged tree.
    case moved(RepositoryPath, Int)
    /// This name, which the line uses, is gone from the merged tree.
    case gone(String)
  }

  /// An edit outside of the places that were asked about.
  struct Outside: Sendable, Hashable {
    var path: RepositoryPath
    var lines: ClosedRange<Int>
    var reason: String
  }

  /// What is to become of a file that one side deleted.
  enum Decision: String, Sendable, Hashable {
    case keep = "KEEP"
    case delete = "DELETE"
  }

  /// Such a decision, and why.
  struct Decided: Sendable, Hashable {
    var decision: Decision
    var reason: String
  }

  /// Words and values that no side has, and why they are needed.
  struct Introduced: Sendable, Hashable {
    var words: [String]
    var reason: String
  }

  var abstained: [String: String] = [:]
  var drops: [String: [Drop]] = [:]
  var introduced: [String: Introduced] = [:]
  var undone: [String: String] = [:]
  var decisions: [String: Decided] = [:]
  var outside: [Outside] = []
  /// Lines that begin like one of the forms and are none.
  var malformed: [Malformed] = []
  /// Every name of a place that something is said of, with the keyword, in order.
  var named: [(keyword: String, name: String)] { given.map { ($0.keyword, $0.name) } }
  private var given: [Given] = []

  private struct Given: Sendable, Hashable {
    var keyword: String
    var name: String
  }

  /// A line that begins like one of the forms and is none.
  struct Malformed: Sendable, Hashable {
    var line: String
    /// What keeps it from being one, in a few words.
    var fault: String
  }

  private static let keywords: Set<String> = ["ABSTAIN", "DROP", "NEW", "UNDO", "KEEP", "DELETE", "OUTSIDE"]

  init() {}

  /// Reads the lines of a model's last words that are of the form; everything else is talk.
  init(_ text: String) {
    for line in text.split(whereSeparator: \.isNewline) {
      let trimmed = line.drop { " \t-*•>`".contains($0) }
      let keyword = trimmed.prefix { $0.isUppercase && $0.isASCII }
      guard Self.keywords.contains(String(keyword)), trimmed.dropFirst(keyword.count).first == " " else { continue }
      if let fault = read(String(keyword), trimmed.dropFirst(keyword.count + 1)) {
        malformed.append(Malformed(line: DisplayText.line(Array(trimmed.utf8)[...]), fault: fault))
      }
    }
  }

  /// Reads one line; what is wrong with it, or `nil` where nothing is.
  private mutating func read(_ keyword: String, _ rest: Substring) -> String? {
    guard let because = rest.firstRange(of: " because ") else { return "it has no 'because' with a reason behind it" }
    let reason = String(rest[because.upperBound...].drop { $0 == " " }.prefix(400)).replacing("`", with: "")
    guard reason.count >= 3 else { return "its reason is too short" }
    let words = Self.words(rest[..<because.lowerBound])
    guard let first = words.first else { return "it names nothing" }
    let place = "the path must be one of the repository, without spaces or in grave accents, with a line: PATH:LINE"
    switch keyword {
    case "ABSTAIN": abstained[first] = reason
    case "UNDO": undone[first] = reason
    case "KEEP", "DELETE":
      guard let decision = Decision(rawValue: keyword) else { return "it is no decision" }
      decisions[first] = Decided(decision: decision, reason: reason)
    case "NEW":
      guard words.count > 1 else { return "behind the place's name there are no words" }
      introduced[first] = Introduced(
        words: (introduced[first]?.words ?? []) + words.dropFirst(), reason: reason)
    case "OUTSIDE":
      guard let (path, lines) = Self.place(first) else { return place }
      outside.append(Outside(path: path, lines: lines, reason: reason))
      return nil
    default:
      if let fault = readDrop(first, Array(words.dropFirst()), reason) { return fault }
    }
    given.append(Given(keyword: keyword, name: first))
    return nil
  }

  /// Such as `ours 2,4-6`, `theirs 1 moved to src/a.py:14` or `ours 3 gone old_name`.
  private mutating func readDrop(_ id: String, _ words: [String], _ reason: String) -> String? {
    guard let first = words.first, let side = DroppedLineNote.Side(rawValue: first) else {
      return "behind the place's name stands 'ours' or 'theirs'"
    }
    let missing =
      "behind '\(first)' stand the numbers of the lines, as in the list: 'DROP \(id) \(first) 2,4-6 because'"
    guard words.count >= 2 else { return missing }
    var numbers: [ClosedRange<Int>] = []
    for part in words[1].split(separator: ",") {
      guard let range = Self.range(part) else { return missing }
      numbers.append(range)
    }
    let claim: Claim
    switch words.dropFirst(2).first {
    case nil: claim = .word
    case "moved":
      guard words.count == 5, words[3] == "to", let (path, lines) = Self.place(words[4]) else {
        return "'moved' is followed by 'to PATH:LINE'"
      }
      claim = .moved(path, lines.lowerBound)
    case "gone":
      guard words.count == 4 else { return "'gone' is followed by one name" }
      claim = .gone(words[3])
    default: return "behind the numbers stands 'moved to PATH:LINE', 'gone WORD' or 'because'"
    }
    drops[id, default: []] += numbers.map { Drop(side: side, numbers: $0, claim: claim, reason: reason) }
    return nil
  }

  /// The words of a line; what stands between grave accents is one word.
  private static func words(_ text: Substring) -> [String] {
    var words: [String] = []
    var rest = text
    while let first = rest.first {
      if first == " " {
        rest = rest.dropFirst()
      } else if first == "`" {
        let word = rest.dropFirst().prefix { $0 != "`" }
        words.append(String(word))
        rest = rest.dropFirst(word.count + 2)
      } else {
        let word = rest.prefix { $0 != " " }
        words.append(String(word))
        rest = rest.dropFirst(word.count)
      }
    }
    return words.filter { !$0.isEmpty }
  }

  /// A path, a colon, and a line or a range of lines.
  private static func place(_ text: String) -> (RepositoryPath, ClosedRange<Int>)? {
    guard let colon = text.lastIndex(of: ":"), let lines = range(text[text.index(after: colon)...]) else { return nil }
    var path = String(text[..<colon])
    if path.hasPrefix("./") { path.removeFirst(2) }
    return RepositoryPath(path).map { ($0, lines) }
  }

  /// No file that is merged has more lines, and whoever counts with such a number is in no danger of an overflow.
  private static let largestNumber = 1_000_000_000

  private static func range(_ text: Substring) -> ClosedRange<Int>? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count <= 2, let first = parts.first.flatMap({ Int($0) }), first > 0 else { return nil }
    guard let last = parts.count == 2 ? Int(parts[1]) : first, last >= first, last <= largestNumber,
      last - first <= 100_000
    else { return nil }
    return first...last
  }
}
