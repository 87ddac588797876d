internal import Git

/// Cuts a hunk into the smallest parts that can be taken back one by one.
enum HunkCutter {
  /// Lines that went and the lines that came in their place.
  struct Part {
    /// How many lines of the new file stand before it.
    var start: Int
    var old: [DiffLine]
    var new: [DiffLine]
  }

  /// The most parts of one hunk; what has more lines is cut into stretches of several.
  static let most = 240

  static func parts(of hunk: Hunk) -> [Part] {
    var parts: [Part] = []
    var start = hunk.newCount == 0 ? hunk.newStart : hunk.newStart - 1
    var (old, new): ([DiffLine], [DiffLine]) = ([], [])
    func finish() {
      if !old.isEmpty || !new.isEmpty { parts += pair(old, new, from: start) }
      start += new.count
      (old, new) = ([], [])
    }
    for line in hunk.lines {
      switch line.kind {
      case .deleted: old.append(line)
      case .added: new.append(line)
      case .context:
        finish()
        start += 1
      }
    }
    finish()
    return parts.count <= most ? parts : joined(parts)
  }

  /// Neighbouring parts put together, so that no more than ``most`` are left.
  private static func joined(_ parts: [Part]) -> [Part] {
    let size = (parts.count + most - 1) / most
    var result: [Part] = []
    for part in parts {
      // Unchanged lines stand between two parts that do not touch.
      if let last = result.last, last.start + last.new.count == part.start,
        max(last.old.count, last.new.count) < size
      {
        result[result.count - 1].old += part.old
        result[result.count - 1].new += part.new
      } else {
        result.append(part)
      }
    }
    return result
  }

  /// Finds for each line that went the one that came in its place, in their order: the pairs that have most in common.
  private static func pair(_ old: [DiffLine], _ new: [DiffLine], from start: Int) -> [Part] {
    var pairs: [(Int?, Int?)]
    if old.count * new.count > 40_000 || old.count == new.count {
      let both = min(old.count, new.count)
      pairs = (0..<both).map { ($0, $0) }
      pairs += (both..<old.count).map { ($0, nil) } + (both..<new.count).map { (nil, $0) }
    } else {
      pairs = alignment(old.map { words(of: $0.content) }, new.map { words(of: $0.content) })
    }
    var position = start
    return pairs.map { pair in
      defer { position += pair.1 == nil ? 0 : 1 }
      return Part(start: position, old: pair.0.map { [old[$0]] } ?? [], new: pair.1.map { [new[$0]] } ?? [])
    }
  }

  private static func alignment(_ old: [Set<ArraySlice<UInt8>>], _ new: [Set<ArraySlice<UInt8>>]) -> [(Int?, Int?)] {
    let width = new.count + 1
    var best = [Double](repeating: 0, count: (old.count + 1) * width)
    func likeness(_ left: Int, _ right: Int) -> Double {
      let (left, right) = (old[left], new[right])
      guard !left.isEmpty, !right.isEmpty else { return 0 }
      let share = Double(2 * left.intersection(right).count) / Double(left.count + right.count)
      return share >= 0.5 ? share : 0
    }
    for left in stride(from: old.count - 1, through: 0, by: -1) {
      for right in stride(from: new.count - 1, through: 0, by: -1) {
        let like = likeness(left, right)
        let paired = like > 0 ? like + best[(left + 1) * width + right + 1] : 0
        best[left * width + right] = max(paired, best[(left + 1) * width + right], best[left * width + right + 1])
      }
    }
    var (left, right) = (0, 0)
    var pairs: [(Int?, Int?)] = []
    while left < old.count, right < new.count {
      let here = best[left * width + right]
      let like = likeness(left, right)
      if like > 0, here == like + best[(left + 1) * width + right + 1] {
        pairs.append((left, right))
        (left, right) = (left + 1, right + 1)
      } else if here == best[(left + 1) * width + right] {
        pairs.append((left, nil))
        left += 1
      } else {
        pairs.append((nil, right))
        right += 1
      }
    }
    return pairs + (left..<old.count).map { ($0, nil) } + (right..<new.count).map { (nil, $0) }
  }

  /// The words and signs of a line.
  private static func words(of line: [UInt8]) -> Set<ArraySlice<UInt8>> {
    var result: Set<ArraySlice<UInt8>> = []
    var index = 0
    while index < line.count {
      let start = index
      while index < line.count, CodeWords.isNameByte(line[index]) { index += 1 }
      if index == start { index += 1 }
      if !(line[start] == 0x20 || line[start] == 0x09) { result.insert(line[start..<index]) }
    }
    return result
  }
}

extension Hunk {
  /// How many unchanged lines are shown on either side of a run.
  private static let context = 3

  /// The hunk in its runs of changed lines: git puts into one hunk what lies near to each other, and that need not
  /// belong together.
  var runs: [Hunk] {
    var runs: [Hunk] = []
    var index = 0
    var (old, new) = (oldCount == 0 ? oldStart + 1 : oldStart, newCount == 0 ? newStart + 1 : newStart)
    var starts: [(old: Int, new: Int)] = []
    for line in lines {
      starts.append((old, new))
      if line.kind != .added { old += 1 }
      if line.kind != .deleted { new += 1 }
    }
    while let first = lines[index...].firstIndex(where: { $0.kind != .context }) {
      let end = lines[first...].firstIndex { $0.kind == .context } ?? lines.count
      let shown = max(0, first - Self.context)..<min(lines.count, end + Self.context)
      // Of the neighbouring runs only the unchanged lines between are shown.
      let from = lines[shown.lowerBound..<first].lastIndex { $0.kind != .context }.map { $0 + 1 } ?? shown.lowerBound
      let to = lines[end..<shown.upperBound].firstIndex { $0.kind != .context } ?? shown.upperBound
      runs.append(run(Array(lines[from..<to]), from: starts[from]))
      index = end
    }
    return runs
  }

  private func run(_ lines: [DiffLine], from start: (old: Int, new: Int)) -> Hunk {
    let oldCount = lines.count { $0.kind != .added }
    let newCount = lines.count { $0.kind != .deleted }
    // As in git's headers, a side without lines names the line before.
    return Hunk(
      oldStart: oldCount == 0 ? start.old - 1 : start.old, oldCount: oldCount,
      newStart: newCount == 0 ? start.new - 1 : start.new, newCount: newCount, heading: heading, lines: lines)
  }
}
