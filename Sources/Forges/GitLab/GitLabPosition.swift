internal import Base
internal import Crypto
internal import JSON
internal import Work

/// Where a comment stands on GitLab.
///
/// Source: GitLab's page on the API of discussions, "Create a new thread in the merge request diff" and "Line code".
enum GitLabPosition {
  /// The three commits between which GitLab counts lines.
  struct Commits: Sendable, Hashable {
    var base: ObjectID
    var start: ObjectID
    var head: ObjectID
  }

  /// The members of `position`: the comment stands on its last line, and of several it says where they begin.
  ///
  /// A line that was added has a number on the new side alone, one that was removed on the old side alone, and one that
  /// is unchanged needs both.
  static func fields(of anchor: LineAnchor, _ commits: Commits) -> [String: JSONValue] {
    let path = String(decoding: anchor.path.bytes, as: UTF8.self)
    let oldPath = anchor.oldPath.map { String(decoding: $0.bytes, as: UTF8.self) } ?? path
    var position: [String: JSONValue] = [
      "position_type": "text", "base_sha": .string(commits.base.hex), "start_sha": .string(commits.start.hex),
      "head_sha": .string(commits.head.hex), "new_path": .string(path), "old_path": .string(oldPath),
    ]
    position.merge(numbers(anchor.endLine, pair: anchor.endPair, anchor.side)) { $1 }
    if anchor.startLine < anchor.endLine, let start = anchor.startBeside, let end = anchor.endBeside {
      position["line_range"] = .object([
        "start": .object(bound(anchor, anchor.startLine, pair: anchor.startPair, beside: start)),
        "end": .object(bound(anchor, anchor.endLine, pair: anchor.endPair, beside: end)),
      ])
    }
    return position
  }

  private static func numbers(_ line: Int, pair: Int?, _ side: Finding.Side) -> [String: JSONValue] {
    let (own, other) = side == .head ? ("new_line", "old_line") : ("old_line", "new_line")
    var numbers: [String: JSONValue] = [own: .number(Double(line))]
    if let pair { numbers[other] = .number(Double(pair)) }
    return numbers
  }

  /// One end of a range: `new` is said of lines that were added alone.
  private static func bound(
    _ anchor: LineAnchor, _ line: Int, pair: Int?, beside: Int
  ) -> [String: JSONValue] {
    let (old, new) = anchor.side == .head ? (beside, line) : (line, beside)
    let name = Hexadecimal.encode(Insecure.SHA1.hash(data: anchor.path.bytes))
    var end = numbers(line, pair: pair, anchor.side)
    end["line_code"] = .string("\(name)_\(old)_\(new)")
    end["type"] = anchor.side == .head && pair == nil ? "new" : "old"
    return end
  }
}
