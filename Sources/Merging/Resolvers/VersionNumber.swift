/// Settles conflicts in which the sides are equal but for version numbers, and one side is higher in every one.
///
/// The higher side is taken as it stands, lines whole: parts of two versions are never put together. A side that
/// lowers a version did so on purpose, and what to do then is for a person to say.
package struct VersionNumber: Resolver {
  package let name = "version"

  package init() {}

  package func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
    guard !context.isGenerated else { return nil }
    let base = HunkLine.split(conflict.base)
    let ours = HunkLine.split(conflict.ours)
    let theirs = HunkLine.split(conflict.theirs)
    guard !base.isEmpty, base.count == ours.count, base.count == theirs.count else { return nil }
    let manifest = Self.isManifest(context.path)
    var higher = Tally()
    for index in base.indices {
      let sides = (base[index].trimmedEnd, ours[index].trimmedEnd, theirs[index].trimmedEnd)
      if sides.0 == sides.1, sides.1 == sides.2 { continue }
      let isOwn = OwnVersion.isThere(conflict, line: index, in: context)
      guard compareLine(sides, versionsExpected: manifest, isOfFile: isOwn, &higher) else { return nil }
    }
    guard let decision = higher.decision else { return nil }
    let (winner, lines) = decision.theirs ? ("theirs", conflict.theirs) : ("ours", conflict.ours)
    let reason =
      "both sides raise the version; \(winner), \(text(decision.high)), is higher than \(text(decision.low))"
    return Resolution(resolver: name, lines: lines, reason: reason)
      .listingDrops(of: conflict, because: "\(text(decision.low)) gives way to the higher \(text(decision.high))")
  }

  /// Compares one line of the three sides; `false` where it rules a resolution out.
  private func compareLine(
    _ sides: (ArraySlice<UInt8>, ArraySlice<UInt8>, ArraySlice<UInt8>),
    versionsExpected: Bool,
    isOfFile: Bool,
    _ tally: inout Tally
  ) -> Bool {
    let base = VersionToken.split(sides.0)
    let ours = VersionToken.split(sides.1)
    let theirs = VersionToken.split(sides.2)
    guard base.count == ours.count, base.count == theirs.count else { return false }
    let key = LineKey(sides.1)
    var place = sides.1.startIndex
    for index in base.indices {
      let length = ours[index].length
      defer { place += length }
      let position = VersionPlace(in: sides.1, from: place, to: place + length)
      switch (base[index], ours[index], theirs[index]) {
      case (.text(let one), .text(let two), .text(let three)):
        guard one == two, two == three else { return false }
      case (.checksum(let one), .checksum(let two), .checksum(let three)):
        if one == two, two == three { continue }
        tally.addChecksum(oursChanged: one != two, theirsChanged: one != three)
      case (.version(let one, _), .version(let two, let our), .version(let three, let their)):
        if one == two, two == three { continue }
        guard key.allowsDotted(one, two, three, at: position, versionsExpected: versionsExpected),
          tally.add(
            base: one, ours: two, theirs: three, spelled: (our, their), isOwn: key.isOwnVersion, isOfFile: isOfFile)
        else { return false }
      case (.number(let one), .number(let two), .number(let three)):
        if one == two, two == three { continue }
        guard key.namesVersion, !key.namesMeasure,
          tally.add(base: plain(one), ours: plain(two), theirs: plain(three), spelled: (two, three))
        else { return false }
      default:
        return false
      }
    }
    return true
  }

  private func plain(_ digits: ArraySlice<UInt8>) -> VersionText { VersionText(numbers: [Array(digits)], tag: []) }

  private func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

  /// Whether a file of this path holds the versions of dependencies, so that `1.2` in it is no decimal fraction.
  private static func isManifest(_ path: [UInt8]) -> Bool {
    let name = String(decoding: path.split(separator: UInt8(ascii: "/")).last ?? [], as: UTF8.self)
    return manifestNames.contains(name) || manifestEndings.contains { name.hasSuffix($0) }
      || (name.hasPrefix("requirements") && name.hasSuffix(".txt"))
  }

  private static let manifestNames: Set<String> = [
    "package.json", "Cargo.toml", "pom.xml", "Gemfile", "go.mod", "composer.json", "pyproject.toml", "setup.py",
    "setup.cfg", "Pipfile", "Package.swift", "Podfile", "mix.exs", "pubspec.yaml", "build.sbt", "tox.ini",
    "gradle.properties", "libs.versions.toml", "Dockerfile", ".pre-commit-config.yaml", "DESCRIPTION", "metadata.json",
  ]
  private static let manifestEndings = [
    ".gemspec", ".gradle", ".gradle.kts", ".csproj", ".props", ".podspec", ".cabal",
  ]
}

/// What the comparison of all positions came to so far.
private struct Tally {
  private var checksums = (onlyOurs: false, onlyTheirs: false)
  private var raised = (ours: false, theirs: false)
  private var ours: (high: ArraySlice<UInt8>, low: ArraySlice<UInt8>)?
  private var theirs: (high: ArraySlice<UInt8>, low: ArraySlice<UInt8>)?

  /// Adds one position; `false` where a side goes down or the versions cannot be compared.
  ///
  /// With `isOwn` it is the version of the thing that the file is about, and no dependency's; with `isOfFile` it is
  /// sure that this merge brings all that either version stands for.
  mutating func add(
    base: VersionText,
    ours our: VersionText,
    theirs their: VersionText,
    spelled: (ArraySlice<UInt8>, ArraySlice<UInt8>),
    isOwn: Bool = false,
    isOfFile: Bool = false
  ) -> Bool {
    guard let ourMove = our.compare(base), let theirMove = their.compare(base), let order = our.compare(their),
      ourMove >= 0, theirMove >= 0
    else { return false }
    if ourMove > 0 { raised.ours = true }
    if theirMove > 0 { raised.theirs = true }
    // A patch of an older line (1.2 to 1.2.1) may hold a fix that a newer line (1.3) lacks.
    if !isOfFile {
      if order > 0 && their.isPatchLine(of: base) || order < 0 && our.isPatchLine(of: base) { return false }
      if isOwn, order > 0 && their.staysOnLine(of: base, unlike: our) { return false }
      if isOwn, order < 0 && our.staysOnLine(of: base, unlike: their) { return false }
    }
    if order > 0, ours == nil { ours = (spelled.0, spelled.1) }
    if order < 0, theirs == nil { theirs = (spelled.1, spelled.0) }
    // Equal in order yet spelled differently: nothing says which spelling is meant.
    return order != 0 || our == their
  }

  /// Notes a checksum that differs; it goes with the versions of its side.
  mutating func addChecksum(oursChanged: Bool, theirsChanged: Bool) {
    if oursChanged, !theirsChanged { checksums.onlyOurs = true }
    if theirsChanged, !oursChanged { checksums.onlyTheirs = true }
  }

  /// The side that is higher wherever the two differ; `nil` where neither is or each is once, or where taking the
  /// higher side would undo something else that the other side changed.
  var decision: (theirs: Bool, high: ArraySlice<UInt8>, low: ArraySlice<UInt8>)? {
    guard raised.ours, raised.theirs else { return nil }
    return switch (ours, theirs) {
    case (let ours?, nil) where !checksums.onlyTheirs: (false, ours.high, ours.low)
    case (nil, let theirs?) where !checksums.onlyOurs: (true, theirs.high, theirs.low)
    default: nil
    }
  }
}
