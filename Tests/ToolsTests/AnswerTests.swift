import Sandbox
import Testing

@testable import Tools

/// Every form of an answer, whole.
struct AnswerTests {
  @Test("the answers of commands")
  func commands() {
    let report = { (text: String, ending: CellEnding?, session: Int?, note: String) in
      CommandReport(
        CellOutput(bytes: Array(text.utf8), ending: ending, elapsed: .milliseconds(1234)), session: session,
        timeout: .seconds(120), limit: nil, note: note)
    }
    let text = { (report: CommandReport, profile: ToolProfile) in report.answer(for: profile, limit: 100).text }
    let timedOut = { (way: String) in
      "[The command took longer than 120 seconds and was ended, with everything that it had started. "
        + "What it had written until then is above. \(way), or limit a part of it with `timeout 20 …`.]"
    }
    let inFile = timedOut("Run what takes longer in the background, with its output in a file")
    let inSession = timedOut("Leave out `timeout`, so that it becomes a session for `write_stdin`")
    let done = report("a\nb\n", .exited(0), nil, "")
    #expect(text(done, .openai) == "Wall time: 1.2340 seconds\nProcess exited with code 0\nOutput:\na\nb")
    #expect(text(done, .anthropic) == "a\nb")
    #expect(text(done, .deepseek) == "a\nb")
    #expect(text(done, .gemini) == "Output: a\nb\nExit Code: 0")
    #expect(text(done, .generic) == "a\nb\n[exit code 0]")
    let failed = report("no", .signalled(11), nil, "\n[note]")
    #expect(text(failed, .openaiJSON) == "Wall time: 1.2340 seconds\nProcess exited with code 139\nOutput:\nno\n[note]")
    #expect(text(failed, .anthropic) == "no\n[exit code 139]\n[note]")
    #expect(text(failed, .generic) == "no\n[exit code 139]\n[note]")
    let silent = report("", .exited(0), nil, "")
    #expect(text(silent, .openai) == "Wall time: 1.2340 seconds\nProcess exited with code 0\nOutput:")
    #expect(text(silent, .anthropic) == "[no output]")
    #expect(text(silent, .gemini) == "Output: (empty)\nExit Code: 0")
    #expect(text(silent, .generic) == "[exit code 0]")
    let slow = report("x\n", .timedOut, nil, "")
    #expect(text(slow, .openai) == "Wall time: 1.2340 seconds\nProcess exited with code 124\nOutput:\nx\n\(inSession)")
    #expect(text(slow, .anthropic) == "x\n\(inFile)")
    #expect(
      text(slow, .gemini) == "Output: x\nExit Code: 124\n\(timedOut("Run what takes longer with `is_background`"))")
    var short = slow
    short.timeout = .milliseconds(1500)
    #expect(text(short, .generic).contains("longer than 1.5 seconds and"))
    short.timeout = .seconds(1)
    #expect(text(short, .generic).contains("longer than 1 second and"))
    let running = report("x", nil, 7, "")
    #expect(text(running, .openai) == "Wall time: 1.2340 seconds\nProcess running with session ID 7\nOutput:\nx")
    var long = report((1...60).map { "line \($0)\n" }.joined(), .exited(0), nil, "")
    long.file = CellPath(Array("/tmp/arborist/output-1.txt".utf8))
    let head = (1...8).map { "line \($0)\n" }.joined()
    let tail = (56...60).map { "line \($0)\n" }.joined().dropLast()
    #expect(text(long, .generic).hasPrefix(head + "["))
    #expect(text(long, .generic).hasSuffix("\(tail)\n[exit code 0]"))
    #expect(text(long, .generic).contains(" bytes left out. The whole output is in /tmp/arborist/output-1.txt.]\n"))
    #expect(text(long, .deepseek).contains("<response clipped><NOTE>["))
    #expect(text(long, .openai).contains("\nOriginal token count: 118\nOutput:\nline 1\n"))
  }

  @Test("bytes that were thrown away are missed where they were")
  func gaps() throws {
    let report = { (text: String, place: Int?, file: Bool) in
      var report = CommandReport(
        CellOutput(
          bytes: Array(text.utf8), dropped: 1000, droppedAt: place, ending: .exited(0), elapsed: .milliseconds(1)),
        session: nil, timeout: .seconds(1), limit: nil)
      if file { report.file = CellPath(Array("/tmp/f".utf8)) }
      report.isFileWhole = false
      return report
    }
    let text = { (report: CommandReport, limit: Int) in report.answer(for: .anthropic, limit: limit).text }
    let mark = "[1000 bytes were thrown away here, because there were too many.]"
    #expect(text(report("a\nb\nc\n", 4, false), 100) == "a\nb\n\(mark)\nc")
    #expect(text(report("a\nbc\n", 3, false), 100) == "a\nb\n\(mark)\nc")
    #expect(text(report("a\n", 0, false), 100) == "\(mark)\na")
    #expect(text(report("a\n", nil, false), 100) == "a\n\(mark)")
    // What is written over stands for itself on both sides.
    #expect(text(report("10%\r20%30%\r40%", 7, false), 100) == "20%\n\(mark)\n40%")
    let lines = (1...40).map { "line \($0)\n" }.joined()
    let clipped = text(report(lines, 150, true), 100)
    #expect(clipped.hasPrefix("line 1\n") && clipped.hasSuffix("line 40") && !clipped.contains(mark))
    #expect(
      clipped.contains(" bytes left out. The output but for what was thrown away, because there was too much, is "))
    let missing = try #require(clipped.firstMatch(of: /\[(\d+) bytes left out/).flatMap { Int($0.1) })
    let shown = clipped.split(separator: "\n").filter { $0.hasPrefix("line ") }.reduce(0) { $0 + $1.utf8.count + 1 }
    #expect(missing == lines.utf8.count - shown + 1000)
    let early = text(report(lines, 14, true), 100)
    #expect(early.hasPrefix("line 1\nline 2\n\(mark)\nline 3\n") && early.contains("] is ") == false)
    #expect(early.contains("[\(missing - 1000) bytes left out."))
    let late = text(report(lines, lines.utf8.count - 8, true), 100)
    #expect(late.hasSuffix("line 39\n\(mark)\nline 40"))
    #expect(String(decoding: report("a\nb\n", 2, false).kept, as: UTF8.self) == "a\n\n\(mark)\nb\n")
  }

  @Test("two answers are alike whatever they took, and waiting is no repetition")
  func likeness() {
    let report = { (seconds: Int, session: Int?, isPoll: Bool, text: String) in
      var report = CommandReport(
        CellOutput(bytes: Array(text.utf8), ending: session == nil ? .exited(0) : nil, elapsed: .seconds(seconds)),
        session: session, timeout: .seconds(120), limit: nil)
      report.isPoll = isPoll
      return report.answer(for: .openai, limit: 100).likeness
    }
    #expect(report(1, nil, false, "a") == report(2, nil, false, "a"))
    #expect(report(1, nil, false, "a") != report(1, nil, false, "b"))
    #expect(report(10, 1, false, "a") == report(10, 2, false, "a"))
    #expect(report(10, 1, true, "") != report(20, 1, true, ""))
  }

  @Test("the answers of plans, edits and patches")
  func others() async throws {
    try await Bench.with(.openai, ["a": "1\n"]) { bench async throws in
      let plan = #"{"plan":[{"step":"a","status":"completed"},{"step":"b","status":"in_progress"}]}"#
      #expect(try await bench.call("update_plan", plan).text == "Plan updated: 1 of 2 steps completed.")
      let two = #"{"plan":[{"step":"a","status":"in_progress"},{"step":"b","status":"in_progress"}]}"#
      #expect(try await bench.call("update_plan", two).text.hasSuffix(" Keep at most one step in progress."))
      let odd = #"{"plan":[{"step":"a","status":"todo"},{"step":"b","status":"todo"},{"step":"c","status":"Done"}]}"#
      #expect(
        try await bench.call("update_plan", odd).text
          == "Plan updated: 1 of 3 steps completed. `todo` was taken for `pending`. `Done` was taken for `completed`.")
      #expect(
        try await bench.call("update_plan", #"{"plan":["a","b",{"step":"c","status":"completed"},{"step":"d"}]}"#).text
          == "Plan updated: 1 of 4 steps completed. 3 of them came without a status and are pending now.")
      #expect(
        try await bench.call("update_plan", #"{"plan":"[x] a\n[ ] b"}"#).text.hasSuffix("1 of 2 steps completed."))
      #expect(
        try await bench.call("update_plan", #"{"plan":[{"step":"a","status":"frobnicated"}]}"#).text.contains(
          "nothing was done: `plan[0].status` is the text \"frobnicated\"; expected pending, in_progress or completed.")
      )
      #expect(
        try await bench.call("update_plan", #"{"plan":"1. done"}"#).text.hasPrefix(
          "The call of `update_plan` was not understood, and nothing was done: `plan` is the text \"1. done\"; expected"
        ))
      #expect(
        try await bench.patch("*** Begin Patch\n*** Update File: a\n@@\n-2\n+3\n*** End Patch").text
          == "The patch was not applied; no file was changed. `a`: the lines of part 1 are not in the file. Expected:\n2\n"
          + "Nothing in the file is like it; it has 1 lines. Read it before you edit it.")
      #expect(
        try await bench.patch("*** Begin Patch\n*** Frob: a\n*** End Patch").text
          == "The call of `apply_patch` was not understood, and nothing was done: line 2 of the patch: `*** Frob: a` begins "
          + "no section; expected `*** Update File: PATH`, `*** Add File: PATH` or `*** Delete File: PATH`.\nA call that "
          + "is right:\n*** Begin Patch\n*** Update File: src/a.c\n@@ int f(void) {\n   int x = 1;\n-  return x;\n"
          + "+  return x + 1;\n }\n*** End Patch")
    }
    try await Bench.with(.deepseek, ["a": "1\n2\n"]) { bench async throws in
      let insert = #"{"command":"insert","path":"/workspace/a","insert_line":1,"new_str":"x"}"#
      #expect(
        try await bench.call("str_replace_editor", insert).text
          == "The file a was edited. It has now:\n     1\t1\n     2\tx\n     3\t2\n")
      #expect(
        try await bench.call("str_replace_editor", #"{"command":"insert","path":"/workspace/a"}"#).text
          == "The call of `str_replace_editor` was not understood, and nothing was done: `insert_line` is missing; "
          + "expected a whole number, 0 for the beginning.\nArguments that are right: "
          + #"{"command":"str_replace","path":"/workspace/a.c","old_str":"int x;","new_str":"int y;"}"#)
      #expect(
        try await bench.call("edit_file", "{}").text
          == "There is no tool `edit_file`, and nothing was done. The tools are `bash`, `str_replace_editor`. Commands "
          + #"run with `bash`: {"command":"ls -la"}"#)
    }
  }
}

/// Whatever comes in, something sensible goes out.
struct RobustnessTests {
  private static let words = [
    "*** Begin Patch", "*** End Patch", "*** Update File: a", "*** Add File: b", "*** Delete File: a",
    "*** Move to: c", "*** End of File", "@@", "@@ x", "@@ -1,2 +1,2 @@", "+new", "-x", " x", "x", "", "--- a/x",
    "+++ b/x", "\\ No newline at end of file", "diff --git a/x b/x", "```", "EOF", "+", "-", " ", "*** ", "é",
  ]

  @Test("no text breaks the reader of patches, and no patch a file")
  func patches() {
    var random = SeededRandom(seed: 5)
    let files = ["", "x\n", "x", "x\ny\nx\n", "\r\n", "x\r\ny", "\u{feff}x\n", "\n\n\n"]
    var applied = 0
    for _ in 0..<4000 {
      let text = (0..<Int.random(in: 0...10, using: &random)).map { _ in Self.words.randomElement(using: &random) ?? ""
      }
      guard let patch = try? Patch(text.joined(separator: "\n")) else { continue }
      for section in patch.sections {
        guard case .update(_, _, let parts) = section else { continue }
        for file in files where (try? Patch.apply(parts, to: Array(file.utf8), name: "f")) != nil { applied += 1 }
      }
    }
    #expect(applied > 100)
  }

  @Test("no text breaks an edit; what is not touched stays byte for byte")
  func edits() throws {
    var random = SeededRandom(seed: 9)
    let pieces: [[UInt8]] =
      ["a", "b", " ", "\t", "\n", "\r\n", "\r", "é", "“", "1\t"].map { Array($0.utf8) } + [[0xff]]
    var edited = 0
    for _ in 0..<4000 {
      let make = { (random: inout SeededRandom, count: Int) in
        (0..<Int.random(in: 0...count, using: &random)).flatMap { _ in pieces.randomElement(using: &random) ?? [] }
      }
      let file = make(&random, 20)
      let old = String(decoding: make(&random, 4), as: UTF8.self)
      let new = String(decoding: make(&random, 4), as: UTF8.self)
      guard let result = try? TextEdit.replace(old, with: new, all: false, in: file, name: "f") else { continue }
      edited += 1
      // Everything before the line of the edit is what it was.
      let before = FileLines(file).lines.prefix(max(0, result.first - 1))
      // (Only the end of the last line goes where the lines behind it do and the file had none at its end.)
      let after = FileLines(result.bytes).lines.prefix(before.count)
      #expect(after.map(\.text).elementsEqual(before.map(\.text)))
      #expect(after.dropLast().elementsEqual(before.dropLast()))
      #expect(FileLines(file).bytes == file)
    }
    #expect(edited > 100)
  }

  @Test("cleaning what a command wrote leaves text, and cleaning it again changes nothing")
  func output() {
    var random = SeededRandom(seed: 13)
    for _ in 0..<3000 {
      let bytes = (0..<Int.random(in: 0...30, using: &random)).map { _ in
        [0x1b, 0x5b, 0x5d, 7, 8, 13, 10, 0x41, 0x6d, 0x3b, 0xc3, 0xa9, 0xff, 0x9b, 0].randomElement(using: &random) ?? 0
      }
      let clean = OutputText.clean(bytes.map { UInt8($0) })
      #expect(String(validating: clean, as: UTF8.self) != nil)
      #expect(!clean.contains { $0 < 0x20 && $0 != 10 && $0 != 9 || $0 == 0x7f })
      #expect(OutputText.clean(clean) == clean)
    }
  }
}
