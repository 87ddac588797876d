package import Base
internal import FileSystem
package import Work

/// What `arborist init` did, as the file `installed` in the state directory and in `arborist` in the git directory.
///
/// The file is text: a line with the format's name and version, `KEY VALUE` lines, and a line `end`.
package struct InstallationRecord: Sendable, Hashable {
  /// Arborist's version at that time.
  package var version: String
  /// The git directory.
  package var repository: [UInt8]
  package var isBare: Bool
  package var state: StateDirectory
  /// The branch that HEAD named at that time; `nil` where it named none.
  package var defaultBranch: RefName?
  package var bot: BotIdentity
  /// Something else than the hook sees to it that a worker runs.
  package var isService: Bool
  /// The hooks directory was not there before.
  package var madeHooksDirectory: Bool

  /// The state directory, unless it is the one in the git directory; that one moves with the repository.
  var stateNamedByAPerson: StateDirectory? {
    state == StateDirectory(inGitDirectory: repository) ? nil : state
  }

  private static let header = "arborist-installation 1"

  /// The file's content.
  package func encoded() -> [UInt8] {
    var lines = [
      Self.header,
      "version \(QuotedPath.encode(Array(version.utf8)))",
      "repository \(QuotedPath.encode(repository))",
      "bare \(isBare ? "yes" : "no")",
      "state \(QuotedPath.encode(state.path))",
    ]
    if let defaultBranch { lines.append("default-branch \(QuotedPath.encode(defaultBranch.bytes))") }
    lines += [
      "bot-name \(QuotedPath.encode(Array(bot.name.utf8)))",
      "bot-email \(QuotedPath.encode(Array(bot.email.utf8)))",
      "service \(isService ? "yes" : "no")",
      "made-hooks-directory \(madeHooksDirectory ? "yes" : "no")",
      "end",
    ]
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }

  /// The record that a file holds; `path` says where, for the message.
  ///
  /// - Throws: ``InstallationError/brokenRecord(path:reason:)`` where it holds none.
  package init(decoding content: [UInt8], path: [UInt8]) throws(InstallationError) {
    let lines = content.split(separator: UInt8(ascii: "\n"))
    guard let first = lines.first, first.elementsEqual(Self.header.utf8) else {
      throw .brokenRecord(path: path, reason: "the first line is not '\(Self.header)'")
    }
    guard let last = lines.last, last.elementsEqual("end".utf8) else {
      throw .brokenRecord(path: path, reason: "it ends too early")
    }
    var fields: [String: [UInt8]] = [:]
    for line in lines.dropFirst().dropLast() {
      let parts = line.split(separator: UInt8(ascii: " "), maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, let value = QuotedPath.decode(Array(parts[1])) else {
        throw .brokenRecord(path: path, reason: "'\(DisplayText.escaping(line))' is not 'KEY VALUE'")
      }
      fields[String(decoding: parts[0], as: UTF8.self)] = value
    }
    func text(_ key: String) -> String { String(decoding: fields[key] ?? [], as: UTF8.self) }
    guard let repository = fields["repository"], let state = fields["state"].flatMap({ StateDirectory($0) }) else {
      throw .brokenRecord(path: path, reason: "the repository or the state directory is missing")
    }
    version = text("version")
    self.repository = repository
    isBare = text("bare") == "yes"
    self.state = state
    do {
      defaultBranch = try fields["default-branch"].map { value throws(InvalidRefName) in try RefName(value) }
    } catch {
      throw .brokenRecord(path: path, reason: error.description)
    }
    bot = BotIdentity(name: text("bot-name"), email: text("bot-email"))
    isService = text("service") == "yes"
    madeHooksDirectory = text("made-hooks-directory") == "yes"
  }

  init(
    _ facts: InstallationFacts, _ options: InstallationOptions, state: StateDirectory, madeHooksDirectory: Bool
  ) {
    version = options.version
    repository = facts.gitDirectory
    isBare = facts.isBare
    self.state = state
    defaultBranch = facts.defaultBranch
    bot = options.bot
    isService = options.isService
    self.madeHooksDirectory = madeHooksDirectory
  }

  /// The record of a repository; `nil` where `arborist init` never ran, or was taken back.
  ///
  /// - Throws: ``InstallationError`` where a record is there and cannot be read.
  package static func of(
    gitDirectory: [UInt8], in surroundings: Surroundings = .disk
  ) throws(InstallationError) -> InstallationRecord? {
    guard let home = StateDirectory(inGitDirectory: gitDirectory) else { throw .unusablePath(gitDirectory) }
    return try at(home.installed, in: surroundings)
  }

  /// The record in a state directory; `nil` where there is none.
  ///
  /// - Throws: ``InstallationError`` where a record is there and cannot be read.
  package static func of(
    state: StateDirectory, in surroundings: Surroundings = .disk
  ) throws(InstallationError) -> InstallationRecord? {
    try at(state.installed, in: surroundings)
  }

  private static func at(
    _ path: [UInt8], in surroundings: Surroundings
  ) throws(InstallationError) -> InstallationRecord? {
    let entry = try surroundings.look(path)
    switch entry {
    case .missing: return nil
    case .file(let content, _): return try InstallationRecord(decoding: content, path: path)
    default: throw .inTheWay(path: path)
    }
  }
}
