/// Why a request to a model came to nothing.
package struct ModelError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is to be done about it depends on this alone (``RetryPlan``).
  package enum Kind: Sendable, Hashable {
    /// Something on the way or at the other end that passes.
    case transient
    /// The vendor has too much to do.
    case overloaded
    /// We ask too often.
    case rateLimited
    /// Nothing is left to pay with; asking again changes nothing.
    case quota
    /// The conversation is too long; what the vendor counted and what it admits, where it said so.
    case overflow(tokens: Int?, limit: Int?)
    /// The vendor finds the conversation itself at fault: calls without results, reasoning without what follows it.
    case malformedHistory
    /// The credential is missing, wrong, or not allowed to do this.
    case authentication
    /// No such model, or not for this account.
    case unknownModel
    /// A parameter that this model or server does not take.
    case refusedParameter(String)
    /// A request that the vendor will not answer whatever is done: its policy, or a fault that is none of the above.
    case refusedRequest
    /// What came is no answer.
    case badAnswer
    /// The answer ended before it was whole.
    case interrupted
    /// Nothing came for so long that the request was given up.
    case stalled
    /// No connection: the name, the address, the network.
    case unreachable
    /// A fault of the connection that does not pass: the certificate, the proxy, the address.
    case misconfigured
    case cancelled
  }

  package var kind: Kind
  /// The status of the answer, where there was one.
  package var status: Int?
  /// The vendor's own code.
  package var code: String?
  /// The vendor's words, cut to 1000 bytes, or ours.
  package var message: String
  /// How long to wait, as the vendor asks.
  package var retryAfter: Duration?
  /// Whether to try again, as the vendor says.
  package var shouldRetry: Bool?
  /// The vendor's name for the request, for a question to its support.
  package var requestID: String?
  /// Bytes of the answer that had come: what was generated may be billed although it was lost.
  package var received: Int

  package init(
    _ kind: Kind, status: Int? = nil, code: String? = nil, message: String, retryAfter: Duration? = nil,
    shouldRetry: Bool? = nil, requestID: String? = nil, received: Int = 0
  ) {
    self.kind = kind
    self.status = status
    self.code = code
    self.message = message
    self.retryAfter = retryAfter
    self.shouldRetry = shouldRetry
    self.requestID = requestID
    self.received = received
  }

  package var description: String {
    var text = "\(kind.words)"
    let facts = [status.map { "status \($0)" }, code, requestID.map { "request \($0)" }].compactMap { $0 }
    if !facts.isEmpty { text += " (" + facts.joined(separator: ", ") + ")" }
    return message.isEmpty ? text : text + ": " + message
  }
}

extension ModelError.Kind {
  /// The kind in words for a person.
  package var words: String {
    switch self {
    case .transient: "the model's server failed"
    case .overloaded: "the model's server is overloaded"
    case .rateLimited: "the model's vendor limits the rate of requests"
    case .quota: "the account with the model's vendor is used up: see to its billing"
    case .overflow(let tokens, let limit):
      "the conversation is too long for the model"
        + (tokens.map { " at \($0) tokens" } ?? "") + (limit.map { ", it takes \($0)" } ?? "")
    case .malformedHistory: "the model's vendor finds fault with the conversation"
    case .authentication: "the model's vendor refuses the key: check it and what it may do"
    case .unknownModel: "there is no such model for this account: check its name"
    case .refusedParameter(let name): "the model does not take '\(name)'"
    case .refusedRequest: "the model's vendor refuses the request"
    case .badAnswer: "what came from the model's server is no answer"
    case .interrupted: "the model's answer was cut off"
    case .stalled: "the model's server fell silent"
    case .unreachable: "the model's server cannot be reached"
    case .misconfigured: "no connection to the model's server can be made as configured"
    case .cancelled: "the request was cancelled"
    }
  }
}
