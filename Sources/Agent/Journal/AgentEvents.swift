package import Base
package import Journal
package import Models
internal import Templates
package import Tools
package import Work

/// Everything that the requests of a run are made from, as it was when the run began.
///
/// The texts are kept and not their names, so that a newer version of the program goes on with the same requests.
package struct AgentSetup: Sendable, Hashable, Codable {
  /// The task, in the words of whoever gave it.
  package var task: String
  package var model: ModelName
  /// The tool profile's name.
  package var profile: String
  package var settings: ModelSettings
  package var capabilities: ModelCapabilities
  /// What the model costs; `nil` where that is not known.
  package var price: ModelPrice?
  package var system: String
  package var tools: [ToolDeclaration]
  /// The first thing that is said to the model.
  package var opening: String
  /// What is said to the model when its conversation has grown too long.
  package var summaryRequest: String
  package var budget: AgentBudget
  /// The commit that is checked out.
  package var commit: ObjectID
  /// The branch that is checked out at it; `nil` where none is.
  package var branch: RefName?
  /// The commit of the base whose instructions and skills count; `nil` where the base has none.
  package var rules: ObjectID?
  /// The hosts that the cell may reach; `nil` where there are none.
  package var hosts: [String]?
  /// What the model's server is asked before the model is; `nil` where enough is known.
  package var probe: CapabilityProbe?

  package init(
    task: String, model: ModelName, profile: String, settings: ModelSettings, capabilities: ModelCapabilities,
    price: ModelPrice?, system: String, tools: [ToolDeclaration], opening: String, summaryRequest: String,
    budget: AgentBudget, commit: ObjectID
  ) {
    self.task = task
    self.model = model
    self.profile = profile
    self.settings = settings
    self.capabilities = capabilities
    self.price = price
    self.system = system
    self.tools = tools
    self.opening = opening
    self.summaryRequest = summaryRequest
    self.budget = budget
    self.commit = commit
  }
}

extension AgentSetup {
  /// What is said to a model whose conversation has grown too long, unless a run has other words for it.
  package static var usualSummaryRequest: String { ContextText.notice(.summaryRequest) }
}

extension ModelSettings {
  /// The most tokens of one answer, unless the model allows fewer: a long file and some thought.
  package static let usualOutput = 32_000
}

/// A request that is about to be sent.
package struct RequestRecord: Sendable, Hashable, Codable {
  /// Which of the run's requests it is, counted from one.
  package var number: Int
  package var purpose: Purpose
  /// Over the bytes of its body.
  package var hash: Digest
  /// The number of those bytes.
  package var size: Int
  /// The tokens of input that it was taken for.
  package var tokens: Int
  /// What it may cost at most, in billionths of a US dollar.
  package var reserved: Int64
  package var isStreamed: Bool
  /// The most tokens that the answer may have; `nil` where the request asks for none, and in older journals.
  package var maximumOutput: Int?
  /// The most tokens of input that money is reserved for; `nil` in older journals.
  package var maximumInput: Int?
  /// The working time of the run until then by the clock of its processes that nobody sets, in milliseconds; `nil` in
  /// older journals.
  package var elapsed: Int64?

  /// What a request is for.
  package enum Purpose: String, Sendable, Hashable, Codable {
    /// The next answer.
    case turn
    /// A summary of the conversation, because it has grown too long.
    case summary
    /// What the model can do.
    case probe
  }
}

/// What a request brought.
package struct AnswerRecord: Sendable, Hashable, Codable {
  package var number: Int
  package var answer: ModelAnswer
  /// What it cost, in billionths of a US dollar.
  package var cost: Int64
  /// What is known of the model since then; `nil` where nothing was learned.
  package var learned: ModelCapabilities?
  /// What the vendor says that it took, where that cannot be; it counts for nothing.
  package var disbelieved: TokenUsage?
}

/// What was found out about the model.
package struct ProbeRecord: Sendable, Hashable, Codable {
  package var number: Int
  /// What it cost, in billionths of a US dollar.
  package var cost: Int64
  /// What it took; `nil` where the model was not asked itself, or the vendor did not say.
  package var usage: TokenUsage?
  /// What is known of the model since then.
  package var found: ModelCapabilities
  /// What is left to ask.
  package var probe: CapabilityProbe
}

/// A request that came to nothing.
package struct FailureRecord: Sendable, Hashable, Codable {
  package var number: Int
  /// What happened, in one word.
  package var kind: String
  /// What happened, in one line for a person.
  package var message: String
  /// What it is taken to have cost.
  package var cost: Int64
  package var measure: Measure
  /// What is known of the model since then; `nil` where nothing was learned.
  package var learned: ModelCapabilities?
  /// Whether it may have taken tokens that nobody has counted; `nil` in older journals.
  package var isPaid: Bool?

  /// What is done about it.
  package enum Measure: Sendable, Hashable, Codable {
    /// The same again, after so many milliseconds.
    case again(after: Int64)
    /// The same again, but the answer in one piece.
    case inOnePiece(after: Int64)
    /// Again, with what is now known of the model.
    case learn(ModelCapabilities)
    /// The conversation has to become shorter first.
    case shorten
    /// The conversation is put in order first.
    case tidy
    /// The conversation is dropped, but for the task and what was done.
    case reset
    /// It was a question about the model: the next one, or the work, after so many milliseconds.
    case goOn(CapabilityProbe, after: Int64)
    /// The process gives up and leaves the run as it is, for another to take up.
    case leave(AgentEnding)
    case end(AgentEnding)
  }
}

/// A call that may change something is about to be carried out.
package struct IntentRecord: Sendable, Hashable, Codable {
  package var call: String
}

/// What came of a call.
package struct DoneRecord: Sendable, Hashable, Codable {
  package var result: ToolResult
  package var standing: Standing
  /// The call in its canonical form; `nil` where it was none.
  package var key: String?
  /// What a repetition is told by; `nil` where a repetition is nothing bad.
  package var likeness: String?
  /// The model's plan, where the call was about it.
  package var plan: [PlanStep]?
  /// What the call changed in the files, where it did.
  package var files: FilesDelta?
  /// All that the tools know, in a journal of an earlier version; since then only what they know otherwise is written.
  package var memory: ToolboxMemory?
  /// What the tools know otherwise, to be given back to them when the run is resumed; `nil` where it is what it was.
  package var memoryChange: ToolboxMemoryChange?
  /// The call in few words, where it need not be made again.
  package var effect: String?

  package enum Standing: String, Sendable, Hashable, Codable {
    case executed
    /// Nobody could understand it.
    case malformed
    /// It was the same again and again.
    case refused
    /// The process died over it.
    case unknown
    /// It was cut off in the middle.
    case cut
  }

  package init(
    result: ToolResult, standing: Standing, key: String? = nil, likeness: String? = nil, plan: [PlanStep]? = nil,
    files: FilesDelta? = nil, memory: ToolboxMemory? = nil, memoryChange: ToolboxMemoryChange? = nil,
    effect: String? = nil
  ) {
    self.result = result
    self.standing = standing
    self.key = key
    self.likeness = likeness
    self.plan = plan
    self.files = files
    self.memory = memory
    self.memoryChange = memoryChange
    self.effect = effect
  }
}

/// Something that the harness says to the model.
package struct NoticeRecord: Sendable, Hashable, Codable {
  package var kind: Kind
  package var text: String

  package enum Kind: String, Sendable, Hashable, Codable {
    case emptyAnswer
    case cutShort
    case paused
    case closing
    case noProgress
    /// For the result of the next call and not for the conversation: the run was taken up again.
    case resumed
  }
}

/// How the conversation was shortened.
package struct CompactionRecord: Sendable, Hashable, Codable {
  package var change: Change

  package enum Change: Sendable, Hashable, Codable {
    /// These results were replaced.
    case prune([PrunedResult])
    /// Everything but the opening and so many of the newest items was replaced by this text, which has the model's
    /// summary in it.
    case summarise(String, keeping: Int)
    /// Everything but the opening was replaced by this text.
    case reset(String)
  }
}

/// A result whose text was replaced, because it is old and long.
package struct PrunedResult: Sendable, Hashable, Codable {
  /// The place of its item in the conversation, counted from zero.
  package var item: Int
  /// Its place among the results of the item, counted from zero.
  package var result: Int
  package var text: String
}

/// How the run ended.
package struct EndRecord: Sendable, Hashable, Codable {
  package var ending: AgentEnding
  /// One line for a person.
  package var reason: String
  /// What the last look found in the files beside what the calls had told: a command may have gone on in the
  /// background, or was under way when the run ended.
  package var files: FilesDelta?

  package init(ending: AgentEnding, reason: String, files: FilesDelta? = nil) {
    self.ending = ending
    self.reason = reason
    self.files = files
  }
}

/// An event of a model's work, as the journal keeps it.
package enum AgentEvent: Sendable, Hashable {
  case started(AgentSetup)
  case resumed
  case requested(RequestRecord)
  case answered(AnswerRecord)
  case failed(FailureRecord)
  case probed(ProbeRecord)
  case intended(IntentRecord)
  case done(DoneRecord)
  case notice(NoticeRecord)
  case compacted(CompactionRecord)
  case ended(EndRecord)

  /// The event behind a run's event; `nil` where that is about something else.
  ///
  /// - Throws: ``JournalError/corrupt(_:)`` where its payload does not fit to its kind.
  package init?(_ event: RunEvent) throws(JournalError) {
    let place = "event \(event.sequence) of run \(event.run)"
    func read<Value: Decodable>(_ type: Value.Type) throws(JournalError) -> Value {
      try event.payload.require(type, in: place)
    }
    switch event.kind {
    case .agentStarted: self = .started(try read(AgentSetup.self))
    case .resumed: self = .resumed
    case .modelRequest: self = .requested(try read(RequestRecord.self))
    case .modelAnswer: self = .answered(try read(AnswerRecord.self))
    case .modelFailure: self = .failed(try read(FailureRecord.self))
    case .modelProbe: self = .probed(try read(ProbeRecord.self))
    case .toolIntended: self = .intended(try read(IntentRecord.self))
    case .toolDone: self = .done(try read(DoneRecord.self))
    case .notice: self = .notice(try read(NoticeRecord.self))
    case .compaction: self = .compacted(try read(CompactionRecord.self))
    case .agentEnded: self = .ended(try read(EndRecord.self))
    case .started, .workspace, .step, .note, .outcome, .effectIntended, .effectDone, .effectRefused, .finished:
      return nil
    }
  }

  /// The event as it is appended to a run; `nil` for ``resumed``, which the journal writes itself.
  ///
  /// - Throws: ``JournalError/unstorable(_:)``.
  package func note() throws(JournalError) -> RunNote? {
    switch self {
    case .started(let detail): try .agent(.agentStarted, detail)
    case .resumed: nil
    case .requested(let detail): try .agent(.modelRequest, detail)
    case .answered(let detail): try .agent(.modelAnswer, detail)
    case .failed(let detail): try .agent(.modelFailure, detail)
    case .probed(let detail): try .agent(.modelProbe, detail)
    case .intended(let detail): try .agent(.toolIntended, detail)
    case .done(let detail): try .agent(.toolDone, detail)
    case .notice(let detail): try .agent(.notice, detail)
    case .compacted(let detail): try .agent(.compaction, detail)
    case .ended(let detail): try .agent(.agentEnded, detail)
    }
  }
}
