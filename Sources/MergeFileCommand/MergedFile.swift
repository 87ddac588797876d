internal import Base
package import Merging

/// What `merge-file` made of three files.
package struct MergedFile: Sendable, Hashable {
  /// What stands in the place of CURRENT.
  package var content: [UInt8]
  /// The conflicts that a resolver settled.
  package var resolved: [Settled]
  /// The conflicts that are left.
  package var left: [Left]
  /// How many conflicts the exit status tells of: none where one side was favoured.
  package var conflicts: Int

  /// A conflict that a resolver settled, and why.
  package struct Settled: Sendable, Hashable {
    /// The lines of CURRENT, counted from one; the end is one less than the start where there are none.
    package var startLine: Int
    package var endLine: Int
    package var by: String
    package var reason: String
    /// The lines that a side added and that the result lacks, each with the reason.
    package var dropped: [DroppedLine] = []
  }

  /// A conflict that is left, and why.
  package struct Left: Sendable, Hashable {
    /// The lines of CURRENT, counted from one; the end is one less than the start where there are none.
    package var startLine: Int
    package var endLine: Int
    package var reason: String
  }

  /// Merges; `nil` where a file is binary.
  ///
  /// A lock file or a generated file is merged as git does it: no resolver may touch it.
  ///
  /// `memory` is what the repository remembers of the merges that people made.
  package init?(
    _ arguments: MergeFileArguments, current: [UInt8], base: [UInt8], other: [UInt8],
    memory: RememberedResolutions? = nil
  ) {
    if LineMerge.isBinary(current) || LineMerge.isBinary(base) || LineMerge.isBinary(other) { return nil }
    // No resolver is asked about such a file; here it is the reason to give.
    let generated = GeneratedFile.at(arguments.path, versions: [current, other])
    let merge = FileMerge(
      base: base, ours: current, theirs: other, path: arguments.path,
      options: LineMerge.Options(style: arguments.style),
      resolvers: arguments.isTextual ? [] : StandardResolvers.auto(remembering: memory))
    content = Self.content(of: merge, arguments)
    resolved = merge.resolved.map { conflict, resolution in
      let lines = conflict.position.ours
      return Settled(
        startLine: lines.start + 1, endLine: lines.end, by: resolution.resolver, reason: resolution.reason,
        dropped: resolution.dropped)
    }
    left = merge.left.map { conflict in
      let lines = conflict.position.ours
      let reason = Self.reason(merge.rejection(for: conflict), isTextual: arguments.isTextual, generated)
      return Left(startLine: lines.start + 1, endLine: lines.end, reason: reason)
    }
    conflicts = arguments.favor == .neither ? left.count : 0
  }

  private static func content(of merge: FileMerge, _ arguments: MergeFileArguments) -> [UInt8] {
    if arguments.favor == .neither { return merge.render(arguments.markers) }
    var content: [UInt8] = []
    for region in merge.regions {
      switch region {
      case .merged(let lines): content += lines
      case .resolved(_, let resolution): content += resolution.lines
      case .conflict(let conflict):
        if arguments.favor != .theirs { content += conflict.ours }
        if arguments.favor == .union, let last = conflict.ours.last, last != UInt8(ascii: "\n") {
          content.append(UInt8(ascii: "\n"))
        }
        if arguments.favor != .ours { content += conflict.theirs }
      }
    }
    return content
  }

  private static func reason(_ rejection: FileMerge.Rejection?, isTextual: Bool, _ generated: GeneratedFile?) -> String
  {
    if isTextual { return "no resolver was asked" }
    if let generated { return generated.reasonToLeave }
    guard let rejection else { return "no resolver settles a conflict of this kind" }
    return "the proposal of '\(rejection.resolution.resolver)' did not pass the gate: \(rejection.reason.sentence)"
  }

  /// The result as one JSON document, `arborist.merge-file/1`.
  package func json(path: [UInt8]) -> String {
    let resolved = resolved.map {
      """
      {"startLine":\($0.startLine),"endLine":\($0.endLine),"by":\(Self.quote($0.by)),"reason":\(Self.quote($0.reason)),\
      "dropped":[\($0.dropped.map(Self.json).joined(separator: ","))]}
      """
    }
    let left = left.map {
      "{\"startLine\":\($0.startLine),\"endLine\":\($0.endLine),\"reason\":\(Self.quote($0.reason))}"
    }
    return """
      {"schema":"arborist.merge-file/1","path":\(Self.quote(QuotedPath.encode(path))),"conflicts":\(conflicts),\
      "resolved":[\(resolved.joined(separator: ","))],"left":[\(left.joined(separator: ","))]}
      """
  }

  private static func json(_ dropped: DroppedLine) -> String {
    let side = dropped.side == .ours ? "ours" : "theirs"
    let line = DisplayText.line(dropped.line[...])
    return "{\"side\":\"\(side)\",\"line\":\(quote(line)),\"reason\":\(quote(dropped.reason))}"
  }

  /// The text as a JSON string (RFC 8259, section 7).
  private static func quote(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\" + String(scalar)
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
