/// What a resolver may know beside the conflict itself.
package struct ResolverContext: Sendable {
  /// The path of the file in its repository, as bytes; empty where it is unknown.
  ///
  /// It decides the language.
  package var path: [UInt8]
  /// The whole file as the common ancestor, our side and their side have it.
  package var base: [UInt8]
  package var ours: [UInt8]
  package var theirs: [UInt8]

  package init(path: [UInt8], base: [UInt8], ours: [UInt8], theirs: [UInt8]) {
    self.path = path
    self.base = base
    self.ours = ours
    self.theirs = theirs
  }
}

/// What a resolver puts in the place of a conflict, and why.
package struct Resolution: Sendable, Hashable {
  /// The name of the resolver.
  package var resolver: String
  /// The lines that take the conflict's place.
  package var lines: [UInt8]
  /// One sentence that a person can check.
  package var reason: String

  package init(resolver: String, lines: [UInt8], reason: String) {
    self.resolver = resolver
    self.lines = lines
    self.reason = reason
  }
}

/// One small, named way to settle one kind of conflict, or to abstain.
package protocol Resolver: Sendable {
  /// The name that reports, commit messages and configuration use.
  var name: String { get }
  /// What the resolver proposes for the conflict; `nil` where it abstains.
  func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution?
}
