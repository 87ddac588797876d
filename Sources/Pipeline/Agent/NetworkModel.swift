internal import Agent
internal import Base
internal import FileSystem
internal import HTTP
internal import Models

/// A model over the network.
struct NetworkModel: ModelCalling {
  let connection: ModelConnection
  let clock: WallClock
  let log: @Sendable (String) -> Void

  func answer(
    _ body: [UInt8], to request: ModelRequest, _ capabilities: ModelCapabilities, within limit: Duration
  ) async throws(ModelError) -> ModelAnswer {
    var client = connection.client
    client.deadlines.total = min(client.deadlines.total ?? limit, limit)
    client.wholeAnswerDeadlines.total = min(client.wholeAnswerDeadlines.total ?? limit, limit)
    return try await client.send(body, for: request, capabilities: capabilities)
  }

  func ask(
    _ question: CapabilityProbe.Question, about model: ModelName, _ body: [UInt8], within limit: Duration
  ) async throws(ModelError) -> [UInt8]? {
    try await connection.client.ask(question, about: model, body, within: limit)
  }

  func keep(_ capabilities: ModelCapabilities, of model: ModelName) {
    do throws(FileError) {
      try connection.store.save(
        capabilities, of: model, at: connection.client.endpoint, found: clock.now().milliseconds / 1000,
        nonce: .random(in: .min ... .max))
    } catch {
      log("note: what was found out about \(model) cannot be kept, and the next run asks again: \(error)")
    }
  }
}
