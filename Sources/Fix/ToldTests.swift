internal import Foundation
internal import Work

/// Which of the red tests are told in full, and which by their names.
///
/// A test that runs with many values fails alike for most of them: two that fail otherwise, as far as there are two,
/// tell what is said of the others.
struct ToldTests {
  struct Told: Sendable, Hashable {
    var test: RedTest
    /// Whether its message and its places are left out, because two others of its kind have them.
    var isShort: Bool
    /// The tests that fail with the very same output at the same places, such as one that a subclass inherits.
    var alike: [String] = []
    /// The line that tells the most where the rest is left out; `nil` where there is none.
    var line: String? { isShort ? FixWords.telling(test.message) : nil }
  }

  /// In the order of the tests, of many the first.
  let told: [Told]
  /// How many are not told at all.
  let more: Int

  /// The most of one kind that are told in full, the most of all, and the most that are told by their names.
  private static let alike = 2
  private static let full = 15
  private static let short = 40

  init(_ tests: [RedTest]) {
    var kinds: [String: Int] = [:]
    let others = Self.others(tests)
    var counts = (full: 0, short: 0)
    var told: [Told] = []
    var same: [Output: Int] = [:]
    var grouped = 0
    for test in tests {
      let output = Output(test)
      if let output, let place = same[output] {
        told[place].alike.append(test.name)
        grouped += 1
        continue
      }
      let cause = Self.cause(of: test)
      let kind = cause ?? String(Self.kind(test.name))
      let most = cause == nil ? Self.alike : 1
      // A place is kept for one that fails otherwise.
      let isKept =
        cause == nil && (others[kind].map { $0 != test.name && kinds[kind, default: 0] == most - 1 } ?? false)
      let isShort = isKept || kinds[kind, default: 0] >= most
      if !isShort { kinds[kind, default: 0] += 1 }
      if isShort ? counts.short == Self.short : counts.full == Self.full { continue }
      if isShort { counts.short += 1 } else { counts.full += 1 }
      if !isShort, let output { same[output] = told.count }
      told.append(Told(test: test, isShort: isShort))
    }
    self.told = told
    more = tests.count - told.count - grouped
  }

  /// What a test said and where, without what stands for itself: its own suite, and addresses in memory.
  private struct Output: Hashable {
    private let lines: [String]
    private let places: [SourcePlace]

    /// Of a line or two there is nothing to be saved.
    private static let fewest = 3

    init?(_ test: RedTest) {
      guard test.message.count >= Self.fewest else { return nil }
      // The last suite, by which runners tell a class from another.
      let suite = test.name.components(separatedBy: " > ").dropLast().last
      let own = suite?.split(separator: ".").last.map(String.init)
      lines = test.message.map { Self.neutral($0, own) }
      places = test.places
    }

    private static func neutral(_ line: String, _ own: String?) -> String {
      var (result, word) = ("", "")
      for character in line + "\n" {
        if character.isLetter || character.isNumber || character == "_" {
          word.append(character)
        } else {
          result += word == own ? "_" : word.hasPrefix("0x") ? "0x" : word
          result.append(character)
          word = ""
        }
      }
      return result
    }
  }

  /// Why something cannot be built, where it says so: many files tend not to be for one reason.
  private static func cause(of test: RedTest) -> String? {
    guard test.name.hasPrefix("the build of ") else { return nil }
    return FixWords.telling(test.message).map { "the build: \($0)" }
  }

  /// For each kind the first test whose message tells otherwise than that of the very first, values aside.
  private static func others(_ tests: [RedTest]) -> [String: String] {
    var first: [String: String] = [:]
    var others: [String: String] = [:]
    for test in tests {
      let kind = String(kind(test.name))
      let told = (FixWords.telling(test.message) ?? "").filter { !$0.isNumber }
      if let known = first[kind] {
        if known != told, others[kind] == nil { others[kind] = test.name }
      } else {
        first[kind] = told
      }
    }
    return others
  }

  /// The name without the values: `test_sum[1-2]`, `Numbers/Odd/1`, `sum(_:) with 3`.
  private static func kind(_ name: String) -> Substring {
    let plain = name.prefix { !"[({".contains($0) && !$0.isNumber }
    return plain.isEmpty ? name[...] : plain
  }
}
