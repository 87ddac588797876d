package import Base
package import Egress
internal import FileSystem
package import Git
package import Policy
package import Review
internal import Verify
package import Workspace

/// What the linters of a review said, and which of them said nothing.
package struct LinterReport: Sendable, Hashable {
  /// What those said that could be read.
  package var documents: [SARIFDocument]
  /// What a person should know of the others, a sentence each.
  package var faults: [String]

  package init(documents: [SARIFDocument] = [], faults: [String] = []) {
    self.documents = documents
    self.faults = faults
  }

  /// Where none was run though some are named.
  package static func notRun(because reason: String) -> LinterReport {
    LinterReport(faults: ["The linters in 'review.sarif' were not run: \(sentence(reason))"])
  }

  fileprivate static func sentence(_ text: String) -> String { text.hasSuffix(".") ? text : text + "." }
}

/// Runs the linters that a repository names on one commit, in a cell.
package struct LinterWork: Sendable {
  private let configuration: RepositoryConfiguration
  private let repository: RepositoryActor<PrivateRepository>
  private let cells: any CellMaking
  private let branch: RefName?
  private let directory: String
  private let log: @Sendable (String) -> Void

  /// - Parameters:
  ///   - configuration: How the repository wants to be reviewed.
  ///   - repository: A private repository that sees the commit.
  ///   - cells: Makes the cell.
  ///   - branch: The branch that git in the cell is told it is on.
  ///   - directory: An absolute path at which nothing is; it is made and removed.
  ///   - log: Takes one line on what is going on.
  package init(
    _ configuration: RepositoryConfiguration, in repository: RepositoryActor<PrivateRepository>,
    cells: any CellMaking, branch: RefName?, directory: String, log: @escaping @Sendable (String) -> Void
  ) {
    self.configuration = configuration
    self.repository = repository
    self.cells = cells
    self.branch = branch
    self.directory = directory
    self.log = log
  }

  /// Runs them.
  ///
  /// That a linter fails, hangs or prints no SARIF is told and keeps nothing from being reviewed.
  ///
  /// - Parameters:
  ///   - commit: What they look at.
  ///   - audit: Takes each decision about a connection that `setup` asks for, on a thread that waits for it.
  /// - Returns: What they said, and which of them said nothing.
  /// - Throws: `CancellationError`.
  package func report(
    on commit: ObjectID, audit: @escaping @Sendable (EgressRecord) -> Void = { _ in }
  ) async throws -> LinterReport {
    let linters = configuration.review.sarif
    guard !linters.isEmpty else { return LinterReport() }
    do {
      let results = try await results(of: linters, on: commit, audit: audit)
      var report = LinterReport()
      for (line, result) in zip(linters, results) { Self.take(result, of: line, into: &report) }
      return report
    } catch let failure as StageFailure {
      return .notRun(because: failure.description)
    } catch let error as InvalidHost {
      return .notRun(because: error.description)
    } catch let error as FileError {
      return .notRun(because: error.description)
    }
  }

  private func results(
    of linters: [String], on commit: ObjectID, audit: @escaping @Sendable (EgressRecord) -> Void
  ) async throws -> [LinterRun.Result] {
    let hosts = try HostName.opened(configuration.network)
    // A process that died may have left one.
    try Directory.removeTree(Array(directory.utf8))
    let history = await cells.history(of: repository, telling: log)
    let order = StageOrder(
      repository: repository, commit: commit,
      commands: TestCommands(
        setup: configuration.setup, test: [], seconds: JobGround.seconds(of: configuration.budget)),
      directory: directory, hosts: hosts, history: history, branch: branch,
      limit: .seconds(configuration.budget.seconds))
    log("running \(linters.count == 1 ? "1 linter" : "\(linters.count) linters") on \(commit.short)")
    return try await LinterRun(linters, on: order, cells: cells, audit: audit).run()
  }

  private static func take(_ result: LinterRun.Result, of line: String, into report: inout LinterReport) {
    let command = DisplayText.line(line.prefix { $0 != "\n" }.utf8.prefix(200))
    func tell(_ reason: String) { report.faults.append("The linter '\(command)' told nothing: \(sentence(reason))") }
    switch result {
    case .failed(let reason): tell(reason)
    case .printed(let output, let root, let ending):
      do throws(SARIFError) {
        let document = try SARIFDocument.parse(output, root: root)
        report.documents.append(document)
        // Most end with another status where they find something.
        if let ending, document.results.isEmpty, document.outside == 0 {
          report.faults.append("The linter '\(command)' found nothing and \(sentence(ending))")
        }
      } catch {
        tell("what it printed cannot be read, \(error)" + (ending.map { "; it \($0)" } ?? ""))
      }
    }
  }

  private static func sentence(_ text: String) -> String { LinterReport.sentence(text) }
}
