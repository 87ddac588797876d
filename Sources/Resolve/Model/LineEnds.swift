internal import Merging

/// What the lines of a file end with, where both sides agree on it: nobody who edits a file by its text means to change
/// that.
struct LineEnds {
  private let ending: [UInt8]?
  private let content: ContentConflict

  init(_ content: ContentConflict) {
    self.content = content
    let endings = Set([content.ours, content.theirs].flatMap(Self.endings))
    ending = endings.count == 1 ? endings.first : nil
  }

  private static func endings(of bytes: [UInt8]) -> Set<[UInt8]> {
    var result: Set<[UInt8]> = []
    for index in bytes.indices where bytes[index] == 0x0A {
      result.insert(index > 0 && bytes[index - 1] == 0x0D ? [0x0D, 0x0A] : [0x0A])
      if result.count == 2 { break }
    }
    return result
  }

  /// The lines of an answer with these ends, and with or without one at the end of the file as the sides have it.
  func applied(to lines: [UInt8], in conflict: Conflict) -> [UInt8] {
    var result: [UInt8] = []
    for line in MarkedFile.lines(lines) {
      guard let ending, line.last == 0x0A else {
        result += line
        continue
      }
      let text = line.dropLast()
      result += (text.last == 0x0D ? text.dropLast() : text) + ending
    }
    let isLast = conflict.position.ours.end == LineTable(content.ours).count && result.last == 0x0A
    guard isLast, !hasLastLineEnd(conflict) else { return result }
    result.removeLast()
    if result.last == 0x0D { result.removeLast() }
    return result
  }

  /// Whether the merged file ends with a line end: as the side has it that changed that.
  private func hasLastLineEnd(_ conflict: Conflict) -> Bool {
    let (base, ours, theirs) = (content.base.last == 0x0A, content.ours.last == 0x0A, content.theirs.last == 0x0A)
    if content.base.isEmpty { return ours || theirs }
    return ours == base ? theirs : ours
  }
}
