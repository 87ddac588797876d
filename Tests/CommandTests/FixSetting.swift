import Base
import Foundation
import ScriptedModel
import TestSupport
import Testing

/// A branch whose addition subtracts, its tests, a model, and a home of the test's own.
struct FixSetting {
  let repository: TestRepository
  let home: TemporaryDirectory
  let model: ScriptedModel
  /// The head of the branch.
  let head: ObjectID

  static let good = "def add(a, b):\n    return a + b\n"
  static let bad = "def add(a, b):\n    return a - b\n"
  static let check = """
    import unittest
    from calc import add


    class Calc(unittest.TestCase):
        def test_add(self):
            self.assertEqual(add(1, 2), 3)

        def test_zero(self):
            self.assertEqual(add(0, 0), 0)

    """
  static let command = "python3 -B -m unittest -v"

  /// Repairs, each time that it is asked anew.
  static let repair = again([
    Turn(text: "I mend it.", calls: [.edit(path: "calc.py", old: "    return a - b", new: "    return a + b")]),
    Turn(text: "It adds now."),
  ])
  static let cheat = again([
    Turn(
      text: "I adapt.",
      calls: [
        .edit(
          path: "test_calc.py", old: "        self.assertEqual(add(1, 2), 3)",
          new: "        self.assertEqual(add(1, 2), -1)")
      ]),
    Turn(text: "It is green now."),
  ])

  /// The same turns for each conversation.
  static func again(_ turns: [Turn]) -> Scenario { Scenario(turns: (0..<6).flatMap { _ in turns }) }

  static let nothing = Scenario(turns: [], final: Turn(text: "I cannot."))

  /// `main` has the addition, its tests and `base`; `feature` changes the sign where `branch` does not say otherwise.
  init(
    _ scenario: Scenario = nothing, base: [TestRepository.Change] = [], branch: [TestRepository.Change]? = nil,
    checkedOut: String = "main"
  ) throws {
    repository = try TestRepository()
    try repository.commit(
      "main", changes: [.write("calc.py", Self.good), .write("test_calc.py", Self.check)] + base)
    head = try repository.commit(
      "feature", parents: [repository.id("main")], message: "Subtract",
      changes: branch ?? [.write("calc.py", Self.bad), .write("more.py", "more = 1\n")])
    try repository.checkOut(checkedOut)
    home = try TemporaryDirectory()
    model = try ScriptedModel.start(scenario)
  }

  var environment: [String: String] {
    [
      "HOME": home.path, "OPENAI_API_KEY": "key-of-a-test", "OPENAI_BASE_URL": model.baseURL + "/v1",
      "ARBORIST_DATABASE": "", "XDG_STATE_HOME": "", "XDG_CONFIG_HOME": "",
    ]
  }

  /// Where what a person has to decide on goes.
  var side: String { "refs/heads/arborist/fix/feature-\(head.short)" }

  func run(_ words: [String]) async throws -> CommandResult {
    let (environment, path) = (environment, repository.path)
    return try await offPool { try Arborist.run(words, in: path, adding: environment) }
  }

  func run(_ words: String...) async throws -> CommandResult { try await run(words) }

  /// Repairs the branch, and reads the document.
  func fix(
    _ words: String..., command: String? = FixSetting.command, isModelAsked: Bool = true
  ) async throws -> FixAnswer {
    var all = ["fix", "--branch", "feature", "--format", "json"] + words
    if let command { all += ["--test", command] }
    all += isModelAsked ? ["--model", "openai/gpt-5.5"] : ["--no-model"]
    return try FixAnswer(try await run(all))
  }

  func id(_ revision: String) -> ObjectID? { try? repository.id(revision) }

  func show(_ path: String, of revision: String) throws -> String {
    try repository.git("show", "\(revision):\(path)") + "\n"
  }

  /// Nothing is left beside the journal and the logs, and the repository is whole.
  func expectSound(sourceLocation: SourceLocation = #_sourceLocation) throws {
    #expect(try repository.attempt(["fsck", "--strict"]).status == 0, sourceLocation: sourceLocation)
    #expect(try repository.git("status", "--porcelain") == "", sourceLocation: sourceLocation)
    let runs = home.path + "/.local/state/arborist/runs"
    let left = try Command.run(["find", runs, "-mindepth", "2", "-maxdepth", "2"], in: "/").lines
      .compactMap { $0.split(separator: "/").last }
    #expect(left.allSatisfy { $0 == "logs" || $0 == "lock" }, "\(left)", sourceLocation: sourceLocation)
  }
}

/// What `arborist fix` says, as a program reads it.
struct FixAnswer {
  let status: Int32
  let errors: String
  private let fields: [String: any Sendable]

  init(_ result: CommandResult) throws {
    status = result.status
    errors = result.errorText
    let document = result.output.isEmpty ? nil : try JSONSerialization.jsonObject(with: Data(result.output))
    fields = (document as? [String: Any])?.mapValues { Self.sendable($0) } ?? [:]
    if !result.output.isEmpty { #expect((fields["schema"] as? String)?.hasPrefix("arborist.") == true) }
  }

  private static func sendable(_ value: Any) -> any Sendable {
    switch value {
    case let text as String: text
    case let number as Int: number
    case let list as [Any]: list.map { "\($0)" }
    default: "\(value)"
    }
  }

  subscript(_ name: String) -> String { fields[name] as? String ?? "" }
  func list(_ name: String) -> [String] { fields[name] as? [String] ?? [] }
  func number(_ name: String) -> Int { fields[name] as? Int ?? -1 }
  var outcome: String { self["outcome"] }
  var run: String { self["run"] }
}

extension FixAnswer: CustomStringConvertible {
  var description: String { "status \(status): \(fields) \(errors)" }
}
