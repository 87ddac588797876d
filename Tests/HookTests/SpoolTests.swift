import Base
import FileSystem
import Spool
import TestSupport
import Testing
import Work

@Suite struct SpoolTests {
  private func update(_ name: String) throws -> RefUpdate {
    try RefUpdate(hookLine: Array(hookLine(7, name).dropLast().utf8))
  }

  private func write(_ state: StateDirectory, _ names: [String], time: Int64 = 5) throws -> [UInt8] {
    var writer = try SpoolWriter(
      into: state, repository: Array("/a\nb".utf8), actor: [0xff, 0x20], time: Timestamp(milliseconds: time))
    for name in names { try writer.append(.push(update(name))) }
    let name = writer.name
    try writer.finish()
    return name
  }

  @Test func whatIsWrittenIsRead() throws {
    let test = try TestState()
    let name = try write(test.state, ["refs/heads/a", "refs/tags/b"])
    let reader = SpoolReader(test.state)
    #expect(try reader.names() == [name])
    let expected = Delivery(
      repository: Array("/a\nb".utf8), actor: [0xff, 0x20], time: Timestamp(milliseconds: 5),
      updates: [try update("refs/heads/a"), try update("refs/tags/b")])
    #expect(try reader.read(name) == .delivery(expected))
    #expect(try reader.names() == [name], "it stays until the journal has it")
    try reader.remove(name)
    try reader.remove(name)
    #expect(try reader.names() == [])
    #expect(try reader.read(name) == .gone)
  }

  @Test func theOrderIsThatOfTime() throws {
    let test = try TestState()
    let times: [Int64] = [9, 100_000_000_000, 10, 1_700_000_000_000, 999]
    let names = try times.map { (time: $0, name: try write(test.state, ["refs/heads/a"], time: $0)) }
    #expect(try SpoolReader(test.state).names() == names.sorted { $0.time < $1.time }.map(\.name))
  }

  @Test func aDeliveryThatIsNotFinishedLeavesNothing() throws {
    let test = try TestState()
    do {
      var writer = try SpoolWriter(into: test.state, repository: [1], actor: [], time: Timestamp(milliseconds: 1))
      try writer.append(.push(update("refs/heads/a")))
      #expect(try Directory.names(test.state.spoolTemporary).count == 1)
    }
    #expect(try Directory.names(test.state.spoolTemporary) == [])
    #expect(try Directory.names(test.state.spoolNew) == [])
  }

  static let malformed = ["", "x", "arborist-spool 1\n", "arborist-spool 2\nend\n", "arborist-spool 1\ntime 5\nend\n"]

  @Test(arguments: malformed)
  func whatIsNoDeliveryIsSetAsideAndKept(content: String) throws {
    let test = try TestState()
    let good = try write(test.state, ["refs/heads/a"])
    try Files.write(content.utf8, to: test.path + "/spool/new/bad")
    let reader = SpoolReader(test.state)
    guard case .setAside(let line) = try reader.read(Array("bad".utf8)) else {
      Issue.record("it was taken for a delivery")
      return
    }
    #expect(line.contains("spool/bad/bad"))
    #expect(!line.contains("\n"))
    #expect(try Files.read(test.path + "/spool/bad/bad") == Array(content.utf8))
    #expect(try reader.names() == [good])
  }

  @Test(arguments: ["mkfifo", "mkdir", "ln -s nowhere", "ln -s /etc/hostname"])
  func whatIsNoFileIsSetAside(command: String) throws {
    let test = try TestState()
    _ = try Command.run(["sh", "-c", "\(command) spool/new/odd"], in: test.path)
    let reader = SpoolReader(test.state)
    #expect(try reader.names() == [Array("odd".utf8)])
    guard case .setAside = try reader.read(Array("odd".utf8)) else {
      Issue.record("it was taken for a delivery")
      return
    }
    #expect(try reader.names() == [])
    #expect(try Directory.names(test.state.spoolBad) == [Array("odd".utf8)])
  }

  @Test func leftoversAreSweptAfterAnHour() throws {
    let test = try TestState()
    try Files.write("x".utf8, to: test.path + "/spool/tmp/old")
    try Files.write("x".utf8, to: test.path + "/spool/tmp/young")
    _ = try Command.run(["touch", "-d", "@1000000", test.path + "/spool/tmp/old"], in: "/")
    _ = try Command.run(["touch", "-d", "@1003000", test.path + "/spool/tmp/young"], in: "/")
    #expect(try SpoolReader(test.state).sweep(now: Timestamp(seconds: 1_003_601)) == 1)
    #expect(try Directory.names(test.state.spoolTemporary) == [Array("young".utf8)])
  }

  @Test func theGroupMayReadWhatASharedSpoolHolds() throws {
    let test = try TestState()
    let own = try write(test.state, ["refs/heads/a"])
    _ = try Command.run(["chmod", "2770", test.path + "/spool/tmp"], in: "/")
    let common = try write(test.state, ["refs/heads/a"])
    #expect(try FileStatus(test.state.spoolNew + Array("/".utf8) + own)?.mode == 0o600)
    #expect(try FileStatus(test.state.spoolNew + Array("/".utf8) + common)?.mode == 0o660)
  }
}

@Suite struct WorkerLockTests {
  @Test func oneWorkerAtATime() throws {
    let test = try TestState()
    #expect(try !WorkerLock.isHeld(test.state))
    do {
      guard let lock = try WorkerLock.acquire(test.state) else {
        Issue.record("nobody else has it")
        return
      }
      #expect(try WorkerLock.isHeld(test.state))
      #expect(try WorkerLock.acquire(test.state) == nil ? true : false)
      lock.release()
    }
    #expect(try !WorkerLock.isHeld(test.state))
    #expect(try WorkerLock.acquire(test.state) == nil ? false : true)
  }

  @Test func aDeliveryThatComesLateStartsAnotherRound() async throws {
    let test = try TestState()
    var rounds = 0
    let turn = try await WorkerTurn.run(test.state) {
      rounds += 1
      for name in try SpoolReader(test.state).names() { try SpoolReader(test.state).remove(name) }
      // Comes after the spool was emptied, while the lock is held: its hook starts no worker.
      if rounds == 1 {
        let result = try test.postReceive(hookLine())
        #expect(result.status == 0)
        #expect(!String(decoding: result.errors, as: UTF8.self).contains("no worker"))
      }
      return []
    }
    #expect(turn == .done)
    #expect(rounds == 2)
    #expect(try SpoolReader(test.state).names() == [])
  }

  @Test func whatIsLeftOnPurposeStartsNoOtherRound() async throws {
    let test = try TestState()
    try Files.write("x".utf8, to: test.path + "/spool/new/left")
    var rounds = 0
    let turn = try await WorkerTurn.run(test.state) {
      rounds += 1
      return [Array("left".utf8)]
    }
    #expect(turn == .done)
    #expect(rounds == 1)
  }

  @Test func aSecondWorkerDoesNothing() async throws {
    let test = try TestState()
    let lock = try WorkerLock.acquire(test.state)
    var rounds = 0
    let turn = try await WorkerTurn.run(test.state) {
      rounds += 1
      return []
    }
    #expect(turn == .anotherWorks)
    #expect(rounds == 0)
    lock?.release()
  }
}
