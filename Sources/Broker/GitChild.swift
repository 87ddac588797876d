internal import Base
internal import FileSystem
internal import Glibc

/// Has a child carry out a network git operation, and kills it where it takes too long or nobody waits any more.
struct GitChild: Sendable {
  /// The program and what makes it carry out a task.
  let command: [String]
  let deadline: Duration

  static let longestFrame = 32 << 20

  /// - Throws: ``GitFailure`` where the child ends without an answer.
  func run(_ task: GitTask) async throws(GitFailure) -> GitAnswer {
    guard let frame = FrameCoding.encode(task) else { throw GitFailure(.local, "the order cannot be written down") }
    let answers = Answers()
    let process: ChildProcess
    let channel: FrameChannel
    do throws(FileError) {
      let (ours, theirs) = try socketPair()
      channel = FrameChannel(raw: ours, longest: Self.longestFrame)
      defer { close(theirs) }
      process = try ChildProcess.start(command, environment: [], input: nil, socket: theirs)
    } catch {
      throw GitFailure(.local, error.description)
    }
    defer {
      channel.close()
      process.kill()
    }
    channel.begin { frame in
      answers.resolve(
        FrameCoding.decode(GitAnswer.self, from: frame)
          ?? .failed(GitFailure(.local, "the child answers what cannot be read")))
    } onEnd: { _ in
      answers.resolve(.failed(GitFailure(.network, "the child ended before it was done")))
    }
    channel.send(frame)
    let deadline = deadline
    let timer = Task {
      do { try await Task.sleep(for: deadline) } catch { return }
      answers.resolve(
        .failed(GitFailure(.network, "it took longer than \(deadline.components.seconds) s and was ended")))
    }
    defer { timer.cancel() }
    let answer = await withTaskCancellationHandler {
      await answers.first()
    } onCancel: {
      answers.resolve(.failed(GitFailure(.network, "nobody waits for it any more")))
    }
    if case .failed(let failure) = answer { throw failure }
    return answer
  }

  /// The first answer of several that may come.
  private final class Answers: Sendable {
    private struct State {
      var answer: GitAnswer?
      var waiter: CheckedContinuation<GitAnswer, Never>?
    }

    private let state = Lock(State())

    func resolve(_ answer: GitAnswer) {
      let waiter = state.withLock { state in
        if state.answer == nil { state.answer = answer }
        defer { state.waiter = nil }
        return state.waiter.map { ($0, state.answer ?? answer) }
      }
      if let (continuation, answer) = waiter { continuation.resume(returning: answer) }
    }

    func first() async -> GitAnswer {
      await withCheckedContinuation { continuation in
        let known = state.withLock { state in
          if state.answer == nil { state.waiter = continuation }
          return state.answer
        }
        if let known { continuation.resume(returning: known) }
      }
    }
  }
}
