package import Base

/// What is sealed, by what it is for.
package enum SealKind: String, Sendable, Hashable, Codable, CaseIterable {
  /// Tests: a whole file, or the part of a source file that holds them.
  case test
  /// What tests read: fixtures, snapshots, expected output.
  case testData
  /// What runs the tests, or says which of them run: settings of a runner, a script, a target of a build file.
  case runner
  /// Settings of a linter, a type checker or a coverage tool.
  case lint
  /// What runs when somebody pushes or commits, who reviews, and what bots obey.
  case protected
  /// The exact versions that a manifest was resolved to.
  case lockFile

  /// What a person calls it.
  package var name: String {
    switch self {
    case .test: "a test"
    case .testData: "test data"
    case .runner: "what runs the tests"
    case .lint: "settings of a linter or of coverage"
    case .protected: "a protected file"
    case .lockFile: "a lock file"
    }
  }
}

/// An edit of a patch to something that was sealed when the run began.
package struct SealedEdit: Sendable, Hashable {
  package var path: RepositoryPath
  package var kind: SealKind
  /// The part of the file that is sealed, such as `[tool.pytest.ini_options]`; `nil` where all of it is.
  package var part: String?
  /// Whether it only adds tests, or what they read, and leaves every other test as it was.
  package var addsOnly: Bool
  /// What a person should know of it, as one line without the path.
  package var summary: String

  package init(path: RepositoryPath, kind: SealKind, part: String? = nil, addsOnly: Bool, summary: String) {
    self.path = path
    self.kind = kind
    self.part = part
    self.addsOnly = addsOnly
    self.summary = summary
  }
}

/// A patch in two parts: what it may do, and what it does to what is sealed.
package struct PatchSplit: Sendable, Hashable {
  /// All of the patch.
  package var whole: [PatchedFile]
  /// The patch without its edits to what is sealed; files in which nothing is left are not in it.
  package var unsealed: [PatchedFile]
  /// The edits to what is sealed, in the order of their paths.
  package var sealed: [SealedEdit]

  package init(whole: [PatchedFile], unsealed: [PatchedFile], sealed: [SealedEdit]) {
    self.whole = whole
    self.unsealed = unsealed
    self.sealed = sealed
  }
}
