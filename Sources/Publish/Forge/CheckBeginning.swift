package import Work

/// The check of a job whose work begins.
package enum CheckBeginning {
  /// The check while the work is under way.
  ///
  /// - Throws: where the template is broken.
  package static func report(for job: Job) throws -> CheckReport { try CheckEnding.pending(for: job) }
}
