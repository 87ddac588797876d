package import Base

/// Everything that decides what a model is told before it begins.
package struct PromptFacts: Sendable, Hashable {
  /// What is to be done, in the words of whoever asked for it.
  package var task: String
  /// The tool profile's name.
  package var profile: String
  /// The tool with which the model keeps its plan; `nil` where the profile has none.
  package var planTool: String?
  /// What is to be told of the tools before they are used; `nil` for nothing.
  package var toolAdvice: String?
  /// The commit that is checked out.
  package var commit: ObjectID
  /// Whether the checkout has a git history.
  package var hasHistory: Bool
  /// The hosts that are open.
  package var hosts: [String]
  /// What there is to work with.
  package var programs: KnownPrograms
  package var instructions: [InstructionText]
  package var skills: [Skill]
  package var allowsParallelCalls: Bool
  package var budget: AgentBudget

  package init(
    task: String, profile: String, planTool: String?, toolAdvice: String? = nil, commit: ObjectID, hasHistory: Bool,
    hosts: [String] = [],
    programs: KnownPrograms = KnownPrograms(there: [], missing: [], processors: 1),
    instructions: [InstructionText] = [], skills: [Skill] = [], allowsParallelCalls: Bool, budget: AgentBudget
  ) {
    self.task = task
    self.profile = profile
    self.planTool = planTool
    self.toolAdvice = toolAdvice
    self.commit = commit
    self.hasHistory = hasHistory
    self.hosts = hosts
    self.programs = programs
    self.instructions = instructions
    self.skills = skills
    self.allowsParallelCalls = allowsParallelCalls
    self.budget = budget
  }
}

/// Programs that models like to use, and how many processors there are.
package struct KnownPrograms: Sendable, Hashable {
  package var there: [String]
  package var missing: [String]
  package var processors: Int

  package init(there: [String], missing: [String], processors: Int) {
    self.there = there
    self.missing = missing
    self.processors = processors
  }

  /// The names that are looked for.
  package static let names = [
    "git", "gcc", "g++", "clang", "make", "cmake", "ninja", "meson", "gdb", "valgrind", "strace", "python", "python3",
    "pytest",
    "node", "npm", "cargo", "go", "java", "mvn", "gradle", "ruby", "php", "perl", "swift", "dotnet", "rg", "fd", "jq",
    "sudo",
  ]
}

/// What one task may take.
package struct AgentBudget: Sendable, Hashable, Codable {
  /// In billionths of a US dollar; `nil` for no limit.
  package var money: Int64?
  /// Time in which the run works, in seconds.
  package var seconds: Int
  /// Answers of the model.
  package var steps: Int

  package init(money: Int64?, seconds: Int, steps: Int) {
    self.money = money
    self.seconds = seconds
    self.steps = steps
  }
}

/// Instructions of a repository's maintainers, as they may be shown to a model.
package struct InstructionText: Sendable, Hashable {
  /// Where they come from, such as `AGENTS.md on main`.
  package let source: String
  package let text: String
  /// Whether the end was left out because it was too long.
  package let isCut: Bool

  /// The most bytes that are taken of one file: instructions help little and are paid for with every request.
  package static let limit = 16 << 10

  /// Instructions out of a file: without HTML comments and characters that nobody sees, and short.
  package init(source: String, content: [UInt8]) {
    self.source = source
    // Of a huge file only the beginning is looked at: what is taken out leaves enough of it.
    var text = String(decoding: content.prefix(Self.limit * 16), as: UTF8.self)
    text.unicodeScalars.removeAll(where: Self.isInvisible)
    text = Self.withoutComments(text)
    while let last = text.last, last.isWhitespace { text.removeLast() }
    isCut = text.utf8.count > Self.limit || content.count > Self.limit * 16
    if isCut {
      var kept = String(decoding: text.utf8.prefix(Self.limit), as: UTF8.self)
      // Half a character is none.
      while kept.unicodeScalars.last == "\u{fffd}" { kept.unicodeScalars.removeLast() }
      if let end = kept.lastIndex(of: "\n") { kept = String(kept[..<end]) }
      text = kept + "\n[cut here: the file is longer]"
    }
    self.text = text
  }

  /// The text without comments, and without those that appear when others are taken out of their middle.
  private static func withoutComments(_ text: String) -> String {
    let (open, close) = (Array("<!--".utf8), Array("-->".utf8))
    var result: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      result.append(byte)
      guard byte == close.first, result.suffix(open.count).elementsEqual(open) else { continue }
      result.removeLast(open.count)
      guard let end = rest.indices.first(where: { rest[$0] == close.first && rest[$0...].starts(with: close) }) else {
        break
      }
      rest = rest[(end + close.count)...]
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// Whether the character changes what is read without being seen.
  static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    if scalar == "\n" || scalar == "\t" { return false }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: return true
    default: return scalar.properties.isDefaultIgnorableCodePoint
    }
  }
}

/// A skill: a folder with a `SKILL.md` that tells how a kind of work is done.
package struct Skill: Sendable, Hashable {
  package var name: String
  /// When it is to be used, in one line.
  package var description: String
  /// Where its `SKILL.md` is inside the cell.
  package var path: String

  package init(name: String, description: String, path: String) {
    self.name = name
    self.description = description
    self.path = path
  }
}
