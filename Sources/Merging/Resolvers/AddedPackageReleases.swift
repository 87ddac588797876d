/// The one release that a side added to the change log of a Debian package.
struct PackageRelease {
  /// The package, and its version as it stands in parentheses.
  private let package: ArraySlice<UInt8>
  private let numbers: [ArraySlice<UInt8>]
  private let rest: ArraySlice<UInt8>
  private let isUnreleased: Bool

  /// - Returns: `nil` where the addition is not one whole release, from its heading to the one who made it and when.
  init?(_ items: AddedItems) {
    let source = items.side.source
    guard items.heads.count == 1, let head = items.heads.first, head == items.side.inkedLines.first,
      let last = items.side.inkedLines.last, last > head, source.line(last).hasPrefix(" -- "),
      items.side.inkedLines.count(where: { source.line($0).hasPrefix(" -- ") }) == 1
    else { return nil }
    let heading = source.line(head).trimmingEnd
    guard let open = heading.firstIndex(of: UInt8(ascii: "(")), let close = heading.firstIndex(of: UInt8(ascii: ")")),
      open < close, heading[close...].contains(UInt8(ascii: ";")), heading.contains(UInt8(ascii: "="))
    else { return nil }
    package = heading[..<open].trimmingEnd
    isUnreleased = heading[close...].dropFirst().drop(while: isBlankByte).firstWord == "UNRELEASED"
    let version = heading[(open + 1)..<close]
    let dotted = version.prefix { isDigitByte($0) || $0 == UInt8(ascii: ".") }
    numbers = dotted.split(separator: UInt8(ascii: "."))
    rest = version[dotted.endIndex...]
    // An epoch stands before a colon.
    guard !package.isEmpty, numbers.count > 1, !rest.contains(UInt8(ascii: ":")) else { return nil }
  }

  /// Whether its version is the higher one of the same package, and the other's release was made: whoever merges
  /// renumbers one that is still to come below it.
  func isAbove(_ other: PackageRelease) -> Bool {
    guard package == other.package, !other.isUnreleased else { return false }
    for index in 0..<max(numbers.count, other.numbers.count) {
      guard index < numbers.count, index < other.numbers.count else { return numbers.count > other.numbers.count }
      let order = VersionText.compareNumbers(numbers[index], other.numbers[index])
      if order != 0 { return order > 0 }
    }
    // A release that a packager added something to.
    guard other.rest.isEmpty, let first = rest.first else { return false }
    return first == UInt8(ascii: "+") || first == UInt8(ascii: "-") || rest.hasPrefix("ubuntu")
  }
}
