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
      #expect(
        answer.text
          == "[exit code 0]\n[`git reset -q --hard && git clean -qfd` has thrown away what no file, branch or stash keeps: `a` "
          + "(changed), `b` (gone). `arborist undo 1`, as a call of its own with nothing else in it, brings the "
          + "whole workspace back to what it was before, whatever is changed until then.]")
      #expect(try await bench.text("a") == "one\n")
      #expect(try await bench.exists("b") == false)
      #expect(try await bench.call("bash", #"{"command":"echo x; arborist undo"}"#).isError)
      #expect(
        try await bench.call("bash", #"{"command":"arborist undo list"}"#).text
          == "`arborist undo` makes the workspace what it was before the last command that destroyed files, and "
          + "`arborist undo NUMBER` what it was at any of the states below; what is there now is kept before. There is no "
          + "other `arborist` here.\n1: before `git reset -q --hard && git clean -qfd`")
      let undone = try await bench.call("bash", #"{"command":" arborist  undo\n"}"#)
      #expect(
        undone.text
          == "The workspace is as it was before `git reset -q --hard && git clean -qfd`; later edits are undone "
          + "too. Set back to what they were: `a`, `b`. `arborist undo 2` takes this undo back. 0 earlier states are kept."
      )
      #expect(!undone.isError)
      #expect(try await bench.text("a") == "two\n")
      #expect(try await bench.text("b") == "new\n")
    }
  }

  @Test("an undo is taken back by another, and passes over states that hold nothing else")
  func undoneAgain() async throws {
    try await Bench.with(.generic) { bench async throws in
      let run = { (command: String) async throws in
        try await bench.call("bash", "{\"command\":\"\(command)\"}").text
      }
      _ = try await run("git init -q . && echo cache >.gitignore && echo one >a && git add . && git commit -qm x")
      _ = try await run("echo two >a && echo 1 >cache")
      _ = try await run("git checkout a")
      _ = try await run("echo newer >b && echo 2 >cache")
      let undone = try await run("arborist undo 1")
      #expect(undone.contains("Set back to what they were: `a`, `b` (besides 1 ignored). `arborist undo 2` takes"))
      #expect(try await bench.text("a") == "two\n")
      #expect(try await bench.exists("b") == false)
      #expect(try await run("arborist --help").contains("\n2: before `arborist undo 1`"))
      #expect(try await run("arborist undo 2").contains("as it was before `arborist undo 1`"))
      #expect(try await bench.text("a") == "one\n")
      #expect(try await bench.text("b") == "newer\n")
      #expect(try await bench.text("cache") == "2\n")
      #expect(try await run("arborist undo 9").hasPrefix("No state 9 is kept; nothing was done."))
      // Of two states the newer holds nothing that is not there: the branch was changed to and back.
      _ = try await run("git branch other && rm -rf b")
      _ = try await run("git checkout -q other")
      _ = try await run("git checkout -q -")
      _ = try await run("git checkout -q other; git checkout -q -")
      #expect(try await run("arborist undo").contains("before `git branch other && rm -rf b`"))
      #expect(try await bench.text("b") == "newer\n")
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
          + "`e`. `arborist undo 3` takes this undo back. 1 earlier state is kept.")
      let second = try await run("arborist undo")
      #expect(second.contains("before `rm -rf d # xxx") && second.contains("x…`; later"))
      #expect(
        second.contains("they were: `d/10`, `d/11`") && second.contains("`d/21` and 14 more. `arborist undo 4` takes"))
      // Where nothing was destroyed in the end, there is nothing to undo.
      #expect(try await run("rm -rf none") == "[exit code 0]")
      #expect(try await run("arborist undo").contains("There is nothing to undo"))
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
      _ = try await run("mkdir x{0..16}; touch x{0..16}/a")
      for number in 0..<16 { _ = try await run("rm -rf x\(number)") }
      let all = await bench.toolbox.remembered()
      #expect(all.checkpoints.count == 16 && all.commands.count == 16)
      _ = try await run("rm -rf x16")
      let later = await bench.toolbox.remembered()
      #expect(later.checkpoints == all.checkpoints.dropFirst() + later.checkpoints.suffix(1))
      #expect(Set(later.commands.values) == Set((1...16).map { "rm -rf x\($0)" }))
      if bench.cell is LocalCell { #expect(try await kept() == 16) }
      _ = try await run("arborist undo")
      // What was there before the undo is kept in its place.
      #expect(await bench.toolbox.remembered().commands.values.count { $0.hasPrefix("rm -rf") } == 15)
      if bench.cell is LocalCell { #expect(try await kept() == 16) }
    }
  }

  /// A repository with files in every state: `clean` and `d/clean` are committed, `edited` and `staged` are changed,
  /// `new` is untracked, `out/x` ignored; on `topic` the files of `d` are others.
  private static let repository = """
    git init -q -b main . && mkdir d out && printf 'out/\\n' >.gitignore && echo topic >d/clean
    for f in clean edited staged; do echo 1 >$f; done; git add -A && git commit -qm one && git branch topic
    echo main >d/clean && git commit -qam two
    git checkout -qb lone && git commit -qm alone --allow-empty && git checkout -q main
    echo 2 >edited; echo 2 >staged; git add staged; echo 3 >new; echo 4 >out/x
    """

  static let losses: [(String, String?)] = [
    // What is thrown away, by all the ways there are.
    ("git reset --hard", "`edited` (changed), `staged` (changed)"),
    ("git checkout .", "`edited` (changed)"),
    ("git checkout edited", "`edited` (changed)"),
    ("rm d/clean && git checkout d", nil),
    ("echo x >d/clean && git checkout d", nil),
    ("git checkout -f topic", "`edited` (changed), `staged` (changed)"),
    ("git config alias.co checkout && git co -- .", "`edited` (changed)"),
    ("git -c alias.x='reset --hard' x", "`edited` (changed), `staged` (changed)"),
    ("git restore edited", "`edited` (changed)"),
    ("git switch --discard-changes topic", "`edited` (changed), `staged` (changed)"),
    ("git clean -fd", "`new` (gone)"),
    ("git clean -fdx", "`new` (gone)"),
    ("rm -rf d", "`d/clean` (gone)"),
    ("find . -name 'clean' -delete", "`clean` (gone), `d/clean` (gone)"),
    ("git ls-files -o --exclude-standard | xargs rm", "`new` (gone)"),
    (": >edited", "`edited` (changed)"),
    (": >clean", "`clean` (changed)"),
    ("cd d && sh -c 'cd .. && env A=b git checkout edited'", "`edited` (changed)"),
    ("(cd d; eval 'git checkout ../edited')", "`edited` (changed)"),
    ("git stash -q && git stash drop -q", "`edited` (changed), `staged` (changed)"),
    ("git stash -qu && git stash clear", "`edited` (changed), `staged` (changed), `new` (gone)"),
    (
      "git add -A && git commit -qm x && git reset -q --hard HEAD~",
      "`edited` (changed), `staged` (changed), `new` (gone)"
    ),
    ("git branch -D topic && git branch -q y && git branch -D y", nil),
    ("git branch -D lone", "`lone` (gone)"), ("git update-ref -d refs/heads/lone", "`lone` (gone)"),
    // What is still somewhere.
    ("git stash -q", nil), ("git stash -qu", nil), ("git stash -q && git stash pop -q", nil),
    // What is edited beside a plain removal is an edit, whatever was in the file; what a removal may have touched is not.
    ("echo other >edited && rm -rf out none", nil), ("echo other >edited; rm -rf new", "`new` (gone)"),
    ("rm -f edite* && echo other >edited", "`edited` (changed)"),
    ("rm -rf ./edited && echo other >edited", "`edited` (changed)"),
    ("git stash -qu && git stash pop -q", nil), ("rm -rf out", nil), ("git clean -fdX", nil), ("rm -rf none", nil),
    ("git checkout topic", nil), ("git switch topic", nil), ("git merge topic", nil), ("git reset -q", nil),
    ("git restore --staged .", nil), ("git add -A && git commit -qm x && git checkout -q topic", nil),
    ("git stash list | xargs rm -rf", nil), ("git frobnicate", nil), ("git rm -q --cached -f staged", nil),
    ("git stash -q && git rebase -q topic && git stash pop -q", nil),
  ]

  @Test("what is lost is named, and what git or the workspace still has is not", arguments: losses)
  func loss(command: String, lost: String?) async throws {
    try await Bench.with(.generic) { bench async throws in
      let run = { (command: String) async throws in
        try await bench.toolbox.perform(ToolOperation.run(RunRequest(command: command))).text
      }
      #expect(try await run(Self.repository) == "[exit code 0]")
      let answer = try await run(command)
      let start = answer.firstRange(of: " has thrown away what no file, branch or stash keeps: ")?.upperBound
      let rest = start.map { answer[$0...] }
      let text = rest.map { String($0[..<($0.firstRange(of: ". `arborist undo ")?.lowerBound ?? $0.endIndex)]) }
      let sorted = { (text: String?) in text.map { $0.split(separator: ", ").sorted() } }
      #expect(sorted(text) == sorted(lost), "\(answer)")
      #expect(answer.contains("arborist undo") == (lost != nil))
      // Nothing of the account is left, in the repository neither.
      #expect(try await run("ls /tmp/arborist 2>/dev/null | grep account").contains("account") == false)
      #expect(try await run("git fsck --no-dangling 2>&1").contains("missing") == false)
      guard lost != nil else { return }
      let look = "cat edited staged new clean d/clean out/x && git log --format=%s lone"
      let there = "2\n2\n3\n1\nmain\n4\nalone\ntwo\none\n[exit code 0]"
      // The control: without what was kept it is gone. Then it is back.
      #expect(try await run(look) != there)
      _ = try await bench.call("bash", #"{"command":"arborist undo"}"#)
      #expect(try await run(look) == there)
      #expect(try await run("git diff --cached --name-only") == "staged\n[exit code 0]")
    }
  }

  @Test("a stash that is dropped is lost, and one that is applied is not")
  func stashes() async throws {
    try await Bench.with(.generic) { bench async throws in
      let run = { (command: String) async throws in
        try await bench.toolbox.perform(ToolOperation.run(RunRequest(command: command))).text
      }
      _ = try await run("git init -q . && echo 1 >a && git add a && git commit -qm x && echo 2 >a && echo n >n")
      _ = try await run("git stash -qu && echo 1 >b")
      #expect(try await run("git stash pop -q") == "[exit code 0]")
      #expect(try await run("git stash -qu -- a n") == "[exit code 0]")
      #expect(try await run("git stash drop -q").contains("what no file, branch or stash keeps: the stash "))
      #expect(try await bench.call("bash", #"{"command":"arborist undo"}"#).isError == false)
      #expect(try await run("git stash pop -q; cat a n") == "2\nn\n[exit code 0]")
      // One of untracked files only.
      #expect(try await run("git stash -qu -- n") == "[exit code 0]")
      #expect(try await run("git stash drop -q").contains("what no file, branch or stash keeps: the stash "))
    }
  }

  @Test("what nobody may read is kept and comes back")
  func unreadable() async throws {
    try await Bench.with(.generic) { bench async throws in
      let run = { (command: String) async throws in
        try await bench.toolbox.perform(ToolOperation.run(RunRequest(command: command))).text
      }
      _ = try await run("git init -q . && echo 1 >a && git add a && git commit -qm x")
      _ = try await run("mkdir d && echo secret >d/x && chmod 000 d/x && echo y >y && chmod 000 y")
      _ = try await run("git clean -fd")
      #expect(try await bench.exists("y") == false)
      #expect(try await bench.exists("d/x") == false)
      #expect(try await bench.call("bash", #"{"command":"arborist undo"}"#).isError == false)
      #expect(
        try await run("stat -c '%a' y d/x; chmod 600 y d/x; cat y d/x") == "0\n0\ny\nsecret\n[exit code 0]")
    }
  }

  @Test("without a repository the files tell what is lost; a command that destroys nothing keeps nothing")
  func plain() async throws {
    try await Bench.with(.generic, ["a": "1\n", "b": "2\n", "d/c": "3\n"]) { bench async throws in
      let run = { (command: String) async throws in
        try await bench.toolbox.perform(ToolOperation.run(RunRequest(command: command))).text
      }
      #expect(try await run("rm -rf d; : >a").contains("keeps: `a` (changed), `d/c` (gone). `arborist undo "))
      #expect(try await run("rm -rf none") == "[exit code 0]")
      #expect(await bench.toolbox.remembered().checkpoints.count == 1)
      for command in ["true", "git status", "git diff", "git log", "ls", "make -n"] { _ = try await run(command) }
      #expect(await bench.toolbox.remembered().files == 2)
      #expect(try await bench.call("bash", #"{"command":"arborist undo"}"#).text.contains("`a`, `d/c`"))
      #expect(try await bench.text("a") == "1\n")
    }
  }

  @Test("where a repository cannot be read, or the command still runs, it is said that the workspace was kept")
  func untold() async throws {
    let said = "[The workspace was kept before this command (rm of a whole tree). `arborist undo "
    try await Bench.with(.openai, [".git/config": "broken [", "d/a": "1\n", "e/a": "1\n"]) { bench async throws in
      #expect(try await bench.call("exec_command", #"{"cmd":"rm -rf d"}"#).text.contains(said))
      #expect(try await bench.call("exec_command", #"{"cmd":"arborist undo"}"#).text.contains("`d/a`"))
      try await bench.system("rm", "-rf", "/workspace/.git")
      let running = #"{"cmd":"rm -rf e; sleep 60","yield_time_ms":1000}"#
      #expect(try await bench.call("exec_command", running).text.contains(said))
      // The control: the same command, when it has ended.
      #expect(try await bench.call("exec_command", #"{"cmd":"rm -rf d"}"#).text.contains("keeps: `d/a` (gone)"))
    }
  }

  @Test("very large files are kept, and not copied to be compared")
  func large() async throws {
    try await Bench.with(.generic) { bench async throws in
      let run = { (command: String) async throws in
        try await bench.toolbox.perform(ToolOperation.run(RunRequest(command: command))).text
      }
      _ = try await run("git init -q . && truncate -s 65M big && mkdir d && echo 1 >d/a")
      #expect(try await run("rm -rf d").contains("[The workspace was kept before this command (rm of a whole tree)."))
      #expect(try await bench.call("bash", #"{"command":"arborist undo"}"#).text.contains("`d/a`"))
      // The control.
      _ = try await run("truncate -s 60M big")
      #expect(try await run("rm -rf d").contains("keeps: `d/a` (gone)"))
    }
  }

  @Test("a merge that is given up is told of what was made of it")
  func merge() async throws {
    try await Bench.with(.generic) { bench async throws in
      let run = { (command: String) async throws in
        try await bench.toolbox.perform(ToolOperation.run(RunRequest(command: command))).text
      }
      _ = try await run(
        """
        git init -q -b main . && echo 1 >a && git add a && git commit -qm one && git checkout -qb other
        echo 2 >a && echo o >o && git add o && git commit -qam two && git checkout -q main
        echo 3 >a && git commit -qam three
        """)
      #expect(try await run("git merge other").contains("arborist undo") == false)
      _ = try await run("echo resolved >a && git add a")
      // What came from the other side is on its branch.
      #expect(
        try await run("git merge --abort")
          .contains("what no file, branch or stash keeps: `a` (changed). `arborist undo "))
      #expect(try await bench.call("bash", #"{"command":"arborist undo"}"#).isError == false)
      #expect(
        try await run("cat a; git commit -qm merged && git log -1 --format=%s") == "resolved\nmerged\n[exit code 0]")
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

  @Test("of a long command the beginning is repeated")
  func longCommands() async throws {
    try await Bench.with(.generic, ["a": "x\n"]) { bench async throws in
      let tail = String(repeating: "# more ", count: 40)
      _ = try await bench.call("bash", "{\"command\":\"rm -rf a \(tail)\"}")
      let said = try await bench.call("bash", #"{"command":"arborist"}"#).text
      #expect(said.contains("before `rm -rf a # more") && said.contains("…`") && !said.contains(tail))
    }
  }
}
