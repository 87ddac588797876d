internal import Sandbox

/// What a toolbox knows otherwise than before, so that a journal need not hold all of it again.
package struct ToolboxMemoryChange: Sendable, Hashable, Codable {
  /// `nil` for a path that is not known any more.
  private var versions: [String: Fingerprint?]?
  private var endings: [String: Int?]?
  /// Those below are few, and here as a whole where they changed.
  private var checkpoints: [CellCheckpoint]?
  private var commands: [String: String]?
  private var files: Int?
  private var sessions: Int?
  private var shells: Int?

  /// The change from what was known to what is; `nil` where they are the same.
  package init?(from old: ToolboxMemory, to new: ToolboxMemory) {
    guard old != new else { return nil }
    versions = Self.difference(from: old.versions, to: new.versions)
    endings = Self.difference(from: old.endings, to: new.endings)
    if old.checkpoints != new.checkpoints { checkpoints = new.checkpoints }
    if old.commands != new.commands { commands = new.commands }
    if old.files != new.files { files = new.files }
    if old.sessions != new.sessions { sessions = new.sessions }
    if old.shells != new.shells { shells = new.shells }
  }

  private static func difference<Value: Hashable>(
    from old: [String: Value], to new: [String: Value]
  ) -> [String: Value?]? {
    guard old != new else { return nil }
    var result: [String: Value?] = [:]
    for (key, value) in new where old[key] != value { result.updateValue(value, forKey: key) }
    for key in old.keys where new[key] == nil { result.updateValue(nil, forKey: key) }
    return result
  }

  fileprivate func apply(to memory: inout ToolboxMemory) {
    for (key, value) in versions ?? [:] { memory.versions[key] = value }
    for (key, value) in endings ?? [:] { memory.endings[key] = value }
    if let checkpoints { memory.checkpoints = checkpoints }
    if let commands { memory.commands = commands }
    if let files { memory.files = files }
    if let sessions { memory.sessions = sessions }
    if let shells { memory.shells = shells }
  }
}

extension ToolboxMemory {
  /// What is known after a change.
  package mutating func take(_ change: ToolboxMemoryChange) { change.apply(to: &self) }
}
