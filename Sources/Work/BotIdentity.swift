/// The name under which Arborist commits and comments.
package struct BotIdentity: Sendable, Hashable, Codable {
  package var name: String
  package var email: String

  package init(name: String, email: String) {
    self.name = name
    self.email = email
  }

  /// The identity where nobody chose another.
  package static let standard = BotIdentity(name: "Arborist", email: "arborist@localhost")
}
