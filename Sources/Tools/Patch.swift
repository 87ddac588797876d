/// A patch of several files, as the grammar in `Templates/Tools/apply-patch.lark` has it.
package struct Patch: Sendable, Hashable {
  /// What is done to one file.
  enum Section: Sendable, Hashable {
    case add(path: String, lines: [String])
    case delete(path: String)
    case update(path: String, moveTo: String?, parts: [Part])
  }

  /// One place of a file.
  struct Part: Sendable, Hashable {
    enum Line: Sendable, Hashable {
      case context(String)
      case removed(String)
      case added(String)
    }

    /// Lines that stand above it, the outermost first.
    var contexts: [String] = []
    var lines: [Line] = []
    /// Whether it is at the end of the file.
    var isAtEnd = false

    /// How many lines stand before the first that is added or removed.
    var lead: Int {
      lines.firstIndex {
        if case .context = $0 { false } else { true }
      } ?? 0
    }

    /// The lines that the file must have.
    var old: [String] {
      lines.compactMap {
        switch $0 {
        case .context(let text), .removed(let text): text
        case .added: nil
        }
      }
    }
  }

  let sections: [Section]
  /// The text that it was read from, from its beginning to its end.
  let source: String
  /// Whether the line that ends a patch is missing, as in one that was cut short.
  let lacksEnd: Bool

  /// Reads a patch, out of a fence, a here-document or a quoted command where it stands in one.
  ///
  /// - Throws: ``PatchFault`` where it is none; the line is counted in the text that was given.
  package init(_ text: String) throws(PatchFault) {
    var reader = PatchReader(text)
    sections = try reader.sections()
    source = reader.source
    lacksEnd = reader.lacksEnd
    if lacksEnd, case .update(_, _, let parts)? = sections.last, let last = parts.last, last.lead == 0,
      case .context? = last.lines.first
    {
      throw PatchFault(
        line: reader.count,
        problem: "it ends within a part that changes nothing yet; it was cut short. Say less at once")
    }
  }

  /// Whether a text has what begins a patch.
  static func begins(in text: String) -> Bool {
    text.contains("*** Begin Patch")
  }
}

/// What is wrong with a patch.
package struct PatchFault: Error, Hashable, CustomStringConvertible {
  /// Counted from one.
  package let line: Int
  package let problem: String

  package var description: String { "line \(line) of the patch: \(problem)" }
}

/// Reads the lines of a patch.
private struct PatchReader {
  private var lines: [Substring]
  private var index = 0
  /// Where reading ends: behind the last line, or behind that of a section.
  private var end: Int
  /// How many lines stand before the first.
  private let offset: Int

  init(_ text: String) {
    var all = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    if all.last?.isEmpty == true { all.removeLast() }
    // A patch that came with the escapes of a text still in it.
    if all.count == 1, text.contains("\\n*** ") {
      all = text.replacing("\\n", with: "\n").replacing("\\t", with: "\t").replacing("\\\"", with: "\"")
        .split(separator: "\n", omittingEmptySubsequences: false)
    }
    let start = all.firstIndex { Self.mark($0).hasPrefix("*** Begin Patch") }
    let end = all.lastIndex { Self.mark($0).hasPrefix("*** End Patch") }
    let first = all.firstIndex { Self.isHeader(Self.mark($0)) || $0.hasPrefix("--- ") }
    let from = start.map { $0 + 1 } ?? first ?? all.count
    var to = end.map { max($0, from) } ?? all.count
    if end == nil {
      // What a here-document or a fence leaves behind.
      while to > from, ["EOF", "PATCH", "```", "'", "\"", "\"}", ""].contains(Self.mark(all[to - 1])) { to -= 1 }
    }
    lines = Array(all[from..<max(from, to)])
    self.end = lines.count
    offset = from
    lacksEnd = start != nil && end == nil
  }

  let lacksEnd: Bool
  /// How many lines there are, with those before the first.
  var count: Int { offset + lines.count }

  var source: String { lines.joined(separator: "\n") }

  private static func mark(_ line: Substring) -> Substring {
    var line = line
    while line.last?.isWhitespace == true { line = line.dropLast() }
    while line.first?.isWhitespace == true { line = line.dropFirst() }
    return line
  }

  private static func isHeader(_ line: Substring) -> Bool {
    ["*** Add File:", "*** Delete File:", "*** Update File:"].contains { line.hasPrefix($0) }
  }

  private func fault(_ problem: String) -> PatchFault { PatchFault(line: offset + index + 1, problem: problem) }

  private func value(_ name: String, of line: Substring) -> String? {
    guard line.hasPrefix("*** ") else { return nil }
    let line = Self.mark(line)
    guard line.hasPrefix("*** \(name):") else { return nil }
    return String(Self.mark(line.dropFirst(5 + name.count)))
  }

  mutating func sections() throws(PatchFault) -> [Patch.Section] {
    var sections: [Patch.Section] = []
    while index < end {
      let line = lines[index]
      if Self.mark(line).isEmpty {
        index += 1
        continue
      }
      sections.append(try section(Self.isHeader(Self.mark(line)) ? Self.mark(line) : line))
    }
    guard !sections.isEmpty else {
      throw fault(
        "it names no file; after `*** Begin Patch` comes `*** Update File: PATH`, `*** Add File: PATH` or "
          + "`*** Delete File: PATH`"
      )
    }
    return sections
  }

  private mutating func section(_ line: Substring) throws(PatchFault) -> Patch.Section {
    if line.hasPrefix("diff --git ") || line.hasPrefix("--- ") { return try unified() }
    for name in ["Add File", "Delete File", "Update File"] {
      guard let path = value(name, of: line) else { continue }
      guard !path.isEmpty else { throw fault("`*** \(name):` names no file") }
      index += 1
      switch name {
      case "Add File": return try addition(path)
      case "Delete File": return .delete(path: path)
      default: return try update(path)
      }
    }
    throw fault(
      "`\(line.prefix(80))` begins no section; expected `*** Update File: PATH`, `*** Add File: PATH` or "
        + "`*** Delete File: PATH`"
    )
  }

  /// Whether the line ends a section.
  private func endsSection(_ line: Substring) -> Bool {
    line.hasPrefix("*** ") && Self.isHeader(Self.mark(line)) || line.hasPrefix("diff --git ")
  }

  private mutating func addition(_ path: String) throws(PatchFault) -> Patch.Section {
    var content: [String] = []
    while index < end, !endsSection(lines[index]) {
      let line = lines[index]
      if line.utf8.first == UInt8(ascii: "+") {
        content.append(Self.rest(line))
      } else if Self.mark(line).isEmpty {
        // Blank lines without their sign, unless the section ends here.
        let blank = lines[index..<end].prefix { Self.mark($0).isEmpty }
        if blank.endIndex < end, !endsSection(lines[blank.endIndex]) {
          content += [String](repeating: "", count: blank.count)
        }
        index = blank.endIndex
        continue
      } else if line.hasPrefix("@@") || line.hasPrefix("*** End of File") {
        // Nothing to find in a new file.
      } else {
        throw fault("a line of a new file must begin with `+`, and `\(line.prefix(60))` does not")
      }
      index += 1
    }
    return .add(path: path, lines: content)
  }

  private mutating func update(_ path: String) throws(PatchFault) -> Patch.Section {
    var target: String?
    if index < end, let move = value("Move to", of: lines[index]) {
      target = move
      index += 1
    }
    var parts: [Patch.Part] = []
    var part = Patch.Part()
    while index < end, !endsSection(lines[index]) {
      let line = lines[index]
      if line.hasPrefix("*** End of File") {
        part.isAtEnd = true
      } else if line.hasPrefix("@@") {
        if !part.lines.isEmpty {
          parts.append(part)
          part = Patch.Part()
        }
        if let context = Self.context(line) { part.contexts.append(context) }
      } else if line.hasPrefix("\\ No newline") || line.hasPrefix("--- ") && isUnifiedHeader {
        // What another kind of patch says in between.
      } else if line.hasPrefix("+++ "), index > 0, lines[index - 1].hasPrefix("--- ") {
      } else {
        part.lines.append(Self.line(line))
      }
      index += 1
    }
    if !part.lines.isEmpty { parts.append(part) }
    for index in parts.indices { Self.dropTrailingBlank(&parts[index], isLast: index == parts.count - 1) }
    parts.removeAll { $0.lines.isEmpty }
    if parts.isEmpty, target == nil { throw fault("the update of `\(path)` changes nothing") }
    return .update(path: path, moveTo: target, parts: parts)
  }

  private var isUnifiedHeader: Bool { index + 1 < end && lines[index + 1].hasPrefix("+++ ") }

  /// A blank line before the next section is layout, not context.
  private static func dropTrailingBlank(_ part: inout Patch.Part, isLast: Bool) {
    guard isLast else { return }
    while case .context("")? = part.lines.last, part.lines.count > 1 { part.lines.removeLast() }
  }

  /// What stands behind the sign; a combining character there belongs to the line, not to the sign.
  private static func rest(_ line: Substring) -> String { String(line.unicodeScalars.dropFirst()) }

  private static func line(_ line: Substring) -> Patch.Part.Line {
    let rest = rest(line)
    switch line.utf8.first {
    case UInt8(ascii: "+"): return .added(rest)
    case UInt8(ascii: "-"): return .removed(rest)
    case UInt8(ascii: " "): return .context(rest)
    // The sign of a context line was forgotten; whether the file has the line decides.
    default: return .context(String(line))
    }
  }

  /// What stands behind `@@`, without the numbers of a unified diff.
  private static func context(_ line: Substring) -> String? {
    var text = line.dropFirst(2)
    if text.hasPrefix(" ") { text = text.dropFirst() }
    if text.hasPrefix("-"), let end = text.firstRange(of: " @@"), text.contains("+"),
      text[..<end.lowerBound].allSatisfy({ $0.isNumber || "-+, ".contains($0) })
    {
      text = text[end.upperBound...]
      if text.hasPrefix(" ") { text = text.dropFirst() }
      // The heading of a unified diff may be any line above; it is a help, not a condition.
      return nil
    }
    if text.hasSuffix(" @@") { text = text.dropLast(3) }
    if mark(text).isEmpty || mark(text) == "@@" || mark(text) == "..." { return nil }
    return String(text)
  }

  /// A section of a unified diff.
  private mutating func unified() throws(PatchFault) -> Patch.Section {
    while index < end, !lines[index].hasPrefix("--- ") { index += 1 }
    guard isUnifiedHeader else {
      throw fault("expected `*** Update File: PATH`, or the lines `--- a/PATH` and `+++ b/PATH` of a unified diff")
    }
    let (old, new) = (Self.unifiedPath(lines[index]), Self.unifiedPath(lines[index + 1]))
    index += 2
    if new == "/dev/null" {
      while index < end, !endsSection(lines[index]), !lines[index].hasPrefix("--- ") { index += 1 }
      return .delete(path: old)
    }
    if old == "/dev/null" {
      var content: [String] = []
      while index < end, !endsSection(lines[index]), !isUnifiedStart {
        if lines[index].utf8.first == UInt8(ascii: "+") { content.append(Self.rest(lines[index])) }
        index += 1
      }
      return .add(path: new, lines: content)
    }
    let start = index
    while index < end, !endsSection(lines[index]), !isUnifiedStart { index += 1 }
    let all = end
    (end, index) = (index, start)
    defer { end = all }
    guard case .update(_, _, let parts) = try update(old) else { return .delete(path: old) }
    return .update(path: old, moveTo: new == old ? nil : new, parts: parts)
  }

  private var isUnifiedStart: Bool { lines[index].hasPrefix("--- ") && isUnifiedHeader }

  private static func unifiedPath(_ line: Substring) -> String {
    var path = mark(line.dropFirst(4).prefix { $0 != "\t" })
    if path.hasPrefix("a/") || path.hasPrefix("b/") { path = path.dropFirst(2) }
    return String(path)
  }
}
