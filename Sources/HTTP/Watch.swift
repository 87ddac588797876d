/// When a request has had its time: what has happened so far, and which limit comes next.
struct Watch {
  let limits: HTTPDeadlines
  private let began: MonotonicTime
  private var lastByte: MonotonicTime
  private var isConnected = false
  private(set) var isPaused = false

  init(_ limits: HTTPDeadlines, began: MonotonicTime) {
    self.limits = limits
    self.began = began
    lastByte = began
  }

  /// The connection stands, and the request is sent.
  mutating func connect(at time: MonotonicTime) {
    isConnected = true
    lastByte = time
  }

  /// Something went over the connection.
  mutating func byte(at time: MonotonicTime) { lastByte = time }

  /// The connection is not listened to until the reader has caught up, and so silence on it is no fault.
  mutating func pause() { isPaused = true }

  mutating func resume(at time: MonotonicTime) {
    isPaused = false
    lastByte = time
  }

  /// The next moment at which a limit is reached, and which; `nil` where none will be.
  var next: (at: MonotonicTime, code: HTTPError.Code)? {
    var next: (at: MonotonicTime, code: HTTPError.Code)?
    if !isConnected {
      next = (began + limits.connect, .connectDeadline)
    } else if !isPaused {
      next = (lastByte + limits.idle, .idleDeadline)
    }
    guard let total = limits.total else { return next }
    let end = began + total
    return next.flatMap { $0.at <= end ? $0 : nil } ?? (end, .totalDeadline)
  }
}
