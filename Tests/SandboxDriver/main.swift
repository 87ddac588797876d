// Makes cells and fills them with processes until it is killed: `sandbox-driver STATE FIRST-UID CHECKOUT`. A letter on
// standard output says how far it has come. `sandbox-driver try` makes one cell and says how that went.

import Glibc
import Sandbox

func say(_ letter: String) {
  _ = letter.withCString { write(1, $0, 1) }
}

/// Leaves processes behind in every way that they could outlive their parent.
let script = """
  (setsid sleep 1000 &) ; (trap '' TERM HUP; sleep 1001 & wait) & setsid bash -c 'sleep 1002 & sleep 1003' &
  python3 -c 'import os,time
  for _ in range(3):
      if os.fork() == 0: os.setsid()
  time.sleep(1004)' &
  exec sleep 1005
  """

do {
  let words = CommandLine.arguments
  if words.count == 2, words[1] == "try" {
    let spawner = try await Spawner()
    print("confines: \(spawner.report.confinesUntrusted)")
    try await spawner.tryCell()
    print("made")
    exit(0)
  }
  var options = Spawner.Options()
  options.state = Array(words[1].utf8)
  options.users = (UInt32(words[2]) ?? 0, 4)
  say("a")
  let spawner = try await Spawner(options)
  say("b")
  var cells: [ConfinedCell] = []
  for _ in 0..<3 {
    let cell = try await spawner.makeCell(CellPolicy(checkout: Array(words[3].utf8)))
    say("c")
    _ = try await cell.start(CellCommand(["bash", "-c", script].map { Array($0.utf8) }))
    say("d")
    cells.append(cell)
  }
  _ = try await cells[0].checkpoint()
  await cells[1].stop()
  say("e")
  // Whoever does not read any more stops this by a full pipe, and ends it by going away.
  while true {
    _ = try await cells[0].changes()
    say(".")
  }
} catch {
  print(error)
  exit(1)
}
