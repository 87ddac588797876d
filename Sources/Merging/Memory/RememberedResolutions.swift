/// The resolutions that a repository remembers, for looking one up.
///
/// Of the file only the header is read at first, and for each conflict a few entries of the index.
package struct RememberedResolutions: Sendable {
  /// Reads this many bytes from an offset of the file; `nil` where they cannot be had.
  package typealias Reading = @Sendable (_ offset: Int, _ count: Int) -> [UInt8]?

  private let header: ResolutionFile.Header
  private let size: Int
  private let read: Reading

  /// How many conflicts with the same hash are compared; more come from nobody honest.
  private static let mostAlike = 16

  /// - Parameters:
  ///   - size: How many bytes the file has.
  ///   - read: Reads from the file.
  /// - Throws: ``ResolutionFile/FormatError`` where it is no memory, or a damaged one.
  package init(size: Int, read: @escaping Reading) throws(ResolutionFile.FormatError) {
    guard size <= ResolutionFile.largest, size >= ResolutionFile.headerSize,
      let bytes = read(0, ResolutionFile.headerSize)
    else { throw .foreign }
    header = try ResolutionFile.Header(bytes, size: size)
    self.size = size
    self.read = read
  }

  /// The same, of a file that is in memory.
  package init(_ bytes: [UInt8]) throws(ResolutionFile.FormatError) {
    try self.init(size: bytes.count) { offset, count in
      guard offset >= 0, count >= 0, count <= bytes.count, offset <= bytes.count - count else { return nil }
      return Array(bytes[offset..<(offset + count)])
    }
  }

  /// How many conflicts are remembered.
  package var count: Int { header.resolutions }

  /// How people settled a conflict with these three sides, in this order or mirrored; `nil` where that is not known.
  package func resolution(of key: ConflictKey) -> RememberedResolution? {
    let hash = key.hash
    var (low, high) = (0, header.resolutions)
    while low < high {
      let middle = (low + high) / 2
      guard let entry = index(middle) else { return nil }
      if entry.hash < hash { low = middle + 1 } else { high = middle }
    }
    for number in low..<min(low + Self.mostAlike, header.resolutions) {
      guard let entry = index(number), entry.hash == hash else { return nil }
      // A record is never much longer than what a hunk may be.
      guard entry.length <= 4 * ResolutionMemory.largestHunk + (1 << 20), let bytes = read(entry.offset, entry.length),
        bytes.count == entry.length, let found = ResolutionFile.resolution(bytes[...])
      else { return nil }
      if found.key == key { return found }
    }
    return nil
  }

  private func index(_ number: Int) -> ResolutionFile.IndexEntry? {
    let offset = ResolutionFile.headerSize + number * ResolutionFile.indexEntrySize
    guard let bytes = read(offset, ResolutionFile.indexEntrySize), bytes.count == ResolutionFile.indexEntrySize
    else { return nil }
    return ResolutionFile.IndexEntry(bytes, recordsStart: header.recordsStart, size: size)
  }
}
