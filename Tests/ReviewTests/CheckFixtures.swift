/// The changes that ``CheckTests`` reads.
enum CheckFixtures {
  typealias Case = CheckTests.Case

  /// A marker line, so that no line of this file is one.
  private static func marks(_ text: String) -> String {
    text.replacing("{<}", with: String(repeating: "<", count: 7))
      .replacing("{|}", with: String(repeating: "|", count: 7))
      .replacing("{=}", with: String(repeating: "=", count: 7))
      .replacing("{>}", with: String(repeating: ">", count: 7))
  }

  static let conflictMarkers: [Case] = [
    Case(
      "a whole conflict is one finding", "conflict-marker",
      text: marks(
        """
        file src/a.c
        @@ 10
         int a;
        +{<} HEAD ⟵ conflict-marker
        +int b;
        +{|} base
        +{=}
        +int c;
        +{>} topic
        """)),
    Case(
      "an end that was forgotten", "conflict-marker",
      text: marks("file src/a.c\n@@ 5\n int a;\n+{>} 1234abc ⟵ conflict-marker")),
    Case(
      "markers without labels, and with a carriage return", "conflict-marker",
      text: marks("file a.txt\n+{<}\r ⟵ conflict-marker\n+a\r\n+{=}\r\n+{>}\r")),
    Case(
      "a heading in a document", "conflict-marker", text: marks("file README.rst\n+Title\n+{=}\n+\n+text")),
    Case(
      "a shift, a longer line and an indented example", "conflict-marker",
      text: marks("file a.c\n+{<}<\n+x {<} 3\n+  {<} HEAD\n+{<}x\n+{>}>")),
    Case(
      "a marker that was there before, or goes", "conflict-marker", text: marks("file a.c\n {<} HEAD\n-{>} topic\n+a")),
    Case(
      "a listing in a document", "conflict-marker",
      text: marks("file docs/merge.md new\n+```\n+{<} HEAD\n+{=}\n+{>} b\n+```")),
    Case(
      "a conflict in a document", "conflict-marker",
      text: marks("file docs/merge.md new\n+{<} HEAD ⟵ conflict-marker\n+{=}\n+{>} b")),
    Case(
      "a here-document of a test", "conflict-marker",
      text: marks("file t/t1.sh new\n+cat >expect <<\\EOF\n+{<} HEAD\n+{=}\n+{>} b\n+EOF")),
  ]

  static let hiddenUnicode: [Case] = [
    Case(
      "what steers and what hides", "hidden-unicode",
      text: """
        file a.py
        +# \u{202E}desrever ⟵ hidden-unicode
        +x = "a\u{200B}b" ⟵ hidden-unicode
        +y = "tag\u{E0041}\u{E0042}" ⟵ hidden-unicode
        +z = "v\u{FE0F}" ⟵ hidden-unicode
        +w = "\u{3164}" ⟵ hidden-unicode
        +u = "p\u{FEFF}q" ⟵ hidden-unicode
        +\u{2066}access ⟵ hidden-unicode
        """),
    Case(
      "a name with a letter from elsewhere", "hidden-unicode",
      text: "file a.js\n+const p\u{0430}yload = 1; ⟵ hidden-unicode\n+// привет, это комментарий\n+const μs = 3;"),
    Case(
      "what is at home where it stands", "hidden-unicode",
      text: """
        file i18n.txt new
        +\u{FEFF}first line
        +family \u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467} and \u{2764}\u{FE0F} and \u{1F3F3}\u{FE0F}\u{200D}\u{1F308}
        +می\u{200C}خواهم
        +क्\u{200D}ष
        +שלום\u{200F} 123
        +\u{1F3F4}\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}
        +1\u{FE0F}\u{20E3} keycap, naïve café, 中文
        """),
  ]

  static let files: [Case] = [
    Case(
      "large files", "large-file",
      text: """
        file data.csv new size=1048577 large ⟵ large-file
        file small.csv new size=1048576 large
        file grown.json size=9000000 oldsize=100000 large ⟵ large-file
        file was-large.json size=9000000 oldsize=8900000 large
        """),
    Case(
      "build products and strays", "binary-file",
      text: """
        file lib/libx.so new binary ⟵ binary-file
        file .DS_Store new binary ⟵ binary-file
        file src/.main.c.swp new binary ⟵ binary-file
        file a.orig new ⟵ binary-file
        +x
        file dump.sqlite3 new binary ⟵ binary-file
        file logo.png new binary
        file gradle/wrapper/gradle-wrapper.jar new binary
        file tests/data/sample.zip new binary
        file lib/old.so binary
        file lib/dead.so gone binary
        """),
    Case(
      "modes", "file-mode",
      text: """
        file README.md mode=100755 oldmode=100644 ⟵ file-mode
        file run.sh mode=100755 oldmode=100644
        file tool new mode=100755
        +#!/bin/sh
        file Main.java new mode=100755 ⟵ file-mode
        +class Main {}
        file start mode=100644 oldmode=100755 ⟵ file-mode
         #!/bin/sh
        +echo
        file data mode=100644 oldmode=100755
         no script
        +x
        """),
    Case(
      "links", "file-mode",
      text: """
        file a/up new mode=120000
        +../b/c
        file a/out new mode=120000 ⟵ file-mode
        +../../etc/passwd
        file abs new mode=120000 ⟵ file-mode
        +/etc/passwd
        file turned mode=120000 oldmode=100644 ⟵ file-mode
        +b
        """),
    Case(
      "submodules", "file-mode",
      text: "file sub new mode=160000 ⟵ file-mode\nfile moved mode=160000 ⟵ file-mode\nfile left gone mode=160000"),
  ]

  static let paths: [Case] = [
    Case(
      "paths that differ only in spelling", "case-collision",
      tree: ["Readme.md": "", "src/Parser.swift": "", "docs/a.md": "", "caf\u{E9}.txt": ""],
      text: """
        file README.md new ⟵ case-collision
        +x
        file SRC/Lexer.swift new ⟵ case-collision
        +x
        file src/Lexer.swift new ⟵ case-collision
        +x
        file cafe\u{301}.txt new ⟵ case-collision
        +x
        file docs/b.md new
        +x
        """),
    Case(
      "a file whose spelling is put right", "case-collision",
      tree: ["a.md": ""], text: "file readme.md from=README.md\n+x"),
    Case(
      "protected paths", "protected-path",
      text: """
        file .github/workflows/ci.yml ⟵ protected-path
        +on: push
        file .GitHub/Workflows/ci2.yml new ⟵ protected-path
        +on: push
        file CODEOWNERS gone ⟵ protected-path
        -* @a
        file sub/.gitattributes new ⟵ protected-path
        +* text
        file workflows/ci.yml
        +on: push
        file link new mode=120000 ⟵ protected-path
        +.github/workflows/ci.yml
        file dir/link2 new mode=120000 ⟵ protected-path
        +../.github
        file dir/link3 new mode=120000
        +../src
        """),
  ]
}
