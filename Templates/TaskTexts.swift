internal import Mustache

/// What a job asks a model to do.
package enum TaskText: String, Sendable, CaseIterable {
  case repairTests

  private var source: [UInt8] {
    switch self {
    case .repairTests: PackageResources.repair_tests_mustache
    }
  }

  /// The text with the values put in; see the template of the same name for what it takes.
  ///
  /// - Throws: what swift-mustache throws where a template is broken, which a test excludes for every template.
  package func render(_ values: [String: Any]) throws -> String {
    var text = try MustacheTemplate(string: String(decoding: source, as: UTF8.self)).render(values)
    while text.last == "\n" { text.removeLast() }
    return text
  }
}
