/// One request as it came.
package struct ReceivedRequest: Sendable {
  /// Its place among all requests to the server for an answer, from 0.
  package var number: Int
  package var session: String
  /// Its place among those of its session, from 0.
  package var sessionNumber: Int
  /// The turn that the script is at, from 0.
  package var step: Int
  package var dialect: WireDialect
  package var method: String
  /// The path as it was sent.
  package var path: String
  /// The header fields in their order, with lower-case names.
  package var headers: [(name: String, value: String)]
  /// The bytes of the body, without the framing of a chunked one.
  package var body: [UInt8]

  /// The value of a header field.
  package func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}

/// What became of one request; times are seconds of the machine's monotonic clock.
package struct Exchange: Sendable, Hashable {
  /// What an exchange was.
  package enum Kind: String, Sendable, Hashable {
    /// A turn of the script.
    case step
    /// The last turn, after all others.
    case final
    /// A request without tools beside the script, as for a title; it does not move the script.
    case side
    /// A fault of the scenario.
    case fault
    /// A request that broke a rule.
    case refused
    /// A turn for which the client offers no tool.
    case unscripted
    /// A list of models, a count of tokens, or a path that does not exist.
    case other
  }

  package var number: Int
  package var session: String
  package var step: Int
  package var dialect: WireDialect?
  package var method: String
  package var path: String
  package var kind: Kind
  /// The first byte of the request.
  package var began: Double
  /// The last byte of its body.
  package var bodyEnded: Double
  /// The first byte of the answer; `nil` where there was none.
  package var answered: Double?
  /// The last byte of the answer, or when the connection was given up.
  package var ended: Double
  /// The bytes of the request's body.
  package var bytes: Int
  /// The bytes of the answer's body that were written.
  package var answerBytes: Int
  /// `nil` where no status was sent.
  package var status: Int?
  package var fault: Fault.Kind?
  package var isStreamed: Bool
  /// Tokens of the prompt, and what of them was read from and written to the cache.
  package var inputTokens: Int
  package var cacheRead: Int
  package var cacheWritten: Int
  package var outputTokens: Int
  /// What was wrong with a request that was refused.
  package var complaint: String?
}
