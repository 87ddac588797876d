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
  /// The commands that the checkpoints were taken for, on one line and cut where they are long, by the checkpoint's
  /// number; a journal of an earlier version has none.
  var commands: [String: String] = [:]
  /// The exit codes of the last sessions that have ended, by the session's number; a journal of an earlier version has
  /// none.
  var endings: [String: Int] = [:]

  package init() {}

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    versions = try values.decode([String: Fingerprint].self, forKey: .versions)
    checkpoints = try values.decode([CellCheckpoint].self, forKey: .checkpoints)
    files = try values.decode(Int.self, forKey: .files)
    sessions = try values.decode(Int.self, forKey: .sessions)
    shells = try values.decode(Int.self, forKey: .shells)
    commands = try values.decodeIfPresent([String: String].self, forKey: .commands) ?? [:]
    endings = try values.decodeIfPresent([String: Int].self, forKey: .endings) ?? [:]
  }
}
