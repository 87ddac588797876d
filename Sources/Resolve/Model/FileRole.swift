internal import Base

/// What a file is for, by its path: what a model may do to it depends on that.
enum FileRole: Sendable, Hashable {
  case product
  /// Tests.
  case test
  /// What tests read or compare with, and what is no code: expected outputs, tables, documents.
  case testData
  /// What decides how and whether tests run, what bots obey, what runs when somebody pushes.
  case sealed

  private static let testDirectories: Set<String> = [
    "test", "tests", "spec", "specs", "__tests__", "testdata", "fixtures", "__snapshots__", "testing",
  ]
  private static let sealedDirectories: Set<String> = [
    ".github", ".gitlab", ".circleci", ".buildkite", ".forgejo", ".gitea", ".woodpecker", ".husky", ".githooks",
  ]
  private static let sealedNames: Set<String> = [
    ".arborist.yml", ".arborist.yaml", ".gitlab-ci.yml", ".travis.yml", "azure-pipelines.yml", "jenkinsfile",
    "bitbucket-pipelines.yml", ".drone.yml", ".woodpecker.yml", "appveyor.yml", "conftest.py", "pytest.ini", "tox.ini",
    "noxfile.py", ".coveragerc", "sitecustomize.py", "usercustomize.py", "phpunit.xml", "phpunit.xml.dist", ".rspec",
    ".mocharc.json", ".mocharc.yml", ".pre-commit-config.yaml", "codeowners", ".gitattributes", ".gitmodules",
  ]

  init(_ path: RepositoryPath) {
    let components = path.components.map { String(decoding: $0, as: UTF8.self).lowercased() }
    let name = components.last ?? ""
    if Self.sealedNames.contains(name) || components.dropLast().contains(where: { Self.sealedDirectories.contains($0) })
      || Self.runnerSettings.contains(where: { name.hasPrefix($0) })
    {
      self = .sealed
    } else if components.dropLast().contains(where: { Self.testDirectories.contains($0) }) || Self.isTest(name, path) {
      self = Self.isData(name) ? .testData : .test
    } else {
      self = .product
    }
  }

  private static let dataEndings = [
    ".txt", ".out", ".err", ".stdout", ".stderr", ".expected", ".golden", ".baseline", ".approved", ".snap", ".json",
    ".csv", ".tsv", ".xml", ".html",
  ]
  /// Texts that say what is built, installed or run.
  private static let settings = [
    "requirements", "constraints", "cmakelists", "package", "tsconfig", "composer", "pom.", "build.", "phpunit",
    "testng", "pyproject", "deno", "launch", "settings", "config",
  ]

  /// Whether a file in a directory of tests is data, by its name.
  private static func isData(_ name: String) -> Bool {
    dataEndings.contains { name.hasSuffix($0) } && !name.hasPrefix(".") && !settings.contains { name.hasPrefix($0) }
  }

  private static let runnerSettings = ["jest.config.", "vitest.config.", "karma.conf.", "playwright.config."]

  private static func isTest(_ name: String, _ path: RepositoryPath) -> Bool {
    let stem = name.prefix { $0 != "." }
    if stem.hasPrefix("test_") || stem.hasSuffix("_test") || stem.hasSuffix("_spec") { return true }
    if name.contains(".test.") || name.contains(".spec.") { return true }
    let original = String(decoding: path.name, as: UTF8.self).prefix { $0 != "." }
    return original.hasSuffix("Test") || original.hasSuffix("Tests") || original.hasSuffix("Spec") || stem == "test"
      || stem == "tests"
  }
}
