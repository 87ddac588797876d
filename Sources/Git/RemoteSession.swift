internal import Base
internal import CLibgit2
internal import Glibc

/// What libgit2 asks and reports during one conversation with another repository.
///
/// libgit2 calls back on the thread that called it, while that call lasts; the session outlives it.
@safe
final class RemoteSession {
  /// A push that is under way.
  struct Push {
    let branch: RefName
    let old: ObjectID
    let new: ObjectID
    /// Why the push was stopped before anything was sent.
    var stopped: LandingOutcome?
    /// What the other side said against it.
    var rejection: String?
    /// Whether the other side said that the branch moved.
    var isAccepted = false
  }

  var push: Push?
  private let credentials: Credentials
  private let transport: TransportRules
  private var answers = 0
  private var isTooLarge = false
  /// What the other side said for people, as it came.
  private var remarks: [UInt8] = []

  /// libgit2 asks again for as long as an answer is wrong.
  private static let mostAnswers = 2

  /// Of what the other side says for people, so many bytes are kept.
  private static let mostRemarks = 4096

  init(_ credentials: Credentials, _ transport: TransportRules = .usual) {
    self.credentials = credentials
    self.transport = transport
  }

  /// Throws what went wrong in a call that this session was used in.
  func check(_ result: Int32, _ operation: String) throws(GitError) {
    if isTooLarge, result < 0, let most = transport.mostBytes {
      git_error_clear()
      throw GitError(.tooLarge, operation: operation, message: "it sends more than \(most) bytes")
    }
    try Git.check(result, operation)
  }

  /// The lines that are added to each request; valid as long as the session.
  private(set) var headers = unsafe git_strarray(strings: nil, count: 0)

  /// Lets requests carry the password for an address from the first one on, where that is wanted.
  func authorize(for address: RemoteAddress) {
    guard transport.authorizesFirst, case .network(let url) = address, unsafe headers.count == 0 else { return }
    let request = CredentialRequest(url: url, username: nil, acceptsPassword: true, acceptsKey: false)
    guard case .password(let username, let password) = credentials.answer(request) else { return }
    let line = Array("Authorization: Basic ".utf8) + Base64.encode(Array("\(username):\(password)".utf8))
    let strings = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: 1)
    unsafe strings.initialize(to: withCString(line) { unsafe strdup($0) })
    unsafe headers = git_strarray(strings: strings, count: 1)
    // Whoever asks all the same has not accepted it.
    answers = Self.mostAnswers
  }

  deinit {
    for index in 0..<(unsafe headers.count) { unsafe free(headers.strings?[index]) }
    unsafe headers.strings?.deallocate()
  }

  /// Whether libgit2 may go where the other side sends it.
  var redirects: git_remote_redirect_t {
    transport.followsRedirects ? GIT_REMOTE_REDIRECT_INITIAL : GIT_REMOTE_REDIRECT_NONE
  }

  /// Makes libgit2 ask this session.
  ///
  /// It must outlive the call that the callbacks are for.
  ///
  /// The callback that would accept a certificate or a host key is left out: then libgit2 asks the system's certificates
  /// and the user's `known_hosts`, and refuses what they do not vouch for.
  func install(in callbacks: inout git_remote_callbacks) {
    unsafe callbacks.payload = Unmanaged.passUnretained(self).toOpaque()
    unsafe callbacks.credentials = { result, url, username, kinds, payload in
      guard let payload = unsafe payload else { return GIT_EAUTH.rawValue }
      let session = unsafe Unmanaged<RemoteSession>.fromOpaque(payload).takeUnretainedValue()
      let request = unsafe CredentialRequest(
        url: String(decoding: bytes(url), as: UTF8.self),
        username: username.map { unsafe String(decoding: bytes($0), as: UTF8.self) },
        acceptsPassword: kinds & GIT_CREDENTIAL_USERPASS_PLAINTEXT.rawValue != 0,
        acceptsKey: kinds & GIT_CREDENTIAL_SSH_KEY.rawValue != 0)
      return unsafe session.answer(request, kinds: kinds, into: result)
    }
    unsafe callbacks.push_negotiation = { updates, count, payload in
      guard let payload = unsafe payload else { return GIT_EUSER.rawValue }
      let session = unsafe Unmanaged<RemoteSession>.fromOpaque(payload).takeUnretainedValue()
      var advertised: [([UInt8], ObjectID)] = []
      for index in 0..<count {
        guard let update = unsafe updates?[index]?.pointee else { return GIT_EUSER.rawValue }
        unsafe advertised.append((bytes(update.dst_refname), ObjectID(update.src)))
      }
      return session.negotiate(advertised)
    }
    unsafe callbacks.push_update_reference = { name, status, payload in
      guard let payload = unsafe payload else { return GIT_EUSER.rawValue }
      let session = unsafe Unmanaged<RemoteSession>.fromOpaque(payload).takeUnretainedValue()
      let words = unsafe status.map { DisplayText.line(unsafe bytes($0)) }
      unsafe session.report(bytes(name), rejection: words)
      return 0
    }
    unsafe callbacks.sideband_progress = { text, count, payload in
      guard let payload = unsafe payload, let text = unsafe text else { return GIT_EUSER.rawValue }
      let session = unsafe Unmanaged<RemoteSession>.fromOpaque(payload).takeUnretainedValue()
      unsafe session.note(Array(UnsafeRawBufferPointer(start: text, count: Int(max(count, 0)))))
      return 0
    }
    unsafe callbacks.transfer_progress = { progress, payload in
      guard let payload = unsafe payload, let progress = unsafe progress else { return GIT_EUSER.rawValue }
      let session = unsafe Unmanaged<RemoteSession>.fromOpaque(payload).takeUnretainedValue()
      return unsafe session.admit(progress.pointee.received_bytes)
    }
  }

  private func note(_ text: [UInt8]) {
    remarks += text.prefix(max(Self.mostRemarks - remarks.count, 0))
  }

  private func admit(_ received: Int) -> Int32 {
    guard let most = transport.mostBytes, received > most else { return 0 }
    isTooLarge = true
    return GIT_EUSER.rawValue
  }

  /// What the other side said against the push, with what it said for people beside it; `nil` where it did not refuse.
  var refusal: String? {
    guard let rejection = push?.rejection else { return nil }
    let told = DisplayText.line(remarks)
    return told.isEmpty ? rejection : "\(rejection) (\(told))"
  }

  private func answer(
    _ request: CredentialRequest, kinds: UInt32,
    into result: UnsafeMutablePointer<UnsafeMutablePointer<git_credential>?>?
  ) -> Int32 {
    answers += 1
    guard answers <= Self.mostAnswers else { return refuse("the other side did not accept the credentials") }
    if kinds == GIT_CREDENTIAL_USERNAME.rawValue { return refuse("the address names no user") }
    switch credentials.answer(request) {
    case .none:
      return refuse("the other side asks for credentials and none are given")
    case .agent(let username):
      guard request.acceptsKey else { return refuse("the other side takes no SSH key") }
      return unsafe git_credential_ssh_key_from_agent(result, username)
    case .password(let username, let password):
      guard request.acceptsPassword else { return refuse("the other side takes no password") }
      return unsafe git_credential_userpass_plaintext_new(result, username, password)
    }
  }

  private func refuse(_ reason: String) -> Int32 {
    unsafe git_error_set_str(Int32(bitPattern: GIT_ERROR_CALLBACK.rawValue), reason)
    return GIT_EAUTH.rawValue
  }

  /// Decides whether a push goes on, now that the other side has said where its references are.
  private func negotiate(_ updates: [([UInt8], ObjectID)]) -> Int32 {
    guard let expected = push, updates.count == 1, let (name, actual) = updates.first,
      name == expected.branch.bytes
    else { return GIT_EUSER.rawValue }
    if actual == expected.new {
      push?.stopped = .alreadyThere
    } else if actual != expected.old {
      push?.stopped = .raced(actual: actual)
    } else {
      return 0
    }
    return GIT_EUSER.rawValue
  }

  private func report(_ name: [UInt8], rejection: String?) {
    guard let expected = push, name == expected.branch.bytes else { return }
    if let rejection {
      push?.rejection = rejection
    } else {
      push?.isAccepted = true
    }
  }
}

/// RFC 4648, section 4.
enum Base64 {
  static func encode(_ bytes: [UInt8]) -> [UInt8] {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var result: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let value = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      for place in 0..<4 {
        let isThere = place <= group.count
        result.append(isThere ? alphabet[value >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
      }
    }
    return result
  }
}

/// Strings as libgit2 takes a list of them.
struct StringList {
  private let strings: [[UInt8]]

  init(_ strings: [[UInt8]]) {
    self.strings = strings
  }

  /// Calls a body with the list, which is valid as long as the call lasts.
  func withStrings(_ body: (inout git_strarray) -> Int32) -> Int32 {
    var pointers: [UnsafeMutablePointer<CChar>?] = unsafe []
    for string in strings { unsafe pointers.append(withCString(string) { unsafe strdup($0) }) }
    defer { unsafe pointers.forEach { unsafe free($0) } }
    let count = strings.count
    return unsafe pointers.withUnsafeMutableBufferPointer { buffer in
      var list = unsafe git_strarray(strings: buffer.baseAddress, count: count)
      return unsafe body(&list)
    }
  }
}
