import Policy
import Testing
import Work

@Suite("Who may command: by the account's number, asked when it matters, and in doubt nobody")
struct CommandRightsTests {
  static let own = ForgeActor(id: 7, login: "arborist", isBot: false)

  static let words: [CommentCommand.Word] = [
    .review, .fix, .resolve, .undo, .stop, .help, .ask("why?"), .unknown("merge"),
  ]

  static let answers: [PermissionAnswer] =
    ForgePermission.allCases.map { .known($0) } + [.failed("status 500"), .failed("timed out"), .failed("status 403")]

  struct Person: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var actor: ForgeActor?
    var own: ForgeActor? = CommandRightsTests.own
    /// Whether the permission decides; where it does not, nobody is told anything.
    var reason: CommandDecision.Reason?
  }

  static let people: [Person] = [
    Person(testDescription: "a person", actor: ForgeActor(id: 1, login: "jo", isBot: false)),
    Person(testDescription: "one whose name was another's", actor: ForgeActor(id: 99, login: "jo", isBot: false)),
    Person(testDescription: "a name with brackets elsewhere", actor: ForgeActor(id: 2, login: "[bot]jo", isBot: false)),
    Person(testDescription: "nobody", actor: nil, reason: .nobody),
    Person(testDescription: "a ghost", actor: ForgeActor(id: 0, login: "ghost", isBot: false), reason: .nobody),
    Person(
      testDescription: "a number below zero", actor: ForgeActor(id: -2, login: "jo", isBot: false), reason: .nobody),
    Person(testDescription: "itself", actor: own, reason: .own),
    Person(testDescription: "itself, renamed", actor: ForgeActor(id: 7, login: "x", isBot: false), reason: .own),
    Person(
      testDescription: "its name in other letters", actor: ForgeActor(id: 8, login: "Arborist", isBot: false),
      reason: .own),
    Person(testDescription: "a program", actor: ForgeActor(id: 3, login: "ci", isBot: true), reason: .program),
    Person(
      testDescription: "a program by its name", actor: ForgeActor(id: 4, login: "other[bot]", isBot: false),
      reason: .program),
    Person(
      testDescription: "a program by its name in other letters",
      actor: ForgeActor(id: 5, login: "other[BOT]", isBot: false), reason: .program),
    Person(
      testDescription: "a person, where Arborist does not know itself",
      actor: ForgeActor(id: 1, login: "jo", isBot: false), own: nil, reason: .nobody),
  ]

  @Test("Every actor, command and answer of the forge", arguments: people)
  func table(_ person: Person) {
    var cells = 0
    for word in Self.words {
      for answer in Self.answers {
        let decision = CommandRights.decide(word, by: person.actor, own: person.own, permission: answer)
        cells += 1
        #expect(decision == Self.expected(word, person, answer), "\(word) \(answer)")
      }
    }
    // Of all people together more than 300.
    #expect(cells * Self.people.count > 300)
  }

  /// Written without the code's own table: who can write may do everything, who can read may ask for help.
  private static func expected(
    _ word: CommentCommand.Word, _ person: Person, _ answer: PermissionAnswer
  ) -> CommandDecision {
    if let reason = person.reason { return .ignored(reason) }
    switch answer {
    case .failed: return .refused(.cannotAsk)
    case .known(.write), .known(.admin): return .allowed
    case .known(.read): return word == .help ? .allowed : .refused(.lacksRight)
    case .known(.none): return .refused(.lacksRight)
    }
  }
}
