internal import Agent
internal import Base
internal import Git
internal import Sandbox
internal import Work

/// What the maintainers of a repository tell a model: instructions and skills, from the base branch and from nowhere
/// else.
struct TrustedTexts: Sendable {
  var instructions: [InstructionText] = []
  /// The skills, each with the files of its folder.
  var skills: [FoundSkill] = []

  struct FoundSkill: Sendable {
    var skill: Skill
    /// The files as paths from the folder on.
    var files: [(path: [UInt8], content: [UInt8])]
  }

  /// Where a cell finds the skills.
  static let place = "/tmp/skills"
  /// The files in which instructions stand; the first that is there counts.
  private static let names = ["AGENTS.md", "CLAUDE.md"]
  /// The directories whose folders are skills; of two skills of one name the first counts.
  private static let folders = [".arborist/skills", ".agents/skills", ".claude/skills"]
  private static let skillLimit = 50
  private static let fileLimit = 256 << 10
  private static let filesPerSkill = 100

  /// Reads them at a commit of the base.
  ///
  /// - Parameters:
  ///   - commit: The base's tip.
  ///   - name: What the base is called.
  ///   - repository: Where it is.
  /// - Throws: ``GitError`` where something that is there cannot be read.
  init(at commit: ObjectID, called name: String, in repository: Repository) throws(GitError) {
    for file in Self.names {
      guard let path = RepositoryPath(file), let entry = try repository.entry(at: path, in: commit),
        entry.mode != .directory, entry.mode != .submodule, entry.mode != .symbolicLink,
        try repository.header(of: entry.id).size <= Self.fileLimit
      else { continue }
      let text = InstructionText(
        source: "\(file) on \(name)", content: try repository.content(of: entry.id, limit: Self.fileLimit))
      if !text.text.isEmpty { instructions.append(text) }
      break
    }
    for folder in Self.folders { try readSkills(in: folder, at: commit, repository) }
  }

  private mutating func readSkills(
    in folder: String, at commit: ObjectID, _ repository: Repository
  ) throws(GitError) {
    guard let path = RepositoryPath(folder), let entry = try repository.entry(at: path, in: commit),
      entry.mode == .directory
    else { return }
    for child in try repository.entries(of: entry.id) where child.mode == .directory && skills.count < Self.skillLimit {
      guard let name = String(validating: child.path.bytes, as: UTF8.self), Self.isName(name),
        !skills.contains(where: { $0.skill.name == name })
      else { continue }
      let files = try Self.files(of: child.id, repository)
      guard let main = files.first(where: { $0.path.elementsEqual("SKILL.md".utf8) }),
        let description = SkillHeader(main.content).description
      else { continue }
      let skill = Skill(name: name, description: description, path: "\(Self.place)/\(name)/SKILL.md")
      skills.append(FoundSkill(skill: skill, files: files))
    }
  }

  /// Puts the folders of skills into a cell.
  ///
  /// - Throws: ``SandboxError``.
  static func write(_ skills: [FoundSkill], to cell: any Cell) async throws(SandboxError) {
    for found in skills {
      for file in found.files {
        guard let path = CellPath(Array("\(place)/\(found.skill.name)/".utf8) + file.path) else { continue }
        try await cell.write(file.content, to: path, isExecutable: false)
      }
    }
  }

  private static func isName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 64
      && name.utf8.allSatisfy { ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 || $0 == 0x2d || $0 == 0x5f }
  }

  private static func files(
    of tree: ObjectID, _ repository: Repository
  ) throws(GitError) -> [(path: [UInt8], content: [UInt8])] {
    var files: [(path: [UInt8], content: [UInt8])] = []
    try repository.walk(tree) { entry throws(GitError) in
      guard entry.mode == .regular || entry.mode == .executable, files.count < filesPerSkill,
        try repository.header(of: entry.id).size <= fileLimit
      else { return true }
      files.append((entry.path.bytes, try repository.content(of: entry.id, limit: fileLimit)))
      return true
    }
    return files
  }
}

/// What stands at the beginning of a `SKILL.md`: a header between two lines of `---` with `key: value` lines.
struct SkillHeader: Hashable {
  /// When the skill is to be used, as one line; `nil` where the file does not say.
  let description: String?

  init(_ content: [UInt8]) {
    let text = InstructionText(source: "", content: Array(content.prefix(8192))).text
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.first == "---", let end = lines.dropFirst().firstIndex(of: "---") else {
      description = nil
      return
    }
    var value: String?
    for line in lines[1..<end] {
      if line.hasPrefix("description:") {
        value = String(line.dropFirst("description:".count))
      } else if line.first == " ", let begun = value {
        // A value may go on in lines that are indented.
        value = begun + " " + line
      } else if value != nil {
        break
      }
    }
    let words = (value ?? "").split(whereSeparator: \.isWhitespace).joined(separator: " ")
    let bare = words.drop { "\"'>|-".contains($0) }.trimmingSuffix { "\"'".contains($0) }
    description = bare.isEmpty ? nil : String(bare.prefix(500))
  }
}

extension Substring {
  fileprivate func trimmingSuffix(_ isLeft: (Character) -> Bool) -> Substring {
    var rest = self
    while let last = rest.last, isLeft(last) || last.isWhitespace { rest = rest.dropLast() }
    while let first = rest.first, first.isWhitespace { rest = rest.dropFirst() }
    return rest
  }
}
