import Testing

@testable import HTTP

@Suite("Deadlines of a request")
struct WatchTests {
  private func at(_ milliseconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: milliseconds * 1_000_000) }

  private func watch(total: Duration? = nil) -> Watch {
    let limits = HTTPDeadlines(connect: .milliseconds(10), idle: .milliseconds(90), total: total)
    return Watch(limits, began: at(1000))
  }

  @Test("The connection's deadline counts from the beginning")
  func connecting() throws {
    let next = try #require(watch().next)
    #expect(next.at == at(1010) && next.code == .connectDeadline)
  }

  @Test("Once connected, silence counts from when the request was sent, and anew from every byte")
  func idle() throws {
    var watch = watch()
    watch.connect(at: at(1005))
    #expect(try #require(watch.next).at == at(1095))
    watch.byte(at: at(1050))
    let next = try #require(watch.next)
    #expect(next.at == at(1140) && next.code == .idleDeadline)
  }

  @Test("Silence does not count while nobody listens, and counts anew from when somebody does")
  func paused() throws {
    var watch = watch()
    watch.connect(at: at(1005))
    watch.pause()
    #expect(watch.next == nil)
    watch.resume(at: at(9000))
    #expect(try #require(watch.next).at == at(9090))
  }

  @Test("The total counts in every state, and the earlier limit is named")
  func total() throws {
    var watch = watch(total: .milliseconds(100))
    #expect(try #require(watch.next).code == .connectDeadline)
    watch.connect(at: at(1005))
    #expect(try #require(watch.next).code == .idleDeadline)
    watch.byte(at: at(1050))
    var next = try #require(watch.next)
    #expect(next.at == at(1100) && next.code == .totalDeadline)
    watch.pause()
    next = try #require(watch.next)
    #expect(next.at == at(1100) && next.code == .totalDeadline)
  }

  @Test("Limits that are too long to be said never come, and negative ones are reached at once")
  func extremes() throws {
    var limits = HTTPDeadlines(connect: .seconds(Int64.max), idle: .seconds(-5))
    var watch = Watch(limits, began: at(1000))
    #expect(try #require(watch.next).at.nanoseconds == .max)
    watch.connect(at: at(1000))
    #expect(try #require(watch.next).at == at(1000))
    limits.connect = .nanoseconds(1)
    #expect(try #require(Watch(limits, began: at(1000)).next).at == MonotonicTime(nanoseconds: 1_000_000_001))
  }

  @Test("Waiting is rounded up to whole milliseconds")
  func rounding() {
    #expect(MonotonicTime(nanoseconds: 5).milliseconds(until: MonotonicTime(nanoseconds: 6)) == 1)
    #expect(MonotonicTime(nanoseconds: 0).milliseconds(until: MonotonicTime(nanoseconds: 2_000_000)) == 2)
    #expect(MonotonicTime(nanoseconds: 6).milliseconds(until: MonotonicTime(nanoseconds: 5)) == 0)
  }
}
