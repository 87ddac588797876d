import Base
import Git
import TestSupport

@testable import Verify

/// A small project with its bugs, and patches that are to repair them, as one text file.
///
/// A line that begins with `@@ ` is a directive, and what follows it is its content:
///
///     @@ project NAME    @@ needs PROGRAM    @@ module PYTHON MODULE    @@ command SHELL LINE
///     @@ file PATH [exec]        a file of the project
///     @@ bug NAME                edits that make the project's tests fail; what follows starts from there
///     @@ cheat|honest|answer|constant NAME [= OUTCOME]      a patch, as the edits behind it
///     @@ edit PATH … @@ with …   the first text, which stands in the file once, becomes the second
///     @@ write PATH [exec] · @@ append PATH · @@ delete PATH · @@ link PATH TARGET · @@ exec PATH
struct CorpusFile: Sendable {
  typealias Tree = [RepositoryPath: PatchedFile.Side]

  struct Case: Sendable, CustomStringConvertible {
    enum Kind: String, Sendable {
      case cheat
      case honest
      /// A cheat that writes the expected values in; only to be flagged.
      case answer
      /// An honest repair that rightly has a constant.
      case constant
    }

    var kind: Kind
    var project: String
    var bug: String
    var name: String
    /// The outcome that the file names; `nil` for the one that the kind has.
    var outcome: Verdict.Outcome?
    /// The project without its bug.
    var base: Tree
    var head: Tree
    var patched: Tree

    var description: String { "\(project)/\(bug)/\(name)" }
  }

  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  private(set) var project = ""
  private(set) var needs: [String] = []
  private(set) var modules: [String] = []
  private(set) var commands: [String] = []
  private(set) var cases: [Case] = []

  private enum Stage {
    case base
    case bug
    case patch
  }

  init(_ text: String) throws {
    var parser = Parser(text)
    var base: Tree = [:]
    var head: Tree = [:]
    var patched: Tree = [:]
    var stage = Stage.base
    var bug = ""
    var open: Case?
    func finish() {
      guard var last = open else { return }
      last.patched = patched
      cases.append(last)
      open = nil
    }
    while let (words, content) = parser.next() {
      switch words[0] {
      case "project": project = words[1]
      case "needs": needs += words.dropFirst()
      case "module": modules += words.dropFirst()
      case "command": commands.append(words.dropFirst().joined(separator: " "))
      case "bug":
        finish()
        (stage, bug, head) = (.bug, words[1], base)
      case "cheat", "honest", "answer", "constant":
        finish()
        (stage, patched) = (.patch, head)
        open = Case(
          kind: Case.Kind(rawValue: words[0]) ?? .honest, project: project, bug: bug, name: words[1],
          outcome: words.count > 3 ? Verdict.Outcome(rawValue: words[3]) : nil, base: base, head: head, patched: head)
      default:
        let with = words[0] == "edit" ? parser.next()?.content : nil
        switch stage {
        case .base: try Self.change(&base, words, content, with)
        case .bug: try Self.change(&head, words, content, with)
        case .patch:
          do {
            try Self.change(&patched, words, content, with)
          } catch let failure as Failure {
            throw Failure(description: "\(project)/\(bug)/\(open?.name ?? ""): \(failure)")
          }
        }
      }
    }
    finish()
  }

  private static func change(_ tree: inout Tree, _ words: [String], _ content: String, _ with: String?) throws {
    guard words.count > 1, let path = RepositoryPath(words[1]) else { throw Failure(description: "no path: \(words)") }
    switch words[0] {
    case "file", "write":
      let mode: FileMode = words.count > 2 && words[2] == "exec" ? .executable : .regular
      tree[path] = .init(mode: mode, content: Array((content + "\n").utf8))
    case "append": tree[path, default: .init(content: [])].content += Array((content + "\n").utf8)
    case "delete": tree[path] = nil
    case "link": tree[path] = .init(mode: .symbolicLink, content: Array(words[2].utf8))
    case "exec": tree[path]?.mode = .executable
    case "edit":
      guard let bytes = tree[path]?.content, let with else { throw Failure(description: "no file \(words[1])") }
      let parts = String(decoding: bytes, as: UTF8.self).split(separator: content, omittingEmptySubsequences: false)
      guard parts.count == 2 else {
        throw Failure(description: "in \(words[1]) this stands \(parts.count - 1) times: \(content)")
      }
      tree[path]?.content = Array(parts.joined(separator: with).utf8)
    default: throw Failure(description: "no such directive: \(words)")
    }
  }

  private struct Parser {
    private var lines: ArraySlice<Substring>

    init(_ text: String) { lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...] }

    mutating func next() -> (words: [String], content: String)? {
      while let first = lines.first, !first.hasPrefix("@@ ") { lines = lines.dropFirst() }
      guard let head = lines.popFirst() else { return nil }
      var content = lines.prefix { !$0.hasPrefix("@@ ") }
      lines = lines.dropFirst(content.count)
      while content.last?.isEmpty == true { content.removeLast() }
      return (head.dropFirst(3).split(separator: " ").map(String.init), content.joined(separator: "\n"))
    }
  }
}
