internal import Dispatch
internal import Glibc
internal import TestForge

/// Runs a test forge until it is ended; Docs/TestForge.md.
@main
enum Program {
  static let usage = """
    usage: test-forge --kind github|gitlab|gitea --directory DIR [--port N] [--gitea-version 1.22|1.27|forgejo]
                      [--largest-page N] [--git]

    Listens on 127.0.0.1 and prints its address, the address of its control and, with --git, where git finds the
    repositories that lie in DIR as OWNER/NAME.git. All else is asked for at the control address.

    """

  static func main() async {
    signal(SIGPIPE, SIG_IGN)
    do {
      let options = try Options(Array(CommandLine.arguments.dropFirst()))
      if options.wantsHelp { return say(usage, to: STDOUT_FILENO) }
      let forge = try await TestForge.start(
        options.kind, in: options.directory, options: options.forge, port: options.port)
      let front = options.hasGit ? try await GitFrontend.start(for: forge) : nil
      say("listening \(forge.address)\ncontrol \(forge.address)/_control\n", to: STDOUT_FILENO)
      if let front { say("git \(front.address)\n", to: STDOUT_FILENO) }
      if !forge.checksBodies { say("bodies are not checked: ARBORIST_TEST_DATA is not set\n", to: STDERR_FILENO) }
      await end()
      await front?.stop()
      await forge.stop()
    } catch {
      say("test-forge: \(error)\n", to: STDERR_FILENO)
      exit(2)
    }
  }

  /// Waits for SIGTERM or SIGINT.
  private static func end() async {
    let (ends, ended) = AsyncStream.makeStream(of: Void.self)
    let sources = [SIGTERM, SIGINT].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number)
      source.setEventHandler { ended.finish() }
      source.resume()
      return source
    }
    for await _ in ends {}
    for source in sources { source.cancel() }
  }

  static func say(_ text: String, to descriptor: Int32) {
    let bytes = Array(text.utf8)
    _ = write(descriptor, bytes, bytes.count)
  }
}

/// The command line, read.
struct Options {
  var kind = ForgeKind.github
  var directory = ""
  var port = 0
  var forge = TestForge.Options()
  var hasGit = false
  var wantsHelp = false

  init(_ arguments: [String]) throws {
    var rest = arguments[...]
    func value(_ name: String, _ rest: inout ArraySlice<String>) throws -> String {
      guard let value = rest.popFirst() else { throw ForgeFailure("\(name) takes a value") }
      return value
    }
    while let name = rest.popFirst() {
      switch name {
      case "--help", "-h": wantsHelp = true
      case "--git": hasGit = true
      case "--kind":
        let text = try value(name, &rest)
        guard let found = ForgeKind(rawValue: text) else { throw ForgeFailure("'\(text)' is no kind of forge") }
        kind = found
      case "--directory": directory = try value(name, &rest)
      case "--port":
        guard let number = UInt16(try value(name, &rest)) else { throw ForgeFailure("--port takes 0 to 65535") }
        port = Int(number)
      case "--largest-page":
        guard let number = Int(try value(name, &rest)), number > 0 else {
          throw ForgeFailure("--largest-page takes a number")
        }
        forge.largestPage = number
      case "--gitea-version":
        switch try value(name, &rest) {
        case "1.22": forge.gitea = .old
        case "1.27": forge.gitea = .new
        case "forgejo": forge.gitea = .forgejo15
        default: throw ForgeFailure("--gitea-version takes 1.22, 1.27 or forgejo")
        }
      default: throw ForgeFailure("'\(name)' is no option; see --help")
      }
    }
    if directory.isEmpty, !wantsHelp { throw ForgeFailure("--directory is needed; see --help") }
  }
}
