internal import Glibc

/// Who it was that set off a hook.
package enum TransportActor {
  /// Set by web servers, and by the servers that git is often behind.
  private static let variables = ["REMOTE_USER", "GL_USERNAME", "GL_USER", "GITEA_PUSHER_NAME"]

  /// What the transport says, or else the name of the Unix user.
  ///
  /// This is evidence only: anyone who can set the environment of a hook can set it.
  package static func name() -> [UInt8] {
    for variable in variables {
      if let value = getenv(variable), value.pointee != 0 { return bytes(value) }
    }
    guard let user = getpwuid(getuid()), let name = user.pointee.pw_name else { return Array(String(getuid()).utf8) }
    return bytes(name)
  }

  private static func bytes(_ text: UnsafePointer<CChar>) -> [UInt8] {
    UnsafeRawBufferPointer(start: text, count: strlen(text)).map { $0 }
  }
}
