import Foundation
import Sandbox
import Testing

@testable import Tools

/// Commands: one shell each, sessions, and the shell that stays.
struct ShellTests {
  @Test("a command's output and status come in the form of each profile")
  func forms() async throws {
    try await Bench.with(.generic) { bench async throws in
      #expect(try await bench.call("bash", #"{"command":"echo a; exit 3"}"#).text == "a\n[exit code 3]")
      #expect(try await bench.call("bash", #"{"command":"echo a; exit 3"}"#).isError == false)
    }
    try await Bench.with(.gemini) { bench async throws in
      #expect(try await bench.call("run_shell_command", #"{"command":"echo a"}"#).text == "Output: a\nExit Code: 0")
    }
    try await Bench.with(.openai) { bench async throws in
      let answer = try await bench.call("exec_command", #"{"cmd":"echo a; exit 2"}"#)
      #expect(answer.text.hasPrefix("Wall time: "))
      #expect(answer.text.hasSuffix(" seconds\nProcess exited with code 2\nOutput:\na"))
      let again = try await bench.call("exec_command", #"{"cmd":"echo a; exit 2"}"#)
      #expect(answer.likeness == again.likeness)
      #expect(try await bench.call("exec_command", #"{"cmd":"echo b; exit 2"}"#).likeness != answer.likeness)
    }
  }

  @Test("a command that outlasts the patience becomes a session that is polled, written to and interrupted")
  func sessions() async throws {
    try await Bench.with(.openai) { bench async throws in
      let first = try await bench.call(
        "exec_command", #"{"cmd":"read x; echo got $x; read y","tty":true,"yield_time_ms":250}"#)
      #expect(first.text.contains("Process running with session ID 1"))
      let second = try await bench.call("write_stdin", #"{"session_id":1,"chars":"hey\n","yield_time_ms":500}"#)
      #expect(second.text.contains("got hey"))
      let third = try await bench.call("write_stdin", #"{"session_id":1,"chars":"\n","yield_time_ms":20000}"#)
      #expect(third.text.contains("Process exited with code 0"))
      let gone = try await bench.call("write_stdin", #"{"session_id":1,"chars":""}"#)
      #expect(gone.isError && gone.text == "Session 1 has ended with code 0. No session runs.")
      let never = try await bench.call("write_stdin", #"{"session_id":9,"chars":""}"#)
      #expect(never.isError && never.text == "There is no session 9, and there never was. No session runs.")
      let closed = try await bench.call("exec_command", #"{"cmd":"sleep 3600","yield_time_ms":250}"#)
      #expect(closed.text.contains("session ID 2"))
      #expect(try await bench.call("write_stdin", #"{"session_id":2,"chars":"x"}"#).text.contains("\"tty\":true"))
      let ended = try await bench.call("write_stdin", #"{"session_id":2,"chars":"\u0003"}"#)
      // By the polite signal or the other one.
      #expect(
        ended.text.contains("Process exited with code 143") || ended.text.contains("Process exited with code 137"))
      #expect(ended.text.contains("\n[Interrupted: without a terminal, Ctrl-C ends the command"))
      // What remembers it also does so in a later process.
      let later = Bench(.openai, cell: bench.cell, memory: await bench.toolbox.remembered())
      #expect(
        try await later.call("write_stdin", #"{"session_id":1}"#).text.hasPrefix("Session 1 has ended with code 0."))
    }
  }

  @Test("an escape with its backslash escaped interrupts as well; what has ended by itself was not interrupted")
  func interrupts() async throws {
    try await Bench.with(.openai) { bench async throws in
      _ = try await bench.call("exec_command", #"{"cmd":"sleep 3600","yield_time_ms":250}"#)
      let ended = try await bench.call("write_stdin", #"{"session_id":1,"chars":"\\u0003"}"#)
      #expect(ended.text.contains("[Interrupted: ") && !ended.text.contains("by a command of its own"))
      let started = try await bench.call(
        "exec_command", #"{"cmd":"until [ -e go ]; do sleep 0.1; done; echo over; touch gone","yield_time_ms":250}"#)
      #expect(started.text.contains("session ID 2"))
      _ = try await bench.call("exec_command", #"{"cmd":"touch go; until [ -e gone ]; do sleep 0.1; done; sleep 1"}"#)
      let late = try await bench.call("write_stdin", #"{"session_id":2,"chars":"\u0003"}"#)
      #expect(late.text.hasSuffix("Process exited with code 0\nOutput:\nover"))
    }
  }

  @Test("the time of a look at a session is that of the look")
  func wallTime() async throws {
    let local = try LocalCell()
    local.makeOlder(by: .seconds(5000))
    let bench = Bench(.openai, cell: local)
    let first = try await bench.call("exec_command", #"{"cmd":"sleep 3600","yield_time_ms":250}"#)
    // The control: the command has run for as long as the cell says.
    #expect(first.text.hasPrefix("Wall time: 50"))
    let ended = try await bench.call("write_stdin", #"{"session_id":1,"chars":"\u0003"}"#)
    let seconds = try #require(ended.text.split(separator: " ").dropFirst(2).first.flatMap { Double($0) })
    #expect(seconds < 5000)
    await local.stop()
  }

  @Test("a working directory that is not there is told, and nothing is run")
  func directories() async throws {
    for (profile, tool, text) in [
      (ToolProfile.openai, "exec_command", #"{"cmd":"touch /workspace/ran","workdir":"/workspace/DIR"}"#),
      (.gemini, "run_shell_command", #"{"command":"touch /workspace/ran","dir_path":"DIR"}"#),
    ] {
      try await Bench.with(profile, ["file": "x\n", "d/a": "x\n"]) { bench async throws in
        let call = { (name: String) async throws in
          try await bench.call(tool, text.replacing("DIR", with: name))
        }
        let none = try await call("none")
        #expect(
          none.text == "The working directory `/workspace/none` does not exist; the workspace is /workspace. "
            + "Nothing was run.")
        #expect(none.isError)
        #expect(try await call("file").text.contains("`/workspace/file` is no directory"))
        #expect(try await bench.exists("ran") == false)
        #expect(try await call("d").isError == false)
        #expect(try await bench.exists("ran"))
      }
    }
  }

  @Test("as little is shown as is asked for, in bytes and tokens")
  func tokens() async throws {
    try await Bench.with(.openai) { bench async throws in
      let answer = try await bench.call("exec_command", #"{"cmd":"seq 1 1000","max_output_tokens":10}"#)
      #expect(
        answer.text.hasSuffix(
          "Original token count: 974\nOutput:\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n[3856 bytes (about 964 tokens) left out. "
            + "The whole output is in /tmp/arborist/output-1.txt.]\n998\n999\n1000"))
      // None is no number of tokens to ask for.
      let all = try await bench.call("exec_command", #"{"cmd":"seq 1 1000","max_output_tokens":0}"#)
      #expect(all.text.hasSuffix("\n999\n1000") && !all.text.contains("left out"))
    }
  }

  @Test("a command that takes too long is ended, with what it had written")
  func timeout() async throws {
    try await Bench.with(.generic) { bench async throws in
      let answer = try await bench.call("bash", #"{"command":"echo early; sleep 600","timeout":15}"#)
      #expect(answer.text.hasPrefix("early\n[exit code 124]\n[The command took longer than 15 seconds"))
      #expect(!answer.isError)
    }
  }

  @Test("the shell that stays keeps directory, variables and functions, and tells the status apart")
  func stays() async throws {
    try await Bench.with(.anthropic) { bench async throws in
      let run = { (command: String) async throws in
        try await bench.toolbox.perform(ToolOperation.shell(ShellRequest(command: command))).text
      }
      #expect(try await run("mkdir d; cd d; x='a b'; f() { echo \"<$1>\"; }") == "[no output]")
      #expect(try await run("pwd; f \"$x\"") == "/workspace/d\n<a b>")
      #expect(try await run("false") == "[exit code 1]\n[in /workspace/d]")
      #expect(try await run("printf 'no end'; exit_code=7; (exit 7)") == "no end\n[exit code 7]\n[in /workspace/d]")
      #expect(try await run("echo out; echo err >&2; echo out2") == "out\nerr\nout2")
      #expect(try await run("if then").contains("syntax error"))
      #expect(try await run("echo it\\'s \"$x\" '\\n' $'\\t'|").contains("syntax error"))
      #expect(try await run("cat <<'E'\n$x 'q' \\ \"\nE") == "$x 'q' \\ \"")
      #expect(try await run("read y; echo \"[$y]\"") == "[]")
      #expect(try await run("break; continue; return 4") != "")
      #expect(try await run("echo 0 >&1; echo still") == "0\nstill")
      // A combining character behind a quote or a backslash.
      #expect(try await run("echo 'a'\u{301}b '\u{301}' \\\\\u{301}") == "a\u{301}b \u{301} \\\u{301}")
      #expect(try await run("-x").contains("command not found"))
    }
  }

  @Test("an end of the shell is told, and the next command gets a new one")
  func ends() async throws {
    try await Bench.with(.deepseek) { bench async throws in
      let run = { (command: String) async throws in
        try await bench.toolbox.perform(ToolOperation.shell(ShellRequest(command: command))).text
      }
      #expect(try await run("x=1; echo before; exit 3").hasPrefix("before\n[exit code 3]\n[The shell has ended"))
      #expect(try await run("echo \"<$x>\"") == "<>")
      // How it ended is told.
      #expect(try await run("exit 4").hasPrefix("[exit code 4]\n[The shell has ended with this command, by `exit`"))
      #expect(try await run("set -e; false; echo on").hasPrefix("[exit code 1]\n[The shell has ended"))
      #expect(try await run("exit 0").hasPrefix("[no output]\n[The shell has ended"))
      #expect(try await run("exec echo gone").contains("gone\n[The shell has ended"))
      #expect(try await run("kill -9 $$").contains("The shell has ended"))
      #expect(try await run("x=2; echo up") == "up")
      #expect(try await bench.call("bash", #"{"restart":true}"#).text.contains("restarted"))
      #expect(try await run("echo \"<$x>\"") == "<>")
    }
  }

  /// More by `ARBORIST_SHELL_COMMANDS`, for `scripts/drill-shell`.
  private static let commandCount =
    ProcessInfo.processInfo.environment["ARBORIST_SHELL_COMMANDS"].flatMap { Int($0) } ?? 150

  @Test("no status is lost in many commands, and none is another's")
  func manyCommands() async throws {
    try await Bench.with(.anthropic) { bench async throws in
      let run = { (command: String) async throws in
        try await bench.toolbox.perform(ToolOperation.shell(ShellRequest(command: command))).text
      }
      #expect(try await run("n=0") == "[no output]")
      for number in 1...Self.commandCount {
        let status = number % 7
        let answer = try await run("echo $((n += 1)); (exit \(status))")
        // The variable is there, so the shell is the same one.
        try #require(answer == "\(number)" + (status == 0 ? "" : "\n[exit code \(status)]"))
      }
    }
  }

  @Test("a shell that ends in any way at any time is told apart from a status")
  func manyEnds() async throws {
    try await Bench.with(.anthropic) { bench async throws in
      let run = { (command: String) async throws in
        try await bench.toolbox.perform(ToolOperation.shell(ShellRequest(command: command))).text
      }
      for _ in 0..<5 {
        #expect(try await run("x=1; exit 5").hasPrefix("[exit code 5]\n[The shell has ended"))
        #expect(try await run("kill -9 $$; sleep 60").hasPrefix("[exit code 137]\n[The shell has ended"))
        #expect(
          try await run("trap 'exit 9' USR1; (kill -USR1 $$) & wait $!; (exit 3)").hasPrefix(
            "[exit code 9]\n[The shell has ended"))
        #expect(try await run("echo \"<$x>\"") == "<>")
      }
    }
  }

  @Test("options of the shell and a command that ends the watcher do not hide the status")
  func hostile() async throws {
    try await Bench.with(.anthropic) { bench async throws in
      let run = { (command: String) async throws in
        try await bench.toolbox.perform(ToolOperation.shell(ShellRequest(command: command))).text
      }
      #expect(try await run("set -fuxC; IFS=123; x=4; (exit 12)").hasSuffix("[exit code 12]"))
      #expect(try await run("echo $x; (exit 31)").contains("+ echo 4\n4\n"))
      #expect(try await run("set +fuxC; unset IFS; false").hasSuffix("[exit code 1]"))
      // As long as it takes until there is one.
      let kill = """
        until f=$(grep -lsz '/tmp/arborist/shell-1/[s]tatus' /proc/[0-9]*/cmdline); do :; done
        for f in $f; do f=${f%/*}; kill -9 ${f##*/}; done; (exit 7)
        """
      #expect(try await run(kill) == "[exit code 7]")
      #expect(try await run("echo $x; (exit 8)") == "4\n[exit code 8]")
    }
  }

  @Test("a command with a quote that is open is not run, in a shell of its own neither")
  func open() async throws {
    for profile in [ToolProfile.anthropic, .generic] {
      try await Bench.with(profile) { bench async throws in
        for command in [
          "touch a\necho 'b", "touch a\necho \"b", "touch a; echo $(ls", "touch a; echo `ls",
          "touch a; for x in 1 2; do echo", "touch a; if true; then", "cat <<E >a\nx",
        ] {
          let text = command.replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
          let answer = try await bench.call("bash", "{\"command\":\"\(text)\"}")
          #expect(answer.isError && answer.text.hasPrefix("Nothing was run, because the command does not end: "))
          #expect(!answer.text.contains("eval"))
          #expect(try await bench.exists("a") == false)
        }
        // The control: what only looks open.
        for command in ["cat <<E >a\n'\nE", "touch a # it's", "touch a; case x in y) ;; esac", "touch a; echo \\'"] {
          let text = command.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
          #expect(try await bench.call("bash", "{\"command\":\"\(text)\"}").isError == false)
          #expect(try await bench.exists("a"))
          try await bench.system("rm", "/workspace/a")
        }
      }
    }
  }

  @Test("a time that a call asks for holds up to the most there is, and what was made of it is said")
  func times() async throws {
    let time = { (asked: Int?, limits: CommandTime.Limits, unit: CommandTime.Unit) in
      CommandTime(asked: asked, limits: limits, unit: unit)
    }
    #expect(time(nil, .shell, .milliseconds).limit == .seconds(300))
    #expect(time(90_000, .shell, .milliseconds).limit == .seconds(90))
    #expect(time(90_000, .shell, .milliseconds).note == "")
    #expect(time(90, .shell, .milliseconds).limit == .seconds(90))
    #expect(time(90, .shell, .milliseconds).note.contains("taken for seconds"))
    #expect(time(900_000, .shell, .milliseconds).limit == .seconds(600))
    #expect(time(900_000, .shell, .milliseconds).note.contains("cut down to 600 seconds"))
    #expect(time(600, .command, .seconds).note == "")
    #expect(time(0, .command, .seconds).note.contains("the usual one, 120 seconds"))
    #expect(time(.max, .command, .seconds).limit == .seconds(600))
    for (profile, tool, name, unit) in [
      (ToolProfile.anthropic, "bash", "command", 1000), (.deepseek, "bash", "command", 1000),
      (.gemini, "run_shell_command", "command", 1000), (.openai, "exec_command", "cmd", 1000),
      (.generic, "bash", "command", 1),
    ] {
      try await Bench.with(profile) { bench async throws in
        let cut = try await bench.call(tool, "{\"\(name)\":\"echo a\",\"timeout\":\(9000 * unit)}")
        #expect(cut.text.contains("[`timeout` was cut down to "))
        let whole = try await bench.call(tool, "{\"\(name)\":\"echo a\",\"timeout\":\(60 * unit)}")
        #expect(!whole.text.contains("timeout"))
        let late = try await bench.call(
          tool, "{\"\(name)\":\"sleep 600\",\"yield_time_ms\":30000,\"timeout\":\(2 * unit)}")
        #expect(late.text.contains("took longer than 2 seconds"))
      }
    }
  }

  @Test("what runs in the background holds nothing up")
  func background() async throws {
    try await Bench.with(.anthropic) { bench async throws in
      let run = { (command: String) async throws in
        try await bench.toolbox.perform(ToolOperation.shell(ShellRequest(command: command))).text
      }
      #expect(try await run("sleep 300 & echo started") == "started")
      #expect(try await run("jobs -p | wc -l") == "1")
      #expect(try await run("kill %1; wait; echo $?") == "0")
    }
  }

  @Test("a command in the background goes on, with its output in a file")
  func inBackground() async throws {
    try await Bench.with(.gemini) { bench async throws in
      let answer = try await bench.call("run_shell_command", #"{"command":"echo up; sleep 300","is_background":true}"#)
      let said = "The command runs in the background; its output goes to /tmp/arborist/background-1.txt. `kill -- -"
      #expect(answer.text.hasPrefix(said))
      #expect(
        try await bench.call("run_shell_command", #"{"command":"cat /tmp/arborist/background-1.txt"}"#).text.contains(
          "up"))
      let short = try await bench.call("run_shell_command", #"{"command":"exit 3","is_background":true}"#)
      #expect(short.text.contains("Exit Code: 3"))
    }
  }

  @Test("a script that is too long for an argument runs all the same")
  func longCommand() async throws {
    for profile in [ToolProfile.generic, .anthropic] {
      try await Bench.with(profile) { bench async throws in
        let text = String(repeating: "0123456789", count: 30_000)
        let answer = try await bench.call("bash", "{\"command\":\"cat >f <<'E'\\n\(text)\\nE\\nwc -c <f\"}")
        #expect(answer.text.hasPrefix("300001"))
      }
    }
  }

  @Test("a command in the background can be ended by what its answer says, and what a signal ends is told of it")
  func backgroundEnd() async throws {
    try await Bench.with(.gemini) { bench async throws in
      let running = try await bench.call(
        "run_shell_command", #"{"command":"sleep 300 & echo $! >child; wait","is_background":true}"#
      ).text
      let start = try #require(running.firstRange(of: "`kill -- -")).lowerBound
      let kill = running[start...].dropFirst().prefix { $0 != "`" }
      let run = { (command: String) async throws in
        try await bench.call("run_shell_command", "{\"command\":\"\(command)\"}").text
      }
      // The control: before it is ended it is there.
      #expect(try await run("kill -0 $(cat child)").contains("Exit Code: 0"))
      #expect(try await run(String(kill)).contains("Exit Code: 0"))
      // Where it stayed, this would come to the end of its own time.
      #expect(
        try await run("while kill -0 $(cat child) 2>/dev/null; do sleep 0.1; done; echo is gone").contains("is gone"))
      let own = try await run("kill $$; sleep 9")
      #expect(own.contains("Exit Code: 143\n[143: it was ended by SIGTERM, perhaps by a command of its own"))
      #expect(try await run("exit 142").contains("SIGTERM") == false)
    }
  }

  @Test("what the shell that stays is undone to keeps its directory")
  func undoInShell() async throws {
    try await Bench.with(.anthropic, ["d/a": "1\n"]) { bench async throws in
      let run = { (command: String) async throws in
        try await bench.call("bash", "{\"command\":\"\(command)\"}").text
      }
      #expect(try await run("cd d; x=5") == "[no output]")
      #expect(
        try await run("rm -rf ../d").contains("`arborist undo 1`, as a call of its own with nothing else in it, brings")
      )
      #expect(try await run("arborist undo").contains("0 earlier states are kept"))
      #expect(try await run("cat a; echo $x; pwd") == "1\n5\n/workspace/d")
    }
  }

  @Test("too much output is cut at line ends, and the whole is in a file")
  func spill() async throws {
    for profile in [ToolProfile.generic, .deepseek] {
      try await Bench.with(profile) { bench async throws in
        let answer = try await bench.call("bash", #"{"command":"seq 1 20000"}"#)
        #expect(answer.text.utf8.count < profile.outputLimit + 400)
        #expect(answer.text.hasPrefix("1\n2\n"))
        #expect(answer.text.contains("bytes left out. The whole output is in /tmp/arborist/"))
        let start = try #require(answer.text.firstRange(of: "/tmp/arborist/"))
        let name = answer.text[start.lowerBound...].prefix { $0 != "]" }.dropLast()
        let whole = try await bench.call("bash", #"{"command":"wc -l <\#(name)"}"#)
        #expect(whole.text.hasPrefix("20000"))
      }
    }
  }

  @Test("a full disk is told to the model, which can make room")
  func fullDisk() async throws {
    let local = try LocalCell()
    let bench = Bench(.generic, cell: local)
    try await bench.put("a", Array("1\n".utf8))
    local.breakDown(SandboxError(.full, operation: "write", detail: "no space"))
    for call in [("bash", #"{"command":"true"}"#), ("write", #"{"path":"a","content":"b"}"#)] {
      let answer = try await bench.call(call.0, call.1)
      #expect(answer.isError && answer.text.contains("The disk of the cell is full"))
    }
    await local.stop()
  }

  @Test("a failure of the cell is no answer")
  func infrastructure() async throws {
    for code in [SandboxError.Code.ended, .malformed, .cannotStart] {
      let local = try LocalCell()
      let bench = Bench(.generic, cell: local)
      try await bench.put("a", Array("1\n".utf8))
      #expect(try await bench.call("read", #"{"path":"a"}"#).isError == false)
      let failure = SandboxError(code, operation: "anything", detail: "is over")
      local.breakDown(failure)
      for call in [
        ("bash", #"{"command":"true"}"#), ("read", #"{"path":"a"}"#), ("write", #"{"path":"a","content":"b"}"#),
      ] {
        await #expect(throws: failure) { _ = try await bench.call(call.0, call.1) }
      }
      await local.stop()
    }
  }

  @Test("a command that fails elsewhere than in the workspace is told where; an empty one is told")
  func whereabouts() async throws {
    try await Bench.with(.anthropic) { bench async throws in
      let run = { (command: String) async throws in
        try await bench.toolbox.perform(ToolOperation.shell(ShellRequest(command: command))).text
      }
      #expect(try await run("mkdir -p 'd e'; cd 'd e'; false") == "[exit code 1]\n[in /workspace/d e]")
      #expect(try await run("true") == "[no output]")
      #expect(try await run("cd ..; false") == "[exit code 1]")
      let empty = try await bench.call("bash", #"{"command":" \n"}"#)
      #expect(empty.isError && empty.text == "The command is empty; nothing was run.")
    }
  }

  @Test("a very long line does not take the room of the others")
  func longLines() async throws {
    try await Bench.with(.generic) { bench async throws in
      let text = try await bench.call(
        "bash", #"{"command":"head -c 100000 /dev/zero | tr '\\0' x; echo; seq 1 400"}"#
      ).text
      #expect(text.hasPrefix("xxx") && text.contains("[99000 bytes of this line left out]xxx"))
      #expect(text.contains("\n1\n2\n3\n") && text.contains("\n400\n["))
      #expect(text.contains(" bytes left out. The whole output is in /tmp/arborist/output-1.txt.]\n[exit code 0]"))
      #expect(text.utf8.count < 4000)
      // The control: where there is room, a line is shown whole.
      let whole = try await bench.call("bash", #"{"command":"head -c 9000 /dev/zero | tr '\\0' x"}"#).text
      #expect(whole.utf8.count > 9000 && !whole.contains("left out"))
    }
  }
}
