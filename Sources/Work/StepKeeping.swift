/// What the steps of a run left, for whoever takes the run up again: a step that is there is not done twice.
package protocol StepKeeping: Sendable {
  /// What the step of this name left; `nil` where it did not come to its end.
  ///
  /// - Throws: Where what is there cannot be read as such a value.
  func recall<Value: Codable & Sendable>(_ step: String, as type: Value.Type) async throws -> Value?

  /// Keeps what the step of this name left. A step that is kept already stays as it is.
  ///
  /// - Throws: Where it cannot be kept; the run must not go on as if it were.
  func record<Value: Codable & Sendable>(_ step: String, _ value: Value) async throws

  /// Keeps one line for a person.
  ///
  /// - Throws: Where it cannot be kept.
  func note(_ line: String) async throws

  /// The names of all steps that are kept, in no order.
  func names() async throws -> [String]
}

extension StepKeeping {
  /// What the step left, or what it leaves now.
  ///
  /// - Throws: What the work throws, or what keeping throws.
  package func once<Value: Codable & Sendable>(
    _ step: String, _ work: () async throws -> Value
  ) async throws -> Value {
    if let left = try await recall(step, as: Value.self) { return left }
    let value = try await work()
    try await record(step, value)
    return value
  }
}

/// Keeps nothing: for what is done at once or not at all.
package struct NoSteps: StepKeeping {
  package init() {}

  package func recall<Value: Codable & Sendable>(_ step: String, as type: Value.Type) async throws -> Value? { nil }

  package func record<Value: Codable & Sendable>(_ step: String, _ value: Value) async throws {}

  package func note(_ line: String) async throws {}

  package func names() async throws -> [String] { [] }
}
