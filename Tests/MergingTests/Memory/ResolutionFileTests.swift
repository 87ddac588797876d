import Testing

@testable import Merging

@Suite("The file of remembered resolutions") struct ResolutionFileTests {
  private static func memory(_ count: Int) -> ResolutionMemory {
    var memory = ResolutionMemory(
      learning: (0..<count).map { (conflict("base \($0)\n", "ours \($0)\n", "theirs \($0)\n"), "settled \($0)\n") })
    memory.seen = Set((0..<count).map { Array(repeating: UInt8(truncatingIfNeeded: $0), count: 20) })
    return memory
  }

  @Test("gives back what was put in", arguments: [0, 1, 2, 3, 17, 100])
  func roundTrip(_ count: Int) throws {
    var memory = Self.memory(count)
    if count > 2 {
      memory.revoke(ConflictKey(conflict("base 1\n", "ours 1\n", "theirs 1\n")))
      memory.settle(ConflictKey(conflict("base 2\n", "ours 2\n", "theirs 2\n")), occurrence: 0)
    }
    let bytes = ResolutionFile.encoded(memory)
    #expect(try ResolutionFile.decoded(bytes) == memory)
    #expect(ResolutionFile.encoded(try ResolutionFile.decoded(bytes)) == bytes, "the same memory, the same bytes")
  }

  @Test("every conflict in it is found, and no other")
  func found() throws {
    let lookup = try RememberedResolutions(ResolutionFile.encoded(Self.memory(100)))
    for number in 0..<100 {
      let key = ConflictKey(conflict("base \(number)\n", "ours \(number)\n", "theirs \(number)\n"))
      #expect(lookup.resolution(of: key)?.lines == Array("settled \(number)\n".utf8))
      let other = ConflictKey(conflict("base \(number)\n", "ours \(number)\n", "theirs\n"))
      #expect(lookup.resolution(of: other) == nil)
    }
  }

  @Test("looking one up reads little of a large file")
  func readsLittle() throws {
    let bytes = ResolutionFile.encoded(Self.memory(2_000))
    nonisolated(unsafe) var read = 0
    let lookup = try RememberedResolutions(size: bytes.count) { offset, count in
      read += count
      return Array(bytes[offset..<(offset + count)])
    }
    #expect(lookup.resolution(of: ConflictKey(conflict("base 7\n", "ours 7\n", "theirs 7\n"))) != nil)
    #expect(read < 1_000)
    #expect(bytes.count > 100_000)
  }

  @Test("a file that was cut off is refused, wherever", arguments: [0, 1, 7, 8, 31, 32, 40, 60, 100])
  func cutOff(_ length: Int) throws {
    let bytes = ResolutionFile.encoded(Self.memory(3))
    #expect(throws: ResolutionFile.FormatError.self) { try RememberedResolutions(Array(bytes.prefix(length))) }
    #expect(throws: ResolutionFile.FormatError.self) { try ResolutionFile.decoded(Array(bytes.prefix(length))) }
    #expect(throws: ResolutionFile.FormatError.self) { try ResolutionFile.decoded(bytes.dropLast()) }
    #expect(throws: ResolutionFile.FormatError.self) { try ResolutionFile.decoded(bytes + [0]) }
    #expect(try ResolutionFile.decoded(bytes).entries.count == 3, "the control")
  }

  @Test("another file, and one of a later version, are told apart")
  func foreign() {
    #expect(throws: ResolutionFile.FormatError.foreign) { try RememberedResolutions(Array(repeating: 0x41, count: 99)) }
    var later = ResolutionFile.encoded(Self.memory(1))
    later[7] = 2
    #expect(throws: ResolutionFile.FormatError.version(2)) { try RememberedResolutions(later) }
  }

  @Test("no changed byte crashes it, and none gives lines that nobody committed")
  func anyByte() throws {
    let bytes = ResolutionFile.encoded(Self.memory(3))
    let keys = (0..<3).map { ConflictKey(conflict("base \($0)\n", "ours \($0)\n", "theirs \($0)\n")) }
    let known = Set((0..<3).map { Array("settled \($0)\n".utf8) })
    for place in bytes.indices {
      for change: UInt8 in [1, 0x80, 0xFF] {
        var broken = bytes
        broken[place] ^= change
        if let memory = try? ResolutionFile.decoded(broken) {
          #expect(memory.entries.values.allSatisfy { known.contains($0.lines) })
        }
        guard let lookup = try? RememberedResolutions(broken) else { continue }
        for key in keys {
          if let found = lookup.resolution(of: key) { #expect(known.contains(found.lines)) }
        }
      }
    }
  }

  @Test("numbers that lie are refused: counts, offsets and lengths of any size")
  func hostile() {
    var seed = SplitMix64(seed: 7)
    let bytes = ResolutionFile.encoded(Self.memory(2))
    for _ in 0..<2_000 {
      var broken = bytes
      for _ in 0..<4 {
        let place = Int(seed.next() % UInt64(bytes.count))
        broken[place] = UInt8(truncatingIfNeeded: seed.next() | 0xF0)
      }
      // The header's sum is made right again, so that what it says is believed.
      var hash = FowlerNollVo()
      hash.add(broken.prefix(24))
      for index in 0..<8 { broken[24 + index] = UInt8(truncatingIfNeeded: hash.value >> (8 * UInt64(index))) }
      _ = try? ResolutionFile.decoded(broken)
      _ = (try? RememberedResolutions(broken))?.resolution(
        of: ConflictKey(conflict("base 1\n", "ours 1\n", "theirs 1\n")))
    }
  }

  @Test("a source that has nothing to give is no crash")
  func silentSource() {
    #expect(throws: ResolutionFile.FormatError.self) { try RememberedResolutions(size: 100) { _, _ in nil } }
    #expect(throws: ResolutionFile.FormatError.self) { try RememberedResolutions(size: 100) { _, _ in [1] } }
    let bytes = ResolutionFile.encoded(Self.memory(2))
    let lookup = try? RememberedResolutions(size: bytes.count) { offset, count in
      offset == 0 ? Array(bytes[0..<count]) : nil
    }
    #expect(lookup?.resolution(of: ConflictKey(conflict("base 1\n", "ours 1\n", "theirs 1\n"))) == nil)
  }
}
