/// The tests that report files tell of, to know which outputs tell nothing more.
struct KnownTests {
  private let names: Set<Substring>
  private let count: Int
  private let isEmpty: Bool

  init(_ files: [TestRun]) {
    names = files.reduce(into: []) { names, run in
      for test in run.tests { names.insert(Self.leaf(test.identity.name)) }
    }
    count = files.reduce(0) { $0 + $1.tests.count }
    isEmpty = files.isEmpty
  }

  /// Whether files tell all that this run of the output does: the same tests, by their names or by their number.
  func supersede(_ run: TestRun) -> Bool {
    guard !isEmpty else { return false }
    let known = run.tests.count { names.contains(Self.leaf($0.identity.name)) }
    guard run.tests.allSatisfy({ !$0.outcome.isRed || names.contains(Self.leaf($0.identity.name)) }) else {
      return false
    }
    if !run.tests.isEmpty { return known * 2 >= run.tests.count }
    let total = (run.claimed?.passed ?? 0) + (run.claimed?.failed ?? 0) + (run.claimed?.errored ?? 0)
    return total <= count
  }

  /// The name's first part of letters: files and lines write parameters and groups in different ways.
  private static func leaf(_ name: String) -> Substring {
    let end = name.firstIndex { $0 == "(" || $0 == "[" } ?? name.endIndex
    let head = name[..<end]
    return head.split(separator: " ").last ?? head
  }
}
