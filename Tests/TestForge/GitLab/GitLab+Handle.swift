extension World {
  mutating func handleGitLab(_ call: Call, _ caller: inout Caller) throws -> Reply {
    throw Refusal(404, "404 Not Found")
  }
  func finishGitLab(_ reply: inout Reply) {}
}
