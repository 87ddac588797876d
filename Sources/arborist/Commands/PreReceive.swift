internal import ArgumentParser
internal import Base
internal import FileSystem
internal import Git
internal import Installation
internal import Pipeline
internal import Work

/// `arborist hook pre-receive`: refuses the bot's own identity on anything but a feature branch.
///
/// The bot is known by the name that the transport authenticated, or by the committer of the commit that a reference is
/// to point to. A person who wants a commit of the bot on the base merges it under their own name.
struct PreReceive {
  let state: String?

  func run() async throws {
    let lines = try FileDescriptor.readStandardInput(limit: 256 << 20).split(separator: UInt8(ascii: "\n"))
    let updates = try lines.map { try RefUpdate(hookLine: $0) }
    if updates.isEmpty { return }
    let directory = try await JournalPlace.stateDirectory(repository: ".", state: state)
    guard let record = try InstallationRecord.of(state: directory) else {
      throw CommandFailure(.usage, "'\(directory.display)' is no state directory: run 'arborist init' again")
    }
    guard let location = String(validating: record.repository, as: UTF8.self) else {
      throw CommandFailure(.usage, "'\(DisplayText.escaping(record.repository))': the path has to be UTF-8")
    }
    let source = try await RepositoryActor.open { () throws(GitError) in try Repository.openBare(at: location) }
    let recorded = [record.defaultBranch].compactMap { $0 }
    let (rules, objects) = try await source.perform { repository in
      (try BranchRulesReading.rules(of: repository, recorded: recorded), repository.objectsDirectory)
    }
    let isBot = Self.isBot(record.bot)
    let scratch = try ScratchDirectory()
    defer { scratch.remove() }
    let reader = try await Self.reader(of: objects, in: scratch)
    defer { reader.remove() }
    for update in updates where !update.isDeletion || isBot {
      guard let rules, let refusal = refusal(of: update.ref, under: rules) else { continue }
      let isRefused: Bool
      if isBot || update.isDeletion {
        isRefused = isBot
      } else {
        isRefused = try await reader.isCommitted(update.new, by: record.bot)
      }
      guard isRefused else { continue }
      throw CommandFailure(
        .refused,
        "\(refusal), and \(isBot ? "\(record.bot.name) pushes" : "its new tip is a commit of \(record.bot.name)"): "
          + "make a merge of your own ('git merge --no-ff') and push that")
    }
  }

  private func refusal(of ref: RefName, under rules: BranchRules) -> BranchRefusal? {
    if NotesRef.allCases.contains(where: { $0.rawValue == ref.display }) { return nil }
    do {
      _ = try FeatureBranch(ref.bytes, under: rules)
      return nil
    } catch {
      return error
    }
  }

  /// Whether the transport says that the bot pushes.
  private static func isBot(_ bot: BotIdentity) -> Bool {
    ["REMOTE_USER", "GL_USERNAME", "GITEA_PUSHER_NAME", "ARBORIST_ACTOR"].contains { name in
      guard let actor = Environment.text(name)?.lowercased() else { return false }
      return actor == bot.name.lowercased() || actor == bot.email.lowercased()
    }
  }

  /// A private repository that sees what is pushed, which git keeps apart until the hook has agreed.
  private static func reader(of objects: String, in scratch: ScratchDirectory) async throws -> PushedCommits {
    let quarantine = Environment.text("GIT_OBJECT_DIRECTORY")
    let absolute = try quarantine.map { String(decoding: try File.absolute(Array($0.utf8)), as: UTF8.self) }
    return try await PushedCommits.make(under: scratch.path, borrowing: [objects] + [absolute].compactMap { $0 })
  }
}
