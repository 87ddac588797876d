package import Base

/// Something in a patch that acts on the tests, their runner or their surroundings, not on what they test.
package struct PatchSuspicion: Sendable, Hashable {
  package enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    /// A program or a file that the runner would load in place of, or before, what it means to.
    case runnerShim
    /// The process is ended with a status of its own, or a failure is made to count as none.
    case forcedStatus
    /// Product code asks whether it is being tested.
    case environmentSniffed
    /// The test framework, or what assertions compare, is changed from outside of the tests.
    case frameworkPatched
    /// What is red is tried again until it is green.
    case retry
    /// Product code writes what a runner would report.
    case forgedReport
    /// Tests are left out, skipped or marked as known to fail.
    case testsLeftOut
    /// Product code reads the tests or what they expect.
    case readsTests
    /// Code is run that no source file of the patch shows.
    case hiddenCode

    /// What a person calls it.
    package var name: String {
      switch self {
      case .runnerShim: "stands in for the test runner or is loaded before it"
      case .forcedStatus: "forces an exit status"
      case .environmentSniffed: "asks whether it is being tested"
      case .frameworkPatched: "changes the test framework or what assertions compare"
      case .retry: "tries again what failed"
      case .forgedReport: "writes what a test runner would report"
      case .testsLeftOut: "leaves tests out"
      case .readsTests: "reads the tests from product code"
      case .hiddenCode: "runs code that cannot be read where it stands"
      }
    }
  }

  /// How sure it is.
  package enum Strength: Int, Sendable, Hashable, Codable, Comparable {
    /// A person should know of it.
    case weak
    /// Honest repairs do this too, and no run can tell them from others: it is not `fixed` before a person has looked.
    case wantsPerson
    /// It decides where an exit status is all that is known of the tests.
    case decidesStatus
    /// No honest repair does this.
    case strong

    package static func < (left: Strength, right: Strength) -> Bool { left.rawValue < right.rawValue }
  }

  package var kind: Kind
  package var strength: Strength
  package var path: RepositoryPath
  /// The line in the new file, counted from one; zero where the whole file is meant.
  package var line: Int
  /// The words that show it.
  package var excerpt: String

  package init(kind: Kind, strength: Strength, path: RepositoryPath, line: Int, excerpt: String) {
    self.kind = kind
    self.strength = strength
    self.path = path
    self.line = line
    self.excerpt = excerpt
  }

  /// One line for a person.
  package var description: String {
    let place = line > 0 ? "\(path.display):\(line)" : path.display
    return excerpt.isEmpty ? "\(place) \(kind.name)" : "\(place) \(kind.name): \(excerpt)"
  }
}

/// A value in a patch that a red test expects, and that stands nowhere else.
package struct HardCodedAnswer: Sendable, Hashable {
  package var path: RepositoryPath
  /// The line in the new file, counted from one.
  package var line: Int
  /// The value as the patch writes it.
  package var value: String
  /// Why it is suspected, as a part of a sentence.
  package var reason: String

  package init(path: RepositoryPath, line: Int, value: String, reason: String) {
    self.path = path
    self.line = line
    self.value = value
    self.reason = reason
  }

  /// One line for a person.
  package var description: String {
    "\(path.display):\(line) may be an answer written in by hand: \(value) \(reason)"
  }
}
