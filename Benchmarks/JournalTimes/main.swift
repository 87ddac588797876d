// Takes deliveries in and gives jobs out, and looks how that changes as rows grow: `JournalTimes rates|growth WHERE`,
// where WHERE is the path of a new file or the address of a PostgreSQL server's empty database.

import Base
import BenchSupport
import Glibc
import Journal
import JournalPostgres
import JournalSQLite
import Work

func open(_ place: String) async throws -> any JournalStore {
  switch JournalLocation(place) {
  case .file(let path): try await SQLiteJournal.open(path: path, access: .readWrite(mode: 0o600))
  case .server(let address): try await PostgresJournal.open(address, access: .readWrite)
  }
}

/// A forge's report of one pull request, as the receiver stores it.
func report(_ number: Int, of pullRequest: Int) throws -> (event: Event, job: Job) {
  guard let repository = ForgeRepository(forge: .github, id: 7, path: "owner/name") else {
    throw BenchFailure("no such repository")
  }
  let head = ObjectID(bytes: (0..<20).map { UInt8(truncatingIfNeeded: number >> (8 * ($0 % 8))) }) ?? .zero
  let notice = ChangeNotice(action: .updated, number: pullRequest, head: head)
  let happening = ForgeHappening(
    repository: repository, actor: ForgeActor(id: 5, login: "someone", isBot: false), kind: .change(notice))
  let event = Event(
    id: "github:\(number)", repository: repository.name, actor: "someone",
    time: Timestamp(milliseconds: Int64(number)), kind: .forge(happening))
  let place = ForgePlace(repository: repository, number: pullRequest)
  let branch = place.headRef
  let request = PullRequest(repository: repository.name, branch: branch, base: branch, forge: place)
  return (
    event,
    Job(
      kind: .attend, pullRequest: request, head: .zero, against: .zero, request: event.id, event: event.id,
      time: event.time)
  )
}

func accept(_ number: Int, of pullRequest: Int, in journal: any JournalStore) async throws -> Acceptance {
  let (event, job) = try report(number, of: pullRequest)
  return try await journal.accept(delivery: event.id, events: [event], jobs: [job])
}

/// The seconds that the body takes.
func timed(_ body: () async throws -> Void) async rethrows -> Double {
  let start = ContinuousClock.now
  try await body()
  return (ContinuousClock.now - start) / .seconds(1)
}

func processorSeconds() -> Double {
  var usage = rusage()
  getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
  return seconds(usage.ru_utime) + seconds(usage.ru_stime)
}

func carryOut(_ claimed: ClaimedJob, in journal: any JournalStore) async throws {
  let run = RunID(random: .random(in: .min ... .max))
  try await journal.startRun(run, of: claimed)
  try await journal.finish(run, Closing(verdict: .failed, summary: "measured"), under: claimed.claim)
}

/// One wait for the disk, in the directory that is named.
func syncs(in directory: String) throws -> Figures {
  var figures = Figures("one write and fdatasync")
  let path = "\(directory)/sync"
  let descriptor = Glibc.open(path, O_WRONLY | O_CREAT, 0o600)
  guard descriptor >= 0 else { throw BenchFailure("cannot write \(path)") }
  defer {
    close(descriptor)
    unlink(path)
  }
  let block = [UInt8](repeating: 7, count: 4096)
  for _ in 0..<200 {
    let start = ContinuousClock.now
    guard write(descriptor, block, block.count) == block.count, fdatasync(descriptor) == 0 else {
      throw BenchFailure("cannot sync \(path)")
    }
    figures.add((ContinuousClock.now - start) / .seconds(1))
  }
  return figures
}

/// Many callers at once, three of ten deliveries twice, over 400 pull requests.
func rates(_ place: String, goal: Int) async throws {
  let journal = try await open(place)
  let (callers, each) = (64, 150)
  var latencies = Figures("accept, \(callers) callers at once")
  let processor = processorSeconds()
  var counts: (accepted: Int, new: Int) = (0, 0)
  let seconds = try await timed {
    try await withThrowingTaskGroup(of: (times: [Double], new: Int).self) { group in
      for caller in 0..<callers {
        group.addTask {
          var times: [Double] = []
          var new = 0
          for turn in 0..<each {
            // The last three of ten repeat what the caller sent before.
            let number = caller * each + (turn % 10 >= 7 ? turn - 5 : turn)
            times.append(
              try await timed { if try await accept(number, of: number % 400, in: journal).isNew { new += 1 } })
          }
          return (times, new)
        }
      }
      for try await (times, new) in group {
        for time in times { latencies.add(time) }
        counts.accepted += times.count
        counts.new += new
      }
    }
  }
  let rate = Int(Double(counts.accepted) / seconds)
  let used = processorSeconds() - processor
  print("accepted \(counts.accepted), of them new \(counts.new), \(rate) a second, to reach \(goal): ", terminator: "")
  print(
    "\(rate >= goal ? "met" : "MISSED"); processor time of this program \(Table.decimal(used / seconds, 2)) of \(2)")
  let waiting = try await journal.pending(limit: .max).count
  guard waiting > 0, waiting <= 400 else { throw BenchFailure("\(waiting) jobs wait for 400 pull requests") }
  var claims = 0
  let claiming = try await timed {
    claims = try await withThrowingTaskGroup(of: Int.self) { group in
      for worker in 0..<8 {
        group.addTask {
          var count = 0
          while let claimed = try await journal.claim(worker: WorkerID("w\(worker)"), leaseSeconds: 600) {
            try await carryOut(claimed, in: journal)
            count += 1
          }
          return count
        }
      }
      return try await group.reduce(0, +)
    }
  }
  guard claims == waiting else { throw BenchFailure("\(claims) of \(waiting) jobs were claimed") }
  print("claimed, begun and finished by 8 workers: \(Int(Double(claims) / claiming)) a second")
  Table.print([Table.Row(latencies)])
}

/// How long one caller waits as rows grow; every job but the last few is finished.
func growth(_ place: String) async throws {
  let journal = try await open(place)
  var rows: [Table.Row] = []
  var number = 0
  for target in [1000, 10_000, 100_000] {
    while number < target - 300 {
      let first = number
      number += min(20_000, target - 300 - first)
      let end = number
      try await withThrowingTaskGroup(of: Void.self) { group in
        for part in 0..<100 {
          group.addTask {
            for number in stride(from: first + part, to: end, by: 100) {
              _ = try await accept(number, of: number, in: journal)
            }
          }
        }
        try await group.waitForAll()
      }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for worker in 0..<8 {
          group.addTask {
            // Some are carried out; the rest waits, which is the harder case for who looks for the next.
            for _ in 0..<min(40, (end - first) / 80) {
              guard let claimed = try await journal.claim(worker: WorkerID("w\(worker)"), leaseSeconds: 600) else {
                return
              }
              try await carryOut(claimed, in: journal)
            }
          }
        }
        try await group.waitForAll()
      }
    }
    var accepts = Figures("accept with \(target) deliveries")
    var claims = Figures("claim with \(target) deliveries")
    for _ in 0..<300 {
      accepts.add(try await timed { _ = try await accept(number, of: number, in: journal) })
      var claimed: ClaimedJob?
      claims.add(try await timed { claimed = try await journal.claim(worker: WorkerID("w"), leaseSeconds: 600) })
      guard let claimed else { throw BenchFailure("no job is given out") }
      try await carryOut(claimed, in: journal)
      number += 1
    }
    rows += [Table.Row(accepts), Table.Row(claims)]
  }
  Table.print(rows)
}

let words = CommandLine.arguments
do {
  switch words.dropFirst().first {
  case "sync": Table.print([Table.Row(try syncs(in: words[2]))])
  case "rates": try await rates(words[2], goal: Int(words[3]) ?? 0)
  case "growth": try await growth(words[2])
  default: throw BenchFailure("usage: JournalTimes sync DIRECTORY | rates WHERE GOAL | growth WHERE")
  }
} catch {
  print("JournalTimes: \(error)")
  exit(1)
}
