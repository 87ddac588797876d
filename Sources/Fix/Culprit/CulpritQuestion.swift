package import Base
package import TestResults
package import Verify

/// What a search for culprits begins with.
package struct CulpritQuestion: Sendable {
  /// The commit that the branch's own difference is made against: the merge base of the head and the base's tip.
  package var base: ObjectID
  /// The branch's last commit.
  package var head: ObjectID
  /// How the tests stand at the head.
  package var standing: TestStanding
  /// How they stand at the base; `nil` where that is not known.
  package var baseStanding: TestStanding?
  /// What is to turn green: the red set without the flaky.
  package var red: Set<RedItem>
  /// What is to stay green: the green set without the flaky.
  package var green: Set<TestIdentity>
  /// What is neither: red or green, it means nothing.
  package var flaky: Set<TestIdentity> = []
  /// Where to look first.
  package var hints = CulpritHints()
  /// Whether a file holds tests; what the branch did to such a file stays.
  package var isTest: @Sendable (RepositoryPath) -> Bool

  package init(
    base: ObjectID, head: ObjectID, standing: TestStanding, baseStanding: TestStanding? = nil,
    isTest: @escaping @Sendable (RepositoryPath) -> Bool
  ) {
    self.base = base
    self.head = head
    self.standing = standing
    self.baseStanding = baseStanding
    self.isTest = isTest
    red = standing.red
    green = standing.green
  }
}

/// What makes some changes likelier than others; a search without it finds the same and may need more test runs.
package struct CulpritHints: Sendable, Hashable, Codable {
  /// A place in the tree of the head.
  package struct Place: Sendable, Hashable, Codable {
    package var path: RepositoryPath
    /// Counted from one; `nil` for the whole file.
    package var line: Int?

    package init(path: RepositoryPath, line: Int? = nil) {
      self.path = path
      self.line = line
    }
  }

  /// What the failures name, the most telling first.
  package var places: [Place] = []
  /// Names that the red tests use, or that their messages contain.
  package var names: Set<String> = []

  package init() {}

  /// Takes the names that a line of a test and the one before use, of more than three characters.
  mutating func takeNames(in content: [UInt8], around line: Int) {
    let lines = content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for number in [line - 1, line] where lines.indices.contains(number - 1) {
      let found = CodeWords.names(in: lines[number - 1]).filter { $0.count > 3 }
      names.formUnion(found.map { String(decoding: $0, as: UTF8.self) })
    }
  }
}

/// What a search may spend.
package struct CulpritBudget: Sendable {
  /// How many trees the search may ask for.
  package var runs: Int
  /// How many may be tested side by side: with more than one, trees are tested ahead of the search, and those that it
  /// does not come to are not counted in `runs`.
  package var parallel: Int
  /// Whether the time is over; asked before each test run.
  package var isTimeSpent: @Sendable () -> Bool

  package init(runs: Int, parallel: Int = 1, isTimeSpent: @escaping @Sendable () -> Bool = { false }) {
    self.runs = max(0, runs)
    self.parallel = max(1, parallel)
    self.isTimeSpent = isTimeSpent
  }
}
