import Testing

@testable import Merging

/// What files declare, and what is declared twice.
struct DeclarationsTests {
  private func declarations(_ path: String, _ text: String) throws -> Declarations {
    try #require(Declarations(of: SourceText(Array(text.utf8), language: .ofFile(at: Array(path.utf8)))))
  }

  private func duplicates(_ path: String, _ text: String, notIn others: [String] = []) throws -> [String] {
    try declarations(path, text).duplicates(notIn: others.map { try declarations(path, $0) })
      .map { String(decoding: $0.name, as: UTF8.self) }
  }

  @Test func findsAFunctionThatIsDeclaredTwice() throws {
    let text = "class A {\n  void f(int a) {\n  }\n  void f(int b) {\n  }\n}\n"
    #expect(try duplicates("A.java", text) == ["f(1)"])
    #expect(try duplicates("A.java", text, notIn: [text]).isEmpty)
  }

  @Test func tellsFunctionsApartByTheirParameters() throws {
    #expect(try duplicates("A.java", "class A {\n  void f(int a) {\n  }\n  void f() {\n  }\n}\n").isEmpty)
    #expect(try duplicates("a.go", "func f() {\n}\nfunc f(a int) {\n}\n") == ["f"])
  }

  @Test func tellsContainersApart() throws {
    let text = "class A:\n    def f(self):\n        pass\n\nclass B:\n    def f(self):\n        pass\n"
    #expect(try duplicates("a.py", text).isEmpty)
    #expect(try duplicates("a.py", text + "    def f(self):\n        pass\n") == ["f"])
  }

  @Test func findsAnImportThatIsThereTwice() throws {
    #expect(try duplicates("a.py", "import a\nimport b\nimport a\n") == ["import a"])
    #expect(try duplicates("a.py", "import a\nimport b\nimport c\n").isEmpty)
  }

  @Test func findsKeysThatAreThereTwice() throws {
    #expect(try duplicates("a.json", "{\n  \"a\": 1,\n  \"b\": 2,\n  \"a\": 3\n}\n") == ["\"a\""])
    #expect(try duplicates("a.json", "{\n  \"a\": {\n    \"b\": 1\n  },\n  \"b\": 2\n}\n").isEmpty)
    #expect(try duplicates("a.yml", "a: 1\nb:\n  a: 2\n  a: 3\n") == ["a"])
    #expect(try duplicates("a.toml", "a = 1\n[x]\na = 2\n[y]\na = 3\n").isEmpty)
    #expect(try duplicates("a.toml", "[x]\na = 2\na = 3\n") == ["a"])
    #expect(try duplicates("requirements.txt", "a==1\nb==2\na==3\n") == ["a"])
  }

  @Test func findsFieldsButNotLocalVariables() throws {
    #expect(try duplicates("A.java", "class A {\n  int a = 1;\n  int b;\n  int a = 2;\n}\n") == ["a"])
    let local =
      "class A {\n  void f() {\n    if (x) {\n      int a = 1;\n    }\n    int a = 2;\n    int a = 3;\n  }\n}\n"
    #expect(try duplicates("A.java", local).isEmpty)
  }

  @Test func findsElementsByTheirIdentity() throws {
    let text =
      "<r>\n  <string name=\"a\">x</string>\n  <string name=\"b\">x</string>\n  <string name=\"a\">y</string>\n</r>\n"
    #expect(try duplicates("strings.xml", text) == ["string a"])
    #expect(try duplicates("a.xml", "<r>\n  <p>x</p>\n  <p>x</p>\n</r>\n").isEmpty)
  }

  @Test func countsMoreThanTheParentsHave() throws {
    let one = "a = 1\n"
    let two = "a = 1\na = 2\n"
    #expect(try duplicates("a.toml", two, notIn: [one]) == ["a"])
    #expect(try duplicates("a.toml", two, notIn: [one, two]).isEmpty)
  }
}
