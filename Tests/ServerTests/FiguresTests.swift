import Base
import CoreMetrics
import Journal
import JournalSQLite
import Logging
import Server
import Templates
import Testing
import Work

@Suite("Figures")
struct FiguresTests {
  @Test("Deliveries, the queue, runs, money, models and effects are counted")
  func all() async throws {
    let server = try await TestServer.start()
    _ = try await server.deliver("opened 1", id: "a")
    _ = try await server.deliver("opened 1", id: "a")
    _ = try await server.deliver("opened 1", secret: "wrong")
    let (run, claimed) = try await Samples.start(.review, number: 5, run: 3, in: server.journal)
    // The oldest waits: it is given the job of the delivery first.
    let notes = [
      try Samples.request(1), try Samples.answer(1, "\\\"cost\\\":9", cost: 2_500_000_000), try Samples.request(2),
      try Samples.answer(2, "again", cost: 500_000_000),
    ]
    try await server.journal.append(notes, to: run, under: claimed.claim, surviving: .machine)
    let outcome = Outcome.review(ReviewOutcome(findings: [], unread: [], overall: "fine"))
    try await Samples.finish(run, claimed, outcome, effects: [.forge(.summary(body: "x"))], in: server.journal)
    let kind = claimed.job.kind.rawValue
    let text = try await server.get("/metrics").text
    for line in [
      "arborist_deliveries_total{forge=\"github\",result=\"accepted\"} 1",
      "arborist_deliveries_total{forge=\"github\",result=\"repeated\"} 1",
      "arborist_deliveries_total{forge=\"github\",result=\"unauthenticated\"} 1",
      "arborist_runs_total{kind=\"\(kind)\",verdict=\"clean\"} 1", "arborist_model_dollars_total{kind=\"\(kind)\"} 3",
      "arborist_model_seconds_count 2", "arborist_effects_total{effect=\"summary\"} 1",
      "arborist_effect_seconds_count{effect=\"summary\"} 1", "arborist_journal_up 1", "state=\"waiting\"} 1",
      "arborist_delivery_seconds_bucket{forge=\"github\",le=\"+Inf\"} 3",
    ] { #expect(text.contains(line + "\n") || text.contains(line), "\(line)") }
    let resident = try unwrap(text.firstMatch(of: /process_resident_memory_bytes (\d+)/)?.output.1)
    #expect((Int(resident) ?? 0) > 1_000_000)
    #expect(
      try await server.get("/metrics").text.contains("arborist_runs_total{kind=\"\(kind)\",verdict=\"clean\"} 1\n"))
    try await server.stop()
  }

  @Test("What models cost counts for the kind of work that asked them")
  func dollars() async throws {
    let server = try await TestServer.start()
    let kinds: [JobKind] = [.review, .fix, .resolve, .ask]
    for (index, kind) in kinds.enumerated() {
      let (run, claimed) = try await Samples.start(kind, number: index + 1, run: UInt64(index + 1), in: server.journal)
      for task in 1...2 {
        let cost = Int64(1_000_000_000 << index)
        _ = try await Samples.task(
          of: run, claimed.job, run: UInt64(10 * index + 100 + task), cost: cost, in: server.journal)
      }
      try await Samples.close(run, claimed, .clean, in: server.journal)
    }
    // The control: a task that a person gave is no other work's.
    let (_, job) = try Samples.job(.agent, number: 9, time: Timestamp(seconds: 1_800_000_000))
    let own = RunID(random: 999)
    let claim = try await server.journal.beginByHand(
      job, run: own, worker: Samples.worker, notes: [try Samples.answer(1, "done", cost: 32_000_000_000)])
    try await server.journal.decide(.failed(reason: "-"), publication: Publication(), of: own, under: claim)
    try await server.journal.finish(own, Closing(verdict: .completed, summary: "-"), under: claim)
    let text = try await server.get("/metrics").text
    for (kind, dollars) in [("review", 2), ("fix", 4), ("resolve", 8), ("ask", 16), ("agent", 32)] {
      #expect(text.contains("arborist_model_dollars_total{kind=\"\(kind)\"} \(dollars)\n"), "\(kind): \(text)")
    }
    // Runs are counted as what they are.
    #expect(text.contains("arborist_runs_total{kind=\"agent\",verdict=\"completed\"} 9\n"))
    try await server.stop()
  }

  @Test("Requests to forges are shown, whichever worker's broker made them")
  func forges() async throws {
    let server = try await TestServer.start()
    #expect(try await !server.get("/metrics").text.contains("arborist_forge_seconds"))
    var reads = ForgeFigure(.init(.gitea, .read, .done))
    for milliseconds in [40, 50, 260, 9_000_000] as [Int64] { reads.record(milliseconds: milliseconds) }
    var writes = ForgeFigure(.init(.github, .write, .limited))
    writes.record(milliseconds: 700)
    try await server.journal.add([reads, writes])
    try await server.journal.add([writes, ForgeFigure(.init(.gitlab, .push, .failed))])
    let text = try await server.get("/metrics").text
    let (gitea, github) = ("forge=\"gitea\",operation=\"read\"", "forge=\"github\",operation=\"write\"")
    for line in [
      "# TYPE arborist_forge_seconds histogram",
      "arborist_forge_seconds_bucket{\(gitea),result=\"done\",le=\"0.05\"} 2",
      "arborist_forge_seconds_bucket{\(gitea),result=\"done\",le=\"0.25\"} 2",
      "arborist_forge_seconds_bucket{\(gitea),result=\"done\",le=\"0.5\"} 3",
      "arborist_forge_seconds_bucket{\(gitea),result=\"done\",le=\"+Inf\"} 4",
      "arborist_forge_seconds_sum{\(gitea),result=\"done\"} 9000.35",
      "arborist_forge_seconds_count{\(github),result=\"limited\"} 2",
      "arborist_forge_seconds_sum{\(github),result=\"limited\"} 1.4",
    ] { #expect(text.contains(line + "\n"), "\(line) in \(text)") }
    #expect(!text.contains("gitlab"))
    try await server.stop()
  }

  @Test("Every line is a comment or a sample, and a family stands in one place")
  func format() async throws {
    let server = try await TestServer.start()
    _ = try await server.deliver("opened 1")
    var families: [Substring] = []
    for line in try await server.get("/metrics").text.split(separator: "\n") {
      if line.hasPrefix("# TYPE ") { families.append(line.split(separator: " ")[2]) }
      let sample = /[a-zA-Z_:][a-zA-Z0-9_:]*(\{[a-z_]+="[^"\n]*"(,[a-z_]+="[^"\n]*")*\})? -?[0-9.e+-]+/
      #expect(line.hasPrefix("# ") || line.wholeMatch(of: sample) != nil, "\(line)")
    }
    #expect(Set(families).count == families.count && families.count > 8)
    try await server.stop()
  }

  @Test("A counter never goes back, labels are escaped, and strangers' labels do not fill the memory")
  func registry() async throws {
    let metrics = ServerMetrics()
    let counter = Counter(label: "odd name", dimensions: [("a-b", "x\"y\\z\n")], factory: metrics.registry)
    counter.increment(by: 3)
    counter.increment(by: -5)
    for number in 0..<2000 {
      Counter(label: "many", dimensions: [("n", "\(number)")], factory: metrics.registry).increment()
    }
    Meter(label: "level", factory: metrics.registry).set(2.5)
    Meter(label: "level", factory: metrics.registry).decrement(by: 1)
    Timer(label: "arborist_effect_seconds", dimensions: [], factory: metrics.registry).recordNanoseconds(2_000_000_000)
    let text = metrics.registry.text()
    #expect(text.contains("odd_name{a_b=\"x\\\"y\\\\z\\n\"} 3\n"))
    #expect(text.contains("level 1.5\n"))
    #expect(text.contains("arborist_effect_seconds_bucket{le=\"2.5\"} 1\n"))
    #expect(text.contains("arborist_effect_seconds_bucket{le=\"1\"} 0\n"))
    #expect(text.split(separator: "\n").count { $0.hasPrefix("many{") } == 500)
  }
}

@Suite("Logs")
struct LogTests {
  @Test("A record is one line of JSON, whatever is in it")
  func lines() async {
    let capture = LogCapture()
    let clock = WallClock { Timestamp(milliseconds: 1_800_000_000_007) }
    var logger = Logger(label: "a") { label in
      JSONLogHandler(label: label, sink: capture.sink, filter: SecretFilter([]), clock: clock)
    }
    logger[metadataKey: "run"] = "0011223344556677"
    logger.info("line\nbreak \"and\" \u{1b}[1m", metadata: ["list": ["a", "b"], "time": "forged", "m": ["k": "v"]])
    logger.debug("not this")
    let text = await capture.text()
    #expect(
      text
        == #"{"time":"2027-01-15T08:00:00.007Z","level":"info","label":"a","message":"line\nbreak \"and\" \u001b[1m","#
        + #""list":["a","b"],"m":{"k":"v"},"run":"0011223344556677"}"# + "\n")
  }

  @Test("Known secrets are taken out in every form that a log may have them in")
  func secrets() {
    let filter = SecretFilter([Secret("cana\"ry/&secret"), Secret("short")])
    for text in [
      "cana\"ry/&secret", "cana\\\"ry/&secret", "cana%22ry%2F%26secret", "Y2FuYSJyeS8mc2VjcmV0", "xcana\"ry/&secretx",
    ] {
      let clean = filter.clean("a \(text) b")
      #expect(clean.contains("(secret)") && !clean.contains("ry/&") && !clean.contains("Y2Fu"), "\(clean)")
    }
    #expect(filter.clean("short words stay") == "short words stay")
    #expect(filter.clean("cana\"ry/&secre") == "cana\"ry/&secre")
  }

  @Test("A log that nobody reads holds nobody up, and says later what is missing")
  func blocked() async {
    let capture = LogCapture()
    let sink = LogSink(descriptor: -1, limit: 100)
    for _ in 0..<1000 { sink.write(Array("0123456789\n".utf8)) }
    await sink.flush()
    capture.sink.write(Array("after\n".utf8))
    #expect(await capture.text() == "after\n")
  }

  @Test("Whoever ends waits for the last lines to be written, and not for a reader that is stuck")
  func end() async {
    let capture = LogCapture()
    for number in 0..<1000 { capture.sink.write(Array("\(number)\n".utf8)) }
    await capture.sink.flush(for: .seconds(600))
    #expect(capture.taken().hasSuffix("\n999\n"))
    // More than a pipe holds: it is not written before it is read, and this ends all the same.
    let count = 3 << 20
    capture.sink.write([UInt8](repeating: 0x78, count: count))
    await capture.sink.flush(for: .milliseconds(1))
    var left = count
    while left > 0 {
      left -= capture.taken().utf8.count
      await Task.yield()
    }
    #expect(left == 0)
  }
}

@Suite("Templates of the page")
struct PageTemplateTests {
  @Test("Every page can be made, also of nothing", arguments: Page.allCases)
  func all(page: Page) throws {
    let text = try page.render(["title": "<T>"])
    #expect(text.contains("<!doctype html>") && text.contains("</html>") && text.contains("&lt;T&gt;"))
    #expect(!text.contains("{{") && !text.contains("style=") && !text.contains("onclick"))
  }

  @Test("Nothing is loaded from elsewhere")
  func elsewhere() {
    for asset in PageAsset.allCases {
      let text = String(decoding: asset.content, as: UTF8.self)
      #expect(!text.isEmpty)
      let foreign = text.matches(of: /https?:\/\/[^\s"')]+/).map { String($0.output) }
      #expect(foreign.allSatisfy { $0 == "http://www.w3.org/2000/svg" })
    }
  }
}
