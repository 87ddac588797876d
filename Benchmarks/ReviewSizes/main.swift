// Reviews changes of known sizes in made-up repositories, beside git's own diff of the same, and changes of a real
// history where ARBORIST_BENCH_REPOSITORIES names a directory that holds OWNER+NAME/repo.

import Base
import BenchSupport
import Git
import Glibc
import Pipeline
import Policy
import Review
import Work

func reviewProgram(_ repository: String) throws -> Program {
  var program = Program(
    [try Variables.program("arborist"), "review", "--repo", repository, "--base", "main", "--head", "topic"])
  program.accepted = 0...1
  return program
}

/// A 1,000-line and a 10,000-line change: so many lines are replaced, each by another.
func reviewSizes(_ scratch: Scratch) throws {
  let small = try scratch.directory("small")
  let large = try scratch.directory("large")
  try GeneratedRepository(files: 500, linesPerFile: 200, change: .init(files: 25, lines: 40)).make(
    at: small, in: scratch)
  try GeneratedRepository(files: 500, linesPerFile: 200, change: .init(files: 100, lines: 100))
    .make(at: large, in: scratch)
  let figures = try InTurn.run(
    [
      ("review, 1,000 lines replaced", reviewProgram(small)), ("git diff", .git("diff", "main", "topic", in: small)),
      ("review, 10,000 lines replaced", reviewProgram(large)), ("git diff", .git("diff", "main", "topic", in: large)),
    ], rounds: 5, count: 6)
  Table.print([
    Table.Row(figures[0], limit: 0.2, peakLimit: 70_000_000, other: figures[1]), Table.Row(figures[1]),
    Table.Row(figures[2], limit: 1, other: figures[3]), Table.Row(figures[3]),
  ])
}

/// What the hook pre-commit takes for 20 staged files of 5,000.
func reviewStaged(_ scratch: Scratch) throws {
  let origin = try scratch.directory("origin")
  let generated = GeneratedRepository(files: 5000, linesPerFile: 80, change: .init(files: 20, lines: 20))
  try generated.make(at: origin, in: scratch)
  let tree = scratch.path + "/tree"
  try Program.git("clone", "--quiet", "--branch", "main", origin, tree).run()
  for file in generated.changedFiles {
    try Files.write(generated.content(of: file, isChanged: true), to: "\(tree)/\(generated.path(of: file))")
  }
  try Program.git("add", "--all", in: tree).run()
  // Refreshing writes the stat data into the index, so that git need not read a file again.
  try Program.git("status", in: tree).run()
  var hook = Program([try Variables.program("arborist"), "hook", "pre-commit"], in: tree)
  hook.accepted = 0...1
  hook.variables = ["GIT_DIR": ".git", "GIT_INDEX_FILE": ".git/index"]
  let figures = try InTurn.run(
    [("pre-commit, 20 of 5,000 files", hook), ("git diff --cached", .git("diff", "--cached", in: tree))], rounds: 5,
    count: 10)
  Table.print([Table.Row(figures[0], limit: 0.08, other: figures[1]), Table.Row(figures[1])])
}

/// The last commits of a real history that are no merges, in this process.
func reviewHistory(_ name: String, _ scratch: Scratch) throws {
  let title = name.split(separator: "+").joined(separator: "/")
  guard let path = Variables.repository(name) else {
    print("Skipped: commits of \(title); they need ARBORIST_BENCH_REPOSITORIES, a directory with \(name)/repo.")
    return
  }
  let list = scratch.path + "/commits"
  var log = Program.git("log", "--no-merges", "--max-count=300", "--format=%H %P", in: path)
  log.output = list
  try log.run()
  let repository = try Repository.openBare(at: path)
  var own = Figures("review of a commit")
  var git = Figures("git diff-tree -p")
  var lines = 0
  var findings = 0
  for line in try Files.lines(list) {
    let ids = line.split(separator: " ").compactMap { ObjectID(hex: Array($0.utf8)) }
    guard ids.count == 2 else { continue }
    let start = ContinuousClock.now
    let outcome = try ReviewStage.review(
      in: repository, from: ids[1], to: ids[0], configuration: RepositoryConfiguration())
    own.add((ContinuousClock.now - start) / .seconds(1))
    // Only the time: what this program has resident would count as git's.
    git.add(try Program.git("diff-tree", "-p", "-M", ids[1].hex, ids[0].hex, in: path).run().seconds)
    findings += outcome.findings.count
    for file in try repository.diff(from: ids[1], to: ids[0]).files {
      lines += file.hunks.reduce(0) { $0 + $1.lines.count { $0.kind != .context } }
    }
  }
  Table.print([Table.Row(own, other: git), Table.Row(git)])
  func perLine(_ figures: Figures) -> String {
    Table.decimal(figures.all.reduce(0, +) / Double(max(lines, 1)) * 1e6, 1)
  }
  print(
    "\(title): \(own.all.count) commits, \(lines) changed lines, \(findings) findings;",
    "per changed line \(perLine(own)) µs (in one process), git \(perLine(git)) µs (a process for each commit);",
    "peak RSS \(Table.decimal(Double(Files.ownPeakBytes) / 1e6, 1)) MB, git's mapped packs included.")
}

do {
  let scratch = try Scratch()
  try reviewSizes(scratch)
  print("")
  try reviewStaged(scratch)
  print("This program, and so the least RSS that it can see: \(Table.decimal(Double(Files.ownPeakBytes) / 1e6, 1)) MB.")
  print("")
  try reviewHistory("git+git", scratch)
} catch {
  print("ReviewSizes: \(error)")
  exit(4)
}
