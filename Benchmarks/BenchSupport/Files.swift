internal import Glibc

/// A directory that is deleted with everything in it at the end.
package final class Scratch {
  package let path: String

  /// A new directory in `TMPDIR` or `/tmp`, or in the one given.
  package init(in parent: String? = nil) throws {
    var template = Array("\(parent ?? Variables.text("TMPDIR") ?? "/tmp")/arborist-bench-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw BenchFailure("cannot make a directory: error \(errno)") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    _ = try? Program(["rm", "-rf", "--", path]).run()
  }

  /// A new directory in this one.
  package func directory(_ name: String) throws -> String {
    let made = path + "/" + name
    guard mkdir(made, 0o700) == 0 else { throw BenchFailure("cannot make \(made): error \(errno)") }
    return made
  }

  /// A new file in this one.
  package func file(_ name: String, _ content: [UInt8]) throws -> String {
    let made = path + "/" + name
    try Files.write(content, to: made)
    return made
  }
}

/// Whole files, and what the kernel says of this program.
package enum Files {
  /// The largest resident size that this program has had, in bytes.
  package static var ownPeakBytes: Int {
    var usage = rusage()
    getrusage(RUSAGE_SELF.rawValue, &usage)
    return usage.ru_maxrss * 1024
  }

  package static func write(_ content: [UInt8], to path: String) throws {
    guard let file = fopen(path, "w") else { throw BenchFailure("cannot write \(path): error \(errno)") }
    let count = fwrite(content, 1, content.count, file)
    guard fclose(file) == 0, count == content.count else { throw BenchFailure("cannot write \(path): error \(errno)") }
  }

  package static func read(_ path: String) throws -> [UInt8] {
    guard let file = fopen(path, "r") else { throw BenchFailure("cannot read \(path): error \(errno)") }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      if count == 0 { return bytes }
      bytes += chunk[..<count]
    }
  }

  /// The lines of a file that are text.
  package static func lines(_ path: String) throws -> [String] {
    try read(path).split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
  }
}
