internal import JSON

extension Exchange {
  /// The exchange as one line of JSON, with its line end.
  package var line: [UInt8] {
    var members: [String: JSONValue] = [
      "n": .number(Double(number)), "session": .string(session), "step": .number(Double(step)),
      "method": .string(method), "path": .string(path), "kind": .string(kind.rawValue), "t_req": .number(began),
      "t_body": .number(bodyEnded), "t_end": .number(ended), "bytes": .number(Double(bytes)),
      "answer_bytes": .number(Double(answerBytes)), "stream": .bool(isStreamed),
      "input_tokens": .number(Double(inputTokens)), "cache_read": .number(Double(cacheRead)),
      "cache_written": .number(Double(cacheWritten)), "output_tokens": .number(Double(outputTokens)),
    ]
    members["status"] = status.map { .number(Double($0)) } ?? .null
    members["t_first"] = answered.map { .number($0) } ?? .null
    if let dialect { members["dialect"] = .string(dialect.rawValue) }
    if let fault { members["fault"] = .string(fault.rawValue) }
    if let complaint { members["complaint"] = .string(complaint) }
    return JSONValue.object(members).compact() + [10]
  }
}
