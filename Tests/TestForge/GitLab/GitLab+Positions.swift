internal import Crypto
internal import JSON

extension World {
  /// What GitLab answers where a place is none, whatever is wrong with it.
  static let noLineCode = Refusal(
    400, "400 Bad request - Note {:line_code=>[\"can't be blank\", \"must be a valid line code\"]}")

  /// The place that a position names.
  ///
  /// An added line is named by `new_line` alone, a removed one by `old_line` alone, and one that did not change by
  /// both, which have to belong together.
  mutating func anchor(_ position: JSONValue, of pull: Pull, _ call: Call) throws -> Anchor {
    for name in ["base_sha", "start_sha", "head_sha", "position_type"] where position[name]?.string?.isEmpty ?? true {
      throw Refusal(
        .json(400, ["error": .string("position[\(name)] is missing")]), breach: "a position without \(name)")
    }
    let kind = position["position_type"]?.string
    guard kind == "text" || kind == "file" else {
      throw Refusal(
        .json(400, ["error": "position[position_type] does not have a valid value"]),
        breach: "a position that is no text's")
    }
    guard let project = repositories[pull.repository], let head = position["head_sha"]?.string,
      commit(head, in: project) == head, let base = position["base_sha"]?.string,
      let start = position["start_sha"]?.string, commit(start, in: project) == start,
      GitRunner.run(["merge-base", start, head], in: project.directory).text == base
    else { throw Self.noLineCode }
    let difference = difference(of: pull, head: head)
    let newPath = position["new_path"]?.string
    let oldPath = position["old_path"]?.string
    guard
      let file = difference.files.first(where: {
        ($0.newPath == newPath ?? oldPath) && (oldPath == nil || $0.oldPath == oldPath)
      })
    else { throw Self.noLineCode }
    var anchor = Anchor(path: file.newPath, oldPath: file.oldPath, commit: head)
    if kind == "file" { return anchor }
    let old = position["old_line"]?.integer
    let new = position["new_line"]?.integer
    let lines = file.hunks.flatMap(\.lines)
    guard old != nil || new != nil, lines.contains(where: { $0.old == old && $0.new == new }) else {
      throw Self.noLineCode
    }
    anchor.side = new == nil ? "LEFT" : "RIGHT"
    (anchor.line, anchor.otherLine) = new == nil ? (old, nil) : (new, old)
    if let range = position["line_range"], range != .null { try check(range, in: file, &anchor) }
    return anchor
  }

  /// A range names its ends by line codes: the path's SHA-1 and where both sides stand.
  ///
  /// It ends where the comment stands, and its kinds and numbers are those of the lines.
  private func check(_ range: JSONValue, in file: Difference.File, _ anchor: inout Anchor) throws {
    let name = Insecure.SHA1.hash(data: Array(file.newPath.utf8)).map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
    var ends: [Difference.Line] = []
    for end in ["start", "end"] {
      guard let code = range[end]?["line_code"]?.string else {
        throw Refusal(
          .json(400, ["error": .string("position[line_range][\(end)][line_code] is missing")]),
          breach: "a range without line codes")
      }
      guard let line = file.hunks.flatMap(\.lines).first(where: { "\(name)_\($0.oldAt)_\($0.newAt)" == code }) else {
        throw Self.noLineCode
      }
      guard let kind = range[end]?["type"]?.string, ["new", "old"].contains(kind) else {
        throw Refusal(
          .json(400, ["error": .string("position[line_range][\(end)][type] does not have a valid value")]),
          breach: "a range without its kinds")
      }
      let numbers = [("old_line", line.old), ("new_line", line.new)]
      guard kind == (line.old == nil ? "new" : "old"),
        numbers.allSatisfy({ name, number in range[end]?[name].map { $0.integer == number } ?? true })
      else { throw Self.noLineCode }
      ends.append(line)
    }
    guard ends.count == 2 else { return }
    let isLeft = anchor.side == "LEFT"
    guard (isLeft ? ends[1].old : ends[1].new) == anchor.line, ends[0].oldAt <= ends[1].oldAt,
      ends[0].newAt <= ends[1].newAt
    else { throw Self.noLineCode }
    anchor.startSide = isLeft || ends[0].new == nil ? "LEFT" : "RIGHT"
    anchor.startLine = isLeft ? ends[0].old : ends[0].new ?? ends[0].old
  }

  func positionJSON(_ anchor: Anchor, of pull: Pull) -> JSONValue {
    let isLeft = anchor.side == "LEFT"
    let base = mergeBase(of: pull)
    return [
      "base_sha": .maybe(base), "start_sha": .maybe(base), "head_sha": .string(anchor.commit),
      "position_type": anchor.side == nil ? "file" : "text", "old_path": .string(anchor.oldPath),
      "new_path": .string(anchor.path), "old_line": .maybe(isLeft ? anchor.line : anchor.otherLine),
      "new_line": .maybe(isLeft ? nil : anchor.line), "line_range": .null,
    ]
  }
}
