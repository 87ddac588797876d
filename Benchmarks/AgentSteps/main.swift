// What 'arborist agent' takes for itself in each step against the scripted model, with the sandbox on and the journal
// written: from the end of an answer to the first byte of the next request. Beside it, in the same run, a bare loop in
// Python that has neither.

import BenchSupport
import Glibc

/// What every run is given.
struct Bench {
  let scratch: Scratch
  let repository: String
  private let arborist: String
  private let bare: String

  init() throws {
    scratch = try Scratch()
    chmod(scratch.path, 0o755)
    repository = scratch.path + "/repository"
    arborist = try Variables.program("arborist")
    bare = #filePath.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/bare.py"
    var git = Program.git("init", "--quiet", "--initial-branch=main", repository)
    try git.run()
    try Files.write(Array("first\n".utf8), to: repository + "/a.txt")
    for words in [["add", "."], ["commit", "--quiet", "--message", "begin"]] {
      git = Program(["git"] + words, in: repository)
      try git.run()
    }
  }

  /// Starts a run of the agent whose files are in a home of this name.
  func agent(_ session: String, of model: Model, home: String) throws -> Child {
    let directory = "\(scratch.path)/\(home)"
    mkdir(directory, 0o700)
    let words = [
      arborist, "agent", "--repo", repository, "--task", "Work.", "--model", "openai/gpt-5.5", "--profile", "openai",
      "--steps", "1000", "--usd", "1000",
    ]
    return try Child(
      words,
      variables: ["HOME": directory, "OPENAI_API_KEY": "sk-bench", "OPENAI_BASE_URL": model.url(session)],
      output: directory + "/output", errors: directory + "/errors")
  }

  func loop(_ session: String, of model: Model, steps: Int) throws -> Child {
    try Child(
      ["python3", bare, model.url(session), String(steps)], variables: ["HOME": scratch.path],
      output: "/dev/null", errors: scratch.path + "/bare.errors")
  }

  func finish(_ child: Child, home: String) throws {
    let status = child.wait()
    guard status == 0 else {
      let errors = (try? Files.lines("\(scratch.path)/\(home)/errors").last) ?? ""
      throw BenchFailure("'arborist agent' ended with status \(status): \(errors)")
    }
  }
}

/// What passed between each answer and the next request, in seconds.
func overheads(_ exchanges: [Model.Exchange], count: Int) throws -> [Double] {
  guard exchanges.count == count + 1 else {
    throw BenchFailure("\(exchanges.count) requests came instead of \(count + 1)")
  }
  return zip(exchanges, exchanges.dropFirst()).map { $1.began - $0.ended }
}

func figures(_ name: String, _ rounds: [[Double]]) -> Figures {
  var figures = Figures(name)
  for round in rounds {
    figures.nextRound()
    for time in round { figures.add(time) }
  }
  return figures
}

let steps = 80

/// Runs of 80 steps one after the other, and the bare loop in turn with them.
func short(_ bench: Bench, command: String, rounds: Int) throws -> (agent: [[Double]], loop: [[Double]]) {
  let name = "short\(command.utf8.count)"
  let model = try Model(steps: steps, command: command, in: bench.scratch, named: name)
  var result: (agent: [[Double]], loop: [[Double]]) = ([], [])
  for round in 0..<rounds {
    try bench.finish(try bench.agent("a\(round)", of: model, home: "home"), home: "home")
    result.agent.append(try overheads(model.exchanges("a\(round)"), count: steps))
    guard try bench.loop("b\(round)", of: model, steps: steps).wait() == 0 else {
      throw BenchFailure("the bare loop failed: is there a python3?")
    }
    result.loop.append(try overheads(model.exchanges("b\(round)"), count: steps))
  }
  return result
}

/// One of 500 steps.
func long(_ bench: Bench) throws -> [Double] {
  let model = try Model(steps: 500, command: "true {i}", in: bench.scratch, named: "long")
  try bench.finish(try bench.agent("a", of: model, home: "home"), home: "home")
  return try overheads(model.exchanges("a"), count: 500)
}

/// From the start of the process to its first request, for one that knows the model and for one that has to ask.
func starts(_ bench: Bench) throws -> (kept: [Double], first: [Double]) {
  let model = try Model(steps: 1, command: "true {i}", in: bench.scratch, named: "starts")
  var result: (kept: [Double], first: [Double]) = ([], [])
  func start(_ session: String, home: String) throws -> Double {
    let child = try bench.agent(session, of: model, home: home)
    try bench.finish(child, home: home)
    guard let first = try model.exchanges(session).first else { throw BenchFailure("no request came") }
    return first.began - child.started
  }
  // What is known of a model belongs to the address where it is asked, and so each has a session of its own.
  for round in 0..<15 { result.first.append(try start("n\(round)", home: "new\(round)")) }
  let kept = try Model(steps: 1, command: "true {i}", in: bench.scratch, named: "kept")
  for round in 0..<31 {
    let child = try bench.agent("k", of: kept, home: "home")
    _ = child.wait()
    let exchanges = try kept.exchanges("k")
    guard let request = exchanges.first(where: { $0.began > child.started }) else {
      throw BenchFailure("no request came")
    }
    if round > 0 { result.kept.append(request.began - child.started) }
  }
  return result
}

/// The memory of the whole tree at the 80th and at the 500th step; measured apart, because looking takes time.
func memory(_ bench: Bench) throws -> [(step: Int, proportional: Int, resident: Int)] {
  let model = try Model(steps: 520, command: "true {i}", in: bench.scratch, named: "memory")
  let child = try bench.agent("m", of: model, home: "home")
  var result: [(step: Int, proportional: Int, resident: Int)] = []
  for step in [steps, 500] {
    while model.count < step { usleep(3000) }
    let memory = child.memory
    result.append((step, memory.proportional, memory.resident))
  }
  try bench.finish(child, home: "home")
  return result
}

/// Four at the same time.
func together(_ bench: Bench) throws -> [[Double]] {
  let model = try Model(steps: steps, command: "true {i}", in: bench.scratch, named: "together")
  let children = try (0..<4).map { try bench.agent("t\($0)", of: model, home: "t\($0)") }
  for (number, child) in children.enumerated() { try bench.finish(child, home: "t\(number)") }
  return [try (0..<4).flatMap { try overheads(model.exchanges("t\($0)"), count: steps) }]
}

func megabytes(_ bytes: Int) -> String { Table.decimal(Double(bytes) / 1e6, 1) }

func run() throws {
  let bench = try Bench()
  let plain = try short(bench, command: "true {i}", rounds: 5)
  let output = try short(bench, command: "head -c 10240 /dev/zero | tr '\\0' {i}", rounds: 3)
  let many = try long(bench)
  let started = try starts(bench)
  let sizes = try memory(bench)
  let four = try together(bench)

  let loop = figures("bare loop in Python", plain.loop)
  let (head, tail) = (Array(many.prefix(80)), Array(many.suffix(80)))
  let outputLoop = figures("bare loop, 10 KB", output.loop)
  Table.print([
    Table.Row(figures("a step of 80", plain.agent), limit: 0.005, tailLimit: 0.010, other: loop), Table.Row(loop),
    Table.Row(figures("a step of 500, first 80", [head]), limit: 0.005, tailLimit: 0.010, other: loop),
    Table.Row(figures("a step of 500, last 80", [tail]), limit: 0.005, tailLimit: 0.010, other: loop),
    Table.Row(figures("a step with 10 KB of output", output.agent), limit: 0.008, other: outputLoop),
    Table.Row(outputLoop),
    Table.Row(figures("a step, four at once", four), limit: 0.015, other: loop),
    Table.Row(figures("start to first request", [started.kept]), limit: 0.100),
    Table.Row(figures("the same, model not known", [started.first])),
  ])
  print("")
  for (size, limit) in zip(sizes, [70, 100]) {
    let isMet = size.proportional < limit * 1_000_000
    print(
      "Memory of all processes at step \(size.step): \(megabytes(size.proportional)) MB (Pss; to reach: \(limit) MB, "
        + "\(isMet ? "met" : "MISSED")), \(megabytes(size.resident)) MB with what is shared counted for each (Rss).")
  }
}

do {
  try run()
} catch {
  print("AgentSteps: \(error)")
  exit(4)
}
