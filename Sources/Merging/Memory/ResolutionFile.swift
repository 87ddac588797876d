/// The file in which a repository's remembered resolutions are kept.
///
/// All numbers are little-endian. The file is:
///
///     header     8 bytes "ARBRES\n" and the version, 1
///                u64 size of the file, u32 number of resolutions, u32 number of merges
///                u64 FNV-1a of the 24 bytes before
///     index      for each resolution, in the order of the hashes: u64 hash of the conflict, u64 offset, u32 length,
///                u32 zero
///     merges     for each merge commit that was read, in order: the 20 bytes of its name
///     records    u64 FNV-1a of the rest of the record, u8 state, u8 number of occurrences, u16 zero,
///                u32 lengths of base, first, second and lines, these four,
///                for each occurrence: 20 bytes merge, i64 time, u8 settled, u8 zero, u16 length of the path, the path
///
/// A conflict is found by halving the index; nothing else of the file has to be read.
package enum ResolutionFile {
  static let magic: [UInt8] = Array("ARBRES\n".utf8) + [1]
  static let headerSize = 32
  static let indexEntrySize = 24
  static let mergeSize = 20
  static let recordHeadSize = 28
  /// A larger file is no memory: 512 MiB.
  package static let largest = 512 << 20

  /// Why a file is not read.
  package enum FormatError: Error, Hashable, CustomStringConvertible {
    /// It is not a memory of resolutions.
    case foreign
    /// It is one of a later version.
    case version(UInt8)
    /// It was cut off, or somebody wrote into it.
    case damaged(String)

    package var description: String {
      switch self {
      case .foreign: "it is no memory of resolutions"
      case .version(let version): "it has version \(version), and this program reads version 1"
      case .damaged(let what): "it is damaged: \(what)"
      }
    }
  }

  struct Header {
    var resolutions: Int
    var merges: Int

    init(_ bytes: [UInt8], size: Int) throws(FormatError) {
      guard bytes.count == headerSize, bytes.starts(with: magic.dropLast()) else { throw .foreign }
      guard bytes[7] == magic[7] else { throw .version(bytes[7]) }
      var reader = ByteReader(bytes[8...])
      guard let written = reader.number(8), let resolutions = reader.number(4), let merges = reader.number(4),
        let sum = reader.number(8)
      else { throw .foreign }
      var hash = FowlerNollVo()
      hash.add(bytes.prefix(24))
      guard sum == hash.value else { throw .damaged("the header does not match its sum") }
      guard written == UInt64(size) else { throw .damaged("it has \(size) bytes and says \(written)") }
      (self.resolutions, self.merges) = (Int(resolutions), Int(merges))
      guard recordsStart <= size else { throw .damaged("the index goes beyond its end") }
    }

    var recordsStart: Int { headerSize + resolutions * indexEntrySize + merges * mergeSize }
  }

  struct IndexEntry {
    var hash: UInt64
    var offset: Int
    var length: Int

    /// The entry in these bytes; `nil` where what it names is not among the records.
    init?(_ bytes: some Collection<UInt8>, recordsStart: Int, size: Int) {
      var reader = ByteReader(ArraySlice(bytes))
      guard let hash = reader.number(8), let offset = reader.number(8), let length = reader.number(4),
        offset >= UInt64(recordsStart), offset <= UInt64(size), length <= UInt64(size) - offset
      else { return nil }
      (self.hash, self.offset, self.length) = (hash, Int(offset), Int(length))
    }
  }

  // MARK: - Writing

  /// The bytes of the file; the same memory gives the same bytes.
  package static func encoded(_ memory: ResolutionMemory) -> [UInt8] {
    let entries = memory.entries.values.map { (hash: $0.key.hash, record: record(of: $0)) }.sorted {
      $0.hash != $1.hash ? $0.hash < $1.hash : $0.record.lexicographicallyPrecedes($1.record)
    }
    let merges = memory.seen.filter { $0.count == mergeSize }.sorted { $0.lexicographicallyPrecedes($1) }
    let start = headerSize + entries.count * indexEntrySize + merges.count * mergeSize
    let size = entries.reduce(start) { $0 + $1.record.count }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(size)
    bytes += magic
    append(UInt64(size), 8, to: &bytes)
    append(UInt64(entries.count), 4, to: &bytes)
    append(UInt64(merges.count), 4, to: &bytes)
    appendSum(of: bytes, to: &bytes)
    var offset = start
    for entry in entries {
      append(entry.hash, 8, to: &bytes)
      append(UInt64(offset), 8, to: &bytes)
      append(UInt64(entry.record.count), 4, to: &bytes)
      append(0, 4, to: &bytes)
      offset += entry.record.count
    }
    for merge in merges { bytes += merge }
    for entry in entries { bytes += entry.record }
    return bytes
  }

  /// How many bytes a resolution takes.
  static func size(of entry: RememberedResolution) -> Int {
    indexEntrySize + recordHeadSize + entry.key.size + entry.lines.count
      + entry.occurrences.reduce(0) { $0 + 32 + $1.path.count }
  }

  private static func record(of entry: RememberedResolution) -> [UInt8] {
    var body: [UInt8] = [entry.state.rawValue, UInt8(clamping: entry.occurrences.count), 0, 0]
    let texts = [entry.key.base, entry.key.first, entry.key.second, entry.lines]
    for text in texts { append(UInt64(text.count), 4, to: &body) }
    for text in texts { body += text }
    for occurrence in entry.occurrences.prefix(255) {
      body += occurrence.merge
      append(UInt64(bitPattern: occurrence.time), 8, to: &body)
      body += [occurrence.isSettled ? 1 : 0, 0]
      append(UInt64(occurrence.path.count), 2, to: &body)
      body += occurrence.path
    }
    var record: [UInt8] = []
    appendSum(of: body, to: &record)
    return record + body
  }

  private static func append(_ number: UInt64, _ count: Int, to bytes: inout [UInt8]) {
    for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: number >> (8 * UInt64(index)))) }
  }

  private static func appendSum(of content: [UInt8], to bytes: inout [UInt8]) {
    var hash = FowlerNollVo()
    hash.add(content)
    append(hash.value, 8, to: &bytes)
  }

  // MARK: - Reading

  /// The memory in a whole file.
  ///
  /// - Throws: ``FormatError`` where anything about it is wrong.
  package static func decoded(_ bytes: [UInt8]) throws(FormatError) -> ResolutionMemory {
    let header = try Header(Array(bytes.prefix(headerSize)), size: bytes.count)
    var entries: [RememberedResolution] = []
    var before: UInt64 = 0
    for number in 0..<header.resolutions {
      let place = headerSize + number * indexEntrySize
      let indexBytes = bytes[place..<(place + indexEntrySize)]
      guard let index = IndexEntry(indexBytes, recordsStart: header.recordsStart, size: bytes.count),
        index.hash >= before
      else { throw .damaged("the index is out of order") }
      before = index.hash
      guard let entry = resolution(bytes[index.offset..<(index.offset + index.length)]), entry.key.hash == index.hash
      else { throw .damaged("resolution \(number) cannot be read") }
      entries.append(entry)
    }
    var seen: Set<[UInt8]> = []
    for number in 0..<header.merges {
      let place = headerSize + header.resolutions * indexEntrySize + number * mergeSize
      seen.insert(Array(bytes[place..<(place + mergeSize)]))
    }
    return ResolutionMemory(entries, seen: seen)
  }

  /// The resolution in a record; `nil` where the record is no whole one.
  static func resolution(_ bytes: ArraySlice<UInt8>) -> RememberedResolution? {
    var reader = ByteReader(bytes)
    guard let sum = reader.number(8) else { return nil }
    var hash = FowlerNollVo()
    hash.add(bytes.dropFirst(8))
    guard sum == hash.value, let state = reader.number(1).flatMap({ RememberedResolution.State(rawValue: UInt8($0)) }),
      let count = reader.number(1), count > 0, reader.number(2) != nil
    else { return nil }
    var lengths: [Int] = []
    for _ in 0..<4 {
      guard let length = reader.number(4) else { return nil }
      lengths.append(Int(length))
    }
    guard let base = reader.bytes(lengths[0]), let first = reader.bytes(lengths[1]),
      let second = reader.bytes(lengths[2]), let lines = reader.bytes(lengths[3]),
      let key = ConflictKey(base: base, first: first, second: second)
    else { return nil }
    var occurrences: [RememberedResolution.Occurrence] = []
    for _ in 0..<count {
      guard let merge = reader.bytes(mergeSize), let time = reader.number(8), let flags = reader.number(2),
        let length = reader.number(2), let path = reader.bytes(Int(length))
      else { return nil }
      occurrences.append(
        .init(merge: merge, time: Int64(bitPattern: time), path: path, isSettled: flags & 1 == 1))
    }
    guard reader.isAtEnd else { return nil }
    return RememberedResolution(key: key, lines: lines, state: state, occurrences: occurrences)
  }
}

/// Takes numbers and bytes from the front of a text, and nothing where it is too short.
struct ByteReader {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) {
    rest = bytes
  }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func number(_ count: Int) -> UInt64? {
    guard rest.count >= count else { return nil }
    var value: UInt64 = 0
    for (index, byte) in rest.prefix(count).enumerated() { value |= UInt64(byte) << (8 * UInt64(index)) }
    rest.removeFirst(count)
    return value
  }

  mutating func bytes(_ count: Int) -> [UInt8]? {
    guard count >= 0, rest.count >= count else { return nil }
    defer { rest.removeFirst(count) }
    return Array(rest.prefix(count))
  }
}
