package import Base
internal import ByteText
package import Work

/// The address of a page on a forge, fit to stand in a link as it is.
package struct PageAddress: Sendable, Hashable {
  package let text: String

  fileprivate init(_ text: String) { self.text = text }
}

/// The pages of one repository on its forge.
package struct ForgePages: Sendable, Hashable {
  private let forge: ForgeName
  /// `https://HOST/OWNER/NAME`.
  private let repository: String
  /// Which links may stay in texts.
  package let rules: OutgoingRules

  /// The pages of a repository by the address under which git finds it; `nil` where that is no address of pages.
  ///
  /// - Parameters:
  ///   - repository: The repository.
  ///   - gitAddress: The address.
  ///   - places: Paths of the server that runs Arborist, which texts do not name.
  package init?(of repository: ForgeRepository, gitAddress: String, hiding places: [String] = []) {
    guard let rules = OutgoingRules(web: gitAddress, hiding: places) else { return nil }
    self.rules = rules
    forge = repository.forge
    // The forge may live in a directory of its host.
    let path = "/" + repository.path
    let end = gitAddress.hasSuffix(".git") ? gitAddress.utf8.count - 4 : gitAddress.utf8.count
    let address = String(decoding: gitAddress.utf8.prefix(end), as: UTF8.self)
    guard address.hasSuffix(path) || address.lowercased().hasSuffix(path.lowercased()),
      address.utf8.allSatisfy({ ASCII.isAlphanumeric($0) || "-._~/:".utf8.contains($0) })
    else { return nil }
    self.repository = address
  }

  /// Lines of a file at a commit; the file as a whole where they begin at zero.
  package func file(_ path: RepositoryPath, at commit: ObjectID, from start: Int = 0, through end: Int = 0)
    -> PageAddress
  {
    let place =
      switch forge {
      case .github: "blob/\(commit.hex)"
      case .gitlab: "-/blob/\(commit.hex)"
      case .gitea: "src/commit/\(commit.hex)"
      }
    var lines = ""
    if start > 0 {
      lines = "#L\(start)"
      if end > start { lines += forge == .gitlab ? "-\(end)" : "-L\(end)" }
    }
    return PageAddress("\(repository)/\(place)/\(Self.encoded(path.bytes))\(lines)")
  }

  /// A commit.
  package func commit(_ id: ObjectID) -> PageAddress {
    PageAddress("\(repository)/\(forge == .gitlab ? "-/" : "")commit/\(id.hex)")
  }

  private static func encoded(_ path: [UInt8]) -> String {
    var text = ""
    for byte in path {
      if ASCII.isAlphanumeric(byte) || "-._~/".utf8.contains(byte) {
        text.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        text += "%" + Hexadecimal.encode([byte]).uppercased()
      }
    }
    return text
  }
}
