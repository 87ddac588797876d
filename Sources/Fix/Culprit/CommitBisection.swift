internal import Base

/// What testing a commit told.
enum CommitState: Sendable, Hashable {
  case good
  case bad
  /// It cannot be built, or the test is not in it.
  case skipped
}

/// A search for the first bad commit of a branch, as `git bisect` does it: a value that says what to test next.
///
/// Of the commits that may be the first bad one, git tests the one that halves them best: whose number of possible
/// commits among itself and its ancestors is nearest to half of all. What is tested good is excluded with its ancestors;
/// what is bad leaves itself and its ancestors. Where the best cannot be tested, the next best is.
struct CommitBisection {
  /// Newest first, a child before its parents.
  private let commits: [ObjectID]
  /// For each commit itself and its ancestors among them, by their places.
  private let ancestors: [Set<Int>]
  private var suspects: Set<Int>
  private var bad: Int
  private var skipped: Set<Int> = []

  /// Begins with everything open; `nil` where there are no commits.
  ///
  /// - Parameters:
  ///   - commits: What the head has and the good base lacks, a child before its parents, the head first.
  ///   - parents: The parents of each.
  init?(_ commits: [ObjectID], parents: [ObjectID: [ObjectID]]) {
    guard !commits.isEmpty else { return nil }
    self.commits = commits
    let places = Dictionary(commits.enumerated().map { ($1, $0) }) { first, _ in first }
    var ancestors = [Set<Int>](repeating: [], count: commits.count)
    for place in commits.indices.reversed() {
      var own: Set<Int> = [place]
      for parent in parents[commits[place]] ?? [] {
        if let parent = places[parent] { own.formUnion(ancestors[parent]) }
      }
      ancestors[place] = own
    }
    self.ancestors = ancestors
    bad = 0
    suspects = ancestors[0]
  }

  /// The commit to test next; `nil` where the search is over.
  var next: ObjectID? {
    let open = suspects.subtracting(skipped).subtracting([bad])
    let total = suspects.count
    let ranked = open.map { place -> (place: Int, value: Int) in
      let weight = ancestors[place].intersection(suspects).count
      return (place, min(weight, total - weight))
    }
    return ranked.min { $0.value == $1.value ? $0.place < $1.place : $0.value > $1.value }.map { commits[$0.place] }
  }

  mutating func note(_ state: CommitState, of commit: ObjectID) {
    guard let place = commits.firstIndex(of: commit) else { return }
    switch state {
    case .skipped: skipped.insert(place)
    case .good:
      // What contains a bad commit and is good says nothing of it.
      guard !ancestors[place].contains(bad) else { return }
      suspects.subtract(ancestors[place])
    case .bad:
      guard suspects.contains(place) else { return }
      suspects.formIntersection(ancestors[place])
      bad = place
    }
  }

  /// What is known: one commit, or several where those between could not be tested.
  var found: [ObjectID] { suspects.sorted().map { commits[$0] } }
}
