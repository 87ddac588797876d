import Sandbox

/// Makes the cells that the tests run in.
enum TestCells {
  static func make() async throws -> any Cell { try LocalCell() }
}
