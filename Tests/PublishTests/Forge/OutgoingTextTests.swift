import Publish
import Testing

@Suite("Text that leaves is written anew, and does nothing")
struct OutgoingTextTests {
  static func rules() throws -> OutgoingRules { try #require(OutgoingRules(web: "https://forge.example/o/r")) }

  @Test("Every carrier", arguments: 0..<Carrier.all.count)
  func carriers(_ index: Int) throws {
    let carrier = Carrier.all[index]
    let text = OutgoingText.blocks(carrier.text, under: try Self.rules()).markdown
    #expect(text == carrier.expected, "\(carrier.name)")
  }

  @Test(
    "Paths of the server are taken out, and others stay",
    arguments: [
      ("cannot open '/srv/a/state/journal.sqlite': it is full", "cannot open '(a place on the server)': it is full"),
      ("see /srv/a/state", "see (a place on the server)"),
      ("(/srv/a/state/runs/x), and", "((a place on the server)), and"),
      ("/etc/a.yml:3:4: no such key", "(a place on the server):3:4: no such key"),
      // These are others.
      ("/srv/a/stately", "/srv/a/stately"), ("src/srv/a/state/x", "src/srv/a/state/x"),
      ("/etc/a.yml.old", "/etc/a.yml.old"),
      ("/usr/lib and /etc", "/usr/lib and /etc"), ("/", "/"),
    ])
  func places(_ text: String, _ expected: String) throws {
    let rules = try #require(
      OutgoingRules(
        web: "https://forge.example/o/r", hiding: ["/srv/a/state", "/etc/a.yml", "/usr", "/", "relative/x"]))
    let words = "It says: "
    #expect(OutgoingText.line(words + text, under: rules).markdown == words + expected)
    #expect(OutgoingText.blocks(words + text, under: rules).markdown == words + expected)
    // The control.
    #expect(OutgoingText.line(words + text, under: try Self.rules()).markdown == words + text)
  }

  static let prose = """
    ### The lock is released too early

    `flush()` returns **before** the write is *done*, so a reader may see half a record:

    ```swift
    let a = [1, 2]
    if a.count > 1 && b { x = "<T>" }
    ```

    1. Take the lock in `open_file`.
    2. Release it where `close()` is called:
       - after the `fsync`,
       - and not if errno != 0.

    > the page says a_b_c & d < e

    See [the notes](docs/notes.md#locks) and https://forge.example/o/r/blob/main/a_b.c. It costs 5 % (~2 ms); C:\\new.

        indented code

    ---
    """

  /// The same, as it leaves.
  static let kept = """
    #### The lock is released too early

    `flush()` returns **before** the write is *done*, so a reader may see half a record:

    ```swift
    let a = [1, 2]
    if a.count > 1 && b { x = "<T>" }
    ```

    1. Take the lock in `open_file`.
    2. Release it where `close()` is called:
       - after the `fsync`,
       - and not if errno != 0.

    > the page says a_b_c &amp; d &lt; e

    See [the notes](docs/notes.md#locks) and <https://forge.example/o/r/blob/main/a_b.c>. It costs 5 % (~2 ms); C:\\\\new.

    ```
    indented code
    ```

    ***
    """

  @Test("Ordinary prose stays what it is, and reads the same")
  func ordinary() throws {
    #expect(OutgoingText.blocks(Self.prose, under: try Self.rules()).markdown == Self.kept)
  }

  @Test("A text on one line has no second one, and code can hold anything")
  func lines() throws {
    let rules = try Self.rules()
    #expect(OutgoingText.line("a\n\n/close\n```\nb", under: rules).markdown == "a  /close \\`\\`\\` b")
    #expect(OutgoingText.line("- a #1", under: rules).markdown == "\\- a `#1`")
    #expect(OutgoingText.code("a`b\n@c").markdown == "``a`b @c``")
    #expect(OutgoingText.code("`a").markdown == "`` `a ``")
    #expect(OutgoingText.code(" \n").isEmpty)
    #expect(
      OutgoingText.fence(["a", "````", "b"], language: "suggestion", most: 2).markdown
        == "`````\na\n````\n… 1 more lines\n`````")
    #expect(OutgoingText.fence(["a"], language: "swift").markdown == "```swift\na\n```")
  }

  @Test("No text is longer than it may be, and a cut is marked", arguments: [17, 100, 1_000])
  func limits(_ limit: Int) throws {
    let rules = try Self.rules()
    for unit in ["word ", "<", "[[", "é", "@a", "`x` ", "> ", "- a\n", "```\n", "\u{202e}"] {
      let long = String(repeating: unit, count: 3_000)
      let text = OutgoingText.blocks(long, under: rules, limit: limit)
      #expect(text.size <= max(limit, 64), "\(unit): \(text)")
      if limit > 50 { #expect(text.markdown.contains("…"), "\(unit): \(text)") }
      #expect(!OutgoingText.blocks(unit, under: rules, limit: limit).markdown.contains("…"))
    }
  }

  @Test("The rules are made of a forge's address, and of nothing else")
  func addresses() {
    #expect(OutgoingRules(web: "http://127.0.0.1:3000/o/r.git")?.host == "127.0.0.1:3000")
    #expect(OutgoingRules(web: "https://Forge.Example")?.host == "forge.example")
    for wrong in ["", "forge.example", "ssh://forge.example/x", "https:///x", "https://a@b/c", "javascript:x"] {
      #expect(OutgoingRules(web: wrong) == nil, "\(wrong)")
    }
  }
}

/// What somebody wrote, and what leaves.
private struct Carrier: Sendable {
  var name: String
  var text: String
  var expected: String

  init(_ name: String, _ text: String, _ expected: String) {
    (self.name, self.text, self.expected) = (name, text, expected)
  }

  static let all: [Carrier] = [
    Carrier("an image", "![a](https://evil.example/x.png)", "\\[image: a\\]"),
    Carrier("an image without words", "![](https://evil.example/x.png?d=1)", "\\[image: \\]"),
    Carrier(
      "an image in a link", "[![a](https://evil.example/x.png)](https://evil.example)",
      "\\[image: a\\] (`https://evil.example`)"),
    Carrier(
      "an image by reference", "![a][1]\n\n[1]: https://evil.example/x.png",
      "!\\[a\\]\\[1\\]\n\n\\[1\\]: `https://evil.example/x.png`"),
    Carrier(
      "a link by reference", "[a][1] [1]\n\n[1]: <https://evil.example/x> 'title'",
      "\\[a\\]\\[1\\] \\[1\\]\n\n\\[1\\]: `https://evil.example/x` \'title\'"),
    Carrier(
      "a link behind an escaped mark", "\\![a](b.png) !\\[a](b.png) &#33;[a](b.png)",
      "\\![a](b.png) !\\[a\\](b.png) \\![a](b.png)"),
    Carrier(
      "HTML", "<img src=https://evil.example/x><b onclick=x>hey</b>",
      "&lt;img `src=https://evil.example/x><b` onclick=x&gt;hey&lt;/b&gt;"),
    Carrier("a comment", "a <!-- ignore all --> b", "a &lt;!-- ignore all --&gt; b"),
    Carrier("a marker of ours", "<!-- arborist:summary -->", "&lt;!-- arborist:summary --&gt;"),
    Carrier(
      "a marker of ours in code", "`<!-- arborist:summary -->`\n\n```\n<!--arborist:summary -->\n```",
      "`< !-- arborist:summary -->`\n\n```\n< !--arborist:summary -->\n```"),
    Carrier("entities for HTML", "&lt;img src=x&gt; &#60;img src=x&#62;", "&lt;img src=x&gt; &lt;img src=x&gt;"),
    Carrier(
      "details", "<details><summary>More</summary>\n\n@bob\n\n</details>",
      "&lt;details&gt;&lt;summary&gt;More&lt;/summary&gt;\n\n`@bob`\n\n&lt;/details&gt;"),
    Carrier(
      "a link to elsewhere", "See [the docs](https://evil.example/a?b=c).",
      "See the docs (`https://evil.example/a?b=c`)."),
    Carrier(
      "an autolink", "<https://evil.example/x> and <bob@evil.example>",
      "`https://evil.example/x` and `bob@evil.example`"),
    Carrier(
      "bare addresses", "https://evil.example/x, www.evil.example and ftp://evil.example.",
      "`https://evil.example/x`, `www.evil.example` and `ftp://evil.example`."),
    Carrier("a script", "[a](javascript:alert(1)) [b](JaVaScRiPt&colon;alert(1)) [c](<java\\script:x>)", "a b c"),
    Carrier("data", "[a](data:text/html;base64,PHNjcmlwdD4=) ![b](data:image/png;base64,AAAA)", "a \\[image: b\\]"),
    Carrier(
      "a user before the host", "[a](https://forge.example@evil.example/x)",
      "a (`https://forge.example@evil.example/x`)"),
    Carrier(
      "a longer host", "[a](https://forge.example.evil.example/) <https://forge.example.evil.example>",
      "a (`https://forge.example.evil.example/`) `https://forge.example.evil.example`"),
    Carrier(
      "punycode", "[forge.example](https://xn--frge-5qa.example/o/r) [f](https://förge.example/)",
      "forge.example (`https://xn--frge-5qa.example/o/r`) f (`https://förge.example/`)"),
    Carrier("no scheme", "[a](//evil.example/x) [b](/\\evil.example) [c](\\\\evil.example)", "a b c"),
    Carrier(
      "a question", "[a](https://forge.example/o/r/issues/new?body=x) [b](?x=1)",
      "a (`https://forge.example/o/r/issues/new?body=x`) b"),
    Carrier(
      "mentions", "@alice, (@bob) **@carol** @org/team @all bob@evil.example _@_dave_",
      "`@alice`, (`@bob`) **`@carol`** `@org/team` `@all` `bob@evil.example` _`@_dave`_"),
    Carrier(
      "mentions in disguise", "&#64;alice \\@bob &commat;carol @&#100;ave <span>@erin</span>",
      "`@alice` `@bob` `@carol` `@dave` &lt;`span>@erin</span`&gt;"),
    Carrier(
      "numbers", "#12, o/r#12 !34 g/p!34 GH-5 &6 (fixes #7)",
      "`#12`, `o/r#12` `!34` `g/p!34` `GH-5` `&6` (fixes `#7`)"),
    Carrier(
      "numbers in links", "https://forge.example/o/r/issues/12 [x](/o/r/pull/3)",
      "`https://forge.example/o/r/issues/12` x"),
    Carrier(
      "commands", "/arborist fix\n  /close\n> /merge\n\n- /approve\n\n/label ~a",
      "\\/arborist fix\n\\/close\n\n> \\/merge\n\n- \\/approve\n\n\\/label ~a"),
    Carrier("commands in code", "```\n/arborist undo\n/close\n```", "```\n /arborist undo\n/close\n```"),
    Carrier(
      "commands as entities", "&#47;arborist fix\n\\/arborist fix\n&sol;close",
      "\\/arborist fix\n\\/arborist fix\n\\/close"),
    Carrier("a fence in a fence", "````\n```\n@bob\n```\n````\n`````", "````\n```\n@bob\n```\n````\n\n```\n```"),
    Carrier("a fence that does not end", "```swift\nlet a = 1\n@bob", "```swift\nlet a = 1\n@bob\n```"),
    Carrier(
      "a diagram", "```mermaid\ngraph TD; A-->B; click A \"https://evil.example\"\n```",
      "```\ngraph TD; A-->B; click A \"https://evil.example\"\n```"),
    Carrier(
      "a suggestion", "```suggestion:-0+0\nevil()\n```\n\n~~~suggestion\nevil()\n~~~",
      "```\nevil()\n```\n\n```\nevil()\n```"),
    Carrier(
      "mathematics", "$$\\href{https://evil.example}{x}$$ $`x`$",
      "`$$\\href{https://evil.example}{x}$$` \\$`x`\\$"),
    Carrier("a footnote", "a[^1]\n\n[^1]: ![x](https://evil.example/x.png)", "a\\[^1\\]\n\n\\[^1\\]: \\[image: x\\]"),
    Carrier(
      "characters nobody sees", "a\u{202e}b\u{200b}c\u{2066}d\u{e0041}\u{feff}e\u{2028}/close &#x202e; &#8203;",
      "a\\\\u{202E}b\\\\u{200B}c\\\\u{2066}d\\\\u{E0041}\\\\u{FEFF}e\\\\u{2028}/close \\\\u{202E} \\\\u{200B}"),
    Carrier("code that ends too early", "`a`` @bob` ``c` @dave", "```a`` @bob``` \\`\\`c\\` `@dave`"),
    Carrier(
      "code over the cells of a table", "a|b\n-|-\n`x|y\n@evil <img src=x>` |\n:-:\n",
      "```\na|b\n-|-\n`x|y\n@evil <img src=x>` |\n:-:\n```"),
    Carrier("a heading under a line", "a\n===\nb\n---\n# c #1\n#d", "#### a\n\n#### b\n\n#### c `#1`\n\n\\#d"),
    Carrier(
      "brackets that do not end", "[[[[a](b [c](https://evil.example \"t\" x) ![",
      "\\[\\[\\[\\[a\\](b \\[`c](https://evil.example` \"t\" x) !\\["),
    Carrier(
      "a quote with an image", "> ![x](https://evil.example/x.png)\n> > - ![y](http://evil.example/y)",
      "> \\[image: x\\]\n>\n> > - \\[image: y\\]"),
    Carrier("an alert", "> [!CAUTION]\n> x", "> \\[!CAUTION\\]\n> x"),
    Carrier(
      "backslashes", "\\\\![x](http://evil.example/x) \\<img\\> \\\\`@bob` a\\",
      "\\\\\\[image: x\\] &lt;img&gt; \\\\`@bob` a\\\\"),
    Carrier("marks upon marks", "e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}x", "é́́́x"),
    Carrier(
      "returns and bytes", "a\r/close\r\n\u{1b}[31mred\u{7}\0",
      "a\n\\/close\n\\\\u{1B}\\[31mred\\\\u{7}\\\\u{0}"),
    Carrier("code beside a mention", "x`a`@bob`` ` ``@carol", "x`a` `@bob` `` ` `` `@carol`"),
    Carrier("a link with a mention", "[@alice #1](docs/a.md)", "[`@alice` `#1`](docs/a.md)"),
    Carrier("a task", "- [ ] a\n- [x] b\n1) c\n2. d", "- \\[ \\] a\n- \\[x\\] b\n\n1. c\n2. d"),
  ]
}
