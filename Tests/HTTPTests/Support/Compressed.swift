import TestSupport

/// Compressed bytes for answers.
enum Compressed {
  static func gzip(_ text: String) throws -> [UInt8] {
    let directory = try TemporaryDirectory()
    return try Command.run(["gzip", "-c"], in: directory.path, input: Array(text.utf8)).output
  }
}
