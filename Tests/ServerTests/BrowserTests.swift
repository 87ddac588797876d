import Base
import Foundation
import Journal
import JournalSQLite
import Server
import TestSupport
import Testing
import Work

/// A Chromium that is installed here, without a window.
private enum Chromium {
  static let program: String? = {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    for name in ["chromium", "chromium-browser", "google-chrome"] {
      if path.split(separator: ":").contains(where: { Files.exists("\($0)/\(name)") }) { return name }
    }
    return nil
  }()

  /// What a look at a page came to.
  struct Look {
    var dom = ""
    /// What the page and the browser had to complain of.
    var complaints: [String] = []
    /// Addresses that the page asked for on other servers.
    var elsewhere: [String] = []
    var screenshot: [UInt8] = []
  }

  /// Loads a page in a window of this width.
  ///
  /// Where `ARBORIST_SCREENSHOTS` names a directory, the picture is kept there under this name.
  static func look(at address: String, width: Int, name: String, dark: Bool = false) async throws -> Look {
    let program = try unwrap(program)
    return try await blocking {
      let directory = try TemporaryDirectory()
      let common =
        [
          program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
          "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
          "--enable-logging=stderr", "--log-level=0", "--user-data-dir=\(directory.path)/profile",
          "--virtual-time-budget=5000", "--window-size=\(width),1600",
        ] + (dark ? ["--blink-settings=preferredColorScheme=0"] : [])
      let log = directory.path + "/net.json"
      let page = try Command.run(
        common + ["--log-net-log=\(log)", "--dump-dom", address], in: directory.path,
        adding: ["HOME": directory.path])
      let picture = directory.path + "/page.png"
      let shot = try Command.run(
        common + ["--screenshot=\(picture)", address], in: directory.path, adding: ["HOME": directory.path])
      var look = Look(dom: page.text)
      for errors in [page.errors, shot.errors] {
        look.complaints += String(decoding: errors, as: UTF8.self).split(separator: "\n").map(String.init)
          .filter { $0.contains("CONSOLE") }
      }
      look.elsewhere = Self.foreign(String(decoding: try Files.read(log), as: UTF8.self), origin: address)
      look.screenshot = try Files.read(picture)
      if let place = ProcessInfo.processInfo.environment["ARBORIST_SCREENSHOTS"] {
        try Files.write(look.screenshot, to: "\(place)/\(name).png")
      }
      return look
    }
  }

  /// The addresses on other servers that a page of ours asked for.
  private static func foreign(_ log: String, origin address: String) -> [String] {
    let origin = address.split(separator: "/", omittingEmptySubsequences: false).prefix(3).joined(separator: "/")
    return log.split(separator: "\n").compactMap { line in
      guard line.contains("\"initiator\":\"\(origin)\""), let range = line.firstRange(of: "\"url\":\"") else {
        return nil
      }
      let url = String(line[range.upperBound...].prefix { $0 != "\"" })
      return url.hasPrefix(origin + "/") ? nil : url
    }
  }
}

@Suite("The page in a browser", .serialized, .enabled(if: Chromium.program != nil, "no Chromium is installed"))
struct BrowserTests {
  private static let clock = WallClock { Timestamp(seconds: 1_800_000_400) }

  /// Runs of many kinds, as a busy day leaves them.
  private static func fill(_ journal: SQLiteJournal) async throws {
    let lines = [
      "*** Begin Patch", "*** Update File: Sources/Leaf.swift", "@@ -10,4 +10,4 @@", " func grow() {",
      "-  height = height + 1", "+  height += 1 + rain", " }", "*** End Patch",
    ]
    let patch = #"{"patch":"\#(lines.joined(separator: #"\n"#))"}"#
    let (fix, claimed) = try await Samples.start(.fix, number: 41, run: 0x51ab_0000_0000_0001, in: journal)
    let notes: [RunNote] = [
      try .agent(
        .agentStarted,
        Samples.Setup(
          task: "Make the failing tests of this branch pass again", system: "You repair tests.\nNever change them.")),
      try Samples.request(1),
      try Samples.answer(
        1, "I will look at the test first.", cost: 12_300_000, call: ("bash", "{\"command\":\"swift test\"}")),
      try Samples.tool("bash", String(repeating: "Test Case 'LeafTests.testGrow' failed\n", count: 900), isError: true),
      try Samples.request(2), try Samples.answer(2, "", cost: 8_100_000, call: ("apply_patch", patch)),
      try Samples.tool(
        "apply_patch", "diff --git a/Sources/Leaf.swift b/Sources/Leaf.swift\n@@ -10 +10 @@\n-old\n+new"),
      try .note("the red set is green, and the green set stayed green"),
    ]
    try await journal.append(notes, to: fix, under: claimed.claim, surviving: .machine)
    try await Samples.finish(
      fix, claimed, .failed(reason: "the base moved while the repair was being tested"),
      effects: [.forge(.summary(body: "## Repair\n\nTests are **green** again."))], in: journal)
    let (merge, merged) = try await Samples.start(.resolve, number: 42, run: 0x77aa_0000_0000_0004, in: journal)
    _ = try await Samples.task(of: merge, merged.job, run: 0x77aa_0000_0000_0005, cost: 930_000_000, in: journal)
    try await Samples.close(merge, merged, .resolved, in: journal)
    let (undo, taken) = try await Samples.start(.undo, number: 42, run: 6, request: "page \(merge)", in: journal)
    try await Samples.close(undo, taken, .undone, in: journal)
    let review = Outcome.review(ReviewOutcome(findings: [], unread: [], overall: "Nothing to object to."))
    let (second, claim) = try await Samples.start(
      .review, number: 7, run: 0x9c33_0000_0000_0002,
      path: "a-rather-long-organisation/and-a-rather-long-repository-name",
      in: journal)
    try await Samples.finish(second, claim, review, in: journal)
    _ = try await Samples.start(.resolve, number: 102, run: 0x2d44_0000_0000_0003, in: journal)
    for number in 200...203 {
      let (event, job) = try Samples.opened(number, id: "github:w\(number)", time: Timestamp(seconds: 1_800_000_100))
      _ = try await journal.accept(delivery: event.id, events: [event], jobs: [job])
    }
  }

  @Test(
    "Pages are there, complain of nothing and load nothing from elsewhere",
    arguments: [(390, false), (1280, false), (1280, true)])
  func looks(width: Int, dark: Bool) async throws {
    let server = try await TestServer.start(
      settings: try TestServer.settings(adminToken: nil), clock: Self.clock, prepare: Self.fill)
    let origin = "http://127.0.0.1:\(server.port)"
    let suffix = "\(width)\(dark ? "-dark" : "")"
    let pages = [
      ("runs", "/", "octo/tree #41"), ("run", "/runs/51ab000000000001", "apply_patch"),
      ("undone", "/runs/77aa000000000004", "It was undone by"), ("reports", "/?reports=1", "Leave them out"),
      ("missing", "/nowhere", "There is no such page"),
    ]
    for (name, path, expected) in pages {
      let look = try await Chromium.look(at: origin + path, width: width, name: "\(name)-\(suffix)", dark: dark)
      #expect(look.dom.contains(expected), "\(name)")
      #expect(look.complaints.filter { !$0.contains("404") } == [], "\(name)")
      #expect(look.elsewhere == [], "\(name)")
      // One colour makes a few hundred bytes.
      #expect(look.screenshot.count > 8000 && look.screenshot.starts(with: [0x89, 0x50, 0x4e, 0x47]), "\(name)")
    }
    try await server.stop()
  }

  @Test("The way in looks like one")
  func signIn() async throws {
    let server = try await TestServer.start(clock: Self.clock)
    let look = try await Chromium.look(
      at: "http://127.0.0.1:\(server.port)/login", width: 390, name: "login-390")
    #expect(look.dom.contains("<label for=\"token\">Admin token</label>"))
    #expect(look.complaints == [] && look.elsewhere == [])
    try await server.stop()
  }

  @Test("The page shows by itself what came after it was loaded")
  func live() async throws {
    let server = try await TestServer.start(
      settings: try TestServer.settings(adminToken: nil), clock: Self.clock,
      store: { LateJournal(journal: $0, looks: Lock(0)) })
    let look = try await Chromium.look(at: "http://127.0.0.1:\(server.port)/", width: 800, name: "live-800")
    #expect(look.dom.contains("octo/tree #77"))
    // What was sent at first has it not: a script that does nothing would leave it so.
    let fresh = try await TestServer.start(
      settings: try TestServer.settings(adminToken: nil), clock: Self.clock,
      store: { LateJournal(journal: $0, looks: Lock(0)) })
    #expect(!(try await fresh.get("/").text.contains("octo/tree #77")))
    try await fresh.stop()
    try await server.stop()
  }
}

/// A journal in which a job waits from the second look on.
private struct LateJournal: JournalWrapper {
  let journal: SQLiteJournal
  let looks: Lock<Int>

  func before() async throws(JournalError) {}

  func pendingWork(limit: Int) async throws(JournalError) -> [PendingJob] {
    let look = looks.withLock { looks in
      looks += 1
      return looks
    }
    if look == 2 {
      do {
        let (event, job) = try Samples.job(.review, number: 77, time: Timestamp(seconds: 1_800_000_000))
        _ = try await journal.accept(delivery: event.id, events: [event], jobs: [job])
      } catch {
        throw .unavailable(at: "", reason: "\(error)")
      }
    }
    return try await journal.pendingWork(limit: limit)
  }
}
