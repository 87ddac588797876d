/// Keeps both where each side added releases of its own to a change log: what is to be released first, then the higher
/// one.
package struct AddedReleases: Resolver {
  package let name = "added-releases"

  package init() {}

  package func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
    let isPackage = context.language.family == .other
    guard isPackage || context.language.family == .markup, let added = BothAdded(conflict, in: context),
      added.areReleases,
      let (first, second) = isPackage
        ? Self.packagesInOrder(added.ours, added.theirs) : Self.inOrder(added.ours, added.theirs)
    else { return nil }
    let startsRelease = isPackage || second.headings.first == second.side.inkedLines.first
    return Resolution(
      resolver: name,
      lines: added.blocks.sections(first.side, second.side, areParted: startsRelease),
      reason: added.reason("releases")
    )
  }

  /// One release of a package and then one that is lower.
  ///
  /// Packagers renumber the releases of a Debian change log when they merge, but where nothing asks for it.
  private static func packagesInOrder(_ ours: AddedItems, _ theirs: AddedItems) -> (AddedItems, AddedItems)? {
    guard let mine = PackageRelease(ours), let other = PackageRelease(theirs) else { return nil }
    if mine.isAbove(other) { return (ours, theirs) }
    return other.isAbove(mine) ? (theirs, ours) : nil
  }

  /// The additions in the order in which they are to stand; `nil` where it cannot be told.
  private static func inOrder(_ ours: AddedItems, _ theirs: AddedItems) -> (AddedItems, AddedItems)? {
    // Entries alone go on with the release above.
    if ours.headings.isEmpty { return (ours, theirs) }
    if theirs.headings.isEmpty { return (theirs, ours) }
    guard let mine = ReleaseRange(ours), let other = ReleaseRange(theirs) else { return nil }
    if mine.isAbove(other) { return (ours, theirs) }
    return other.isAbove(mine) ? (theirs, ours) : nil
  }
}

extension AddedItems {
  /// The lines with a heading such as releases have.
  fileprivate var headings: [Int] { heads.filter { ReleaseHeading.level(side.source, $0) != nil } }
}

/// The heading of a release in a change log.
enum ReleaseHeading {
  /// What tells the releases of a log apart and puts them in order.
  enum Mark {
    case unreleased
    case version(VersionText)
    case date(VersionText)
  }

  /// The number signs or the line below that make a line the heading of a release; `nil` where it is none.
  static func level(_ source: SourceText, _ line: Int) -> ArraySlice<UInt8>? {
    let text = source.line(line)
    if text.hasPrefix("#") {
      return text.contains(where: isDigitByte) || isUnreleased(text) ? text.prefix { $0 == UInt8(ascii: "#") } : nil
    }
    let next = line + 1 < source.table.count ? source.line(line + 1).trimmingEnd : []
    guard let first = next.first, "=-~^".utf8.contains(first), next.count > 2, next.allSatisfy({ $0 == first }) else {
      return nil
    }
    return next.prefix(1)
  }

  /// What a heading says of its release; `nil` where it names none.
  static func mark(_ text: ArraySlice<UInt8>) -> Mark? {
    var number: VersionText?
    for token in VersionToken.split(text) {
      if case .version(let version, _) = token { return .version(version) }
      if case .number(let digits) = token, number == nil { number = VersionText(numbers: [Array(digits)], tag: []) }
    }
    if isUnreleased(text) { return .unreleased }
    return date(text).map { .date($0) } ?? number.map { .version($0) }
  }

  private static func isUnreleased(_ text: ArraySlice<UInt8>) -> Bool {
    let lower = String(decoding: text.map { $0 | 0x20 }, as: UTF8.self)
    return lower.contains("unreleased") || lower.contains("next") || lower.contains("upcoming")
  }

  /// A date such as 2026-01-31, as its three numbers.
  private static func date(_ text: ArraySlice<UInt8>) -> VersionText? {
    let runs = text.split { !isDigitByte($0) && $0 != UInt8(ascii: "-") }
    for run in runs {
      let numbers = run.split(separator: UInt8(ascii: "-"))
      if numbers.map(\.count) == [4, 2, 2] { return VersionText(numbers: numbers.map { Array($0) }, tag: []) }
    }
    return nil
  }
}

/// The highest and the lowest release that one side added.
private struct ReleaseRange {
  private let isUnreleased: Bool
  private let areDates: Bool
  private var highest: VersionText?
  private var lowest: VersionText?

  /// - Returns: `nil` where the addition does not start with the heading of a release, or where its releases are not in
  ///   an order that can be told.
  init?(_ items: AddedItems) {
    let source = items.side.source
    guard let first = items.side.inkedLines.first, let level = ReleaseHeading.level(source, first) else { return nil }
    var marks: [ReleaseHeading.Mark] = []
    for line in items.heads where ReleaseHeading.level(source, line).map({ $0.elementsEqual(level) }) ?? false {
      if let mark = ReleaseHeading.mark(source.line(line)) {
        marks.append(mark)
      } else if line == first {
        return nil
      }
    }
    if case .unreleased = marks.first { isUnreleased = true } else { isUnreleased = false }
    var (dates, versions): ([VersionText], [VersionText]) = ([], [])
    for mark in marks {
      switch mark {
      case .unreleased: break
      case .version(let version): versions.append(version)
      case .date(let date): dates.append(date)
      }
    }
    guard dates.isEmpty || versions.isEmpty else { return nil }
    areDates = !dates.isEmpty
    for version in dates + versions {
      guard let high = highest, let low = lowest else {
        (highest, lowest) = (version, version)
        continue
      }
      guard let toHigh = version.compare(high), let toLow = version.compare(low) else { return nil }
      if toHigh > 0 { highest = version }
      if toLow < 0 { lowest = version }
    }
  }

  /// Whether all its releases stand above all the other's.
  func isAbove(_ other: ReleaseRange) -> Bool {
    if other.isUnreleased { return false }
    guard let lowest, let highest = other.highest else { return isUnreleased }
    return areDates == other.areDates && lowest.compare(highest) ?? 0 > 0
  }
}

extension AddedBlocks {
  /// One side's addition and then the other's, where they are parted with as many blank lines between them as there
  /// are behind the second.
  fileprivate func sections(_ first: Side, _ second: Side, areParted: Bool) -> [UInt8] {
    let upper = first.source.table[LineSpan(start: first.own.start, count: first.own.count + tail)]
    let lower = second.source.table[LineSpan(start: second.own.start - head, count: second.own.count + head)]
    var lines = HunkLine.split(Array(upper))
    while lines.last?.isBlank ?? false { lines.removeLast() }
    var ending: [UInt8] = lines.contains { $0.ending.count == 2 } ? Array("\r\n".utf8) : [UInt8(ascii: "\n")]
    if let last = lines.indices.last, lines[last].ending.isEmpty { lines[last].ending = ending[...] }
    ending = Array(repeatElement(ending, count: areParted ? gap(behind: second) : 0).joined())
    return HunkLine.join(lines) + ending + HunkLine.join(HunkLine.split(Array(lower)).drop(while: \.isBlank))
  }

  private func gap(behind side: Side) -> Int {
    guard let last = side.inkedLines.last else { return 1 }
    var line = last + 1
    while side.isBlank(line) { line += 1 }
    if line < side.source.table.count { return min(line - last - 1, 3) }
    return [ours, theirs].contains { side in side.span.indices.contains(where: side.isBlank) } ? 1 : 0
  }
}
