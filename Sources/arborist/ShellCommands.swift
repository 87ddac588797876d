/// Commands for a shell, as options give them.
enum ShellCommands {
  /// Refuses what would run nothing and succeed.
  ///
  /// - Throws: ``CommandFailure`` where one of them is blank.
  static func check(_ commands: [String], of option: String) throws(CommandFailure) {
    if commands.contains(where: { $0.allSatisfy(\.isWhitespace) }) {
      throw CommandFailure(.usage, "\(option) is empty: it would run nothing")
    }
  }
}
