/// Carries out work on each input side by side.
///
/// The results go through a lock and not through the group: with optimisation a throwing group lost large results
/// (Swift 6.2).
///
/// - Parameters:
///   - inputs: What is worked on; all at once.
///   - body: The work.
/// - Returns: The results in the order of the inputs.
/// - Throws: The first error; the other work is cancelled and waited for.
package func sideBySide<Input: Sendable, Output: Sendable>(
  _ inputs: [Input], _ body: @escaping @Sendable (Input) async throws -> Output
) async throws -> [Output] {
  let done = Lock<[Int: Output]>([:])
  try await withThrowingTaskGroup(of: Void.self) { group in
    for (place, input) in inputs.enumerated() {
      group.addTask {
        let output = try await body(input)
        done.withLock { $0[place] = output }
      }
    }
    try await group.waitForAll()
  }
  return done.withLock { done in inputs.indices.compactMap { done[$0] } }
}
