import Sandbox
import Testing

@testable import Tools

/// Reading, writing and editing files through the toolbox.
struct FileTests {
  @Test("a file is read in the form of the profile, in pages")
  func reading() async throws {
    let long = (1...2500).map { "line \($0)" }.joined(separator: "\n") + "\n"
    try await Bench.with(.generic, ["a": "x\ny\n", "long": long, "empty": ""]) { bench async throws in
      #expect(try await bench.call("read", #"{"path":"a"}"#).text == "x\ny\n")
      let page = try await bench.call("read", #"{"path":"long"}"#).text
      #expect(page.hasSuffix("line 2000\n[Lines 1 to 2000 of 2500 are shown; go on with `offset` 2001.]"))
      let rest = try await bench.call("read", #"{"path":"long","offset":2001}"#).text
      #expect(rest.hasPrefix("line 2001\n") && rest.hasSuffix("line 2500\n"))
      #expect(
        try await bench.call("read", #"{"path":"long","offset":2,"limit":1}"#).text
          == "line 2\n[2498 more lines follow.]")
      #expect(try await bench.call("read", #"{"path":"long","offset":9999}"#).text.contains("has 2500 lines"))
      // A last line that no file has is none.
      for last in ["-5", "0", "999999999999999"] {
        #expect(try await bench.call("read", #"{"path":"a","end_line":\#(last)}"#).text == "x\ny\n")
      }
      #expect(try await bench.call("read", #"{"path":"empty"}"#).text == "[The file is empty.]")
    }
    try await Bench.with(.anthropic, ["d/a": "x\ny\n", "d/e/b": "", ".hidden": ""]) { bench async throws in
      let view = { (arguments: String) async throws in
        try await bench.call("str_replace_based_edit_tool", #"{"command":"view",\#(arguments)}"#).text
      }
      #expect(try await view(#""path":"/workspace/d/a""#) == "     1\tx\n     2\ty\n")
      #expect(try await view(#""path":"/workspace/d/a","view_range":[2,-1]"#) == "     2\ty\n")
      #expect(try await view(#""path":"/workspace""#) == "In /workspace:\nd/\nd/a\nd/e/\n[1 hidden entry is left out.]")
      try await bench.put("d/.git/x", [10])
      #expect(
        try await view(#""path":"/workspace""#)
          == "In /workspace:\nd/\nd/a\nd/e/\n[2 hidden entries are left out.]")
      try await bench.put("n", Array("1\n2\n3\n4\n".utf8))
      let lines = { (range: String) async throws in
        try await view("\"path\":\"/workspace/n\",\"view_range\":\(range)")
          .replacing("     ", with: "").replacing("\t", with: "").replacing("\n", with: " ")
      }
      #expect(
        try await lines("[3,2]")
          == "22 33 [1 more lines follow.] [The two numbers of `view_range` were taken the other way round: lines 2 to 3.]"
      )
      #expect(try await lines("[3]") == "33 44  [`view_range` [3] was taken for [3, -1].]")
      #expect(try await lines("[0,2]").hasSuffix(" [`view_range` [0, 2] was taken for [1, 2].]"))
      #expect(try await lines("[3,-7]").hasSuffix(" [`view_range` [3, -7] was taken for [3, -1].]"))
      #expect(try await lines("[3,-1]") == "33 44 ")
    }
    try await Bench.with(.deepseek, ["long": long]) { bench async throws in
      let text = try await bench.call("str_replace_editor", #"{"command":"view","path":"/workspace/long"}"#).text
      #expect(text.utf8.count < 16_200 && text.contains("<response clipped><NOTE>Lines 1 to "))
    }
  }

  @Test("a page has as many bytes as an answer of a command, and a tenth more where that is all there is")
  func pageSize() async throws {
    let row = String(repeating: "x", count: 99) + "\n"
    try await Bench.with(.generic) { bench async throws in
      for (count, isWhole) in [(299, true), (320, true), (331, false), (900, false)] {
        try await bench.put("f", Array(String(repeating: row, count: count).utf8))
        let page = try await bench.call("read", #"{"path":"f"}"#).text
        #expect(page.contains("go on with `offset` 301.") == !isWhole)
        #expect(page.split(separator: "\n").count { $0.hasPrefix("x") } == (isWhole ? count : 300))
        // The control: a command's output is cut at the same size.
        #expect(try await bench.call("bash", #"{"command":"cat f"}"#).text.contains("left out") == !isWhole)
      }
      #expect(try await bench.call("read", #"{"path":"f","offset":20,"end_line":10}"#).text.contains("lines 10 to 20"))
    }
  }

  @Test("a path that is none gets an answer that helps")
  func paths() async throws {
    try await Bench.with(.generic, ["src/main.c": "int x;\n"]) { bench async throws in
      let read = { (path: String) async throws in
        let answer = try await bench.call("read", "{\"path\":\"\(path)\"}")
        #expect(answer.isError)
        return answer.text
      }
      #expect(try await read("src/mian.c") == "There is no `src/mian.c`. In the same directory there is `main.c`.")
      for name in ["tests/unittest.c", "tests/unittest_alloc.c", "lib/click/core.py", "lib/Makefile", "zlib/core.py"] {
        try await bench.put(name, [10])
      }
      #expect(
        try await read("tests/unittest_multi.c")
          == "There is no `tests/unittest_multi.c`. In the same directory there is `unittest.c`, `unittest_alloc.c`.")
      #expect(
        try await read("click/core.py")
          == "There is no `click/core.py`. By that name there is `lib/click/core.py`. Its "
          + "directory is not there; the workspace is /workspace.")
      #expect(
        try await read("tests/core.py")
          == "There is no `tests/core.py`. By that name there is `zlib/core.py`, `lib/click/core.py`.")
      #expect(try await read("click").contains("By that name there is `lib/click`."))
      #expect(try await read("makefile").contains("By that name there is `lib/Makefile`."))
      #expect(try await read("tests/nothing.xyz").hasSuffix("Its directory has 2 entries, none with a name like it."))
      #expect(try await read("/home/me/project/src/main.c").contains("Perhaps `src/main.c` is meant"))
      #expect(try await read("workspace/src/main.c").contains("Perhaps `src/main.c` is meant"))
      #expect(try await read("src").contains("is a directory"))
      #expect(try await read("nowhere/at/all.c").contains("directory is not there either"))
      #expect(try await read("src/main.c/x").contains("not a directory"))
      #expect(try await read("~/x").contains("stands for nothing here"))
      #expect(try await read("../x").contains("leads out of the workspace"))
      #expect(try await bench.call("read", #"{"path":"src/../src/main.c"}"#).text == "int x;\n")
      let outside = try await bench.call("write", #"{"path":"/etc/passwd","content":"x"}"#)
      #expect(
        outside.text
          == "`/etc/passwd` is neither in the workspace, /workspace, nor in /tmp; only files in these are edited.")
      // The control: the other place that is named is one.
      #expect(try await bench.call("write", #"{"path":"/tmp/x","content":"x"}"#).isError == false)
      #expect(try await bench.call("write", #"{"path":"/workspace","content":"x"}"#).text.contains("is a directory"))
      for path in ["/etc/passwd", ".git/config", "src", "/workspace"] {
        #expect(try await bench.call("write", "{\"path\":\"\(path)\",\"content\":\"x\"}").isError)
      }
      try await bench.system("ln", "-s", "main.c", "/workspace/src/link.c")
      #expect(
        try await bench.call("edit", #"{"path":"src/link.c","oldText":"x","newText":"y"}"#).text.contains(
          "symbolic link"))
      try await bench.put("binary", [1, 0, 2])
      #expect(try await bench.call("read", #"{"path":"binary"}"#).text.contains("binary file of 3 bytes"))
      #expect(
        try await bench.call("edit", #"{"path":"binary","oldText":"x","newText":"y"}"#).text.contains("binary file"))
    }
  }

  @Test("a file that changed since it was read is edited only where the old text fits once")
  func versions() async throws {
    try await Bench.with(.generic, ["a": "one\ntwo\n"]) { bench async throws in
      let edit = { (old: String, new: String, all: Bool) async throws in
        try await bench.call("edit", #"{"path":"a","oldText":"\#(old)","newText":"\#(new)","replace_all":\#(all)}"#)
      }
      _ = try await bench.call("read", #"{"path":"a"}"#)
      _ = try await bench.call("bash", #"{"command":"sed -i s/two/2/ a"}"#)
      let gone = try await edit("two", "3", false)
      #expect(
        gone.isError && gone.text.contains("is not in `a`") && gone.text.contains("has changed since it was read"))
      _ = try await bench.call("bash", #"{"command":"echo 2 >>a"}"#)
      let twice = try await edit("2", "3", false)
      #expect(twice.isError && twice.text.contains("stands 2 times") && twice.text.contains("has changed since"))
      #expect(try await edit("2", "3", true).text.contains("has changed since it was read, by a command"))
      #expect(try await bench.text("a") == "one\n2\n2\n")
      let once = try await edit("one", "uno", false)
      #expect(!once.isError && once.text.contains("(the file had changed since it was read)"))
      #expect(try await bench.text("a") == "uno\n2\n2\n")
      #expect(try await edit("2", "3", true).isError == false)
      try await bench.put("a", Array("one\n2\n".utf8))
      _ = try await bench.call("read", #"{"path":"a"}"#)
      #expect(try await bench.call("edit", #"{"path":"a","oldText":"one","newText":"1"}"#).isError == false)
      // What a tool wrote is known.
      #expect(try await bench.call("edit", #"{"path":"a","oldText":"1","newText":"I"}"#).isError == false)
      #expect(try await bench.text("a") == "I\n2\n")
      // A toolbox that goes on knows it too.
      let later = Bench(.generic, cell: bench.cell, memory: await bench.toolbox.remembered())
      #expect(try await later.call("edit", #"{"path":"a","oldText":"I","newText":"i"}"#).isError == false)
      _ = try await bench.call("bash", #"{"command":"echo x >a"}"#)
      #expect(try await later.call("write", #"{"path":"a","content":"y"}"#).isError)
    }
    try await Bench.with(.anthropic, ["a": "one\n"]) { bench async throws in
      let edit = #"{"command":"str_replace","path":"/workspace/a","old_str":"one","new_str":"1"}"#
      let insert = #"{"command":"insert","path":"/workspace/a","insert_line":1,"insert_text":"x"}"#
      // It may have been read by a command; where lines are counted, what has changed since it was viewed is refused.
      _ = try await bench.call("str_replace_based_edit_tool", #"{"command":"view","path":"/workspace/a"}"#)
      try await bench.put("a", Array("one\ntwo\n".utf8))
      #expect(
        try await bench.call("str_replace_based_edit_tool", insert).text.contains("has changed since it was read"))
      #expect(try await bench.call("str_replace_based_edit_tool", edit).isError == false)
      #expect(try await bench.call("str_replace_based_edit_tool", insert).isError == false)
    }
    try await Bench.with(.anthropic, ["a": "one\n"]) { bench async throws in
      let edit = #"{"command":"str_replace","path":"/workspace/a","old_str":"one","new_str":"1"}"#
      #expect(
        try await bench.call("str_replace_based_edit_tool", edit).text
          == "The file a was edited. It has now:\n     1\t1\n")
    }
  }

  @Test("line breaks that were escaped once more are taken for such, and white space that differs is told of")
  func escaped() async throws {
    try await Bench.with(.gemini) { bench async throws in
      let edit = { (file: String, old: String, new: String) async throws in
        try await bench.call("replace", #"{"file_path":"\#(file)","old_string":"\#(old)","new_string":"\#(new)"}"#)
      }
      try await bench.put("a", Array("def f():\n\tprint(\"x\\n\")\n\nend\n".utf8))
      let answer = try await edit("a", #"def f():\\n\\tprint(\\\"x\\\\n\\\")"#, #"def g():\\n\\tprint(\\\"y\\\\n\\\")"#)
      #expect(!answer.isError && answer.text.contains("taken for a line break"), "\(answer.text)")
      #expect(try await bench.text("a") == "def g():\n\tprint(\"y\\n\")\n\nend\n")
      let none = try await edit("a", #"def h():\\n\\tnone"#, "x")
      #expect(none.isError && none.text.contains("send line breaks"))
      // The control: where the file itself has a backslash and an n, it is that.
      let own = try await edit("a", #"y\\n"#, #"z\\n"#)
      #expect(!own.isError && !own.text.contains("taken for"))
      #expect(try await bench.text("a") == "def g():\n\tprint(\"z\\n\")\n\nend\n")
      try await bench.put("b", Array("x\n  a = [1,2]\n    b\n".utf8))
      let spaced = try await edit("b", #"a = [1, 2]\nb"#, "c")
      #expect(
        spaced.isError && spaced.text.contains("only in white space") && spaced.text.contains("begins at line 2 "))
      #expect(try await edit("b", "q = 7", "c").text.contains("white space") == false)
    }
  }

  @Test("several edits of one call are made together or not at all, and older names of tools are known")
  func severalEdits() async throws {
    try await Bench.with(.generic, ["a": "one\ntwo\nthree\n"]) { bench async throws in
      let wrong = try await bench.call(
        "edit", #"{"path":"a","edits":[{"oldText":"one","newText":"1"},{"oldText":"four","newText":"4"}]}"#)
      #expect(
        wrong.isError && wrong.text.hasPrefix("Edit 2 of 2 fails, so none was made. The text to be replaced is not"))
      #expect(try await bench.text("a") == "one\ntwo\nthree\n")
      let right = try await bench.call(
        "edit", #"{"path":"a","edits":[{"oldText":"one","newText":"1"},{"oldText":"three","newText":"3"}]}"#)
      #expect(!right.isError && right.text.contains("edited at 2 places"))
      #expect(try await bench.text("a") == "1\ntwo\n3\n")
      #expect(try await bench.call("edit", #"{"path":"a","edits":[]}"#).isError)
      #expect(try await bench.call("edit", #"{"path":"a","newText":"x"}"#).text.contains("`oldText` is missing"))
    }
    try await Bench.with(.gemini, ["a": "one\n"]) { bench async throws in
      #expect(try await bench.call("search_file_content", #"{"pattern":"o.e"}"#).text == "a:1:one")
    }
  }

  @Test("a file that was never read is replaced as a whole only by a second call")
  func unread() async throws {
    let long = (1...383).map { "\($0)\n" }.joined()
    try await Bench.with(.generic, ["a": long, "read": long, "empty": ""]) { bench async throws in
      let write = { (name: String) async throws in
        try await bench.call("write", #"{"path":"\#(name)","content":"x\n"}"#)
      }
      let refused = try await write("a")
      #expect(refused.isError && refused.text.contains("exists already, with 383 lines, and was not read"))
      #expect(try await bench.text("a") == long)
      #expect(try await write("a").text == "`a` was overwritten: 1 line, 2 bytes.")
      // The controls: what is new or empty, and what was read.
      #expect(try await write("new").text.contains("was created"))
      #expect(try await write("empty").text.contains("was overwritten"))
      _ = try await bench.call("read", #"{"path":"read"}"#)
      #expect(try await write("read").text.contains("was overwritten"))
    }
  }

  @Test("creating follows the profile")
  func creating() async throws {
    try await Bench.with(.deepseek, ["a": "x\n"]) { bench async throws in
      let create = { (path: String) async throws in
        try await bench.call(
          "str_replace_editor", "{\"command\":\"create\",\"path\":\"/workspace/\(path)\",\"file_text\":\"y\\n\"}")
      }
      #expect(try await create("a").text.contains("exists already"))
      #expect(try await create("d/b").text == "`d/b` was created: 1 line, 2 bytes.")
      #expect(try await bench.text("a") == "x\n")
    }
    try await Bench.with(.gemini, ["a": "x\r\nz\r\n"]) { bench async throws in
      _ = try await bench.call("read_file", #"{"file_path":"a"}"#)
      #expect(try await bench.call("write_file", #"{"file_path":"a","content":"y\nz\n"}"#).text.contains("overwritten"))
      #expect(try await bench.text("a") == "y\r\nz\r\n")
    }
  }

  @Test("an edit finds its place, or says how many there are and what is near")
  func replacing() async throws {
    let text = "def f():\n    x = 1\n    return x\n\ndef g():\n    x = 1\n    return x + 1\n"
    try await Bench.with(.generic, ["a.py": text, "t.c": "int f() {\n\tif (x) {\n\t\treturn 1;\n\t}\n}\n"]) {
      bench async throws in
      let edit = { (path: String, old: String, new: String) async throws in
        try await bench.toolbox.perform(.replace(ReplaceRequest(path: bench.path(path), old: old, new: new)))
      }
      let twice = try await edit("a.py", "x = 1", "x = 2")
      #expect(twice.isError && twice.text.contains("stands 2 times in `a.py`, at lines 2, 6"))
      try await bench.put("many", Array("x\nx x x\n\nx x\n".utf8))
      #expect(
        try await bench.call("edit", #"{"path":"many","oldText":"x","newText":"y"}"#).text.contains(
          "stands 6 times in `many`, at lines 1, 2 (3 times), 4 (2 times); nothing"))
      try await bench.put("many", Array("\nx x\n".utf8))
      #expect(
        try await bench.call("edit", #"{"path":"many","oldText":"x","newText":"y"}"#).text.contains(
          "stands 2 times in `many`, all in line 2; nothing"))
      let none = try await edit("a.py", "def g():\n    y = 1\n    return x + 1", "z")
      #expect(none.isError && none.text.contains("     5\tdef g():\n     6\t    x = 1\n"))
      #expect(try await bench.text("a.py") == text)
      // White space at the ends, and an indentation that is off by the same everywhere.
      let loose = try await edit("a.py", "def g():\n  x = 1  \n  return x + 1", "def g():\n  return 2")
      #expect(loose.isError)
      let shifted = try await edit("a.py", "x = 1\nreturn x + 1", "x = 5\nif x:\n    return x")
      #expect(shifted.text.contains("(white space was not the same)"))
      #expect(try await bench.text("a.py").hasSuffix("def g():\n    x = 5\n    if x:\n        return x\n"))
      #expect(
        try await edit("t.c", "    if (x) {\n        return 1;\n    }", "    if (y) {\n        return 2;\n    }")
          .isError == false)
      #expect(try await bench.text("t.c") == "int f() {\n\tif (y) {\n\t\treturn 2;\n\t}\n}\n")
      #expect(
        try await edit("a.py", "     1\tdef f():\n     2\t    x = 1", "def h():\n    x = 9").text.contains(
          "line numbers"))
      #expect(try await bench.text("a.py").hasPrefix("def h():\n    x = 9\n    return x\n"))
      try await bench.put("q", Array("say “hi” — now\n".utf8))
      #expect(try await edit("q", "say \"hi\" - now", "say 'ho'").isError == false)
      #expect(try await bench.text("q") == "say 'ho'\n")
    }
  }

  @Test("line ends, the byte order mark, a missing last line end and strange bytes stay")
  func bytes() async throws {
    try await Bench.with(.generic) { bench async throws in
      let put = { (bytes: [UInt8]) async throws in
        try await bench.put("f", bytes)
        _ = try await bench.call("read", #"{"path":"f"}"#)
      }
      let edit = { (old: String, new: String) async throws in
        try await bench.toolbox.perform(.replace(ReplaceRequest(path: bench.path("f"), old: old, new: new)))
      }
      try await put([0xef, 0xbb, 0xbf] + Array("a\r\nb\r\nc".utf8))
      #expect(try await edit("a\nb\n", "x\ny\nz\n").isError == false)
      #expect(try await bench.bytes("f") == [0xef, 0xbb, 0xbf] + Array("x\r\ny\r\nz\r\nc".utf8))
      try await put(Array("a\nb\r\nc\n".utf8))
      #expect(try await edit("c", "d").isError == false)
      #expect(try await bench.text("f") == "a\nb\r\nd\n")
      // Latin-1: the model sees an escape, and may write one.
      try await put([0x63, 0x61, 0x66, 0xe9, 10, 0x62, 10])
      #expect(try await bench.call("read", #"{"path":"f"}"#).text == "caf\\xe9\nb\n")
      #expect(try await edit("caf\\xe9", "th\\xe9").isError == false)
      #expect(try await bench.bytes("f") == [0x74, 0x68, 0xe9, 10, 0x62, 10])
      #expect(try await bench.call("edit", #"{"path":"f","oldText":"b","newText":"c"}"#).isError == false)
      #expect(try await bench.bytes("f") == [0x74, 0x68, 0xe9, 10, 0x63, 10])
      try await put(Array("a\nb".utf8))
      let insert = try await bench.toolbox.perform(.insert(InsertRequest(path: bench.path("f"), line: 2, text: "c\n")))
      #expect(insert.isError == false)
      #expect(try await bench.text("f") == "a\nb\nc")
      let behind = try await bench.toolbox.perform(.insert(InsertRequest(path: bench.path("f"), line: 9, text: "c\n")))
      #expect(behind.isError && behind.text.contains("has 3 lines"))
    }
  }

  @Test("searches give paths from the workspace on, with and without a repository", arguments: [true, false])
  func searching(inRepository: Bool) async throws {
    let files = [
      "src/a.c": "int one;\nint two2;\n", "src/b.h": "int one;\n", "docs/n.md": "one\r\n", "weird name:1:.c": "one\n",
    ]
    try await Bench.with(.gemini, files) { bench async throws in
      if inRepository {
        try await bench.system("git", "init", "-q", "/workspace")
        try await bench.put(".gitignore", Array("docs\n".utf8))
        try await bench.put("docs/x.c", Array("one\n".utf8))
      }
      let grep = { (arguments: String) async throws in try await bench.call("grep_search", "{\(arguments)}").text }
      #expect(
        try await grep(#""pattern":"\\bone\\b","dir_path":"src""#).split(separator: "\n").sorted() == [
          "src/a.c:1:int one;", "src/b.h:1:int one;",
        ])
      #expect(try await grep(#""pattern":"two\\d","include_pattern":"*.{c,h}""#) == "src/a.c:2:int two2;")
      #expect(try await grep(#""pattern":"one","include_pattern":"weird*""#) == "weird name:1:.c:1:one")
      #expect(try await grep(#""pattern":"int","exclude_pattern":"one""#) == "src/a.c:2:int two2;")
      #expect(
        try await grep(#""pattern":"int","names_only":true,"dir_path":"src""#).split(separator: "\n").sorted() == [
          "src/a.c", "src/b.h",
        ])
      #expect(
        try await grep(#""pattern":"int","total_max_matches":1,"dir_path":"src""#).contains(
          "[2 more are left out, in `src/"))
      #expect(try await grep(#""pattern":"nothing at all""#) == "Nothing matches.")
      #expect(try await bench.call("grep_search", #"{"pattern":"a("}"#).isError)
      #expect(try await bench.call("grep_search", #"{"pattern":"a","dir_path":"none"}"#).isError)
      #expect(try await grep(#""pattern":"^one$""#).contains("docs/n.md") == false)
      #expect(try await bench.call("glob", #"{"pattern":"src/*.c"}"#).text == "src/a.c")
      #expect(
        try await bench.call("glob", #"{"pattern":"**/*.{h,md}"}"#).text
          == (inRepository ? "src/b.h" : "docs/n.md\nsrc/b.h"))
      #expect(try await bench.call("glob", #"{"pattern":"*.h","dir_path":"src"}"#).text == "src/b.h")
      #expect(try await bench.call("glob", #"{"pattern":"*.zig"}"#).text == "No file matches `*.zig`.")
      #expect(try await bench.call("list_directory", #"{"dir_path":"src"}"#).text == "In /workspace/src:\na.c\nb.h")
    }
  }
}

/// What commands write, made readable.
struct OutputTests {
  @Test(
    "escapes, carriage returns and strange bytes",
    arguments: [
      ("plain\n", "plain\n"), ("\u{1b}[31mred\u{1b}[0m\n", "red\n"), ("\u{1b}]0;title\u{7}x\n", "x\n"),
      ("\u{1b}]8;;http://a\u{1b}\\link\u{1b}]8;;\u{1b}\\\n", "link\n"), (" 10%\r 50%\r100%\n", "100%\n"),
      ("a\r\nb\r\n", "a\nb\n"), ("done\r\u{1b}[K\n", "done\n"), ("50%\r\u{1b}[K100%\n", "100%\n"),
      ("ab\u{8}c\n", "ac\n"),
      ("\u{1b}(Bx", "x"), ("x\u{1b}", "x"), ("x\u{1b}[", "x"), ("a\u{0}b", "a\\x00b"), ("bell\u{7}", "bell"),
      ("x\r", "x"), ("\u{1b}[2J\u{1b}[1;1Hx", "x"), ("é😀", "é😀"), ("a\tb", "a\tb"),
    ])
  func cleaning(_ raw: String, _ shown: String) {
    #expect(String(decoding: OutputText.clean(Array(raw.utf8)), as: UTF8.self) == shown)
  }

  @Test("bytes that are not UTF-8 are shown, and come back")
  func invalid() {
    #expect(OutputText.clean([0x61, 0xff, 0xc3, 0x28]) == Array("a\\xff\\xc3(".utf8))
    #expect(OutputText.unescaped("a\\xff\\xc3(\\x41") == [0x61, 0xff, 0xc3, 0x28] + Array("\\x41".utf8))
  }

  @Test("a cut keeps three fifths and two fifths, at line ends, and counts what is gone")
  func clipping() throws {
    let text = (1...1000).flatMap { Array("line \($0)\n".utf8) }
    #expect(OutputText.clipped(text, to: text.count) == nil)
    let parts = try #require(OutputText.clipped(text, to: 1000))
    #expect(parts.head.count + parts.tail.count + parts.leftOut == text.count)
    #expect(parts.head.last == 10 && parts.head.count <= 600 && parts.head.count > 580)
    #expect(parts.tail.starts(with: "line ".utf8) && parts.tail.count <= 400 && parts.tail.count > 380)
    let one = [UInt8](repeating: 0x78, count: 5000)
    let cut = try #require(OutputText.clipped(one, to: 1000))
    #expect(cut.head.count == 600 && cut.tail.count == 400)
    #expect(
      OutputText.clipped(Array(String(repeating: "é", count: 999).utf8), to: 501).map {
        String(validating: $0.head + $0.tail, as: UTF8.self) != nil
      } == true)
  }
}
