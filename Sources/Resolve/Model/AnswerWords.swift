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
  var malformed: [String] = []

  private static let keywords: Set<String> = ["ABSTAIN", "DROP", "NEW", "UNDO", "KEEP", "DELETE", "OUTSIDE"]

  init() {}

  /// Reads the lines of a model's last words that are of the form; everything else is talk.
  init(_ text: String) {
    for line in text.split(whereSeparator: \.isNewline) {
      let trimmed = line.drop { " \t-*•>`".contains($0) }
      let keyword = trimmed.prefix { $0.isUppercase && $0.isASCII }
      guard Self.keywords.contains(String(keyword)), trimmed.dropFirst(keyword.count).first == " " else { continue }
      if !read(String(keyword), trimmed.dropFirst(keyword.count + 1)) {
        malformed.append(DisplayText.line(Array(trimmed.utf8)[...]))
      }
    }
  }

  private mutating func read(_ keyword: String, _ rest: Substring) -> Bool {
    guard let because = rest.firstRange(of: " because ") else { return false }
    let reason = String(rest[because.upperBound...].drop { $0 == " " }.prefix(400)).replacing("`", with: "")
    guard reason.count >= 3 else { return false }
    let words = Self.words(rest[..<because.lowerBound])
    guard let first = words.first else { return false }
    switch keyword {
    case "ABSTAIN": abstained[first] = reason
    case "UNDO": undone[first] = reason
    case "KEEP", "DELETE":
      guard let decision = Decision(rawValue: keyword) else { return false }
      decisions[first] = Decided(decision: decision, reason: reason)
    case "NEW":
      guard words.count > 1 else { return false }
      introduced[first] = Introduced(
        words: (introduced[first]?.words ?? []) + words.dropFirst(), reason: reason)
    case "OUTSIDE":
      guard let (path, lines) = Self.place(first) else { return false }
      outside.append(Outside(path: path, lines: lines, reason: reason))
    default: return readDrop(first, Array(words.dropFirst()), reason)
    }
    return true
  }

  /// Such as `ours 2,4-6`, `theirs 1 moved to src/a.py:14` or `ours 3 gone old_name`.
  private mutating func readDrop(_ id: String, _ words: [String], _ reason: String) -> Bool {
    guard words.count >= 2, let side = DroppedLineNote.Side(rawValue: words[0]) else { return false }
    var numbers: [ClosedRange<Int>] = []
    for part in words[1].split(separator: ",") {
      guard let range = Self.range(part) else { return false }
      numbers.append(range)
    }
    let claim: Claim
    switch words.dropFirst(2).first {
    case nil: claim = .word
    case "moved":
      guard words.count == 5, words[3] == "to", let (path, lines) = Self.place(words[4]) else { return false }
      claim = .moved(path, lines.lowerBound)
    case "gone":
      guard words.count == 4 else { return false }
      claim = .gone(words[3])
    default: return false
    }
    drops[id, default: []] += numbers.map { Drop(side: side, numbers: $0, claim: claim, reason: reason) }
    return true
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
