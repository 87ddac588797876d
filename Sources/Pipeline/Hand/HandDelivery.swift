internal import Base
internal import Work

/// Where what a person asked for is to go, as the journal keeps it.
struct HandDelivery: Sendable, Codable {
  var push: Effect?
  /// What a person should know of it, a line each.
  var notes: [String] = []
  /// What of that a person has to act on; the commit is on no branch then.
  var left: [String] = []

  static let step = "delivery"
}

/// Where a commit went instead of where it was to go: kept before it goes there.
struct BesideDelivery: Sendable, Codable {
  var branch: RefName
  /// Why it could not go where it was to go.
  var reason: String
  /// Whether a person has to bring the two together.
  var isLeft: Bool

  static let step = "delivery beside"

  /// One line for a person.
  var note: String { "It is on a branch of its own: \(reason)." }
}
