import Base
import Foundation
import ScriptedModel
import TestSupport
import Testing

/// A repository with a change that has a mistake, and a model that reads it.
struct ModelReviewSetting {
  let repository: TestRepository
  let home: TemporaryDirectory
  let model: ScriptedModel

  static let old = "def mean(values):\n    if not values:\n        return 0\n    return sum(values) / len(values)\n"
  static let new = "def mean(values):\n    return sum(values) / len(values)\n"
  static let title = "An empty list divides by zero"

  /// One finding as JSON.
  static func finding(
    quote: String = "    return sum(values) / len(values)", path: String = "calc.py", line: Int = 2,
    title: String = title, severity: String = "error", confidence: Double = 0.9, suggestion: String? = nil
  ) -> String {
    let document: [String: Any] = [
      "path": path, "quote": quote, "line": line, "title": title, "body": "The check was taken away.",
      "severity": severity, "confidence": confidence, "suggestion": suggestion as Any? ?? NSNull(),
    ]
    let data = (try? JSONSerialization.data(withJSONObject: document, options: .sortedKeys)) ?? Data()
    return String(decoding: data, as: UTF8.self)
  }

  static func answer(_ findings: String...) -> String { #"{"findings":[\#(findings.joined(separator: ","))]}"# }

  static var found: Scenario { Scenario(turns: [], final: Turn(text: answer(finding()))) }
  static var nothing: Scenario { Scenario(turns: [], final: Turn(text: answer())) }

  /// A model whose every answer is decided by what it is asked.
  static func deciding(_ decide: @escaping @Sendable (ReceivedRequest) -> Reply) -> Scenario {
    Scenario(turns: Array(repeating: .custom(decide), count: 100))
  }

  init(
    _ scenario: Scenario = found, configuration: String? = nil, main: [TestRepository.Change] = [],
    feature: [TestRepository.Change] = [], message: String = "Simplify"
  ) throws {
    repository = try TestRepository()
    var files = main + [.write("calc.py", Self.old)]
    if let configuration { files.append(.write(".arborist.yml", configuration)) }
    try repository.commit("main", changes: files)
    try repository.commit(
      "feature", parents: [repository.id("main")], message: message, changes: feature + [.write("calc.py", Self.new)])
    try repository.checkOut("feature")
    home = try TemporaryDirectory()
    model = try ScriptedModel.start(scenario)
  }

  var environment: [String: String] {
    [
      "HOME": home.path, "OPENAI_API_KEY": "key-of-a-test", "OPENAI_BASE_URL": model.baseURL + "/v1",
      "ANTHROPIC_API_KEY": "key-of-a-test", "ANTHROPIC_BASE_URL": model.baseURL, "ARBORIST_DATABASE": "",
      "XDG_STATE_HOME": "", "XDG_CONFIG_HOME": "", "DEEPSEEK_API_KEY": "", "DEEPSEEK_BASE_URL": "",
    ]
  }

  func run(_ words: [String], _ changes: [String: String] = [:]) async throws -> CommandResult {
    let (environment, path) = (environment.merging(changes) { $1 }, repository.path)
    return try await offPool { try Arborist.run(words, in: path, adding: environment) }
  }

  func run(_ words: String...) async throws -> CommandResult { try await run(words) }

  /// A review by the model as JSON.
  func review(_ words: String..., by model: String = "openai/gpt-5.5") async throws -> ReviewAnswer {
    try ReviewAnswer(try await run(["review", "--model", model, "--format", "json"] + words))
  }

  /// The body of a request as text.
  func asked(_ number: Int) throws -> String {
    let requests = model.requests
    return String(
      decoding: try #require(requests.indices.contains(number) ? requests[number] : nil).body, as: UTF8.self)
  }
}

/// What `review --format json` says.
struct ReviewAnswer: CustomStringConvertible {
  let status: Int32
  let errors: String
  let findings: [[String: Any]]
  let unread: [[String: Any]]
  let overall: String
  let shortfall: String?

  init(_ result: CommandResult) throws {
    status = result.status
    errors = result.errorText
    let document = (try? JSONSerialization.jsonObject(with: Data(result.output))) as? [String: Any] ?? [:]
    findings = document["findings"] as? [[String: Any]] ?? []
    unread = document["unread"] as? [[String: Any]] ?? []
    overall = document["overall"] as? String ?? ""
    shortfall = document["shortfall"] as? String
  }

  var titles: [String] { findings.compactMap { $0["title"] as? String } }

  func reasons(of path: String) -> [String] {
    unread.filter { $0["path"] as? String == path }.compactMap { $0["reason"] as? String }
  }

  var description: String { "\(status) \(titles) \(unread) \(overall)\n\(errors)" }
}
