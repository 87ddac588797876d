internal import Base
internal import FoundationEssentials
internal import Git
internal import Work

/// One network git operation, for the child that carries it out; it comes over a descriptor.
struct GitTask: Sendable, Codable {
  enum Operation: Sendable, Codable {
    /// The server may say nothing for so many seconds.
    case mirror(MirrorPlace, heads: [RefName], limits: MirrorLimits, silentSeconds: Int)
    /// A push of a commit of a private repository.
    case push(branch: RefName, rules: PushRules, old: ObjectID, new: ObjectID, workspace: String)
    /// What that push would make known beside what a start and a mirror have. The network is not used, and no token is
    /// needed.
    case outgoing(start: ObjectID, new: ObjectID, workspace: String, mirror: String)
  }

  var operation: Operation
  var address: TokenAddress
  var username: String
  var token: String
  /// A file with the certificates of the authorities to trust; `nil` for the system's.
  var authorities: String?
}

/// What came of a ``GitTask``.
enum GitAnswer: Sendable, Hashable, Codable {
  case mirrored(MirrorReport)
  case pushed(PushResult)
  /// Messages, names and what files add; `nil` where that is too much, or cannot be told.
  case outgoing(Data?)
  case failed(GitFailure)
}

/// Why a network git operation failed.
struct GitFailure: Error, Sendable, Hashable, Codable {
  enum Kind: String, Sendable, Hashable, Codable {
    case authentication, certificate, forbidden, notFound, tooLarge, network, local
  }

  var kind: Kind
  /// One line, never with a credential.
  var message: String

  init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  init(_ error: GitError) {
    message = error.description
    switch error.code {
    case .authentication: kind = .authentication
    case .certificate: kind = .certificate
    case .tooLarge: kind = .tooLarge
    case .network, .other: kind = Self.kind(ofStatusIn: error.message) ?? .network
    default: kind = .local
    }
  }

  /// What a status of HTTP means, which libgit2 tells in words alone.
  private static func kind(ofStatusIn message: String) -> Kind? {
    guard let range = message.firstRange(of: "status code: ") else { return nil }
    switch message[range.upperBound...].prefix(3) {
    case "401": return .authentication
    case "403": return .forbidden
    case "404", "410": return .notFound
    default: return nil
    }
  }
}
