internal import ArgumentParser
internal import MergeFileCommand

/// `arborist merge-file`: the same as `arborist-hook merge-file`.
struct MergeFileCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge-file",
    abstract: "Merge three versions of a file, as 'git merge-file' does, and settle what can be settled safely.",
    discussion: """
      Writes the merge into CURRENT, or to standard output with -p. Exit status: how many conflicts are left, at most \
      127; 255 on an error, as for binary files. With --path and without -p, as in a merge driver, a binary file is \
      one conflict: status 1, and CURRENT stays as it is.

      Options: -p, -q, -L LABEL (up to three), --path NAME (decides the language), --marker-size N, --diff3, \
      --zdiff3, --ours, --theirs or --union (what takes the place of a conflict that is left), --textual (every \
      resolver off), --format text|json.

      Example: arborist merge-file -p --path main.swift ours.swift base.swift theirs.swift
      """)

  @Argument(parsing: .captureForPassthrough, help: ArgumentHelp("See above.", valueName: "words"))
  var words: [String] = []

  func run() throws {
    if words.contains("--help") || words.contains("-h") { throw CleanExit.helpRequest(Self.self) }
    throw ExitCode(MergeFileRun.run(words.map { Array($0.utf8) }))
  }
}
