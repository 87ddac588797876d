// What running tests costs beside the tests: a stage over a tree of 5,000 files, and reading what runners print.

import Base
import BenchSupport
import Git
import Glibc
import TestResults
import Verify
import Workspace

func seconds(_ duration: Duration) -> Double {
  Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
}

/// Prints what pytest prints of this many bytes: tests with dots, and failures with what they compared.
let printer = """
  import sys
  size = int(sys.argv[1]); out = sys.stdout.write; done = 0
  out("============================= test session starts ==============================\\n")
  out("collected 1000 items\\n\\n")
  number = 0
  while done < size - 400:
      number += 1
      line = f"tests/test_module{number % 50}.py::TestCase::test_number_{number} PASSED [ {number % 100:2}%]\\n"
      done += len(line); out(line)
  out(f"\\n============================== {number} passed in 1.00s ==============================\\n")
  """

struct Stages {
  let scratch: Scratch
  let repository: RepositoryActor<PrivateRepository>
  let cells: CellMaker
  let main: ObjectID
  let topic: ObjectID
  private var count = 0

  init() async throws {
    scratch = try Scratch()
    let source = scratch.path + "/source"
    let generated = GeneratedRepository(
      files: 5000, linesPerFile: 60, change: GeneratedRepository.Change(files: 3, lines: 5))
    try generated.make(at: source, in: scratch)
    let path = scratch.path + "/private"
    repository = try await RepositoryActor.open { () throws(GitError) in
      try PrivateRepository.create(at: path, borrowing: [source + "/objects"])
    }
    cells = CellMaker(program: Array(try Variables.program("arborist-cell").utf8), isTrusted: false) { _ in }
    await cells.prepare()
    func tip(_ branch: String) throws -> ObjectID {
      let lines = try Files.lines(source + "/refs/heads/\(branch)")
      guard let id = lines.first.flatMap({ ObjectID(hex: $0) }) else { throw BenchFailure("no branch \(branch)") }
      return id
    }
    (main, topic) = (try tip("main"), try tip("topic"))
  }

  mutating func stage(_ test: String, setup: [String] = []) -> TestStage {
    count += 1
    return TestStage(
      StageOrder(
        repository: repository, commit: main, commands: TestCommands(setup: setup, test: [test], seconds: 600),
        directory: scratch.path + "/stage\(count)"), cells: cells)
  }
}

/// The time around a command, without what the command itself took.
func around(_ stage: TestStage, _ trees: [ObjectID], _ name: String) async throws -> Figures {
  let clock = ContinuousClock()
  var figures = Figures(name)
  for round in 0..<4 {
    if round == 1 { figures = Figures(name) }
    for number in 0..<20 {
      let start = clock.now
      let execution = try await stage.run(trees[number % trees.count])
      let whole = seconds(start.duration(to: clock.now))
      figures.add(whole - execution.commands.reduce(0) { $0 + seconds($1.elapsed) })
    }
    figures.nextRound()
  }
  return figures
}

func runs() async throws -> [Table.Row] {
  var stages = try await Stages()
  let clock = ContinuousClock()
  let trees = try await stages.repository.perform { [main = stages.main, topic = stages.topic] repository in
    [try repository.tree(of: main), try repository.tree(of: topic)]
  }
  var prepare = Figures("prepare: checkout, cell")
  for _ in 0..<4 {
    let stage = stages.stage("true")
    prepare.add(seconds(try await clock.measure { try await stage.prepare() }))
    await stage.close()
  }
  var rows = [Table.Row(prepare)]
  let limit = 0.15
  let plain = stages.stage("true")
  rows.append(Table.Row(try await around(plain, [trees[0]], "true, no difference"), limit: limit))
  rows.append(Table.Row(try await around(plain, trees, "true, three files differ"), limit: limit))
  await plain.close()
  let built = stages.stage("true", setup: ["pip install --help > /dev/null", "cp -r module0 built; mkdir -p ~/.cache"])
  rows.append(Table.Row(try await around(built, [trees[0]], "true, with setup, no difference"), limit: limit))
  await built.close()
  let script = printer.split(separator: "'").joined(separator: #"'\''"#)
  for (name, size) in [("10 KB", 10_000), ("1 MB", 1_000_000)] {
    let stage = stages.stage("python3 -c '\(script)' \(size)")
    rows.append(Table.Row(try await around(stage, trees, "\(name) of pytest's output"), limit: limit))
    await stage.close()
  }
  return rows
}

// MARK: Reading

/// A log of about so many bytes, in the form of a runner.
func log(_ form: String, _ size: Int) -> [UInt8] {
  var text: [UInt8] = []
  text.reserveCapacity(size + 400)
  var number = 0
  func add(_ line: String) { text += Array((line + "\n").utf8) }
  switch form {
  case "pytest":
    add("============================= test session starts ==============================")
    add("collected 1000000 items")
    while text.count < size {
      number += 1
      add("tests/test_module\(number % 50).py::TestCase::test_number_\(number) PASSED [ \(number % 100)%]")
    }
    add("============================== \(number) passed in 1.00s ==============================")
  case "go":
    while text.count < size {
      number += 1
      add(#"{"Action":"run","Package":"example.org/a","Test":"TestNumber\#(number)"}"#)
      add(#"{"Action":"output","Package":"example.org/a","Test":"TestNumber\#(number)","Output":"=== RUN\n"}"#)
      add(#"{"Action":"pass","Package":"example.org/a","Test":"TestNumber\#(number)","Elapsed":0}"#)
    }
    add(#"{"Action":"pass","Package":"example.org/a","Elapsed":1}"#)
  case "tap":
    while text.count < size {
      number += 1
      add("ok \(number) - adds number \(number) to what is there")
    }
    add("1..\(number)")
  case "errors":
    while text.count < size {
      number += 1
      add("src/module\(number % 90).c:\(number % 1000):7: error: expected ';' before 'value' in round \(number)")
    }
  default:
    while text.count < size {
      number += 1
      add("2024-01-01 12:00:00 INFO [worker-\(number % 8)] request \(number) handled, nothing to be said about it")
    }
  }
  return text
}

func reading() -> [Table.Row] {
  let clock = ContinuousClock()
  var rows: [Table.Row] = []
  for form in ["words", "pytest", "tap", "go", "errors"] {
    for (name, size) in [("10 MB", 10_000_000), ("100 MB", 100_000_000)] {
      let bytes = log(form, size)
      var figures = Figures("read \(name): \(form)")
      let evidence = TestEvidence(command: [form == "go" ? "go" : "x", "test"], status: 1, output: bytes)
      figures.add(seconds(clock.measure { _ = TestResultReader.read(evidence) }))
      // Twenty readers look at each line, and the form of the many tests with short lines takes longest.
      rows.append(Table.Row(figures, limit: Double(size) / 1e6 * 0.25))
    }
  }
  return rows
}

do {
  let words = CommandLine.arguments.dropFirst()
  var rows = words.contains("reading") ? [] : try await runs()
  if !words.contains("runs") { rows += reading() }
  Table.print(rows)
  let missed = rows.filter { row in row.limit.map { row.figures.best() >= $0 } ?? false }
  if !missed.isEmpty {
    print("\nmissed: " + missed.map(\.figures.name).joined(separator: "; "))
    exit(1)
  }
} catch {
  print("TestRuns: \(error)")
  exit(4)
}
