import Testing

@testable import Merging

private typealias Case = ItemFormCase

/// Each form of the merge of items: where it acts, and the near misses that it leaves to other forms or to a person.
@Suite("item forms") struct ItemFormTests {
  // MARK: - items-added

  @Test(
    "items-added keeps items of different names",
    arguments: [
      Case(
        "Job.java", "methods", in: Case.java, "  void run() {\n    go();\n  }\n",
        "  void run() {\n    go();\n  }\n\n  void stop() {\n    halt(1);\n  }\n",
        "  void run() {\n    go();\n  }\n\n  int size() {\n    return items.length;\n  }\n",
        "  void run() {\n    go();\n  }\n\n  void stop() {\n    halt(1);\n  }\n\n"
          + "  int size() {\n    return items.length;\n  }\n"),
      Case(
        "Job.swift", "methods", in: Case.swift, "  func run() {\n    go()\n  }\n",
        "  func run() {\n    go()\n  }\n\n  func stop() {\n    halt(now: true)\n  }\n",
        "  func run() {\n    go()\n  }\n\n  var size: Int {\n    items.count\n  }\n",
        "  func run() {\n    go()\n  }\n\n  func stop() {\n    halt(now: true)\n  }\n\n"
          + "  var size: Int {\n    items.count\n  }\n"),
      Case(
        "job.go", "functions", in: ("package job\n\nfunc run() {\n\tgo1()\n}\n", ""), "",
        "\nfunc stop(code int) {\n\thalt(code)\n}\n", "\nfunc size() int {\n\treturn len(items)\n}\n",
        "\nfunc stop(code int) {\n\thalt(code)\n}\n\nfunc size() int {\n\treturn len(items)\n}\n"),
      Case(
        "job.c", "functions", in: ("static void run(void)\n{\n\tgo();\n}\n", ""), "",
        "\nstatic void stop(int code)\n{\n\thalt(code);\n}\n",
        "\nint job_size(struct job *j)\n{\n\treturn j->len;\n}\n",
        "\nstatic void stop(int code)\n{\n\thalt(code);\n}\n\nint job_size(struct job *j)\n{\n\treturn j->len;\n}\n"),
      Case(
        "job.py", "functions", in: ("def run():\n    go()\n", ""), "", "\n\ndef stop(code):\n    halt(code)\n",
        "\n\ndef size(items):\n    return len(items)\n",
        "\n\ndef stop(code):\n    halt(code)\n\n\ndef size(items):\n    return len(items)\n"),
      Case(
        "job.rb", "methods", in: ("class Job\n  def run\n    go\n  end\n", "end\n"), "",
        "\n  def stop(code)\n    halt code\n  end\n", "\n  def size\n    @items.length\n  end\n",
        "\n  def stop(code)\n    halt code\n  end\n\n  def size\n    @items.length\n  end\n"),
      Case(
        "job.xml", "elements that their names tell apart", in: Case.markup, "  <bean name=\"run\"/>\n",
        "  <bean name=\"run\"/>\n  <bean name=\"stop\" class=\"Stop\"/>\n",
        "  <bean name=\"run\"/>\n  <bean name=\"size\" scope=\"single\"/>\n",
        "  <bean name=\"run\"/>\n  <bean name=\"stop\" class=\"Stop\"/>\n  <bean name=\"size\" scope=\"single\"/>\n"),
      Case(
        "job.html", "elements that their ids tell apart", in: ("<div>\n  <ul id=\"run\"></ul>\n", "</div>\n"), "",
        "  <p id=\"stop\">Later</p>\n", "  <table id=\"size\"></table>\n",
        "  <p id=\"stop\">Later</p>\n  <table id=\"size\"></table>\n"),
      Case(
        "job.json", "entries, and the comma between them",
        in: ("{\n  \"name\": \"job\",\n  \"kind\": \"batch\",\n", "}\n"), "  \"run\": true\n",
        "  \"run\": true,\n  \"stop\": \"later\"\n", "  \"run\": true,\n  \"size\": 17\n",
        "  \"run\": true,\n  \"stop\": \"later\",\n  \"size\": 17\n"),
      Case(
        "job.toml", "keys", in: ("[job]\nrun = true\n", ""), "", "stop = \"later\"\n", "size = 17\n",
        "stop = \"later\"\nsize = 17\n"),
      Case(
        "Makefile", "targets", in: ("run:\n\t./run\n", ""), "", "\nstop:\n\tkill $(PID)\n", "\nsize:\n\twc -l job.c\n",
        "\nstop:\n\tkill $(PID)\n\nsize:\n\twc -l job.c\n"),
    ]
  )
  private func added(_ example: Case) { example.check(by: .added) }

  @Test(
    "items-added abstains from one name, from what has an order, and from what is more than added",
    arguments: [
      Case(
        "Job.java", "one name with two bodies", in: Case.java, "  void run() {\n    go();\n  }\n",
        "  void run() {\n    go();\n  }\n\n  void stop() {\n    halt(1);\n  }\n",
        "  void run() {\n    go();\n  }\n\n  void stop() {\n    items.clear();\n  }\n"),
      Case(
        "job.py", "statements of a function", in: ("def run():\n    go()\n", ""), "", "    halt(code)\n",
        "    report(items)\n"),
      Case(
        "Job.java", "variables of a method", in: ("class Job {\n  void run() {\n    go();\n", "  }\n}\n"), "",
        "    int code = halt();\n", "    int size = items.length;\n"),
      Case(
        "Job.swift", "one side replaced a member by its own", in: Case.swift, "  let first = 1\n",
        "  var stop = \"later\"\n", "  let first = 1\n  let size = items.count\n"),
      Case("job.md", "paragraphs", in: ("# Job\n\nIt runs.\n", ""), "", "\nIt stops.\n", "\nIt has a size.\n"),
      Case(
        "job.xml", "elements without an identity", in: Case.markup, "  <step>run</step>\n",
        "  <step>run</step>\n  <step>stop</step>\n", "  <step>run</step>\n  <step>size</step>\n"),
      Case(
        "CMakeLists.txt", "calls, which have an order", in: ("project(job)\n", ""), "", "find_package(stop)\n",
        "message(size)\n"),
      Case(
        "job.go", "imports, which have a merge of their own", in: ("package job\n\nimport (\n\t\"fmt\"\n", ")\n"), "",
        "\t\"os\"\n", "\t\"time\"\n"),
      Case("job.weird", "a language that nobody knows", in: ("run = 1\n", ""), "", "stop = 2\n", "size = 3\n"),
      Case("job.toml", "one key with two values", in: ("[job]\nrun = true\n", ""), "", "size = 4\n", "size = 17\n"),
      Case(
        "job.rb", "a definition and a call", in: ("class Job\n  def run\n    go\n  end\n", "end\n"), "",
        "\n  def stop(code)\n    halt code\n  end\n", "\n  attr_reader :size\n"),
    ]
  )
  private func notAdded(_ example: Case) { example.check(by: .added) }

  // MARK: - items-added-long

  /// A body of some lines, no two alike.
  private static func body(_ name: String, _ count: Int, _ indent: String, end: String = "") -> String {
    (1...count).map { "\(indent)\(name)Step\($0)(\(name)\($0))\(end)\n" }.joined()
  }

  private static func long(_ path: String, head: String, foot: String, indent: String, end: String = "") -> Case {
    let open = { (name: String) in head.replacing("NAME", with: name) }
    let stop = open("stop") + body("halt", 18, indent, end: end) + foot
    let size = open("size") + body("count", 17, indent, end: end) + foot
    let run = open("run") + "\(indent)go()\(end)\n" + foot
    return Case(path, "functions", in: (run, ""), "", "\n" + stop, "\n" + size, "\n" + stop + "\n" + size)
  }

  @Test(
    "items-added-long keeps items of different names in more than thirty lines",
    arguments: [
      long("job.c", head: "static void NAME(void)\n{\n", foot: "}\n", indent: "\t", end: ";"),
      long("job.go", head: "func NAME() {\n", foot: "}\n", indent: "\t"),
      long("Job.swift", head: "func NAME() {\n", foot: "}\n", indent: "  "),
      long("Job.kt", head: "fun NAME() {\n", foot: "}\n", indent: "    "),
      long("job.rs", head: "fn NAME() {\n", foot: "}\n", indent: "    ", end: ";"),
      long("job.py", head: "def NAME():\n", foot: "", indent: "    "),
      long("job.rb", head: "def NAME\n", foot: "end\n", indent: "  "),
      long("job.js", head: "function NAME() {\n", foot: "}\n", indent: "  ", end: ";"),
    ]
  )
  private func addedLong(_ example: Case) { example.check(by: .addedLong) }

  @Test(
    "items-added-long abstains from few lines, from one name, and from what has an order",
    arguments: [
      Case(
        "job.go", "few lines", in: ("package job\n\nfunc run() {\n\tgo1()\n}\n", ""), "",
        "\nfunc stop(code int) {\n\thalt(code)\n}\n", "\nfunc size() int {\n\treturn len(items)\n}\n"),
      Case(
        "job.c", "one name", in: ("static void run(void)\n{\n\tgo();\n}\n", ""), "",
        "\nstatic void stop(void)\n{\n" + body("halt", 20, "\t", end: ";") + "}\n",
        "\nstatic void stop(void)\n{\n" + body("count", 20, "\t", end: ";") + "}\n"),
      Case(
        "job.py", "statements of a function", in: ("def run():\n    go()\n", ""), "", body("halt", 20, "    "),
        body("count", 20, "    ")),
      Case(
        "job.js", "statements of a file", in: ("go();\n", ""), "", body("halt", 20, "", end: ";"),
        body("count", 20, "", end: ";")),
      Case(
        "Job.swift", "one side replaced a function by its own",
        "func run() { go() }\n", "func stop() {\n" + body("halt", 18, "  ") + "}\n",
        "func run() { go() }\nfunc size() {\n" + body("count", 18, "  ") + "}\n"),
      Case(
        "job.txt", "paragraphs", in: ("It runs.\n", ""), "", "\n" + body("halt", 20, ""), "\n" + body("count", 20, "")),
    ]
  )
  private func notAddedLong(_ example: Case) { example.check(by: .addedLong) }

  // MARK: - items-changed

  @Test(
    "items-changed keeps changes of neighbours",
    arguments: [
      Case(
        "Job.java", "fields", in: Case.java, "  int size = 1;\n  int code = 1;\n", "  int size = 2;\n  int code = 1;\n",
        "  int size = 1;\n  long code = 1;\n", "  int size = 2;\n  long code = 1;\n"),
      Case(
        "Job.swift", "properties", in: Case.swift, "  let size = 1\n  let code = 1\n",
        "  let size = 2\n  let code = 1\n",
        "  let size = 1\n  var code = 1\n", "  let size = 2\n  var code = 1\n"),
      Case(
        "job.go", "functions of one line", in: ("package job\n\n", ""),
        "func size() int { return 1 }\nfunc code() int { return 1 }\n",
        "func size() int { return 2 }\nfunc code() int { return 1 }\n",
        "func size() int { return 1 }\nfunc code() int { return last }\n",
        "func size() int { return 2 }\nfunc code() int { return last }\n"),
      Case(
        "job.c", "variables of a file", "int size = 1;\nint code = 1;\n", "int size = 2;\nint code = 1;\n",
        "int size = 1;\nstatic int code = 1;\n", "int size = 2;\nstatic int code = 1;\n"),
      Case(
        "job.py", "constants", "SIZE = 1\nCODE = 1\n", "SIZE = 2\nCODE = 1\n", "SIZE = 1\nCODE = last()\n",
        "SIZE = 2\nCODE = last()\n"),
      Case(
        "job.rb", "constants", in: ("class Job\n", "end\n"), "  SIZE = 1\n  CODE = 1\n", "  SIZE = 2\n  CODE = 1\n",
        "  SIZE = 1\n  CODE = last\n", "  SIZE = 2\n  CODE = last\n"),
      Case(
        "job.xml", "elements that their names tell apart", in: Case.markup,
        "  <bean name=\"size\">one</bean>\n  <bean name=\"code\">one</bean>\n",
        "  <bean name=\"size\">two</bean>\n  <bean name=\"code\">one</bean>\n",
        "  <bean name=\"size\">one</bean>\n  <bean name=\"code\">last</bean>\n",
        "  <bean name=\"size\">two</bean>\n  <bean name=\"code\">last</bean>\n"),
      Case(
        "job.html", "elements that their ids tell apart", in: ("<div>\n", "</div>\n"),
        "  <p id=\"size\">one</p>\n  <p id=\"code\">one</p>\n", "  <p id=\"size\">two</p>\n  <p id=\"code\">one</p>\n",
        "  <p id=\"size\">one</p>\n  <p id=\"code\">last</p>\n",
        "  <p id=\"size\">two</p>\n  <p id=\"code\">last</p>\n"),
      Case(
        "Makefile", "variables", "SIZE = 1\nCODE = 1\n", "SIZE = 2\nCODE = 1\n", "SIZE = 1\nCODE := 1\n",
        "SIZE = 2\nCODE := 1\n"),
    ]
  )
  private func changed(_ example: Case) { example.check(by: .changed) }

  @Test(
    "items-changed abstains from one item, from data, and from what came or went",
    arguments: [
      Case(
        "Job.java", "one field", in: Case.java, "  int size = 1;\n  int code = 1;\n",
        "  int size = 2;\n  int code = 1;\n",
        "  long size = 1;\n  int code = 1;\n"),
      Case(
        "job.toml", "values of data", in: ("[job]\n", ""), "size = 1\ncode = 1\n", "size = 2\ncode = 1\n",
        "size = 1\ncode = 3\n"),
      Case(
        "job.json", "values of data", in: Case.object, "  \"size\": 1,\n  \"code\": 1\n",
        "  \"size\": 2,\n  \"code\": 1\n",
        "  \"size\": 1,\n  \"code\": 3\n"),
      Case(
        "job.yml", "values of data", in: ("job:\n", ""), "  size: 1\n  code: 1\n", "  size: 2\n  code: 1\n",
        "  size: 1\n  code: 3\n"),
      Case(
        "Job.java", "one side deleted what the other changed", in: Case.java, "  int size = 1;\n  int code = 1;\n",
        "  int code = 1;\n", "  int size = 2;\n  int code = 3;\n"),
      Case(
        "Job.swift", "one side deleted a neighbour", in: Case.swift, "  let size = 1\n  let code = 1\n",
        "  let code = 1\n",
        "  let size = 1\n  var code = 1\n"),
      Case(
        "Job.swift", "one side added a neighbour", in: Case.swift, "  let size = 1\n",
        "  let size = 1\n  let code = 1\n",
        "  var size = 1\n"),
      Case(
        "job.py", "statements, which have no names", in: ("def run():\n", ""), "    go(1)\n    halt(1)\n",
        "    go(2)\n    halt(1)\n", "    go(1)\n    halt(3)\n"),
      Case(
        "Job.java", "imports", "import a.Size;\nimport a.Code;\n", "import b.Size;\nimport a.Code;\n",
        "import a.Size;\nimport b.Code;\n"),
    ]
  )
  private func notChanged(_ example: Case) { example.check(by: .changed) }

  // MARK: - items-rewritten

  @Test(
    "items-rewritten keeps a replaced statement beside what the other side changed",
    arguments: [
      Case(
        "Job.java", "beside a variable", in: ("class Job {\n  void run() {\n", "  }\n}\n"),
        "    open(file);\n    int size = 1;\n", "    connect(url);\n    int size = 1;\n",
        "    open(file);\n    int size = 2;\n", "    connect(url);\n    int size = 2;\n"),
      Case(
        "Job.swift", "beside a constant", in: ("func run() {\n", "}\n"), "  open(file)\n  let size = 1\n",
        "  connect(url)\n  let size = 1\n", "  open(file)\n  let size = 2\n", "  connect(url)\n  let size = 2\n"),
      Case(
        "job.go", "beside a variable", in: ("package job\n\nfunc run() {\n", "}\n"), "\topen(file)\n\tvar size = 1\n",
        "\tconnect(url)\n\tvar size = 1\n", "\topen(file)\n\tvar size = 2\n", "\tconnect(url)\n\tvar size = 2\n"),
      Case(
        "job.c", "after a variable", in: ("void run(void)\n{\n", "}\n"), "\tint size = 1;\n\topen_it(file);\n",
        "\tint size = 1;\n\tconnect_it(url);\n", "\tint size = 2;\n\topen_it(file);\n",
        "\tint size = 2;\n\tconnect_it(url);\n"),
      Case(
        "job.py", "beside a variable", in: ("def run():\n", ""), "    open_it(file)\n    size = 1\n",
        "    connect_it(url)\n    size = 1\n", "    open_it(file)\n    size = 2\n",
        "    connect_it(url)\n    size = 2\n"),
      Case(
        "job.rb", "beside a variable", in: ("def run\n", "end\n"), "  open_it file\n  size = 1\n",
        "  connect_it url\n  size = 1\n", "  open_it file\n  size = 2\n", "  connect_it url\n  size = 2\n"),
      Case(
        "CMakeLists.txt", "a call beside a blank line", in: ("project(job)\n", ""), "message(size)\nmessage(code)\n",
        "find_package(size)\nmessage(code)\n", "message(size)\n\nmessage(code)\n",
        "find_package(size)\n\nmessage(code)\n"),
      Case(
        "job.xml", "text beside an element", in: Case.markup, "  some text\n  <bean name=\"size\">one</bean>\n",
        "  other words\n  <bean name=\"size\">one</bean>\n", "  some text\n  <bean name=\"size\">two</bean>\n",
        "  other words\n  <bean name=\"size\">two</bean>\n"),
      Case(
        "Makefile", "beside a variable", "LIBS += file\nSIZE = 1\n", "LIBS += url\nSIZE = 1\n",
        "LIBS += file\nSIZE = 2\n", "LIBS += url\nSIZE = 2\n"),
    ]
  )
  private func rewritten(_ example: Case) { example.check(by: .rewritten) }

  @Test(
    "items-rewritten abstains where both sides replaced, where one only deleted, and where nothing was replaced",
    arguments: [
      Case(
        "Job.java", "both replaced one statement", in: ("class Job {\n  void run() {\n", "  }\n}\n"),
        "    open(file);\n", "    connect(url);\n", "    listen(port);\n"),
      Case(
        "Job.swift", "both replaced statements side by side", in: ("func run() {\n", "}\n"),
        "  open(file)\n  read(line)\n", "  connect(url)\n  read(line)\n", "  open(file)\n  parse(word)\n"),
      Case(
        "job.go", "one statement was only deleted", in: ("package job\n\nfunc run() {\n", "}\n"),
        "\topen(file)\n\tvar size = 1\n", "\tvar size = 1\n", "\topen(file)\n\tvar size = 2\n"),
      Case(
        "job.py", "one statement became two", in: ("def run():\n", ""), "    open_it(file)\n    size = 1\n",
        "    connect_it(url)\n    greet(peer)\n    size = 1\n", "    open_it(file)\n    size = 2\n"),
      Case(
        "job.c", "variables that were only changed", "int size = 1;\nint code = 1;\n", "int size = 2;\nint code = 1;\n",
        "int size = 1;\nstatic int code = 1;\n"),
      Case(
        "job.rb", "one variable changed by both", in: ("def run\n", "end\n"), "  open_it file\n  size = 1\n",
        "  connect_it url\n  size = 3\n", "  open_it file\n  size = 2\n"),
      Case(
        "job.c", "an include", "#include <a.h>\nint size = 1;\n", "#include <b.h>\nint size = 1;\n",
        "#include <a.h>\nint size = 2;\n"),
    ]
  )
  private func notRewritten(_ example: Case) { example.check(by: .rewritten) }
}
