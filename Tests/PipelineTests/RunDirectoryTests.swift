import Base
import FileSystem
import TestSupport
import Testing
import Work

@testable import Pipeline

/// The directory of a run and whoever sweeps up behind the dead, one step of each after the other.
struct RunDirectoryTests {
  private let runs: TemporaryDirectory
  private let run = RunID(random: 7)

  init() throws {
    runs = try TemporaryDirectory()
  }

  private func names() throws -> [String] {
    try Directory.names(Array(runs.path.utf8)).map { String(decoding: $0, as: UTF8.self) }.sorted()
  }

  /// What a sweep does where no journal knows the run.
  private func sweep() {
    RunDirectory.Draft.sweep(under: runs.path)
    for run in RunDirectory.unfinished(under: runs.path) {
      try? RunDirectory.existing(run, under: runs.path)?.tidy()
    }
  }

  private func isNone(_ one: consuming RunDirectory?) -> Bool {
    switch consume one {
    case .none: true
    case .some: false
    }
  }

  private func isNone(_ one: consuming RunDirectory.LockedDraft?) -> Bool {
    switch consume one {
    case .none: true
    case .some: false
    }
  }

  @Test func isSweptWhereItsProcessIsDead() throws {
    // The control: with the lock goes the claim.
    do { _ = try RunDirectory.open(run, under: runs.path) }
    #expect(try names() == [run.text])
    sweep()
    #expect(try names() == [])
    do { _ = try RunDirectory.Draft(of: run, under: runs.path) }
    sweep()
    #expect(try names() == [])
  }

  @Test func isNeverSeenUnlocked() throws {
    let draft = try RunDirectory.Draft(of: run, under: runs.path)
    #expect(RunDirectory.unfinished(under: runs.path) == [])
    let locked = try draft.locked()
    sweep()
    #expect(RunDirectory.unfinished(under: runs.path) == [])
    switch consume locked {
    case .none: Issue.record("nobody else had it")
    case .some(let locked):
      guard let directory = try locked.published() else {
        Issue.record("nobody else has made it")
        return
      }
      sweep()
      #expect(directory.path == runs.path + "/" + run.text)
      #expect(throws: RunIsBusy.self) { _ = try RunDirectory.existing(run, under: runs.path) }
      #expect(try names() == [run.text])
      _ = consume directory
    }
  }

  @Test func sweptBeforeItsLockIsMadeAnew() throws {
    let draft = try RunDirectory.Draft(of: run, under: runs.path)
    sweep()
    #expect(try names() == [])
    let gone = isNone(try draft.locked())
    #expect(gone)
    let directory = try RunDirectory.open(run, under: runs.path)
    #expect(try names() == [run.text])
    try directory.remove()
  }

  @Test func madeByTwoIsOnesAlone() throws {
    guard let first = try RunDirectory.Draft(of: run, under: runs.path).locked(),
      let second = try RunDirectory.Draft(of: run, under: runs.path).locked()
    else {
      Issue.record("nobody else had them")
      return
    }
    guard let one = try first.published() else {
      Issue.record("it is the first")
      return
    }
    let isRefused = isNone(try second.published())
    #expect(isRefused)
    #expect(throws: RunIsBusy.self) { _ = try RunDirectory.open(run, under: runs.path) }
    #expect(try names() == [run.text])
    try one.remove()
    #expect(try names() == [])
  }

  @Test func thrownAwayByItsOwnerIsNotFoundAgain() throws {
    let directory = try RunDirectory.open(run, under: runs.path)
    let path = Array(directory.path.utf8)
    // Opened before it is thrown away, locked after.
    let late = try FileDescriptor(opening: path + Array("/lock".utf8), .readWriteOrCreate(mode: 0o600))
    try directory.remove()
    let isLocked = try late.tryLock()
    #expect(isLocked)
    let isGone = isNone(try RunDirectory.existing(run, under: runs.path))
    #expect(isGone)
    #expect(try names() == [])
  }
}
