// Merges conflicted files with the resolvers of the tier `auto`, and with `git merge-file -p` in the same run.
//
//   MergeFiles [COUNT]
//
// COUNT is how many of the last merges of the repository that ARBORIST_BENCH_MERGES names are looked at for conflicted
// files, by default 400. Where it is not set, the files are made up.

import BenchSupport
import Glibc
import Merging

/// One conflicted file.
struct ThreeWayFile {
  var path: String
  var base: [UInt8]
  var ours: [UInt8]
  var theirs: [UInt8]
}

/// The files in which the last merges of a repository have a conflict and of which all three versions are there.
func conflictedFiles(of repository: String, count: Int, _ scratch: Scratch) throws -> [ThreeWayFile] {
  let list = scratch.path + "/merges"
  var log = Program.git(
    "log", "--min-parents=2", "--max-parents=2", "--max-count=\(count)", "--format=%P", in: repository)
  log.output = list
  try log.run()
  var files: [ThreeWayFile] = []
  for line in try Files.lines(list) {
    let parents = line.split(separator: " ").map(String.init)
    guard parents.count == 2 else { continue }
    for (path, stages) in try conflicts(parents, in: repository, scratch) {
      guard let base = stages[1], let ours = stages[2], let theirs = stages[3] else { continue }
      let versions = try [base, ours, theirs].map { try blob($0, in: repository, scratch) }
      if versions.contains(where: LineMerge.isBinary) { continue }
      if [versions[1], versions[2]].contains(where: { GeneratedFile.at(Array(path.utf8), content: $0) != nil }) {
        continue
      }
      files.append(ThreeWayFile(path: path, base: versions[0], ours: versions[1], theirs: versions[2]))
    }
  }
  return files
}

/// The blobs of each conflicted path of a merge by their stage.
func conflicts(_ parents: [String], in repository: String, _ scratch: Scratch) throws -> [(String, [Int: String])] {
  var program = Program.git("merge-tree", "--write-tree", "--no-messages", "-z", parents[0], parents[1], in: repository)
  program.output = scratch.path + "/conflicts"
  program.accepted = 0...255
  guard try program.run().status == 1 else { return [] }
  var found: [String: [Int: String]] = [:]
  for record in try Files.read(program.output).split(separator: 0).dropFirst() {
    // MODE OBJECT STAGE, a tab, the path
    let parts = record.split(separator: UInt8(ascii: "\t"), maxSplits: 1)
    let words = parts.first.map { $0.split(separator: UInt8(ascii: " ")) } ?? []
    guard parts.count == 2, words.count == 3, words[0].starts(with: Array("100".utf8)),
      let stage = Int(String(decoding: words[2], as: UTF8.self))
    else { continue }
    found[String(decoding: parts[1], as: UTF8.self), default: [:]][stage] = String(decoding: words[1], as: UTF8.self)
  }
  return found.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
}

func blob(_ id: String, in repository: String, _ scratch: Scratch) throws -> [UInt8] {
  var program = Program.git("cat-file", "blob", id, in: repository)
  program.output = scratch.path + "/blob"
  try program.run()
  return try Files.read(program.output)
}

/// Files with a few changes of either side, some of which meet.
func madeUp() -> [ThreeWayFile] {
  (0..<200).map { file in
    func lines(_ side: String, _ step: Int) -> [UInt8] {
      var bytes: [UInt8] = []
      for line in 0..<(100 + 25 * (file % 40)) {
        bytes += Array("  value\(line % 90) = compute(item\(line), \(line * 7 % 101))".utf8)
        if step > 0, line % step == file % 7 { bytes += Array(" + \(side)\(line)".utf8) }
        bytes.append(UInt8(ascii: "\n"))
        if line % 9 == 8 { bytes += Array("}\n\nfunction part\(line)() {\n".utf8) }
      }
      return bytes
    }
    let ending = ["swift", "py", "c", "js", "go"][file % 5]
    return ThreeWayFile(
      path: "part/file\(file).\(ending)", base: lines("", 0), ours: lines("left", 35), theirs: lines("right", 42))
  }
}

func run() throws {
  let scratch = try Scratch()
  let count = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 400
  let files =
    try Variables.text("ARBORIST_BENCH_MERGES").map { try conflictedFiles(of: $0, count: count, scratch) } ?? madeUp()
  guard !files.isEmpty else {
    print("skipped: none of the last \(count) merges has a conflict")
    return
  }
  var own = Figures("resolvers")
  var git = Figures("git merge-file")
  var idle = Figures("git --version")
  var clean = 0
  for round in 0..<3 {
    for file in files {
      let start = ContinuousClock.now
      let merge = FileMerge(
        base: file.base, ours: file.ours, theirs: file.theirs, path: Array(file.path.utf8),
        resolvers: StandardResolvers.auto)
      let bytes = merge.render(ConflictMarkers(ours: nil, base: nil, theirs: nil))
      own.add((ContinuousClock.now - start) / .seconds(1))
      if round == 0, merge.isClean, !bytes.isEmpty { clean += 1 }
      var program = Program(["git", "merge-file", "-p", "-q"])
      program.words += try [("ours", file.ours), ("base", file.base), ("theirs", file.theirs)].map { name, bytes in
        try scratch.file(name, bytes)
      }
      program.accepted = 0...255
      git.add(try program.run().seconds)
      idle.add(try Program.git("--version").run().seconds)
    }
    own.nextRound()
    git.nextRound()
    idle.nextRound()
  }
  Table.print([Table.Row(own, limit: 0.005, tailLimit: 0.1, other: git), Table.Row(git), Table.Row(idle)])
  print("")
  print("\(files.count) conflicted files, of which the resolvers made \(clean) clean.")
}

do {
  try run()
} catch {
  print("MergeFiles: \(error)")
  exit(4)
}
