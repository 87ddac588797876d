// What it costs a step to keep the files of a run: with few and many files that earlier steps have changed, where the
// step itself changed none or one.

import Agent
import BenchSupport
import Glibc
import Sandbox

func seconds(_ duration: Duration) -> Double {
  Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
}

func shell(_ script: String, in cell: any Cell) async throws {
  let process = try await cell.start(CellCommand(["sh", "-c", script].map { Array($0.utf8) }))
  while try await cell.output(of: process, waiting: .seconds(60)).ending == nil {}
}

func run() async throws {
  let scratch = try Scratch()
  let checkout = try scratch.directory("checkout")
  for number in 0..<200 { try Files.write(Array("line \(number)\n".utf8), to: checkout + "/file\(number)") }
  var options = Spawner.Options()
  options.program = Array(try Variables.program("arborist-cell").utf8)
  let spawner = try await Spawner(options)
  let clock = ContinuousClock()
  var rows: [Table.Row] = []
  for count in [0, 100, 5000] {
    let cell = try await spawner.makeCell(CellPolicy(checkout: Array(checkout.utf8), isTrusted: true))
    let keeper = try FilesKeeper(cell, directory: try scratch.directory("kept\(count)") + "/files")
    var manifest = FilesManifest()
    try await shell("mkdir -p a/b; for i in $(seq 1 \(count)); do echo $i >a/b/$i; done", in: cell)
    if let delta = try await keeper.changes(since: manifest) { manifest.take(delta) }
    var none = Figures("\(count) files changed before, none in the step")
    var one = Figures("\(count) files changed before, one in the step")
    for round in 0..<6 {
      if round == 1 { (none, one) = (Figures(none.name), Figures(one.name)) }
      for step in 0..<40 {
        try await shell("true", in: cell)
        none.add(seconds(try await clock.measure { _ = try await keeper.changes(since: manifest) }))
        try await shell("echo \(round).\(step) >one", in: cell)
        one.add(
          seconds(
            try await clock.measure {
              if let delta = try await keeper.changes(since: manifest) { manifest.take(delta) }
            }))
      }
      none.nextRound()
      one.nextRound()
    }
    guard manifest.entries.count == count + 1 else {
      throw BenchFailure("\(manifest.entries.count) files are kept, and \(count + 1) differ")
    }
    rows += [Table.Row(none), Table.Row(one)]
    await cell.stop()
  }
  Table.print(rows)
}

do {
  try await run()
} catch {
  print("KeptFiles: \(error)")
  exit(4)
}
