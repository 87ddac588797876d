import Evaluation
import Merging

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

/// A resolver for tests: it takes our lines, their lines or lines of its own wherever a conflict begins with a word.
struct Scripted: Resolver {
  var name: String
  /// What our lines have to begin with.
  var beginning = ""
  var answer: @Sendable (Conflict) -> [UInt8]

  func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
    guard conflict.ours.starts(with: beginning.utf8), !conflict.isNarrowed else { return nil }
    return Resolution(resolver: name, lines: answer(conflict), reason: "because")
      .listingDrops(of: conflict, because: "a test")
  }

  static let ours = Scripted(name: "ours") { $0.ours }
  static let both = Scripted(name: "both") { $0.ours + $0.theirs }
}

/// Three versions of a file of ten lines in which line 3 is in conflict, and line 8 as well where asked.
struct Three {
  var base: [UInt8]
  var ours: [UInt8]
  var theirs: [UInt8]

  init(_ base: String, _ ours: String, _ theirs: String) {
    (self.base, self.ours, self.theirs) = (bytes(base), bytes(ours), bytes(theirs))
  }

  static func file(_ third: String, _ eighth: String = "8\n") -> String {
    "1\n2\n\(third)4\n5\n6\n7\n\(eighth)9\n10\n"
  }

  static let one = Three(file("b\n"), file("o\n"), file("t\n"))
  static let two = Three(file("b\n", "B\n"), file("o\n", "O\n"), file("t\n", "T\n"))

  func merge(_ resolvers: any Resolver...) -> FileMerge {
    FileMerge(base: base, ours: ours, theirs: theirs, path: bytes("a.txt"), resolvers: resolvers, bothWays: false)
  }

  func judged(
    _ committed: String, path: String = "a.txt", repository: String = "x/y", merge id: String = "m1",
    _ resolvers: any Resolver...
  ) -> JudgedFile {
    JudgedFile(
      FileMerge(base: base, ours: ours, theirs: theirs, path: bytes(path), resolvers: resolvers, bothWays: false),
      base: base,
      committed: bytes(committed), place: FilePlace(repository: repository, merge: id, path: path), language: "Text")
  }
}
