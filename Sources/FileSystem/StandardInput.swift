internal import Glibc

extension FileDescriptor {
  /// All of standard input.
  ///
  /// - Parameter limit: The most bytes that are read.
  /// - Returns: What was there.
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
