package import Base

/// What decides whether a branch may be written to.
package struct BranchRules: Sendable, Hashable {
  /// The branch that changes are merged into.
  package var base: RefName
  /// The repository's default branch, where it has one.
  package var defaultBranch: RefName?
  /// The branch that HEAD of the repository or of the remote names; `nil` where HEAD is detached.
  package var head: RefName?
  /// Patterns of further branches that nobody but people may move.
  package var protected: [BranchPattern]

  package init(base: RefName, defaultBranch: RefName?, head: RefName?, protected: [BranchPattern] = []) {
    self.base = base
    self.defaultBranch = defaultBranch
    self.head = head
    self.protected = protected
  }
}

/// A pattern over branch names, such as `release/*`.
///
/// It is read widely, because it protects: `*` also matches `/`, upper and lower case are the same, and invisible
/// characters do not count.
package struct BranchPattern: Sendable, Hashable, CustomStringConvertible {
  /// The pattern as it was written.
  package let text: String
  private let glob: Glob

  package init(_ text: String) {
    self.text = text
    let folded = BranchPattern.fold(Array(text.utf8))
    let prefix = RefName.headsPrefix
    glob = Glob(folded.starts(with: prefix) ? Array(folded.dropFirst(prefix.count)) : folded, starCrossesSlash: true)
  }

  /// The pattern that covers this branch and no other; a name that git accepts has no wildcard in it.
  package init(exactly branch: RefName) {
    text = branch.shortDisplay
    glob = Glob(BranchPattern.fold(branch.shortBytes), starCrossesSlash: true)
  }

  package var description: String { text }

  /// Whether the pattern covers the branch.
  package func matches(_ branch: RefName) -> Bool {
    glob.matches(Self.fold(branch.shortBytes))
  }

  /// The name without what a file system or a reader's eye may take for nothing: case and invisible characters.
  static func fold(_ name: [UInt8]) -> [UInt8] {
    guard let text = String(validating: name, as: UTF8.self) else {
      return name.map { (0x41...0x5a).contains($0) ? $0 + 0x20 : $0 }
    }
    var folded = String.UnicodeScalarView()
    for scalar in text.unicodeScalars where !scalar.properties.isDefaultIgnorableCodePoint { folded.append(scalar) }
    return Array(String(folded).lowercased().utf8)
  }
}

/// A branch that Arborist may write to.
///
/// There is one way to make a value of this type, and it checks every rule; a push takes nothing else. The names `main`,
/// `master` and `HEAD` are refused whatever the rules say, so that a moved default branch opens nothing.
package struct FeatureBranch: Sendable, Hashable {
  /// The full name of the branch.
  package let ref: RefName

  /// The branch of this full name, where the rules allow to write to it.
  ///
  /// - Throws: ``BranchRefusal`` with the rule that forbids it.
  package init(_ name: some Collection<UInt8>, under rules: BranchRules) throws(BranchRefusal) {
    let ref: RefName
    do {
      ref = try RefName(name)
    } catch {
      throw BranchRefusal(name: Array(name), rule: .invalid(error.reason))
    }
    if let rule = Self.refusal(of: ref, under: rules) { throw BranchRefusal(name: ref.bytes, rule: rule) }
    self.ref = ref
  }

  /// The names that are refused whatever the configuration says.
  private static let neverFeature: [[UInt8]] = ["main", "master", "head"].map { Array($0.utf8) }

  private static func refusal(of ref: RefName, under rules: BranchRules) -> BranchRefusal.Rule? {
    guard ref.isBranch else { return .notABranch }
    let short = ref.shortBytes
    let folded = BranchPattern.fold(short)
    if short.first == UInt8(ascii: "-") { return .invalid("it begins with '-'") }
    if folded.starts(with: "refs/".utf8) { return .invalid("it can be taken for a full name") }
    func same(_ other: RefName?) -> Bool { other.map { BranchPattern.fold($0.shortBytes) == folded } ?? false }
    if same(rules.base) { return .base }
    if same(rules.defaultBranch) { return .defaultBranch }
    if same(rules.head) { return .head }
    if neverFeature.contains(folded) { return .reserved }
    if let pattern = rules.protected.first(where: { $0.matches(ref) }) { return .protected(pattern) }
    return nil
  }
}

extension FeatureBranch: CustomStringConvertible {
  package var description: String { ref.shortDisplay }
}

/// Why a branch may not be written to.
package struct BranchRefusal: Error, Hashable, CustomStringConvertible {
  /// The name as it was given.
  package let name: [UInt8]
  /// The rule that forbids it.
  package let rule: Rule

  /// The rules that can forbid it.
  package enum Rule: Sendable, Hashable {
    case invalid(String)
    case notABranch
    case base
    case defaultBranch
    case head
    case reserved
    case protected(BranchPattern)
  }

  package var description: String {
    let why =
      switch rule {
      case .invalid(let reason): "git would refuse the name or it is ambiguous: \(reason)"
      case .notABranch: "it is not under refs/heads/"
      case .base: "it is the base"
      case .defaultBranch: "it is the default branch"
      case .head: "HEAD names it"
      case .reserved: "the names main, master and HEAD are never feature branches"
      case .protected(let pattern): "the pattern '\(pattern)' protects it"
      }
    return "'\(DisplayText.escaping(name))' may not be written to: \(why)"
  }
}
