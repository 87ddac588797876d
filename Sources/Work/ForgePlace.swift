package import Base

/// The forges that are spoken to, by the names that the server's configuration and the webhooks' paths use.
package enum ForgeName: String, Sendable, Hashable, Codable, CaseIterable {
  case github
  case gitlab
  /// Gitea and Forgejo, which share most of what they say.
  case gitea

  /// What the names of this forge's repositories begin with: `github:`.
  package var repositoryMark: String { rawValue + ":" }
}

/// A repository on a forge.
package struct ForgeRepository: Sendable, Hashable, Codable {
  package let forge: ForgeName
  /// The forge's own number of it, which outlives a change of its name.
  package let id: Int64
  /// `OWNER/NAME`, on GitLab with all groups: `GROUP/SUBGROUP/NAME`.
  package let path: String

  /// The repository of this number and path; `nil` for a path that no forge gives to a repository.
  ///
  /// A path has at least two parts of letters, digits, `-`, `_` and `.`, none of which is `.` or `..` or begins with
  /// `-`: it may stand in a URL and in the name of a file as it is.
  package init?(forge: ForgeName, id: Int64, path: String) {
    let parts = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard (2...20).contains(parts.count), path.utf8.count <= 1024, id >= 0,
      parts.allSatisfy({ Self.isSafe($0) })
    else { return nil }
    self.forge = forge
    self.id = id
    self.path = path
  }

  private static func isSafe(_ part: Substring.UTF8View) -> Bool {
    guard let first = part.first, first != UInt8(ascii: "-"), !part.elementsEqual(".".utf8),
      !part.elementsEqual("..".utf8)
    else { return false }
    return part.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
        || "-_.".utf8.contains(byte)
    }
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let made = ForgeRepository(
      forge: try container.decode(ForgeName.self, forKey: .forge), id: try container.decode(Int64.self, forKey: .id),
      path: try container.decode(String.self, forKey: .path))
    guard let made else {
      throw DecodingError.dataCorruptedError(forKey: .path, in: container, debugDescription: "not a repository's path")
    }
    self = made
  }

  private enum CodingKeys: CodingKey { case forge, id, path }

  /// The name by which jobs and events know it: `github:OWNER/NAME`.
  ///
  /// A bare repository's is an absolute path, so the two cannot be taken for each other.
  package var name: String { forge.repositoryMark + path }
}

/// A pull request by its number on a forge; a merge request on GitLab.
package struct ForgePlace: Sendable, Hashable, Codable {
  package var repository: ForgeRepository
  /// The number that people know it by (GitLab's `iid`); 0 for the repository as a whole.
  package var number: Int
  /// The path of the repository that holds the branch, where that is another one: a fork; `nil` otherwise.
  package var fork: String?

  package init(repository: ForgeRepository, number: Int, fork: String? = nil) {
    self.repository = repository
    self.number = number
    self.fork = fork
  }

  /// The reference under which the forge itself keeps the head, in the repository that is merged into.
  package var headRef: RefName {
    repository.forge == .gitlab ? RefName(mergeRequest: number) : RefName(pullRequest: number)
  }
}

/// Somebody on a forge.
package struct ForgeActor: Sendable, Hashable, Codable {
  /// The forge's own number of the account: what permissions are asked for, since names change hands.
  package var id: Int64
  package var login: String
  /// Whether the forge says that it is a program's account.
  package var isBot: Bool

  package init(id: Int64, login: String, isBot: Bool) {
    self.id = id
    self.login = login
    self.isBot = isBot
  }
}

/// What somebody may do in a repository.
package enum ForgePermission: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
  case none, read, write, admin

  private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

  package static func < (left: ForgePermission, right: ForgePermission) -> Bool { left.rank < right.rank }
}
