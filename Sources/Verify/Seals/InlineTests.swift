internal import Merging

/// Finds the tests that stand inside of source files.
enum InlineTests {
  static func regions(of file: SourceView, runsDocTests: Bool) -> [SealedRegion] {
    switch file.language.name {
    case "Rust": rust(file)
    default: []
    }
  }

  /// `#[cfg(test)]` before an item.
  private static func rust(_ file: SourceView) -> [SealedRegion] {
    var regions: [SealedRegion] = []
    var line = 0
    while line < file.count {
      let code = file.code[line].trimmed
      guard code.hasPrefix("#[cfg(test)]") || code.hasPrefix("#[cfg(all(test") || code.hasPrefix("#[test]") else {
        line += 1
        continue
      }
      let end = rustItemEnd(file, from: line)
      regions.append(SealedRegion(name: "#[cfg(test)]", kind: .test, lines: line..<end + 1))
      line = end + 1
    }
    return regions
  }

  /// The last line of the item behind an attribute: up to its block's end, or to its semicolon.
  private static func rustItemEnd(_ file: SourceView, from start: Int) -> Int {
    for line in start..<min(start + 40, file.count) {
      for character in file.code[line] {
        if character == ";" { return line }
        if character == "{" { return file.blockEnd(from: line, open: "{", close: "}") ?? file.count - 1 }
      }
    }
    return start
  }
}
