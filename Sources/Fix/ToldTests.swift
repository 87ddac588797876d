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
    for test in tests {
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
      told.append(Told(test: test, isShort: isShort))
    }
    self.told = told
    more = tests.count - told.count
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
