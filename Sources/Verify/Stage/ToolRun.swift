package import Base
package import Egress
internal import FileSystem
package import Git
internal import Sandbox
package import Workspace

/// Runs a tool that writes one file of a tree anew, in a cell of its own.
package struct ToolRun: Sendable {
  /// What came of it.
  package enum Result: Sendable, Hashable {
    /// What is in the file now.
    case written([UInt8])
    /// Why there is nothing, as a phrase for a person.
    case failed(String)
  }

  /// The line of `sh`.
  package var command: String
  /// The directory it is run in, from the root of the tree; empty for the root itself.
  package var directory: [UInt8]
  /// The file that it writes, and the only one of the tree that it may change.
  package var output: RepositoryPath
  /// The tree that it is run on.
  package var tree: ObjectID
  /// The hosts that it can reach.
  package var hosts: [HostName]
  /// How long it may take.
  package var seconds: Int

  package init(
    _ command: String, in directory: [UInt8], writing output: RepositoryPath, of tree: ObjectID, hosts: [HostName],
    seconds: Int
  ) {
    self.command = command
    self.directory = directory
    self.output = output
    self.tree = tree
    self.hosts = hosts
    self.seconds = seconds
  }

  /// The largest file that is taken: 64 MiB.
  private static let largest = 64 << 20

  /// Runs it.
  ///
  /// - Parameters:
  ///   - repository: Where the tree is.
  ///   - place: An absolute path at which nothing is; it is made and removed.
  ///   - cells: Makes the cell.
  ///   - audit: Takes each decision about a connection, on a thread that waits for it.
  /// - Returns: What came of it.
  /// - Throws: `CancellationError`; whatever else keeps it from being run is told.
  package func run(
    in repository: RepositoryActor<PrivateRepository>, at place: String, cells: any CellMaking,
    audit: @escaping @Sendable (EgressRecord) -> Void
  ) async throws -> Result {
    defer { try? Directory.removeTree(Array(place.utf8)) }
    do {
      let tree = tree
      _ = try await repository.perform { try Checkout(of: tree, in: $0, at: place, history: nil) }
      let asked = Lock<Set<String>>([])
      let made = try await cells.make(CellOrder(checkout: place, hosts: hosts)) { record in
        if case .refused = record.event, let host = record.host?.text { asked.withLock { _ = $0.insert(host) } }
        audit(record)
      }
      do {
        let result = try await run(in: made, of: repository) { asked.withLock { $0.sorted() } }
        await made.close()
        return result
      } catch {
        await made.close()
        throw error
      }
    } catch let error as CancellationError {
      throw error
    } catch {
      return .failed(StageFailure(of: error).description)
    }
  }

  private func run(
    in made: MadeCell, of repository: RepositoryActor<PrivateRepository>, refused: () -> [String]
  ) async throws -> Result {
    let words = ["sh", "-c", command].map { Array($0.utf8) }
    guard let start = directory.isEmpty ? .workspace : CellPath.workspace.appending(directory),
      let file = CellPath.workspace.appending(output.bytes)
    else { return .failed("a cell cannot have a directory of that name") }
    let ended = try await CellShell(cell: made.cell).run(
      CellCommand(words, directory: start, timeout: .seconds(seconds), outputLimit: 1 << 20))
    await made.network?.shut()
    _ = try await made.cell.endProcesses()
    if let reason = fault(ended, refused: refused()) { return .failed(reason) }
    let (tree, output) = (tree, output)
    let changes = try await made.cell.changes()
    let changed = changes.map(\.path).filter { $0 != output }
    // Whatever a link names is not what the tool wrote.
    if changes.contains(where: { if case .linked = $0.kind { $0.path == output } else { false } }) {
      return .failed("'\(shown)' made a link of the file")
    }
    let tracked = try await repository.perform { repository throws(GitError) in
      var tracked: [RepositoryPath] = []
      for path in changed where try repository.entry(at: path, in: tree) != nil { tracked.append(path) }
      return tracked
    }
    if let other = tracked.min() { return .failed("'\(shown)' also changed '\(other.display)'") }
    do throws(SandboxError) {
      let content = try await made.cell.read(file, from: 0, limit: Self.largest)
      guard content.bytes.count == content.size else { return .failed("'\(shown)' wrote more than 64 MiB") }
      return .written(content.bytes)
    } catch {
      guard [.notFound, .notAFile, .notADirectory, .permission, .refused].contains(error.code) else { throw error }
      return .failed("'\(shown)' left no file of that name")
    }
  }

  private var shown: String { DisplayText.line(command.utf8) }

  private func fault(_ ended: CellShell.Ended, refused: [String]) -> String? {
    let how: String
    switch ended.ending {
    case .exited(0): return nil
    case .exited(let status):
      if let fault = Faults.missing(command, status: status, log: ended.output, isTracked: { _ in false }) {
        return fault.description
      }
      how = "ended with \(status)"
    case .signalled(let number): how = "was ended by signal \(number)"
    case .timedOut: how = "did not end within \(seconds) s"
    }
    var text = "'\(shown)' \(how)" + (LogLines.reason(in: ended.output).map { ": \($0)" } ?? "")
    if !refused.isEmpty { text += "; it asked for \(refused.joined(separator: ", "))" }
    if !refused.isEmpty || LogSigns(of: ended.output).lines[.network] != nil {
      let open = hosts.isEmpty ? "none" : hosts.map(\.text).sorted().joined(separator: ", ")
      text += " (hosts that 'network' opens to it: \(open))"
    }
    return text
  }
}
