internal import Base
internal import ByteText
internal import Secrets
package import Work

/// `secret`: a key, token or password in an added line.
///
/// What is published is never the secret: of its line only the beginning of the secret and its length are shown.
package struct SecretCheck: Check {
  package let id = "secret"
  package let title = "Secret in the code"
  package let defaultSeverity = Severity.error

  package init() {}

  package func findings(in change: Change) -> [CheckFinding] {
    change.texts.flatMap { file in keyBlocks(in: file) + tokens(in: file) }
  }

  private func tokens(in file: ChangedFile) -> [CheckFinding] {
    let unquoted = Self.holdsBareValues(file)
    let lenient = file.place.isTest || file.place.isDocumentation || file.generated != nil || Self.isTemplate(file)
    return file.addedLines.compactMap { line in
      let matches = SecretScanner.matches(in: line.bytes, unquoted: unquoted)
      guard let match = matches.first(where: { !lenient || $0.strength == .certain }) else { return nil }
      let weak = match.strength != .certain
      return CheckFinding(
        path: file.path, startLine: line.number, line: line.bytes, title: "Secret in the file: \(match.name)",
        severity: weak || lenient ? .warning : nil, confidence: weak ? 0.6 : lenient ? 0.7 : 0.95)
    }
  }

  private func keyBlocks(in file: ChangedFile) -> [CheckFinding] {
    PrivateKeyBlock.all(in: file.addedLines).map { block in
      // Tests have keys of their own, made for them. They are named, no more.
      CheckFinding(
        path: file.path, startLine: block.first.number, endLine: block.last, line: block.first.bytes,
        title: "A private key stands in the file", severity: file.place.isTest ? .note : nil,
        confidence: file.place.isTest ? 0.4 : 0.95)
    }
  }

  /// Files whose values need no quotes.
  private static func holdsBareValues(_ file: ChangedFile) -> Bool {
    if file.path.name.hasPrefix(".env") { return true }
    let fileExtension = String(decoding: file.path.fileExtension, as: UTF8.self)
    return ["env", "properties", "ini", "cfg", "conf", "yml", "yaml", "tfvars", "netrc", "npmrc", "pypirc"]
      .contains(fileExtension)
      || [".netrc", ".npmrc", ".pypirc", "credentials"].contains { file.path.name.hasSuffix($0) }
  }

  /// `.env.example`, `settings.yml.dist`.
  private static func isTemplate(_ file: ChangedFile) -> Bool {
    ["example", "sample", "template", "dist", "tmpl"].contains { file.path.name.lowercased().contains(text: $0) }
  }
}

/// A private key in PEM or OpenPGP armor.
struct PrivateKeyBlock {
  /// The line with `BEGIN`.
  var first: NumberedLine
  /// The number of the last added line that belongs to it.
  var last: Int

  /// The blocks in the lines.
  ///
  /// A `BEGIN` with no key behind it, as in code that looks for keys, is none.
  static func all(in lines: [NumberedLine]) -> [PrivateKeyBlock] {
    var result: [PrivateKeyBlock] = []
    for (index, line) in lines.enumerated() {
      guard let end = headerEnd(line.bytes) else { continue }
      let rest = stripped(line.bytes[end...])
      if keyLength(rest) >= 32 {
        result.append(PrivateKeyBlock(first: line, last: line.number))
        continue
      }
      let body = lines[(index + 1)...].prefix { next in
        let text = stripped(next.bytes[...])
        return text.isEmpty || keyLength(text) == text.count || isArmorHeader(text)
      }
      let isKey = body.prefix(6).contains { keyLength(stripped($0.bytes[...])) >= 32 }
      let continues = body.enumerated().allSatisfy { offset, next in next.number == line.number + offset + 1 }
      if isKey, continues { result.append(PrivateKeyBlock(first: line, last: body.last?.number ?? line.number)) }
    }
    return result
  }

  /// Where `-----BEGIN … PRIVATE KEY-----` ends in the line.
  private static func headerEnd(_ line: [UInt8]) -> Int? {
    guard let begin = line.firstIndex(of: Array("-----BEGIN ".utf8)),
      let key = line.firstIndex(of: Array("PRIVATE KEY".utf8), from: begin), key - begin < 40
    else { return nil }
    for ending in ["-----", " BLOCK-----"] where line.matches(Array(ending.utf8), at: key + 11) {
      return key + 11 + ending.utf8.count
    }
    return nil
  }

  /// Without blanks, quotes, comment signs and `\n` at the ends, as a key in source code has them.
  private static func stripped(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var text = text.trimmed()
    while let first = text.first, "\"'`#*+ ".utf8.contains(first) || text.hasPrefix("\\n") || text.hasPrefix("//") {
      text = text.dropFirst(text.hasPrefix("\\n") || text.hasPrefix("//") ? 2 : 1)
    }
    while let last = text.last, "\"'`,;+ \\".utf8.contains(last) || text.hasSuffix("\\n") {
      text = text.dropLast(text.hasSuffix("\\n") ? 2 : 1)
    }
    return text
  }

  private static func keyLength(_ text: ArraySlice<UInt8>) -> Int {
    text.prefix { ByteSet.base64Padded.contains($0) }.count
  }

  private static func isArmorHeader(_ text: ArraySlice<UInt8>) -> Bool {
    ["Proc-Type:", "DEK-Info:", "Version:", "Comment:", "Hash:"].contains { text.hasPrefix($0) }
  }
}
