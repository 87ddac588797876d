@testable import Merging

/// What a resolver makes of two additions between lines that all three files have.
struct Added {
  var path: String
  var before = ""
  var ours: String
  var theirs: String
  var after = ""

  var fixture: ConflictFixture {
    ConflictFixture(path, base: "", ours: ours, theirs: theirs, before: before, after: after)
  }

  func resolved(by resolver: any Resolver) -> String? {
    let fixture = self.fixture
    return resolver.resolve(fixture.conflict, in: fixture.context).map { String(decoding: $0.lines, as: UTF8.self) }
  }

  var swapped: Added { Added(path: path, before: before, ours: theirs, theirs: ours, after: after) }
}
