/// What no resolution may do, whoever proposes it.
struct ResolutionGate {
  private let files: [[UInt8]]
  /// How many lines our file has.
  private let lineCount: Int
  /// The lines of the three files that look like conflict markers, once they are needed.
  private var knownMarkers: Set<[UInt8]>?

  /// Takes the three files of the merge.
  init(files: [[UInt8]]) {
    self.files = files
    lineCount = files.count > 1 ? LineTable(files[1]).count : 0
  }

  /// Why a resolution must not be used; `nil` where nothing speaks against it.
  mutating func reason(against resolution: Resolution, for conflict: Conflict) -> FileMerge.Rejection.Reason? {
    let isLast = conflict.position.ours.end == lineCount
    if !isLast, let last = resolution.lines.last, last != 0x0A { return .unfinishedLine }
    let markers = Self.markers(in: resolution.lines)
    if markers.isEmpty { return nil }
    let known = knownMarkers ?? files.reduce(into: Set()) { $0.formUnion(Self.markers(in: $1)) }
    knownMarkers = known
    return markers.isSubset(of: known) ? nil : .conflictMarker
  }

  /// The lines that start with seven of a marker's characters and then end or go on with a space, without their ends.
  private static func markers(in bytes: [UInt8]) -> Set<[UInt8]> {
    var markers: Set<[UInt8]> = []
    let table = LineTable(bytes)
    for index in 0..<table.count {
      var line = table[index]
      if line.last == 0x0A { line.removeLast() }
      if line.last == 0x0D { line.removeLast() }
      guard let first = line.first, "<|=>".utf8.contains(first), line.prefix(7).allSatisfy({ $0 == first }),
        line.count >= 7
      else { continue }
      let rest = line.dropFirst(7)
      if rest.isEmpty || rest.first == 0x20 { markers.insert(Array(line)) }
    }
    return markers
  }
}
