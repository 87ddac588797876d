internal import Base
internal import ByteText
internal import Work

/// What a path alone tells about a file.
struct PathFacts: Sendable {
  /// A test, or something that only tests read.
  let isTest: Bool
  /// Written for people to read, or an example of use.
  let isDocumentation: Bool
  /// A program for the people who work on the repository, where printing is the point.
  let isScript: Bool

  private static let testDirectories: Set<String> = [
    "test", "tests", "spec", "specs", "__tests__", "testing", "testdata", "test-data", "test_data", "testsuite",
    "fixtures", "fixture", "__fixtures__", "__mocks__", "mocks", "e2e", "cypress", "androidtest", "integrationtest",
    "integration-tests", "integration_tests", "testutil", "testutils", "unittest", "unittests", "t",
  ]
  private static let documentationExtensions: Set<String> = [
    "md", "markdown", "mdx", "rst", "txt", "adoc", "asciidoc", "org", "tex", "texi", "pod", "ipynb", "1", "5", "7",
  ]
  private static let documentationDirectories: Set<String> = [
    "doc", "docs", "documentation", "examples", "example", "samples", "sample", "demo", "demos", "tutorial",
    "tutorials", "playground", "changelog.d", "changelog", "changelogs", "newsfragments",
  ]
  private static let scriptDirectories: Set<String> = [
    "script", "scripts", "bin", "tool", "tools", "hack", "benchmark", "benchmarks", "bench", "dev", "ci", ".github",
    "build", "contrib", "cli", "cmd", "commands", "utils-dev",
  ]

  init(_ path: RepositoryPath, testPaths: [Glob]) {
    let components = path.components.map { String(decoding: $0.lowercased(), as: UTF8.self) }
    let directories = components.dropLast()
    let name = components.last ?? ""
    let fileExtension = String(decoding: path.fileExtension, as: UTF8.self)
    let documentation =
      Self.documentationExtensions.contains(fileExtension)
      || directories.contains(where: Self.documentationDirectories.contains)
      || ["license", "changelog", "changes", "readme", "authors", "news", "contributing"].contains(name)
    isDocumentation = documentation
    isTest =
      directories.contains { Self.testDirectories.contains($0) || Self.endsLikeTests($0) }
      || Self.isTestName(name, original: path.name) || testPaths.contains { $0.matches(path.bytes) }
    isScript =
      directories.contains(where: Self.scriptDirectories.contains) || name.hasPrefix("gulpfile")
      || name.hasPrefix("gruntfile") || name.hasPrefix("webpack") || name.contains(".config.")
  }

  /// `CoreTests`, `app-test`, `src/testFixtures`.
  private static func endsLikeTests(_ directory: String) -> Bool {
    directory.hasSuffix("tests") || directory.hasSuffix("-test") || directory.hasSuffix("_test")
      || directory.hasPrefix("testfixture")
  }

  private static func isTestName(_ name: String, original: ArraySlice<UInt8>) -> Bool {
    guard let stem = name.split(separator: ".").first else { return false }
    if name.contains(".test.") || name.contains(".spec.") || name.contains(".cy.") { return true }
    if stem.hasPrefix("test_") || stem.hasSuffix("_test") || stem.hasSuffix("_tests") || stem.hasSuffix("_spec") {
      return true
    }
    if stem == "conftest" || stem.hasPrefix("test-") || stem.hasSuffix("-test") { return true }
    // `FooTest.java`, `FooTests.swift`: the capital tells it from `latest.java`.
    let exact = String(decoding: original, as: UTF8.self).split(separator: ".").first ?? ""
    return ["Test", "Tests", "TestCase", "Spec", "IT"].contains { exact.hasSuffix($0) && exact.count > $0.count }
  }
}
