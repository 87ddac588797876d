internal import Base
internal import FileSystem
internal import Work

/// What `arborist init` does to a repository.
///
/// In a bare repository: the hook `post-receive`, `pre-receive` where asked, and the state directory. In a work tree:
/// the hooks `pre-commit` and `pre-push`, and the merge driver.
///
/// A hook that is there is kept beside the hooks directory, in `hooks.arborist-kept`, under its own name, and called by
/// ours: so relative links and a `$0` by which a script finds out what it is keep their meaning. What lies beside it can
/// be reached from there through links. Hooks outside of the git directory are not touched: other repositories may use
/// them, or they are files of the work tree.
///
/// Where Arborist runs as root, what it makes belongs to the owner of the repository.
package enum Installer {
  /// Plans `arborist init`; the plan is empty where all is in place already.
  ///
  /// - Throws: ``InstallationError``; nothing has been changed then.
  package static func plan(
    _ facts: InstallationFacts, _ options: InstallationOptions, in surroundings: Surroundings = .disk
  ) throws(InstallationError) -> InstallationPlan {
    var planner = try Planner(facts, surroundings)
    try planner.install(options)
    return planner.plan
  }

  /// Plans `arborist init --remove`; the plan is empty where nothing of Arborist is there.
  ///
  /// - Throws: ``InstallationError``; nothing has been changed then.
  package static func planRemoval(
    _ facts: InstallationFacts, in surroundings: Surroundings = .disk
  ) throws(InstallationError) -> InstallationPlan {
    var planner = try Planner(facts, surroundings)
    try planner.remove()
    return planner.plan
  }
}

/// Puts a plan together.
struct Planner {
  let facts: InstallationFacts
  let surroundings: Surroundings
  /// `arborist` in the git directory: always the place of a record, and by default the state directory.
  let home: StateDirectory
  /// Where the hooks are, without links on the way.
  let hooks: [UInt8]
  let isShared: Bool
  var plan = InstallationPlan()

  init(_ facts: InstallationFacts, _ surroundings: Surroundings) throws(InstallationError) {
    var facts = facts
    facts.gitDirectory = try surroundings.resolve(facts.gitDirectory) ?? facts.gitDirectory
    guard let home = StateDirectory(inGitDirectory: facts.gitDirectory) else {
      throw .unusablePath(facts.gitDirectory)
    }
    self.facts = facts
    self.surroundings = surroundings
    self.home = home
    let named = facts.hooksPath ?? facts.gitDirectory + Array("/hooks".utf8)
    hooks = try surroundings.resolve(named) ?? named
    let status = try surroundings.stat(facts.gitDirectory)
    isShared = facts.isSharedByConfiguration || (facts.isBare && status?.isGroupWritable ?? false)
    if File.effectiveUser == 0 {
      plan.owner = status?.owner
      plan.group = status?.group
    } else if isShared {
      plan.group = status?.group
    }
  }

  /// The hooks that a repository of this kind can have.
  private var candidates: [HookName] { facts.isBare ? [.postReceive, .preReceive] : [.preCommit, .prePush] }

  private func entry(_ directory: [UInt8], _ name: [UInt8]) -> [UInt8] { directory + [UInt8(ascii: "/")] + name }

  private func hook(_ name: HookName) -> [UInt8] { entry(hooks, name.bytes) }

  /// Beside the hooks directory, at the same depth, so that relative links in it still lead where they led.
  private var keptDirectory: [UInt8] {
    let end = hooks.lastIndex(of: UInt8(ascii: "/")) ?? 0
    return hooks[..<end] + Array("/hooks.arborist-kept".utf8)
  }

  private func kept(_ name: HookName) -> [UInt8] { entry(keptDirectory, name.bytes) }

  // MARK: - Installing

  mutating func install(_ options: InstallationOptions) throws(InstallationError) {
    let earlier = try InstallationRecord.of(gitDirectory: facts.gitDirectory, in: surroundings)
    let state = facts.isBare ? options.state ?? earlier?.stateNamedByAPerson ?? home : home
    try requireOwnHooks(options, state: state)
    try makeState(state)
    let madeHooksDirectory = try makeHooksDirectory() || (earlier?.madeHooksDirectory ?? false)
    for name in candidates {
      // What was asked for once stays until it is taken away with everything else.
      if name == .preReceive, !options.preReceive, try !isInstalled(name) { continue }
      try install(name, content: HookScript.content(name, options: options, state: state))
    }
    if !facts.isBare { try configureMergeDriver(options) }
    let record = InstallationRecord(facts, options, state: state, madeHooksDirectory: madeHooksDirectory)
    for place in Set([state, home]).sorted(by: { $0.path.count < $1.path.count }) {
      try write(place.installed, record.encoded(), mode: isShared ? 0o660 : 0o600)
    }
  }

  private func isInstalled(_ name: HookName) throws(InstallationError) -> Bool {
    guard case .file(let content, _) = try surroundings.look(hook(name)) else { return false }
    return HookScript.isOurs(content)
  }

  private func requireOwnHooks(_ options: InstallationOptions, state: StateDirectory) throws(InstallationError) {
    guard !hooks.starts(with: facts.gitDirectory + [UInt8(ascii: "/")]), let first = candidates.first else { return }
    let command = try HookScript.command(first, options: options, state: state)
    throw .hooksElsewhere(directory: hooks, hook: first, command: command)
  }

  /// The directories, and in a bare repository the two files that several users open.
  private mutating func makeState(_ state: StateDirectory) throws(InstallationError) {
    if let other = try InstallationRecord.of(state: state, in: surroundings), other.repository != facts.gitDirectory,
      try surroundings.stat(other.repository) != nil
    {
      throw .stateTaken(state: state.path, by: other.repository)
    }
    let directories =
      facts.isBare ? [state.path, state.spool, state.spoolNew, state.spoolTemporary, state.work] : []
    for directory in [home.path] + directories where !plan.makes(directory) { try makeStateDirectory(directory) }
    guard facts.isBare else { return }
    for file in [state.workerLock, state.workerLog] where try surroundings.look(file) == .missing {
      plan.steps.append(.write(file, content: [], mode: isShared ? 0o660 : 0o600))
    }
  }

  private mutating func makeStateDirectory(_ path: [UInt8]) throws(InstallationError) {
    guard let status = try surroundings.stat(path) else {
      plan.steps.append(.makeDirectory(path, mode: isShared ? 0o2770 : 0o700))
      return
    }
    guard status.kind == .directory else { throw .inTheWay(path: path) }
    if isShared, status.mode & 0o2070 != 0o2070 {
      plan.steps.append(.setMode(path, mode: status.mode | 0o2070))
    }
  }

  /// Plans the hooks directory; whether it is missing.
  private mutating func makeHooksDirectory() throws(InstallationError) -> Bool {
    switch try surroundings.look(hooks) {
    case .directory: return false
    case .missing:
      plan.steps.append(.makeDirectory(hooks, mode: isShared ? 0o2775 : 0o755))
      return true
    default: throw .inTheWay(path: hooks)
    }
  }

  private mutating func install(_ name: HookName, content: [UInt8]) throws(InstallationError) {
    let there = try surroundings.look(hook(name))
    switch there {
    case .file(content: let old, let mode) where HookScript.isOurs(old):
      if old == content, mode & 0o111 == 0o111 {
        if try surroundings.look(kept(name)) != .missing { try linkSiblings() }
        return
      }
    case .file, .link:
      try keep(name, there)
      try linkSiblings()
    case .directory, .other: throw .inTheWay(path: hook(name))
    case .missing: break
    }
    plan.steps.append(.write(hook(name), content: content, mode: 0o755))
  }

  private mutating func keep(_ name: HookName, _ there: FileEntry) throws(InstallationError) {
    let already = try surroundings.look(kept(name))
    // The same twice is what an interrupted run leaves.
    if already == there { return }
    guard already == .missing else { throw .keptAlready(hook: hook(name), kept: kept(name)) }
    try makeKeptDirectory()
    plan.steps.append(.keep(hook(name), as: kept(name)))
  }

  private mutating func makeKeptDirectory() throws(InstallationError) {
    if plan.makes(keptDirectory) { return }
    switch try surroundings.look(keptDirectory) {
    case .directory: return
    case .missing: plan.steps.append(.makeDirectory(keptDirectory, mode: 0o755))
    default: throw .inTheWay(path: keptDirectory)
    }
  }

  /// Lets a kept hook find, beside itself, what lies beside its old place.
  private mutating func linkSiblings() throws(InstallationError) {
    let present = try surroundings.list(keptDirectory)
    for name in try surroundings.list(hooks) {
      let text = String(decoding: name, as: UTF8.self)
      if HookName(rawValue: text) != nil || text.hasSuffix(".sample") || present.contains(name) { continue }
      let step = InstallationPlan.Step.link(entry(keptDirectory, name), target: siblingTarget(name))
      if !plan.steps.contains(step) { plan.steps.append(step) }
    }
  }

  private func siblingTarget(_ name: [UInt8]) -> [UInt8] {
    let directory = hooks.split(separator: UInt8(ascii: "/")).last ?? []
    return Array("../".utf8) + directory + [UInt8(ascii: "/")] + name
  }

  private mutating func configureMergeDriver(_ options: InstallationOptions) throws(InstallationError) {
    let isFree = facts.mergeDefault == nil || facts.mergeDefault == Array("arborist".utf8)
    if !isFree {
      plan.notes.append(
        "merge.default is '\(DisplayText.escaping(facts.mergeDefault ?? []))' and stays so; "
          + "'* merge=arborist' in .gitattributes would use the merge driver")
    }
    let lines = try MergeDriverConfiguration.lines(
      program: options.arboristHook, style: facts.conflictStyle, isDefault: isFree)
    let old = try configuration()
    configure(from: old, to: MergeDriverConfiguration.adding(lines, to: old))
  }

  private var configurationPath: [UInt8] { facts.gitDirectory + Array("/config".utf8) }

  private func configuration() throws(InstallationError) -> [UInt8] {
    let path = try surroundings.resolve(configurationPath) ?? configurationPath
    switch try surroundings.look(path) {
    case .file(let content, _): return content
    case .missing: return []
    default: throw .inTheWay(path: path)
    }
  }

  private mutating func configure(from old: [UInt8], to new: [UInt8]) {
    if old != new { plan.steps.append(.configure(configurationPath, from: old, to: new)) }
  }

  private mutating func write(_ path: [UInt8], _ content: [UInt8], mode: UInt32) throws(InstallationError) {
    if case .file(content, _) = try surroundings.look(path) { return }
    plan.steps.append(.write(path, content: content, mode: mode))
  }

  // MARK: - Removing

  mutating func remove() throws(InstallationError) {
    let record = try InstallationRecord.of(gitDirectory: facts.gitDirectory, in: surroundings)
    if hooks.starts(with: facts.gitDirectory + [UInt8(ascii: "/")]) {
      for name in candidates { try uninstall(name) }
    }
    if record?.madeHooksDirectory ?? false { plan.steps.append(.removeDirectory(hooks)) }
    if !facts.isBare {
      let old = try configuration()
      configure(from: old, to: MergeDriverConfiguration.removing(from: old))
    }
    guard let record else { return }
    try removeState(record.state)
    if record.state != home {
      plan.steps += [.remove(home.installed), .removeDirectory(home.path)]
    }
  }

  private mutating func uninstall(_ name: HookName) throws(InstallationError) {
    let keptEntry = try surroundings.look(kept(name))
    guard case .file(let content, _) = try surroundings.look(hook(name)), HookScript.isOurs(content) else {
      if keptEntry != .missing {
        plan.notes.append(
          "'\(DisplayText.escaping(hook(name)))' is not Arborist's any more and stays; "
            + "the hook that was there before is '\(DisplayText.escaping(kept(name)))'")
      }
      return
    }
    plan.steps.append(keptEntry == .missing ? .remove(hook(name)) : .restore(kept(name), to: hook(name)))
    if try surroundings.look(keptDirectory) == .directory { try removeSiblingLinks(unlessNeededBeside: name) }
  }

  private mutating func removeSiblingLinks(unlessNeededBeside name: HookName) throws(InstallationError) {
    let others = candidates.filter { $0 != name }
    for other in others where try surroundings.look(kept(other)) != .missing && !plan.restores(kept(other)) { return }
    for sibling in try surroundings.list(keptDirectory)
    where try surroundings.look(entry(keptDirectory, sibling)) == .link(target: siblingTarget(sibling)) {
      plan.steps.append(.remove(entry(keptDirectory, sibling)))
    }
    plan.steps.append(.removeDirectory(keptDirectory))
  }

  /// Takes a state directory away that holds nothing but what `init` made; any other only loses its record.
  private mutating func removeState(_ state: StateDirectory) throws(InstallationError) {
    plan.steps.append(.remove(state.installed))
    let made = Set(["installed", "spool", "work", "worker.lock", "worker.log"].map { Array($0.utf8) })
    let log = try surroundings.look(state.workerLog)
    var isUnused = try surroundings.list(state.path).allSatisfy(made.contains)
    for directory in [state.spoolNew, state.spoolTemporary, state.spoolBad, state.work] {
      isUnused = try surroundings.list(directory).isEmpty && isUnused
    }
    var isLogEmpty = log == .missing
    if case .file(content: [], _) = log { isLogEmpty = true }
    guard isUnused, isLogEmpty else {
      plan.notes.append("the state directory '\(state.display)' is left: it is not empty")
      return
    }
    plan.steps += [.remove(state.workerLock), .remove(state.workerLog)]
    plan.steps += [state.spoolNew, state.spoolTemporary, state.spoolBad, state.spool, state.work, state.path]
      .map { .removeDirectory($0) }
  }
}

extension InstallationPlan {
  /// Whether an earlier step makes this directory.
  func makes(_ path: [UInt8]) -> Bool {
    steps.contains { if case .makeDirectory(path, _) = $0 { true } else { false } }
  }

  /// Whether an earlier step puts this kept file back.
  func restores(_ path: [UInt8]) -> Bool {
    steps.contains { if case .restore(path, _) = $0 { true } else { false } }
  }
}
