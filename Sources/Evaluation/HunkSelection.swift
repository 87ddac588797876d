internal import Merging

/// Which hunks a person wants to read.
package struct HunkFilter: Sendable, Hashable {
  package var kind: HunkClass
  /// Only those of this resolver; for hunks that are left, those of which the gate refused its resolution.
  package var resolver: String?

  package init(kind: HunkClass, resolver: String? = nil) {
    self.kind = kind
    self.resolver = resolver
  }

  /// Reads `CLASS` or `CLASS:RESOLVER`; `nil` for anything else.
  package init?(_ text: String) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = parts.first, let kind = HunkClass(rawValue: String(first)) else { return nil }
    self.init(kind: kind, resolver: parts.count > 1 ? String(parts[1]) : nil)
  }

  func admits(_ hunk: JudgedHunk) -> Bool {
    guard hunk.kind == kind else { return false }
    guard let resolver else { return true }
    return hunk.resolution.map { $0.resolver == resolver } ?? hunk.refused.contains(resolver)
  }
}

/// The first few of the hunks that a filter admits, in an order that looks random and depends on nothing but a seed
/// and what each hunk is: not on the order in which they come.
package struct HunkSelection: Sendable {
  private let filter: HunkFilter?
  private let limit: Int
  private let seed: UInt64
  private var chosen: [Chosen] = []

  private struct Chosen: Sendable {
    var key: UInt64
    var hunk: JudgedHunk

    static func < (a: Chosen, b: Chosen) -> Bool {
      if a.key != b.key { return a.key < b.key }
      if a.hunk.place != b.hunk.place { return a.hunk.place < b.hunk.place }
      if a.hunk.line != b.hunk.line { return a.hunk.line < b.hunk.line }
      return (a.hunk.resolution?.resolver ?? "") < (b.hunk.resolution?.resolver ?? "")
    }
  }

  /// - Parameters:
  ///   - filter: Which hunks; `nil` for none.
  ///   - limit: How many at most.
  ///   - seed: What the order depends on.
  package init(_ filter: HunkFilter? = nil, limit: Int = 0, seed: UInt64 = 0) {
    self.filter = filter
    self.limit = limit
    self.seed = seed
  }

  /// The chosen ones, in order.
  package var hunks: [JudgedHunk] { chosen.map(\.hunk) }

  package mutating func offer(_ hunk: JudgedHunk) {
    guard let filter, filter.admits(hunk) else { return }
    put(Chosen(key: key(of: hunk), hunk: hunk))
  }

  package mutating func add(_ other: HunkSelection) {
    for one in other.chosen { put(one) }
  }

  private mutating func put(_ one: Chosen) {
    if chosen.count >= limit, let last = chosen.last, !(one < last) { return }
    let index = chosen.firstIndex { one < $0 } ?? chosen.count
    chosen.insert(one, at: index)
    if chosen.count > limit { chosen.removeLast() }
  }

  private func key(of hunk: JudgedHunk) -> UInt64 {
    // FNV-1a over what names the hunk, then the finish of SplitMix64, so that near names are far apart.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    func mix(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    for shift in stride(from: UInt64(0), to: 64, by: 8) { mix(UInt8(truncatingIfNeeded: seed >> shift)) }
    let place = hunk.place
    for text in [place.repository, place.merge, place.path, "\(hunk.line)", hunk.resolution?.resolver ?? ""] {
      for byte in text.utf8 { mix(byte) }
      mix(0)
    }
    hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
    hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
    return hash ^ (hash >> 31)
  }
}
