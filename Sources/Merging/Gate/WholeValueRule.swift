/// Refuses a number, a version or a text literal that no side has: values come whole from one side.
struct WholeValueRule: HunkRule {
  func objection(to resolution: Resolution, for conflict: Conflict, in context: ResolverContext) -> GateObjection? {
    guard let text = NewText(resolution, for: conflict, in: context) else { return nil }
    return unknownLiteral(in: text, allowing: resolution.introduces) ?? unknownVersion(in: text)
  }

  private func unknownLiteral(in text: NewText, allowing introduced: [[UInt8]]) -> GateObjection? {
    let kinds: Set<Token.Kind> = [.number, .text]
    let near = text.tokensOfSides(kinds)
    var far: Set<ArraySlice<UInt8>>?
    var objection: GateObjection?
    text.forEachToken { kind, token in
      guard kinds.contains(kind), !near.contains(token), !introduced.contains(where: { token.elementsEqual($0) }) else {
        return true
      }
      let all = far ?? text.tokensOfFiles(kinds)
      far = all
      if !all.contains(token) { objection = GateObjection(.blendedValue, token) }
      return objection == nil
    }
    return objection
  }

  /// A version reaches across what are several tokens to a language: `v2.40.1-rc.1`, `2024-01-31`.
  private func unknownVersion(in text: NewText) -> GateObjection? {
    let sides = [text.conflict.base, text.conflict.ours, text.conflict.theirs]
    let near = sides.reduce(into: Set<ArraySlice<UInt8>>()) { $0.formUnion(Self.versions(in: $1[...])) }
    var far: Set<ArraySlice<UInt8>>?
    var objection: GateObjection?
    text.forEachLine { line in
      for version in Self.versions(in: line) where !near.contains(version) {
        let files = [text.context.base, text.context.ours, text.context.theirs]
        let all = far ?? files.reduce(into: Set()) { $0.formUnion(Self.versions(in: $1[...])) }
        far = all
        if !all.contains(version) {
          objection = GateObjection(.blendedValue, version)
          break
        }
      }
      return objection == nil
    }
    return objection
  }

  /// The versions and dates of a text: digits with dots or hyphens between them and what hangs on to them.
  static func versions(in bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    var versions: [ArraySlice<UInt8>] = []
    var index = bytes.startIndex
    while index < bytes.endIndex {
      guard isNameByte(bytes[index]) else {
        index += 1
        continue
      }
      let start = index
      var joints = 0
      while index < bytes.endIndex {
        if isNameByte(bytes[index]) {
          index += 1
        } else if index + 1 < bytes.endIndex, joins(bytes, at: index, hasDot: joints > 0) {
          joints += 1
          index += 1
        } else {
          break
        }
      }
      if joints > 0 { versions.append(bytes[start..<index]) }
    }
    return versions
  }

  /// Whether the sign at `index` stands within a version.
  private static func joins(_ bytes: ArraySlice<UInt8>, at index: Int, hasDot: Bool) -> Bool {
    let next = bytes[index + 1]
    switch bytes[index] {
    case UInt8(ascii: "."): return isDigitByte(bytes[index - 1]) && isDigitByte(next) || hasDot && isNameByte(next)
    case UInt8(ascii: "-"):
      let isDate = isDigitByte(bytes[index - 1]) && isDigitByte(next)
      return isDate || hasDot && isNameByte(next)
    case UInt8(ascii: "+"): return hasDot && isNameByte(next)
    default: return false
    }
  }
}

/// Refuses a word that no side has, unless the resolution says that it makes it.
struct KnownWordRule: HunkRule {
  func objection(to resolution: Resolution, for conflict: Conflict, in context: ResolverContext) -> GateObjection? {
    guard let text = NewText(resolution, for: conflict, in: context) else { return nil }
    // A word may leave a comment, and enter one.
    let kinds: Set<Token.Kind> = [.word, .comment]
    let near = text.tokensOfSides(kinds)
    var far: Set<ArraySlice<UInt8>>?
    var objection: GateObjection?
    text.forEachToken { kind, token in
      guard kind == .word, !near.contains(token), !resolution.introduces.contains(where: { token.elementsEqual($0) })
      else { return true }
      let all = far ?? text.tokensOfFiles(kinds)
      far = all
      if !all.contains(token) { objection = GateObjection(.newWord, token) }
      return objection == nil
    }
    return objection
  }
}
