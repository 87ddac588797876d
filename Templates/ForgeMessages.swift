internal import Mustache

/// A text that goes to a forge: what is said on a pull request.
package enum ForgeMessage: String, Sendable, CaseIterable {
  case finding, review, resolve, fix, failed, partCut, partEdited, stopped, suggestion, patchWhy, check, checkReason
  case replyHelp, replyRefused, replyUnknown, replyStarted, replyStanding, replyStopped, replyNothingToStop
  case replyUnasked, replyNoQuestion, replyUndone, replyNothingToUndo, replyAnswer, replyUnavailable

  private var source: [UInt8] {
    switch self {
    case .finding: PackageResources.forge_finding_mustache
    case .review: PackageResources.forge_review_mustache
    case .resolve: PackageResources.forge_resolve_mustache
    case .fix: PackageResources.forge_fix_mustache
    case .failed: PackageResources.forge_failed_mustache
    case .partCut: PackageResources.forge_part_cut_mustache
    case .partEdited: PackageResources.forge_part_edited_mustache
    case .stopped: PackageResources.forge_stopped_mustache
    case .suggestion: PackageResources.forge_suggestion_mustache
    case .patchWhy: PackageResources.forge_patch_why_mustache
    case .check: PackageResources.forge_check_mustache
    case .checkReason: PackageResources.forge_check_reason_mustache
    case .replyHelp: PackageResources.reply_help_mustache
    case .replyRefused: PackageResources.reply_refused_mustache
    case .replyUnasked: PackageResources.reply_unasked_mustache
    case .replyNoQuestion: PackageResources.reply_no_question_mustache
    case .replyUnknown: PackageResources.reply_unknown_mustache
    case .replyStarted: PackageResources.reply_started_mustache
    case .replyStanding: PackageResources.reply_standing_mustache
    case .replyStopped: PackageResources.reply_stopped_mustache
    case .replyNothingToStop: PackageResources.reply_nothing_to_stop_mustache
    case .replyUndone: PackageResources.reply_undone_mustache
    case .replyNothingToUndo: PackageResources.reply_nothing_to_undo_mustache
    case .replyAnswer: PackageResources.reply_answer_mustache
    case .replyUnavailable: PackageResources.reply_unavailable_mustache
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
