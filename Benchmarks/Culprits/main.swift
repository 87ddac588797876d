// Searches the culprits of generated branches whose mistakes are known, with the real runners of their languages.
//
//   Culprits DIRECTORY... [--hints | --wrong-hints] [--parallel N] [--runs N] [--verbose]
//
// DIRECTORY is what `branches.py` made; `run` makes it and measures everything. A case is found exactly where the lines
// that are said to matter are those of the mistakes and no others, every red test is explained, and the removal keeps
// the green tests green. Other lines are an answer too where they are one by definition, which is then tried with the
// tests: with these lines taken back what is red is green and what is green stays so, without any one of them it does
// not, and they are no more than those of the mistakes. `--hints` gives the search what a failure may name: its frames,
// and the function that the test calls; `--wrong-hints` a line some functions further down.

import Base
import Fix
import Foundation
import Git
import TestResults
import Verify

/// Prints a line at once.
func say(_ words: Any...) {
  let line = words.map { "\($0)" }.joined(separator: " ") + "\n"
  FileHandle.standardOutput.write(Data(line.utf8))
}

/// What a case says of itself.
struct Truth: Decodable {
  var language: String
  var command: String
  var base: String
  var head: String
  /// The lines that have to be found: the side, the path and the number; several where each is an answer.
  var answers: [[Line]]
  var mistakes: Int
  var hunks: Int
  var commits: Int

  struct Line: Decodable, Hashable {
    var side: String
    var path: String
    var number: Int
    var text = ""

    init(side: String, path: String, number: Int, text: String) {
      // An old line is the same wherever it stood before: the difference may have been made against a later commit.
      (self.side, self.path, self.number) = side == "old" ? (side, "", 0) : (side, path, number)
      self.text = text
    }

    init(from decoder: any Decoder) throws {
      var values = try decoder.unkeyedContainer()
      self.init(
        side: try values.decode(String.self), path: try values.decode(String.self),
        number: try values.decode(Int.self), text: try values.decode(String.self))
    }
  }
}

/// Writes a tree to a directory of its own and runs a command in it.
struct DirectoryProbing: TreeProbing {
  let repository: RepositoryActor<PrivateRepository>
  let command: String
  let scratch: String
  let isVerbose: Bool

  func standing(of tree: ObjectID) async throws -> TestStanding {
    let report = try await report(of: tree)
    let standing = TestStanding(of: [report])
    if isVerbose {
      say(
        "   tree", tree.short, "status", report.status ?? -1, "red", standing.red.count, "green", standing.green.count)
    }
    return standing
  }

  func report(of tree: ObjectID) async throws -> TestReport {
    let directory = scratch + "/" + UUID().uuidString
    try await write(tree, to: directory)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let log = directory + ".log"
    let status = try await Self.run(command, in: directory, log: log)
    defer { try? FileManager.default.removeItem(atPath: log) }
    let output = [UInt8](try Data(contentsOf: URL(fileURLWithPath: log)))
    return TestResultReader.read(
      TestEvidence(command: command.split(separator: " ").map(String.init), status: status, output: output))
  }

  private func write(_ tree: ObjectID, to directory: String) async throws {
    let files = try await repository.perform { repository throws(GitError) in
      var files: [(TreeEntry, [UInt8])] = []
      try repository.walk(tree) { entry throws(GitError) in
        if entry.mode != .directory { files.append((entry, try repository.content(of: entry.id, limit: 1 << 26))) }
        return true
      }
      return files
    }
    for (entry, content) in files {
      let path = directory + "/" + String(decoding: entry.path.bytes, as: UTF8.self)
      try FileManager.default.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      _ = FileManager.default.createFile(
        atPath: path, contents: Data(content),
        attributes: [.posixPermissions: entry.mode == .executable ? 0o755 : 0o644])
    }
  }

  private static func run(_ command: String, in directory: String, log: String) async throws -> Int32 {
    _ = FileManager.default.createFile(atPath: log, contents: nil)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
    process.arguments = ["60", "sh", "-c", command]
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
    process.standardOutput = file
    process.standardError = file
    process.standardInput = FileHandle.nullDevice
    return try await withCheckedThrowingContinuation { continuation in
      process.terminationHandler = { ended in
        continuation.resume(
          returning: ended.terminationStatus + (ended.terminationReason == .uncaughtSignal ? 128 : 0))
      }
      do { try process.run() } catch { continuation.resume(throwing: error) }
    }
  }
}

/// What came of one case.
struct Result {
  var isExact: Bool
  /// Whether the lines are those of the mistakes.
  var isPlanted: Bool
  var runs: Int
  var hunks: Int
  var mistakes: Int
}

/// What makes some lines a culprit, tried with the tests and without the search.
struct Definition {
  let question: CulpritQuestion
  let probing: DirectoryProbing
  let repository: RepositoryActor<PrivateRepository>
  let head: ObjectID

  /// Whether to take back the lines that matter of all culprits cures, and to take back one fewer does not.
  func isMet(by report: CulpritReport) async throws -> Bool {
    let hunks = report.culprits.flatMap(\.hunks)
    guard hunks.allSatisfy({ $0.kind == .hunk && $0.omitted == 0 && $0.oldPath == nil }) else { return false }
    var all: [(hunk: Int, line: Int)] = []
    for (number, hunk) in hunks.enumerated() {
      for (line, one) in hunk.lines.enumerated() where one.isCulprit { all.append((number, line)) }
    }
    guard try await cures(hunks, all) else { return false }
    for left in all.indices where all.count > 1 {
      if try await cures(hunks, all.enumerated().filter { $0.offset != left }.map(\.element)) { return false }
    }
    return true
  }

  private func cures(_ hunks: [CulpritHunk], _ taken: [(hunk: Int, line: Int)]) async throws -> Bool {
    var dropped: [RepositoryPath: Set<Int>] = [:]
    var inserted: [RepositoryPath: [Int: [String]]] = [:]
    for (hunk, line) in taken {
      let (hunk, one) = (hunks[hunk], hunks[hunk].lines[line])
      if let number = one.newNumber { dropped[hunk.path, default: []].insert(number) }
      guard one.kind == .deleted else { continue }
      // A line that is gone stood before the next one that is there, or behind the last.
      let next = hunk.lines[line...].lazy.compactMap(\.newNumber).first
      let place = next ?? (hunk.lines.lazy.compactMap(\.newNumber).last ?? 0) + 1
      inserted[hunk.path, default: [:]][place, default: []].append(one.text)
    }
    let (head, gone, back) = (head, dropped, inserted)
    let tree = try await repository.perform { repository in
      var edits: [TreeEdit] = []
      for path in Set(gone.keys).union(back.keys).sorted() {
        guard let entry = try repository.entry(at: path, in: head) else { continue }
        let text = String(decoding: try repository.content(of: entry.id, limit: 1 << 26), as: UTF8.self)
        var lines: [String] = []
        for (offset, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
          lines += back[path]?[offset + 1] ?? []
          if gone[path]?.contains(offset + 1) != true { lines.append(String(line)) }
        }
        edits.append(
          .put(path, mode: entry.mode, blob: try repository.writeBlob(Array(lines.joined(separator: "\n").utf8))))
      }
      return try repository.writeTree(from: head, edits)
    }
    let standing = try await probing.standing(of: tree)
    return standing.red.isEmpty && question.green.isSubset(of: standing.green)
  }
}

func isTest(_ path: RepositoryPath) -> Bool {
  path.bytes.starts(with: "tests/".utf8) || path.display.hasSuffix("_test.go")
}

func search(_ directory: String, options: Options) async throws -> Result {
  let truth = try JSONDecoder().decode(
    Truth.self, from: Data(contentsOf: URL(fileURLWithPath: directory + "/truth.json")))
  guard let base = ObjectID(hex: truth.base), let head = ObjectID(hex: truth.head) else {
    throw CocoaError(.coderInvalidValue)
  }
  let scratch = NSTemporaryDirectory() + "culprits-" + UUID().uuidString
  try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: scratch) }
  let objects = try FileManager.default.contentsOfDirectory(atPath: directory).first { $0.hasSuffix(".git") } ?? ""
  let repository = try await RepositoryActor.open { () throws(GitError) in
    try PrivateRepository.create(
      at: scratch + "/private", borrowing: [directory + "/" + objects + "/objects"])
  }
  let probing = DirectoryProbing(
    repository: repository, command: truth.command, scratch: scratch, isVerbose: options.verbose)
  let (baseTree, headTree) = try await repository.perform { repository throws(GitError) in
    (try repository.tree(of: base), try repository.tree(of: head))
  }
  let report = try await probing.report(of: headTree)
  var question = CulpritQuestion(
    base: base, head: head, standing: TestStanding(of: [report]),
    baseStanding: try await probing.standing(of: baseTree), isTest: isTest)
  if options.hints {
    for frame in report.red.flatMap(\.frames) {
      if let path = RepositoryPath(frame.path) { question.hints.places.append(.init(path: path, line: frame.line)) }
    }
    for test in report.red {
      for word in String(decoding: test.message, as: UTF8.self).split(whereSeparator: {
        !$0.isLetter && $0 != "_" && !$0.isNumber
      })
      where word.contains("_") { question.hints.names.insert(String(word)) }
      question.hints.names.insert(
        test.identity.name.replacingOccurrences(of: "test_", with: "").components(separatedBy: "_gives")[0]
          .components(separatedBy: " ").last ?? "")
    }
  }
  if options.wrongHints, let line = truth.answers.joined().first(where: { $0.side == "new" }),
    let path = RepositoryPath(line.path)
  {
    question.hints.places = [.init(path: path, line: line.number + 42), .init(path: path, line: line.number - 42)]
  }
  let budget = CulpritBudget(runs: options.runs, parallel: options.parallel)
  let found = try await CulpritSearch(in: repository, probing: probing, budget: budget).find(question)
  let answers = truth.answers.map(Set.init)
  var named: Set<Truth.Line> = []
  for hunk in found.culprits.flatMap(\.hunks) {
    for line in hunk.lines where line.isCulprit {
      if line.kind == .deleted {
        named.insert(.init(side: "old", path: "", number: 0, text: line.text))
      }
      if let number = line.newNumber, line.kind == .added {
        named.insert(.init(side: "new", path: hunk.path.display, number: number, text: line.text))
      }
    }
  }
  let keeps = found.culprits.allSatisfy { $0.offered.keepsGreen }
  let isPlanted = answers.contains(named)
  var isExact = found.ending == .complete && found.unexplained.isEmpty && keeps
  if isExact, !isPlanted, named.count <= answers.map(\.count).min() ?? 0 {
    isExact = try await Definition(question: question, probing: probing, repository: repository, head: headTree)
      .isMet(by: found)
  } else if !isPlanted {
    isExact = false
  }
  let result = Result(
    isExact: isExact, isPlanted: isPlanted, runs: found.runs, hunks: truth.hunks, mistakes: truth.mistakes)
  let name = (directory as NSString).lastPathComponent
  say(
    !isExact ? "OTHER" : isPlanted ? "exact" : "exact by definition", name, "hunks", truth.hunks, "units",
    found.candidates, "commits", truth.commits, "mistakes", truth.mistakes, "red", question.red.count, "runs",
    found.runs, "broken", found.broken, "unresolved", found.unresolved, "culprits", found.culprits.count,
    found.culprits.map { $0.hunks.count }, "\(found.ending)")
  if !isPlanted || options.verbose {
    for wanted in answers {
      say("   wanted", wanted.map { "\($0.side) \($0.path):\($0.number) \($0.text)" }.sorted())
    }
    say("   named ", named.map { "\($0.side) \($0.path):\($0.number) \($0.text)" }.sorted())
    for culprit in found.culprits {
      say(
        "   culprit of", culprit.items.count, "minimal", culprit.isMinimal, culprit.areLinesMinimal, "first bad",
        culprit.firstBad, "loses", culprit.offered.lost.map(\.description), culprit.offered.newlyRed.map(\.description))
    }
    for rest in found.unexplained { say("   unexplained", rest.reason, rest.items.map(\.description)) }
  }
  return result
}

struct Options {
  var hints = false
  var wrongHints = false
  var parallel = 1
  var runs = 100
  var verbose = false
}

var options = Options()
var arguments = Array(CommandLine.arguments.dropFirst())
for (name, path) in [
  ("--hints", \Options.hints), ("--wrong-hints", \Options.wrongHints), ("--verbose", \Options.verbose),
] {
  guard let at = arguments.firstIndex(of: name) else { continue }
  options[keyPath: path] = true
  arguments.remove(at: at)
}
for (name, path) in [("--parallel", \Options.parallel), ("--runs", \Options.runs)] {
  guard let at = arguments.firstIndex(of: name), at + 1 < arguments.count else { continue }
  options[keyPath: path] = Int(arguments[at + 1]) ?? options[keyPath: path]
  arguments.removeSubrange(at...(at + 1))
}
var results: [Result] = []
for root in arguments.map({ URL(fileURLWithPath: $0).standardizedFileURL.path }) {
  var directories = [root]
  if !FileManager.default.fileExists(atPath: root + "/truth.json") {
    directories = try FileManager.default.contentsOfDirectory(atPath: root).sorted().map { root + "/" + $0 }
      .filter { FileManager.default.fileExists(atPath: $0 + "/truth.json") }
  }
  for directory in directories { results.append(try await search(directory, options: options)) }
}
let exact = results.count { $0.isExact }
say("exact \(exact) of \(results.count), \(results.count { $0.isExact && !$0.isPlanted }) of them by definition")
say("hunks: \(results.map(\.hunks).min() ?? 0) to \(results.map(\.hunks).max() ?? 0)")
for mistakes in Set(results.map(\.mistakes)).sorted() {
  let runs = results.filter { $0.mistakes == mistakes }.map(\.runs).sorted()
  say("test runs for mistakes \(mistakes): most \(runs.last ?? 0), median \(runs[runs.count / 2])")
}
if exact < results.count { exit(1) }
