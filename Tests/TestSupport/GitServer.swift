internal import Dispatch
internal import Glibc

internal import class Foundation.Thread

/// A git server on loopback for every repository of a directory; it ends with the value.
///
/// The test itself listens, so the port is known and open before anybody connects, and hands each connection to a
/// `git daemon` of its own.
package final class GitServer: Sendable {
  /// The port on 127.0.0.1.
  package let port: Int
  private let socket: Int32
  private let ended = DispatchSemaphore(value: 0)

  /// Serves the repositories of a directory, for reading and writing.
  ///
  /// - Throws: ``FileFailure`` where no port can be had.
  package init(serving directory: String) throws {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard socket >= 0, let port = Self.listen(on: socket) else {
      throw FileFailure(action: "listen on", path: "127.0.0.1")
    }
    self.socket = socket
    self.port = port
    let ended = ended
    Thread.detachNewThread {
      while true {
        let connection = accept(socket, nil, nil)
        if connection < 0 {
          if errno == EINTR || errno == ECONNABORTED { continue }
          break
        }
        _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
        Self.serve(connection, directory)
      }
      ended.signal()
    }
  }

  deinit {
    shutdown(socket, Int32(SHUT_RDWR))
    ended.wait()
    close(socket)
  }

  /// The address of a repository in the directory.
  package func address(_ name: String) -> String { "git://127.0.0.1:\(port)/\(name)" }

  /// Binds the socket to a free port and listens; `nil` where that is refused.
  private static func listen(on socket: Int32) -> Int? {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        guard bind(socket, address, length) == 0, Glibc.listen(socket, 16) == 0 else { return Int32(-1) }
        return getsockname(socket, address, &length)
      }
    }
    return result == 0 ? Int(in_port_t(bigEndian: address.sin_port)) : nil
  }

  private static func serve(_ connection: Int32, _ directory: String) {
    defer { close(connection) }
    let command = [
      "git", "daemon", "--inetd", "--export-all", "--enable=receive-pack", "--base-path=\(directory)",
    ]
    guard let process = try? Command.start(command, in: directory, connectedTo: connection) else { return }
    _ = Command.wait(for: process)
  }
}
