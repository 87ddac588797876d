internal import Base
package import FileSystem

/// Where the files of the person who runs the program are.
package struct UserDirectories: Sendable, Hashable {
  /// What is kept between runs: the journal, runs that are open, what is known of models.
  package let state: String
  /// What the person has written down: prices.
  package let configuration: String
  /// The permissions of directories that are made.
  private let mode: UInt32

  /// The directories that the environment names, as the XDG base directory specification has it.
  ///
  /// - Throws: ``NoHome`` where neither the directories nor a home are named.
  package init(environment: [String: String]) throws(NoHome) {
    func absolute(_ name: String) -> String? {
      environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil }
    }
    guard let state = absolute("XDG_STATE_HOME") ?? absolute("HOME").map({ $0 + "/.local/state" }),
      let configuration = absolute("XDG_CONFIG_HOME") ?? absolute("HOME").map({ $0 + "/.config" })
    else { throw NoHome() }
    self.state = state + "/arborist"
    self.configuration = configuration + "/arborist"
    mode = 0o700
  }

  /// Directories that somebody has chosen, such as the state of a bare repository.
  package init(state: String, configuration: String, isShared: Bool) {
    self.state = state
    self.configuration = configuration
    mode = isShared ? 0o770 : 0o700
  }

  /// The journal of runs that a person asked for.
  package var journal: String { state + "/journal.sqlite" }
  /// The directories of runs.
  package var runs: String { state + "/runs" }
  /// What is known of models.
  package var models: String { state + "/models" }
  /// Prices that go before the built-in ones.
  package var prices: String { configuration + "/prices.json" }

  /// Makes the directories that are written to, for nobody else to look into.
  ///
  /// - Throws: ``FileError`` where that is refused.
  package func make() throws(FileError) {
    for path in [state, runs, models] { try Self.make(Array(path.utf8), mode) }
  }

  private static func make(_ path: [UInt8], _ mode: UInt32) throws(FileError) {
    if try FileStatus(path) != nil { return }
    if let slash = path.lastIndex(of: UInt8(ascii: "/")), slash > 0 { try make(Array(path[..<slash]), mode) }
    do throws(FileError) {
      try Directory.make(path, mode: mode)
    } catch {
      // Another process may have been faster.
      if try FileStatus(path) == nil { throw error }
    }
  }
}

/// Nobody knows where a person's files are.
package struct NoHome: Error, Hashable, CustomStringConvertible {
  package var description: String {
    "there is no place for what is kept of runs: set HOME, or XDG_STATE_HOME and XDG_CONFIG_HOME, to absolute paths"
  }
}
