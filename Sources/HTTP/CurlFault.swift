internal import CLibcurl

/// What a result of libcurl's means for the one who asked.
struct CurlFault: Equatable {
  let code: HTTPError.Code
  let detail: String

  /// Takes the result, what libcurl has written about it, and the status with which a proxy answered the request for
  /// a tunnel; 0 without one.
  init(result: CURLcode, text: String, tunnelStatus: Int, isHeadComplete: Bool) {
    code = Self.code(of: result, tunnelStatus: tunnelStatus)
    let said = Self.plain(text.isEmpty ? unsafe String(cString: curl_easy_strerror(result)) : text)
    detail =
      switch code {
      case .resolve: "\(said); check the host's name, and whether this machine can ask a name server"
      case .connect: "\(said); check that the server runs, or the proxy where one is set, and can be reached"
      case .tls: "\(said); check the server's certificate and the file of certificate authorities"
      case .proxy where tunnelStatus >= 300:
        "the proxy refused the tunnel with status \(tunnelStatus); check its address and credentials"
      case .proxy: "\(said); check the address of the proxy"
      case .cut where isHeadComplete: "the connection was cut in the middle of the answer (\(said))"
      case .cut: "the connection was closed before an answer came (\(said))"
      // What is wrong with an answer may be quoted from it, and is not repeated.
      case .malformed: "the answer breaks the rules of HTTP (libcurl's error \(result.rawValue))"
      case .tooLarge: "the answer is larger than libcurl takes (\(said))"
      default: said
      }
  }

  private static func code(of result: CURLcode, tunnelStatus: Int) -> HTTPError.Code {
    switch result {
    case CURLE_URL_MALFORMAT: .address
    case CURLE_COULDNT_RESOLVE_HOST: .resolve
    case CURLE_COULDNT_RESOLVE_PROXY, CURLE_PROXY: .proxy
    case CURLE_COULDNT_CONNECT, CURLE_INTERFACE_FAILED: .connect
    case CURLE_OPERATION_TIMEDOUT: .connectDeadline
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
      CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CRL_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_PINNEDPUBKEYNOTMATCH,
      CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT, CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED,
      CURLE_SSL_ENGINE_INITFAILED, CURLE_USE_SSL_FAILED:
      .tls
    // An HTTP version that cannot be understood comes as a protocol that is not supported.
    case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING: .malformed
    // CURLE_TOO_LARGE, which older headers do not know.
    case _ where result.rawValue == 100: .malformed
    // A line of the head that is longer than libcurl takes (100 KiB) comes as a lack of memory.
    case CURLE_FILESIZE_EXCEEDED, CURLE_OUT_OF_MEMORY: .tooLarge
    default: tunnelStatus >= 300 ? .proxy : .cut
    }
  }

  /// One line of printable characters.
  private static func plain(_ text: String) -> String {
    String(text.unicodeScalars.map { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) ? " " : Character($0) })
  }
}
