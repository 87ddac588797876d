extension AddedForm {
  /// Whether an addition to a text starts with an item of a list and all else belongs to items: what a plus sign on a
  /// line of its own attaches to the item above.
  static func isListWithParagraphs(_ items: AddedItems) -> Bool {
    let source = items.side.source
    guard source.language.name == "text", let first = items.heads.first, isListLine(source, first) else { return false }
    let heads = Set(items.heads)
    var (isAttached, isBlock) = (false, false)
    for line in items.side.span.indices {
      let text = source.line(line).trimmingEnd
      if text.elementsEqual("--".utf8) {
        guard isAttached || isBlock else { return false }
        isBlock.toggle()
      } else if isBlock {
        continue
      } else if text.isEmpty {
        isAttached = false
      } else if text.elementsEqual("+".utf8) {
        isAttached = true
      } else if heads.contains(line), !isAttached, !isListLine(source, line) {
        return false
      }
    }
    return !isBlock
  }
}

extension BothAdded {
  /// Whether both additions stand below the same heading of their texts.
  var haveOneSection: Bool {
    func heading(_ side: AddedBlocks.Side) -> ArraySlice<UInt8>? {
      let lines = (max(0, side.span.start - Self.section)..<side.span.start).reversed()
      return lines.first { side.source.startsSection($0) }.map { side.source.line($0).trimmingEnd }
    }
    return heading(blocks.ours) == heading(blocks.theirs)
  }

  /// How many lines up a heading is looked for.
  private static let section = 500

  /// Whether either side only moved a line here that the ancestor had elsewhere.
  func areMoved(in context: ResolverContext) -> Bool {
    let inks = context.inks
    return [(ours, inks.ours), (theirs, inks.theirs)].contains { items, file in
      items.heads.contains { head in
        let line = items.side.source.line(head)
        guard line.count(where: isNameByte) >= 8 else { return false }
        let number = FileWords.number(of: line.lazy.filter { !isBlankByte($0) && $0 != 0x0A })
        return inks.base.counts[number].map { file.counts[number, default: 0] <= $0 } ?? false
      }
    }
  }
}

extension AddedItems {
  /// The headings of releases at the level of the one that an addition to a log in Markdown starts with.
  var releases: [Int]? {
    let source = side.source
    guard source.language.name == "Markdown", let first = side.inkedLines.first,
      let level = ReleaseHeading.level(source, first), level.first == UInt8(ascii: "#")
    else { return nil }
    return heads.filter { source.line($0).prefix { $0 == UInt8(ascii: "#") }.count <= level.count && isHeading($0) }
  }

  private func isHeading(_ line: Int) -> Bool { side.source.line(line).first == UInt8(ascii: "#") }

  /// Whether none of the items has a name in both.
  ///
  /// Releases are told apart by their headings alone: what was mended in two of them is told of in both.
  static func areDistinct(_ ours: AddedItems, _ theirs: AddedItems) -> Bool {
    if let mine = ours.releases, let other = theirs.releases {
      func names(_ lines: [Int], _ items: AddedItems) -> Set<[UInt8]> {
        Set(lines.map { entryKey(Array(items.side.source.line($0).trimmingEnd)) })
      }
      return names(mine, ours).isDisjoint(with: names(other, theirs))
    }
    return ours.keys.isDisjoint(with: theirs.keys)
  }
}

/// A line of a file of ignored paths, of which the last that applies to a path decides.
enum IgnoredPath {
  /// Whether no path that one side takes back can be among those that the other one ignores.
  static func areIndependent(_ added: BothAdded) -> Bool {
    func lines(_ items: AddedItems) -> [ArraySlice<UInt8>] {
      items.heads.map { items.side.source.line($0).trimmingEnd }
    }
    let (ours, theirs) = (lines(added.ours), lines(added.theirs))
    return areApart(ours, theirs) && areApart(theirs, ours)
  }

  private static func areApart(_ negations: [ArraySlice<UInt8>], _ others: [ArraySlice<UInt8>]) -> Bool {
    negations.filter { $0.first == UInt8(ascii: "!") }.allSatisfy { negation in
      let parts = self.parts(negation.dropFirst())
      guard parts.allSatisfy(isPlain) else { return false }
      return others.allSatisfy { other in
        if other.first == UInt8(ascii: "!") { return true }
        // Without a slash in it a name is meant at any depth.
        let others = self.parts(other)
        guard let first = others.first else { return false }
        return isPlain(first) && !others.contains(where: parts.contains)
      }
    }
  }

  private static func parts(_ path: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    path.split(separator: UInt8(ascii: "/"))
  }

  private static func isPlain(_ part: ArraySlice<UInt8>) -> Bool { !part.contains { "*?[\\".utf8.contains($0) } }
}
