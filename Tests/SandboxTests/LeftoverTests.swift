import Base
import FileSystem
import Glibc
import Sandbox
import TestSupport
import Testing

import class Foundation.Thread

/// Nothing is left of a cell, however Arborist ends.
///
/// One after the other, because each of them keeps the machine busy.
@Suite(.serialized)
struct LeftoverTests {
  @Test(arguments: 0..<24) func nothingOutlivesAKilledArborist(number: Int) async throws {
    guard geteuid() == 0 else { return print("Kills of Arborist are skipped: the user ids need root.") }
    let place = try Place(number)
    let pipe = try Pipe()
    let process = try Command.start(
      [Self.driver, place.state, "\(place.user)", place.checkout], in: "/", connectedTo: pipe.theirs)
    pipe.closeTheirs()
    // Killed some instants after it came to one of its points.
    var random = UInt64(number) &* 0x9e37_79b9_7f4a_7c15
    let points = ["a", "b", "bc", "bcd", "bcdcd", "bcdcdcde", "bcdcdcde", "b"][number % 8]
    let reached = await pipe.read(untilCount: points == "a" ? 1 : points.utf8.count + 1)
    for _ in 0..<(number / 8) * 20000 { random = random &* 6_364_136_223_846_793_005 &+ 1 }
    kill(process, SIGKILL)
    await wait(process)
    // The control: something was there to be left.
    if points.contains("d") { #expect(reached.contains(UInt8(ascii: "d"))) }
    while place.processes() > 0 { try await Task.sleep(for: .milliseconds(20)) }
    // What the kill left in the middle of its making ends at the latest with the next start.
    var options = Spawner.Options()
    options.state = Array(place.state.utf8)
    options.users = (place.user, 4)
    let spawner = try await Spawner(options)
    #expect(place.processes() == 0)
    #expect(place.groups() == 0)
    #expect(try Directory.names(Array(place.state.utf8)).allSatisfy { $0.hasSuffix(".lock") })
    let cell = try await spawner.makeCell(CellPolicy(checkout: Array(place.checkout.utf8)))
    #expect(try await cell.run("cat", "a.txt").output == "first\n")
    await cell.stop()
  }

  @Test func aKilledSpawnerTakesItsCellsAlong() async throws {
    guard geteuid() == 0 else { return }
    let place = try Place(100)
    var options = Spawner.Options()
    options.state = Array(place.state.utf8)
    options.users = (place.user, 4)
    let spawner = try await Spawner(options)
    let cell = try await spawner.makeCell(CellPolicy(checkout: Array(place.checkout.utf8)))
    _ = try await cell.start(CellCommand(["setsid", "sleep", "1000"].map { Array($0.utf8) }))
    while place.processes() < 2 { try await Task.sleep(for: .milliseconds(20)) }
    kill(spawner.processID, SIGKILL)
    while place.processes() > 0 { try await Task.sleep(for: .milliseconds(20)) }
  }

  @Test func stopLeavesNothing() async throws {
    guard geteuid() == 0 else { return }
    let place = try Place(101)
    var options = Spawner.Options()
    options.state = Array(place.state.utf8)
    options.users = (place.user, 4)
    let spawner = try await Spawner(options)
    let cell = try await spawner.makeCell(CellPolicy(checkout: Array(place.checkout.utf8)))
    _ = try await cell.shell("for i in 1 2 3; do (setsid sleep 1000 &); done; trap '' TERM; sleep 1000 &")
    #expect(place.processes() >= 4)
    #expect(place.groups() > 0 || !spawner.report.holding.contains(.controlGroup))
    await cell.stop()
    #expect(place.processes() == 0 && place.groups() == 0)
  }

  @Test func aSweepEndsWhatNobodyHolds() async throws {
    guard geteuid() == 0 else { return }
    let place = try Place(102)
    func stray(_ user: UInt32) throws -> Int32 {
      try Command.start(["setpriv", "--reuid", "\(user)", "--clear-groups", "sleep", "1000"], in: "/")
    }
    var options = Spawner.Options()
    options.state = Array(place.state.utf8)
    options.users = (place.user, 4)
    // At the start of a spawner.
    let first = try stray(place.user)
    while place.processes() == 0 { try await Task.sleep(for: .milliseconds(20)) }
    let spawner = try await Spawner(options)
    await wait(first)
    #expect(place.processes() == 0)
    // When asked; and another's run, whose lock is held, is let alone.
    let cell = try await spawner.makeCell(CellPolicy(checkout: Array(place.checkout.utf8)))
    let process = try await cell.start(CellCommand(["sleep", "1000"].map { Array($0.utf8) }))
    let running = place.processes()
    let second = try stray(place.user + 1)
    while place.processes() == running { try await Task.sleep(for: .milliseconds(20)) }
    let other = try await Spawner(options)
    await wait(second)
    #expect(try await other.sweep() == 0)
    #expect(try await cell.output(of: process, waiting: .zero).ending == nil)
    await cell.stop()
  }

  private static var driver: String {
    let bundle = (try? File.realPath(Array("/proc/self/exe".utf8))) ?? []
    return String(decoding: bundle.prefix(through: bundle.lastIndex(of: UInt8(ascii: "/")) ?? 0), as: UTF8.self)
      + "sandbox-driver"
  }
}

/// User ids, locks and a checkout of a test's own.
private struct Place {
  let user: UInt32
  let scratch: TemporaryDirectory
  var state: String { scratch.path + "/state" }
  var checkout: String { scratch.path + "/checkout" }

  init(_ number: Int) throws {
    user = 1_983_100_000 + UInt32(number) * 8
    scratch = try TemporaryDirectory()
    try Files.write("first\n".utf8, to: scratch.path + "/checkout/a.txt")
  }

  /// How many processes the users of this place have.
  func processes() -> Int {
    let names = (try? Directory.names(Array("/proc".utf8))) ?? []
    return names.filter { name in
      guard name.first.map({ (0x30...0x39).contains($0) }) ?? false else { return false }
      let text = (try? Files.read("/proc/\(String(decoding: name, as: UTF8.self))/status")) ?? []
      let status = String(decoding: text, as: UTF8.self)
      guard !status.contains("State:\tZ"), !status.contains("State:\tX") else { return false }
      let uid = status.split(separator: "\n").first { $0.hasPrefix("Uid:\t") }?.split(separator: "\t")[1]
      return uid.flatMap { UInt32($0) }.map { (user..<user + 4).contains($0) } ?? false
    }.count
  }

  /// How many control groups there are for them.
  func groups() -> Int {
    let parents = ["memory/arborist-cells", "pids/arborist-cells", "arborist-cells"]
    let deeper = String(decoding: (try? Files.read("/proc/self/cgroup")) ?? [], as: UTF8.self).split(separator: "\n")
      .compactMap { $0.split(separator: ":", omittingEmptySubsequences: false).last }
      .flatMap { path in ["memory\(path)/arborist-cells", "pids\(path)/arborist-cells"] }
    return (parents + deeper).reduce(0) { count, parent in
      count + (0..<UInt32(4)).filter { Files.exists("/sys/fs/cgroup/\(parent)/\(user + $0)") }.count
    }
  }
}

/// A pair of sockets of which one becomes a program's output.
private final class Pipe: Sendable {
  private let ours: Int32
  let theirs: Int32

  init() throws {
    var pair: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &pair) == 0 else {
      throw WrongPath()
    }
    (ours, theirs) = (pair[0], pair[1])
  }

  deinit { close(ours) }

  func closeTheirs() { close(theirs) }

  /// Bytes until there are so many, or no more come.
  func read(untilCount count: Int) async -> [UInt8] {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { [ours] in
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while bytes.count < count, Glibc.read(ours, &byte, 1) == 1 { bytes.append(byte) }
        continuation.resume(returning: bytes)
      }
    }
  }
}

/// Waits for a program off the threads that tests share.
private func wait(_ process: Int32) async {
  await withCheckedContinuation { continuation in
    Thread.detachNewThread {
      _ = Command.wait(for: process)
      continuation.resume()
    }
  }
}

extension [UInt8] {
  fileprivate func hasSuffix(_ text: String) -> Bool { suffix(text.utf8.count).elementsEqual(text.utf8) }
}
