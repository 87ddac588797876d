package import Base
internal import Crypto
package import Forges
internal import Policy
package import Secrets
internal import Templates
package import Work

/// What is answered to a command in a comment.
package enum CommandReply: Sendable, Hashable {
  case help
  /// Whoever asked may not.
  case refused
  /// The forge did not say whether whoever asked may.
  case unasked
  /// No such command, or more words than it takes.
  case unknown
  /// `ask` without a question.
  case noQuestion
  case started(JobKind, head: ObjectID)
  /// The same is under way, or waits.
  case standing(JobKind, head: ObjectID)
  /// What was stopped, as a phrase.
  case stopped(String)
  case nothingToStop
  case undone(UndoOutcome)
  case nothingToUndo
  /// An answer to a question, in a model's words.
  case answer(String)
  /// It cannot be done here; the reason is one line for a person.
  case unavailable(String)
}

/// Makes answers of replies, each once.
package struct CommandReplies {
  private let rules: OutgoingRules
  private let secrets: KnownSecrets
  private let standing: StandingThreads

  /// - Parameters:
  ///   - pages: The pages of the repository.
  ///   - account: The account that answers.
  ///   - comments: What is there already.
  ///   - secrets: Our own, which no answer may hold.
  package init(pages: ForgePages, account: ForgeActor, comments: [PostedComment], secrets: KnownSecrets) {
    rules = pages.rules
    self.secrets = secrets
    standing = StandingThreads(comments, account: account)
  }

  /// The answer to a command: one when it begins and one when it ends.
  ///
  /// Somebody who may not give commands is told so once in a pull request, and then no more. Where the forge does not say
  /// whether somebody may, that is told of each command, a few times: what is asked again later is another one.
  ///
  /// - Parameters:
  ///   - reply: What there is to say.
  ///   - command: The command.
  ///   - actor: Who gave it.
  ///   - event: The report that brought it, which names it where the forge gives no number.
  /// - Returns: The effect; `nil` where it has been answered.
  /// - Throws: where a template is broken.
  package func answer(
    _ reply: CommandReply, to command: CommentCommand, by actor: ForgeActor, in event: Event
  ) throws -> ForgeEffect? {
    let key = Self.key(of: reply, to: command, by: actor, in: event)
    guard !standing.keys.contains(key) else { return nil }
    if reply == .unasked {
      let prefix = Self.unasked(actor)
      guard standing.keys.count(where: { $0.hasPrefix(prefix) }) < Self.mostUnasked else { return nil }
    }
    var text = try self.text(reply, command.word)
    if let hit = secrets.hit(in: text.markdown) {
      text = try ForgeMessage.stopped.fill(["what": .text(.code(hit.name))])
    }
    return .answer(Answer(key: key, thread: command.thread, comment: command.comment, body: text.markdown))
  }

  /// The most commands of one person of which it is told that the forge did not say whether the person may.
  private static let mostUnasked = 3

  private static func unasked(_ actor: ForgeActor) -> String { "unasked/\(max(0, actor.id))/" }

  private static func key(
    of reply: CommandReply, to command: CommentCommand, by actor: ForgeActor, in event: Event
  ) -> String {
    var name = "event-\(digest(of: event.id))"
    if command.comment > 0 { name = "\(command.comment)" + (command.ordinal == 1 ? "" : ".\(command.ordinal)") }
    let answer = "answer/" + name
    return switch reply {
    case .refused: "refused/\(max(0, actor.id))"
    case .unasked: unasked(actor) + name
    case .started, .standing: "\(answer)/begun"
    case .help, .unknown, .noQuestion, .stopped, .nothingToStop, .undone, .nothingToUndo, .answer, .unavailable: answer
    }
  }

  /// Gitea tells the text of a review without any number, so two of them are told apart by the events alone; an event's
  /// name may have what a marker may not.
  private static func digest(of name: String) -> String {
    Hexadecimal.encode(SHA256.hash(data: Array(name.utf8)).prefix(8))
  }

  private func text(_ reply: CommandReply, _ word: CommentCommand.Word) throws -> OutgoingText {
    let named: [String: OutgoingSlot] = ["word": .text(.code(Self.name(of: word), limit: 80))]
    switch reply {
    case .help: return try ForgeMessage.replyHelp.fill()
    case .refused: return try ForgeMessage.replyRefused.fill(named)
    case .unasked: return try ForgeMessage.replyUnasked.fill(named)
    case .unknown: return try ForgeMessage.replyUnknown.fill(named.merging(hint(to: word)) { _, new in new })
    case .noQuestion: return try ForgeMessage.replyNoQuestion.fill()
    case .started(let kind, let head): return try ForgeMessage.replyStarted.fill(slots(kind, head))
    case .standing(let kind, let head): return try ForgeMessage.replyStanding.fill(slots(kind, head))
    case .stopped(let what): return try ForgeMessage.replyStopped.fill(["what": .text(.line(what, under: rules))])
    case .nothingToStop: return try ForgeMessage.replyNothingToStop.fill()
    case .undone(let undo):
      return try ForgeMessage.replyUndone.fill([
        "reason": .text(.line(undo.reason, under: rules)), "hasLeft": .flag(!undo.left.isEmpty),
        "left": .texts(undo.left.prefix(20).map { .line($0, under: rules) }),
      ])
    case .nothingToUndo: return try ForgeMessage.replyNothingToUndo.fill()
    case .answer(let text):
      return try ForgeMessage.replyAnswer.fill(["answer": .text(.blocks(text, under: rules, limit: 20_000))])
    case .unavailable(let reason):
      return try ForgeMessage.replyUnavailable.fill(
        named.merging(["reason": .text(.line(reason, under: rules))]) { _, new in new })
    }
  }

  private func slots(_ kind: JobKind, _ head: ObjectID) -> [String: OutgoingSlot] {
    ["kind": .text(.line(kind.rawValue, under: rules)), "head": .text(.code(head.short))]
  }

  /// What was most likely meant by what is no command as it stands.
  private func hint(to word: CommentCommand.Word) -> [String: OutgoingSlot] {
    guard case .unknown(let text) = word else { return [:] }
    let first = text.prefix { $0 != " " }.lowercased()
    let names = CommentCommand.Word.names
    let hasMore = names.contains(first)
    guard let command = hasMore ? first : Nearest.misspelling(first, among: names) else { return [:] }
    return [
      "hasMore": .flag(hasMore), "hasNear": .flag(!hasMore), "command": .text(.code("/arborist \(command)")),
    ]
  }

  /// The word as it is repeated; a question is not.
  private static func name(of word: CommentCommand.Word) -> String {
    switch word {
    case .review: "review"
    case .fix: "fix"
    case .resolve: "resolve"
    case .undo: "undo"
    case .stop: "stop"
    case .help: "help"
    case .ask, .askWithoutQuestion: "ask"
    case .unknown(let text): text
    }
  }
}
