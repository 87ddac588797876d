// Searches the culprits of generated branches whose mistakes are known, with the real runners of their languages.
//
//   Culprits DIRECTORY [--hints] [--parallel N] [--runs N]
//
// DIRECTORY is what `branches.py` made. A case is found exactly where the lines that are said to matter are the lines
// of the mistakes and no others, every red test is explained, and the removal keeps the green tests green.

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
  /// For each mistake the lines it changed: the side, the path and the number.
  var lines: [[Line]]
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
  var runs: Int
  var hunks: Int
  var mistakes: Int
}

func isTest(_ path: RepositoryPath) -> Bool {
  path.bytes.starts(with: "tests/".utf8) || path.display.hasSuffix("_test.go")
}

func search(_ directory: String, options: Options) async throws -> Result {
  let truth = try JSONDecoder().decode(
    Truth.self, from: Data(contentsOf: URL(fileURLWithPath: directory + "/truth.json")))
  guard let base = ObjectID(hex: truth.base), let head = ObjectID(hex: truth.head) else { fatalError("no truth") }
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
  let budget = CulpritBudget(runs: options.runs, parallel: options.parallel)
  let found = try await CulpritSearch(in: repository, probing: probing, budget: budget).find(question)
  let wanted = Set(truth.lines.joined())
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
  let isExact = named == wanted && found.unexplained.isEmpty && keeps
  let result = Result(isExact: isExact, runs: found.runs, hunks: found.candidates, mistakes: truth.mistakes)
  let name = (directory as NSString).lastPathComponent
  say(
    isExact ? "exact" : "OTHER", name, "hunks", found.candidates, "of", truth.hunks, "commits", truth.commits,
    "mistakes",
    truth.mistakes, "red", question.red.count, "runs", found.runs, "broken", found.broken, "unresolved",
    found.unresolved, "culprits", found.culprits.count, found.culprits.map { $0.hunks.count }, "\(found.ending)")
  if !isExact || options.verbose {
    say("   wanted", wanted.map { "\($0.side) \($0.path):\($0.number) \($0.text)" }.sorted())
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
  var parallel = 1
  var runs = 100
  var verbose = false
}

var options = Options()
var arguments = Array(CommandLine.arguments.dropFirst())
if let at = arguments.firstIndex(of: "--hints") {
  options.hints = true
  arguments.remove(at: at)
}
if let at = arguments.firstIndex(of: "--verbose") {
  options.verbose = true
  arguments.remove(at: at)
}
for (name, path) in [("--parallel", \Options.parallel), ("--runs", \Options.runs)] {
  guard let at = arguments.firstIndex(of: name), at + 1 < arguments.count else { continue }
  options[keyPath: path] = Int(arguments[at + 1]) ?? options[keyPath: path]
  arguments.removeSubrange(at...(at + 1))
}
var results: [Result] = []
for root in arguments {
  var directories = [root]
  if !FileManager.default.fileExists(atPath: root + "/truth.json") {
    directories = try FileManager.default.contentsOfDirectory(atPath: root).sorted().map { root + "/" + $0 }
      .filter { FileManager.default.fileExists(atPath: $0 + "/truth.json") }
  }
  for directory in directories { results.append(try await search(directory, options: options)) }
}
let exact = results.count { $0.isExact }
say("exact \(exact) of \(results.count)")
let ones = results.filter { $0.mistakes == 1 }
say(
  "test runs for one mistake: most \(ones.map(\.runs).max() ?? 0), mean \(ones.map(\.runs).reduce(0, +) / max(1, ones.count))"
)
