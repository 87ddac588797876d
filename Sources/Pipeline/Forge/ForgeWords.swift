internal import Base
internal import Forges
internal import Journal
internal import Work

/// The states of checks that a job goes through without an outcome.
enum ForgeWords {
  /// Work on the job begins.
  static func begun(_ job: Job) -> ForgeEffect {
    check(job.kind, job.head, .pending, "Work on \(job.head.short) has begun.")
  }

  /// What is told where a job ended without an outcome: its check must not stay open, and must not be green.
  ///
  /// - Throws: where a template is broken.
  static func closing(_ closing: Closing, of job: Job) throws -> [ForgeEffect] {
    guard closing.verdict == .superseded else {
      return [check(job.kind, job.head, .neutral, closing.summary)]
    }
    return [check(job.kind, job.head, .neutral, "Superseded: \(closing.summary)")]
  }

  /// The checks of jobs that were superseded while they waited.
  static func superseded(_ keys: [JobKey], on place: ForgePlace) -> [ForgeEffect] {
    keys.compactMap { key in
      guard let kind = key.kind, let head = key.head, kind != .attend, !head.isZero else { return nil }
      return check(kind, head, .neutral, "Superseded: there is a newer head, or work was ended.")
    }
  }

  private static func check(
    _ kind: JobKind, _ head: ObjectID, _ state: CheckReport.State, _ title: String
  ) -> ForgeEffect {
    .check(CheckReport(name: CheckNames.name(of: kind), head: head, state: state, title: title, summary: title))
  }
}

extension ForgeWords {
  static func answer(_ reply: CommandReply, to command: CommentCommand, by actor: ForgeActor?) throws -> ForgeEffect {
    .answer(
      Answer(key: "answer/\(command.comment)", thread: command.thread, comment: command.comment, body: "\(reply)"))
  }
}
