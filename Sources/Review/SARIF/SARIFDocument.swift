package import Base
internal import JSON
package import Work

/// What a tool found, as it is written in SARIF 2.1.0 (OASIS Standard, 2020).
package struct SARIFDocument: Sendable, Hashable {
  /// What is new, not suppressed, and speaks of a file of the repository.
  package var results: [Result]
  /// How many results speak of no file of the repository.
  package var outside: Int

  /// One result.
  package struct Result: Sendable, Hashable {
    package var tool: String
    package var rule: String
    package var path: RepositoryPath
    /// The first line, counted from one; zero where the result is about the file as a whole.
    package var startLine: Int
    package var endLine: Int
    package var message: String
    package var severity: Severity
    /// What the rule says about itself.
    package var help: String?
    /// Where more is written about the rule.
    package var helpAddress: String?
  }

  /// The results in the document.
  ///
  /// - Parameters:
  ///   - bytes: The document, in UTF-8. Members that are not known are passed over.
  ///   - root: The absolute path of the work tree that the tool ran in, to make its paths relative; empty where it is
  ///     not known.
  /// - Returns: What is new in it.
  /// - Throws: ``SARIFError`` where the bytes are no JSON or the document is no SARIF 2.1.0.
  package static func parse(_ bytes: [UInt8], root: [UInt8] = []) throws(SARIFError) -> SARIFDocument {
    let document: JSONValue
    do { document = try JSONValue.parse(bytes) } catch {
      throw SARIFError(place: "line \(error.line)", reason: error.reason)
    }
    guard document.object != nil else { throw SARIFError(place: "the document", reason: "it is no object") }
    guard let version = document["version"]?.string else {
      throw SARIFError(place: "version", reason: "it is missing: this is no SARIF document")
    }
    guard version == "2.1.0" else {
      throw SARIFError(
        place: "version", reason: "it is '\(DisplayText.escaping(version.utf8.prefix(40)))', only 2.1.0 is understood")
    }
    guard let runs = document["runs"]?.array else { throw SARIFError(place: "runs", reason: "it is no list") }
    var result = SARIFDocument(results: [], outside: 0)
    for (index, run) in runs.enumerated() {
      var reader = try SARIFRunReader(run, place: "runs[\(index)]", root: root)
      try reader.read()
      result.results += reader.results
      result.outside += reader.outside
    }
    return result
  }
}

/// A SARIF document that cannot be read.
package struct SARIFError: Error, Hashable, CustomStringConvertible {
  /// Where in the document.
  package let place: String
  /// What is wrong there.
  package let reason: String

  package var description: String { "SARIF, \(place): \(reason)" }
}
