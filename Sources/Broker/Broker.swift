internal import Base
internal import Dispatch
package import Forges
package import Git
internal import Glibc
package import Work

/// The broker, as the process that started it sees it.
///
/// It is started with the first request, and again where it has ended, after a pause that grows with each time. What is
/// under way when it ends fails with `unavailable` and is not tried again here: whether something was written is then
/// not known, and whoever intended it tries again with ``EffectTrial/isRetry``.
package actor Broker {
  /// How a broker is started.
  package struct Launch: Sendable {
    /// The program and its arguments, none of which is secret.
    package var command: [String]
    package var configuration: BrokerConfiguration
    /// `NAME=VALUE`, all that it gets.
    package var environment: [String]

    /// - Parameters:
    ///   - command: The program and what makes it a broker.
    ///   - configuration: What it is to do.
    ///   - environment: `nil` for what libcurl takes from this process's own: proxies and certificates.
    package init(command: [String], configuration: BrokerConfiguration, environment: [String]? = nil) {
      self.command = command
      self.configuration = configuration
      self.environment =
        environment
        ?? Self.passedOn.compactMap { name in
          getenv(name).map { "\(name)=\(String(cString: $0))" }
        }
    }

    private static let passedOn = [
      "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY", "SSL_CERT_FILE",
      "SSL_CERT_DIR", "TZ",
    ]
  }

  private let launch: Launch
  private var link: BrokerLink?
  private var starting: Task<Result<BrokerLink, ForgeError>, Never>?
  private var failures = 0

  package init(_ launch: Launch) {
    self.launch = launch
  }

  /// How long to wait before the broker is started again that has ended so many times without having answered.
  package static func pause(afterFailures failures: Int) -> Duration {
    failures == 0 ? .zero : min(.milliseconds(100) * (1 << min(failures - 1, 16)), .seconds(30))
  }

  /// Asks for something and waits for the answer; a cancelled task ends the waiting and the request.
  ///
  /// - Throws: ``ForgeError``: what the broker says, or `unavailable` where it cannot be asked.
  package func ask(_ request: BrokerRequest) async throws(ForgeError) -> BrokerAnswer {
    if Task.isCancelled { throw ForgeError(.cancelled, "the request was given up") }
    let link = try await connected()
    let answer = await link.ask(request)
    if case .failed(let error) = answer { throw error }
    failures = 0
    return answer
  }

  /// Starts the broker where it does not run, and asks which forges there are.
  ///
  /// - Throws: ``ForgeError`` where it cannot be started, or says that its settings are wrong.
  package func forges() async throws(ForgeError) -> [BrokeredForge] {
    guard case .forges(let served) = try await ask(.forges) else { throw Self.strange }
    return served.map { BrokeredForge($0, broker: self) }
  }

  /// What requests to forges came to since the broker began that runs now.
  ///
  /// - Throws: ``ForgeError``.
  package func figures() async throws(ForgeError) -> [ForgeFigure] {
    guard case .figures(let figures) = try await ask(.figures) else { throw Self.strange }
    return figures
  }

  /// Ends the broker; the next request would start another.
  package func stop() {
    link?.end()
    link = nil
  }

  static let strange = ForgeError(.malformed, "the broker answers something else than it was asked for")

  private func connected() async throws(ForgeError) -> BrokerLink {
    if let link, !link.isEnded { return link }
    if let starting { return try await starting.value.get() }
    if link != nil { failures += 1 }
    let pause = Self.pause(afterFailures: failures)
    let (launch, old) = (launch, link)
    let task = Task { () -> Result<BrokerLink, ForgeError> in
      do throws(ForgeError) {
        // Where the connection alone was lost, the process is still there; one that is just ending takes a connection
        // and answers nothing.
        if let again = old?.reconnected(), case .forges = await again.ask(.forges) { return .success(again) }
        if pause > .zero { try? await Task.sleep(for: pause) }
        return .success(try BrokerLink.start(launch))
      } catch {
        return .failure(error)
      }
    }
    starting = task
    let result = await task.value
    starting = nil
    switch result {
    case .success(let made):
      link = made
      return made
    case .failure(let error):
      failures += 1
      throw error
    }
  }
}

// MARK: - Git

extension Broker {
  /// Brings the mirror of a repository up to date, as it is after this call began.
  ///
  /// - Parameters:
  ///   - repository: The repository.
  ///   - numbers: The pull requests whose heads are wanted; they keep their names, ``ForgePlace/headRef``.
  /// - Returns: Where the mirror is, and which heads the forge does not have.
  /// - Throws: ``ForgeError``.
  package func mirror(_ repository: ForgeRepository, numbers: [Int] = []) async throws(ForgeError) -> MirrorState {
    guard case .mirror(let state) = try await ask(.mirror(repository, numbers: numbers)) else { throw Self.strange }
    return state
  }

  /// Moves a branch of a forge to a commit of a workspace, from where it is expected to be and from nowhere else.
  ///
  /// The same commit pushed twice is pushed once: the second try finds it there.
  ///
  /// - Throws: ``ForgeError`` where another try may succeed; whether the branch moved is then not known.
  package func push(_ order: PushOrder) async throws(ForgeError) -> PushResult {
    guard case .push(let result) = try await ask(.push(order)) else { throw Self.strange }
    return result
  }
}

// MARK: - Signing

extension Broker {
  /// The signature of a commit's content by the key that the broker has.
  ///
  /// - Throws: ``ForgeError``, with `forbidden` where there is no key.
  package func signature(of content: [UInt8]) async throws(ForgeError) -> [UInt8] {
    guard case .signature(let signature) = try await ask(.sign(content: content)) else { throw Self.strange }
    return signature
  }

  /// Signs commits with the broker's key.
  ///
  /// It waits, so it is for a thread that may: a repository's own (``RepositoryActor``).
  package nonisolated var signer: CommitSigner {
    { content in
      let answer = Lock<Result<[UInt8], ForgeError>?>(nil)
      let isDone = DispatchSemaphore(value: 0)
      Task.detached {
        let result: Result<[UInt8], ForgeError>
        do throws(ForgeError) {
          result = .success(try await self.signature(of: content))
        } catch {
          result = .failure(error)
        }
        answer.withLock { $0 = result }
        isDone.signal()
      }
      isDone.wait()
      guard let result = answer.withLock({ $0 }) else { throw Self.strange }
      return try result.get()
    }
  }
}
