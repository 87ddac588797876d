import FileSystem
import Glibc
import ScriptedModel
import TestSupport

/// A model of the script's, a repository, and a home of the test's own.
struct AgentBench {
  let repository: TestRepository
  let home: TemporaryDirectory
  let model: ScriptedModel

  init(_ scenario: Scenario, _ changes: TestRepository.Change...) throws {
    repository = try TestRepository()
    let files: [TestRepository.Change] = [
      .write("calc.py", "def add(a, b):\n    return a - b\n"), .write(".gitignore", "*.log\n"),
    ]
    try repository.commit("main", changes: files + changes)
    try repository.checkOut("main")
    home = try TemporaryDirectory()
    model = try ScriptedModel.start(scenario)
  }

  var environment: [String: String] {
    [
      "HOME": home.path, "OPENAI_API_KEY": "key-of-a-test", "OPENAI_BASE_URL": model.baseURL + "/v1",
      "ANTHROPIC_API_KEY": "key-of-a-test", "ANTHROPIC_BASE_URL": model.baseURL, "ARBORIST_DATABASE": "",
      "XDG_STATE_HOME": "", "XDG_CONFIG_HOME": "",
    ]
  }

  func run(_ words: String...) async throws -> CommandResult { try await run(words) }

  func run(_ words: [String], _ changes: [String: String] = [:]) async throws -> CommandResult {
    let (environment, path) = (environment.merging(changes) { $1 }, repository.path)
    return try await offPool { try Arborist.run(words, in: path, adding: environment) }
  }

  var path: String { repository.path }
}

/// Runs what waits on a thread of its own.
func offPool<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
  let result: Result<Value, any Error> = await withCheckedContinuation { continuation in
    let box = Box { continuation.resume(returning: Result { try body() }) }
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { raw in
        if let raw { Unmanaged<Box>.fromOpaque(raw).takeRetainedValue().run() }
        return nil
      }, Unmanaged.passRetained(box).toOpaque())
    pthread_detach(thread)
  }
  return try result.get()
}

private final class Box {
  let run: () -> Void

  init(_ run: @escaping () -> Void) { self.run = run }
}
