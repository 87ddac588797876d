internal import Base
internal import Journal
internal import Models
internal import Sandbox
internal import Templates
internal import Tools
internal import Work

/// Carrying out the calls of one answer: reads beside each other, whatever changes something alone, the results in the
/// model's order.
extension AgentRun {
  /// The most reads that run beside each other.
  private static let width = 8

  /// Carries out the calls that have no result.
  ///
  /// - Returns: How the run ends, where one of the calls ends it.
  func callTools() async throws -> EndRecord? {
    while let index = state.calls.firstIndex(where: { $0.result == nil }) {
      if state.spending.isOutOfTime(at: surroundings.clock.now()) { return nil }
      try Task.checkCancellation()
      let open = state.calls[index]
      if let done = without(open) {
        try record(.done(done))
        continue
      }
      let examined = surroundings.tools.examine(open.call)
      guard case .ready(let operation, let isRead) = examined.verdict else { continue }
      switch state.repeats.verdict(on: operation.key, files: state.files.stamp) {
      case .end(let count):
        return EndRecord(
          ending: .repeating, reason: "it made the same call with the same result \(count) times and went on")
      case .refuse(let count):
        try record(.done(refusal(of: open.call, operation, count)))
      case .allow:
        if isRead { try await read(from: index) } else { try await change(open.call, operation) }
      }
    }
    return nil
  }

  /// The result of a call that is not carried out; `nil` where it is to be.
  private func without(_ open: AgentState.OpenCall) -> DoneRecord? {
    if open.isCut { return done(open.call, ContextText.notice(.cutCall), .cut, isError: true) }
    switch surroundings.tools.examine(open.call).verdict {
    case .malformed(let text): return done(open.call, text, .malformed, isError: true)
    case .ready(_, let isRead):
      // Somebody died over it. What only reads is done again; of the rest nobody knows.
      guard open.isIntended, !isRead else { return nil }
      return done(open.call, resumed(ContextText.notice(.stateUnknown)), .unknown, isError: true)
    }
  }

  private func refusal(of call: ToolCall, _ operation: ToolOperation, _ count: Int) -> DoneRecord {
    var record = done(call, ContextText.notice(.repeatRefused, ["count": "\(count)"]), .refused, isError: true)
    record.key = operation.key
    return record
  }

  /// The text of the first result after the run was taken up again says so.
  private func resumed(_ text: String) -> String {
    state.resumedNotice.map { $0 + "\n" + text } ?? text
  }

  private func done(
    _ call: ToolCall, _ text: String, _ standing: DoneRecord.Standing, isError: Bool
  ) -> DoneRecord {
    var isFreeText = false
    if case .text = call.input { isFreeText = true }
    return DoneRecord(
      result: ToolResult(call: call.id, name: call.name, text: text, isError: isError, isFreeText: isFreeText),
      standing: standing)
  }

  // MARK: Reads

  /// Carries out this read and those that follow it without anything else in between.
  private func read(from index: Int) async throws {
    var group: [(call: ToolCall, operation: ToolOperation)] = []
    for open in state.calls[index...] {
      guard group.count < Self.width, open.result == nil, !open.isCut,
        case .ready(let operation, true) = surroundings.tools.examine(open.call).verdict,
        case .allow = state.repeats.verdict(on: operation.key, files: state.files.stamp),
        !group.contains(where: { $0.operation == operation })
      else { break }
      group.append((open.call, operation))
    }
    if group.count == 1, let only = group.first {
      let answer = try await within { [surroundings] in try await surroundings.tools.perform(only.operation) }
      return try record(.done(await executed(only.call, only.operation, answer, files: nil)))
    }
    let answers = try await answers(to: group.map(\.operation))
    for (member, answer) in zip(group, answers) {
      try record(.done(await executed(member.call, member.operation, answer, files: nil)))
    }
  }

  private func answers(to operations: [ToolOperation]) async throws -> [ToolAnswer] {
    let tools = surroundings.tools
    return try await within { try await sideBySide(operations) { try await tools.perform($0) } }
  }

  // MARK: Changes

  private func change(_ call: ToolCall, _ operation: ToolOperation) async throws {
    try record(.intended(IntentRecord(call: call.id)))
    try await flush()
    let (tools, files, manifest) = (surroundings.tools, surroundings.files, state.files)
    let (answer, delta) = try await within {
      (try await tools.perform(operation), try await files.changes(since: manifest))
    }
    try record(.done(await executed(call, operation, answer, files: delta)))
  }

  private func executed(
    _ call: ToolCall, _ operation: ToolOperation, _ answer: ToolAnswer, files: FilesDelta?
  ) async -> DoneRecord {
    var text = answer.text
    let likeness = answer.likeness.text
    let stamp = files?.stamp ?? state.files.stamp
    let count = state.repeats.count(of: operation.key, result: likeness, files: stamp)
    let isWaiting = operation.isWaiting
    if count == RepeatBreaker.nudgeAt, !isWaiting {
      text += "\n" + ContextText.notice(.repeatNudge, ["count": "\(count)"])
    }
    var record = done(call, resumed(text), .executed, isError: answer.isError)
    record.key = operation.key
    record.likeness = isWaiting ? nil : likeness
    if case .plan(let steps) = operation { record.plan = steps }
    record.files = files
    record.memoryChange = await surroundings.tools.memoryChange()
    record.effect = operation.isRead ? nil : operation.summary
    return record
  }

  // MARK: Time

  /// The work, given up when the run's time is over or the run is cancelled.
  private func within<Value: Sendable>(
    _ body: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    let left = state.spending.millisecondsLeft(at: surroundings.clock.now())
    // Far from the end a test's clock has no say.
    var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    if left <= 700_000 { sleep = surroundings.sleep }
    return try await GivenUpWork.value(of: body, within: .milliseconds(max(1, left)), sleep: sleep)
  }
}

extension ToolOperation {
  /// Whether it waits for something that was begun, or goes back another step, so that the same result again is no
  /// circle.
  var isWaiting: Bool {
    switch self {
    case .poll, .undo: true
    default: false
    }
  }

  /// The operation in few words, for a model that must not do it again.
  var summary: String {
    let text = key.split(separator: "\n", omittingEmptySubsequences: true).prefix(4).joined(separator: " ⏎ ")
    return text.utf8.count <= 200 ? text : String(decoding: text.utf8.prefix(200), as: UTF8.self) + "…"
  }
}
