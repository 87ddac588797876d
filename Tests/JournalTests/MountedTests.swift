import Base
import Foundation
import Glibc
import Journal
import JournalSQLite
import Testing
import Work

/// A small file system of its own, for what needs a full or an unwritable disk.
final class SmallDisk: Sendable {
  let directory: TestDirectory

  var path: String { directory.path }

  init?(kilobytes: Int) throws {
    directory = try TestDirectory()
    guard mount("tmpfs", directory.path, "tmpfs", 0, "size=\(kilobytes)k") == 0 else { return nil }
  }

  /// Lets nobody write any more.
  ///
  /// Other tests start programs, and a process that is just being started holds a copy of every open file for a moment.
  func makeReadOnly() async throws -> Bool {
    for _ in 0..<200 {
      if mount("tmpfs", path, "tmpfs", UInt(MS_REMOUNT) | UInt(MS_RDONLY), nil) == 0 { return true }
      guard errno == EBUSY else { return false }
      try await Task.sleep(for: .milliseconds(50))
    }
    return false
  }

  deinit { umount2(directory.path, Int32(MNT_DETACH)) }

  /// Whether this process may mount.
  static let isPossible = (try? SmallDisk(kilobytes: 64)) != nil
}

@Suite("Disks that fail", .enabled(if: SmallDisk.isPossible, "needs the right to mount a file system"))
struct MountedTests {
  @Test("On a full disk nothing that was confirmed is lost, and it goes on when there is room")
  func full() async throws {
    let disk = try #require(try SmallDisk(kilobytes: 600))
    let path = disk.path + "/journal.sqlite"
    let store = try await SQLiteJournal.open(path: path, access: .readWrite(mode: 0o600))
    let ballast = disk.path + "/ballast"
    try Data(repeating: 1, count: 200_000).write(to: URL(fileURLWithPath: ballast))
    var confirmed = 0
    var refusal: JournalError?
    while refusal == nil, confirmed < 10_000 {
      do {
        try await store.acceptReview("e\(confirmed)", branch: "b\(confirmed)", to: 1, at: Int64(confirmed))
        confirmed += 1
      } catch { refusal = error as? JournalError }
    }
    #expect(refusal == .diskFull(at: path))
    #expect(confirmed > 0)
    #expect(try await store.pending(limit: .max).count == confirmed)
    try FileManager.default.removeItem(atPath: ballast)
    try await store.acceptReview("e\(confirmed)", branch: "again", to: 1, at: Int64(confirmed))
    #expect(try await store.pending(limit: .max).count == confirmed + 1)
    #expect(try await store.integrityFaults() == [])
  }

  @Test("No room for a new journal is said so")
  func fullAtFirst() async throws {
    let disk = try #require(try SmallDisk(kilobytes: 16))
    let path = disk.path + "/journal.sqlite"
    try? Data(repeating: 1, count: 12_000).write(to: URL(fileURLWithPath: disk.path + "/ballast"))
    await #expect(throws: JournalError.diskFull(at: path)) {
      let store = try await SQLiteJournal.open(path: path, access: .readWrite(mode: 0o600))
      try await store.acceptReview("e1", to: 1, at: 1)
    }
  }

  @Test("A journal on an unwritable disk is read, and refused for writing")
  func unwritable() async throws {
    let disk = try #require(try SmallDisk(kilobytes: 2000))
    // A space and a percent sign, which a URI must not take for its own.
    let path = disk.path + "/my journal 100%25?.sqlite"
    var store: SQLiteJournal? = try await SQLiteJournal.open(path: path, access: .readWrite(mode: 0o600))
    try await store?.acceptReview("e1", to: 1, at: 1)
    store = nil
    #expect(try await disk.makeReadOnly())
    let reader = try await SQLiteJournal.open(path: path, access: .readOnly)
    #expect(try await reader.pending(limit: 9).count == 1)
    await #expect(throws: JournalError.readOnly(at: path)) {
      let writer = try await SQLiteJournal.open(path: path, access: .readWrite(mode: 0o600))
      try await writer.acceptReview("e2", to: 2, at: 2)
    }
    let fresh = disk.path + "/fresh.sqlite"
    await #expect(throws: JournalError.readOnly(at: fresh)) {
      _ = try await SQLiteJournal.open(path: fresh, access: .readWrite(mode: 0o600))
    }
  }

  @Test("A log that cannot be read is not left out in silence")
  func unreadLog() async throws {
    let disk = try #require(try SmallDisk(kilobytes: 2000))
    let live = try TestDirectory()
    let store = try await SQLiteJournal.open(path: live.database, access: .readWrite(mode: 0o600))
    try await store.acceptReview("e1", to: 1, at: 1)
    let path = disk.path + "/journal.sqlite"
    // As a process that was killed leaves it: the log is there, its shared memory is not.
    for suffix in ["", "-wal"] {
      try FileManager.default.copyItem(atPath: live.database + suffix, toPath: path + suffix)
    }
    #expect(try await disk.makeReadOnly())
    await #expect {
      _ = try await SQLiteJournal.open(path: path, access: .readOnly)
    } throws: { error in
      (error as? JournalError)?.description.contains("its last changes are in '\(path)-wal'") == true
    }
    // Control: where the directory can be written, it is read with its log.
    let copy = live.path + "/copy"
    for suffix in ["", "-wal"] { try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix) }
    let reader = try await SQLiteJournal.open(path: copy, access: .readOnly)
    #expect(try await reader.pending(limit: 9).count == 1)
  }
}
