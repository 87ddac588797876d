/// The merge driver in a repository's configuration: a block of lines that can be taken out again to the byte.
///
/// The driver is made the default with `merge.default` and not with an attribute: git asks it only for files whose
/// `merge` attribute is unspecified, so `-merge`, `binary` and `merge=union` of a repository keep their meaning.
package enum MergeDriverConfiguration {
  private static let begin = "# arborist init: begin"
  private static let beginUnfinished = "# arborist init: begin (the line before had no end)"
  private static let end = "# arborist init: end"

  /// The lines between the two markers.
  ///
  /// `program` is the absolute path of `arborist-hook`. Git does not tell a driver of `merge.conflictStyle`, so `style`
  /// goes into the command. `isDefault` has the driver used for files that no attribute speaks of.
  ///
  /// - Throws: ``InstallationError/unusablePath(_:)``.
  static func lines(
    program: [UInt8], style: [UInt8]?, isDefault: Bool
  ) throws(InstallationError) -> [[UInt8]] {
    let word = try HookScript.quoted(program).flatMap { $0 == UInt8(ascii: "%") ? [$0, $0] : [$0] }
    let option =
      switch String(decoding: style ?? [], as: UTF8.self) {
      case "diff3": " --diff3"
      case "zdiff3": " --zdiff3"
      default: ""
      }
    // A driver that is gone would leave our side in the file, without a marker: then git itself has to merge.
    let command =
      Array("if [ -x ".utf8) + word + Array(" ]; then ".utf8) + word
      + Array(" merge-file\(option) --path %P --marker-size %L %A %O %B; ".utf8)
      + Array("else git merge-file\(option) --marker-size=%L %A %O %B; fi".utf8)
    var lines = [
      Array("[merge \"arborist\"]".utf8),
      Array("\tname = Arborist: by lines, then what can be settled safely".utf8),
      Array("\tdriver = ".utf8) + value(command),
      // Ancestors that git merges for itself get no resolution that nobody sees.
      Array("\trecursive = text".utf8),
    ]
    if isDefault { lines += [Array("[merge]".utf8), Array("\tdefault = arborist".utf8)] }
    return lines
  }

  /// A value in double quotes, as git-config(1) describes them.
  private static func value(_ bytes: [UInt8]) -> [UInt8] {
    var result = [UInt8(ascii: "\"")]
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): result += [UInt8(ascii: "\\"), byte]
      case UInt8(ascii: "\n"): result += Array("\\n".utf8)
      case UInt8(ascii: "\t"): result += Array("\\t".utf8)
      case 8: result += Array("\\b".utf8)
      default: result.append(byte)
      }
    }
    return result + [UInt8(ascii: "\"")]
  }

  /// The configuration with the block at its end, and no other block of ours.
  static func adding(_ lines: [[UInt8]], to configuration: [UInt8]) -> [UInt8] {
    if block(in: configuration) == lines { return configuration }
    var result = removing(from: configuration)
    if let last = result.last, last != UInt8(ascii: "\n") {
      result += Array("\n\(beginUnfinished)\n".utf8)
    } else {
      result += Array("\(begin)\n".utf8)
    }
    for line in lines + [Array(end.utf8)] { result += line + [UInt8(ascii: "\n")] }
    return result
  }

  /// The lines between our markers; `nil` where they are not there.
  private static func block(in configuration: [UInt8]) -> [[UInt8]]? {
    let lines = configuration.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard let first = lines.firstIndex(where: isBegin), let last = lines[first...].firstIndex(where: isEnd) else {
      return nil
    }
    return lines[(first + 1)..<last].map { Array($0) }
  }

  private static func isBegin(_ line: ArraySlice<UInt8>) -> Bool {
    line.elementsEqual(begin.utf8) || line.elementsEqual(beginUnfinished.utf8)
  }

  private static func isEnd(_ line: ArraySlice<UInt8>) -> Bool { line.elementsEqual(end.utf8) }

  /// The configuration without our lines.
  ///
  /// What somebody else has put between them since then stays.
  static func removing(from configuration: [UInt8]) -> [UInt8] {
    let newline = UInt8(ascii: "\n")
    var lines = configuration.split(separator: newline, omittingEmptySubsequences: false).map { Array($0) }
    guard let first = lines.firstIndex(where: { isBegin($0[...]) }),
      let last = lines[first...].firstIndex(where: { isEnd($0[...]) })
    else { return configuration }
    let wasUnfinished = lines[first].elementsEqual(beginUnfinished.utf8)
    let foreign = withoutOurs(lines[(first + 1)..<last])
    lines.replaceSubrange(first...last, with: foreign)
    var result = Array(lines.joined(separator: [newline]))
    if wasUnfinished, foreign.isEmpty, first == lines.count - 1, result.last == newline { result.removeLast() }
    return result
  }

  /// The lines that others have put into the block, with the header of the section they belong to.
  private static func withoutOurs(_ block: ArraySlice<[UInt8]>) -> [[UInt8]] {
    var result: [[UInt8]] = []
    var header: [UInt8]?
    for line in block {
      let text = String(decoding: line, as: UTF8.self)
      let isOurs = ["\tname = Arborist", "\tdriver = \"if [ -x ", "\trecursive = text", "\tdefault = arborist"]
        .contains { text.hasPrefix($0) }
      if text == "[merge \"arborist\"]" || text == "[merge]" {
        header = line
      } else if !isOurs {
        if let waiting = header { result.append(waiting) }
        header = nil
        result.append(line)
      }
    }
    return result
  }
}
