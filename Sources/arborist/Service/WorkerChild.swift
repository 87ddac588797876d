internal import Base
internal import Broker
internal import FileSystem
internal import Foundation
internal import Glibc
internal import Logging
internal import Pipeline
internal import ServiceLifecycle

/// A worker beside the server, as a process of its own: the server runs no job and has no model's key in its hands.
///
/// It is started again where it ends, after a pause that grows, and told to end with the server. It reads the server's
/// death from its standard input.
struct WorkerChild: Service {
  let arguments: [String]
  /// The variables that it does not get.
  let hidden: Set<String>
  let logger: Logger

  func run() async throws {
    var failures = 0
    while !Task.isShuttingDownGracefully, !Task.isCancelled {
      let began = ContinuousClock.now
      let status = try await once()
      if Task.isShuttingDownGracefully || Task.isCancelled { return }
      // One that has worked for a while has no fault that shows at once.
      failures = ContinuousClock.now - began > .seconds(60) ? 1 : failures + 1
      logger.warning("the worker ended and is started again", metadata: ["status": "\(status)"])
      let pause = Duration.milliseconds(min(30_000, 500 << min(failures - 1, 6)))
      _ = try? await cancelWhenGracefulShutdown { try await Task.sleep(for: pause) }
    }
  }

  /// Runs it until it ends, or until the server is to end.
  private func once() async throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try OwnProgram.path())
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.filter { !hidden.contains($0.key) }
    let lifeline = Pipe()
    process.standardInput = lifeline
    let ending = Ending()
    process.terminationHandler = { ending.end($0.terminationStatus) }
    try process.run()
    let number = process.processIdentifier
    logger.info("a worker runs", metadata: ["process": "\(number)"])
    let status = await withTaskCancellationHandler {
      await withGracefulShutdownHandler {
        await ending.wait()
      } onGracefulShutdown: {
        ending.unlessEnded { kill(number, SIGTERM) }
      }
    } onCancel: {
      ending.unlessEnded { kill(number, SIGTERM) }
    }
    try? lifeline.fileHandleForWriting.close()
    return status
  }

  /// Tells who waits for a process that it has ended.
  private final class Ending: Sendable {
    private struct State {
      var status: Int32?
      var waiting: CheckedContinuation<Int32, Never>?
    }

    private let state = Lock(State())

    func end(_ status: Int32) {
      let waiting = state.withLock { state in
        state.status = status
        defer { state.waiting = nil }
        return state.waiting
      }
      waiting?.resume(returning: status)
    }

    /// Does something to the process while its number is surely its own.
    func unlessEnded(_ body: () -> Void) {
      state.withLock { if $0.status == nil { body() } }
    }

    func wait() async -> Int32 {
      await withCheckedContinuation { continuation in
        let status: Int32? = state.withLock { state in
          if state.status == nil { state.waiting = continuation }
          return state.status
        }
        if let status { continuation.resume(returning: status) }
      }
    }
  }
}
