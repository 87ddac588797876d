import Base
import Journal
import Testing
import Work

@Suite("Hash chains")
struct ChainTests {
  private let run = RunID(random: 42)

  private func key() throws -> JobKey { job(for: try push("e", to: 1, at: 1)).key }

  /// A run with so many events between its start and its end.
  private func chain(_ seed: Int, finished: Bool = true) throws -> [RunEvent] {
    var generator = SeededGenerator(seed: seed)
    let count = Int.random(in: 4...40, using: &generator)
    var events: [RunEvent] = []
    var previous = Chain.origin(of: run, job: try key())
    func append(_ kind: RunEvent.Kind, _ payload: CanonicalJSON) {
      let event = Chain.event(
        run: run, sequence: events.count + 1, time: Timestamp(milliseconds: Int64(events.count)), kind: kind,
        payload: payload, previous: previous)
      events.append(event)
      previous = event.hash
    }
    append(.started, try CanonicalJSON(["seed": seed]))
    for _ in 0..<count {
      let kind = RunEvent.Kind.allCases.filter { $0 != .started && $0 != .finished }.randomElement(using: &generator)
      append(kind ?? .note, try CanonicalJSON(["n": Int.random(in: 0...1_000_000, using: &generator)]))
    }
    if finished {
      let closing = Closing(verdict: .clean, summary: "")
      append(.finished, try CanonicalJSON(RunFinished(count: events.count + 1, closing: closing)))
    }
    return events
  }

  private func isBroken(_ events: [RunEvent]) throws -> Bool {
    if case .broken = Chain.verify(events, run: run, job: try key()) { true } else { false }
  }

  @Test("An untouched chain holds", arguments: 0..<20, [true, false])
  func holds(_ seed: Int, finished: Bool) throws {
    let events = try chain(seed, finished: finished)
    let head = try #require(events.last?.hash)
    #expect(
      Chain.verify(events, run: run, job: try key())
        == .verified(count: events.count, head: head, finished: finished))
  }

  @Test("Every edit of every field of every event is seen", arguments: 0..<6)
  func edits(_ seed: Int) throws {
    let events = try chain(seed)
    let other = try #require(Digest(bytes: Array(repeating: 7, count: 32)))
    let edits: [(inout RunEvent) -> Void] = [
      { $0.time.milliseconds += 1 }, { $0.sequence += 1 }, { $0.run = RunID(random: 43) },
      { $0.kind = $0.kind == .note ? .step : .note }, { $0.previous = other }, { $0.hash = other },
      { $0.payload = CanonicalJSON(stored: $0.payload.bytes + [0x20]) },
    ]
    for index in events.indices {
      for edit in edits {
        var changed = events
        edit(&changed[index])
        #expect(try isBroken(changed))
      }
    }
  }

  @Test("Removing, inserting, doubling, swapping and cutting are seen", arguments: 0..<6)
  func order(_ seed: Int) throws {
    let events = try chain(seed)
    for index in events.indices {
      var changed = events
      changed.remove(at: index)
      // Without its end the run is one that has not finished: only the ledger shows that.
      #expect(try isBroken(changed) == (index < events.count - 1))
      changed = events
      changed.insert(events[index], at: index)
      #expect(try isBroken(changed))
      for second in events.indices where second > index {
        changed = events
        changed.swapAt(index, second)
        #expect(try isBroken(changed))
      }
    }
    #expect(try isBroken(events.reversed()))
    #expect(try isBroken([]))
  }

  @Test("An event that was chained anew breaks the next", arguments: 0..<6)
  func rechained(_ seed: Int) throws {
    let events = try chain(seed)
    for index in events.indices.dropLast() {
      var changed = events
      let old = events[index]
      changed[index] = Chain.event(
        run: run, sequence: old.sequence, time: old.time, kind: old.kind, payload: try CanonicalJSON(["n": -1]),
        previous: old.previous)
      #expect(
        Chain.verify(changed, run: run, job: try key())
          == .broken(
            at: index + 2, reason: "the event does not continue the one before it"))
    }
  }

  @Test("An end that does not know its run is seen, and so is what follows an end")
  func end() throws {
    let events = try chain(1, finished: false)
    let last = try #require(events.last)
    func next(_ count: Int, after event: RunEvent) throws -> RunEvent {
      let closing = Closing(verdict: .clean, summary: "")
      return Chain.event(
        run: run, sequence: event.sequence + 1, time: last.time, kind: .finished,
        payload: try CanonicalJSON(RunFinished(count: count, closing: closing)), previous: event.hash)
    }
    let right = try next(last.sequence + 1, after: last)
    #expect(try !isBroken(events + [right]))
    #expect(try isBroken(events + [next(last.sequence, after: last)]))
    #expect(try isBroken(events + [right, next(last.sequence + 2, after: right)]))
  }

  @Test("A chain is bound to its run and its job")
  func bound() throws {
    let events = try chain(1)
    let other = job(.resolve, for: try push("e", to: 1, at: 1)).key
    #expect(
      Chain.verify(events, run: run, job: other)
        == .broken(
          at: 1, reason: "the event does not continue the one before it"))
    if case .verified = Chain.verify(events, run: RunID(random: 1), job: try key()) {
      Issue.record("another run's chain was taken")
    }
  }

  @Test("Fields cannot run into each other")
  func fields() {
    #expect(Digest(of: [[1, 2], [3]]) != Digest(of: [[1], [2, 3]]))
    #expect(Digest(of: [[1], []]) != Digest(of: [[1]]))
    #expect(Digest(of: [[1, 2], [3]]) == Digest(of: [[1, 2], [3]]))
    // SHA-256 of nothing, from FIPS 180-4's examples.
    #expect(Digest(of: []).hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }

  @Test("The same value is the same bytes")
  func canonical() throws {
    let one = try CanonicalJSON(["b": "x/y", "a": "ü", "c": "\n"])
    #expect(one.text == #"{"a":"ü","b":"x/y","c":"\n"}"#)
    #expect(one.decode([String: String].self) == ["a": "ü", "b": "x/y", "c": "\n"])
    #expect(throws: JournalError.self) { try CanonicalJSON([Double.nan]) }
  }
}

@Suite("The ledger of finished runs")
struct LedgerTests {
  private func ledger(_ count: Int) -> [LedgerEntry] {
    var entries: [LedgerEntry] = []
    var head = LedgerHead(count: 0, hash: Ledger.origin(of: "db"))
    for number in 0..<count {
      let entry = Ledger.entry(
        after: head, run: RunID(random: UInt64(number)), count: number + 2, head: Digest(of: [[UInt8(number)]]),
        time: Timestamp(milliseconds: Int64(number)))
      entries.append(entry)
      head = LedgerHead(count: entry.position, hash: entry.hash)
    }
    return entries
  }

  @Test("Every change is seen, and no change is not")
  func changes() {
    let entries = ledger(12)
    #expect(Ledger.fault(in: entries, of: "db") == nil)
    #expect(Ledger.fault(in: [], of: "db") == nil)
    #expect(Ledger.fault(in: entries, of: "another")?.at == 1)
    let edits: [(inout LedgerEntry) -> Void] = [
      { $0.count += 1 }, { $0.run = RunID(random: 99) }, { $0.head = Digest(of: []) }, { $0.position += 1 },
      { $0.time.milliseconds += 1 }, { $0.previous = Digest(of: []) }, { $0.hash = Digest(of: []) },
    ]
    for index in entries.indices {
      for edit in edits {
        var changed = entries
        edit(&changed[index])
        #expect(Ledger.fault(in: changed, of: "db")?.at == index + 1)
      }
      guard index < entries.count - 1 else { continue }
      var changed = entries
      changed.remove(at: index)
      #expect(Ledger.fault(in: changed, of: "db")?.at == index + 1)
      changed = entries
      changed.swapAt(index, index + 1)
      #expect(Ledger.fault(in: changed, of: "db")?.at == index + 1)
    }
  }
}

@Suite("A run's state from its events")
struct RunStateTests {
  private func replay(_ steps: [(RunEvent.Kind, CanonicalJSON)]) throws -> RunState {
    let zero = Digest(of: [])
    return try RunState.replay(
      steps.enumerated().map { index, step in
        RunEvent(
          run: RunID(random: 1), sequence: index + 1, time: Timestamp(milliseconds: 0), kind: step.0,
          payload: step.1, previous: zero, hash: zero)
      })
  }

  @Test("Events that cannot follow each other are refused")
  func refused() throws {
    let decision = (
      RunEvent.Kind.outcome, try CanonicalJSON(Decision(outcome: reviewOutcome, publication: publication(2)))
    )
    func intended(_ effect: Int) throws -> (RunEvent.Kind, CanonicalJSON) {
      (.effectIntended, try CanonicalJSON(EffectIntended(effect: effect)))
    }
    func done(_ effect: Int) throws -> (RunEvent.Kind, CanonicalJSON) {
      (.effectDone, try CanonicalJSON(EffectDone(effect: effect, result: "")))
    }
    func refusal(_ effect: Int) throws -> (RunEvent.Kind, CanonicalJSON) {
      let instead = Decision(outcome: reviewOutcome, publication: try publication(1))
      return (.effectRefused, try CanonicalJSON(EffectRefused(effect: effect, reason: "", instead: instead)))
    }
    let end = (
      RunEvent.Kind.finished,
      try CanonicalJSON(RunFinished(count: 1, closing: Closing(verdict: .clean, summary: "")))
    )
    let refused: [[(RunEvent.Kind, CanonicalJSON)]] = [
      [decision, decision], [try intended(0)], [decision, try done(0)], [decision, try intended(1)],
      [decision, try intended(0), try intended(0)], [decision, try intended(0), try done(1)],
      [decision, try intended(0), try intended(1)], [end, end], [end, decision],
      [(.outcome, CanonicalJSON(stored: Array("{}".utf8)))],
      [decision, try intended(0), try done(0), try intended(1), try done(1), try intended(2)],
      [decision, try refusal(0)], [decision, try intended(0), try refusal(1)],
      [decision, try intended(0), try done(0), try refusal(0)], [try refusal(0)],
    ]
    for steps in refused { #expect(throws: JournalError.self) { try replay(steps) } }
    let whole = [decision, try intended(0), try done(0), try intended(1), try done(1)]
    #expect(try replay(whole).next == .finish)
    #expect(try replay(whole + [end]).next == .none)
    #expect(try replay([]).next == .decide)
    // Of two effects the second was refused, and one takes its place.
    let turned = [decision, try intended(0), try done(0), try intended(1), try refusal(1)]
    #expect(try replay(turned).next == .begin(effect: 1))
    #expect(try replay(turned + [try intended(1), try done(1)]).next == .finish)
    #expect(try replay([decision, end]).next == .none)
  }

  @Test("A decision without effects is finished next")
  func nothingToPublish() throws {
    let decision = Decision(outcome: .failed(reason: "x"), publication: Publication())
    #expect(try replay([(.outcome, try CanonicalJSON(decision))]).next == .finish)
  }
}
