package import Base
package import Work

/// The branches of Arborist's own, beside those of people: `arborist/KIND/BRANCH-HEAD8`.
package enum SideBranch {
  /// What every such branch's short name begins with.
  package static let prefix: [UInt8] = Array("arborist/".utf8)

  /// The longest part of a name between two slashes: a file name has 255 bytes, and git adds `.lock` to it.
  private static let maximumComponent = 250
  /// The longest name: a path has 4,096 bytes on Linux, and the repository's own path comes first.
  private static let maximumName = 1024

  /// The short name for what a job of this kind made of the branch at this head.
  ///
  /// The same three always give the same name, and git accepts it. Of a branch whose name leaves too little room, the
  /// beginning is kept and a hash of the whole takes the place of the rest.
  ///
  /// - Parameters:
  ///   - kind: What was done.
  ///   - branch: The branch of people.
  ///   - head: Where it was.
  ///   - number: Counts from 1 what was made of the same head; from 2 on it ends the name.
  /// - Returns: The name without `refs/heads/`.
  package static func name(kind: JobKind, branch: RefName, head: ObjectID, number: Int = 1) -> [UInt8] {
    let name = prefix + Array("\(kind.rawValue)/".utf8)
    let short = branch.shortBytes
    let suffix = Array("-\(head.short)\(number > 1 ? "-\(number)" : "")".utf8)
    let whole = name + short + suffix
    let components = whole.split(separator: UInt8(ascii: "/"))
    if whole.count <= maximumName, components.allSatisfy({ $0.count <= maximumComponent }) { return whole }
    return name + beginning(of: short) + Array("-\(hash(of: short))".utf8) + suffix
  }

  /// The name for what a job of this kind made of the branch at this head, as a reference.
  ///
  /// - Throws: ``InvalidRefName`` never for a branch; the type cannot say so.
  package static func ref(
    kind: JobKind, branch: RefName, head: ObjectID, number: Int = 1
  ) throws(InvalidRefName) -> RefName {
    try RefName(branch: name(kind: kind, branch: branch, head: head, number: number))
  }

  /// How many of them may lie beside one head.
  package static let limit = 20

  /// Whether the branch is one of Arborist's own, which starts no job.
  package static func isOwn(_ branch: RefName) -> Bool {
    branch.isBranch && branch.shortBytes.starts(with: prefix)
  }

  /// Why what was made of such a branch lies beside it.
  package static func note(on branch: RefName) -> String {
    "It is on a branch of its own, because \(branch.shortDisplay) is one of Arborist's, which never move."
  }

  /// The first bytes of a name, cut between characters and not behind a slash.
  private static func beginning(of name: [UInt8]) -> [UInt8] {
    var end = min(name.count, 100)
    while end > 96, end < name.count, name[end] & 0xc0 == 0x80 { end -= 1 }
    var result = Array(name[..<end])
    while result.last == UInt8(ascii: "/") { result.removeLast() }
    return result
  }

  /// Sixteen hexadecimal digits that tell long names apart: the 64-bit FNV-1a hash
  /// (draft-eastlake-fnv, The FNV Non-Cryptographic Hash Algorithm).
  private static func hash(of bytes: [UInt8]) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return Hexadecimal.encode((0..<8).map { UInt8(truncatingIfNeeded: hash >> (56 - 8 * $0)) })
  }
}
