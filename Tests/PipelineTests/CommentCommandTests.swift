import Base
import Forges
import Journal
import JournalSQLite
import Pipeline
import Synchronization
import TestSupport
import Testing
import Work

@Suite("Every command of a comment is looked at, in its order")
struct CommentCommandTests {
  /// The answers to a comment, as the forge was sent them.
  private func answers(to body: String, by actor: ForgeActor = SmallForge.ada) async throws -> [Answer] {
    let (desk, forge) = (try Desk(), SmallForge())
    try forge.open(3)
    let journal = try await desk.open()
    let venue = ForgeVenue(
      forges: [.github: forge], mirrors: NoMirror(), journal: journal, workDirectory: desk.directory.path,
      identity: House.bot)
    let command = try #require(CommentCommand(number: 3, words: CommandParser.words(in: body), comment: 42))
    let happening = ForgeHappening(
      repository: try SmallForge.repository(), actor: actor, kind: .command(command))
    let event = Event(
      id: "github:1", repository: happening.repository.name, actor: "ada", time: desk.clock.clock.now(),
      kind: .forge(happening))
    _ = try await journal.accept(
      delivery: event.id, events: [event], jobs: [Job(attendingTo: happening, event: event)])
    while let claimed = try await journal.take() {
      let machine = RunMachine(journal: journal, venue: venue, clock: desk.clock.clock, log: { _ in })
      #expect(try await machine.perform(claimed) != nil)
    }
    #expect(try await journal.pending(limit: 9).isEmpty)
    return forge.state.withLock { $0.answers }
  }

  @Test("Each is answered by itself")
  func all() async throws {
    let answers = try await answers(to: "/arborist stop\n\nThen:\n/arborist dance\n/arborist ask\n/arborist help")
    #expect(answers.map(\.key) == ["answer/42", "answer/42.2", "answer/42.3", "answer/42.4"])
    for (answer, words) in zip(answers, ["Nothing is at work", "no command `dance`", "question is missing", "lists"]) {
      #expect(answer.body.contains(words) && answer.comment == 42)
    }
    // The control: one command, one answer.
    #expect(try await self.answers(to: "/arborist dance").map(\.key) == ["answer/42"])
  }

  @Test("Those in quotes and code are none, and a program is not obeyed however many it writes")
  func none() async throws {
    let quoted = "/arborist stop\n\n> /arborist dance\n\n```\n/arborist help\n```\n"
    #expect(try await answers(to: quoted).map(\.key) == ["answer/42"])
    let robot = ForgeActor(id: 9, login: "robot", isBot: true)
    #expect(try await answers(to: "/arborist stop\n/arborist help", by: robot).isEmpty)
  }
}
