import Base
import Work

extension RepositoryConfiguration {
  /// Where the configuration is, from the root of the repository.
  package static let fileName = ".arborist.yml"

  /// The most bytes that a configuration may have.
  package static let maximumSize = ConfigurationDocument.maximumSize

  /// The kinds of job that a configuration can name besides a skill.
  package static let jobKinds = ["review", "resolve", "fix"]

  /// The configuration that these bytes of `.arborist.yml` describe; an empty file describes the defaults.
  ///
  /// - Parameters:
  ///   - bytes: the file's content, read from a branch that is trusted; see ``ConfigurationSource``.
  ///   - knownChecks: the ids of the built-in checks.
  /// - Throws: ``ConfigurationError`` with everything that is wrong with the file.
  package init(parsing bytes: [UInt8], knownChecks: Set<String>) throws(ConfigurationError) {
    var problems: [PlacedProblem] = []
    var configuration = RepositoryConfiguration()
    do {
      if let root = try ConfigurationDocument.parse(bytes, problems: &problems) {
        var reader = ConfigurationReader(knownChecks: knownChecks)
        configuration = reader.read(root)
        problems += reader.problems
      }
    } catch {
      throw ConfigurationError(first: error.named(Self.fileName))
    }
    if let error = ConfigurationError(problems.map { $0.named(Self.fileName) }) { throw error }
    self = configuration
  }
}

/// Reads a tree into a configuration and gathers everything that is wrong with it.
///
/// A value that is wrong leaves the default in its place; as a problem was then recorded, nobody ever sees that value.
struct ConfigurationReader {
  private(set) var problems: [PlacedProblem] = []
  private let knownChecks: Set<String>

  init(knownChecks: Set<String>) {
    self.knownChecks = knownChecks
  }

  /// The keys of each section; the root's name is empty.
  private static let keys: [String: [String]] = [
    "": [
      "base", "test", "setup", "tests", "on", "push", "unverified", "protect", "review", "fix", "network", "budget",
      "models",
    ],
    "review": ["instructions", "ignore", "checks", "sarif", "confidence"],
    "fix": ["attempts", "parallel", "atBase"],
    "budget": ["usd", "minutes", "steps"],
    "on": RepositoryConfiguration.Trigger.allCases.map(\.rawValue),
    "review.instructions": ["text", "paths"],
  ]

  mutating func read(_ root: ConfigurationNode) -> RepositoryConfiguration {
    var result = RepositoryConfiguration()
    forEachField(of: Field(path: "", position: root.position, node: root), section: "") { reader, name, field in
      switch name {
      case "base": result.base = reader.branch(field)
      case "test": result.test = reader.commands(field, orOne: true)
      case "setup": result.setup = reader.commands(field, orOne: true)
      case "tests": result.tests = reader.globs(field)
      case "on": result.on = reader.triggers(field)
      case "push": result.push = reader.choice(field) ?? result.push
      case "unverified": result.unverified = reader.choice(field) ?? result.unverified
      case "protect": result.protect = reader.patterns(field)
      case "review": result.review = reader.review(field)
      case "fix": result.fix = reader.fix(field)
      case "network": result.network = reader.hosts(field)
      case "budget": result.budget = reader.budget(field)
      default: result.models = reader.models(field)
      }
    }
    return result
  }

  private mutating func review(_ section: Field) -> ReviewConfiguration {
    var result = ReviewConfiguration()
    forEachField(of: section, section: "review") { reader, name, field in
      switch name {
      case "instructions": result.instructions = reader.instructions(field)
      case "ignore": result.ignore = reader.globs(field)
      case "checks": result.checks = reader.checks(field)
      case "confidence": result.confidence = reader.share(field) ?? result.confidence
      default: result.sarif = reader.commands(field, orOne: false)
      }
    }
    return result
  }

  private mutating func fix(_ section: Field) -> FixConfiguration {
    var result = FixConfiguration()
    forEachField(of: section, section: "fix") { reader, name, field in
      switch name {
      case "attempts": result.attempts = reader.count(field) ?? result.attempts
      case "parallel": result.parallel = reader.count(field) ?? result.parallel
      default: result.atBase = reader.choice(field) ?? result.atBase
      }
    }
    return result
  }

  private mutating func budget(_ section: Field) -> RepositoryConfiguration.Budget {
    var result = RepositoryConfiguration.Budget()
    forEachField(of: section, section: "budget") { reader, name, field in
      switch name {
      case "usd": result.usd = reader.amount(field) ?? result.usd
      case "minutes": result.minutes = reader.amount(field) ?? result.minutes
      default: result.steps = reader.count(field) ?? result.steps
      }
    }
    return result
  }

  /// What is written is all that happens: a trigger that is not named starts nothing.
  private mutating func triggers(_ section: Field) -> [RepositoryConfiguration.Trigger: [String]] {
    var result: [RepositoryConfiguration.Trigger: [String]] = [:]
    forEachField(of: section, section: "on") { reader, name, field in
      guard let trigger = RepositoryConfiguration.Trigger(rawValue: name) else { return }
      result[trigger] = reader.items(field, example: "[review, resolve]").compactMap { reader.jobKind($0) }
    }
    return result
  }

  private mutating func checks(_ section: Field) -> [String: Severity?] {
    var result: [String: Severity?] = [:]
    guard let entries = entries(of: section) else { return result }
    for field in entries {
      if !knownChecks.contains(field.name) {
        report(field.position, field.path, "no such check; \(Nearest.hint(for: field.name, among: Array(knownChecks)))")
      }
      if let severity = severity(field) { result.updateValue(severity, forKey: field.name) }
    }
    return result
  }

  private mutating func models(_ section: Field) -> [String: [String]] {
    var result: [String: [String]] = [:]
    guard let entries = entries(of: section) else { return result }
    for field in entries {
      if let problem = ConfigurationValue.jobKindProblem(field.name) { report(field.position, field.path, problem) }
      let items = items(field, orOne: true, example: "[openai/NAME]")
      result[field.name] = items.compactMap { checked($0, ConfigurationValue.modelProblem) }
    }
    return result
  }

  private mutating func instructions(_ list: Field) -> [ReviewConfiguration.Instruction] {
    items(list, example: "[\"Prefer early returns\"]").compactMap { item in
      guard case .keys = item.node.content else { return text(item).map { .init(text: $0) } }
      var text: String?
      var paths: [Glob] = []
      let before = problems.count
      forEachField(of: item, section: "review.instructions") { reader, name, field in
        if name == "text" { text = reader.text(field) } else { paths = reader.globs(field) }
      }
      if text == nil, problems.count == before {
        report(item.position, item.path, "the instruction has no 'text'; write text: and what is to be heeded")
      }
      return text.map { .init(text: $0, paths: paths) }
    }
  }
}

/// A key's value, with the path of keys that leads to it.
struct Field {
  var path: String
  /// Where a person has to look: the value, or the key where there is no value.
  var position: FilePosition
  var node: ConfigurationNode

  /// The last key of the path.
  var name = ""
}

// Each of these reads one kind of value, and reports where the file holds another.
extension ConfigurationReader {
  private mutating func report(_ position: FilePosition, _ path: String, _ message: String) {
    problems.append(PlacedProblem(position: position, key: path, message: message))
  }

  private mutating func report(_ field: Field, _ message: String) {
    report(field.node.isNull ? field.position : field.node.position, field.path, message)
  }

  /// The keys of a section with their values, each once; `nil` where it is no section.
  private mutating func entries(of section: Field) -> [Field]? {
    guard case .keys(let entries) = section.node.content else {
      if section.path.isEmpty {
        report(section, "the file is no list of keys; write KEY: VALUE lines, such as base: main")
      } else if section.node.isNull {
        report(section, "it is empty; write keys below it or remove it")
      } else {
        report(section, "keys are expected here, such as \(Self.example(of: section.path))")
      }
      return nil
    }
    var seen: [String: FilePosition] = [:]
    var fields: [Field] = []
    for entry in entries {
      let path = section.path.isEmpty ? entry.key : "\(section.path).\(entry.key)"
      if let first = seen[entry.key] {
        report(entry.position, path, "it is given twice, first on line \(first.line); keep one")
        continue
      }
      seen[entry.key] = entry.position
      fields.append(Field(path: path, position: entry.position, node: entry.value, name: entry.key))
    }
    return fields
  }

  private static func example(of path: String) -> String {
    switch path {
    case "on": "{ push: [review, resolve] }"
    case "budget": "{ usd: 2.00, minutes: 30, steps: 150 }"
    case "models": "{ review: openai/NAME }"
    case "fix": "{ attempts: 2, parallel: 1, atBase: leave }"
    case "review": "ignore: [\"**/*.generated.swift\"]"
    default: "{ secrets: error }"
    }
  }

  private mutating func forEachField(
    of section: Field, section name: String, body: (inout ConfigurationReader, String, Field) -> Void
  ) {
    guard let fields = entries(of: section) else { return }
    let known = Self.keys[name] ?? []
    for field in fields {
      if known.contains(field.name) {
        body(&self, field.name, field)
      } else {
        report(field.position, field.path, Self.unknown(field.name, section: name, known: known))
      }
    }
  }

  private static func unknown(_ key: String, section: String, known: [String]) -> String {
    if Nearest.misspelling(key, among: known) == nil {
      let homes = keys.filter { $0.key != section && $0.value.contains(key) }.keys.sorted()
      if let home = homes.first {
        return home.isEmpty
          ? "no such key here; '\(key)' belongs to the top level" : "no such key here; '\(key)' belongs under '\(home)'"
      }
    }
    return "no such key; \(Nearest.hint(for: key, among: known))"
  }

  /// The text of a value: not nothing, not a list.
  private mutating func text(_ field: Field) -> String? {
    guard case .scalar(let text, _) = field.node.content else {
      report(field, "one value is expected here, not a list or keys")
      return nil
    }
    if field.node.isNull || text.allSatisfy(\.isWhitespace) {
      report(field, "it has no value; write one or remove the key")
      return nil
    }
    return text
  }

  /// The elements of a list; of a single value the value, where `orOne` allows it.
  private mutating func items(_ field: Field, orOne: Bool = false, example: String) -> [Field] {
    if case .list(let nodes) = field.node.content {
      return nodes.map { Field(path: field.path, position: $0.position, node: $0) }
    }
    if orOne, case .scalar = field.node.content { return [field] }
    if field.node.isNull {
      report(field, "it has no value; write a list such as \(example), or remove the key")
    } else {
      report(field, "a list\(orOne ? " or one value" : "") is expected here, such as \(example)")
    }
    return []
  }

  /// The text of a value with which nothing is wrong.
  private mutating func checked(_ field: Field, _ problem: (String) -> String?) -> String? {
    guard let text = text(field) else { return nil }
    if let problem = problem(text) {
      report(field, problem)
      return nil
    }
    return text
  }

  private mutating func commands(_ field: Field, orOne: Bool) -> [String] {
    items(field, orOne: orOne, example: "[\"swift test\"]").compactMap {
      checked($0, ConfigurationValue.commandProblem)
    }
  }

  private mutating func globs(_ field: Field) -> [Glob] {
    items(field, example: "[\"Tests/**\"]").compactMap { checked($0, ConfigurationValue.globProblem).map { Glob($0) } }
  }

  private mutating func patterns(_ field: Field) -> [BranchPattern] {
    items(field, example: "[main, \"release/*\"]")
      .compactMap { checked($0, ConfigurationValue.branchPatternProblem).map { BranchPattern($0) } }
  }

  private mutating func hosts(_ field: Field) -> [String] {
    items(field, example: "[registry.npmjs.org]")
      .compactMap { checked($0, ConfigurationValue.hostProblem)?.lowercased() }
  }

  private mutating func jobKind(_ field: Field) -> String? {
    checked(field, ConfigurationValue.jobKindProblem)
  }

  private mutating func branch(_ field: Field) -> RefName? {
    guard let text = text(field) else { return nil }
    switch ConfigurationValue.branch(text) {
    case .success(let ref): return ref
    case .failure(let problem):
      report(field, problem.message)
      return nil
    }
  }

  private mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(_ field: Field) -> Choice? {
    let allowed = Choice.allCases.map(\.rawValue)
    guard let text = text(field) else { return nil }
    if let choice = Choice(rawValue: text) { return choice }
    report(field, ConfigurationValue.notOneOf(text, allowed))
    return nil
  }

  /// A severity, or `.some(nil)` for off.
  ///
  /// YAML 1.1 takes the word `off` for `false`, so programs may have written that.
  private mutating func severity(_ field: Field) -> Severity?? {
    guard let text = text(field) else { return nil }
    if let severity = Severity(rawValue: text) { return severity }
    if case .scalar(_, isPlain: true) = field.node.content, ["off", "Off", "OFF", "false"].contains(text) {
      return .some(nil)
    }
    if text == "off" { return .some(nil) }
    report(field, ConfigurationValue.notOneOf(text, ["error", "warning", "note", "off"]))
    return nil
  }

  private mutating func amount(_ field: Field) -> Double? {
    guard let text = number(field) else { return nil }
    if let amount = ConfigurationValue.amount(text) { return amount }
    report(field, "'\(ConfigurationValue.shown(text))' is no number above 0 and up to 1000000; write one such as 2.50")
    return nil
  }

  private mutating func share(_ field: Field) -> Double? {
    guard let text = number(field) else { return nil }
    if text == "0" { return 0 }
    if let amount = ConfigurationValue.amount(text), amount <= 1 { return amount }
    report(field, "'\(ConfigurationValue.shown(text))' is no number from 0 to 1; write one such as 0.6")
    return nil
  }

  private mutating func count(_ field: Field) -> Int? {
    guard let text = number(field) else { return nil }
    if let count = ConfigurationValue.count(text) { return count }
    report(field, "'\(ConfigurationValue.shown(text))' is no whole number from 1 to 1000000; write one such as 150")
    return nil
  }

  private mutating func number(_ field: Field) -> String? {
    guard let text = text(field) else { return nil }
    if case .scalar(_, isPlain: true) = field.node.content { return text }
    report(field, "a number is expected here, not text; take the quotes away")
    return nil
  }
}
