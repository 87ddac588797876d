package import Base
package import Forges
package import Work

/// What Arborist has said in a pull request so far, as its own comments tell.
///
/// A marker counts only at the very beginning of a comment by its own account: everybody can write one.
package struct StandingThreads: Sendable {
  /// A thread about a finding.
  package struct Thread: Sendable, Hashable {
    package var key: FindingKey
    /// `nil` where an earlier version told it.
    var mark: FindingMark?
    /// On how many lines it stands.
    var lines = 1
    /// What it says is wrong; empty where that cannot be seen.
    var title = ""
    package var path: RepositoryPath?
    /// `nil` where the forge cannot say.
    package var isSettled: Bool?
  }

  package let threads: [Thread]
  /// The body of the summary without its marker; `nil` where there is none.
  package let summary: String?
  /// All keys of comments that are there.
  package let keys: Set<String>

  package init(_ comments: [PostedComment], account: ForgeActor) {
    var (threads, keys): ([Thread], Set<String>) = ([], [])
    var summary: String?
    for comment in comments where comment.author?.id == account.id {
      guard let (key, rest) = OwnMarker.leading(in: comment.body) else { continue }
      keys.insert(key)
      if key == OwnMarker.summary, summary == nil { summary = rest }
      guard let finding = FindingKey(key) else { continue }
      let near = OwnMarker.leading(in: rest)
      let read = near.flatMap { FindingMark.reading($0.key) }
      threads.append(
        Thread(
          key: finding, mark: read?.mark, lines: read?.lines ?? 1, title: FindingTitle.told(in: near?.rest ?? rest),
          path: comment.path, isSettled: comment.isSettled))
    }
    (self.threads, self.summary, self.keys) = (threads, summary, keys)
  }
}

/// The hidden lines in Arborist's comments: `<!-- arborist:KEY -->`.
enum OwnMarker {
  /// The key of the one summary of a pull request.
  static let summary = "summary"

  static func line(_ key: String) -> String { "<!-- arborist:\(key) -->" }

  /// The key that a line holds and nothing else; `nil` for any other line.
  static func key(of line: some StringProtocol) -> String? {
    let (start, end) = ("<!-- arborist:", " -->")
    guard line.hasPrefix(start), line.hasSuffix(end), line.utf8.count > start.utf8.count + end.utf8.count else {
      return nil
    }
    let key = line.dropFirst(start.count).dropLast(end.count)
    let isKey = key.utf8.allSatisfy {
      (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || "/.-".utf8.contains($0)
    }
    return isKey ? String(key) : nil
  }

  /// The key with which a comment begins, and what follows; `nil` for a comment without one.
  static func leading(in body: String) -> (key: String, rest: String)? {
    let text = body.replacing("\r\n", with: "\n").drop { $0.isWhitespace }
    let line = text.prefix { $0 != "\n" }
    var trimmed = line[...]
    while trimmed.last?.isWhitespace == true { trimmed.removeLast() }
    return key(of: trimmed).map { ($0, String(text.dropFirst(line.count + 1))) }
  }
}
