import Base
import Git
import Synchronization
import TestSupport
import Work

/// What a scripted model does to the files that it is given.
struct ScriptedEdit: Sendable {
  /// The files, by their path; those that are taken out are deleted.
  var files: [String: String] = [:]
  /// The modes of files that are not those of the tree.
  var modes: [String: FileMode] = [:]
  /// What it says last.
  var text = "Done."
  var ending = AgentEnding.completed
  var leftOut: [RepositoryPath] = []

  /// Replaces the places of a file, one after the other, by the lines that a function makes of each.
  mutating func answer(_ path: String, _ lines: (Place) -> String?) {
    guard let file = files[path] else { return }
    var result = ""
    var place: Place?
    var part = 0
    for line in file.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false) {
      let text = String(String.UnicodeScalarView(line))
      let row = text.prefix { $0 == text.first }.count
      if place == nil, row >= 9, text.first == "<" {
        place = Place(id: String(text.split(separator: " ")[1]))
        place?.block = text + "\n"
        part = 0
        continue
      }
      guard var open = place else {
        result += text + "\n"
        continue
      }
      open.block += text + "\n"
      if row >= 9, text.first == "|" || text.first == "=" {
        part += 1
      } else if row >= 9, text.first == ">" {
        result += lines(open) ?? open.block
        place = nil
        continue
      } else {
        open.parts[part] += text + "\n"
      }
      place = open
    }
    // The last line feed was split off as an empty line.
    result.unicodeScalars.removeLast()
    files[path] = result
  }

  struct Place {
    var id: String
    var block = ""
    var parts = ["", "", ""]
    var ours: String { parts[0] }
    var base: String { parts[1] }
    var theirs: String { parts[2] }

    init(id: String) { self.id = id }
  }

  /// The names of the places in a file.
  func names(in path: String) -> [String] {
    (files[path] ?? "").split(whereSeparator: \.isNewline).filter { $0.hasPrefix("<<<<<<<<<") }
      .map { String($0.split(separator: " ")[1]) }
  }
}

/// A model that does what a test says, through the same door as a real one.
final class ScriptedModelTasks: ModelTaskPerforming {
  private let repository: RepositoryActor<PrivateRepository>
  private let script: @Sendable (ModelTask, inout ScriptedEdit) -> Void
  private let asked = Mutex<[ModelTask]>([])

  init(
    _ repository: RepositoryActor<PrivateRepository>,
    _ script: @escaping @Sendable (ModelTask, inout ScriptedEdit) -> Void
  ) {
    self.repository = repository
    self.script = script
  }

  /// The tasks that it was given, in order.
  var tasks: [ModelTask] { asked.withLock { $0 } }

  func perform(_ task: ModelTask) async throws -> ModelWork {
    asked.withLock { $0.append(task) }
    let script = script
    return try await repository.perform { repository in
      let start = task.tree ?? task.commit
      var before: [String: (content: String, mode: FileMode)] = [:]
      try repository.walk(start) { entry throws(GitError) in
        if entry.mode != .directory, entry.mode != .submodule {
          let content = try repository.content(of: entry.id, limit: 1 << 24)
          before[entry.path.display] = (String(decoding: content, as: UTF8.self), entry.mode)
        }
        return true
      }
      var edit = ScriptedEdit(files: before.mapValues(\.content))
      script(task, &edit)
      var edits: [TreeEdit] = []
      for path in before.keys where edit.files[path] == nil {
        if let path = RepositoryPath(path) { edits.append(.remove(path)) }
      }
      for (path, content) in edit.files {
        let mode = edit.modes[path] ?? before[path]?.mode ?? .regular
        guard content != before[path]?.content || mode != before[path]?.mode, let path = RepositoryPath(path) else {
          continue
        }
        edits.append(.put(path, mode: mode, blob: try repository.writeBlob(Array(content.utf8))))
      }
      let tree = try repository.writeTree(from: start, edits)
      return ModelWork(
        run: RunID(random: 7), model: "scripted/one",
        outcome: AgentOutcome(
          ending: edit.ending, reason: "as scripted", text: edit.text, steps: 3, cost: nil, changed: []),
        tree: tree, leftOut: edit.leftOut)
    }
  }
}
