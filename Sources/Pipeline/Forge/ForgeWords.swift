internal import Base
internal import Forges
internal import Journal
internal import Publish
internal import Secrets
internal import Work

/// The states of checks that a job goes through without an outcome.
enum ForgeWords {
  /// What is told where a job ended without an outcome: its check must not stay open, and must not be green.
  ///
  /// - Throws: where a template is broken.
  static func closing(
    _ end: UntoldEnd, under rules: OutgoingRules, _ secrets: KnownSecrets
  ) throws -> CheckReport {
    var reason = OutgoingText.line(end.words, under: rules, limit: 600).markdown
    if secrets.hit(in: reason) != nil { reason = "" }
    var check = check(end.kind, end.head, end.verdict, reason)
    // What failed is red; whatever else has no outcome is for nobody to judge.
    if end.verdict == Closing.Verdict.failed.rawValue { check.state = .failure }
    return check
  }

  /// The checks of jobs that were superseded while they waited.
  static func superseded(_ keys: [JobKey], on place: ForgePlace) -> [ForgeEffect] {
    checks(of: keys, .superseded)
  }

  /// The checks of jobs that somebody stopped while they waited.
  static func stopped(_ keys: [JobKey], on place: ForgePlace) -> [ForgeEffect] { checks(of: keys, .stopped) }

  private static func checks(of keys: [JobKey], _ verdict: Closing.Verdict) -> [ForgeEffect] {
    keys.compactMap { key in
      guard let kind = key.kind, let head = key.head, JobKind.started.contains(kind), !head.isZero else { return nil }
      return .check(check(kind, head, verdict.rawValue, ""))
    }
  }

  private static func check(_ kind: JobKind, _ head: ObjectID, _ title: String, _ reason: String) -> CheckReport {
    CheckReport(
      name: CheckName.of(kind), head: head, state: .neutral, title: title, summary: reason.isEmpty ? title : reason)
  }
}
