internal import CLibcurl
internal import CLibcurlShims
internal import Glibc

/// What libcurl calls an easy handle: the settings and the state of one request at a time.
@safe struct EasyHandle: Hashable {
  /// Only the thread of the loop may use it.
  let pointer: UnsafeMutableRawPointer

  init(_ pointer: UnsafeMutableRawPointer) {
    unsafe self.pointer = pointer
  }

  /// Makes a new one, which is freed with `curl_easy_cleanup`; `nil` where memory lacks.
  init?() {
    guard let pointer = unsafe curl_easy_init() else { return nil }
    unsafe self.pointer = pointer
  }

  static func == (left: EasyHandle, right: EasyHandle) -> Bool { unsafe left.pointer == right.pointer }

  func hash(into hasher: inout Hasher) { unsafe hasher.combine(pointer) }
}

/// A transfer in libcurl's hands, which the loop's thread alone touches.
@safe final class Attempt {
  let transfer: Transfer
  let handle: EasyHandle
  /// What a body of this size is copied for, so that it leaves in one piece with the head; a larger one is read from
  /// where it is.
  private static let largestCopy = 64 << 10

  private let message = UnsafeMutableBufferPointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
  private var headers: UnsafeMutablePointer<curl_slist>?
  private var parser = HeadParser()
  private var isHeadComplete = false
  private var bodyOffset = 0
  private var watch: Watch
  /// Why a callback has stopped the transfer.
  private var stop: HTTPError?

  /// Takes the handle; ``release()`` must be called before the last reference goes.
  init(_ transfer: Transfer, handle: EasyHandle) {
    self.transfer = transfer
    self.handle = handle
    watch = Watch(transfer.plan.deadlines, began: transfer.began)
    unsafe message.initialize(repeating: 0)
  }

  /// Frees what libcurl held pointers to; the handle must be out of the loop and is not to be used for it any more.
  func release() {
    unsafe curl_slist_free_all(headers)
    unsafe headers = nil
  }

  deinit {
    unsafe message.deallocate()
  }

  // MARK: Before

  /// Tells libcurl all about the request, and whether that could be done with the memory there is.
  func configure(_ options: HTTPClientOptions) -> Bool {
    let plan = transfer.plan
    let context = unsafe Unmanaged.passUnretained(self).toOpaque()
    var isSet = unsafe arborist_curl_set_defaults(handle.pointer) == CURLE_OK
    func text(_ option: CURLoption, _ value: String) {
      isSet = unsafe (arborist_curl_set_text(handle.pointer, option, value) == CURLE_OK) && isSet
    }
    func number(_ option: CURLoption, _ value: Int) {
      isSet = unsafe (arborist_curl_set_number(handle.pointer, option, value) == CURLE_OK) && isSet
    }
    unsafe _ = arborist_curl_set_pointer(handle.pointer, CURLOPT_ERRORBUFFER, message.baseAddress)
    text(CURLOPT_URL, plan.url)
    text(CURLOPT_USERAGENT, options.userAgent)
    // The loop keeps the deadlines; libcurl's own for the connection stands behind them.
    number(CURLOPT_CONNECTTIMEOUT_MS, Int(Int32.max))
    number(CURLOPT_FRESH_CONNECT, plan.needsNewConnection ? 1 : 0)
    // A stream comes as it is: what compresses it may hold bytes back.
    if transfer.mode == .whole { text(CURLOPT_ACCEPT_ENCODING, "") }
    if let file = options.authorities {
      text(CURLOPT_CAINFO, file)
      text(CURLOPT_PROXY_CAINFO, file)
    }
    switch options.proxy {
    case .environment: break
    case .none: text(CURLOPT_PROXY, "")
    case .address(let address, let except):
      text(CURLOPT_PROXY, address)
      text(CURLOPT_NOPROXY, except.joined(separator: ","))
    }
    configureBody(text: text, number: number)
    for line in plan.lines {
      guard let list = unsafe curl_slist_append(headers, line) else { return false }
      unsafe headers = list
    }
    unsafe _ = arborist_curl_set_pointer(handle.pointer, CURLOPT_HTTPHEADER, headers)
    let receivers = unsafe arborist_curl_set_receivers(handle.pointer, context, receiveHead, receiveBody, connected)
    return isSet && receivers == CURLE_OK
  }

  private func configureBody(text: (CURLoption, String) -> Void, number: (CURLoption, Int) -> Void) {
    let plan = transfer.plan
    let hasBody = !plan.body.isEmpty
    switch plan.method {
    case .get where !hasBody: number(CURLOPT_HTTPGET, 1)
    case .head: number(CURLOPT_NOBODY, 1)
    case .delete where !hasBody:
      number(CURLOPT_HTTPGET, 1)
      text(CURLOPT_CUSTOMREQUEST, plan.method.rawValue)
    case .get, .post, .put, .patch, .delete:
      number(CURLOPT_POST, 1)
      if plan.method != .post { text(CURLOPT_CUSTOMREQUEST, plan.method.rawValue) }
      if plan.body.count <= Self.largestCopy {
        unsafe plan.body.withUnsafeBytes { bytes in
          // Without bytes any address will do, but for none.
          let start = unsafe bytes.baseAddress ?? UnsafeRawPointer(handle.pointer)
          unsafe _ = arborist_curl_set_body(handle.pointer, start, bytes.count)
        }
      } else {
        unsafe _ = arborist_curl_set_size(handle.pointer, CURLOPT_POSTFIELDSIZE_LARGE, Int64(plan.body.count))
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe _ = arborist_curl_set_sender(handle.pointer, context, sendBody, seekBody)
      }
    }
  }

  // MARK: Meanwhile

  /// The next moment at which a limit is reached, and which.
  var deadline: (at: MonotonicTime, code: HTTPError.Code)? { watch.next }

  /// What is said when a limit is reached.
  func missed(_ code: HTTPError.Code) -> HTTPError {
    let limits = transfer.plan.deadlines
    let detail =
      switch code {
      case .connectDeadline: "no connection within \(limits.connect)"
      case .totalDeadline: "the answer was not whole within \(limits.total ?? .zero)"
      default: "not a single byte \(isHeadComplete ? "more of the answer " : "")within \(limits.idle)"
      }
    return transfer.error(code, detail + "; the connection is closed")
  }

  /// Reads on, after the reader has caught up.
  func resume() {
    guard watch.isPaused else { return }
    watch.resume(at: .now)
    unsafe _ = curl_easy_pause(handle.pointer, CURLPAUSE_CONT)
  }

  fileprivate func connect() {
    watch.connect(at: .now)
  }

  fileprivate func take(head line: UnsafeRawBufferPointer) -> Bool {
    watch.byte(at: .now)
    switch unsafe parser.take(Array(line)) {
    case .more: return true
    case .complete(let head): return take(head)
    case .rejected(let reason, let isTooLarge):
      stop = transfer.error(isTooLarge ? .tooLarge : .malformed, reason)
      return false
    }
  }

  private func take(_ head: HTTPHead) -> Bool {
    isHeadComplete = true
    var head = head
    let plan = transfer.plan
    let length = plan.method == .head ? nil : head["content-length"].flatMap { Int($0) }
    if let length, length > plan.maximumBody {
      stop = transfer.error(.tooLarge, "the body of the answer is larger than \(plan.maximumBody) bytes")
      return false
    }
    if transfer.mode == .whole, head["content-encoding"] != nil, plan.method != .head {
      // The body is given as it was before it was compressed, and so these say nothing about it.
      head.headers.removeAll { ["content-encoding", "content-length"].contains($0.name.lowercased()) }
    }
    transfer.deliver(head: head, expectedBody: length)
    return true
  }

  fileprivate func take(body: UnsafeRawBufferPointer) -> Int {
    watch.byte(at: .now)
    switch unsafe transfer.deliver(body: body) {
    case .taken: return body.count
    case .paused:
      watch.pause()
      return Int(CURL_WRITEFUNC_PAUSE)
    case .refused: return Int(CURL_WRITEFUNC_ERROR)
    }
  }

  fileprivate func send(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    watch.byte(at: .now)
    let count = min(buffer.count, transfer.plan.body.count - bodyOffset)
    guard count > 0 else { return 0 }
    unsafe transfer.plan.body.withUnsafeBytes { body in
      unsafe buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: body[bodyOffset..<(bodyOffset + count)]))
    }
    bodyOffset += count
    return count
  }

  fileprivate func seek(to offset: Int) -> Bool {
    guard (0...transfer.plan.body.count).contains(offset) else { return false }
    bodyOffset = offset
    return true
  }

  // MARK: Afterwards

  /// What it ends with, by libcurl's result.
  func end(_ result: CURLcode) -> Result<Void, HTTPError> {
    if let stop { return .failure(stop) }
    // For libcurl an answer that ends within its head is an answer.
    guard result != CURLE_OK else {
      if isHeadComplete { return .success(()) }
      return .failure(transfer.error(.cut, "the connection was closed in the middle of the answer's head"))
    }
    var tunnel = 0
    unsafe _ = arborist_curl_get_number(handle.pointer, CURLINFO_HTTP_CONNECTCODE, &tunnel)
    let text = unsafe String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let fault = CurlFault(result: result, text: text, tunnelStatus: tunnel, isHeadComplete: isHeadComplete)
    return .failure(transfer.error(fault.code, fault.detail))
  }
}

// MARK: What libcurl calls, on the loop's thread and inside of its functions, with an attempt as the context

private func attempt(_ context: UnsafeMutableRawPointer?) -> Attempt? {
  unsafe context.map { unsafe Unmanaged<Attempt>.fromOpaque($0).takeUnretainedValue() }
}

private func receiveHead(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let attempt = unsafe attempt(context) else { return 0 }
  return unsafe attempt.take(head: UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
}

private func receiveBody(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let attempt = unsafe attempt(context) else { return Int(CURL_WRITEFUNC_ERROR) }
  return unsafe attempt.take(body: UnsafeRawBufferPointer(start: bytes, count: size * count))
}

private func sendBody(
  _ buffer: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let attempt = unsafe attempt(context) else { return Int(CURL_READFUNC_ABORT) }
  return unsafe attempt.send(into: UnsafeMutableRawBufferPointer(start: buffer, count: size * count))
}

private func seekBody(_ context: UnsafeMutableRawPointer?, _ offset: curl_off_t, _ origin: CInt) -> CInt {
  guard origin == SEEK_SET, let attempt = unsafe attempt(context) else { return CURL_SEEKFUNC_CANTSEEK }
  return attempt.seek(to: Int(offset)) ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL
}

private func connected(
  _ context: UnsafeMutableRawPointer?, _: UnsafeMutablePointer<CChar>?, _: UnsafeMutablePointer<CChar>?, _: CInt,
  _: CInt
) -> CInt {
  unsafe attempt(context)?.connect()
  return CURL_PREREQFUNC_OK
}
