import Testing

@testable import Merging

/// How files of each family are read as trees of items.
struct ItemTreeTests {
  /// The tree as one line an item: depth, kind and name.
  static func outline(_ path: String, _ text: String) -> String {
    let source = SourceText(Array(text.utf8), language: .ofFile(at: Array(path.utf8)))
    guard let tree = ItemTree(source, seed: 1) else { return "none" }
    var lines: [String] = []
    func add(_ items: [Item], _ depth: Int) {
      for item in items {
        let name = String(decoding: item.name, as: UTF8.self)
        lines.append(String(repeating: "  ", count: depth) + "\(item.kind)" + (name.isEmpty ? "" : " \(name)"))
        add(item.children, depth + 1)
      }
    }
    add(tree.items, 0)
    return lines.joined(separator: "\n")
  }

  /// Whether the items of a tree, in order, are all the lines of the file, each once.
  static func covers(_ path: String, _ bytes: [UInt8]) -> Bool {
    let source = SourceText(bytes, language: .ofFile(at: Array(path.utf8)))
    guard let tree = ItemTree(source, seed: 1) else { return true }
    var lines: [Int] = []
    func add(_ items: [Item]) {
      for item in items {
        lines += item.gap
        lines += item.lead
        lines += item.head
        add(item.children)
        lines += item.foot
      }
    }
    add(tree.items)
    return lines == Array(0..<source.table.count)
  }

  @Test func readsMembersOfAClass() {
    let text = """
      package a.b;

      import java.util.List;

      /** A shop. */
      @Entity
      public class Shop extends Base {
        private final int size = 3;
        private List<String> names;

        // Opens it.
        @Override
        public void open(int a, String b) throws Oops {
          if (a > 0) {
            run(b);
          } else {
            stop();
          }
        }

        Shop() {
          super();
        }
      }
      """
    #expect(
      Self.outline("Shop.java", text) == """
        importing package a.b;
        importing import java.util.List;
        type class Shop
          field size
          field names
          function open(2)
            statement
              statement
              divider
              statement
          function Shop(0)
            statement
        """
    )
  }

  @Test func readsABlockThatOpensOnTheNextLine() {
    let text = """
      static int
      run(struct list *list,
          int count)
      {
      \treturn count;
      }

      struct list *first(void)
      {
      \treturn NULL;
      }
      """
    #expect(
      Self.outline("a.c", text) == """
        statement
        statement
          divider
          statement
        function first
          divider
          statement
        """
    )
  }

  @Test func readsSwift() {
    let text = """
      import Foo
      extension Shop: Codable {
        enum Kind {
          case big
          case small(Int)
        }
        static func open(_ a: Int) -> Int { 3 }
        func close(
          a: Int,
          b: Int
        ) -> Int {
          a + b
        }
        init(a: Int) {
          self.a = a
        }
        var size: Int { 3 }
      }
      """
    #expect(
      Self.outline("a.swift", text) == """
        importing import Foo
        type extension Shop:Codable
          type enum Kind
            label case big
            label case small(Int)
          function open(1)
          function close
            entry a
            entry b
            divider
            statement
          function init(1)
            statement
          field size
        """
    )
  }

  @Test func readsPython() {
    let text = """
      import os

      @decorate
      class Shop(Base):
          size = 3

          def open(self, a):
              if a:
                  run(
                      a,
                      b,
                  )
              else:
                  stop()

          # The end.
          async def close(self):
              pass


      x = 1
      """
    #expect(
      Self.outline("a.py", text) == """
        importing import os
        type class Shop
          field size
          function open
            statement
              statement
                listEntry a
                listEntry b
              divider
              statement
          function close
            statement
        field x
        """
    )
  }

  @Test func readsRuby() {
    let text = """
      require 'a'
      module M
        class Shop
          attr_reader :size

          def open(a)
            if a
              run a
            else
              stop
            end
          end

          def self.close
          end
        end
        it "works" do
          x
        end
      end
      """
    #expect(
      Self.outline("a.rb", text) == """
        importing require 'a'
        type module M
          type class Shop
            statement
            function open
              statement
                statement
                divider
                statement
            function self.close
          block it"works"
            statement
        """
    )
  }

  @Test func readsDataFiles() {
    #expect(
      Self.outline("a.json", "{\n  \"a\": 1,\n  \"b\": {\n    \"c\": [\n      \"x\"\n    ]\n  }\n}\n") == """
        listEntry
          entry "a"
          entry "b"
            entry "c"
              listEntry "x"
        """
    )
    #expect(
      Self.outline("a.toml", "x = 1\n\n[a.b]\ny = [\n  1,\n]\nz = 2\n[c]\nw = 1\n") == """
        entry x
        section [a.b]
          entry y
            statement
          entry z
        section [c]
          entry w
        """
    )
    #expect(
      Self.outline("a.yml", "a:\n- x: 1\n  y: 2\n- z\nb:\n  c: 1\n  d:\n    - e\n") == """
        entry a
          listEntry x: 1
            entry y
          listEntry z
        entry b
          entry c
          entry d
            listEntry e
        """
    )
  }

  @Test func readsMarkup() {
    let text = """
      <?xml version="1.0"?>
      <project>
        <!-- One. -->
        <dependency>
          <artifactId>a</artifactId>
        </dependency>
        <string
          name="x"
          other="y"/>
        <string name="z">text</string>
      </project>
      """
    #expect(
      Self.outline("a.xml", text) == """
        statement
        element project a
          element dependency a
            element artifactId
          element string x
            statement
          element string z
        """
    )
    #expect(
      Self.outline("a.md", "# A\n\ntext\nmore\n\n## B\n- x\n- y\n  z\n\n```\n# no\n```\n# C\n") == """
        section # A
          paragraph
          section ## B
            listEntry - x
            listEntry - y
            paragraph
        section # C
        """
    )
    #expect(
      Self.outline("a.rst", "A\n===\n\ntext\n\nB\n---\n\nmore\n\nC\n===\n") == """
        section A
          paragraph
          section B
            paragraph
        section C
        """
    )
  }

  @Test func knowsNothingOfOtherFiles() {
    #expect(Self.outline("a.bin", "x") == "none")
    #expect(Self.outline("a.csv", "x,y") == "none")
  }

  @Test(arguments: ["a.java", "a.py", "a.rb", "a.xml", "a.md", "a.rst", "a.json", "a.yml", "a.toml", "a.c", "Makefile"])
  func coversEveryLineOfAnything(path: String) {
    var random = SplitMix64(seed: 7)
    let pieces = [
      "{", "}", "(", ")", "\n", "\n", "  ", "\t", "a", "b c", "=", ":", "\"", "'", "<a>", "</a>", "<!--", "-->", "#",
      "/*", "*/", "//", "- ", "[x]", "else", "end", "def f:", "===", ",", ";", "\\", "\u{0}", "```", "@x", ".y",
    ]
    for _ in 0..<400 {
      var bytes: [UInt8] = []
      for _ in 0..<Int.random(in: 0..<60, using: &random) {
        bytes += Array(pieces[Int.random(in: 0..<pieces.count, using: &random)].utf8)
      }
      #expect(Self.covers(path, bytes), "\(bytes)")
    }
  }

  @Test func readsVeryDeepNesting() {
    let deep = Array(String(repeating: "{\n", count: 20_000).utf8)
    #expect(Self.covers("a.java", deep))
    #expect(Self.covers("a.json", deep + Array(String(repeating: "}\n", count: 20_000).utf8)))
  }
}
