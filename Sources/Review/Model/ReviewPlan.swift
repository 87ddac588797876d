package import Base
internal import Models

/// What one request holds of a change: some lines of some files.
package struct ReviewPart: Sendable, Hashable {
  /// Some lines of one stretch of a file.
  package struct Section: Sendable, Hashable {
    /// The place of the file in ``ChangeReading/files``.
    package var file: Int
    /// The place of the stretch in ``ShownFile/groups``.
    package var group: Int
    /// Which of its lines.
    package var lines: Range<Int>
  }

  package var sections: [Section]

  package init(sections: [Section] = []) {
    self.sections = sections
  }
}

/// Deals a change out to requests: the same change and the same size of a request give the same parts.
package struct ReviewPlan: Sendable {
  private let reading: ChangeReading
  /// The most tokens of the lines of one part.
  private let limit: Int
  /// What each line is taken for, in tokens, by file and stretch.
  private let costs: [[[Int]]]

  /// What a line costs beside its bytes: its number, its sign, its end.
  private static let gutter = 5
  /// What a stretch costs beside its lines: the file's name, what stands around.
  private static let head = 80

  package init(_ reading: ChangeReading, limit: Int) {
    self.reading = reading
    self.limit = max(500, limit)
    costs = reading.files.map { file in
      file.groups.map { group in group.map { TokenEstimate.tokens(in: $0.text) + Self.gutter } }
    }
  }

  /// The parts, the most important first; together they are all lines.
  package var parts: [ReviewPart] {
    var result: [ReviewPart] = []
    var part = ReviewPart()
    var used = 0
    func close() {
      if !part.sections.isEmpty { result.append(part) }
      (part, used) = (ReviewPart(), 0)
    }
    for file in reading.files.indices {
      let sizes = costs[file].map { $0.reduce(Self.head, +) }
      let whole = sizes.reduce(0, +)
      // A file that fits is not torn.
      if used + whole > limit, whole <= limit || used > limit / 2 { close() }
      for group in sizes.indices {
        let count = costs[file][group].count
        if used + sizes[group] <= limit {
          part.sections.append(.init(file: file, group: group, lines: 0..<count))
          used += sizes[group]
          continue
        }
        if sizes[group] <= limit || used > limit / 2 { close() }
        var start = 0
        while start < count {
          let end = end(of: costs[file][group], from: start, within: limit - used)
          part.sections.append(.init(file: file, group: group, lines: start..<end))
          used += costs[file][group][start..<end].reduce(Self.head, +)
          start = end
          if start < count { close() }
        }
      }
    }
    close()
    return result
  }

  /// Up to where the lines fit; one at least.
  private func end(of costs: [Int], from start: Int, within limit: Int) -> Int {
    var (end, used) = (start, Self.head)
    while end < costs.count, end == start || used + costs[end] <= limit {
      used += costs[end]
      end += 1
    }
    return end
  }

  /// A part as two of about the same size; `nil` where it is too small for that.
  package func halves(of part: ReviewPart) -> [ReviewPart]? {
    let sizes = part.sections.map { costs[$0.file][$0.group][$0.lines].reduce(Self.head, +) }
    let half = sizes.reduce(0, +) / 2
    var used = 0
    for (index, section) in part.sections.enumerated() {
      used += sizes[index]
      if used < half { continue }
      if part.sections.count > 1 {
        let cut = index == 0 ? 1 : index
        return [ReviewPart(sections: Array(part.sections[..<cut])), ReviewPart(sections: Array(part.sections[cut...]))]
      }
      guard section.lines.count > 8 else { return nil }
      let middle = section.lines.lowerBound + section.lines.count / 2
      var (first, second) = (section, section)
      (first.lines, second.lines) = (section.lines.lowerBound..<middle, middle..<section.lines.upperBound)
      return [ReviewPart(sections: [first]), ReviewPart(sections: [second])]
    }
    return nil
  }

  /// The files of a part, each once, with the lines that are not read where the part is not.
  package func left(of part: ReviewPart) -> [(path: RepositoryPath, lines: String)] {
    var result: [(path: RepositoryPath, lines: String)] = []
    for file in Set(part.sections.map(\.file)).sorted() {
      let sections = part.sections.filter { $0.file == file }
      let shown = reading.files[file]
      let isWhole = shown.groups.indices.allSatisfy { group in
        sections.filter { $0.group == group }.reduce(0) { $0 + $1.lines.count } == shown.groups[group].count
      }
      let ranges = sections.compactMap { section -> String? in
        let numbers = shown.groups[section.group][section.lines].compactMap(\.number)
        guard let first = numbers.first, let last = numbers.last else { return nil }
        return first == last ? "\(first)" : "\(first)–\(last)"
      }
      result.append((shown.path, isWhole ? "" : "lines " + ranges.joined(separator: ", ")))
    }
    return result
  }
}
