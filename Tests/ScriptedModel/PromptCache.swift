/// A piece of a prompt, as the cache sees it.
struct PromptSegment: Sendable, Hashable {
  var sum: UInt64
  var bytes: Int
  /// The seconds that a breakpoint behind this piece asks for; `nil` where there is none.
  var lifetime: Int?
}

/// What a prompt cost, in tokens of four bytes; the three parts add up to the whole prompt.
struct PromptUsage: Sendable, Hashable {
  var uncached = 0
  var read = 0
  var written = 0
  /// The part of ``written`` that is kept for an hour.
  var writtenForHour = 0

  var total: Int { uncached + read + written }
}

/// What the vendor keeps of earlier prompts of one session.
struct PromptCache: Sendable {
  /// When each entry goes out of date, by the sum of all the pieces before and in it.
  private var entries: [UInt64: Double] = [:]

  /// Anthropic: entries are written at breakpoints, and looked for at each of them and in the 20 pieces before.
  mutating func explicit(_ segments: [PromptSegment], seed: UInt64, minimum: Int, now: Double) -> PromptUsage {
    var chain = seed
    var size = 0
    var boundaries: [(chain: UInt64, size: Int)] = []
    boundaries.reserveCapacity(segments.count)
    for segment in segments {
      chain = Self.link(chain, segment.sum)
      size += segment.bytes
      boundaries.append((chain, size))
    }
    let total = max(1, size / 4)
    let breakpoints = segments.indices.filter { segments[$0].lifetime != nil && boundaries[$0].size / 4 >= minimum }
    guard let last = breakpoints.last else { return PromptUsage(uncached: total) }
    var read = 0
    search: for breakpoint in breakpoints.reversed() {
      for index in stride(from: breakpoint, through: max(0, breakpoint - 20), by: -1) {
        if let end = entries[boundaries[index].chain], end > now {
          read = boundaries[index].size / 4
          let lifetime = Double(segments[breakpoint].lifetime ?? 300)
          entries[boundaries[index].chain] = max(end, now + lifetime)
          break search
        }
      }
    }
    var usage = PromptUsage(read: read)
    var start = read
    for breakpoint in breakpoints {
      let end = boundaries[breakpoint].size / 4
      entries[boundaries[breakpoint].chain] = now + Double(segments[breakpoint].lifetime ?? 300)
      guard end > start else { continue }
      usage.written += end - start
      if segments[breakpoint].lifetime == 3600 { usage.writtenForHour += end - start }
      start = end
    }
    usage.uncached = total - max(read, boundaries[last].size / 4)
    return usage
  }

  /// OpenAI and DeepSeek: everything is kept, and the longest known beginning is read in whole units.
  ///
  /// `beyond` tells how many bytes of the first piece that is not known are those of the request before.
  mutating func implicit(
    _ segments: [PromptSegment], seed: UInt64, unit: Int, minimum: Int, beyond: (Int) -> Int
  ) -> PromptUsage {
    var chain = seed
    var size = 0
    var known = 0
    var knownCount = 0
    for (index, segment) in segments.enumerated() {
      chain = Self.link(chain, segment.sum)
      size += segment.bytes
      if knownCount == index, entries[chain] != nil {
        known = size
        knownCount = index + 1
      } else {
        entries[chain] = .infinity
      }
    }
    if knownCount < segments.count { known += min(beyond(knownCount), segments[knownCount].bytes) }
    let total = max(1, size / 4)
    var read = min(known / 4, total) / unit * unit
    if read < minimum { read = 0 }
    return PromptUsage(uncached: total - read, read: read)
  }

  private static func link(_ chain: UInt64, _ sum: UInt64) -> UInt64 {
    let mixed = (chain ^ sum) &* 0x9e37_79b9_7f4a_7c15
    return mixed ^ (mixed >> 29)
  }
}
