internal import Mustache

/// What a model is told about a merge that it is to finish.
package enum MergeText: String, Sendable, CaseIterable {
  case brief
  case commits

  private var source: [UInt8] {
    switch self {
    case .brief: PackageResources.brief_mustache
    case .commits: PackageResources.commits_mustache
    }
  }

  /// The text with the values put in; see the template of the same name for what it takes.
  ///
  /// - Throws: what swift-mustache throws where a template is broken, which a test excludes for every template.
  package func render(_ values: [String: Any] = [:]) throws -> String {
    var text = try MustacheTemplate(string: String(decoding: source, as: UTF8.self)).render(values)
    while text.last == "\n" { text.removeLast() }
    return text
  }
}
