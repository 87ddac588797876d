// Starts the programs and has them do the least they do: help, the merge of a small file, one event.
//
// The event is recorded on a file system in memory, where waiting for the disk costs nothing, and on the disk of the
// temporary directory.

import BenchSupport
import Glibc
import Work

/// A small file in three versions that conflict once.
func mergeFiles(in scratch: Scratch) throws -> [String] {
  let lines = (1...60).map { "line \($0)\n" }
  func version(_ name: String, _ changed: [Int: String]) throws -> String {
    let text = lines.enumerated().map { changed[$0.offset + 1] ?? $0.element }.joined()
    return try scratch.file(name, Array(text.utf8))
  }
  return [
    try version("ours", [10: "ours\n", 40: "ours too\n"]), try version("base", [:]),
    try version("theirs", [25: "theirs\n", 40: "theirs too\n"]),
  ]
}

/// `arborist-hook post-receive` for one update, with the state in a directory.
func postReceive(_ scratch: Scratch, _ words: String...) throws -> Program {
  let state = try scratch.directory("state\(words.count)")
  guard let places = StateDirectory(state.utf8) else { throw BenchFailure("\(state) is no state directory") }
  for directory in [places.spool, places.spoolNew, places.spoolTemporary, places.spoolBad] {
    let path = String(decoding: directory, as: UTF8.self)
    guard mkdir(path, 0o700) == 0 else { throw BenchFailure("cannot make \(path): error \(errno)") }
  }
  let zeros = String(repeating: "0", count: 40)
  let line = "\(zeros) \(String(repeating: "1", count: 40)) refs/heads/topic\n"
  var program = Program([try Variables.program("arborist-hook"), "post-receive", "--state", state] + words)
  program.directory = scratch.path
  program.input = try scratch.file("input\(words.count)", Array(line.utf8))
  return program
}

func run() throws {
  let disk = try Scratch()
  let memory = access("/dev/shm", W_OK) == 0 ? try Scratch(in: "/dev/shm") : nil
  let hook = try Variables.program("arborist-hook")
  let sides = try mergeFiles(in: disk)
  var own = Program([hook, "merge-file", "-p"] + sides)
  var git = Program(["git", "merge-file", "-p"] + sides)
  own.accepted = 1...1
  git.accepted = 1...1
  var programs: [(name: String, program: Program)] = [
    ("arborist --help", Program([try Variables.program("arborist"), "--help"])),
    ("git --version", .git("--version")), ("arborist-hook merge-file", own), ("git merge-file", git),
    ("post-receive, disk", try postReceive(disk, "--service")),
  ]
  if let memory {
    programs.append(("post-receive, memory", try postReceive(memory, "--service")))
    // A program that ends at once stands for the worker.
    programs.append(("post-receive, memory, starts", try postReceive(memory, "--arborist", "/bin/true")))
  }
  let figures = try InTurn.run(programs, rounds: 5, count: 40)
  var rows = [
    Table.Row(figures[0], limit: 0.030, other: figures[1]), Table.Row(figures[1]),
    Table.Row(figures[2], limit: 0.008, peakLimit: 10_000_000, other: figures[3]), Table.Row(figures[3]),
    Table.Row(figures[4]),
  ]
  for figures in figures.dropFirst(5) {
    rows.append(Table.Row(figures, limit: 0.008, peakLimit: 10_000_000, other: rows[3].figures))
  }
  Table.print(rows)
  print("")
  if figures.count > 5 {
    let sync = figures[4].best() - figures[5].best()
    print("The sync to disk takes \(Table.decimal(sync * 1000, 2)) ms of post-receive.")
  } else {
    print("There is no /dev/shm, so the sync to disk cannot be told from the rest of post-receive.")
  }
  print("This program, and so the least RSS that it can see: \(Table.decimal(Double(Files.ownPeakBytes) / 1e6, 1)) MB.")
}

do {
  try run()
} catch {
  print("Startup: \(error)")
  exit(4)
}
