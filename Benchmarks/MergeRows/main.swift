// Merges conflicted files of real histories by lines and compares the results with those of `git merge-file -p`.
//
//   MergeRows [--resolvers] TABLE REPOSITORIES
//
// TABLE is a tab-separated file with the columns repo, merge, p1, p2, path, type, base_oid, ours_oid, theirs_oid and
// human_oid; only rows of the type `content` count. REPOSITORIES holds the bare repository of OWNER/NAME as
// OWNER+NAME/repo. With --resolvers the standard resolvers are tried too, and their results are compared with what
// was committed. Ends with status 1 if a line merge differs from git's, or if with resolvers a file has more
// conflicts than git leaves.

import Glibc
import Merging

/// The three blobs of a row.
struct Blobs {
  var base: [UInt8]
  var ours: [UInt8]
  var theirs: [UInt8]
}

let markers = ConflictMarkers(ours: Array("ours".utf8), base: Array("base".utf8), theirs: Array("theirs".utf8))

func fixed(_ value: Double, _ digits: Int = 2) -> String {
  var scale = 1.0
  for _ in 0..<digits { scale *= 10 }
  let number = Int((value * scale).rounded())
  let fraction = String(number % Int(scale))
  return "\(number / Int(scale)).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
}

/// How the two results of a row differ, in a few words.
func difference(_ own: [UInt8], ownConflicts: Int, _ git: [UInt8], gitStatus: Int32) -> String {
  let (ownLines, gitLines) = (LineTable(own), LineTable(git))
  var line = 0
  while line < min(ownLines.count, gitLines.count), ownLines[line].elementsEqual(gitLines[line]) { line += 1 }
  return
    "first at line \(line + 1) of \(ownLines.count) and \(gitLines.count); conflicts \(ownConflicts) and \(gitStatus)"
}

/// Compares our merge of a row with git's; the number of conflicts, or `nil` where the row is binary.
func judge(_ row: Row, _ blobs: Blobs, by judge: MergeFileJudge, into tally: inout Tally) throws -> Int? {
  if [blobs.base, blobs.ours, blobs.theirs].contains(where: LineMerge.isBinary) {
    tally.binary += 1
    return nil
  }
  let start = ContinuousClock.now
  let merge = LineMerge(base: blobs.base, ours: blobs.ours, theirs: blobs.theirs)
  let own = merge.render(markers)
  let seconds = (ContinuousClock.now - start) / .seconds(1)
  let git = try judge.merge(base: blobs.base, ours: blobs.ours, theirs: blobs.theirs)
  tally.ownSeconds += seconds
  tally.gitSeconds += git.seconds
  let conflicts = merge.conflicts.count
  if own == git.bytes, Int32(min(conflicts, 127)) == git.status {
    tally.identical += 1
  } else {
    tally.different += 1
    let how = difference(own, ownConflicts: conflicts, git.bytes, gitStatus: git.status)
    print("different: \(row.repository) \(row.merge) \(row.path): \(how)")
  }
  return conflicts
}

/// Lets the resolvers at the conflicts of a row; false where more conflicts are left than the line merge has.
func resolve(_ row: Row, _ blobs: Blobs, human: [UInt8]?, conflicts: Int, into tally: inout Tally) -> Bool {
  let merge = FileMerge(
    base: blobs.base, ours: blobs.ours, theirs: blobs.theirs, path: Array(row.path.utf8),
    resolvers: StandardResolvers.auto)
  tally.conflicts += conflicts
  for (_, resolution) in merge.resolved { tally.settled[resolution.resolver, default: 0] += 1 }
  for rejection in merge.rejected { tally.settled["rejected: \(rejection.resolution.resolver)", default: 0] += 1 }
  if merge.isClean {
    tally.clean += 1
    if let human {
      if merge.render(markers) == human { tally.asCommitted += 1 }
    } else {
      tally.unknown += 1
    }
  }
  if merge.left.count + merge.resolved.count == conflicts { return true }
  print("worse than git: \(row.repository) \(row.merge) \(row.path)")
  return false
}

func run(table: String, repositories: String, withResolvers: Bool) throws -> Bool {
  let rows = Dictionary(grouping: Row.read(try contents(ofFile: table)), by: \.repository)
  let mergeFile = try MergeFileJudge()
  // What git takes to start and to do nothing is not its merge.
  let line = Array("line\n".utf8)
  let idle = try (0..<20).map { _ in try mergeFile.merge(base: line, ours: line, theirs: line).seconds }.sorted()[10]
  var total = Tally()
  var noneWorse = true
  for (repository, rows) in rows.sorted(by: { $0.key < $1.key }) {
    var tally = Tally()
    let directory = repositories + "/" + repository.map { $0 == "/" ? "+" : String($0) }.joined() + "/repo"
    let reader = access(directory, R_OK) == 0 ? try BlobReader(repository: directory) : nil
    for row in rows {
      tally.rows += 1
      guard let base = try reader?.blob(row.base), let ours = try reader?.blob(row.ours),
        let theirs = try reader?.blob(row.theirs)
      else {
        tally.absent += 1
        continue
      }
      let blobs = Blobs(base: base, ours: ours, theirs: theirs)
      guard let conflicts = try judge(row, blobs, by: mergeFile, into: &tally), withResolvers else { continue }
      let human = try reader?.blob(row.human)
      noneWorse = resolve(row, blobs, human: human, conflicts: conflicts, into: &tally) && noneWorse
    }
    report(repository, tally, idle: idle)
    total += tally
  }
  report("all", total, idle: idle)
  return total.different == 0 && noneWorse
}

func report(_ name: String, _ tally: Tally, idle: Double) {
  let judged = tally.identical + tally.different
  let share = judged > 0 ? fixed(100 * Double(tally.identical) / Double(judged)) + " %" : "-"
  let gitSeconds = max(tally.gitSeconds - idle * Double(judged), 0)
  print(
    "\(name): rows \(tally.rows), identical \(tally.identical) (\(share)), different \(tally.different),",
    "binary \(tally.binary), absent \(tally.absent); own \(fixed(tally.ownSeconds, 3)) s,",
    "git \(fixed(tally.gitSeconds, 3)) s, \(fixed(gitSeconds, 3)) s without its start,",
    "own / git without its start \(gitSeconds > 0 ? fixed(tally.ownSeconds / gitSeconds) : "-")"
  )
  guard tally.conflicts > 0 else { return }
  let settled = tally.settled.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
  print(
    "  with resolvers: files clean \(tally.clean), as committed \(tally.asCommitted), committed blob absent",
    "\(tally.unknown); conflicts \(tally.conflicts), settled by \(settled.joined(separator: ", "))"
  )
}

let arguments = CommandLine.arguments.dropFirst()
let names = arguments.filter { $0 != "--resolvers" }
guard names.count == 2 else {
  print("usage: MergeRows [--resolvers] TABLE REPOSITORIES")
  exit(2)
}
do {
  let isGood = try run(table: names[0], repositories: names[1], withResolvers: names.count < arguments.count)
  exit(isGood ? 0 : 1)
} catch {
  print("MergeRows: \(error)")
  exit(4)
}
