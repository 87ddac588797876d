/// A text cut into lines.
///
/// A line ends with its line feed, which belongs to it; only the last line may lack one. Any bytes are allowed.
package struct LineTable: Sendable {
  /// The whole text.
  package let bytes: [UInt8]
  /// Where each line starts, and after them the length of the text.
  private let offsets: [Int]

  /// Cuts a text at its line feeds.
  package init(_ bytes: [UInt8]) {
    var offsets = [0]
    let span = bytes.span
    for index in span.indices where span[index] == 0x0A {
      offsets.append(index + 1)
    }
    self.init(bytes: bytes, lineEnds: offsets)
  }

  /// Takes a text and the offsets after its line feeds, with a zero before them.
  init(bytes: [UInt8], lineEnds offsets: [Int]) {
    var offsets = offsets
    if offsets.last != bytes.count { offsets.append(bytes.count) }
    self.bytes = bytes
    self.offsets = offsets
  }

  /// How many lines the text has; zero for the empty text.
  package var count: Int { offsets.count - 1 }

  /// The bytes of one line, its line feed included.
  package subscript(line: Int) -> ArraySlice<UInt8> {
    bytes[offsets[line]..<offsets[line + 1]]
  }

  /// The bytes of consecutive lines.
  package subscript(lines: LineSpan) -> ArraySlice<UInt8> {
    bytes[offsets[lines.start]..<offsets[lines.end]]
  }

  /// The line that has the byte at a place of the text.
  func line(of place: Int) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if offsets[middle + 1] <= place { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
