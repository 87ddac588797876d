import Foundation
import Sandbox
import Testing

@testable import Tools

/// States of the workspace that are kept before commands that destroy.
struct CheckpointTests {
  @Test("a command that destroys can be undone")
  func undo() async throws {
    try await Bench.with(.generic) { bench async throws in
      let set = "git init -q . && echo one >a && git add a && git commit -qm x && echo two >a && echo new >b"
      #expect(try await bench.call("bash", "{\"command\":\"\(set)\"}").text == "[exit code 0]")
      #expect(try await bench.call("bash", #"{"command":"arborist undo"}"#).isError)
      let answer = try await bench.call("bash", #"{"command":"git reset -q --hard && git clean -qfd"}"#)
      #expect(answer.text.contains("`arborist undo` brings it back, in a call of its own"))
      #expect(try await bench.text("a") == "one\n")
      #expect(try await bench.exists("b") == false)
      #expect(try await bench.call("bash", #"{"command":"echo x; arborist undo"}"#).isError)
      #expect(
        try await bench.call("bash", #"{"command":"arborist undo list"}"#).text
          == "`arborist undo` takes no arguments; nothing was run.")
      let undone = try await bench.call("bash", #"{"command":" arborist  undo\n"}"#)
      #expect(
        undone.text
          == "The workspace is as it was before `git reset -q --hard && git clean -qfd`; later edits are undone "
          + "too. Set back to what they were: `a`, `b`. 0 earlier states are kept.")
      #expect(!undone.isError)
      #expect(try await bench.text("a") == "two\n")
      #expect(try await bench.text("b") == "new\n")
    }
  }

  @Test("an undo names the command it is for, one after the other, and few of many files")
  func names() async throws {
    try await Bench.with(.generic) { bench async throws in
      let run = { (command: String) async throws in
        try await bench.call("bash", "{\"command\":\"\(command)\"}").text
      }
      _ = try await run("mkdir d; for i in $(seq 10 35); do echo $i >d/$i; done; echo x >e")
      _ = try await run("rm -rf d # \(String(repeating: "x", count: 300))")
      _ = try await run("rm -rf e\\ntrue")
      #expect(
        try await run("arborist undo")
          == "The workspace is as it was before `rm -rf e\\ntrue`; later edits are undone too. Set back to what it was: "
          + "`e`. 1 earlier state is kept.")
      let second = try await run("arborist undo")
      #expect(second.contains("before `rm -rf d # xxx") && second.contains("x…`; later"))
      #expect(second.contains("they were: `d/10`, `d/11`") && second.contains("`d/21` and 14 more. 0 earlier"))
      // Where nothing was destroyed in the end, that is said.
      _ = try await run("rm -rf none")
      #expect(try await run("arborist undo").contains("No file outside of `.git` was another one."))
    }
  }

  @Test("the oldest state is given up where there are too many, and one that was gone back to")
  func forgets() async throws {
    try await Bench.with(.generic) { bench async throws in
      let run = { (command: String) async throws in
        try await bench.call("bash", "{\"command\":\"\(command)\"}").text
      }
      let kept = { () async throws in
        try await bench.cell.list(.temporary, limit: 99).count { $0.name.starts(with: "kept".utf8) }
      }
      for number in 0..<16 { _ = try await run("rm -rf x\(number)") }
      let all = await bench.toolbox.remembered()
      #expect(all.checkpoints.count == 16 && all.commands.count == 16)
      _ = try await run("rm -rf x16")
      let later = await bench.toolbox.remembered()
      #expect(later.checkpoints == all.checkpoints.dropFirst() + later.checkpoints.suffix(1))
      #expect(Set(later.commands.values) == Set((1...16).map { "rm -rf x\($0)" }))
      if bench.cell is LocalCell { #expect(try await kept() == 16) }
      _ = try await run("arborist undo")
      #expect(await bench.toolbox.remembered().commands.count == 15)
      if bench.cell is LocalCell { #expect(try await kept() == 15) }
    }
  }

  @Test("what an earlier version remembered is read, and what this one does")
  func memory() throws {
    let old = #"{"versions":{},"checkpoints":[{"number":3}],"files":4,"sessions":2,"shells":1}"#
    let read = try JSONDecoder().decode(ToolboxMemory.self, from: Data(old.utf8))
    #expect(read.checkpoints.map(\.number) == [3] && read.files == 4 && read.commands.isEmpty && read.endings.isEmpty)
    var new = read
    new.commands = ["3": "rm -rf x"]
    new.endings = ["1": 0]
    #expect(try JSONDecoder().decode(ToolboxMemory.self, from: JSONEncoder().encode(new)) == new)
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(ToolboxMemory.self, from: Data("{}".utf8)) }
  }

  @Test("states of another process's cell are not taken for those of this one")
  func resumed() async throws {
    try await Bench.with(.generic, ["a": "1\n"]) { bench async throws in
      _ = try await bench.call("bash", #"{"command":"rm -rf a"}"#)
      let memory = await bench.toolbox.remembered()
      #expect(memory.checkpoints.count == 1)
      try await Bench.with(.generic, ["b": "1\n"]) { other async throws in
        let later = Bench(.generic, cell: other.cell, memory: memory)
        let nothing = try await later.call("bash", #"{"command":"arborist undo"}"#)
        #expect(nothing.isError && nothing.text.contains("lost when the run was interrupted"))
        _ = try await later.call("bash", #"{"command":"rm -rf b"}"#)
        #expect(try await later.call("bash", #"{"command":"arborist undo"}"#).text.contains("before `rm -rf b`"))
        #expect(try await later.text("b") == "1\n")
        #expect(try await later.call("bash", #"{"command":"arborist undo"}"#).isError)
      }
    }
  }
}
