/// Tells whether a text made of lines of two versions of a file can be a file of its language.
///
/// It is judged as a merge is: by what the better of the two versions is, so that a text that neither parses is not
/// held to be broken for that.
package struct VersionGate: Sendable {
  private let language: Language
  private let first: SourceText
  private let second: SourceText
  private let checks: [any DocumentCheck]

  /// - Parameters:
  ///   - path: The file's path, which tells its language.
  ///   - first: One version.
  ///   - second: The other.
  ///   - checks: Parsers for the language, in addition to ``StandardDocumentChecks``.
  package init(path: [UInt8], first: [UInt8], second: [UInt8], checks: [any DocumentCheck] = []) {
    language = Language.ofFile(at: path)
    self.first = SourceText(first, language: language)
    self.second = SourceText(second, language: language)
    self.checks = (checks + StandardDocumentChecks.all).filter { $0.applies(to: path) }
  }

  /// Why a text cannot be a file; `nil` where nothing speaks against it.
  package func objection(to text: [UInt8]) -> FileMerge.Rejection.Reason? {
    let source = SourceText(text, language: language)
    for check in checks {
      guard let rule = DocumentRule(check, ours: first, theirs: second) else { continue }
      if let fault = rule.fault(in: source) { return fault.reason }
    }
    if let balance = BalanceRule(ours: first, theirs: second), let fault = balance.fault(in: source) {
      return fault.reason
    }
    return nil
  }
}
