internal import Base
internal import Git
internal import Merging
internal import Secrets
internal import Work

/// A commit that may not be pushed, told as a patch and as suggestions.
struct PatchText {
  private let diff: Diff

  init(_ diff: Diff) { self.diff = diff }

  /// The lines of the patch as git reads them; of files that it cannot show there is a line that says so.
  var lines: [String] {
    diff.files.flatMap { file -> [String] in
      let old = file.old.map { "a/\($0.path.display)" } ?? "/dev/null"
      let new = file.new.map { "b/\($0.path.display)" } ?? "/dev/null"
      if file.isBinary || file.isTooLarge { return ["Binary files \(old) and \(new) differ"] }
      return ["--- \(old)", "+++ \(new)"] + file.hunks.flatMap(Self.lines)
    }
  }

  /// A patch with more lines or bytes is not shown where it need not be.
  private static let (mostShown, mostBytes, mostFiles) = (60, 6_000, 20)

  /// What a commit changes that is on a branch: its lines where they are few, and else its files with how many lines
  /// each has more and less.
  var change: OutgoingSlot {
    // Nobody applies it: what looks like a secret is cut.
    let lines = lines.map { SecretScanner.redacting($0) }
    let isShort = lines.count <= Self.mostShown && lines.reduce(0) { $0 + $1.utf8.count + 1 } <= Self.mostBytes
    guard !lines.isEmpty else { return .flag(false) }
    let code = OutgoingText.fence(lines, language: "diff", most: lines.count, limit: .max)
    return .section([
      "isShort": .flag(isShort), "code": .text(isShort ? code : .empty), "count": .number(diff.files.count),
      "isOne": .flag(diff.files.count == 1),
      "files": .list(isShort ? [] : diff.files.prefix(Self.mostFiles).map(Self.counts)),
      "hasMore": .flag(!isShort && diff.files.count > Self.mostFiles),
      "more": .number(diff.files.count - Self.mostFiles),
    ])
  }

  private static func counts(of file: FileChange) -> [String: OutgoingSlot] {
    func count(_ kind: DiffLine.Kind) -> Int { file.hunks.lazy.flatMap(\.lines).count { $0.kind == kind } }
    return [
      "path": .text(.code((file.new ?? file.old)?.path.display ?? "")),
      "isShown": .flag(!file.isBinary && !file.isTooLarge), "added": .number(count(.added)),
      "deleted": .number(count(.deleted)),
    ]
  }

  private static func lines(of hunk: Hunk) -> [String] {
    ["@@ -\(hunk.oldStart),\(hunk.oldCount) +\(hunk.newStart),\(hunk.newCount) @@"]
      + hunk.lines.flatMap { line -> [String] in
        let sign = line.kind == .added ? "+" : line.kind == .deleted ? "-" : " "
        let text = sign + DisplayText.line(line.content)
        return line.lacksNewline ? [text, "\\ No newline at end of file"] : [text]
      }
  }

  /// A change of neighbouring lines that a person can take over with a click.
  struct Offer {
    var anchor: LineAnchor
    var lines: [String]
  }

  /// The changes whose lines the pull request shows, and that apply as they stand; at most so many.
  func offers(_ anchors: DiffAnchors, contents: [RepositoryPath: [UInt8]], most: Int) -> [Offer] {
    var result: [Offer] = []
    for file in diff.files {
      guard let old = file.old, let new = file.new, old.path == new.path, !file.isBinary, !file.isTooLarge else {
        continue
      }
      for group in file.hunks.flatMap(Self.groups) where result.count < most {
        guard let anchor = anchors.anchor(old.path, .head, group.lines), anchor.startLine == group.lines.lowerBound,
          anchor.endLine == group.lines.upperBound,
          let lines = SuggestionTrial.accepted(group.replacement, at: anchor, in: contents[old.path])
        else { continue }
        result.append(Offer(anchor: anchor, lines: lines))
      }
    }
    return result
  }

  /// The groups of changed lines of a hunk: the lines of the head that each replaces, and what takes their place.
  ///
  /// Where a group only adds, the line before it goes with it.
  private static func groups(of hunk: Hunk) -> [(lines: ClosedRange<Int>, replacement: [String])] {
    var result: [(lines: ClosedRange<Int>, replacement: [String])] = []
    var (old, new): ([Int], [String]) = ([], [])
    var before: (number: Int, text: String)?
    func text(_ line: DiffLine) -> String { String(decoding: line.content, as: UTF8.self) }
    func end() {
      if let first = old.first, let last = old.last {
        result.append((first...last, new))
      } else if !new.isEmpty, let before {
        result.append((before.number...before.number, [before.text] + new))
      }
      (old, new) = ([], [])
    }
    for line in hunk.lines {
      switch line.kind {
      case .deleted: if let number = line.oldNumber { old.append(number) }
      case .added: new.append(text(line))
      case .context:
        end()
        if let number = line.oldNumber { before = (number, text(line)) }
      }
    }
    end()
    return result
  }
}
