import Forges
import Testing
import Work

/// Which line of a comment is a command.
@Suite struct CommandParserTests {
  @Test(
    arguments: [
      ("/arborist review", .review), ("/arborist fix", .fix), ("/arborist resolve", .resolve),
      ("/arborist undo", .undo),
      ("/arborist stop", .stop), ("/arborist help", .help), ("/arborist", .help), ("/Arborist  Review \t", .review),
      ("/arborist ask why is this slow?", .ask("why is this slow?")), ("/arborist ask", .askWithoutQuestion),
      ("/arborist refix", .unknown("refix")), ("/arborist fix only the tests", .unknown("fix only the tests")),
    ] as [(String, CommentCommand.Word)])
  func readsEveryWord(line: String, word: CommentCommand.Word) {
    #expect(CommandParser.words(in: line) == [word])
    #expect(CommandParser.words(in: "Thanks!\r\n\(line)\r\nBye") == [word])
    #expect(CommandParser.words(in: "Thanks!\n\n\(line)\n") == [word])
  }

  @Test(arguments: [
    "", "review", "arborist review", "/arboristreview", "/arborist-review", " /arborist review", "see /arborist review",
    "\t/arborist review", "    /arborist review", "`/arborist review`", "> /arborist review", ">/arborist review",
    "- /arborist review", "* > /arborist review", "# /arborist review", "//arborist review", "\u{200B}/arborist review",
    "/arborist\u{A0}review", "<!-- /arborist review -->", "<!--\n/arborist review\n-->",
    "a <!-- b\n/arborist review\n-->",
    "<!-- open\n\n/arborist review", "```\n/arborist review\n```", "```\n/arborist review",
    "~~~sh\n/arborist review\n~~~",
    "````\n```\n/arborist review\n````", "```\n~~~\n/arborist review\n```", "a `code\n/arborist review\nends` b",
    "a ``code ` \n/arborist review\nends`` b", "> said\n/arborist review", "> ```\n/arborist review",
    ">>>\n\n/arborist review\n\n>>>", "<pre>\n/arborist review\n</pre>", "<pre>\n\n/arborist review\n</pre>",
    "<blockquote>\n\n/arborist review\n\n</blockquote>", "<code>\n/arborist review\n</code>",
    "<div>\n/arborist review\n</div>", "<script>\n\n/arborist review", "<?\n\n/arborist review\n?>",
    "<![CDATA[\n\n/arborist review\n]]>",
    // What a page shows as code though a comment or a list before it has a mark of its own.
    "<!--\n```\n-->\n```\n/arborist review\n```", "<div>\n```\n\n```\n/arborist review\n```",
    "1. ```\n   code\n   ```\n\n```\n/arborist review\n```", "* * *\n  ```\n\n/arborist review\n  ```",
    "text <!--\n```\n-->\n/arborist review\n```",
  ])
  func obeysNothingThatIsNoCommandOfTheWriter(text: String) {
    #expect(CommandParser.words(in: text).isEmpty)
  }

  /// The same marks, but the command stands behind them.
  @Test(arguments: [
    "> said\n\n/arborist review", "```\ncode\n```\n/arborist review", "~~~\n```\n~~~\n/arborist review",
    "a `code` b\n/arborist review", "an odd ` here\n\n/arborist review", "<!-- x -->\n/arborist review",
    "<!--\n\n-->\n/arborist review", "a \\` b\n/arborist review", "<pre>\nx\n</pre>\n/arborist review",
    ">>>\nsaid\n>>>\n\n/arborist review", "<div>\n</div>\n\n/arborist review", "a < b\n/arborist review",
    "- a\n- b\n\n/arborist review", "- a\n\n  ```\n  code\n  ```\n\n/arborist review",
    "1. ```\n   code\n   ```\n\n/arborist review", "<details>\n\nlong\n\n</details>\n\n/arborist review",
    "/arborist review\n```\nlater\n", "* * *\n  ```\n\n  ```\n/arborist review", "x\r/arborist review",
  ])
  func obeysWhatStandsBehind(text: String) {
    #expect(CommandParser.words(in: text) == [.review])
  }

  @Test func takesSeveralInTheirOrderEachOnce() {
    #expect(CommandParser.words(in: "/arborist stop\n/arborist fix") == [.stop, .fix])
    #expect(CommandParser.words(in: "/arborist fix\r\nand\r\n/arborist stop\r\n/arborist FIX") == [.fix, .stop])
    #expect(CommandParser.words(in: "> /arborist stop\n\n/arborist fix\n\n/arborist stop") == [.fix, .stop])
    #expect(CommandParser.words(in: "/arborist fix\n```\n/arborist stop\n```\n/arborist undo") == [.fix, .undo])
    #expect(CommandParser.words(in: "/arborist nonsense\n/arborist fix") == [.unknown("nonsense"), .fix])
    let questions = (1...20).map { "/arborist ask what is \($0)?" }
    #expect(
      CommandParser.words(in: questions.joined(separator: "\n")) == (1...8).map { .ask("what is \($0)?") })
  }

  @Test func showsWhatItRepeatsSafely() {
    #expect(CommandParser.words(in: "/arborist \u{1B}[2Jx\u{202E}") == [.unknown("\\u{1B}[2Jx\\u{202E}")])
    #expect(CommandParser.words(in: "/arborist ask a\u{200B}b") == [.ask("a\\u{200B}b")])
    let long = String(repeating: "ä", count: 10_000)
    guard case .unknown(let word)? = CommandParser.words(in: "/arborist \(long)").first else {
      Issue.record("no unknown word")
      return
    }
    #expect(word == String(repeating: "ä", count: 40))
    guard case .ask(let question)? = CommandParser.words(in: "/arborist ask \(long)").first else {
      Issue.record("no question")
      return
    }
    #expect(question == String(repeating: "ä", count: 2048))
  }

  @Test func looksAtTheBeginningAlone() {
    let filler = String(repeating: "text\n", count: 13_107)
    #expect(filler.utf8.count == 65_535)
    #expect(CommandParser.words(in: filler.dropLast(100) + "\n/arborist fix\n" + filler) == [.fix])
    #expect(CommandParser.words(in: filler + "/arborist fix\n").isEmpty)
    // Cut in the middle, it would say something else.
    #expect(CommandParser.words(in: filler.dropLast(15) + "\n/arborist ask not now").isEmpty)
    #expect(CommandParser.words(in: filler.dropLast(25) + "\n/arborist ask not now\n") == [.ask("not now")])
  }

  /// Nothing in it may take the square of its length: a minute for each would show.
  @Test(arguments: [
    "`", "``` ", "<", "<!--", "<code", "> ", "- ", "`a``b", "\\", "<pre", "1. ", "~~~\n", "<x>\n", "\r",
  ])
  func endsSoonWhateverIsWritten(piece: String) {
    let text = String(repeating: piece, count: 80_000 / piece.utf8.count)
    #expect(CommandParser.words(in: text + "\n/arborist fix").isEmpty)
    #expect(
      CommandParser.words(in: text.prefix(20_000) + "\n\n-->\n</code>\n</pre>\n~~~\n\n/arborist fix\n").allSatisfy {
        $0 == .fix
      })
  }
}
