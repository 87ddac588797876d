/// Finds the places in files that a message names.
enum Frames {
  private static let most = 100

  /// The places in their order, each once where it is named again at once.
  static func find(in message: [UInt8]) -> [TestFrame] {
    var frames: [TestFrame] = []
    // A line of a test that passed is no place of a failure.
    for line in message.split(separator: 10) where !line.hasSuffix(":PASS") {
      for frame in find(inLine: line) where frames.last != frame && frames.count < most { frames.append(frame) }
    }
    return frames
  }

  private static func find(inLine line: Bytes) -> [TestFrame] {
    // Python: File "PATH", line N
    if let rest = line.trimmed.after("File \""), let (path, tail) = rest.split(at: "\", line "),
      let (number, _) = tail.leadingInteger
    {
      return [TestFrame(path: Array(path), line: number)]
    }
    var frames: [TestFrame] = []
    var from = line.startIndex
    while let colon = line[from...].firstIndex(of: UInt8(ascii: ":")), frames.count < 10 {
      from = colon + 1
      var rest = line[(colon + 1)...]
      // .NET: PATH:line N
      if let behind = rest.after("line ") { rest = behind }
      // javac under Maven: PATH:[N,M]
      if let behind = rest.after("[") { rest = behind }
      guard let (number, tail) = rest.leadingInteger, number > 0 else { continue }
      from = tail.startIndex
      if let path = path(in: line, endingAt: colon) { frames.append(TestFrame(path: path, line: number)) }
    }
    return frames
  }

  /// The path whose last byte stands before `end`; it needs a file name with an extension.
  private static func path(in line: Bytes, endingAt end: Int) -> [UInt8]? {
    var start = end
    // What is longer than a path can be is none, and walking back over it for each colon would not be linear.
    let limit = max(line.startIndex, end - 1024)
    while start > limit, !isDelimiter(line[start - 1]) { start -= 1 }
    guard start > line.startIndex ? start > limit || limit == line.startIndex : true else { return nil }
    var path = line[start..<end]
    if let rest = path.after("file://") { path = rest }
    guard let dot = path.lastIndex(of: UInt8(ascii: ".")), dot > path.startIndex else { return nil }
    let suffix = path[(dot + 1)...]
    guard (1...10).contains(suffix.count), suffix.allSatisfy(isLetterOrDigit), suffix.contains(where: isLetter),
      isNamePart(path[dot - 1])
    else { return nil }
    return directory(of: path, in: line) + path
  }

  /// Java names a file without its directory, but the class before it with its package.
  private static func directory(of path: Bytes, in line: Bytes) -> [UInt8] {
    guard path.startIndex > line.startIndex, line[path.startIndex - 1] == UInt8(ascii: "("),
      [".java", ".kt", ".scala", ".groovy"].contains(where: { path.hasSuffix($0) }),
      var name = line[..<(path.startIndex - 1)].trimmed.after("at ")
    else { return [] }
    // A module or a loader can stand before the package.
    if let slash = name.lastIndex(of: UInt8(ascii: "/")) { name = name[(slash + 1)...] }
    let parts = name.split(separator: UInt8(ascii: "."))
    guard parts.count > 2 else { return [] }
    return Array(parts.dropLast(2).joined(separator: [UInt8(ascii: "/")])) + [UInt8(ascii: "/")]
  }

  private static func isNamePart(_ byte: UInt8) -> Bool {
    isLetterOrDigit(byte) || byte >= 0x80 || "_-+)]}".utf8.contains(byte)
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool { isLetter(byte) || byte &- 0x30 < 10 }

  private static func isDelimiter(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x20, 9, 0x22, 0x27, 0x28, 0x3c, 0x3e, 0x60, 0x2c, 0x3b, 0x7c, 0x3d, 0x5b: true
    default: false
    }
  }
}
