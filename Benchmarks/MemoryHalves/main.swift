import Base
import Evaluation
import Git
import Learning
import Merging
import Work

// What the first half of a history teaches about the second: conflicts that come again, and how often people settled
// them as before. Usage: MemoryHalves GIT-DIRECTORY SCRATCH-DIRECTORY [--show]

struct Tally {
  var hits = 0
  var equal = 0
}

let arguments = CommandLine.arguments
guard arguments.count >= 3 else { throw GitError(.invalid, operation: "measure", message: "GIT-DIRECTORY SCRATCH") }
let source = try Repository.openBare(at: arguments[1])
let repository = try PrivateRepository.create(at: arguments[2], borrowing: [source.objectsDirectory])
let tip = try source.resolve("HEAD")
let bot = BotIdentity(name: "none", email: "none")
let all = try HistoryWalk(of: tip, in: repository, limit: 200_000)
let merges = all.commits.filter { $0.parents.count == 2 }.sorted { $0.time.milliseconds > $1.time.milliseconds }
let middle = merges[merges.count / 2]
let clock = ContinuousClock()
var memory = ResolutionMemory()
let start = clock.now
// What the newest commit of the default branch before the middle could know.
let then = all.commits.first { $0.time.milliseconds <= middle.time.milliseconds } ?? middle
let summary = try HistoryLearner(tip: then.id, limit: arguments.contains("--online") ? 1 : .max, bot: bot).run(
  in: repository, into: &memory)
print("learned from \(summary.merges) merges in \(clock.now - start): \(summary)")
let file = ResolutionFile.encoded(memory)
let lookup = try RememberedResolutions(file)
var byState: [RememberedResolution.State: Tally] = [:]
var (conflicts, told, files) = (0, 0, Set<[UInt8]>())
var samePath = Tally()
let isOnlineOnly = arguments.contains("--online")
for merge in merges where !isOnlineOnly && !memory.seen.contains(merge.id.bytes) {
  guard let examples = try? HistoryLearner.examples(of: merge, in: repository) else { continue }
  for example in examples {
    conflicts += 1
    guard let committed = example.committed else { continue }
    told += 1
    guard let found = lookup.resolution(of: ConflictKey(example.conflict)) else { continue }
    let isEqual = Likeness.of(found.lines, committed, base: example.conflict.base) != .different
    byState[found.state, default: Tally()].hits += 1
    if isEqual { byState[found.state, default: Tally()].equal += 1 }
    if found.state == .usable, found.occurrences.contains(where: { $0.path == example.occurrence.path }) {
      samePath.hits += 1
      if isEqual { samePath.equal += 1 }
    }
    if arguments.contains("--show"), !isEqual {
      print("== \(found.state) \(String(decoding: example.occurrence.path, as: UTF8.self))")
      for (name, text) in [
        ("base", example.conflict.base), ("ours", example.conflict.ours), ("theirs", example.conflict.theirs),
        ("remembered", found.lines), ("committed", committed),
      ] { print("-- \(name)\n\(String(decoding: text.prefix(600), as: UTF8.self))") }
    }
  }
}
print("later half: \(conflicts) conflicts, \(told) told; file \(file.count) bytes")
for (state, tally) in byState.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
  print("\(state): \(tally.hits) hits, \(tally.equal) equal")
}
// Every merge against what the merges before it teach, without taking anything back.
var growing = ResolutionMemory()
var online: [String: Tally] = [:]
@MainActor func note(_ name: String, _ isGood: Bool) {
  online[name, default: Tally()].hits += 1
  if isGood { online[name, default: Tally()].equal += 1 }
}
for merge in merges.reversed() {
  guard let examples = try? HistoryLearner.examples(of: merge, in: repository) else { continue }
  for example in examples {
    guard let committed = example.committed, let found = growing.entries[ConflictKey(example.conflict)],
      found.state == .usable,
      let memory = try? RememberedResolutions(ResolutionFile.encoded(ResolutionMemory([found]))),
      Remembered(memory).resolve(
        example.conflict,
        in: ResolverContext(
          path: example.occurrence.path, base: example.conflict.base, ours: example.conflict.ours,
          theirs: example.conflict.theirs)) != nil
    else { continue }
    let isGood = Likeness.of(found.lines, committed, base: example.conflict.base) != .different
    let isSamePath = found.occurrences.contains { $0.path == example.occurrence.path }
    note("all", isGood)
    note(isSamePath ? "same path" : "other path", isGood)
    note(example.conflict.isNarrowed ? "narrowed" : "whole", isGood)
    note(found.key.base.isEmpty ? "no base" : "base", isGood)
    note(found.key.first.isEmpty ? "a side empty" : "no side empty", isGood)
    note(found.key.size < 100 ? "small" : "large", isGood)
    if isSamePath, !found.key.base.isEmpty { note("same path and base", isGood) }
    if isSamePath, !found.key.first.isEmpty { note("same path, no side empty", isGood) }
    if isSamePath, !example.conflict.isNarrowed { note("same path, whole", isGood) }
    let text = found.lines
    let isSide = ConflictKey.normalised(text) == found.key.first || ConflictKey.normalised(text) == found.key.second
    note(isSide ? "one side" : "mixed", isGood)
    let age = (example.occurrence.time - found.occurrences[0].time) / 86_400
    note(age <= 30 ? "within 30 days" : "older", isGood)
    if !isGood, arguments.contains("--show") {
      print("== online \(String(decoding: example.occurrence.path, as: UTF8.self)) \(isSamePath)")
      for (name, text) in [
        ("base", example.conflict.base), ("ours", example.conflict.ours), ("theirs", example.conflict.theirs),
        ("remembered", found.lines), ("committed", committed),
      ] { print("-- \(name)\n\(String(decoding: text.prefix(600), as: UTF8.self))") }
    }
  }
  for example in examples {
    if let committed = example.committed {
      growing.learn(example.conflict, settledAs: committed, at: example.occurrence)
    }
  }
}
for (name, tally) in online.sorted(by: { $0.key < $1.key }) {
  print("online, \(name): \(tally.hits) hits, \(tally.equal) good")
}
print("usable, same path: \(samePath.hits) hits, \(samePath.equal) equal")
