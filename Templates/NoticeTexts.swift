internal import Mustache

/// Something that the harness says to a model while it works.
package enum NoticeText: String, Sendable, Hashable, Codable, CaseIterable {
  case closing
  case cutCall = "cut-call"
  case cutShort = "cut-short"
  case emptyAnswer = "empty-answer"
  case noProgress = "no-progress"
  case paused
  case pruned
  case repeatNudge = "repeat-nudge"
  case repeatRefused = "repeat-refused"
  case reset
  case resumed
  case resumedPartly = "resumed-partly"
  case stateUnknown = "state-unknown"
  case summary
  case summaryRequest = "summary-request"

  private var source: [UInt8] {
    switch self {
    case .closing: PackageResources.closing_mustache
    case .cutCall: PackageResources.cut_call_mustache
    case .cutShort: PackageResources.cut_short_mustache
    case .emptyAnswer: PackageResources.empty_answer_mustache
    case .noProgress: PackageResources.no_progress_mustache
    case .paused: PackageResources.paused_mustache
    case .pruned: PackageResources.pruned_mustache
    case .repeatNudge: PackageResources.repeat_nudge_mustache
    case .repeatRefused: PackageResources.repeat_refused_mustache
    case .reset: PackageResources.reset_mustache
    case .resumed: PackageResources.resumed_mustache
    case .resumedPartly: PackageResources.resumed_partly_mustache
    case .stateUnknown: PackageResources.state_unknown_mustache
    case .summary: PackageResources.summary_mustache
    case .summaryRequest: PackageResources.summary_request_mustache
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
