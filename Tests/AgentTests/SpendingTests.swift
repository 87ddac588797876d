import Base
import Journal
import Models
import Sandbox
import Testing
import Tools
import Work

@testable import Agent

/// The account of money, time and answers.
@Suite("The account of a run")
struct SpendingTests {
  @Test("reserves before and settles once, and never falls below nothing", arguments: UInt64(1)...20)
  func ledger(seed: UInt64) {
    var draw = SeededGenerator(seed)
    let limit = Int64.random(in: 0...5000, using: &draw)
    var spending = Spending(budget: AgentBudget(money: limit, seconds: 100, steps: 1000))
    var reserved: [Int: Int64] = [:]
    var money: Int64 = 0
    var largest: Int64 = 0
    for number in 1...200 {
      let cost = Int64.random(in: 0...900, using: &draw)
      if spending.exhausted(at: Timestamp(milliseconds: 0), next: cost) == nil {
        spending.reserve(cost, for: number)
        reserved[number] = cost
        largest = max(largest, cost)
      }
      // Some are settled later, some twice, and some that never were.
      for settled in [number, number - 2, Int.random(in: 0...number + 3, using: &draw)] where Bool.random(using: &draw)
      {
        let amount = Int64.random(in: 0...(reserved[settled] ?? 900), using: &draw)
        if reserved.removeValue(forKey: settled) != nil { money += amount }
        spending.settle(settled, at: amount)
      }
      #expect(spending.money == money)
      #expect(spending.committed == reserved.values.reduce(money, +))
      #expect(spending.money >= 0)
      #expect(spending.committed <= max(limit, 0))
    }
    #expect(spending.reserved == reserved)
  }

  @Test("takes every number that a vendor can say")
  func largeNumbers() {
    var spending = Spending(budget: AgentBudget(money: 10, seconds: 1, steps: 1))
    spending.reserve(.max, for: 1)
    spending.reserve(.max, for: 2)
    #expect(spending.committed == .max)
    spending.settle(1, at: .max)
    spending.settle(2, at: .max)
    #expect(spending.money == .max)
    #expect(spending.exhausted(at: Timestamp(milliseconds: 0), next: .max) == .money)
  }

  @Test("counts no time in which nobody worked, and none that runs backwards")
  func time() {
    var spending = Spending(budget: AgentBudget(money: nil, seconds: 10, steps: 1))
    spending.pass(to: Timestamp(milliseconds: 1000), isResumed: false)
    spending.pass(to: Timestamp(milliseconds: 4000), isResumed: false)
    spending.pass(to: Timestamp(milliseconds: 900_000), isResumed: true)
    #expect(spending.milliseconds == 3000)
    spending.pass(to: Timestamp(milliseconds: 899_000), isResumed: false)
    spending.pass(to: Timestamp(milliseconds: 900_000), isResumed: false)
    #expect(spending.milliseconds == 4000)
    #expect(spending.millisecondsLeft(at: Timestamp(milliseconds: 902_000)) == 4000)
    #expect(!spending.isOutOfTime(at: Timestamp(milliseconds: 905_999)))
    #expect(spending.isOutOfTime(at: Timestamp(milliseconds: 906_000)))
  }

  private func endless(_ usage: TokenUsage? = nil) -> Puppet {
    Puppet { _, number in .success(Puppet.answer(.calls(.bash("c", "echo \(number)")), usage)) }
  }

  @Test("ends the run at its last answer, and says so before, once")
  func steps() async throws {
    let rig = try Rig { $0.budget.steps = 20 }
    let outcome = try await rig.perform(endless())
    #expect(outcome.ending == .stepsSpent)
    #expect(outcome.steps == 20)
    #expect(try rig.requests.count == 20)
    #expect(try rig.notices.map(\.kind) == [.closing])
    #expect(try rig.notices.first?.text.contains("2 answers") == true)
    try rig.expectSound(outcome)
    // The control: with less than nine tenths used, nothing is said.
    let other = try Rig { $0.budget.steps = 20 }
    let model = Puppet { _, number in
      .success(Puppet.answer(number < 17 ? .calls(.bash("c", "echo \(number)")) : Puppet.done))
    }
    #expect(try await other.perform(model).ending == .completed)
    #expect(try other.notices.isEmpty)
  }

  @Test("ends the run before a request that might cost more than is left")
  func money() async throws {
    let usage = TokenUsage(input: 3000, output: 4000)
    let limit: Int64 = 200_000_000
    let rig = try Rig {
      $0.price = Rig.price
      $0.budget.money = limit
    }
    let outcome = try await rig.perform(endless(usage))
    #expect(outcome.ending == .moneySpent)
    let cost = try #require(outcome.cost)
    let largest = try rig.requests.map(\.reserved).max() ?? 0
    #expect(cost <= limit)
    #expect(cost + largest > limit)
    #expect(try rig.requests.count > 3)
    #expect(try rig.notices.map(\.kind) == [.closing])
    try rig.expectSound(outcome)
    // The control: without a price nobody knows, and nothing ends it.
    let other = try Rig {
      $0.budget.money = limit
      $0.budget.steps = 30
    }
    let free = try await other.perform(endless(usage))
    #expect(free.ending == .stepsSpent)
    #expect(free.cost == nil)
  }

  @Test(
    "is not emptied by a usage that cannot be, which is estimated and noted",
    arguments: [
      TokenUsage(input: 1, output: 999_999_999), TokenUsage(input: 1 << 40, output: 1),
      TokenUsage(input: 0, cacheRead: 1 << 29, output: 1), TokenUsage(input: 0, cacheWrite: 1 << 29, output: 1),
      TokenUsage(input: 100, output: 4001), TokenUsage(input: 0, output: 10), TokenUsage(input: -5, output: -5),
    ])
  func impossibleUsage(_ usage: TokenUsage) async throws {
    let rig = try Rig {
      $0.price = Rig.price
      $0.budget.money = 2_000_000_000
      $0.budget.steps = 12
    }
    let outcome = try await rig.perform(endless(usage))
    #expect(outcome.ending == .stepsSpent)
    let answers = try rig.journal.agentEvents.compactMap { if case .answered(let one) = $0 { one } else { nil } }
    #expect(answers.count == 12 && answers.allSatisfy { $0.disbelieved == usage && $0.answer.usage == nil })
    #expect(zip(answers, try rig.requests).allSatisfy { $0.cost > 0 && $0.cost <= $1.reserved })
    try rig.expectSound(outcome)
    // The control: as much as can be is believed and paid.
    let other = try Rig {
      $0.price = Rig.price
      $0.budget.steps = 2
    }
    try await other.perform(endless(TokenUsage(input: 100, cacheRead: 200, output: 4000)))
    let believed = try other.journal.agentEvents.compactMap { if case .answered(let one) = $0 { one } else { nil } }
    #expect(believed.allSatisfy { $0.disbelieved == nil && $0.cost == 100_000 + 20_000 + 20_000_000 })
  }

  @Test("never costs more than its limit, whatever the vendor counts that is believed", arguments: 0..<40)
  func hardLimit(_ step: Int) async throws {
    let limit: Int64 = 30_000_000 + Int64(step) * 3_000_000
    let rig = try Rig(files: ["a": String(repeating: "x", count: 9000)]) {
      $0.price = Rig.price
      $0.budget.money = limit
    }
    // It counts as much as is believed: each byte that is new to it as a token.
    let model = Puppet { _, number in
      let state = try? AgentState.replay(rig.journal.events)
      let most = state?.request?.maximumInput ?? 0
      let usage = TokenUsage(input: 0, cacheWrite: most, output: state?.request?.maximumOutput ?? 0)
      return .success(Puppet.answer(.calls(.read("r\(number)", "a")), usage))
    }
    let outcome = try await rig.perform(model)
    #expect(outcome.ending == .moneySpent)
    #expect(try #require(outcome.cost) <= limit)
    #expect(!outcome.reason.contains("more than its limit"))
    let answers = try rig.journal.agentEvents.compactMap { if case .answered(let one) = $0 { one } else { nil } }
    #expect(answers.allSatisfy { $0.disbelieved == nil })
    #expect(zip(answers, try rig.requests).allSatisfy { $0.cost == $1.reserved })
    #expect(try rig.requests.allSatisfy { $0.reserved > 0 && $0.maximumInput != nil })
    // The control: one token more is not believed.
    if step == 39 {
      #expect(answers.count > 1)
      let other = try Rig {
        $0.price = Rig.price
        $0.budget.steps = 1
      }
      try await other.perform(
        Puppet { _, _ in
          let request = (try? AgentState.replay(other.journal.events))?.request
          return .success(
            Puppet.answer(.calls(.bash("c", "echo")), TokenUsage(input: (request?.maximumInput ?? 0) + 1, output: 1)))
        })
      let answer = try other.journal.agentEvents.compactMap { if case .answered(let one) = $0 { one } else { nil } }
      #expect(answer.first?.disbelieved != nil)
    }
  }

  @Test("pays a claim beyond what it believes as far as money was reserved, unless it is absurd")
  func claims() async throws {
    func cost(_ claim: TokenUsage) async throws -> (cost: Int64, reserved: Int64) {
      let rig = try Rig {
        $0.price = Rig.price
        $0.budget.steps = 1
      }
      let outcome = try await rig.perform(endless(claim))
      return (try #require(outcome.cost), try #require(try rig.requests.first?.reserved))
    }
    let much = try await cost(TokenUsage(input: 50_000, output: 4000))
    #expect(much.cost == much.reserved)
    // The controls: what is believed, and what nobody can mean.
    let little = try await cost(TokenUsage(input: 5000, output: 4000))
    #expect(little.cost == 25_000_000)
    let absurd = try await cost(TokenUsage(input: 1 << 40, output: 4000))
    #expect(absurd.cost > 0 && absurd.cost * 2 < absurd.reserved)
  }

  @Test("reserves for bytes that were counted what they were counted at, and the worst for new ones alone")
  func countedPrefix() async throws {
    let rig = try Rig {
      $0.price = Rig.price
      $0.budget.steps = 2
    }
    try await rig.perform(endless(TokenUsage(input: 3000, output: 400)))
    let most = try rig.requests.map { try #require($0.maximumInput) }
    #expect(most.count == 2)
    #expect(most[0] > 2 * 3000 && most[0] > ContextSize.hiddenFront)
    #expect(most[1] > 3400 && most[1] < 3400 + 6000)
    // The control: of a vendor that does not count, the second is the larger one.
    let other = try Rig {
      $0.price = Rig.price
      $0.budget.steps = 2
    }
    try await other.perform(endless())
    let uncounted = try other.requests.map { try #require($0.maximumInput) }
    #expect(uncounted[1] > uncounted[0])
    // What the window is filled with is estimated as before.
    #expect(try other.requests.allSatisfy { $0.tokens * 3 < $0.maximumInput ?? 0 })
  }

  @Test("works for five cents with a cheap model")
  func smallBudget() async throws {
    let price = PriceTable().price(of: try ModelName("openai/gpt-5-mini"))
    let rig = try Rig {
      $0.price = price
      $0.budget.money = 50_000_000
    }
    let model = Puppet { _, number in
      .success(
        Puppet.answer(
          number < 10 ? .calls(.bash("c", "echo \(number)")) : Puppet.done, TokenUsage(input: 5000, output: 200)))
    }
    let outcome = try await rig.perform(model)
    #expect(outcome.ending == .completed)
    #expect(try rig.notices.isEmpty)
  }

  @Test("says where it has cost more than the limit all the same, as a journal can tell", arguments: [false, true])
  func saysExcess(isMore: Bool) async throws {
    let rig = try Rig {
      $0.price = Rig.price
      $0.budget.money = 1_000_000_000
    }
    var state = try #require(try AgentState.replay(rig.journal.events))
    state.spending.reserve(10, for: 0)
    state.spending.settle(0, at: isMore ? 1_000_000_007 : 0)
    state.end = EndRecord(ending: .completed, reason: "done")
    let run = AgentRun(Rig.run, under: Claim(job: 1, fence: 1), state: state, rig.surroundings(Puppet([])))
    let outcome = await run.perform()
    #expect(outcome.ending == .completed)
    #expect(outcome.reason.contains("more than its limit") == isMore)
  }

  @Test("tells a usage that is not whole from one that is")
  func usageAccount() async throws {
    func account(_ model: Puppet) async throws -> UsageAccount {
      let rig = try Rig { $0.budget.steps = 3 }
      try await rig.perform(model)
      var account = UsageAccount()
      for event in try rig.journal.agentEvents { account.take(event) }
      return account
    }
    let usage = TokenUsage(input: 100, cacheRead: 20, output: 10)
    let whole = try await account(endless(usage))
    #expect(!whole.isEstimated && whole.total == TokenUsage(input: 300, cacheRead: 60, output: 30))
    // One that says nothing, one that says nonsense, one that was cut off.
    for wrong in [
      Result<TokenUsage?, ModelError>.success(nil), .success(TokenUsage(input: 1 << 40, output: 1)),
      .failure(ModelError(.interrupted, message: "cut", received: 10)),
    ] {
      let some = try await account(
        Puppet { _, number in
          let turn = AssistantTurn.calls(.bash("c", "echo \(number)"))
          guard number == 1 else { return .success(Puppet.answer(turn, usage)) }
          return wrong.map { Puppet.answer(turn, $0) }
        })
      #expect(some.isEstimated && some.uncounted == 1)
      #expect(some.total.input >= 200)
    }
    // What never reached a server took nothing.
    let unreached = try await account(
      Puppet { _, number in
        number == 1
          ? .failure(ModelError(.unreachable, message: "gone"))
          : .success(Puppet.answer(.calls(.bash("c", "echo \(number)")), usage))
      })
    #expect(!unreached.isEstimated)
    // A process that died over a request leaves it open.
    var open = UsageAccount()
    open.take(
      .requested(
        RequestRecord(
          number: 1, purpose: .turn, hash: Digest(ofContent: []), size: 0, tokens: 0, reserved: 0, isStreamed: true)))
    #expect(open.isEstimated)
  }

  @Test("believes the process how long it worked, and not the clock on the wall")
  func elapsed() async throws {
    let rig = try Rig { $0.budget.seconds = 800 }
    try await rig.perform(.calls(.bash("a", "echo 1")), .calls(.bash("b", "echo 2")))
    // The wall's clock went forward by an hour in the middle, as the times of the events tell.
    let events = rig.journal.events
    func state(_ change: (inout RequestRecord) -> Void) throws -> AgentState {
      var state: AgentState?
      var time: Int64 = 1_000_000
      for event in events {
        guard var event = try AgentEvent(event) else { continue }
        if case .started(let setup) = event { state = AgentState(setup) }
        if case .requested(var record) = event {
          time += 3_600_000
          change(&record)
          event = .requested(record)
        }
        state?.spend(until: Timestamp(milliseconds: time))
        _ = state?.take(event)
      }
      return try #require(state)
    }
    #expect(try state { _ in }.spending.milliseconds == 0)
    // The control: without the process's word, the times of the events count.
    #expect(try state { $0.elapsed = nil }.spending.milliseconds >= 7_200_000)
    // What a journal says can be any number.
    #expect(try state { $0.elapsed = .min }.spending.milliseconds == 0)
    #expect(try state { $0.elapsed = .max }.spending.millisecondsLeft(at: Timestamp(milliseconds: 0)) == 0)
  }

  @Test("has a clock for itself that nobody sets")
  func steadyClock() {
    let time = Lock<Int64>(5_000_000)
    let wall = WallClock { Timestamp(milliseconds: time.withLock { $0 }) }
    let steady = wall.steady()
    let first = steady.now().milliseconds
    #expect(first >= 5_000_000)
    for moment in [Int64(0), 900_000_000] {
      time.withLock { $0 = moment }
      let next = steady.now().milliseconds
      #expect(next >= first && next < first + 60_000)
      // The control.
      #expect(wall.now().milliseconds == moment)
    }
  }

  @Test("pays for answers that were lost, and stops asking when that has cost too much")
  func lostAnswers() async throws {
    let rig = try Rig {
      $0.price = Rig.price
      $0.budget.money = 90_000_000
    }
    let outcome = try await rig.perform(
      Puppet { _, _ in .failure(ModelError(.interrupted, message: "cut", received: 10_000_000)) })
    #expect(outcome.ending == .moneySpent)
    #expect(try #require(outcome.cost) <= 90_000_000)
    #expect(try rig.requests.count == 3)
    // Little that was seen costs little, and what a server had that then fell silent costs something.
    for error in [ModelError(.interrupted, message: "cut", received: 500), ModelError(.stalled, message: "silent")] {
      let cheap = try Rig {
        $0.price = Rig.price
        $0.budget.money = 90_000_000
      }
      let cost = try #require(try await cheap.perform(Puppet { _, _ in .failure(error) }).cost)
      let reserved = try cheap.requests.reduce(0) { $0 + $1.reserved }
      #expect(cost > 0 && cost < reserved)
    }
    // The control: what never reached a server costs nothing.
    let other = try Rig {
      $0.price = Rig.price
      $0.budget.money = 90_000_000
    }
    let unpaid = try await other.perform(Puppet { _, _ in .failure(ModelError(.unreachable, message: "gone")) })
    #expect(unpaid.ending == .modelUnavailable)
    #expect(unpaid.cost == 0)
  }

  @Test("ends the run when its time is over, between two calls and in the middle of one", arguments: [false, true])
  func timeIsOver(hangs: Bool) async throws {
    var rig = try Rig { $0.budget.seconds = 600 }
    let clock = rig.clock
    rig.sleep = { duration in
      // Nobody sleeps for as long as the tool hangs; then all of the time has passed.
      while !hangs { try await Task.sleep(for: .seconds(3600)) }
      clock.advance(Int64(duration.components.seconds * 1000))
    }
    rig.world.before { (_) async throws(SandboxError) in
      clock.advance(95_000)
      guard hangs else { return }
      // It does not listen to anybody.
      await withCheckedContinuation { (never: CheckedContinuation<Void, Never>) in Forgotten.keep(never) }
    }
    let outcome = try await rig.perform(endless())
    #expect(outcome.ending == .timeSpent)
    #expect(rig.world.performed.count == (hangs ? 0 : 7))
    if !hangs { #expect(try rig.notices.map(\.kind) == [.closing]) }
    try rig.expectSound(outcome)
  }

  @Test("is told of a closing once, however many reasons there are")
  func closingOnce() async throws {
    var rig = try Rig {
      $0.budget.seconds = 1000
      $0.budget.steps = 10
    }
    let clock = rig.clock
    rig.sleep = { _ in while true { try await Task.sleep(for: .seconds(3600)) } }
    rig.world.before { (_) async throws(SandboxError) in clock.advance(99_000) }
    let outcome = try await rig.perform(endless())
    #expect(outcome.ending == .stepsSpent)
    #expect(try rig.notices.map(\.kind) == [.closing])
  }

  @Test("does not wait for a retry beyond its time")
  func waitsNoLonger() async throws {
    var rig = try Rig { $0.budget.seconds = 20 }
    let clock = rig.clock
    let slept = Lock<[Duration]>([])
    rig.sleep = { duration in
      slept.withLock { $0.append(duration) }
      clock.advance(duration.ms)
    }
    let error = ModelError(.rateLimited, message: "later", retryAfter: .seconds(15))
    let outcome = try await rig.perform(Puppet { _, _ in .failure(error) })
    #expect(outcome.ending == .timeSpent)
    #expect(try rig.requests.count == 2)
    #expect(slept.withLock { $0.reduce(.zero, +) } <= .seconds(20))
    try rig.expectSound(outcome)
  }

  @Test("does not count the time between a death and the next process")
  func restTime() async throws {
    let rig = try Rig { $0.budget.seconds = 800 }
    try await rig.perform(.calls(.bash("a", "echo 1")), .calls(.bash("b", "echo 2")))
    rig.clock.advance(3_600_000)
    let next = try rig.interrupted(after: 5)
    let outcome = try await next.perform()
    #expect(outcome.ending == .completed)
    // The control: the same hour, with a process at work.
    let busy = try Rig { $0.budget.seconds = 800 }
    busy.world.before { (_) async throws(SandboxError) in busy.clock.advance(3_600_000) }
    #expect(try await busy.perform(.calls(.bash("a", "echo 1"))).ending == .timeSpent)
  }
}

/// What is never resumed must still be kept, or the checks of the run-time complain.
enum Forgotten {
  private static let kept = Lock<[CheckedContinuation<Void, Never>]>([])

  static func keep(_ one: CheckedContinuation<Void, Never>) { kept.withLock { $0.append(one) } }
}
