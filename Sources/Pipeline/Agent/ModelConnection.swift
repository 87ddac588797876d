internal import FileSystem
internal import HTTP
internal import Models

/// The way to a provider's models.
struct ModelConnection: Sendable {
  let client: ModelClient
  private let transport: HTTPClient

  /// - Throws: ``EndpointError`` where the environment lacks something, ``HTTPError`` where no client can be made.
  init(_ provider: ModelName.Provider, _ environment: [String: String]) throws {
    let endpoint = try ModelEndpoint(for: provider, environment: environment)
    transport = try HTTPClient()
    client = ModelClient(transport: transport, endpoint: endpoint)
  }

  /// What is known of a model; asked for at its first use and kept.
  ///
  /// - Throws: ``ModelError`` where the key is refused, the model unknown, or the server out of reach.
  func capabilities(of model: ModelName, in store: CapabilityStore) async throws -> ModelCapabilities {
    if let known = try store.load(model, at: client.endpoint) { return known }
    let found = try await CapabilityProbe(transport: transport, endpoint: client.endpoint).run(model)
    try store.save(found, of: model, at: client.endpoint, nonce: .random(in: .min ... .max))
    return found
  }
}
