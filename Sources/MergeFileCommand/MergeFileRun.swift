internal import Base
internal import FileSystem
internal import Memory
internal import Merging

/// `merge-file` from its words to its exit status, the same in `arborist` and in `arborist-hook`.
package enum MergeFileRun {
  /// The exit status of an error.
  package static let failure: Int32 = 255

  /// Merges, writes the merge into CURRENT or to standard output, and says on standard error what was resolved.
  ///
  /// A binary file is an error, as with `git merge-file`. With `--path` and without `-p`, and so in a merge driver, it is
  /// one conflict: CURRENT stays as it is and the status is 1, because git from 2.42 on takes 255 from a driver for a
  /// crash and gives up the whole merge.
  ///
  /// - Parameter words: What follows `merge-file` on the command line.
  /// - Returns: The exit status: the number of conflicts, at most 127, or ``failure``.
  package static func run(_ words: [[UInt8]]) -> Int32 {
    let arguments: MergeFileArguments
    do throws(MergeFileUsageError) {
      arguments = try MergeFileArguments(words)
    } catch {
      FileDescriptor.say("arborist: merge-file: \(error); \(MergeFileArguments.usage)")
      return failure
    }
    do throws(FileError) {
      return try run(arguments)
    } catch {
      FileDescriptor.say("arborist: merge-file: \(error)")
      return failure
    }
  }

  private static func run(_ arguments: MergeFileArguments) throws(FileError) -> Int32 {
    let current = try File.read(arguments.current)
    let base = try File.read(arguments.base)
    let other = try File.read(arguments.other)
    let memory = arguments.isTextual ? nil : memory(arguments)
    guard let merged = MergedFile(arguments, current: current, base: base, other: other, memory: memory) else {
      let name = arguments.path.isEmpty ? arguments.current : arguments.path
      FileDescriptor.say("arborist: Cannot merge binary files: '\(DisplayText.escaping(name))' is left as it is")
      return arguments.path.isEmpty || arguments.toStandardOutput ? failure : 1
    }
    if arguments.toStandardOutput {
      try FileDescriptor.writeToStandardOutput(merged.content)
    } else if merged.content != current {
      try FileDescriptor(opening: arguments.current, .overwrite).replaceContent(with: merged.content)
    }
    if arguments.format == .json {
      try FileDescriptor.writeToStandardOutput(Array((merged.json(path: arguments.path) + "\n").utf8))
    }
    if !arguments.isQuiet { tell(merged, arguments) }
    return Int32(min(merged.conflicts, 127))
  }

  /// What the repository remembers that this process runs in; a memory that cannot be read keeps nothing from merging.
  private static func memory(_ arguments: MergeFileArguments) -> RememberedResolutions? {
    guard let state = MemoryPlace.current() else { return nil }
    do throws(MemoryFile.Failure) {
      return try MemoryFile(in: state).open()
    } catch {
      if !arguments.isQuiet { FileDescriptor.say("arborist: merge-file: \(error)") }
      return nil
    }
  }

  private static func tell(_ merged: MergedFile, _ arguments: MergeFileArguments) {
    let name = DisplayText.escaping(arguments.path.isEmpty ? arguments.current : arguments.path)
    for settled in merged.resolved {
      FileDescriptor.say("arborist: \(name):\(settled.startLine): resolved by \(settled.by): \(settled.reason)")
      for dropped in settled.dropped {
        let (side, line) = (dropped.side == .ours ? "our" : "their", DisplayText.line(dropped.line[...]))
        FileDescriptor.say("arborist: \(name):\(settled.startLine): drops \(side) line '\(line)': \(dropped.reason)")
      }
    }
  }
}
