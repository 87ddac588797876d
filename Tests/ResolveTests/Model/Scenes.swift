import TestSupport

/// The projects with conflicts that resolvers leave.
enum Scenes {
  static let all = [prices, parser, twoFiles, shell, added, carriageReturns, testFile]

  private static let ignore = MergeScene.Change.write(".gitignore", "__pycache__/\n")
  private static let settings: [MergeScene.Change] = [
    .write(".arborist.yml", "test: make test\n"), .write(".github/workflows/test.yml", "on: push\n"),
    .write("README.md", "A project.\n"), .write("shop/other.py", "LIMIT = 10\n\n\ndef limit():\n    return LIMIT\n"),
    .write(
      "tests/test_other.py",
      """
      import unittest

      from shop.other import limit


      class OtherTests(unittest.TestCase):
          def test_limit(self):
              self.assertEqual(limit(), 10)

      """),
    .write("shop/__init__.py", ""), .write("tests/__init__.py", ""), ignore,
  ]

  private static func tests(_ name: String, _ imports: String, _ methods: String...) -> String {
    var text = "import unittest\n\n\(imports)\n\n\nclass \(name)(unittest.TestCase):\n"
    for method in methods {
      for line in method.split(separator: "\n", omittingEmptySubsequences: false) { text += "    \(line)\n" }
    }
    return text
  }

  // MARK: One line that both sides changed

  private static func price(_ constant: String, _ line: String, before: String = "") -> String {
    """
    \"\"\"Prices of the shop.\"\"\"
    \(constant)

    def price(amount, rate):
        \"\"\"The price of an amount.\"\"\"
        total = amount * rate\(before)
        return \(line)


    def label(name):
        return "item " + name

    """
  }

  static let prices = MergeScene(
    name: "prices",
    base: settings + [
      .write("shop/price.py", price("", "format(total, '.1f')")),
      .write(
        "tests/test_price.py",
        tests(
          "PriceTests", "from shop.price import label, price",
          "def test_label(self):\n    self.assertEqual(label(\"a\"), \"item a\")\n")),
    ],
    ours: [
      .write("shop/price.py", price("", "'EUR ' + format(total, '.2f')")),
      .write(
        "tests/test_ours.py",
        tests(
          "OursTests", "from shop.price import price",
          "def test_currency(self):\n    self.assertTrue(price(2, 3).startswith(\"EUR \"))\n",
          "def test_cents(self):\n    self.assertRegex(price(2, 3), r\"[.]\\d\\d$\")")),
    ],
    theirs: [
      .write("shop/price.py", price("SHIPPING = 5\n", "format(total + SHIPPING, '.1f').rjust(12)")),
      .write(
        "tests/test_theirs.py",
        tests(
          "TheirsTests", "from shop.price import price",
          "def test_shipping(self):\n    self.assertIn(\"11.\", price(2, 3))\n",
          "def test_width(self):\n    self.assertGreaterEqual(len(price(2, 3)), 12)")),
    ],
    right: [
      "shop/price.py": price("SHIPPING = 5\n", "('EUR ' + format(total + SHIPPING, '.2f').rjust(12))")
    ])

  // MARK: A function that both sides rewrote

  private static func parser(_ body: String) -> String {
    """
    \"\"\"Reads settings.\"\"\"


    def parse(text):
    \(body.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)" }.joined(separator: "\n"))


    def names(text):
        return sorted(parse(text))

    """
  }

  static let parser = MergeScene(
    name: "parser",
    base: settings + [
      .write(
        "shop/parser.py",
        parser(
          """
          result = {}
          for line in text.split("\\n"):
              key, value = line.split("=")
              result[key] = value
          return result
          """)),
      .write(
        "tests/test_parser.py",
        tests(
          "ParserTests", "from shop.parser import names, parse",
          "def test_names(self):\n    self.assertEqual(names(\"b=1\\na=2\"), [\"a\", \"b\"])\n")),
    ],
    ours: [
      .write(
        "shop/parser.py",
        parser(
          """
          result = {}
          for line in text.splitlines():
              if line.startswith("#"):
                  continue
              key, value = line.split("=")
              result[key] = value
          return result
          """)),
      .write(
        "tests/test_comments.py",
        tests(
          "CommentTests", "from shop.parser import parse",
          "def test_comment(self):\n    self.assertEqual(parse(\"#x\\na=1\"), {\"a\": \"1\"})\n")),
    ],
    theirs: [
      .write(
        "shop/parser.py",
        parser(
          """
          result = {}
          for line in text.split("\\n"):
              line = line.strip()
              if not line:
                  continue
              key, value = line.split("=", 1)
              result[key.strip()] = value.strip()
          return result
          """)),
      .write(
        "tests/test_blank.py",
        tests(
          "BlankTests", "from shop.parser import parse",
          "def test_blank(self):\n    self.assertEqual(parse(\"\\na=1\"), {\"a\": \"1\"})\n",
          "def test_equals(self):\n    self.assertEqual(parse(\"a = b=c\"), {\"a\": \"b=c\"})")),
    ],
    right: [
      "shop/parser.py": parser(
        """
        result = {}
        for line in text.splitlines():
            line = line.strip()
            if not line:
                continue
            if line.startswith("#"):
                continue
            key, value = line.split("=", 1)
            result[key.strip()] = value.strip()
        return result
        """)
    ])

  // MARK: Two files with several places

  private static func stock(_ add: String, _ take: String, _ unit: String = "") -> String {
    """
    \"\"\"What is in stock.\"\"\"


    class Stock:
        def __init__(self):
            self.items = {}
            self.log = []

        def add(self, name, count):
            \(add)

        def count(self, name):
            # How many there are.
            return self.items.get(name, 0)

        def take(self, name, count):
            \(take)

    """
  }

  private static func report(_ line: String) -> String {
    """
    \"\"\"Reports on the stock.\"\"\"


    def line(name, stock):
        \(line)


    def title():
        return "Stock"

    """
  }

  static let twoFiles = MergeScene(
    name: "two files",
    base: settings + [
      .write(
        "shop/stock.py", stock("self.items[name] = count", "self.items[name] = self.items[name] - count")),
      .write("shop/report.py", report("return name + ': ' + str(stock.count(name))")),
      .write(
        "tests/test_stock.py",
        tests(
          "StockTests", "from shop.report import title\nfrom shop.stock import Stock",
          "def test_add(self):\n    stock = Stock()\n    stock.add(\"a\", 2)\n    self.assertEqual(stock.count(\"a\"), 2)\n",
          "def test_title(self):\n    self.assertEqual(title(), \"Stock\")")),
    ],
    ours: [
      .write(
        "shop/stock.py",
        stock("self.items[name] = self.count(name) + count", "self.items[name] = max(0, self.items[name] - count)")),
      .write("shop/report.py", report("return name.title() + ': ' + str(stock.count(name))")),
      .write(
        "tests/test_ours.py",
        tests(
          "OursTests", "from shop.report import line\nfrom shop.stock import Stock",
          """
          def test_sum(self):
              stock = Stock()
              stock.add("a", 2)
              stock.add("a", 3)
              self.assertEqual(stock.count("a"), 5)
              stock.take("a", 9)
              self.assertEqual(stock.count("a"), 0)

          """,
          "def test_title(self):\n    stock = Stock()\n    self.assertIn(\"Pen: 0\", line(\"pen\", stock))")),
    ],
    theirs: [
      .write(
        "shop/stock.py",
        stock(
          "self.log.append((\"add\", name))\n        self.items[name] = int(count)",
          "self.log.append((\"take\", name))\n        self.items[name] = self.items[name] - int(count)")),
      .write("shop/report.py", report("return f'{name:>8}: {stock.count(name)}'")),
      .write(
        "tests/test_theirs.py",
        tests(
          "TheirsTests", "from shop.report import line\nfrom shop.stock import Stock",
          """
          def test_log(self):
              stock = Stock()
              stock.add("a", "2")
              stock.take("a", "1")
              self.assertEqual(stock.log, [("add", "a"), ("take", "a")])
              self.assertEqual(stock.count("a"), 1)

          """,
          "def test_width(self):\n    self.assertEqual(line(\"Pen\", Stock()), \"     Pen: 0\")")),
    ],
    right: [
      "shop/stock.py": stock(
        "self.log.append((\"add\", name))\n        self.items[name] = self.count(name) + int(count)",
        "self.log.append((\"take\", name))\n        self.items[name] = max(0, self.items[name] - int(count))"),
      "shop/report.py": report("return f'{name.title():>8}: {stock.count(name)}'"),
    ])

  // MARK: A shell script

  private static func script(_ line: String) -> String {
    """
    #!/bin/sh
    # Greets somebody.
    greet() {
      \(line)
    }

    bye() {
      echo "bye"
    }

    """
  }

  private static let runner = """
    . ./greet.sh
    n=0
    check() {
      n=$((n + 1))
      if [ "$2" = "$3" ]; then echo "ok $n - $1"; else echo "not ok $n - $1"; bad=1; fi
    }
    for t in tests/*.sh; do . "./$t"; done
    echo "1..$n"
    exit ${bad:-0}

    """

  static let shell = MergeScene(
    name: "shell",
    base: settings + [
      .write("greet.sh", script("echo \"hello $1\"")),
      .write("tests/run", runner), .write("tests/t1.sh", "check bye \"$(bye)\" bye\n"),
    ],
    ours: [
      .write("greet.sh", script("printf 'hello %s!\\n' \"$1\"")),
      .write("tests/t2.sh", "check mark \"$(greet Bo | tail -c 2)\" '!'\n"),
    ],
    theirs: [
      .write("greet.sh", script("echo \"Hello ${1:-you}\"")),
      .write(
        "tests/t3.sh",
        "check capital \"$(greet Bo | cut -c1)\" H\ncheck default \"$(greet | tr -d '!')\" 'Hello you'\n"),
    ],
    commands: ["sh tests/run"],
    right: ["greet.sh": script("printf 'Hello %s!\\n' \"${1:-you}\"")])

  // MARK: Added by both

  static let added = MergeScene(
    name: "added by both",
    base: settings,
    ours: [
      .write(
        "shop/slug.py",
        "\"\"\"Names in addresses.\"\"\"\n\n\ndef slug(text):\n    return text.lower().replace(\" \", \"-\")\n"),
      .write(
        "tests/test_ours.py",
        tests(
          "OursTests", "from shop.slug import slug",
          "def test_space(self):\n    self.assertEqual(slug(\"A b\"), \"a-b\")\n")),
    ],
    theirs: [
      .write(
        "shop/slug.py",
        "\"\"\"Names in addresses.\"\"\"\n\n\ndef unslug(text):\n    return text.replace(\"-\", \" \").title()\n"),
      .write(
        "tests/test_theirs.py",
        tests(
          "TheirsTests", "from shop.slug import unslug",
          "def test_back(self):\n    self.assertEqual(unslug(\"a-b\"), \"A B\")\n")),
    ],
    right: [
      "shop/slug.py":
        "\"\"\"Names in addresses.\"\"\"\n\n\ndef slug(text):\n    return text.lower().replace(\" \", \"-\")\n\n\n"
        + "def unslug(text):\n    return text.replace(\"-\", \" \").title()\n"
    ])

  // MARK: Carriage returns

  private static func carried(_ text: String) -> String { text.replacing("\n", with: "\r\n") }

  static let carriageReturns = MergeScene(
    name: "carriage returns",
    base: prices.base.map { change in
      change.path == Array("shop/price.py".utf8)
        ? .write("shop/price.py", carried(price("", "format(total, '.1f')"))) : change
    },
    ours: [
      .write("shop/price.py", carried(price("", "'EUR ' + format(total, '.2f')"))), prices.ours[1],
    ],
    theirs: [
      .write("shop/price.py", carried(price("SHIPPING = 5\n", "format(total + SHIPPING, '.1f').rjust(12)"))),
      prices.theirs[1],
    ],
    right: [
      "shop/price.py": carried(price("SHIPPING = 5\n", "('EUR ' + format(total + SHIPPING, '.2f').rjust(12))"))
    ])

  // MARK: In a test

  private static func checks(_ line: String) -> String {
    tests(
      "CheckTests", "from shop.round import half",
      "def test_half(self):\n    \(line)\n",
      "def test_zero(self):\n    self.assertEqual(half(0), 0)")
  }

  static let testFile = MergeScene(
    name: "in a test",
    base: settings + [
      .write("shop/round.py", "def half(number, digits=1, up=False):\n    return round(number / 2, digits)\n"),
      .write("tests/test_half.py", checks("self.assertEqual(half(3), 1.5)")),
    ],
    ours: [.write("tests/test_half.py", checks("self.assertEqual(half(3, digits=0), 2.0)"))],
    theirs: [.write("tests/test_half.py", checks("self.assertAlmostEqual(half(3, up=True), 1.5)"))],
    right: ["tests/test_half.py": checks("self.assertAlmostEqual(half(3, digits=0, up=True), 2.0)")])

  // MARK: More than one file

  private static let old = "def greet(name):\n    return 'hello ' + name\n\n\ndef wave():\n    return 'wave'\n"

  /// Theirs renamed what ours uses in a file that is not in conflict.
  static let renamed = MergeScene(
    name: "renamed",
    base: settings + [
      .write("shop/names.py", "def full(name):\n    return name.title()\n"),
      .write("shop/card.py", "from shop import names\n\n\ndef card(name):\n    return 'Card ' + names.full(name)\n"),
      .write("shop/letter.py", "def letter(name):\n    return 'Dear ' + name\n"),
    ],
    ours: [
      .write(
        "shop/card.py", "from shop import names\n\n\ndef card(name):\n    return 'Your card, ' + names.full(name)\n"),
      .write(
        "shop/letter.py", "from shop import names\n\n\ndef letter(name):\n    return 'Dear ' + names.full(name)\n"),
      .write(
        "tests/test_letter.py",
        tests(
          "LetterTests", "from shop.letter import letter",
          "def test_letter(self):\n    self.assertEqual(letter(\"bo\"), \"Dear Bo\")")),
    ],
    theirs: [
      .write("shop/names.py", "def full_name(name):\n    return name.title()\n"),
      .write(
        "shop/card.py",
        "from shop import names\n\n\ndef card(name):\n    return 'Card ' + names.full_name(name) + '.'\n"),
      .write(
        "tests/test_card.py",
        tests(
          "CardTests", "from shop.card import card",
          "def test_end(self):\n    self.assertTrue(card(\"bo\").endswith(\"Bo.\"))")),
    ],
    right: [
      "shop/card.py":
        "from shop import names\n\n\ndef card(name):\n    return 'Your card, ' + names.full_name(name) + '.'\n",
      "shop/letter.py":
        "from shop import names\n\n\ndef letter(name):\n    return 'Dear ' + names.full_name(name)\n",
    ],
    words: { _ in "OUTSIDE shop/letter.py:5 because full is full_name now" })

  /// The same without a conflict: git merges it, and it is broken.
  static let semantic = MergeScene(
    name: "semantic", base: renamed.base, ours: Array(renamed.ours.dropFirst()),
    theirs: renamed.theirs, right: [:])

  /// Ours changed a file that theirs deleted.
  static let deleted = MergeScene(
    name: "deleted",
    base: settings + [.write("shop/greet.py", old), .write("shop/bye.py", "def bye():\n    return 'bye'\n")],
    ours: [.write("shop/greet.py", old.replacing("hello", with: "Hello"))],
    theirs: [.remove("shop/greet.py")],
    right: [:],
    words: { _ in "" })

  /// Ours edited a function that theirs took away with everything that it used.
  static let gone = MergeScene(
    name: "gone",
    base: settings + [
      .write("shop/legacy.py", "def legacy_rate(x):\n    return x\n"),
      .write(
        "shop/rate.py",
        "from shop import legacy\n\n\ndef rate(x):\n    y = legacy.legacy_rate(x)\n    return y * 2\n"),
      .write(
        "tests/test_rate.py",
        tests("RateTests", "from shop.rate import rate", "def test_rate(self):\n    self.assertEqual(rate(2), 4)")),
    ],
    ours: [
      .write(
        "shop/rate.py",
        "from shop import legacy\n\n\ndef rate(x):\n    y = legacy.legacy_rate(x) + 0\n    return y * 2\n")
    ],
    theirs: [
      .remove("shop/legacy.py"),
      .write("shop/rate.py", "def rate(x):\n    y = abs(x)\n    return y * 2\n"),
    ],
    right: ["shop/rate.py": "def rate(x):\n    y = abs(x)\n    return y * 2\n"],
    words: { edit in
      edit.names(in: "shop/rate.py").map { "DROP \($0) ours 1 gone legacy_rate because it was removed" }
        .joined(separator: "\n")
    })
}
