package import Base

/// What a forge reports, authenticated and parsed.
///
/// What it says of heads and states is how they were when the report was made, which may be long ago: whoever attends
/// to it asks the forge anew.
package struct ForgeHappening: Sendable, Hashable, Codable {
  package var repository: ForgeRepository
  /// Who did it; `nil` where the forge does not say.
  package var actor: ForgeActor?
  package var kind: Kind

  /// The kinds of report that lead to work.
  package enum Kind: Sendable, Hashable, Codable {
    case change(ChangeNotice)
    /// A branch moved; open pull requests into it are looked at again.
    case branch(RefUpdate)
    case command(CommentCommand)
    case reply(ThreadReply)
    case failed(FailedCheck)
    case rerun(RerunRequest)
    /// What a pull request's head was when the forge was asked: it makes work on any other head pointless.
    case head(number: Int, ObjectID)
    /// Somebody who may said that the work on a pull request is to end.
    case stop(number: Int)
    /// Work ended without an outcome, and its check could not be told so.
    case untold(UntoldEnd)
  }

  package init(repository: ForgeRepository, actor: ForgeActor?, kind: Kind) {
    self.repository = repository
    self.actor = actor
    self.kind = kind
  }

  /// The pull request that it is about; `nil` where it names none or more than one.
  package var number: Int? {
    switch kind {
    case .change(let notice): notice.number
    case .branch: nil
    case .command(let command): command.number
    case .reply(let reply): reply.number
    case .failed(let failed): failed.numbers.count == 1 ? failed.numbers.first : nil
    case .rerun(let rerun): rerun.numbers.count == 1 ? rerun.numbers.first : nil
    case .head(let number, _), .stop(let number): number
    case .untold(let end): end.number
    }
  }
}

/// The end of work on a head that its check is still to be told.
package struct UntoldEnd: Sendable, Hashable, Codable {
  package var number: Int
  package var kind: JobKind
  package var head: ObjectID
  /// How the journal names the end.
  package var verdict: String
  /// Why, as it may be told.
  package var words: String

  package init(number: Int, kind: JobKind, head: ObjectID, verdict: String, words: String) {
    self.number = number
    self.kind = kind
    self.head = head
    self.verdict = verdict
    self.words = words
  }
}

/// Something that happened to a pull request itself.
package struct ChangeNotice: Sendable, Hashable, Codable {
  package enum Action: String, Sendable, Hashable, Codable, CaseIterable {
    case opened, updated, reopened, ready, drafted, retargeted, labelled, unlabelled, closed
  }

  package var action: Action
  package var number: Int
  /// The head that the report names; `nil` where it names none.
  package var head: ObjectID?
  /// The path of the repository that holds the branch, where the report names another one: a fork.
  package var fork: String?

  package init(action: Action, number: Int, head: ObjectID?, fork: String? = nil) {
    self.action = action
    self.number = number
    self.head = head
    self.fork = fork
  }
}

/// A command that somebody wrote in a comment.
package struct CommentCommand: Sendable, Hashable, Codable {
  /// The commands that comments can give.
  package enum Word: Sendable, Hashable, Codable {
    case review, fix, resolve, undo, stop, help
    case ask(String)
    /// `ask` with nothing behind it.
    case askWithoutQuestion
    /// What is no command as it stands, as text that is safe to show: an unknown word, or more words than there may be.
    case unknown(String)

    /// What can stand behind `/arborist`.
    package static let names = ["review", "resolve", "fix", "ask", "undo", "stop", "help"]
  }

  package var number: Int
  package var word: Word
  /// Which command of its comment it is, counted from 1.
  package var ordinal: Int
  /// The commands that stand behind it in the same comment, in their order: each is looked at once this one has been.
  package var rest: [Word]
  /// The forge's own number of the comment, or of the review whose text it is; 0 where the forge does not say.
  package var comment: Int64
  /// What the forge needs to answer in the same thread; `nil` for a comment on the pull request as a whole.
  package var thread: String?

  package init(
    number: Int, word: Word, comment: Int64, thread: String? = nil, ordinal: Int = 1, rest: [Word] = []
  ) {
    self.number = number
    self.word = word
    self.comment = comment
    self.thread = thread
    self.ordinal = ordinal
    self.rest = rest
  }

  /// The commands of a comment, as the first of them with the rest behind it; `nil` where there is none.
  package init?(number: Int, words: [Word], comment: Int64, thread: String? = nil) {
    guard let first = words.first else { return nil }
    self.init(number: number, word: first, comment: comment, thread: thread, rest: Array(words.dropFirst()))
  }

  /// What was written before a comment could hold more than one command has neither place nor rest.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    number = try values.decode(Int.self, forKey: .number)
    word = try values.decode(Word.self, forKey: .word)
    ordinal = try values.decodeIfPresent(Int.self, forKey: .ordinal) ?? 1
    rest = try values.decodeIfPresent([Word].self, forKey: .rest) ?? []
    comment = try values.decode(Int64.self, forKey: .comment)
    thread = try values.decodeIfPresent(String.self, forKey: .thread)
  }
}

extension CommentCommand {
  /// What names the request: the comment and the command's place in it, or the event where the forge gives the comment
  /// no number.
  ///
  /// A delivery that is lost and found again by other ways asks for it once.
  package func request(in event: Event) -> String {
    guard comment > 0 else { return event.id }
    return ordinal == 1 ? "comment-\(comment)" : "comment-\(comment).\(ordinal)"
  }

  /// The command behind this one in the same comment; `nil` behind the last.
  package var next: CommentCommand? {
    var next = CommentCommand(number: number, words: rest, comment: comment, thread: thread)
    next?.ordinal = ordinal + 1
    return next
  }
}

extension Event {
  /// The report of the next command of a comment; `nil` where this is no command, or the last of its comment.
  ///
  /// It is made when this one is looked at, so that the order of the commands is that of the comment.
  package var nextCommand: Event? {
    guard case .forge(var happening) = kind, case .command(let command) = happening.kind, let next = command.next
    else { return nil }
    happening.kind = .command(next)
    var event = self
    event.kind = .forge(happening)
    event.id += "#\(next.ordinal)"
    return event
  }
}

/// An answer in a thread that is no command.
package struct ThreadReply: Sendable, Hashable, Codable {
  package var number: Int
  package var thread: String
  package var comment: Int64
  /// What was written, as it was sent; at most 64 KiB.
  package var body: String

  package init(number: Int, thread: String, comment: Int64, body: String) {
    self.number = number
    self.thread = thread
    self.comment = comment
    self.body = body
  }
}

/// A check, pipeline or workflow that came to a bad end.
package struct FailedCheck: Sendable, Hashable, Codable {
  /// The commit that was checked.
  package var head: ObjectID
  /// The pull requests that the report names: none where they come from forks, so the head decides.
  package var numbers: [Int]
  /// What the check calls itself, as text that is safe to show.
  package var check: String

  package init(head: ObjectID, numbers: [Int], check: String) {
    self.head = head
    self.numbers = numbers
    self.check = check
  }

  /// What the names of Arborist's own checks begin with.
  package static let ownPrefix = "arborist/"

  /// Whether it bears the name of a check of Arborist's own, whose failure is nothing to repair.
  package var isOwn: Bool { check.utf8.starts(with: Self.ownPrefix.utf8) }
}

/// Somebody asks for Arborist's own check to be done again.
package struct RerunRequest: Sendable, Hashable, Codable {
  package var head: ObjectID
  package var numbers: [Int]
  /// The kind of job whose check it is; `nil` for all.
  package var kind: JobKind?

  package init(head: ObjectID, numbers: [Int], kind: JobKind? = nil) {
    self.head = head
    self.numbers = numbers
    self.kind = kind
  }
}

extension Job {
  /// The job that looks at what a forge reported.
  ///
  /// Its head is not known: whoever attends asks the forge. Each report is attended to once, so its key has the event,
  /// and for a command the comment, which may be found in more than one way.
  package init(attendingTo happening: ForgeHappening, event: Event) {
    let request: String =
      if case .command(let command) = happening.kind { command.request(in: event) } else { event.id }
    let place = ForgePlace(repository: happening.repository, number: happening.number ?? 0)
    let head = place.headRef
    self.init(
      kind: .attend, pullRequest: PullRequest(repository: event.repository, branch: head, base: head, forge: place),
      head: .zero, against: .zero, request: request, event: event.id, time: event.time)
  }
}
