internal import Base
internal import Evaluation
internal import FileSystem
internal import Glibc
internal import Merging
internal import Policy
internal import Replay

/// What the words of `arborist eval merges` ask for, once they are known to make sense.
struct EvalMergesPlan {
  let settings: ReplaySettings
  let verdicts: MergeVerdicts
  let jobs: Int
  let measuresAlone: Bool
  private let command: EvalMergesCommand

  /// - Throws: ``CommandFailure``, ``MalformedTable`` or ``FileError``.
  init(_ command: EvalMergesCommand) throws {
    self.command = command
    try Self.check(command)
    let all = StandardResolvers.all
    let named = try command.resolver.map { try Self.resolver($0, in: all) }
    let resolvers =
      named.isEmpty
      ? command.tier == .all ? all : StandardResolvers.auto
      : all.filter { resolver in named.contains { $0.name == resolver.name } }
    measuresAlone = command.alone || command.writeRecord != nil || command.verdicts != nil
    verdicts = try command.verdicts.map { try Self.verdicts(at: $0) } ?? MergeVerdicts()
    let filter = try command.show.map { try Self.filter($0, in: all) }
    settings = ReplaySettings(
      resolvers: resolvers, alone: measuresAlone ? (named.isEmpty ? all : resolvers) : [],
      empty: MergeEvaluation(
        selection: HunkSelection(filter, limit: command.limit, seed: command.seed), verdicts: verdicts,
        onlyUnread: command.unread))
    jobs = command.jobs ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  }

  /// The repositories with the merges to replay.
  ///
  /// - Throws: ``GitError``, ``MalformedTable``, ``FileError`` or ``CommandFailure``.
  func sources() async throws -> [ReplaySource] {
    var sources: [ReplaySource] = []
    let since = command.since.map { Since($0) }
    let paths = command.repo.isEmpty && command.list == nil ? ["."] : command.repo
    for path in paths {
      sources.append(try await ReplaySource.history(of: path, since: since, sample: command.sample))
    }
    if let list = command.list, let directory = command.repositories {
      sources += try await ReplaySource.sources(
        of: try Self.reading(list) { try MergeList.read(list) }, in: directory, sample: command.sample)
    }
    return sources
  }

  private static func check(_ command: EvalMergesCommand) throws {
    func refuse(_ reason: String) throws -> Never { throw CommandFailure(.usage, reason) }
    for (name, value) in [("--sample", command.sample), ("--limit", command.limit), ("--jobs", command.jobs)] {
      if let value, value < 1 { try refuse("\(name) \(value) leaves nothing to do: give 1 or more") }
    }
    if command.list != nil, command.repositories == nil {
      try refuse("--list needs --repositories DIR: where the repositories of the list are")
    }
    if command.list == nil, command.repositories != nil {
      try refuse(
        "--repositories is for the repositories of a list: give --list FILE, or --repo PATH for one repository")
    }
    if command.since != nil, command.list != nil, command.repo.isEmpty {
      try refuse("--since is for --repo: a list names its merges itself")
    }
    if command.tier != nil, !command.resolver.isEmpty {
      try refuse("--tier and --resolver both say which resolvers are asked: give one of them")
    }
    if command.unread, command.verdicts == nil {
      try refuse("--unread needs --verdicts FILE: what has been read already")
    }
    guard command.writeRecord != nil else { return }
    if command.verdicts == nil {
      try refuse("--write-record needs --verdicts FILE: a record says how many differing hunks were read")
    }
    if !command.resolver.isEmpty || command.sample != nil {
      try refuse("--write-record writes the records of all resolvers on all merges: leave --resolver and --sample out")
    }
  }

  private static func resolver(_ name: String, in all: [any Resolver]) throws -> any Resolver {
    if let resolver = all.first(where: { $0.name == name }) { return resolver }
    let names = all.map(\.name)
    let known =
      Nearest.misspelling(name, among: names).map { "; the nearest is '\($0)'" }
      ?? "; known are \(names.sorted().joined(separator: ", "))"
    throw CommandFailure(.usage, "there is no resolver '\(DisplayText.line(name.utf8))'\(known)")
  }

  private static func filter(_ text: String, in all: [any Resolver]) throws -> HunkFilter {
    guard let filter = HunkFilter(text) else {
      throw CommandFailure(
        .usage,
        "--show '\(DisplayText.line(text.utf8))' is none of "
          + "\(HunkClass.allCases.map(\.rawValue).joined(separator: ", ")), with or without :RESOLVER")
    }
    if let name = filter.resolver { _ = try resolver(name, in: all) }
    return filter
  }

  private static func verdicts(at path: String) throws -> MergeVerdicts {
    let bytes = try reading(path) { try File.read(Array(path.utf8), limit: 64 << 20) }
    do {
      return try MergeVerdicts(bytes)
    } catch {
      throw MalformedTable(name: DisplayText.escaping(path.utf8), line: error.line, reason: error.reason)
    }
  }

  /// Reads a file that the words name; one that is not there means that the words are wrong.
  private static func reading<Content>(_ path: String, _ body: () throws -> Content) throws -> Content {
    do {
      return try body()
    } catch let error as FileError where [ENOENT, ENOTDIR, EISDIR].contains(error.code) {
      throw CommandFailure(.usage, error.description)
    }
  }
}
