/// The resolvers that real histories show to be safe.
package enum StandardResolvers {
  /// The resolvers in the order in which they are asked: the surest first.
  package static let all: [any Resolver] = [
    IdenticalChange(), WhitespaceOnly(), VersionNumber(), ImportSet(),
  ]
}
