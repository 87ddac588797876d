internal import JSON

/// To come with the documents' check.
struct GraphQLSchema: Sendable {
  init(_ text: [UInt8]) {}
}

extension World {
  mutating func graphQL(_ call: Call, _ caller: Caller, _ descriptions: Descriptions?) throws -> Reply {
    throw Refusal(404, "Not Found")
  }
}
