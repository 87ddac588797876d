package import Work

/// What asking for somebody's permission gave.
package enum PermissionAnswer: Sendable, Hashable {
  case known(ForgePermission)
  /// It could not be asked; one line on why, for the log and for nobody else.
  case failed(String)
}

/// What is done with a command that somebody wrote in a comment.
package enum CommandDecision: Sendable, Hashable {
  case allowed
  /// It is not obeyed, and whoever wrote it is told so in one line, once.
  case refused(Refusal)
  /// It is not obeyed, and nobody is told: an answer could be taken for a command by another program, or be asked for
  /// without end.
  case ignored(Reason)

  package enum Refusal: String, Sendable, Hashable, CaseIterable {
    /// The right is missing.
    case lacksRight
    /// The forge could not be asked for it, which means no.
    case cannotAsk
  }

  package enum Reason: String, Sendable, Hashable, CaseIterable {
    /// The forge did not say who it was.
    case nobody
    /// Arborist itself.
    case own
    /// A program.
    case program
  }
}

/// Decides who may command.
///
/// The permission is that of the account's number on this repository, asked when the command is carried out: names
/// change hands, and what a payload says of its author's standing is not believed.
package enum CommandRights {
  /// The permission that a command takes: reading for what only tells, writing for everything that spends or changes.
  package static func needed(for word: CommentCommand.Word) -> ForgePermission {
    switch word {
    case .help: .read
    case .review, .fix, .resolve, .undo, .stop, .ask, .askWithoutQuestion, .unknown: .write
    }
  }

  /// Whether it is worth asking for the permission at all: nobody, Arborist itself and programs are never obeyed.
  ///
  /// - Parameters:
  ///   - actor: Who wrote the command.
  ///   - own: The account that Arborist writes as; `nil` where it is not known, which obeys nobody.
  /// - Returns: Why it is not worth it; `nil` where it is.
  package static func reasonToIgnore(_ actor: ForgeActor?, own: ForgeActor?) -> CommandDecision.Reason? {
    guard let actor, let own, actor.id > 0 else { return .nobody }
    if actor.id == own.id || actor.login.lowercased() == own.login.lowercased() { return .own }
    if actor.isBot || actor.login.lowercased().hasSuffix("[bot]") { return .program }
    return nil
  }

  /// Decides on a command.
  ///
  /// - Parameters:
  ///   - word: The command.
  ///   - actor: Who wrote it.
  ///   - own: The account that Arborist writes as; `nil` where it is not known, which obeys nobody.
  ///   - permission: What the forge says that the actor may do.
  /// - Returns: What is done with it.
  package static func decide(
    _ word: CommentCommand.Word, by actor: ForgeActor?, own: ForgeActor?, permission: PermissionAnswer
  ) -> CommandDecision {
    if let reason = reasonToIgnore(actor, own: own) { return .ignored(reason) }
    switch permission {
    case .failed: return .refused(.cannotAsk)
    case .known(let known): return known >= needed(for: word) ? .allowed : .refused(.lacksRight)
    }
  }
}
