internal import Work

/// Which of the red tests are told in full, and which by their names.
///
/// A test that runs with many values fails alike for most of them; what is said of two tells what is said of the others.
struct ToldTests {
  struct Told: Sendable, Hashable {
    var test: RedTest
    /// Whether its message and its places are left out, because two others of its kind have them.
    var isShort: Bool
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
    var kinds: [Substring: Int] = [:]
    var counts = (full: 0, short: 0)
    var told: [Told] = []
    for test in tests {
      let kind = Self.kind(test.name)
      kinds[kind, default: 0] += 1
      let isShort = kinds[kind, default: 0] > Self.alike
      if isShort ? counts.short == Self.short : counts.full == Self.full { continue }
      if isShort { counts.short += 1 } else { counts.full += 1 }
      told.append(Told(test: test, isShort: isShort))
    }
    self.told = told
    more = tests.count - told.count
  }

  /// The name without the values: `test_sum[1-2]`, `Numbers/Odd/1`, `sum(_:) with 3`.
  private static func kind(_ name: String) -> Substring {
    let plain = name.prefix { !"[({".contains($0) && !$0.isNumber }
    return plain.isEmpty ? name[...] : plain
  }
}
