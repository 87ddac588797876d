package import Base
internal import Foundation

/// Requests and comments as git-appraise keeps them in git notes: one JSON object a line, `v: 0`.
///
/// Source: the schemas `request.json` and `comment.json` that git-appraise publishes. Timestamps are seconds since 1970
/// as decimal text.
package enum Appraise {
  /// A request for review, in `refs/notes/devtools/reviews` on the first commit of the branch.
  package struct Request: Sendable, Hashable, Codable {
    package var timestamp: String
    package var reviewRef: String
    package var targetRef: String
    package var requester: String
    package var reviewers: [String]
    package var description: String
    package var baseCommit: String
    package var v: Int

    package init(
      time: Timestamp, branch: RefName, base: RefName, requester: String, description: String, baseCommit: ObjectID
    ) {
      timestamp = String(time.seconds)
      reviewRef = QuotedPath.encode(branch.bytes)
      targetRef = QuotedPath.encode(base.bytes)
      self.requester = requester
      reviewers = []
      self.description = description
      self.baseCommit = baseCommit.hex
      v = 0
    }
  }

  /// A comment, in `refs/notes/devtools/discuss` on the first commit of the branch.
  package struct Comment: Sendable, Hashable, Codable {
    /// Where a comment belongs: a commit, and in it perhaps a file and lines.
    package struct Location: Sendable, Hashable, Codable {
      package var commit: String
      package var path: String?
      package var range: Range?
    }

    /// The lines of a file, counted from one.
    package struct Range: Sendable, Hashable, Codable {
      package var startLine: Int
      package var endLine: Int
    }

    package var timestamp: String
    package var author: String
    package var location: Location
    package var description: String
    /// `false` asks for a change, `nil` only tells.
    package var resolved: Bool?
    package var v: Int

    package init(
      time: Timestamp, author: String, commit: ObjectID, path: RepositoryPath? = nil, lines: ClosedRange<Int>? = nil,
      description: String, resolved: Bool? = nil
    ) {
      timestamp = String(time.seconds)
      self.author = author
      location = Location(
        commit: commit.hex, path: path.map { QuotedPath.encode($0.bytes) },
        range: lines.map { Range(startLine: $0.lowerBound, endLine: $0.upperBound) })
      self.description = description
      self.resolved = resolved
      v = 0
    }
  }

  /// The value as one line of a note.
  ///
  /// - Throws: what `JSONEncoder` throws; these types give it no cause.
  package static func line(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  /// The comments in a note; lines that are none are passed over, because other programs write there too.
  package static func comments(in note: [UInt8]) -> [Comment] {
    let decoder = JSONDecoder()
    return note.split(separator: UInt8(ascii: "\n")).compactMap { line in
      try? decoder.decode(Comment.self, from: Data(line))
    }
  }
}
