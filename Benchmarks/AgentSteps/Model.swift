import BenchSupport
import Glibc
import JSON

/// A scripted model, and what it notes of its requests.
final class Model {
  private let child: Child
  private let log: String
  private let port: String

  /// Starts one whose turns are this command, with the number of the step for `{i}`.
  init(steps: Int, command: String, in scratch: Scratch, named name: String) throws {
    log = "\(scratch.path)/\(name).log"
    let output = "\(scratch.path)/\(name).port"
    child = try Child(
      [
        try Variables.program("scripted-model"), "--steps", String(steps), "--command", command, "--log", log,
      ], variables: [:], output: output, errors: "/dev/null")
    let end = Child.now + 10
    while true {
      if let line = try Files.lines(output).first, let colon = line.lastIndex(of: ":") {
        port = String(line[line.index(after: colon)...])
        return
      }
      guard Child.now < end else { throw BenchFailure("the scripted model does not start") }
      usleep(2000)
    }
  }

  /// Where a session of this name is asked.
  func url(_ session: String) -> String { "http://127.0.0.1:\(port)/s/\(session)/v1" }

  /// How many requests were noted, of whatever kind.
  var count: Int { (try? Files.read(log).count { $0 == 10 }) ?? 0 }

  /// One request for an answer: when its first byte came, and when the last byte of its answer had gone.
  struct Exchange {
    var began: Double
    var ended: Double
  }

  /// The requests of a session that were answered, in their order.
  func exchanges(_ session: String) throws -> [Exchange] {
    try Files.lines(log).compactMap { line in
      let members = try JSONValue.parse(Array(line.utf8))
      guard members["session"]?.string == session, let kind = members["kind"]?.string else { return nil }
      if kind == "other" { return nil }
      guard kind == "step" || kind == "final", case .number(let began)? = members["t_req"],
        case .number(let ended)? = members["t_end"]
      else { throw BenchFailure("the scripted model had to refuse something: \(line)") }
      return Exchange(began: began, ended: ended)
    }
  }
}
