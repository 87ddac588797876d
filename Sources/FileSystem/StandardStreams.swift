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
