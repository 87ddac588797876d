internal import Sandbox

/// What a toolbox must know again when a run is resumed.
package struct ToolboxMemory: Sendable, Hashable, Codable {
  /// The content that the model saw last, by the path in hexadecimal digits.
  var versions: [String: Fingerprint] = [:]
  /// The checkpoints that can be gone back to, the newest last.
  var checkpoints: [CellCheckpoint] = []
  /// The number of the last file that took an output; names are never given twice.
  var files = 0
  var sessions = 0
  var shells = 0

  package init() {}
}
