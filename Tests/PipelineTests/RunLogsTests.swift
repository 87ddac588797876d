import Base
import FileSystem
import TestSupport
import Testing
import Work

@testable import Pipeline

/// What of the logs of runs is kept, by number, age and size.
struct RunLogsTests {
  private let runs: TemporaryDirectory
  private let now = Timestamp(milliseconds: 1_800_000_000_000)
  private static let day: Int64 = 24 * 3600

  init() throws {
    runs = try TemporaryDirectory()
  }

  /// A run whose logs are so many seconds old.
  private func add(_ number: Int, age: Int64, bytes: Int = 10, hasLock: Bool = false, hasPatch: Bool = false) throws {
    let run = String(repeating: "0", count: 16 - String(number).count) + String(number)
    let path = "\(runs.path)/\(run)"
    Files.makeDirectory(path + "/logs")
    try Files.write(Array(repeating: 0x78, count: bytes), to: path + "/logs/head-1.log", mode: 0o600)
    if hasLock { try Files.write([], to: path + "/lock", mode: 0o600) }
    if hasPatch { try Files.write([], to: path + "/changes.patch", mode: 0o600) }
    try File.setModified(Array((path + "/logs").utf8), now.milliseconds / 1000 - age)
  }

  private func left(_ name: String = "logs") throws -> [Int] {
    try Directory.names(Array(runs.path.utf8)).compactMap { run in
      let text = String(decoding: run, as: UTF8.self)
      return try FileStatus(Array("\(runs.path)/\(text)/\(name)".utf8)) == nil ? nil : Int(text)
    }.sorted()
  }

  @Test func whatIsOldGoesAndItsPatchStays() throws {
    try add(1, age: 31 * Self.day)
    try add(2, age: 31 * Self.day, hasLock: true)
    try add(3, age: 31 * Self.day, hasPatch: true)
    try add(4, age: 29 * Self.day)
    try add(5, age: 5)
    try add(6, age: 31 * Self.day, hasLock: true)
    do {
      // Somebody works on the second; whoever worked on the sixth is dead.
      let open = try RunDirectory.open(#require(RunID("0000000000000002")), under: runs.path)
      RunLogs(runs: runs.path).prune(at: now)
      #expect(open.path.hasSuffix("2"))
    }
    #expect(try left() == [2, 4, 5] && left("changes.patch") == [3])
    #expect(try FileStatus(Array("\(runs.path)/\(String(repeating: "0", count: 15))1".utf8)) == nil)
  }

  @Test func ofManyTheNewestStay() throws {
    for number in 1...RunLogs.mostRuns + 3 { try add(number, age: Int64(number)) }
    RunLogs(runs: runs.path).prune(at: now)
    #expect(try left() == Array(1...RunLogs.mostRuns))
  }

  @Test func togetherTheyTakeNoMoreThanTheyMay() throws {
    for number in 1...4 { try add(number, age: Int64(number), bytes: 100) }
    RunLogs(runs: runs.path).prune(at: now, mostBytes: 250)
    #expect(try left() == [1, 2])
    // The newest stay whatever they take.
    RunLogs(runs: runs.path).prune(at: now, mostBytes: 50)
    #expect(try left() == [1])
    // The control, with room for all, and where nothing is.
    for number in 2...4 { try add(number, age: Int64(number), bytes: 100) }
    RunLogs(runs: runs.path).prune(at: now, mostBytes: 400)
    #expect(try left() == [1, 2, 3, 4])
    RunLogs(runs: runs.path + "/none").prune(at: now)
  }
}
