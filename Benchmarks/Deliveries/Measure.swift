internal import BenchSupport
internal import Foundation
internal import Glibc

/// One measurement, printed line by line.
struct Measure {
  var program: String
  var seconds: Double
  var connections: Int
  var rate: Double
  var database: String?
  var directory: String

  func run() throws {
    let place = "\(directory)/arborist-deliveries-\(getpid())"
    mkdir(place, 0o700)
    defer { try? FileManager.default.removeItem(atPath: place) }
    let isPostgres = database?.hasPrefix("postgres") ?? false
    let journal = database ?? "\(place)/journal.sqlite"
    let own = try FileManager.default.destinationOfSymbolicLink(atPath: program)
    let payloads = (1...500).map { Payload(number: $0, secret: BenchServer.secret) }
    print("database        \(isPostgres ? "PostgreSQL" : "SQLite"), \(connections) connections, \(Int(seconds)) s")
    print(Self.line("one fsync", "\(Self.milliseconds(try Self.sync(in: place))) (median of 200 of 4 KiB)"))
    let server = try BenchProcess(program: own, database: journal, log: "\(place)/log")
    defer { server.end() }
    // What only the beginning takes is not the idle state.
    let first = try Generator(port: server.port, connections: 1, rate: 0, payloads: payloads)
    try first.run(seconds: 0.2)
    usleep(2_000_000)
    let idle = try server.memory().now
    let (serverBefore, ownBefore) = (try server.cpu(), Self.ownCPU())
    let before = try count(journal, isPostgres)
    let generator = try Generator(port: server.port, connections: connections, rate: rate, payloads: payloads)
    let begin = Generator.now()
    try generator.run(seconds: seconds)
    let elapsed = Generator.now() - begin
    let (memory, serverCPU) = (try server.memory(), try server.cpu() - serverBefore)
    let ownCPU = Self.ownCPU() - ownBefore
    let sorted = generator.latencies.sorted()
    func quantile(_ share: Double) -> Double {
      sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
    }
    let after = try stored(journal, isPostgres)
    let lost = generator.accepted.indices.count {
      generator.accepted[$0] && !after.deliveries.contains("github:d-\($0)")
    }
    print(
      Self.line(
        "answered",
        "\(sorted.count) (\(Int(Double(sorted.count) / elapsed)) a second), \(generator.repeated) repeated, \(generator.refused) refused"
      ))
    print(
      Self.line(
        "latency",
        "p50 \(Self.milliseconds(quantile(0.5))), p95 \(Self.milliseconds(quantile(0.95))), p99 \(Self.milliseconds(quantile(0.99))), max \(Self.milliseconds(sorted.last ?? 0))"
      ))
    print(Self.line("lost", "\(lost) of \(generator.unique) acknowledged"))
    print(
      Self.line(
        "jobs",
        "\(after.jobs) for \(after.deliveries.count) deliveries, \(after.jobs == after.deliveries.count ? "one each" : "NOT one each") (\(before) from warming up)"
      ))
    print(
      Self.line(
        "server",
        "\(Self.percent(serverCPU / elapsed)) of a processor, resident \(Self.mega(idle)) idle, \(Self.mega(memory.now)) after, \(Self.mega(memory.peak)) at most"
      ))
    print(Self.line("generator", "\(Self.percent(ownCPU / elapsed)) of a processor"))
  }

  /// The deliveries and the number of jobs that the database holds, as its own program sees them.
  private func stored(_ journal: String, _ isPostgres: Bool) throws -> (deliveries: Set<String>, jobs: Int) {
    let deliveries = try query("SELECT id FROM \(table("deliveries", isPostgres))", journal, isPostgres)
    let jobs = try query("SELECT count(*) FROM \(table("jobs", isPostgres))", journal, isPostgres)
    return (Set(deliveries), Int(jobs.first ?? "") ?? -1)
  }

  private func count(_ journal: String, _ isPostgres: Bool) throws -> Int {
    Int(try query("SELECT count(*) FROM \(table("deliveries", isPostgres))", journal, isPostgres).first ?? "") ?? -1
  }

  private func table(_ name: String, _ isPostgres: Bool) -> String { isPostgres ? "arborist.\(name)" : name }

  private func query(_ sql: String, _ journal: String, _ isPostgres: Bool) throws -> [String] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = isPostgres ? ["psql", "-X", "-A", "-t", "-c", sql, journal] : ["sqlite3", journal, sql]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw BenchFailure("'\(sql)' failed") }
    return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  /// What one fsync takes in this directory, at the median, in seconds.
  private static func sync(in directory: String) throws -> Double {
    let path = "\(directory)/sync"
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw BenchFailure("cannot write in \(directory)") }
    defer {
      close(file)
      unlink(path)
    }
    let page = [UInt8](repeating: 1, count: 4096)
    var times: [Double] = []
    for index in 0..<200 {
      let begin = Generator.now()
      pwrite(file, page, page.count, index * page.count)
      fsync(file)
      times.append(Generator.now() - begin)
    }
    return times.sorted()[100]
  }

  private static func ownCPU() -> Double {
    var usage = rusage()
    getrusage(RUSAGE_SELF.rawValue, &usage)
    return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
      + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
  }

  private static func line(_ name: String, _ text: String) -> String {
    name + String(repeating: " ", count: max(1, 16 - name.count)) + text
  }

  private static func milliseconds(_ seconds: Double) -> String { "\((seconds * 100_000).rounded() / 100) ms" }
  private static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }
  private static func mega(_ bytes: Int) -> String { "\((bytes + (1 << 19)) >> 20) MiB" }
}
