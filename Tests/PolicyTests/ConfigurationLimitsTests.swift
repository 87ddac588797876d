import Policy
import Testing

@Suite("A hostile configuration costs little and never stops the program")
struct ConfigurationLimitsTests {
  private func refusal(_ text: String) -> String? {
    do {
      _ = try configuration(text)
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test("A file of 64 KiB is read and a larger one is not")
  func size() {
    let line = "base: main\n"
    let fits = line + String(repeating: "#", count: 64 * 1024 - line.utf8.count)
    #expect(refusal(fits) == nil)
    #expect(refusal(fits + "#")?.contains("has 65537 bytes; a configuration may have at most 65536") == true)
  }

  @Test("Aliases that would expand without bound are refused before they do")
  func bomb() {
    var text = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    for (name, last) in zip("bcdefghij", "abcdefghi") {
      text += "\(name): &\(name) [" + Array(repeating: "*\(last)", count: 9).joined(separator: ", ") + "]\n"
    }
    #expect(refusal(text + "? *j\n: x\n")?.contains("'*a' is an alias") == true)
  }

  @Test(
    "Deep nesting is refused",
    arguments: ["[", "{", "- ", "? ", "[{", "{a: ", "? - ", "!x [", "- - ? "])
  func depth(_ piece: String) {
    let count = 60_000 / piece.utf8.count
    #expect(refusal(String(repeating: piece, count: count)) != nil)
    #expect(refusal("base: " + String(repeating: piece, count: count)) != nil)
  }

  @Test("Nesting that YAML still accepts is refused by what is read from it", arguments: [10, 400, 900])
  func accepted(_ depth: Int) {
    let nested = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    #expect(refusal("tests: \(nested)")?.contains("tests: one value is expected") == true)
    let keys = String(repeating: "{ a: ", count: depth) + "x" + String(repeating: " }", count: depth)
    #expect(refusal("tests: \(keys)")?.contains("tests: a list is expected") == true)
  }

  @Test("Keys within keys within keys are refused")
  func keys() {
    let nested = String(repeating: "? ", count: 900) + "[" + String(repeating: "a,", count: 30_000) + "a]"
    #expect(refusal(nested)?.contains("a key is a list or has keys") == true)
    let flow = String(repeating: "[?", count: 900) + String(repeating: "]", count: 900)
    #expect(refusal(flow)?.contains("a key is a list or has keys") == true)
    let implicit = String(repeating: "{", count: 240) + "a" + String(repeating: "}:a", count: 239) + "}"
    let many = "tests:\n" + String(repeating: "- \(implicit)\n", count: 65_000 / (implicit.utf8.count + 3))
    #expect(refusal(many)?.contains("a key is a list or has keys") == true)
    #expect(refusal("? [a, b]\n: c")?.contains("a key is a list or has keys") == true)
  }

  @Test("A question mark in text is text")
  func questions() throws {
    let questions = Array(repeating: "Est-ce lisible ? Why? [?] {", count: 30).joined(separator: "\n      ")
    let read = try configuration("review:\n  instructions:\n    - |\n      \(questions)\n")
    #expect(read.review.instructions.count == 1)
  }

  @Test("A wide file is read in full", arguments: [2000])
  func wide(_ count: Int) throws {
    let globs = (0..<count).map { "\"dir\($0)/**\"" }.joined(separator: ", ")
    #expect(try configuration("tests: [\(globs)]").tests.count == count)
  }

  @Test("Whatever becomes of a good file, the answer is a value or a list of problems", arguments: 0..<40)
  func mutations(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    let original = Array(ConfigurationValueTests.everything.utf8)
    let pieces: [[UInt8]] = [
      "&a ", "*a", "!x ", "<<: ", "---\n", "...\n", "? ", "- ", ": ", "[", "]", "{", "}", "|\n", ">\n", "'", "\"", "#",
      "%TAG ! x\n", "\t", "\n", "\r", "\\x", "\"\\ud800\"", "@", "`", "~", "\u{FEFF}", "\u{85}", "\u{2028}", "😀",
    ].map { Array($0.utf8) }
    var refused = 0
    for _ in 0..<100 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(contentsOf: pieces.randomElement(using: &random) ?? [], at: place)
        case 3: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...40, using: &random)))
        default:
          let end = min(bytes.count, place + Int.random(in: 1...80, using: &random))
          bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0..<bytes.count, using: &random))
        }
        if bytes.isEmpty { bytes = original }
      }
      do throws(ConfigurationError) {
        _ = try RepositoryConfiguration(parsing: bytes, knownChecks: knownChecks)
      } catch {
        refused += 1
        let lines = bytes.count { $0 == 0x0a || $0 == 0x0d } + 2
        #expect(!error.problems.isEmpty)
        #expect(error.problems.allSatisfy { $0.line >= 1 && $0.line <= lines && $0.column >= 1 })
        #expect(!error.description.contains("\n"))
      }
    }
    #expect(refused > 0)
  }
}

/// A small generator with a seed: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
