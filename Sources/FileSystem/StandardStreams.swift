internal import Glibc

extension FileDescriptor {
  /// Writes all of the bytes to standard output.
  ///
  /// - Throws: ``FileError`` where not all of them can be written.
  package static func writeToStandardOutput(_ bytes: [UInt8]) throws(FileError) {
    try write(bytes, toDescriptor: 1, path: Array("standard output".utf8))
  }

  /// Writes one line to standard error; where nobody can read it, it is lost.
  package static func say(_ line: String) {
    try? write(Array((line + "\n").utf8), toDescriptor: 2, path: Array("standard error".utf8))
  }

  /// Reads up to `limit` bytes from standard input; none at its end.
  ///
  /// - Throws: ``FileError`` where they cannot be read.
  package static func readFromStandardInput(upTo limit: Int) throws(FileError) -> [UInt8] {
    try read(fromDescriptor: 0, upTo: limit, path: Array("standard input".utf8))
  }
}

extension FileDescriptor {
  /// All of standard input.
  ///
  /// - Parameter limit: The most bytes that are read.
  /// - Throws: ``FileError`` where it cannot be read, or holds more (`EFBIG`).
  package static func readStandardInput(limit: Int) throws(FileError) -> [UInt8] {
    var content: [UInt8] = []
    while true {
      let part = try readFromStandardInput(upTo: 1 << 16)
      if part.isEmpty { return content }
      content += part
      if content.count > limit { throw FileError("read", Array("standard input".utf8), code: EFBIG) }
    }
  }
}
