package import Base
package import TestResults

/// Looks at a patch, without running it, for what acts on the tests and not on what they test.
package enum PatchInspection {
  /// What is suspicious in a patch.
  ///
  /// - Parameters:
  ///   - split: The patch in its two parts.
  ///   - seals: What was sealed when the patch was begun.
  /// - Returns: In the order of paths and lines; the strong ones alone decide.
  package static func look(at split: PatchSplit, seals: Seals) -> [PatchSuspicion] {
    []
  }
}

/// Looks for values that a red test expects and a patch writes into the product.
package enum HardCodedAnswers {
  /// A red test, and where its expectations can be read.
  package struct RedTest: Sendable, Hashable {
    package var identity: TestIdentity
    /// What its runner said of the failure.
    package var message: [UInt8]
    /// Where it failed, in files of the tree.
    package var frames: [TestFrame]

    package init(identity: TestIdentity, message: [UInt8], frames: [TestFrame]) {
      self.identity = identity
      self.message = message
      self.frames = frames
    }
  }

  /// The suspected answers in a patch, at most 20.
  ///
  /// - Parameters:
  ///   - patch: The part of the patch that touches nothing sealed.
  ///   - tests: The red tests.
  ///   - testFiles: The test files of the tree, by path; only those in which a red test may stand are read.
  ///   - read: The bytes of a file of the tree that the run began with.
  /// - Returns: In the order of paths and lines.
  package static func find(
    in patch: [PatchedFile], tests: [RedTest], testFiles: [RepositoryPath], read: (RepositoryPath) -> [UInt8]?
  ) -> [HardCodedAnswer] {
    []
  }
}
