import Base
import FileSystem
import Forges
import FoundationEssentials
import Journal
import JournalSQLite
import Sandbox
import TestSupport
import Testing
import Work
import Workspace

@testable import Pipeline

@Suite("What is published names nothing of the server")
struct PublicWordsTests {
  /// What only whoever runs the server can do something with.
  static func serverWords(in text: String) -> [String] {
    ["/", ".json", " --", "'--", "_API_KEY", "_BASE_URL", "ARBORIST_", "XDG_"].filter(text.contains)
  }

  private static let fault = FileError("open", Array("/var/lib/arborist/journal.sqlite".utf8), code: 13)

  @Test("Where a model cannot be asked, its name and what to do are told, and the rest is kept")
  func models() async throws {
    let directory = try TemporaryDirectory()
    let journal = try await Desk().open()
    let log = Lock<[String]>([])
    let directories = UserDirectories(
      state: directory.path + "/state", configuration: directory.path + "/configuration", isShared: false)
    let session = AgentSession(
      directories: directories, journal: journal, worker: WorkerID("w"),
      environment: [
        "OPENAI_API_KEY": "key-of-a-test", "DEEPSEEK_BASE_URL": "nowhere", "DEEPSEEK_API_KEY": "k-1234567",
      ],
      cells: CellMaker(isTrusted: false, isByHand: false) { _ in }, log: { line in log.withLock { $0.append(line) } })
    let names = ["anthropic/a", "openai-chat/of-our-own", "deepseek/d", "nothing"]
    let usable = UsableModels(of: names, limit: 2_000_000_000, session)
    #expect(usable.models == [])
    for (name, fault) in zip(names, usable.faults) {
      #expect(fault.hasPrefix("\(name): "))
      let rest = fault.replacing(name, with: "").replacing("PROVIDER/NAME", with: "")
      #expect(Self.serverWords(in: rest) == [], "\(fault)")
    }
    #expect(usable.faults[0].contains("no key for it is set up on the server"))
    #expect(usable.faults[1].contains("knows no price of it") && usable.faults[1].contains("'budget'"))
    // The control: whoever runs the server is told where to turn, in the journal and in the log.
    for lines in [usable.details ?? [], log.withLock { $0 }] {
      #expect(lines.count == names.count)
      for (line, words) in zip(
        lines, ["ANTHROPIC_API_KEY", "/configuration/prices.json", "DEEPSEEK_BASE_URL", "nothing"])
      {
        #expect(line.contains(words), "\(line)")
      }
    }
    // What was kept by an earlier version can be read.
    let kept = try JSONDecoder().decode(UsableModels.self, from: Data(#"{"models":["a/b"],"faults":["c"]}"#.utf8))
    #expect(kept == UsableModels(models: ["a/b"], faults: ["c"]))
  }

  @Test("The end of a run that failed is told without what the server met, and the journal has it")
  func endings() async throws {
    let failures: [(any Error, String)] = [
      (Self.fault, "given up after 5 tries: \(PublicWords.unknown)"),
      (ForgeError(.unavailable, "cannot connect to 10.0.0.7"), "given up after 5 tries: a request to the forge failed"),
      (JobFailure("set '--test'", told: "write 'test'"), "write 'test'"), (JobFailure("no base"), "no base"),
    ]
    for (failure, words) in failures {
      let desk = try Desk()
      let journal = try await desk.withJob()
      var venue = FakeVenue(desk.world)
      venue.decideInstead = { _ in throw failure }
      var closing: Closing?
      while let claimed = try await journal.take(), closing == nil {
        closing = try await desk.machine(journal, venue).perform(claimed)
        desk.clock.advance(milliseconds: 400_000_000)
      }
      #expect(desk.world.told.map(\.summary) == [words])
      #expect(desk.world.told.map(\.verdict) == [.failed])
      #expect(Self.serverWords(in: words) == [])
      #expect(closing?.summary.contains("\(failure)") == true)
    }
  }

  @Test(
    "Every ending of a model's work that the server may have caused has words of its own",
    arguments: AgentEnding.allCases)
  func modelEndings(_ ending: AgentEnding) {
    let isOfServer = ending.nature == .surroundings || ending == .sandboxMissing
    #expect((ending.publicWords != nil) == isOfServer)
    #expect(Self.serverWords(in: ending.publicWords ?? "") == [])
  }

  @Test("A missing wall is told without options where a service runs")
  func walls() {
    let error = CellMaker.refusal(.ownUser, "write /etc/subuid", isByHand: false)
    #expect(error.description.contains("'a user id for each run'") && Self.serverWords(in: error.description) == [])
    #expect(Self.serverWords(in: CellMaker.refusal(.ownUser, "write /etc/subuid").description) == ["/", " --"])
  }
}
