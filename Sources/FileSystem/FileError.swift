internal import Base
internal import Glibc

/// Something that the file system refused: what was tried, where, and why.
package struct FileError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What was tried, as a verb: `read`, `write`, `make the directory`.
  package let action: String
  /// Where it was tried.
  package let path: [UInt8]
  /// The value of `errno`.
  package let code: Int32

  /// Describes a failure of the call that has just returned, by `errno`.
  package init(_ action: String, _ path: some Sequence<UInt8>) {
    self.init(action, path, code: errno)
  }

  package init(_ action: String, _ path: some Sequence<UInt8>, code: Int32) {
    self.action = action
    self.path = Array(path)
    self.code = code
  }

  /// The reason in words, as `strerror` has it.
  package var reason: String { String(cString: strerror(code)) }

  package var description: String { "cannot \(action) '\(DisplayText.escaping(path))': \(reason)" }
}
