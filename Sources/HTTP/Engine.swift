internal import CLibcurl
internal import CLibcurlShims
internal import Glibc

/// The loop that carries all requests of an ``HTTPClient``: it owns libcurl's handles, and a thread of its own runs it.
@safe final class Engine {
  let inbox: EngineInbox
  private let options: HTTPClientOptions
  private let multi: UnsafeMutableRawPointer
  /// What is under way, by libcurl's handle and by the transfer.
  private var attempts: [EasyHandle: Attempt] = [:]
  private var handles: [ObjectIdentifier: EasyHandle] = [:]
  /// Handles for the next requests.
  private var spares: [EasyHandle] = []
  private var isRetired = false
  private var isShutDown = false
  private var waiters: [CheckedContinuation<Void, Never>] = []

  private static let mostSpares = 8

  /// Makes an engine whose loop does not run yet; `nil` where libcurl lacks memory or descriptors.
  init?(_ options: HTTPClientOptions) {
    guard Self.isLibraryReady, let multi = unsafe curl_multi_init() else { return nil }
    unsafe self.multi = multi
    self.options = options
    inbox = unsafe EngineInbox(multi: multi)
    unsafe _ = arborist_curl_multi_set_number(multi, CURLMOPT_MAXCONNECTS, options.idleConnections)
    // One request at a time on a connection, of HTTP/2 too. Otherwise what comes for a reader that lags has to be kept
    // in memory for the sake of the others, and a request that is given up cannot be ended by closing its connection.
    unsafe _ = arborist_curl_multi_set_number(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_NOTHING))
  }

  private static let isLibraryReady = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK

  /// Starts the thread, which ends when the inbox says so.
  consuming func start() -> Bool {
    var thread = pthread_t()
    let context = unsafe Unmanaged.passRetained(self)
    let body: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
      guard let context = unsafe context else { return nil }
      unsafe arborist_thread_prepare("arborist-http")
      unsafe Unmanaged<Engine>.fromOpaque(context).takeRetainedValue().run()
      return nil
    }
    guard unsafe pthread_create(&thread, nil, body, context.toOpaque()) == 0 else {
      unsafe context.takeRetainedValue().end()
      return false
    }
    _ = pthread_detach(thread)
    return true
  }

  private func run() {
    var running: CInt = 0
    while true {
      for command in inbox.take() { obey(command) }
      guard unsafe curl_multi_perform(multi, &running) == CURLM_OK else { break }
      collect()
      let wait = endLate()
      if isShutDown || (isRetired && attempts.isEmpty) { break }
      guard unsafe curl_multi_poll(multi, nil, 0, wait, nil) == CURLM_OK else { break }
    }
    end()
  }

  private func obey(_ command: EngineInbox.Command) {
    switch command {
    case .start(let transfer): start(transfer)
    case .resume(let transfer):
      if let attempt = attempt(of: transfer) { attempt.resume() }
    case .cancel(let transfer):
      if let attempt = attempt(of: transfer) { remove(attempt) }
    case .retire: isRetired = true
    case .shutDown(let waiter):
      isShutDown = true
      waiters.append(waiter)
    }
  }

  private func attempt(of transfer: Transfer) -> Attempt? {
    handles[ObjectIdentifier(transfer)].flatMap { attempts[$0] }
  }

  private func start(_ transfer: Transfer) {
    guard !transfer.hasEnded else { return }
    guard let handle = spares.popLast() ?? EasyHandle() else {
      transfer.finish(.failure(transfer.error(.connect, "there is no memory left for a request")))
      return
    }
    let attempt = Attempt(transfer, handle: handle)
    guard attempt.configure(options), unsafe curl_multi_add_handle(multi, handle.pointer) == CURLM_OK else {
      transfer.finish(.failure(transfer.error(.connect, "the request could not be set up; memory may be short")))
      recycle(attempt)
      return
    }
    attempts[handle] = attempt
    handles[ObjectIdentifier(transfer)] = handle
  }

  /// Ends what libcurl has ended.
  private func collect() {
    var pointer: UnsafeMutableRawPointer?
    var result = CURLE_OK
    while unsafe arborist_curl_multi_next(multi, &pointer, &result) != 0 {
      guard let pointer = unsafe pointer, let attempt = unsafe attempts[EasyHandle(pointer)] else { continue }
      let end = attempt.end(result)
      remove(attempt, hasEnded: true)
      attempt.transfer.finish(end)
    }
  }

  /// Ends what is over one of its limits, and gives the milliseconds until the next limit.
  private func endLate() -> CInt {
    guard !attempts.isEmpty else { return CInt.max }
    let now = MonotonicTime.now
    var wait = Int64(CInt.max)
    var late: [(Attempt, HTTPError.Code)] = []
    for attempt in attempts.values {
      guard let (at, code) = attempt.deadline else { continue }
      if at <= now { late.append((attempt, code)) } else { wait = min(wait, now.milliseconds(until: at)) }
    }
    for (attempt, code) in late {
      remove(attempt)
      attempt.transfer.finish(.failure(attempt.missed(code)))
    }
    return CInt(wait)
  }

  /// Takes a request from libcurl, and closes its connection unless libcurl has ended the request.
  private func remove(_ attempt: Attempt, hasEnded: Bool = false) {
    // Of HTTP/2, libcurl would otherwise keep the connection, and the server might go on sending.
    if !hasEnded { unsafe _ = arborist_curl_set_number(attempt.handle.pointer, CURLOPT_FORBID_REUSE, 1) }
    unsafe _ = curl_multi_remove_handle(multi, attempt.handle.pointer)
    attempts[attempt.handle] = nil
    handles[ObjectIdentifier(attempt.transfer)] = nil
    recycle(attempt)
  }

  private func recycle(_ attempt: Attempt) {
    if spares.count < Self.mostSpares {
      unsafe curl_easy_reset(attempt.handle.pointer)
      spares.append(attempt.handle)
    } else {
      unsafe curl_easy_cleanup(attempt.handle.pointer)
    }
    attempt.release()
  }

  /// Ends everything; nothing of libcurl's is left afterwards.
  private func end() {
    for attempt in Array(attempts.values) {
      remove(attempt)
      attempt.transfer.finish(.failure(EngineInbox.shutDown(attempt.transfer)))
    }
    for command in inbox.close() {
      switch command {
      case .start(let transfer): transfer.finish(.failure(EngineInbox.shutDown(transfer)))
      case .shutDown(let waiter): waiters.append(waiter)
      case .resume, .cancel, .retire: break
      }
    }
    for handle in spares { unsafe curl_easy_cleanup(handle.pointer) }
    spares = []
    unsafe _ = curl_multi_cleanup(multi)
    for waiter in waiters { waiter.resume() }
    waiters = []
  }
}
