@testable import Merging

/// A conflict in the middle of a file, with the context that a resolver gets.
struct ConflictFixture {
  var conflict: Conflict
  var context: ResolverContext

  /// Puts the sides between `before` and `after`, which are alike in all three files.
  init(
    _ path: String,
    base: [UInt8],
    ours: [UInt8],
    theirs: [UInt8],
    before: String = "",
    after: String = ""
  ) {
    let head = Array(before.utf8)
    let tail = Array(after.utf8)
    let start = HunkLine.split(head).count
    func span(_ side: [UInt8]) -> LineSpan { LineSpan(start: start, count: HunkLine.split(side).count) }
    conflict = Conflict(
      base: base,
      ours: ours,
      theirs: theirs,
      position: .init(base: span(base), ours: span(ours), theirs: span(theirs))
    )
    context = ResolverContext(
      path: Array(path.utf8),
      base: head + base + tail,
      ours: head + ours + tail,
      theirs: head + theirs + tail
    )
  }

  init(_ path: String, base: String, ours: String, theirs: String, before: String = "", after: String = "") {
    self.init(
      path,
      base: Array(base.utf8),
      ours: Array(ours.utf8),
      theirs: Array(theirs.utf8),
      before: before,
      after: after
    )
  }

  /// The lines that the resolver proposes, as text; `nil` where it abstains.
  func resolved(by resolver: some Resolver) -> String? {
    resolution(by: resolver).map { String(decoding: $0.lines, as: UTF8.self) }
  }

  /// What the resolver proposes; `nil` where it abstains.
  func resolution(by resolver: some Resolver) -> Resolution? { resolver.resolve(conflict, in: context) }

  /// The same conflict with the sides exchanged.
  var swapped: ConflictFixture {
    var copy = self
    swap(&copy.conflict.ours, &copy.conflict.theirs)
    swap(&copy.conflict.position.ours, &copy.conflict.position.theirs)
    copy.context = ResolverContext(
      path: context.path,
      base: context.base,
      ours: context.theirs,
      theirs: context.ours
    )
    return copy
  }
}
