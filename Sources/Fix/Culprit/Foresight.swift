internal import Base
internal import TestResults
internal import Verify

/// Tells which trees a search will ask for next, whatever the one that it waits for tells.
///
/// The search is carried out with an assumed result in place of the one that is not there yet, up to the first tree of
/// which nothing is known: so what is tested ahead is what the search itself would test, and never changes what it finds.
struct Foresight {
  /// How the head stands, which a tree without the culprit's change does as well.
  let standing: TestStanding
  /// What would turn green.
  let red: Set<RedItem>
  /// The tree that a search asks for first that knows all this; `nil` where it comes to its end.
  let asksFor: (CandidateCache) async -> ObjectID?

  /// More assumptions than this are not looked into at once.
  private static let mostAssumptions = 32

  /// - Parameters:
  ///   - tree: What the search waits for.
  ///   - known: What is known.
  ///   - count: How many trees are wanted.
  ///   - isWanted: Whether a tree is of use.
  /// - Returns: The trees, the most likely first.
  func trees(
    behind tree: ObjectID, knowing known: CandidateCache, count: Int, isWanted: (ObjectID) -> Bool
  ) async -> [ObjectID] {
    var found: [ObjectID] = []
    var open = [(tree: tree, known: known)]
    var next = 0
    while next < open.count, next < Self.mostAssumptions, found.count < count {
      let (tree, known) = open[next]
      next += 1
      for assumed in [standing, cured] where found.count < count {
        var known = known
        known[tree] = .success(assumed)
        guard let asked = await asksFor(known) else { continue }
        if isWanted(asked), !found.contains(asked) { found.append(asked) }
        open.append((asked, known))
      }
    }
    return found
  }

  private var cured: TestStanding {
    var cured = standing
    cured.red.subtract(red)
    for case .test(let identity) in red { cured.green.insert(identity) }
    return cured
  }
}
