import Testing

@testable import Merging

private typealias Case = ItemFormCase

/// The forms in which items go, in which one side alone changes one, and all that is left.
extension ItemFormTests {
  // MARK: - items-deleted

  @Test(
    "items-deleted deletes what either side deleted",
    arguments: [
      Case(
        "Job.java", "fields", in: Case.java, "  int size = 1;\n  int code = 2;\n  int last = 3;\n",
        "  int code = 2;\n  int last = 3;\n", "  int size = 1;\n  int last = 3;\n", "  int last = 3;\n"),
      Case(
        "Job.swift", "functions of one line", in: Case.swift,
        "  func size() { a() }\n  func code() { b() }\n  func last() { c() }\n",
        "  func code() { b() }\n  func last() { c() }\n", "  func size() { a() }\n  func last() { c() }\n",
        "  func last() { c() }\n"),
      Case(
        "job.go", "variables", in: ("package job\n\n", ""), "var size = 1\nvar code = 2\nvar last = 3\n",
        "var code = 2\nvar last = 3\n", "var size = 1\nvar last = 3\n", "var last = 3\n"),
      Case(
        "job.py", "constants", "SIZE = 1\nCODE = 2\nLAST = 3\n", "CODE = 2\nLAST = 3\n", "SIZE = 1\nLAST = 3\n",
        "LAST = 3\n"),
      Case(
        "job.rb", "constants", in: ("class Job\n", "end\n"), "  SIZE = 1\n  CODE = 2\n  LAST = 3\n",
        "  CODE = 2\n  LAST = 3\n", "  SIZE = 1\n  LAST = 3\n", "  LAST = 3\n"),
      Case(
        "job.xml", "elements", in: Case.markup,
        "  <bean name=\"size\"/>\n  <bean name=\"code\"/>\n  <bean name=\"last\"/>\n",
        "  <bean name=\"code\"/>\n  <bean name=\"last\"/>\n", "  <bean name=\"size\"/>\n  <bean name=\"last\"/>\n",
        "  <bean name=\"last\"/>\n"),
      Case(
        "job.json", "entries", in: Case.object, "  \"size\": 1,\n  \"code\": 2,\n  \"last\": 3\n",
        "  \"code\": 2,\n  \"last\": 3\n", "  \"size\": 1,\n  \"last\": 3\n", "  \"last\": 3\n"),
      Case(
        "job.yml", "keys", in: ("job:\n", ""), "  size: 1\n  code: 2\n  last: 3\n", "  code: 2\n  last: 3\n",
        "  size: 1\n  last: 3\n", "  last: 3\n"),
      Case(
        "Makefile", "variables", "SIZE = 1\nCODE = 2\nLAST = 3\n", "CODE = 2\nLAST = 3\n", "SIZE = 1\nLAST = 3\n",
        "LAST = 3\n"),
      Case(
        "job.toml", "keys, one of which both deleted", in: ("[job]\n", ""),
        "size = 1\ncode = 2\nkind = 4\nlast = 3\n", "kind = 4\nlast = 3\n", "size = 1\nlast = 3\n", "last = 3\n"),
    ]
  )
  private func deleted(_ example: Case) { example.check(by: .deleted) }

  @Test(
    "items-deleted abstains where a side did more than delete",
    arguments: [
      Case(
        "Job.java", "the other changed what was deleted", in: Case.java, "  int size = 1;\n  int code = 2;\n",
        "  int code = 2;\n", "  long size = 1;\n"),
      Case(
        "Job.swift", "the other changed the neighbour", in: Case.swift, "  let size = 1\n  let code = 1\n",
        "  let code = 1\n", "  let size = 1\n  var code = 1\n"),
      Case(
        "job.py", "the other added one in its place", "SIZE = 1\nCODE = 2\nLAST = 3\n", "CODE = 2\nLAST = 3\n",
        "SIZE = 1\nNEXT = 4\nLAST = 3\n"),
      Case(
        "job.rb", "the other added a neighbour", in: ("class Job\n", "end\n"), "  SIZE = 1\n  CODE = 2\n",
        "  CODE = 2\n", "  SIZE = 1\n  NEXT = 4\n  CODE = 2\n"),
      Case(
        "Job.java", "imports", "import a.Size;\nimport a.Code;\nimport a.Last;\n", "import a.Code;\nimport a.Last;\n",
        "import a.Size;\nimport a.Last;\n"),
      Case(
        "job.json", "the other changed the neighbour", in: Case.object, "  \"size\": 1,\n  \"code\": 2\n",
        "  \"code\": 2\n", "  \"size\": 1,\n  \"code\": 3\n"),
      Case(
        "job.weird", "a language that nobody knows", "size = 1\ncode = 2\nlast = 3\n", "code = 2\nlast = 3\n",
        "size = 1\nlast = 3\n"),
    ]
  )
  private func notDeleted(_ example: Case) { example.check(by: .deleted) }

  // MARK: - items-one-side

  @Test(
    "items-one-side keeps the change of one side beside blank lines of the other, and what both added alike",
    arguments: [
      Case(
        "Job.java", "a blank line below", in: Case.java, "  int size = 1;\n  int code = 1;\n",
        "  int size = 2;\n  int code = 1;\n", "  int size = 1;\n\n  int code = 1;\n",
        "  int size = 2;\n\n  int code = 1;\n"),
      Case(
        "Job.swift", "a blank line above", in: Case.swift, "  let size = 1\n  let code = 1\n",
        "  let size = 1\n  var code = 1\n", "  let size = 1\n\n  let code = 1\n", "  let size = 1\n\n  var code = 1\n"),
      Case(
        "job.go", "a blank line less", in: ("package job\n\n", ""), "var size = 1\n\nvar code = 1\n",
        "var size = 2\n\nvar code = 1\n", "var size = 1\nvar code = 1\n", "var size = 2\nvar code = 1\n"),
      Case(
        "job.c", "a blank line below", "int size = 1;\nint code = 1;\n", "int size = 2;\nint code = 1;\n",
        "int size = 1;\n\nint code = 1;\n", "int size = 2;\n\nint code = 1;\n"),
      Case(
        "job.py", "a blank line below", "SIZE = 1\nCODE = 1\n", "SIZE = 2\nCODE = 1\n", "SIZE = 1\n\nCODE = 1\n",
        "SIZE = 2\n\nCODE = 1\n"),
      Case(
        "job.rb", "a blank line above", in: ("class Job\n", "end\n"), "  SIZE = 1\n  CODE = 1\n",
        "  SIZE = 1\n  CODE = last\n", "  SIZE = 1\n\n  CODE = 1\n", "  SIZE = 1\n\n  CODE = last\n"),
      Case(
        "Makefile", "a blank line below", "SIZE = 1\nCODE = 1\n", "SIZE = 2\nCODE = 1\n", "SIZE = 1\n\nCODE = 1\n",
        "SIZE = 2\n\nCODE = 1\n"),
      Case(
        "job.json", "a blank line below", in: ("{\n  \"name\": \"job\",\n", "}\n"),
        "  \"size\": 1,\n  \"code\": 1\n", "  \"size\": 2,\n  \"code\": 1\n", "  \"size\": 1,\n\n  \"code\": 1\n",
        "  \"size\": 2,\n\n  \"code\": 1\n"),
      Case(
        "job.xml", "a blank line below", in: Case.markup,
        "  <bean name=\"size\">one</bean>\n  <bean name=\"code\"/>\n",
        "  <bean name=\"size\">two</bean>\n  <bean name=\"code\"/>\n",
        "  <bean name=\"size\">one</bean>\n\n  <bean name=\"code\"/>\n",
        "  <bean name=\"size\">two</bean>\n\n  <bean name=\"code\"/>\n"),
      Case(
        "Job.swift", "both added one method, one of them changed its neighbour", in: Case.swift,
        "  let size = 1\n", "  let size = 2\n  func stop() {\n    halt()\n  }\n",
        "  let size = 1\n  func stop() {\n    halt()\n  }\n", "  let size = 2\n  func stop() {\n    halt()\n  }\n"),
    ]
  )
  private func oneSide(_ example: Case) { example.check(by: .oneSide) }

  @Test(
    "items-one-side abstains where both sides changed something",
    arguments: [
      Case(
        "Job.java", "neighbours", in: Case.java, "  int size = 1;\n  int code = 1;\n",
        "  int size = 2;\n  int code = 1;\n",
        "  int size = 1;\n  long code = 1;\n"),
      Case(
        "Job.swift", "one property", in: Case.swift, "  let size = 1\n  let code = 1\n",
        "  let size = 2\n  let code = 1\n",
        "  let size = 3\n\n  let code = 1\n"),
      Case(
        "job.py", "two new functions", in: ("def run():\n    go()\n", ""), "", "\n\ndef stop(code):\n    halt(code)\n",
        "\n\ndef size(items):\n    return len(items)\n"),
      Case(
        "job.go", "a change and a new neighbour", in: ("package job\n\n", ""), "var size = 1\n",
        "var size = 1\nvar code = 1\n", "var size int\n"),
      Case(
        "job.rb", "a deleted neighbour", in: ("class Job\n", "end\n"), "  SIZE = 1\n  CODE = 1\n", "  CODE = 1\n",
        "  SIZE = 1\n  CODE = last\n"),
      Case(
        "Job.java", "an import beside a blank line", "import a.Size;\nimport a.Code;\n",
        "import b.Size;\nimport a.Code;\n", "import a.Size;\n\nimport a.Code;\n"),
      Case(
        "job.weird", "a language that nobody knows", "size = 1\ncode = 1\n", "size = 2\ncode = 1\n",
        "size = 1\n\ncode = 1\n"),
    ]
  )
  private func notOneSide(_ example: Case) { example.check(by: .oneSide) }

  // MARK: - items-other

  @Test(
    "items-other combines what it does not know to be independent",
    arguments: [
      Case(
        "job.toml", "values of two keys", in: ("[job]\n", ""), "size = 1\ncode = 1\n", "size = 2\ncode = 1\n",
        "size = 1\ncode = 3\n", "size = 2\ncode = 3\n"),
      Case(
        "job.json", "values of two entries", in: Case.object, "  \"size\": 1,\n  \"code\": 1\n",
        "  \"size\": 2,\n  \"code\": 1\n", "  \"size\": 1,\n  \"code\": 3\n", "  \"size\": 2,\n  \"code\": 3\n"),
      Case(
        "job.yml", "values of two keys", in: ("job:\n", ""), "  size: 1\n  code: 1\n", "  size: 2\n  code: 1\n",
        "  size: 1\n  code: 3\n", "  size: 2\n  code: 3\n"),
      Case(
        "Job.swift", "a change and a new neighbour", in: Case.swift, "  let size = 1\n",
        "  let size = 1\n  let code = 1\n",
        "  var size = 1\n", "  var size = 1\n  let code = 1\n"),
      Case(
        "job.rb", "a change and a deleted neighbour", in: ("class Job\n", "end\n"), "  SIZE = 1\n  CODE = 1\n",
        "  CODE = 1\n", "  SIZE = 1\n  CODE = last\n", "  CODE = last\n"),
      Case(
        "Job.java", "a field replaced by another beside a new one", in: Case.java, "  int size = 1;\n",
        "  long width = last();\n", "  int size = 1;\n  int code = 4;\n",
        "  long width = last();\n  int code = 4;\n"),
      Case(
        "job.xml", "a change and a new neighbour", in: Case.markup, "  <bean name=\"size\">one</bean>\n",
        "  <bean name=\"size\">one</bean>\n  <bean name=\"code\"/>\n", "  <bean name=\"size\">two</bean>\n",
        "  <bean name=\"size\">two</bean>\n  <bean name=\"code\"/>\n"),
      Case(
        "Makefile", "a change and a new neighbour", "SIZE = 1\n", "SIZE = 1\nCODE = 1\n", "SIZE = 2\n",
        "SIZE = 2\nCODE = 1\n"),
      Case(
        "job.md", "sections", in: ("# Job\n\n## Run\n\nIt runs.\n", ""), "", "\n## Stop\n\nIt stops.\n",
        "\n## Size\n\nIt has one.\n", "\n## Stop\n\nIt stops.\n\n## Size\n\nIt has one.\n"),
      Case(
        "job.py", "one statement that became two beside a change", in: ("def run():\n", ""),
        "    open_it(file)\n    size = 1\n", "    connect_it(url)\n    greet(peer)\n    size = 1\n",
        "    open_it(file)\n    size = 2\n", "    connect_it(url)\n    greet(peer)\n    size = 2\n"),
    ]
  )
  private func other(_ example: Case) { example.check(by: .other) }

  @Test(
    "items-other abstains where another form is meant, and where the changes meet",
    arguments: [
      Case(
        "Job.java", "fields of code", in: Case.java, "  int size = 1;\n  int code = 1;\n",
        "  int size = 2;\n  int code = 1;\n", "  int size = 1;\n  long code = 1;\n"),
      Case(
        "job.py", "two new functions", in: ("def run():\n    go()\n", ""), "", "\n\ndef stop(code):\n    halt(code)\n",
        "\n\ndef size(items):\n    return len(items)\n"),
      Case(
        "job.yml", "two deleted keys", in: ("job:\n", ""), "  size: 1\n  code: 2\n  last: 3\n",
        "  code: 2\n  last: 3\n", "  size: 1\n  last: 3\n"),
      Case("job.toml", "one value", in: ("[job]\n", ""), "size = 1\n", "size = 2\n", "size = 3\n"),
      Case("job.md", "paragraphs", in: ("# Job\n\nIt runs.\n", ""), "", "\nIt stops.\n", "\nIt has a size.\n"),
      Case(
        "Job.swift", "a change of what the other deleted", in: Case.swift, "  let size = 1\n  let code = 1\n",
        "  let code = 1\n", "  var size = 1\n  var code = 1\n"),
      Case(
        "package-lock.json", "what a tool writes", in: Case.object, "  \"size\": 1,\n  \"code\": 1\n",
        "  \"size\": 2,\n  \"code\": 1\n", "  \"size\": 1,\n  \"code\": 3\n"),
      Case(
        "CMakeLists.txt", "calls that both replaced", in: ("project(job)\n", ""), "message(size)\nmessage(code)\n",
        "find_package(size)\nmessage(code)\n", "message(size)\nfind_package(code)\n"),
    ]
  )
  private func notOther(_ example: Case) { example.check(by: .other) }
}
