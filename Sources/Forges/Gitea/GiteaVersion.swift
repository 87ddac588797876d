/// Which Gitea, or which Forgejo, answers; and what follows from it.
///
/// Forgejo counts its own versions since 7 and says of which Gitea it is kin: `15.0.1+gitea-1.22.0`.
struct GiteaVersion: Sendable, Hashable {
  var isForgejo: Bool
  var major: Int
  var minor: Int

  /// The version in the text that `/version` gives; `nil` for a text that begins with no number.
  init?(_ text: String) {
    isForgejo = text.contains("+gitea-") || text.lowercased().contains("forgejo")
    let numbers = text.prefix { $0.isASCII && $0.isNumber || $0 == "." }.split(separator: ".").compactMap { Int($0) }
    guard let first = numbers.first else { return nil }
    major = first
    minor = numbers.count > 1 ? numbers[1] : 0
  }

  private func isGitea(from minimum: Int) -> Bool { !isForgejo && (major, minor) >= (1, minimum) }

  /// `POST /pulls/comments/{id}/resolve`; Forgejo settles threads by its web pages alone.
  var settlesThreads: Bool { isGitea(from: 26) }

  /// `POST /pulls/{index}/comments/{id}/replies`; elsewhere a second review on the same line stands in the thread.
  var hasReplies: Bool { isGitea(from: 27) }
}
