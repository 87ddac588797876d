package import Base
package import Journal
package import Models
package import Tools
internal import Work

/// How far a model's work has come, as the events of its run tell and nothing else.
///
/// The next request is a function of this value (``request(for:)``), so a process that dies at any event is followed by
/// one that sends the same.
package struct AgentState: Sendable, Hashable {
  package let setup: AgentSetup
  /// What is known of the model by now.
  package internal(set) var capabilities: ModelCapabilities
  /// What the model's server is still to be asked about the model; `nil` where nothing is.
  package internal(set) var probe: CapabilityProbe?
  /// The conversation so far, without the calls that are open.
  package internal(set) var items: ConversationItems
  /// The calls of the last answer, as long as one of them has no result.
  package internal(set) var calls: [OpenCall] = []
  /// The request that was sent and not answered.
  package internal(set) var request: RequestRecord?
  /// What the request was for that failed last.
  package internal(set) var purposeOfFailure = RequestRecord.Purpose.turn
  /// How many requests there were.
  package internal(set) var requests = 0
  /// What is to be done about the last failure; `nil` where it was done.
  package internal(set) var measure: FailureRecord.Measure?
  /// The hash of the request that failed last.
  package internal(set) var failedHash: Digest?
  /// The model's summary of the conversation, which does not stand in it yet.
  package internal(set) var summary: String?
  /// What the model is owed a word about.
  package internal(set) var owed: NoticeRecord.Kind?
  /// The answers without progress at which the model was told last.
  package internal(set) var toldIdle = 0
  /// How the last answer ended.
  package internal(set) var lastStop: StopReason?
  /// What went wrong since the last answer.
  package internal(set) var failures: [FailureRecord] = []
  package internal(set) var spending: Spending
  package internal(set) var repeats = RepeatBreaker()
  package internal(set) var progress = ProgressBreaker()
  package internal(set) var rows = Rows()
  package internal(set) var plan: [PlanStep] = []
  package internal(set) var files = FilesManifest()
  /// What could not be kept and was gone when the run was taken up again; nobody has made it anew since.
  package internal(set) var vanished: Set<RepositoryPath> = []
  package internal(set) var memory: ToolboxMemory?
  /// Calls that were carried out and need not be made again, in few words.
  package internal(set) var effects: [String] = []
  package internal(set) var size: ContextSize
  /// Whether this is the work of another process than the one that began it.
  package internal(set) var isTakenUp = false
  /// Whether the run was taken up again and the model knows nothing of it yet.
  package internal(set) var isResumed = false
  /// What the result of the next call begins with, because the run was taken up again.
  package internal(set) var resumedNotice: String?
  /// Whether the model was told that little is left.
  package internal(set) var isClosing = false
  /// What the model said last.
  package internal(set) var lastText = ""
  package internal(set) var end: EndRecord?

  /// A call of the last answer.
  package struct OpenCall: Sendable, Hashable {
    package var call: ToolCall
    package var isIntended = false
    /// Whether the answer was cut off in the middle of it.
    package var isCut = false
    package var result: ToolResult?
    /// How it ended; `nil` as long as it has no result.
    package var standing: DoneRecord.Standing?
  }

  /// What happened so often in a row.
  package struct Rows: Sendable, Hashable {
    /// Answers in which no call could be understood.
    package var malformed = 0
    package var empty = 0
    package var cutShort = 0
    /// Answers that ended because the window was full.
    package var full = 0
    /// Answers that the vendor interrupted.
    package var pauses = 0
    /// Times that the vendor found fault with the conversation, with no answer in between that came at once.
    package var histories = 0
    /// Answers that came in one piece after their streams had broken.
    package var unstreamed = 0
    /// Summaries that made the conversation hardly shorter.
    package var poorSummaries = 0
  }

  package init(_ setup: AgentSetup) {
    self.setup = setup
    capabilities = setup.capabilities
    probe = setup.probe
    items = [.user(setup.opening)]
    spending = Spending(budget: setup.budget)
    size = ContextSize(setup)
    size.append(items[0])
  }

  /// The state that the events of a run tell; `nil` where no model was given a task.
  ///
  /// - Throws: ``JournalError/corrupt(_:)`` where an event cannot follow those before it.
  package static func replay(_ events: [RunEvent]) throws(JournalError) -> AgentState? {
    var state: AgentState?
    for event in events {
      guard let agentEvent = try AgentEvent(event) else { continue }
      if case .started(let setup) = agentEvent {
        guard state == nil else { throw .corrupt("run \(event.run) gives a task twice") }
        state = AgentState(setup)
      }
      state?.spend(until: event.time, isResumed: agentEvent == .resumed)
      guard state?.take(agentEvent) != false else {
        throw .corrupt("event \(event.sequence) of run \(event.run) cannot follow those before it")
      }
    }
    return state
  }

  /// Time passes until this moment; none was spent where the run lay still until then.
  mutating func spend(until now: Timestamp, isResumed: Bool = false) {
    spending.pass(to: now, isResumed: isResumed)
  }

  /// Takes an event in.
  ///
  /// - Returns: Whether it can follow those before it.
  package mutating func take(_ event: AgentEvent) -> Bool {
    if end != nil {
      // Its process may have died before the run was closed; whoever takes it up has only that left to do.
      if case .resumed = event { return true }
      return false
    }
    switch event {
    case .started: return requests == 0 && calls.isEmpty
    case .resumed:
      // Before the first answer there was nothing that could be lost.
      isResumed = spending.steps > 0
      isTakenUp = true
      vanished.formUnion(files.lost)
      // Where the process before this one gave up, this one begins anew.
      if leaving != nil { (failures, measure) = ([], nil) }
      return true
    case .requested(let record): return take(record)
    case .answered(let record): return take(record)
    case .failed(let record): return take(record)
    case .probed(let record): return take(record)
    case .intended(let record): return take(record)
    case .done(let record): return take(record)
    case .notice(let record): return take(record)
    case .compacted(let record): return take(record)
    case .ended(let record):
      if let delta = record.files { takeFiles(delta) }
      end = record
      return true
    }
  }

  private mutating func takeFiles(_ delta: FilesDelta) {
    files.take(delta)
    for file in delta.changed { vanished.remove(file.path) }
  }

  /// The results of calls are in the conversation as soon as there are all of them.
  mutating func append(_ item: ConversationItem) {
    items.append(item)
    size.append(item)
  }

  // MARK: Requests

  private mutating func take(_ record: RequestRecord) -> Bool {
    guard request == nil, calls.isEmpty, record.number == requests + 1 else { return false }
    requests = record.number
    request = record
    measure = nil
    // What was not asked when the work begins is not asked any more.
    if record.purpose != .probe { probe = nil }
    spending.reserve(record.reserved, for: record.number)
    if let elapsed = record.elapsed { spending.correct(to: elapsed) }
    return true
  }

  private mutating func take(_ record: FailureRecord) -> Bool {
    guard let open = request, open.number == record.number else { return false }
    spending.settle(record.number, at: record.cost)
    request = nil
    failures.append(record)
    if record.measure == .tidy { rows.histories += 1 }
    measure = record.measure
    failedHash = open.hash
    purposeOfFailure = open.purpose
    if case .learn(let known) = record.measure { capabilities = known }
    if case .goOn(let left, _) = record.measure { probe = left }
    if let known = record.learned { capabilities = known }
    return true
  }

  private mutating func take(_ record: ProbeRecord) -> Bool {
    guard let open = request, open.number == record.number, open.purpose == .probe else { return false }
    spending.settle(record.number, at: record.cost)
    request = nil
    failures = []
    capabilities = record.found
    probe = record.probe
    return true
  }

  private mutating func take(_ record: AnswerRecord) -> Bool {
    guard let open = request, open.number == record.number, open.purpose != .probe else { return false }
    spending.settle(record.number, at: record.cost)
    request = nil
    if failures.isEmpty { rows.histories = 0 }
    if isInOnePiece { rows.unstreamed += 1 } else if open.isStreamed { rows.unstreamed = 0 }
    failures = []
    if let known = record.learned { capabilities = known }
    switch open.purpose {
    // One that says nothing is as good as none: the conversation is then dropped without it.
    case .summary: summary = record.answer.turn.text
    case .turn: takeTurn(record.answer)
    case .probe: return false
    }
    return true
  }

  /// Whether the answer is asked for in one piece, because its streams have broken.
  var isInOnePiece: Bool {
    failures.contains {
      if case .inOnePiece = $0.measure { true } else { false }
    }
  }

  private mutating func takeTurn(_ answer: ModelAnswer) {
    var turn = answer.turn
    spending.countStep()
    lastStop = turn.stop
    owed = nil
    if !turn.text.isEmpty { lastText = turn.text }
    progress.noteAnswer(files: files.stamp)
    if progress.idle < toldIdle { toldIdle = 0 }
    let isCut = turn.stop == .length || turn.stop == .contextFull
    let saysNothing = turn.text.isEmpty && turn.calls.isEmpty
    rows.empty = saysNothing && (turn.stop == .end || turn.stop == .calls) ? rows.empty + 1 : 0
    rows.cutShort = turn.stop == .length ? rows.cutShort + 1 : 0
    rows.full = turn.stop == .contextFull ? rows.full + 1 : 0
    rows.pauses = turn.stop == .pause ? rows.pauses + 1 : 0
    if rows.empty > 0 { owed = .emptyAnswer }
    if isCut, turn.calls.isEmpty { owed = .cutShort }
    // Sent back as the last word, it would be taken for the beginning of the next answer, which newer models refuse.
    if turn.stop == .pause, turn.calls.isEmpty { owed = .paused }
    // No vendor takes back an answer with nothing in it, or with nothing but reasoning that was cut short.
    if !saysNothing {
      Self.distinguish(&turn)
      append(.assistant(turn))
      size.note(answer.usage, at: items.count, maximumOutput: maximumOutput)
    }
    if turn.stop == .contextFull { size.isOverflowing = true }
    // What is refused is not carried out.
    if turn.stop == .refusal { return }
    calls = turn.calls.map { OpenCall(call: $0, isCut: $0.isTruncated) }
    if isCut, let last = calls.indices.last { calls[last].isCut = true }
  }

  /// Gives calls names of their own: two results of one name could not be told apart.
  private static func distinguish(_ turn: inout AssistantTurn) {
    var seen: Set<String> = []
    for index in turn.calls.indices {
      while !seen.insert(turn.calls[index].id).inserted {
        turn.calls[index].id += "_"
        // As it came it has the old names; in this dialect alone it has none.
        if turn.echo?.dialect != .chat { turn.echo = nil }
      }
    }
  }

  // MARK: Calls

  private mutating func take(_ record: IntentRecord) -> Bool {
    guard let index = openCall(record.call), !calls[index].isIntended else { return false }
    calls[index].isIntended = true
    return true
  }

  private mutating func take(_ record: DoneRecord) -> Bool {
    guard let index = openCall(record.result.call) else { return false }
    calls[index].result = record.result
    if record.standing == .executed || record.standing == .unknown { resumedNotice = nil }
    if let delta = record.files { takeFiles(delta) }
    if let known = record.memory { memory = known }
    if let change = record.memoryChange {
      var known = memory ?? ToolboxMemory()
      known.take(change)
      memory = known
    }
    if let effect = record.effect { effects.append(effect) }
    if let steps = record.plan {
      plan = steps
      progress.note(
        plan: steps.map { "\($0.status.rawValue) \($0.text)" }, isOpen: steps.contains { $0.status != .completed })
    }
    if let key = record.key {
      switch record.standing {
      case .refused: repeats.noteRefusal(of: key)
      case .executed:
        if let likeness = record.likeness { repeats.note(key, result: likeness, files: files.stamp) }
      case .malformed, .unknown, .cut: break
      }
    }
    calls[index].standing = record.standing
    closeCalls()
    return true
  }

  private func openCall(_ id: String) -> Int? {
    calls.firstIndex { $0.call.id == id && $0.result == nil }
  }

  /// Puts the results into the conversation where none is missing.
  private mutating func closeCalls() {
    let results = calls.compactMap(\.result)
    guard results.count == calls.count else { return }
    let isAllMalformed = calls.allSatisfy { $0.standing == .malformed || $0.standing == .cut }
    rows.malformed = isAllMalformed ? rows.malformed + 1 : 0
    calls = []
    append(.results(results))
  }

  // MARK: What the harness does

  private mutating func take(_ record: NoticeRecord) -> Bool {
    // Between calls and their results, or a request and its answer, nobody can say anything.
    guard request == nil, calls.isEmpty != (record.kind == .resumed) else { return false }
    switch record.kind {
    case .resumed:
      isResumed = false
      resumedNotice = record.text
    case .closing:
      isClosing = true
      append(.user(record.text))
    case .noProgress:
      toldIdle = progress.idle
      append(.user(record.text))
    case .emptyAnswer, .cutShort, .paused:
      owed = nil
      append(.user(record.text))
    }
    return true
  }

  private mutating func take(_ record: CompactionRecord) -> Bool {
    guard request == nil, calls.isEmpty else { return false }
    measure = nil
    switch record.change {
    case .prune(let pruned): return prune(pruned)
    case .summarise(let text, let keeping): return summarise(text, keeping: keeping)
    case .reset(let text): return summarise(text, keeping: 0)
    }
  }
}
