package import Base
internal import HTTP
internal import JSON
package import Work

/// The rulesets of GitHub, which close branches without marking them as protected.
extension GitHubForge {
  /// Rules that close nothing.
  ///
  /// Either they speak of other things than moving a branch on, or GitHub itself looks at the commits and refuses those
  /// that do not fit. Every other rule, and one that is not known here, says that people decide over the branch.
  private static let harmless: Set<String> = [
    "branch_name_pattern", "commit_author_email_pattern", "commit_message_pattern", "committer_email_pattern",
    "deletion", "file_extension_restriction", "file_path_restriction", "max_file_path_length", "max_file_size",
    "non_fast_forward", "required_linear_history", "required_signatures", "tag_name_pattern",
  ]

  /// Asked by the branch, which need not be there, so that GitHub itself applies patterns and what the organisation says.
  ///
  /// Rules count also where this account might pass them by.
  package func closure(of branch: RefName, in repository: ForgeRepository) async throws(ForgeError) -> String? {
    let path = "/repos/\(repository.path)/rules/branches/\(PercentCoding.encode(branch.shortBytes))"
    let rules: [ForgeRecord]
    do throws(ForgeError) {
      rules = try await transport.list(.get(path, scope: .repository(repository)))
    } catch {
      // Where the plan has no rulesets, none is in force.
      if error.code == .forbidden, error.message.contains("Upgrade to GitHub") { return nil }
      guard error.code == .forbidden || error.code == .notFound else { throw error }
      return "the rulesets of \(repository.name) cannot be read: \(error.message)"
    }
    let closing = Set(rules.map { $0.text("type") ?? "unknown" }).subtracting(Self.harmless).sorted()
    guard !closing.isEmpty else { return nil }
    return "rulesets of \(repository.name) close '\(branch.shortDisplay)': "
      + ForgeText.short(closing.joined(separator: ", "))
  }
}
