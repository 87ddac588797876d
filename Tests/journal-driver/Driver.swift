import Base
import Glibc
import Journal
import JournalPostgres
import JournalSQLite
import Work

/// Loads a journal until its standard input ends, and prints a line for everything that the journal has confirmed.
///
///     journal-driver WHERE NAME SEED LOCKS [BREACH]     takes in, claims, appends and finishes
///     journal-driver WHERE audit                        examines every run and the ledger, a line for each fault
///
/// The lines: `accepted DELIVERY`, `noted RUN TEXT`, `finished RUN`, `overlap LANE` where a job is given out whose lane
/// somebody still works on, `away REASON` where the journal cannot be used. LOCKS is a directory for the file locks by
/// which overlaps are seen; all drivers of one journal share it. BREACH is a rule that the driver breaks, so that whoever
/// examines the journal can be seen to find it.
@main
struct Driver {
  static func main() async {
    do {
      let words = CommandLine.arguments
      guard words.count >= 3 else { throw Misuse() }
      let breach = words.count == 6 ? Breach(rawValue: words[5]) : nil
      // Whoever has answered already waits for nothing.
      let journal = try await open(words[1], patience: breach == .early ? .milliseconds(100) : .seconds(20))
      if words[2] == "audit" {
        for fault in try await journal.auditFaults() + journal.integrityFaults() { tell(fault) }
        return
      }
      guard (5...6).contains(words.count), let seed = UInt64(words[3]) else { throw Misuse() }
      guard words.count == 5 || breach != nil else { throw Misuse() }
      let stop = Stop()
      let driver = Load(journal: journal, name: words[2], seed: seed, locks: words[4], stop: stop, breach: breach)
      stop.whenInputEnds()
      await withTaskGroup(of: Void.self) { group in
        for stream in 0..<4 { group.addTask { await driver.accept(stream) } }
        for stream in 0..<3 { group.addTask { await driver.work(stream) } }
        group.addTask { await driver.recover() }
      }
    } catch {
      tell("failed \(error)")
      exit(1)
    }
  }

  static func open(_ place: String, patience: Duration) async throws -> any JournalStore {
    switch JournalLocation(place) {
    case .file(let path): try await SQLiteJournal.open(path: path, access: .readWrite(mode: 0o600))
    case .server(let address): try await PostgresJournal.open(address, access: .readWrite, patience: patience)
    }
  }
}

/// Prints a line at once.
func tell(_ line: some CustomStringConvertible) {
  let bytes = Array("\(line)\n".utf8)
  _ = write(1, bytes, bytes.count)
}

struct Misuse: Error, CustomStringConvertible {
  var description: String {
    "usage: journal-driver WHERE NAME SEED LOCKS [early|lease|twice] | journal-driver WHERE audit"
  }
}

/// A rule that a driver breaks.
enum Breach: String, Sendable {
  /// Says that something is confirmed before the journal has said so, and gives it up where the journal cannot be reached.
  case early
  /// Goes on with a job whose lease has ended, which another has been given by then.
  case lease
  /// Repeats what it has written, as a client does that takes no answer for a no.
  case twice
}

/// Whether it is time to end.
final class Stop: Sendable {
  private let isOver = Lock(false)

  var isSet: Bool { isOver.withLock { $0 } }

  func whenInputEnds() {
    // A thread of its own: reading waits.
    var thread = pthread_t()
    let own = Unmanaged.passRetained(self).toOpaque()
    pthread_create(
      &thread, nil,
      { context in
        var byte: UInt8 = 0
        while read(0, &byte, 1) > 0 {}
        if let context { Unmanaged<Stop>.fromOpaque(context).takeRetainedValue().isOver.withLock { $0 = true } }
        return nil
      }, own)
  }
}

/// What one driver does.
struct Load: Sendable {
  let journal: any JournalStore
  let name: String
  let seed: UInt64
  let locks: String
  let stop: Stop
  let breach: Breach?

  /// Pushes to forty branches; one in three is delivered twice.
  func accept(_ stream: Int) async {
    var generator = SystemRandomNumberGenerator()
    var number = 0
    while !stop.isSet {
      number += 1
      let id = "\(name)-\(seed)-\(stream)-\(number)"
      guard let branch = try? RefName("refs/heads/b\(Int.random(in: 0..<40, using: &generator))") else { return }
      let head = ObjectID(bytes: (0..<20).map { _ in UInt8.random(in: .min ... .max, using: &generator) }) ?? .zero
      let time = Timestamp(milliseconds: Int64(number))
      let event = Event(
        id: id, repository: "/drill", actor: "", time: time,
        kind: .push(RefUpdate(ref: branch, old: .zero, new: head)))
      // A request of its own makes it independent of the branch's other pushes.
      let request = PullRequest(repository: "/drill", branch: branch, base: branch)
      let job = Job(
        kind: .review, pullRequest: request, head: head, against: .zero, request: id, event: "none", time: time)
      for _ in 0..<(number % 3 == 0 ? 2 : 1) {
        await say("accepted \(id)") { _ = try await journal.accept(delivery: id, events: [event], jobs: [job]) }
      }
      try? await Task.sleep(for: .milliseconds(20))
    }
  }

  func work(_ stream: Int) async {
    let bell = await journal.workBell()
    let worker = WorkerID("\(name).\(stream)")
    while !stop.isSet {
      var claimed: ClaimedJob?
      let lease = breach == .lease ? 1 : 30
      await say(nil) { claimed = try await journal.claim(worker: worker, leaseSeconds: lease) }
      if let claimed {
        await carryOut(claimed)
      } else {
        _ = await bell.wait(upTo: .milliseconds(500))
      }
    }
  }

  /// Holds the lock of the job's lane for as long as it works on it.
  private func carryOut(_ claimed: ClaimedJob) async {
    let lane = claimed.job.pullRequest.lane.replacing("/", with: "_")
    let file = open("\(locks)/\(lane)", O_RDWR | O_CREAT, 0o600)
    defer { close(file) }
    if flock(file, LOCK_EX | LOCK_NB) != 0 { tell("overlap \(lane)") }
    if breach == .lease { try? await Task.sleep(for: .seconds(4)) }
    await say(nil) {
      let run: RunID
      if let known = try await journal.openRun(for: claimed.claim)?.run {
        run = known
      } else {
        run = RunID(random: .random(in: .min ... .max))
        try await journal.startRun(run, of: claimed)
      }
      for turn in 0..<3 {
        let text = "\(name)-\(UInt64.random(in: .min ... .max))-\(turn)"
        if breach == .early { tell("noted \(run) \(text)") }
        try await journal.append(.note(text), to: run, under: claimed.claim)
        if breach == .twice { try await journal.append(.note(text), to: run, under: claimed.claim) }
        if breach != .early { tell("noted \(run) \(text)") }
      }
      // The lane is free once this is confirmed, perhaps before it is known here.
      flock(file, LOCK_UN)
      try await journal.finish(run, Closing(verdict: .failed, summary: "drill"), under: claimed.claim)
      tell("finished \(run)")
    }
  }

  func recover() async {
    while !stop.isSet {
      await say(nil) { _ = try await journal.recoverAbandoned(.leaseExpired) }
      try? await Task.sleep(for: .seconds(1))
    }
  }

  private func say(_ line: String?, _ body: () async throws -> Void) async {
    do {
      if let line, breach == .early { tell(line) }
      try await body()
      if let line, breach != .early { tell(line) }
    } catch {
      tell("away \(error)")
    }
  }
}
