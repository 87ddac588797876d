internal import Base
internal import FileSystem
internal import HTTP
internal import Models

/// The way to a provider's models, and what is known of them.
struct ModelConnection: Sendable {
  let client: ModelClient
  let store: CapabilityStore

  /// - Throws: ``EndpointError`` where the environment lacks something, ``HTTPError`` where no client can be made.
  init(_ provider: ModelName.Provider, _ environment: [String: String], _ directories: UserDirectories) throws {
    let endpoint = try ModelEndpoint(for: provider, environment: environment)
    client = ModelClient(transport: try HTTPClient(), endpoint: endpoint)
    store = CapabilityStore(directory: Array(directories.models.utf8))
  }

  /// What is known of a model before anybody is asked, and what is to be asked.
  ///
  /// - Parameters:
  ///   - model: The model.
  ///   - asksAnew: Whether what was found out before is left aside.
  /// - Returns: Both; nothing is to be asked where enough is known.
  /// - Throws: ``FileError`` where there is a record that cannot be read.
  func knowledge(
    of model: ModelName, asksAnew: Bool
  ) throws -> (capabilities: ModelCapabilities, probe: CapabilityProbe?) {
    if !asksAnew, let known = try store.load(model, at: client.endpoint) { return (known, nil) }
    return (ModelFamilies.capabilities(of: model), CapabilityProbe(of: model, at: client.endpoint))
  }
}
