internal import Mustache

/// What a model is told that reviews a change.
package enum ReviewText: String, Sendable, CaseIterable {
  case askQuestion = "ask-question"
  case askSystem = "ask-system"
  case brief = "review-brief"
  case system = "review-system"

  private var source: [UInt8] {
    switch self {
    case .askQuestion: PackageResources.ask_question_mustache
    case .askSystem: PackageResources.ask_system_mustache
    case .brief: PackageResources.review_brief_mustache
    case .system: PackageResources.review_system_mustache
    }
  }

  /// The JSON Schema of the answer, as it is sent.
  package static var schema: String {
    var text = String(decoding: PackageResources.review_answer_json, as: UTF8.self)
    while text.last == "\n" { text.removeLast() }
    return text
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
