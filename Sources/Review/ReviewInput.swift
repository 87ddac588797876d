package import Base
package import Git
package import Policy
package import Work

/// Everything that a review looks at.
///
/// A value is not `Sendable`: its closures may read a repository, so it lives where the repository lives.
package struct ReviewInput {
  /// The change.
  package var diff: Diff
  /// How the repository wants to be reviewed.
  package var configuration: ReviewConfiguration
  /// Paths to report when they are touched, beyond those that every repository has (`ProtectedPaths`).
  package var protectedPaths: [Glob]
  /// What counts as tests, beyond the usual places.
  package var testPaths: [Glob]
  /// What linters found, already parsed.
  package var linters: [SARIFDocument]
  /// The content of a blob; `nil` where there is no such blob or it has more bytes than the limit.
  package var readBlob: (_ id: ObjectID, _ limit: Int) -> [UInt8]?
  /// All files of the head's tree.
  package var headFiles: () -> [HeadFile]

  package init(
    diff: Diff, configuration: ReviewConfiguration = ReviewConfiguration(), protectedPaths: [Glob] = [],
    testPaths: [Glob] = [], linters: [SARIFDocument] = [],
    readBlob: @escaping (_ id: ObjectID, _ limit: Int) -> [UInt8]? = { _, _ in nil },
    headFiles: @escaping () -> [HeadFile] = { [] }
  ) {
    self.diff = diff
    self.configuration = configuration
    self.protectedPaths = protectedPaths
    self.testPaths = testPaths
    self.linters = linters
    self.readBlob = readBlob
    self.headFiles = headFiles
  }
}

/// Sizes above which something is not read or is reported, in bytes.
package enum ReviewLimits {
  /// An added file above this size is reported as large: 1 MiB.
  package static let largeFile = 1 << 20
  /// A whole file is read only up to this size, when a check needs more than the changed lines: 2 MiB.
  package static let wholeFile = 2 << 20
  /// Of one line no more than this is shown.
  package static let quote = 300
  /// Of a finding about more lines only the first is shown.
  package static let lines = 60
}

/// One file of the head's tree.
package struct HeadFile: Sendable, Hashable {
  package var path: RepositoryPath
  package var blob: ObjectID

  package init(path: RepositoryPath, blob: ObjectID) {
    self.path = path
    self.blob = blob
  }
}
