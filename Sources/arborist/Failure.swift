internal import Base
internal import FileSystem
internal import Git
internal import Installation
internal import Journal
internal import Memory
internal import Models
internal import Pipeline
internal import Policy
internal import Replay
internal import Review
internal import Sandbox
internal import Work

/// Which exit status an error of a lower module means.
enum Failure {
  static func of(_ error: any Error) -> CommandFailure {
    switch error {
    case let failure as CommandFailure: failure
    case let error as NoJournal: CommandFailure(.usage, error.description)
    case let error as GitError: CommandFailure(status(of: error), error.description)
    case let error as LandingError: CommandFailure(status(of: error), error.description)
    case let error as BranchRefusal: CommandFailure(.refused, error.description)
    case let error as ConfigurationError: CommandFailure(.usage, error.lines)
    case let error as MemoryFile.Failure: CommandFailure(.surroundings, error.description)
    case let error as NoBase: CommandFailure(.usage, error.description)
    case let error as InvalidRefName: CommandFailure(.usage, error.description)
    case let error as SARIFError: CommandFailure(.usage, error.description)
    case let error as UnreadableLinterFile: CommandFailure(.usage, error.description)
    case let error as MalformedTable: CommandFailure(.usage, error.description)
    case let error as InstallationError: CommandFailure(status(of: error), error.description)
    case let error as JournalError: CommandFailure(status(of: error), error.description)
    case let error as NoHome: CommandFailure(.usage, error.description)
    case let error as NoPrice: CommandFailure(.refused, error.description)
    case let error as NoModel: CommandFailure(.usage, error.description)
    case let error as InvalidModelName: CommandFailure(.usage, error.description)
    case let error as InvalidHost: CommandFailure(.usage, error.description)
    case let error as EndpointError: CommandFailure(.usage, error.description)
    case let error as PriceFileError: CommandFailure(.usage, error.description)
    case let error as CannotUndo: CommandFailure(.refused, error.description)
    case let error as UnusableSigningKey: CommandFailure(.usage, error.description)
    case let error as NoTestCommand: CommandFailure(.usage, error.description)
    case let error as NotResumable: CommandFailure(.usage, error.description)
    case let error as RunIsBusy: CommandFailure(.surroundings, error.description)
    case let error as SandboxError:
      CommandFailure(error.code == .wallMissing ? .refused : .surroundings, error.description)
    default: CommandFailure(.surroundings, "\(error)")
    }
  }

  private static func status(of error: GitError) -> ExitStatus {
    switch error.code {
    case .notFound, .ambiguous, .invalid, .unbornBranch, .wrongType, .noCommonAncestor: .usage
    default: .surroundings
    }
  }

  private static func status(of error: LandingError) -> ExitStatus {
    switch error.reason {
    case .symbolic, .notFastForward, .checkedOut, .blocked, .rejected, .hooks: .refused
    case .locked, .failed: .surroundings
    }
  }

  private static func status(of error: InstallationError) -> ExitStatus {
    switch error {
    case .file, .configurationLocked, .configurationChanged: .surroundings
    default: .usage
    }
  }

  private static func status(of error: JournalError) -> ExitStatus {
    switch error {
    case .notFound, .ambiguous: .usage
    default: .surroundings
    }
  }
}
