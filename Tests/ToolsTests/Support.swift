import Models
import Sandbox
import Testing
import Tools

/// A toolbox on a cell of its own.
struct Bench {
  let cell: any Cell
  let toolbox: Toolbox
  let catalog: ProfileCatalog

  init(_ profile: ToolProfile, cell: any Cell, memory: ToolboxMemory? = nil) {
    self.cell = cell
    toolbox = Toolbox(profile, cell: self.cell, memory: memory)
    catalog = ProfileCatalog(profile, dialect: profile == .anthropic ? .messages : .responses)
  }

  /// Runs the body on a new toolbox and cleans up.
  static func with(
    _ profile: ToolProfile, _ files: [String: String] = [:], _ body: (Bench) async throws -> Void
  ) async throws {
    let bench = Bench(profile, cell: try await TestCells.make())
    for (name, content) in files { try await bench.put(name, Array(content.utf8)) }
    do {
      try await body(bench)
    } catch {
      await bench.cell.stop()
      throw error
    }
    await bench.cell.stop()
  }

  func call(_ name: String, _ json: String) async throws -> ToolAnswer {
    try await toolbox.perform(catalog.examine(ToolCall(id: "1", name: name, input: .json(json))))
  }

  func patch(_ text: String) async throws -> ToolAnswer {
    try await toolbox.perform(catalog.examine(ToolCall(id: "1", name: "apply_patch", input: .text(text))))
  }

  /// Runs a command in the cell to its end.
  func system(_ words: String...) async throws {
    let id = try await cell.start(CellCommand(words.map { Array($0.utf8) }))
    try #require(try await cell.output(of: id, waiting: .seconds(60)).ending == .exited(0))
  }

  func path(_ name: String) throws -> CellPath {
    try #require(CellPath.workspace.appending(Array(name.utf8)))
  }

  func put(_ name: String, _ bytes: [UInt8]) async throws {
    try await cell.write(bytes, to: path(name), isExecutable: nil)
  }

  func bytes(_ name: String) async throws -> [UInt8] {
    try await cell.read(path(name), from: 0, limit: 1 << 24).bytes
  }

  func text(_ name: String) async throws -> String {
    String(decoding: try await bytes(name), as: UTF8.self)
  }

  func exists(_ name: String) async throws -> Bool {
    let target = try path(name)
    do throws(SandboxError) {
      _ = try await cell.read(target, from: 0, limit: 0)
      return true
    } catch {
      return false
    }
  }
}
