internal import Glibc

/// A repository of made-up source files, the same every time, written with `git fast-import`.
package struct GeneratedRepository {
  /// How much a second commit changes.
  package struct Change {
    /// How many files, evenly spread.
    package var files: Int
    /// How many lines of each are replaced, in groups of five.
    package var lines: Int

    package init(files: Int, lines: Int) {
      self.files = files
      self.lines = lines
    }
  }

  package var files: Int
  package var linesPerFile: Int
  package var change: Change

  package init(files: Int, linesPerFile: Int, change: Change) {
    self.files = files
    self.linesPerFile = linesPerFile
    self.change = change
  }

  /// The lines that a file has in a version.
  package func content(of file: Int, isChanged: Bool) -> [UInt8] {
    let groups = max(1, change.lines / 5)
    var bytes: [UInt8] = []
    for line in 0..<linesPerFile {
      let group = line * groups / linesPerFile
      let first = (group * linesPerFile + groups - 1) / groups
      let replaced = isChanged && line - first < 5
      Self.append(line: line, of: file, version: replaced ? 1 : 0, to: &bytes)
    }
    return bytes
  }

  /// The path of a file; fifty to a directory.
  package func path(of file: Int) -> String {
    "module\(file / 50)/part\(file % 7)/file\(file)." + ["swift", "py", "c", "js", "go"][file % 5]
  }

  /// The files that the second commit changes.
  package var changedFiles: [Int] {
    (0..<change.files).map { $0 * files / change.files }
  }

  /// Makes it, bare: `main` is the first commit, `topic` the second.
  package func make(at path: String, in scratch: Scratch) throws {
    try Program.git("init", "--quiet", "--bare", "--initial-branch=main", path).run()
    let name = path.split(separator: "/").last.map(String.init) ?? "repository"
    let stream = "\(scratch.path)/\(name).stream"
    // A piece at a time: what this program has had resident counts as that of the programs that it measures.
    guard let file = fopen(stream, "w") else { throw BenchFailure("cannot write \(stream): error \(errno)") }
    var count = Self.write(Array(Self.commit("main", mark: 1, from: nil).utf8), to: file)
    for number in 0..<files { count += write(number, isChanged: false, to: file) }
    count += Self.write(Array(Self.commit("topic", mark: 2, from: 1).utf8), to: file)
    for number in changedFiles { count += write(number, isChanged: true, to: file) }
    let length = ftell(file)
    guard fclose(file) == 0, length == count else { throw BenchFailure("cannot write \(stream): error \(errno)") }
    var program = Program.git("fast-import", "--quiet", in: path)
    program.input = stream
    try program.run()
  }

  private func write(_ number: Int, isChanged: Bool, to file: UnsafeMutablePointer<FILE>) -> Int {
    let content = content(of: number, isChanged: isChanged)
    let head = Array("M 100644 inline \(path(of: number))\ndata \(content.count)\n".utf8)
    return Self.write(head + content + [UInt8(ascii: "\n")], to: file)
  }

  /// Writes bytes; how many they are.
  private static func write(_ bytes: [UInt8], to file: UnsafeMutablePointer<FILE>) -> Int {
    fwrite(bytes, 1, bytes.count, file)
    return bytes.count
  }

  private static func commit(_ branch: String, mark: Int, from: Int?) -> String {
    let person = "committer Bench <bench@example.invalid> 1700000000 +0000"
    let parent = from.map { "from :\($0)\n" } ?? ""
    return "commit refs/heads/\(branch)\nmark :\(mark)\n\(person)\ndata 5\nbench\n\(parent)"
  }

  private static let words = [
    "value", "result", "index", "buffer", "request", "handler", "element", "cursor", "offset", "length", "parent",
    "branch", "commit", "object", "entry", "update",
  ]

  private static func append(line: Int, of file: Int, version: Int, to bytes: inout [UInt8]) {
    // Any mixing will do (Knuth, The Art of Computer Programming 2, 3.3.4); it only has to be the same everywhere.
    var state = UInt64(truncatingIfNeeded: (file &* 1009 &+ line) &* 2 &+ version)
    func next() -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(truncatingIfNeeded: state >> 33)
    }
    let (left, right, call) = (words[next() & 15], words[next() & 15], words[next() & 15])
    let text =
      switch next() % 5 {
      case 0: "  \(left)\(next() % 100) = \(call)(\(right), \(next() % 1000))"
      case 1: "  if (\(left) < \(right)\(next() % 100)) { \(call)(\"\(right) \(left)\") }"
      case 2: "    return \(left).\(call)(\(right)\(next() % 100)) + \(next() % 1000)"
      case 3: "  // \(left) \(call) \(right) \(next() % 10000)"
      default: "  \(call).\(left)[\(next() % 64)] = \(right)\(next() % 100)"
      }
    bytes += Array(text.utf8)
    bytes.append(UInt8(ascii: "\n"))
  }
}
