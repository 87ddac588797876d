internal import Base
internal import Git
internal import Merging
package import Work

/// What a model is to read of a change.
package struct ChangeReading: Sendable {
  /// The files with lines to read, the most important first.
  package var files: [ShownFile]
  /// What else is in the change and is not shown, a line each: for the model, so that it does not miss it.
  package var others: [String]
  /// Files that have lines and are not shown, beyond those that no review reads.
  package var unread: [Unread]

  /// Nothing.
  package init() {
    (files, others, unread) = ([], [], [])
  }

  /// Reads a change.
  package init(_ change: Change) {
    self.init()
    for (path, _) in change.ignored { others.append("\(path.display) (not reviewed here)") }
    for file in change.files {
      if let why = Self.reasonNotToShow(file) {
        others.append("\(file.path.display) (\(why))")
      } else if file.headContent == nil {
        // What a finding quotes could not be looked for.
        others.append("\(file.path.display) (too large to be shown)")
        unread.append(Unread(path: file.path, reason: "too large to be shown to a model"))
      } else {
        let shown = Self.shown(file)
        files.append(shown)
        if let long = Self.long(shown) { unread.append(long) }
      }
    }
    others.sort()
    files.sort { ($0.rank, $0.path) < ($1.rank, $1.path) }
  }

  private static func reasonNotToShow(_ file: ChangedFile) -> String? {
    guard file.change.new != nil else {
      return "deleted, with \(file.deletedLines.count.counted("line"))"
    }
    guard file.isReadable else { return file.change.isBinary ? "binary" : "no text" }
    if let generated = file.generated { return generated.kind == .lockFile ? "a lock file" : "generated" }
    if file.change.hunks.isEmpty { return state(of: file) + ", without a changed line" }
    let (ends, others) = changes(of: file)
    return others == 0 ? "only \(ends.counted("line")) changed, in line ends or blanks behind them" : nil
  }

  /// How many lines of a file changed in what stands at their end alone, and how many are new or gone otherwise.
  private static func changes(of file: ChangedFile) -> (ends: Int, others: Int) {
    var (ends, others) = (0, 0)
    for hunk in file.change.hunks {
      let counterparts = LineText.counterparts(in: hunk.lines)
      for (index, line) in hunk.lines.enumerated() where line.kind != .context {
        if let other = counterparts[index], LineText.differInEnds(line.content, other) {
          if line.kind == .added { ends += 1 }
        } else {
          others += 1
        }
      }
    }
    return (ends, others)
  }

  /// What of a file is not shown because a line is too long; `nil` where all of it is.
  private static func long(_ file: ShownFile) -> Unread? {
    let numbers = file.groups.joined().filter(\.isCut).compactMap(\.number)
    guard let first = numbers.first else { return nil }
    let more = numbers.count == 1 ? "line \(first) is" : "\(numbers.count) lines, the first of which is \(first), are"
    return Unread(path: file.path, reason: "\(more) too long to be shown to a model whole")
  }

  private static func state(of file: ChangedFile) -> String {
    switch file.change.status {
    case .added: return "new"
    case .renamed: return "renamed from \(file.change.old?.path.display ?? "another name")"
    case .copied: return "copied from \(file.change.old?.path.display ?? "another file")"
    default: return file.change.old?.mode == file.change.new?.mode ? "changed" : "changed, and its mode"
    }
  }

  private static func shown(_ file: ChangedFile) -> ShownFile {
    let surroundings = Surroundings(of: file.headContent, at: file.path.bytes)
    let ends = changes(of: file).ends
    let state = state(of: file) + (ends == 0 ? "" : ", \(ends.counted("line")) only in line ends or blanks behind them")
    return ShownFile(
      path: file.path, state: state, content: file.headContent,
      groups: groups(of: file.change.hunks, surroundings), rank: rank(of: file), changed: changed(file.change.hunks),
      surroundings: surroundings)
  }

  private static func rank(of file: ChangedFile) -> Int {
    if file.place.isDocumentation { return 2 }
    if file.place.isTest || file.place.isScript { return 1 }
    switch file.language.family {
    case .data, .markup: return 2
    default: return 0
    }
  }

  /// The lines of the head that are new, and those on both sides of where lines are gone.
  private static func changed(_ hunks: [Hunk]) -> Set<Int> {
    var result: Set<Int> = []
    for hunk in hunks {
      var next = hunk.newCount == 0 ? hunk.newStart + 1 : hunk.newStart
      for line in hunk.lines {
        if let number = line.newNumber {
          next = number + 1
          if line.kind == .added { result.insert(number) }
        } else {
          result.formUnion([next - 1, next])
        }
      }
    }
    result.remove(0)
    return result
  }

  private static func groups(of hunks: [Hunk], _ around: Surroundings) -> [[ShownLine]] {
    guard !around.lines.isEmpty else { return hunks.map { shown($0.lines) } }
    var result: [[ShownLine]] = []
    var current: [ShownLine] = []
    // The first line of the head that is not shown yet, and up to where there is something to show.
    var (next, until) = (1, 0)
    func context(_ numbers: Range<Int>) -> [ShownLine] { numbers.map { around.line($0, .context) } }
    for hunk in hunks {
      let numbers = hunk.lines.compactMap(\.newNumber)
      let first = numbers.first ?? hunk.newStart + 1
      let last = numbers.last ?? hunk.newStart
      let range = around.shown(around: min(first, max(1, last))...max(first, last))
      let end = max(next, min(until + 1, first))
      current += context(next..<end)
      // What would be left out is shorter than the sign that says so.
      if current.isEmpty || range.lowerBound > end + 3 {
        if !current.isEmpty { result.append(current) }
        current = context(min(max(range.lowerBound, end), first)..<first)
      } else {
        current += context(end..<max(end, first))
      }
      current += shown(hunk.lines)
      (next, until) = (max(last + 1, first), range.upperBound)
    }
    current += context(next..<max(next, until + 1))
    return current.isEmpty ? result : result + [current]
  }

  private static func shown(_ lines: [DiffLine]) -> [ShownLine] {
    let counterparts = LineText.counterparts(in: lines)
    return lines.enumerated().map { index, line in
      switch line.kind {
      case .context: return ShownLine(kind: .context, number: line.newNumber, text: LineText.around(line.content))
      case .added, .deleted:
        let kind: ShownLine.Kind = line.kind == .added ? .added : .deleted
        let text = LineText(line.content, besides: counterparts[index])
        var shown = ShownLine(kind: kind, number: line.newNumber, text: text.text)
        shown.isCut = text.isCut
        return shown
      }
    }
  }
}
