/// Where the steps of a job are written down, so that a run that was killed goes on without taking them again.
package protocol StepJournal: Sendable {
  /// What was written down for a step; `nil` where nothing was.
  ///
  /// - Throws: where the journal cannot be read, or holds something else under the name.
  func recall<Value: Codable & Sendable>(_ step: String, as type: Value.Type) async throws -> Value?
  /// Writes a step down before anything is done that rests on it.
  ///
  /// - Throws: where the journal cannot be written.
  func record<Value: Codable & Sendable>(_ step: String, _ value: Value) async throws
}

/// Writes nothing down.
package struct NoStepJournal: StepJournal {
  package init() {}

  package func recall<Value: Codable & Sendable>(_ step: String, as type: Value.Type) async throws -> Value? { nil }

  package func record<Value: Codable & Sendable>(_ step: String, _ value: Value) async throws {}
}
