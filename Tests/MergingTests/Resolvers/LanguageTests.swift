import Testing

@testable import Merging

@Suite("Language") struct LanguageTests {
  @Test(
    "is known by the file's name or extension",
    arguments: [
      ("src/a.c", "C", Language.Family.braces), ("a.TS", "TypeScript", .braces), ("a/b/A.java", "Java", .braces),
      ("a.py", "Python", .indentation), ("a.yaml", "YAML", .indentation), ("a.rb", "Ruby", .endKeyword),
      ("Gemfile", "Ruby", .endKeyword), ("a.lua", "Lua", .endKeyword), ("a.md", "Markdown", .markup),
      ("pom.xml", "XML", .markup), ("a.json", "JSON", .data), ("sub/Makefile", "Make", .build),
      ("CMakeLists.txt", "CMake", .build), ("BUILD", "Starlark", .build), ("build.gradle", "Groovy", .braces),
      ("a.unheard-of", "unknown", .other), ("LICENSE", "unknown", .other), ("", "unknown", .other),
      (".c", "C", .braces), ("a.", "unknown", .other), ("dir.c/file", "unknown", .other),
    ]
  )
  func byPath(path: String, name: String, family: Language.Family) {
    let language = Language.ofFile(at: Array(path.utf8))
    #expect(language.name == name)
    #expect(language.family == family)
  }

  @Test("a path need not be UTF-8")
  func invalidBytes() {
    #expect(Language.ofFile(at: [0xFF, 0x2E, 0x63]).name == "C")
    #expect(Language.ofFile(at: [0x2E, 0xFF]).name == "unknown")
  }

  @Test(
    "white space matters where it is structure",
    arguments: [
      ("a.py", true), ("a.yml", true), ("Makefile", true), ("a.md", true), ("a.hs", true), ("a.scala", true),
      ("LICENSE", true), ("a.c", false), ("a.swift", false), ("a.php", false),
    ]
  )
  func whitespace(path: String, matters: Bool) {
    #expect(Language.ofFile(at: Array(path.utf8)).whitespaceMatters == matters)
  }
}
