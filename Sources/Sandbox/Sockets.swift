internal import Glibc

/// `SCM_RIGHTS`, which is an enumeration in C: descriptors come along.
private let rights: Int32 = 1

/// Sends one message with descriptors; `false` where that fails.
func sendMessage(_ socket: Int32, _ bytes: [UInt8], _ descriptors: [Int32]) -> Bool {
  var bytes = bytes
  let header = MemoryLayout<cmsghdr>.size
  let payload = descriptors.count * MemoryLayout<Int32>.size
  var control = [UInt64](repeating: 0, count: (header + payload + 7) / 8)
  let count = bytes.count
  let controlBytes = control.count * 8
  return bytes.withUnsafeMutableBytes { content in
    control.withUnsafeMutableBytes { control in
      var part = iovec(iov_base: content.baseAddress, iov_len: content.count)
      return withUnsafeMutablePointer(to: &part) { part in
        var message = msghdr()
        message.msg_iov = part
        message.msg_iovlen = 1
        if !descriptors.isEmpty {
          var first = cmsghdr()
          first.cmsg_len = header + payload
          first.cmsg_level = SOL_SOCKET
          first.cmsg_type = rights
          control.storeBytes(of: first, as: cmsghdr.self)
          for (index, descriptor) in descriptors.enumerated() {
            control.storeBytes(of: descriptor, toByteOffset: header + index * 4, as: Int32.self)
          }
          message.msg_control = control.baseAddress
          message.msg_controllen = controlBytes
        }
        return sendmsg(socket, &message, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)) == count
      }
    }
  }
}

/// Receives bytes, and a descriptor where one comes along; what `recvmsg` returns.
func receiveMessage(_ socket: Int32, _ bytes: inout [UInt8], _ descriptor: inout Int32) -> Int {
  var control = [UInt64](repeating: 0, count: 8)
  let header = MemoryLayout<cmsghdr>.size
  let controlBytes = control.count * 8
  var found: Int32 = -1
  let count = bytes.withUnsafeMutableBytes { content in
    control.withUnsafeMutableBytes { control in
      var part = iovec(iov_base: content.baseAddress, iov_len: content.count)
      return withUnsafeMutablePointer(to: &part) { part in
        var message = msghdr()
        message.msg_iov = part
        message.msg_iovlen = 1
        message.msg_control = control.baseAddress
        message.msg_controllen = controlBytes
        let count = recvmsg(
          socket, &message, Int32(MSG_DONTWAIT) | Int32(MSG_CMSG_CLOEXEC))
        if count > 0, message.msg_controllen >= header + 4 {
          let first = control.load(as: cmsghdr.self)
          if first.cmsg_level == SOL_SOCKET, first.cmsg_type == rights {
            // One is expected; were there more, the others are closed.
            let given = min((Int(first.cmsg_len) - header) / 4, (controlBytes - header) / 4)
            for index in 0..<max(given, 0) {
              let one = control.load(fromByteOffset: header + index * 4, as: Int32.self)
              if index == 0 { found = one } else { close(one) }
            }
          }
        }
        return count
      }
    }
  }
  if found >= 0 { descriptor = found }
  return count
}

/// Two connected sockets that no other program inherits.
func socketPair(_ type: Int32) throws(SandboxError) -> (Int32, Int32) {
  var pair: [Int32] = [-1, -1]
  guard socketpair(AF_UNIX, type | Int32(SOCK_CLOEXEC.rawValue), 0, &pair) == 0 else {
    throw SandboxError(.cannotStart, operation: "make a socket", detail: String(cString: strerror(errno)))
  }
  return (pair[0], pair[1])
}
