// Merges the two parents of a real history's merges as trees, in this process and with `git merge-tree --write-tree`,
// and compares what comes out; then the whole merge of a branch with its resolvers.
//
//   TreeMerge [COUNT]
//
// COUNT is how many of the last merges are taken, by default 400. The history is that of git itself, in the directory that ARBORIST_BENCH_REPOSITORIES names, as git+git/repo.

import Base
import BenchSupport
import Git
import Glibc
import Resolve
import Work

/// The two parents of a merge.
struct Pair {
  var ours: ObjectID
  var theirs: ObjectID
}

/// What merging a pair leaves.
enum Result: Equatable {
  case clean(ObjectID)
  case conflicts(Set<[UInt8]>)
  case failed
}

func pairs(of path: String, count: Int, _ scratch: Scratch) throws -> [Pair] {
  let list = scratch.path + "/merges"
  var log = Program.git("log", "--min-parents=2", "--max-parents=2", "--max-count=\(count)", "--format=%P", in: path)
  log.output = list
  try log.run()
  return try Files.lines(list).compactMap { line in
    let ids = line.split(separator: " ").compactMap { ObjectID(hex: Array($0.utf8)) }
    return ids.count == 2 ? Pair(ours: ids[0], theirs: ids[1]) : nil
  }
}

/// Merges a pair; the time ends when a clean tree is written.
func merge(_ pair: Pair, in repository: PrivateRepository, into figures: inout Figures) throws -> Result {
  let start = ContinuousClock.now
  let index = try repository.merge(ours: pair.ours, theirs: pair.theirs)
  let tree = index.isClean ? try index.writeTree() : nil
  figures.add((ContinuousClock.now - start) / .seconds(1))
  if let tree { return .clean(tree) }
  return .conflicts(
    index.conflicts.reduce(into: []) { paths, conflict in
      paths.formUnion((conflict.kind == .renameRename ? conflict.paths : [conflict.path]).map(\.bytes))
    })
}

/// The same by git.
func mergeTree(_ pair: Pair, in directory: String, _ scratch: Scratch, into figures: inout Figures) throws -> Result {
  var program = Program.git(
    "merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", pair.ours.hex, pair.theirs.hex, in: directory)
  program.output = scratch.path + "/merged"
  program.accepted = 0...255
  let run = try program.run()
  // Only the time: what this program has resident would count as git's.
  figures.add(run.seconds)
  guard run.status <= 1 else { return .failed }
  let fields = try Files.read(program.output).split(separator: 0)
  guard let tree = fields.first, let id = ObjectID(hex: Array(tree)) else { return .failed }
  return run.status == 0 ? .clean(id) : .conflicts(Set(fields.dropFirst().map(Array.init)))
}

func compare(_ own: [Result], _ git: [Result], _ pairs: [Pair]) {
  var (clean, conflicted, both) = (0, 0, 0)
  var different: [String] = []
  for (number, (own, git)) in zip(own, git).enumerated() {
    if case .clean = git { both += 1 }
    let name = "\(pairs[number].ours.short) and \(pairs[number].theirs.short)"
    switch (own, git) {
    case (.clean, _) where own == git: clean += 1
    case (.conflicts, _) where own == git: conflicted += 1
    case (.clean, .clean): different.append("\(name): another tree")
    case (.clean, _): different.append("\(name): clean, and git has conflicts")
    case (_, .clean): different.append("\(name): conflicts, and git has none")
    case (.conflicts(let own), .conflicts(let git)):
      different.append(
        "\(name): \(own.count) paths in conflict, git \(git.count), \(own.intersection(git).count) in both")
    default: different.append("\(name): git failed")
    }
  }
  print(
    "Equal to git: \(clean) of \(both) clean trees, \(conflicted) of \(git.count - both) sets of paths in conflict;",
    "different: \(different.count).")
  for line in different { print("  \(line)") }
}

/// The whole way: ancestors, merge, resolvers, and the commit where all is settled.
func mergeBranches(_ pairs: [Pair], in repository: PrivateRepository) throws -> (figures: Figures, verdicts: [String]) {
  var figures = Figures("BranchMerge with resolvers")
  var counts: [String: Int] = [:]
  for _ in 0..<3 {
    counts = [:]
    figures.nextRound()
    for pair in pairs {
      let merge = BranchMerge(
        branch: try RefName(branch: Array("topic".utf8)), base: "main", ours: pair.ours, theirs: pair.theirs,
        identity: .standard)
      let start = ContinuousClock.now
      let outcome = try merge.run(in: repository)
      figures.add((ContinuousClock.now - start) / .seconds(1))
      counts["\(outcome.verdict)", default: 0] += 1
    }
  }
  return (figures, counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" })
}

func run() throws {
  guard let path = Variables.repository("git+git") else {
    print("Skipped: it needs ARBORIST_BENCH_REPOSITORIES, a directory with git's own repository as git+git/repo.")
    return
  }
  let scratch = try Scratch()
  let pairs = try pairs(of: path, count: CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 400, scratch)
  // One for each, so that neither finds what the other has written.
  let repository = try PrivateRepository.create(at: scratch.path + "/own", borrowing: [path + "/objects"])
  let judge = try PrivateRepository.create(at: scratch.path + "/git", borrowing: [path + "/objects"])
  var own = Figures("tree merge in process")
  var git = Figures("git merge-tree")
  var start = Figures("git --version")
  var ownResults: [Result] = []
  var gitResults: [Result] = []
  for round in 0..<3 {
    own.nextRound()
    git.nextRound()
    for pair in pairs {
      let result = try merge(pair, in: repository, into: &own)
      let judged = try mergeTree(pair, in: judge.gitDirectory, scratch, into: &git)
      guard round == 0 else { continue }
      start.add(try Program.git("--version").run().seconds)
      ownResults.append(result)
      gitResults.append(judged)
    }
  }
  let branches = try mergeBranches(pairs, in: repository)
  Table.print([
    Table.Row(own, limit: 0.020, tailLimit: 0.200, other: git), Table.Row(git), Table.Row(start),
    Table.Row(branches.figures, other: git),
  ])
  print("")
  compare(ownResults, gitResults, pairs)
  print("BranchMerge: \(branches.verdicts.joined(separator: ", ")).")
  print("Peak RSS of this program: \(Table.decimal(Double(Files.ownPeakBytes) / 1e6, 1)) MB, mapped packs included.")
}

do {
  try run()
} catch {
  print("TreeMerge: \(error)")
  exit(4)
}
