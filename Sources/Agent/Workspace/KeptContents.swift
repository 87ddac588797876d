internal import Base
internal import FileSystem
package import Journal

/// The contents of changed files as a run keeps them: each once, under its digest, in a directory of the run.
package struct KeptContents: Sendable {
  /// The absolute path of the directory.
  package let directory: String

  package init(directory: String) {
    self.directory = directory
  }

  private func place(of digest: Digest) -> [UInt8] { Array("\(directory)/\(digest.hex)".utf8) }

  /// Makes the directory where it is not there.
  ///
  /// - Returns: How many bytes are kept in it.
  /// - Throws: ``FilesError`` where it cannot be made or read.
  func open() throws(FilesError) -> Int {
    do {
      let path = Array(directory.utf8)
      var kept = 0
      if try FileStatus(path) == nil { try Directory.make(path, mode: 0o700) }
      for name in try Directory.names(path) {
        kept += try FileStatus(noFollow: path + [UInt8(ascii: "/")] + name)?.size ?? 0
      }
      return kept
    } catch {
      throw FilesError(error.description)
    }
  }

  /// Keeps a content; twice is once.
  ///
  /// - Returns: How many bytes it takes that were not taken before.
  /// - Throws: ``FilesError``.
  func store(_ bytes: [UInt8], under digest: Digest) throws(FilesError) -> Int {
    do throws(FileError) {
      let path = place(of: digest)
      if try FileStatus(path) != nil { return 0 }
      // Whole or not at all; it need survive no more than the process.
      let part = path + Array(".part".utf8)
      if try FileStatus(noFollow: part) != nil { try File.remove(part) }
      try FileDescriptor(opening: part, .create(mode: 0o600)).write(bytes)
      try File.rename(part, to: path)
      return bytes.count
    } catch {
      throw FilesError("the files of the run cannot be kept: \(error.description)")
    }
  }

  /// A content that was kept.
  ///
  /// - Throws: ``FilesError`` where it is not there, or is not what it was.
  package func content(of digest: Digest) throws(FilesError) -> [UInt8] {
    do throws(FileError) {
      let bytes = try File.read(place(of: digest), limit: FilesKeeper.fileLimit)
      guard Digest(ofContent: bytes) == digest else {
        throw FileError("read what was kept of the run at", place(of: digest), code: 5)
      }
      return bytes
    } catch {
      throw FilesError("a file of the run cannot be read: \(error.description)")
    }
  }
}
