internal import Base
internal import Sandbox

/// Command lines that are not for the shell.
enum ShellIntercept {
  /// The command that brings the workspace back.
  static let undo = "arborist undo"

  /// What a command line is where it is carried out here: a patch or one of ours; `nil` for all others.
  static func operation(of line: String, directory: CellPath) -> ToolOperation? {
    if line.contains("arborist") {
      let commands = ShellWords.commands(in: line).map(\.texts)
      if commands.count == 1, commands[0].first == "arborist" {
        if commands[0] == ["arborist", "undo"] { return .undo(nil) }
        if commands[0].count == 3, commands[0][1] == "undo", let number = UInt32(commands[0][2]) {
          return .undo(number)
        }
        return .kept
      }
      if commands.contains(where: { $0.starts(with: ["arborist", "undo"]) }) {
        return .impossible("`\(undo)` must be a call of its own, with nothing else on its line; nothing was run.")
      }
    }
    return line.contains("apply_patch") || line.contains("applypatch") ? patch(in: line, directory: directory) : nil
  }

  /// A patch that is handed to `apply_patch` by a here-document or as an argument, perhaps behind a `cd`.
  private static func patch(in line: String, directory: CellPath) -> ToolOperation? {
    var commands = ShellWords.commands(in: line)
    var directory = directory
    if commands.count == 2, commands[0].words.count == 2, commands[0].words[0].text == "cd" {
      guard case .path(let path) = WrittenPath.read(commands[0].words[1].text, from: directory),
        commands[0].words[1].isKnown
      else {
        return nil
      }
      directory = path
      commands.removeFirst()
    }
    guard commands.count == 1, let name = commands[0].words.first?.text, ["apply_patch", "applypatch"].contains(name)
    else {
      // Among other commands it cannot be carried out here, and there is no such program.
      return commands.contains { ["apply_patch", "applypatch"].contains($0.words.first?.text) }
        ? .impossible("`apply_patch` must be a command of its own; nothing was run. Run the other commands separately.")
        : nil
    }
    guard let text = commands[0].document ?? commands[0].words.dropFirst().first?.text else { return nil }
    do throws(PatchFault) {
      return .patch(try Patch(text), directory: directory)
    } catch {
      return .impossible("The patch was not understood, and nothing was done: \(error.description).")
    }
  }
}
