// Pushes to two bare repositories in turn, one of them with Arborist's hooks: what post-receive adds to a push.

import BenchSupport
import Glibc
import Spool
import Work

/// A bare repository and the work tree's remote for it.
struct Target {
  var path: String
  var remote: String
  var figures: Figures
}

/// A push of one new commit to a branch.
func push(_ number: Int, to target: inout Target, from tree: String) throws {
  try Program.git("commit", "--quiet", "--allow-empty", "--message", "change \(number)", in: tree).run()
  target.figures.add(try Program.git("push", "--quiet", target.remote, "HEAD:refs/heads/topic", in: tree).run())
}

/// Waits for the worker that a push has started, so that it does not run into the next push.
func waitForWorker(_ state: StateDirectory) throws {
  // The hook returns when the worker is started, which may not hold its lock yet; a second one ends at once where the
  // first works, and otherwise does the first one's work.
  let path = String(decoding: state.path, as: UTF8.self)
  let worker = Program([try Variables.program("arborist"), "worker", "--state", path])
  let start = ContinuousClock.now
  while ContinuousClock.now - start < .seconds(60) {
    try worker.run()
    if try !WorkerLock.isHeld(state), try SpoolReader(state).names().isEmpty { return }
    usleep(5000)
  }
  throw BenchFailure("the worker of \(path) does not end")
}

func run() throws {
  let scratch = try Scratch()
  let generated = GeneratedRepository(files: 200, linesPerFile: 100, change: .init(files: 5, lines: 10))
  var bare = Target(path: try scratch.directory("bare.git"), remote: "bare", figures: Figures("push"))
  var hooked = Target(
    path: try scratch.directory("hooked.git"), remote: "hooked", figures: Figures("push, with the hook"))
  for target in [bare, hooked] { try generated.make(at: target.path, in: scratch) }
  let tree = scratch.path + "/tree"
  try Program.git("clone", "--quiet", "--branch", "topic", bare.path, tree).run()
  for target in [bare, hooked] { try Program.git("remote", "add", target.remote, target.path, in: tree).run() }
  try Program([try Variables.program("arborist"), "init", "--repo", hooked.path]).run()
  guard let state = StateDirectory(inGitDirectory: Array(hooked.path.utf8)) else { throw BenchFailure("no state") }
  var number = 0
  for round in 0..<6 {
    // The first round only warms up.
    if round == 1 {
      bare.figures = Figures(bare.figures.name)
      hooked.figures = Figures(hooked.figures.name)
    }
    bare.figures.nextRound()
    hooked.figures.nextRound()
    for _ in 0..<20 {
      number += 1
      try push(number, to: &bare, from: tree)
      try push(number, to: &hooked, from: tree)
      try waitForWorker(state)
    }
  }
  var added = Figures("added, pair by pair")
  for (with, without) in zip(hooked.figures.rounds, bare.figures.rounds) {
    added.nextRound()
    for (with, without) in zip(with, without) { added.add(with - without) }
  }
  Table.print([
    Table.Row(hooked.figures, other: bare.figures), Table.Row(bare.figures), Table.Row(added, limit: 0.030),
  ])
}

do {
  try run()
} catch {
  print("Push: \(error)")
  exit(4)
}
