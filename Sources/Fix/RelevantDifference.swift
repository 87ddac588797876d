internal import Base

/// A difference, or what of it has to do with something: where it is long, the hunks that share the rarest names.
struct RelevantDifference {
  /// The files and hunks that are shown, in their order.
  let text: String
  /// How many hunks are not shown.
  let leftOut: Int

  /// - Parameters:
  ///   - patch: The difference, as `git diff` writes it.
  ///   - names: The names that matter, with what each is worth.
  ///   - limit: How many bytes are shown.
  init(_ patch: [UInt8], names: [String: Int], limit: Int) {
    guard patch.count > limit else {
      (text, leftOut) = (String(decoding: patch, as: UTF8.self), 0)
      return
    }
    let files = Self.files(patch)
    let hunks = files.enumerated().flatMap { file in file.element.hunks.map { (file: file.offset, text: $0) } }
    let found = hunks.map { Self.names(in: $0.text).intersection(names.keys) }
    var counts: [String: Int] = [:]
    for name in found.flatMap({ $0 }) { counts[name, default: 0] += 1 }
    let worth = found.map { shared in
      // Added up in an order, so that the same is the same.
      shared.sorted().reduce(0.0) { $0 + Double(names[$1] ?? 0) / Double(counts[$1] ?? 1) }
    }
    var (kept, used): (Set<Int>, Int) = ([], 0)
    for index in hunks.indices.sorted(by: { (worth[$0], $1) > (worth[$1], $0) }) where worth[index] > 0 {
      let size =
        hunks[index].text.reduce(0) { $0 + $1.count + 1 } + files[hunks[index].file].head.reduce(0) { $0 + $1.count }
      if used + size > limit { continue }
      used += size
      kept.insert(index)
    }
    var lines: [[UInt8]] = []
    var last: Int?
    for index in kept.sorted() {
      if hunks[index].file != last { lines += files[hunks[index].file].head }
      last = hunks[index].file
      lines += hunks[index].text
    }
    text = lines.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
    leftOut = hunks.count - kept.count
  }

  private static func files(_ patch: [UInt8]) -> [(head: [[UInt8]], hunks: [[[UInt8]]])] {
    var files: [(head: [[UInt8]], hunks: [[[UInt8]]])] = []
    for line in patch.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      if line.starts(with: "diff --git ".utf8) {
        files.append((head: [Array(line)], hunks: []))
      } else if files.isEmpty {
        continue
      } else if line.starts(with: "@@ ".utf8) {
        files[files.count - 1].hunks.append([Array(line)])
      } else if let hunk = files[files.count - 1].hunks.indices.last {
        files[files.count - 1].hunks[hunk].append(Array(line))
      } else {
        files[files.count - 1].head.append(Array(line))
      }
    }
    return files
  }

  /// The names on the changed lines of a hunk.
  private static func names(in hunk: [[UInt8]]) -> Set<String> {
    hunk.reduce(into: []) { names, line in
      guard line.first == UInt8(ascii: "+") || line.first == UInt8(ascii: "-") else { return }
      names.formUnion(Self.names(in: line.dropFirst()))
    }
  }

  /// The words of a text that can be names: what is shorter tells nothing.
  static func names(in text: some Collection<UInt8>) -> Set<String> {
    let words = text.split { byte in
      !(byte == UInt8(ascii: "_") || byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26)
    }
    return Set(
      words.filter { $0.count > 3 && $0.first.map { $0 &- 0x30 >= 10 } ?? false }.map {
        String(decoding: $0, as: UTF8.self)
      })
  }
}
