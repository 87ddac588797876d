import Base
import TestForge
import TestSupport

/// What people do on the forge.
extension ServiceScene {
  typealias Change = TestRepository.Change

  /// Makes a branch with a commit on another one, and opens a pull request with it.
  ///
  /// - Returns: The pull request's number.
  func open(_ branch: String, from base: String = "main", by author: String = "ada", _ changes: Change...) async throws
    -> Int
  {
    try git.commit(branch, parents: [git.id("refs/heads/\(base)")], message: "Change it", changes: changes)
    return try await forge.openPullRequest(in: Self.path, from: branch, into: base, by: author).number
  }

  /// Pushes a commit to a branch, and tells the forge.
  @discardableResult
  func push(_ branch: String, by author: String = "ada", _ changes: Change...) async throws -> ObjectID {
    let before = try git.id("refs/heads/\(branch)")
    let after = try git.commit(branch, message: "Change it again", changes: changes)
    try await forge.pushed(Self.path, branch, from: before.hex, by: author)
    return after
  }

  /// Writes a comment on a pull request, and gives its number.
  func comment(_ number: Int, by author: String = "max", _ body: String) async throws -> Int {
    try await forge.comment(on: number, in: Self.path, by: author, body).id
  }

  func tip(_ branch: String) throws -> ObjectID { try git.id("refs/heads/\(branch)") }
}

/// What Arborist has written on the forge.
extension ServiceScene {
  /// How a check stands, whatever the forge calls it.
  enum CheckState: String, Sendable { case running, success, failure, neutral }

  /// The comments of Arborist's own, oldest first.
  func own(_ number: Int) async throws -> [Comment] {
    try await forge.comments(on: number, in: Self.path).filter { $0.author == bot }
  }

  /// The key of a comment of Arborist's; empty where it has none.
  static func key(_ comment: Comment) -> String {
    let line = comment.body.prefix { $0 != "\n" && $0 != "\r" }
    guard line.hasPrefix("<!-- arborist:"), line.hasSuffix(" -->") else { return "" }
    return String(line.dropFirst("<!-- arborist:".count).dropLast(" -->".count))
  }

  func summaries(_ number: Int) async throws -> [Comment] {
    try await own(number).filter { Self.key($0) == "summary" }
  }

  /// The findings that stand on lines.
  func findings(_ number: Int) async throws -> [Comment] {
    try await own(number).filter { Self.key($0).hasPrefix("finding/") }
  }

  /// What was answered to a command.
  func answers(_ number: Int, to comment: Int) async throws -> [Comment] {
    try await own(number).filter {
      Self.key($0) == "answer/\(comment)" || Self.key($0).hasPrefix("answer/\(comment)/")
    }
  }

  /// How the check of a kind of job stands at a commit; `nil` where there is none.
  func check(_ kind: String, at commit: ObjectID) async throws -> CheckState? {
    let name = "arborist/" + kind
    if let check = try await forge.checks(at: commit.hex).last(where: { $0.name == name }) {
      return check.status == "completed" ? Self.state(check.conclusion ?? "") : .running
    }
    return try await forge.statuses(at: commit.hex).last { $0.context == name }.map { Self.state($0.state) }
  }

  private static func state(_ name: String) -> CheckState {
    switch name {
    case "pending", "running", "created": .running
    case "success": .success
    case "failure", "failed", "error": .failure
    default: .neutral
    }
  }

  /// Waits until a check has ended, and gives how.
  func ended(_ kind: String, at commit: ObjectID) async throws -> CheckState? {
    try await until("arborist/\(kind) ends at \(commit.short)") {
      let state = try await self.check(kind, at: commit)
      return state != nil && state != .running
    }
    return try await check(kind, at: commit)
  }

  /// Waits until a call is held by a fault.
  func isHeld(_ count: Int = 1) async throws {
    try await until("a call is held") { self.forge.calls.count { $0.fault?.hasSuffix("held") == true } >= count }
  }
}
