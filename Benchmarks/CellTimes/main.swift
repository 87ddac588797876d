// What a cell costs: its start and end, each command in it as seen from Swift, and the memory of its processes.

import BenchSupport
import Glibc
import Sandbox

/// The resident size of a process and of all that descend from it, in bytes.
func residentBytes(_ process: Int32) -> Int {
  let root = "/proc/\(process)"
  guard let pages = (try? Files.lines(root + "/statm"))?.first?.split(separator: " ").dropFirst().first else {
    return 0
  }
  let children = (try? Files.lines(root + "/task/\(process)/children"))?.first ?? ""
  return (Int(pages) ?? 0) * 4096
    + children.split(separator: " ").compactMap { Int32($0) }.reduce(0) { $0 + residentBytes($1) }
}

func seconds(_ duration: Duration) -> Double {
  Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
}

func run() async throws {
  let scratch = try Scratch()
  let checkout = try scratch.directory("checkout")
  for number in 0..<200 { try Files.write(Array("line \(number)\n".utf8), to: checkout + "/file\(number)") }
  var options = Spawner.Options()
  options.program = Array(try Variables.program("arborist-cell").utf8)
  let clock = ContinuousClock()
  var spawner: Spawner?
  var figures = [Figures("spawner, start")]
  figures[0].add(seconds(try await clock.measure { spawner = try await Spawner(options) }))
  guard let spawner else { throw BenchFailure("there is no spawner") }
  if let missing = spawner.report.missing { throw BenchFailure("\(missing.wall.name): \(missing.detail)") }

  let policy = CellPolicy(checkout: Array(checkout.utf8))
  var start = Figures("cell, start")
  var stop = Figures("cell, stop")
  for round in 0..<6 {
    if round == 1 { (start, stop) = (Figures(start.name), Figures(stop.name)) }
    for _ in 0..<20 {
      var cell: ConfinedCell?
      start.add(seconds(try await clock.measure { cell = try await spawner.makeCell(policy) }))
      stop.add(seconds(await clock.measure { await cell?.stop() }))
    }
    start.nextRound()
    stop.nextRound()
  }

  let cell = try await spawner.makeCell(policy)
  let commands = [["true"], ["sh", "-c", "true"], ["bash", "-lc", "true"]]
  var times = commands.map { Figures($0.joined(separator: " ")) }
  for round in 0..<6 {
    for (index, words) in commands.enumerated() {
      if round == 1 { times[index] = Figures(times[index].name) }
      for _ in 0..<100 {
        times[index].add(
          seconds(
            try await clock.measure {
              let process = try await cell.start(CellCommand(words.map { Array($0.utf8) }))
              _ = try await cell.output(of: process, waiting: .seconds(10))
            }))
      }
      times[index].nextRound()
    }
  }
  let resident = residentBytes(spawner.processID)
  await cell.stop()

  var rows = figures.map { Table.Row($0) }
  rows += [Table.Row(start, limit: 0.015), Table.Row(stop)]
  rows += times.map { Table.Row($0, limit: 0.003) }
  Table.print(rows)
  print("")
  print("Spawner and the cell's first process: \(Table.decimal(Double(resident) / 1e6, 2)) MB resident (to reach: 5).")
}

do {
  try await run()
} catch {
  print("CellTimes: \(error)")
  exit(4)
}
