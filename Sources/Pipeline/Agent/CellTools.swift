internal import Agent
internal import Models
internal import Sandbox
internal import Tools

/// The tools of a profile in a cell.
actor CellTools: ToolPerforming {
  private nonisolated let catalog: ProfileCatalog
  private let toolbox: Toolbox
  private var memory: ToolboxMemory

  init(_ catalog: ProfileCatalog, cell: any Cell, memory: ToolboxMemory?) {
    self.catalog = catalog
    toolbox = Toolbox(catalog.profile, cell: cell, memory: memory)
    self.memory = memory ?? ToolboxMemory()
  }

  nonisolated func examine(_ call: ToolCall) -> ExaminedCall { catalog.examine(call) }

  nonisolated func perform(_ operation: ToolOperation) async throws(SandboxError) -> ToolAnswer {
    try await toolbox.perform(operation)
  }

  func memoryChange() async -> ToolboxMemoryChange? {
    let now = await toolbox.remembered()
    let change = ToolboxMemoryChange(from: memory, to: now)
    memory = now
    return change
  }
}
