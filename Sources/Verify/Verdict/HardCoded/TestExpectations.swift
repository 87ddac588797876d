internal import Base
internal import Merging
internal import TestResults

/// The values that red tests speak of: what they put in, and what they want to come out.
struct TestExpectations {
  private(set) var literals: Set<Literal> = []
  /// The lines of tests that were read, as far as they may name a file.
  private var named: [String] = []

  /// Reads the red tests in the test files of a tree, and what their runner said of them.
  ///
  /// - Parameters:
  ///   - failures: What is red; with no test among it, all tests are read.
  ///   - testFiles: Where they may stand.
  ///   - dataFiles: What tests may compare with. Of these are read the ones that the tests name; with no red test known,
  ///     all of them.
  ///   - read: The bytes of a file.
  init(
    of failures: [RedFailure], testFiles: [RepositoryPath], dataFiles: [RepositoryPath],
    read: (RepositoryPath) -> [UInt8]?
  ) {
    var views: [RepositoryPath: SourceView] = [:]
    func view(_ path: RepositoryPath) -> SourceView? {
      if let known = views[path] { return known }
      guard let bytes = read(path), bytes.count <= 1 << 20, !LineMerge.isBinary(bytes) else { return nil }
      views[path] = SourceView(bytes, path: path)
      return views[path]
    }
    let tests = failures.filter(\.item.isTest)
    if tests.isEmpty {
      // Nothing is known but that the tests fail, so all that they hold may be meant.
      for path in testFiles.prefix(100) {
        if let file = view(path) { take(0..<file.count, of: file) }
      }
    }
    for test in tests.prefix(50) {
      take(message: String(decoding: test.message.prefix(4_096), as: UTF8.self))
      let framed = testFiles.filter { path in
        test.frames.contains { frame in Self.isSame(frame.path, path) }
      }
      for path in framed.isEmpty ? Array(testFiles.prefix(500)) : framed {
        guard let file = view(path) else { continue }
        for lines in Self.regions(of: test, in: file) { take(lines, of: file) }
      }
      for path in framed {
        guard let file = view(path) else { continue }
        for frame in test.frames where Self.isSame(frame.path, path) {
          take(max(0, frame.line - 12)..<min(file.count, frame.line + 3), of: file)
        }
      }
    }
    var budget = Self.dataBudget
    for path in dataFiles where tests.isEmpty || isNamed(path) {
      guard let bytes = read(path), bytes.count <= min(budget, Self.dataLimit), !LineMerge.isBinary(bytes) else {
        continue
      }
      budget -= bytes.count
      take(data: String(decoding: bytes, as: UTF8.self))
    }
  }

  /// The most bytes of one file that tests compare with, and of all of them: what is larger is a table, in which any
  /// value stands.
  private static let dataLimit = 32 << 10
  private static let dataBudget = 256 << 10

  private func isNamed(_ path: RepositoryPath) -> Bool {
    let name = String(decoding: path.name, as: UTF8.self)
    return name.utf8.count >= 3 && named.contains { $0.contains(name) }
  }

  /// The lines of a text, and what stands behind the name of a value in one.
  private mutating func take(data: String) {
    for line in data.split(whereSeparator: \.isNewline) {
      let line = String(line).trimmed
      take(value: line)
      if let mark = line.firstIndex(where: { $0 == "=" || $0 == ":" }) {
        take(value: String(line[line.index(after: mark)...]).trimmed)
      }
      take(message: line)
    }
  }

  private mutating func take(value: String) {
    if (2..<200).contains(value.count) { literals.insert(Literal(kind: .text, value: value)) }
  }

  /// Whether a frame means the file: one may be absolute, the other relative to a directory within the tree.
  static func isSame(_ frame: [UInt8], _ path: RepositoryPath) -> Bool {
    func ends(_ long: [UInt8], _ short: [UInt8]) -> Bool {
      long.suffix(short.count).elementsEqual(short)
        && (long.count == short.count || long[long.count - short.count - 1] == UInt8(ascii: "/"))
    }
    return frame.count >= path.bytes.count ? ends(frame, path.bytes) : !frame.isEmpty && ends(path.bytes, frame)
  }

  private mutating func take(_ lines: Range<Int>, of file: SourceView) {
    for line in lines where line < file.count {
      if file.lines[line].contains(".") { named.append(file.lines[line]) }
      for found in Literal.all(in: file.uncommented[line], code: file.code[line]) { literals.insert(found.literal) }
    }
  }

  /// Numbers and quoted texts of a message.
  static func literals(inMessage message: String) -> Set<Literal> {
    var expectations = Self()
    expectations.take(message: message)
    return expectations.literals
  }

  private init() {}

  /// Numbers and quoted texts of a message, such as `13 != 42` or `expected "a" to equal "b"`.
  private mutating func take(message: String) {
    for line in message.split(separator: "\n") {
      let text = String(line)
      for quote in ["\"", "'", "`"] as [Character] {
        let parts = text.split(separator: quote, omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() where index % 2 == 1 && part.count < 200 {
          literals.insert(Literal(kind: .text, value: String(part)))
        }
      }
      for found in Literal.all(in: text, code: String(text.map { "\"'`".contains($0) ? " " : $0 })) {
        literals.insert(found.literal)
      }
    }
  }

  /// Where a test stands in a file: the block behind its name, with what is written above it.
  private static func regions(of failure: RedFailure, in file: SourceView) -> [Range<Int>] {
    guard case .test(let identity) = failure.item else { return [] }
    let name = identity.name
    let plain = String(name.prefix { $0 != "(" && $0 != "[" && $0 != "/" }).trimmed
    // `tests::sums`, `tests.test_money.test_sum`: the last part is what the source has.
    let bare =
      plain.contains(" ") ? plain : plain.split { $0 == ":" || $0 == "." || $0 == "#" }.last.map(String.init) ?? plain
    guard !bare.isEmpty else { return [] }
    var regions: [Range<Int>] = []
    for line in 0..<file.count {
      let isNamed = bare.contains(" ") ? file.lines[line].contains(bare) : file.lines[line].has(bare)
      guard isNamed else { continue }
      let end: Int =
        switch file.language.family {
        case .braces: file.blockEnd(from: line, open: "{", close: "}") ?? min(file.count - 1, line + 20)
        case .indentation: file.indentedEnd(from: line)
        default: min(file.count - 1, line + 25)
        }
      var start = line
      while start > 0, line - start < 40, !file.isBlank(start - 1) { start -= 1 }
      regions.append(start..<end + 1)
      if regions.count == 8 { break }
    }
    return regions
  }
}
