extension World {
  mutating func handleGitea(_ call: Call, _ descriptions: Descriptions?, _ caller: inout Caller) throws -> Reply {
    throw Refusal(404, "Not Found")
  }
}
