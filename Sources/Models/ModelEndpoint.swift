package import Base
package import HTTP

/// Where a provider's models are reached, and with which credential.
package struct ModelEndpoint: Sendable, Hashable {
  package let provider: ModelName.Provider
  /// An absolute address without a slash at its end, as the vendor's own tools take it.
  package let baseURL: String
  /// `nil` only where the address is this machine's own.
  package let credential: Secret?

  /// An endpoint at this address.
  ///
  /// - Throws: ``EndpointError`` where the address cannot be used, a credential is missing, or it would be sent over
  ///   the network in the clear.
  package init(provider: ModelName.Provider, baseURL: String, credential: Secret?) throws(EndpointError) {
    let variables = Variables(provider)
    let address = try Address(baseURL, variables)
    if let credential {
      guard credential.reveal().utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }), !credential.reveal().isEmpty else {
        throw EndpointError(.unusableKey, variable: variables.key, detail: "it has characters that no key has")
      }
    }
    if !address.isLoopback {
      guard address.isEncrypted else {
        throw EndpointError(
          .unencrypted, variable: variables.baseURL,
          detail: "'\(address.text)' would carry the key and the source code in the clear")
      }
      guard credential != nil else { throw EndpointError(.missingKey, variable: variables.key, detail: address.text) }
    }
    self.provider = provider
    self.baseURL = address.text
    self.credential = credential
  }

  /// The endpoint that the environment names, or the vendor's own.
  ///
  /// - Throws: ``EndpointError``, which says which variable is missing or wrong.
  package init(for provider: ModelName.Provider, environment: [String: String]) throws(EndpointError) {
    let variables = Variables(provider)
    func value(_ name: String) -> String? {
      let text = (environment[name] ?? "").trimmingBlanks
      return text.isEmpty ? nil : text
    }
    try self.init(
      provider: provider, baseURL: value(variables.baseURL) ?? variables.vendor,
      credential: value(variables.key).map { Secret($0) })
  }

  /// Whether this is the vendor's own service and not something compatible with it.
  package var isVendor: Bool { baseURL == Variables(provider).vendor }

  /// The address below which a server's own, incompatible interface is found: the base without a version at its end.
  var root: String { baseURL.hasSuffix("/v1") ? String(baseURL.dropLast(3)) : baseURL }

  /// The address to which requests for an answer go.
  package var answers: String {
    switch provider {
    case .openai: baseURL + "/responses"
    case .openaiChat, .deepseek: baseURL + "/chat/completions"
    // The vendor's tools take the address without the version; one that has it already is taken as well.
    case .anthropic: root + "/v1/messages"
    }
  }

  /// The address under which the models are listed.
  package var models: String { provider == .anthropic ? root + "/v1/models" : baseURL + "/models" }

  /// What every request bears, the credential among it.
  ///
  /// - Parameter betas: The vendor's features that are asked for by name.
  /// - Returns: The headers, in the same order always.
  package func headers(betas: [String] = []) -> [HTTPHeader] {
    var headers = [HTTPHeader("content-type", "application/json"), HTTPHeader("user-agent", "arborist")]
    switch provider {
    case .anthropic:
      headers.append(HTTPHeader("anthropic-version", "2023-06-01"))
      if !betas.isEmpty { headers.append(HTTPHeader("anthropic-beta", betas.joined(separator: ","))) }
      if let credential { headers.append(HTTPHeader("x-api-key", credential.reveal())) }
    case .openai, .openaiChat, .deepseek:
      if let credential { headers.append(HTTPHeader("authorization", "Bearer \(credential.reveal())")) }
    }
    return headers
  }

  /// The variables that name an endpoint, as the vendors' own tools read them.
  private struct Variables {
    let key: String
    let baseURL: String
    let vendor: String
    /// What stands at the end of the address of a server that is compatible with the vendor's.
    var version: String { vendor.hasSuffix("/v1") ? "/v1" : "" }

    init(_ provider: ModelName.Provider) {
      switch provider {
      case .openai, .openaiChat:
        (key, baseURL, vendor) = ("OPENAI_API_KEY", "OPENAI_BASE_URL", "https://api.openai.com/v1")
      case .anthropic:
        (key, baseURL, vendor) = ("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "https://api.anthropic.com")
      case .deepseek:
        (key, baseURL, vendor) = ("DEEPSEEK_API_KEY", "DEEPSEEK_BASE_URL", "https://api.deepseek.com")
      }
    }
  }

  /// An address that was looked at.
  private struct Address {
    var text: String
    var isEncrypted: Bool
    var isLoopback: Bool

    init(_ text: String, _ variables: Variables) throws(EndpointError) {
      func unusable(_ why: String) -> EndpointError {
        EndpointError(
          .unusableAddress, variable: variables.baseURL, detail: why,
          example: "\(variables.vendor), or http://127.0.0.1:8000\(variables.version) for a server on this machine")
      }
      var trimmed = text.trimmingBlanks[...]
      while trimmed.hasSuffix("/") { trimmed = trimmed.dropLast() }
      let address: HTTPAddress
      do throws(HTTPAddress.Rejection) {
        address = try HTTPAddress(String(trimmed))
      } catch {
        throw unusable(error.reason)
      }
      guard !trimmed.contains("?"), !trimmed.contains("#") else {
        throw unusable("the address has a query or a fragment")
      }
      // It ends the host for some readers and not for others.
      guard !trimmed.contains("\\") else { throw unusable("the address has a backslash") }
      isEncrypted = address.origin.isSecure
      isLoopback = Self.isLoopback(address.origin.host)
      self.text = String(trimmed)
    }

    private static func isLoopback(_ host: String) -> Bool {
      if host == "localhost" || host == "[::1]" { return true }
      let parts = host.split(separator: ".", omittingEmptySubsequences: false)
      return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
  }
}

/// Why a provider cannot be reached before anything was sent.
package struct EndpointError: Error, Sendable, Hashable, CustomStringConvertible {
  package enum Reason: String, Sendable, Hashable {
    case missingKey
    case unusableKey
    case unusableAddress
    case unencrypted
  }

  package let reason: Reason
  /// The environment variable to set or to correct.
  package let variable: String
  package let detail: String

  /// What the variable could hold; empty where no example helps.
  package let example: String

  init(_ reason: Reason, variable: String, detail: String, example: String = "") {
    self.reason = reason
    self.variable = variable
    self.detail = detail
    self.example = example
  }

  package var description: String {
    switch reason {
    case .missingKey: "no key for \(detail): set \(variable)"
    case .unusableKey: "\(variable) holds no usable key: \(detail)"
    case .unusableAddress: "\(variable) holds no usable address: \(detail); it looks like \(example)"
    case .unencrypted: "\(variable): \(detail); use https://, or reach the server through this machine (127.0.0.1)"
    }
  }
}

extension StringProtocol {
  /// The text without blanks and line ends around it.
  var trimmingBlanks: String {
    var bytes = Array(utf8)[...]
    while let first = bytes.first, first <= 0x20 { bytes = bytes.dropFirst() }
    while let last = bytes.last, last <= 0x20 { bytes = bytes.dropLast() }
    return String(decoding: bytes, as: UTF8.self)
  }
}
