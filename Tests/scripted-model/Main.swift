internal import Glibc
internal import ScriptedModel

/// Runs a scripted model until it is ended; Docs/ScriptedModel.md.
@main
enum Program {
  static let usage = """
    usage: scripted-model [--port N] [--scenario FILE | --steps N --command TEXT] [--log FILE]
                          [--fault KIND[:PARAMETER]@STEP[xTIMES]]... [--latency-ms N] [--usage real|N]
                          [--context-window N] [--lenient]

    Listens on 127.0.0.1 and prints 'listening 127.0.0.1:PORT'. Faults:
    """

  static func main() {
    signal(SIGPIPE, SIG_IGN)
    do {
      let options = try Options(Array(CommandLine.arguments.dropFirst()))
      if options.wantsHelp {
        print(usage + "\n" + Fault.Kind.allCases.map(\.rawValue).joined(separator: " "))
        return
      }
      let model = try ScriptedModel.start(
        options.scenario, port: options.port, log: options.log, keepsBodies: false)
      // Not by 'print', which keeps what goes into a pipe until there is more.
      say("listening 127.0.0.1:\(model.port)\n", to: STDOUT_FILENO)
      withExtendedLifetime(model) {
        while true { pause() }
      }
    } catch {
      say("scripted-model: \(error)\n", to: STDERR_FILENO)
      exit(2)
    }
  }
}

extension Program {
  private static func say(_ text: String, to descriptor: Int32) {
    let bytes = Array(text.utf8)
    _ = write(descriptor, bytes, bytes.count)
  }
}

/// The command line, read.
struct Options {
  var port: UInt16 = 0
  var scenario = Scenario.steps(3)
  var log: Int32?
  var wantsHelp = false

  init(_ arguments: [String]) throws(InvalidScenario) {
    var rest = arguments[...]
    var file: String?
    var steps = 3
    var command = "true"
    var faults: [Fault] = []
    var changes: [(inout Scenario) -> Void] = []
    while let name = rest.popFirst() {
      switch name {
      case "--help", "-h": wantsHelp = true
      case "--lenient": changes.append { $0.isStrict = false }
      case "--port":
        guard let number = UInt16(try Self.value(name, &rest)) else { throw InvalidScenario("--port takes 0 to 65535") }
        port = number
      case "--scenario": file = try Self.value(name, &rest)
      case "--steps": steps = try Self.number(name, &rest)
      case "--command": command = try Self.value(name, &rest)
      case "--fault": faults.append(try Fault(try Self.value(name, &rest)))
      case "--latency-ms":
        let number = try Self.number(name, &rest)
        changes.append { $0.latency = number }
      case "--context-window":
        let number = try Self.number(name, &rest)
        changes.append { $0.contextWindow = number }
      case "--usage":
        let text = try Self.value(name, &rest)
        if text == "real" { continue }
        guard let number = Int(text), number >= 0 else { throw InvalidScenario("--usage takes 'real' or a number") }
        changes.append { $0.usage = .fixed(input: number, output: 50) }
      case "--log":
        let path = try Self.value(name, &rest)
        let opened = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard opened >= 0 else { throw InvalidScenario("cannot write \(path): \(String(cString: strerror(errno)))") }
        log = opened
      default: throw InvalidScenario("'\(name)' is no option; see --help")
      }
    }
    scenario = try file.map(Self.read) ?? .steps(steps, command: command)
    for change in changes { change(&scenario) }
    scenario.faults += faults
  }

  private static func value(_ name: String, _ rest: inout ArraySlice<String>) throws(InvalidScenario) -> String {
    guard let value = rest.popFirst() else { throw InvalidScenario("\(name) takes a value") }
    return value
  }

  private static func number(_ name: String, _ rest: inout ArraySlice<String>) throws(InvalidScenario) -> Int {
    guard let number = Int(try value(name, &rest)), number >= 0 else {
      throw InvalidScenario("\(name) takes a whole number")
    }
    return number
  }

  private static func read(_ path: String) throws(InvalidScenario) -> Scenario {
    guard let file = fopen(path, "rbe") else {
      throw InvalidScenario("cannot read \(path): \(String(cString: strerror(errno)))")
    }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
    return try Scenario(json: bytes)
  }
}
