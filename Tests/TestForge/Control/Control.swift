internal import JSON

extension TestForge {
  func control(_ call: Call) async -> Reply { .json(404, ["message": "not yet"]) }
}
