internal import Base
internal import CLibgit2
internal import Glibc

/// The one owner of something that libgit2 allocated; it is freed when the value goes away.
///
/// What libgit2 makes for a repository points back to it without keeping it, so the handle does.
@safe
struct Handle: ~Copyable {
  let pointer: OpaquePointer
  private let free: (OpaquePointer) -> Void
  private let owner: AnyObject?

  init(_ pointer: OpaquePointer, owner: AnyObject?, free: @escaping (OpaquePointer) -> Void) {
    unsafe self.pointer = pointer
    unsafe self.free = free
    self.owner = owner
  }

  deinit {
    unsafe free(pointer)
    withExtendedLifetime(owner) {}
  }
}

/// Calls a function of libgit2 that makes something, and takes ownership of what it made.
@safe
func make(
  _ operation: @autoclosure () -> String, owner: AnyObject? = nil, free: @escaping (OpaquePointer?) -> Void,
  _ body: (inout OpaquePointer?) -> Int32
) throws(GitError) -> Handle {
  var pointer: OpaquePointer?
  let result = unsafe body(&pointer)
  guard result >= 0, let made = unsafe pointer else { throw lastError(result, operation()) }
  return unsafe Handle(made, owner: owner) { unsafe free($0) }
}

extension ObjectID {
  /// The same name as libgit2 keeps it.
  var oid: git_oid {
    var result = git_oid()
    let bytes = bytes
    unsafe withUnsafeMutableBytes(of: &result) { unsafe $0.copyBytes(from: bytes) }
    return result
  }

  /// The name that libgit2 keeps in this value.
  init(_ oid: git_oid) {
    let bytes = unsafe withUnsafeBytes(of: oid) { unsafe Array($0) }
    self = ObjectID(bytes: bytes) ?? .zero
  }

  /// The name behind a pointer of libgit2's; the zero name where there is none.
  init(_ pointer: UnsafePointer<git_oid>?) {
    guard let pointer = unsafe pointer else {
      self = .zero
      return
    }
    self.init(unsafe pointer.pointee)
  }
}

/// Calls a body with bytes as a C string; they must not contain NUL.
func withCString<Result, Failure: Error>(
  _ bytes: [UInt8], _ body: (UnsafePointer<CChar>) throws(Failure) -> Result
) throws(Failure) -> Result {
  let terminated = bytes.map { CChar(bitPattern: $0) } + [0]
  // An array's storage lives as long as the call that it is passed to.
  return unsafe try body(terminated)
}

/// The bytes of a C string, without its end; empty where there is none.
func bytes(_ text: UnsafePointer<CChar>?) -> [UInt8] {
  guard let text = unsafe text else { return [] }
  return unsafe Array(UnsafeRawBufferPointer(start: text, count: strlen(text)))
}
