internal import Base
internal import Policy
internal import Work

/// The branches beside one head that what was made of it may go to.
struct SidePlaces: Sendable {
  var kind: JobKind
  var branch: RefName
  var head: ObjectID

  init(_ job: Job) { self.init(kind: job.kind, branch: job.pullRequest.branch, head: job.head) }

  init(kind: JobKind, branch: RefName, head: ObjectID) {
    self.kind = kind
    self.branch = branch
    self.head = head
  }

  /// One of them; they are counted from 1.
  ///
  /// - Throws: ``InvalidRefName`` never for a branch; the type cannot say so.
  func ref(number: Int) throws(InvalidRefName) -> RefName {
    try SideBranch.ref(kind: kind, branch: branch, head: head, number: number)
  }

  /// The number of the first one that is not there or is at the commit already: what an earlier run left stays.
  ///
  /// - Parameters:
  ///   - commit: What is to go there.
  ///   - tip: Where a branch is; `nil` where it is not there.
  /// - Returns: The last number where all are taken: nothing lands there either, which then says so.
  /// - Throws: What `tip` throws.
  func free(for commit: ObjectID, tip: (RefName) async throws -> ObjectID?) async throws -> Int {
    for number in 1..<SideBranch.limit {
      let tip = try await tip(ref(number: number))
      if tip == nil || tip == commit { return number }
    }
    return SideBranch.limit
  }
}
