internal import Agent
internal import HTTP
internal import Models

/// A model over the network.
struct NetworkModel: ModelCalling {
  let client: ModelClient

  func answer(
    _ body: [UInt8], to request: ModelRequest, _ capabilities: ModelCapabilities, within limit: Duration
  ) async throws(ModelError) -> ModelAnswer {
    var client = client
    client.deadlines.total = min(client.deadlines.total ?? limit, limit)
    client.wholeAnswerDeadlines.total = min(client.wholeAnswerDeadlines.total ?? limit, limit)
    return try await client.send(body, for: request, capabilities: capabilities)
  }
}
