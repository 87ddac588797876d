import Base
import Foundation
import TestSupport
import Testing

/// `arborist learn` from the outside.
@Suite struct LearnCommandTests {
  private func history() throws -> TestRepository {
    let repository = try TestRepository()
    func file(_ line: String) -> TestRepository.Change { .write("a.txt", "head\n\(line)\ntail\n") }
    let root = try repository.commit("main", file("one"))
    let ours = try repository.commit("main", parents: [root], file("two"))
    let theirs = try repository.commit("side", parents: [root], file("three"))
    try repository.commit("main", parents: [ours, theirs], file("two and three"))
    // The same conflict again, on branches of its own.
    try repository.commit("topic", parents: [theirs], time: 1_700_000_009, .write("b.txt", "x\n"))
    try repository.commit("stable", parents: [ours], .write("c.txt", "x\n"))
    return repository
  }

  @Test func whatIsLearnedIsUsedOrProposed() throws {
    let repository = try history()
    let resolve = ["resolve", "--dry-run", "--branch", "topic", "--base", "stable", "--format", "json"]
    let before = try Arborist.run(resolve, in: repository.path)
    #expect(before.status == 1 && !before.text.contains("remembered"))
    let learned = try Arborist.run("learn", "--format", "json", in: repository.path)
    #expect(learned.status == 0, "\(learned.errorText)")
    let document = try #require(try JSONSerialization.jsonObject(with: Data(learned.output)) as? [String: Any])
    #expect(document["schema"] as? String == "arborist.learn/1")
    #expect((document["summary"] as? [String: Int])?["usable"] == 1)
    let after = try Arborist.run(resolve, in: repository.path)
    #expect(after.text.contains("\"by\":\"remembered\"") && after.text.contains("two and three"))
    #expect(try Arborist.run("learn", in: repository.path).text.contains("Read 0 new merges of main"))
  }

  @Test func badWordsAreRefused() throws {
    let repository = try history()
    expectFailure(try Arborist.run("learn", "--limit", "0", in: repository.path), 2, "--limit 0")
    for day in ["yesterday", "2024-13-01", "2024-1-1", "20240101", "2024-01-00", "2024-01-01-01"] {
      expectFailure(try Arborist.run("learn", "--since", day, in: repository.path), 2, "is no day")
    }
    for day in ["2025-02-29", "2025-02-31", "2025-04-31", "1900-02-29"] {
      expectFailure(try Arborist.run("learn", "--since", day, in: repository.path), 2, "is no day")
    }
    expectFailure(try Arborist.run("learn", "--base", "nothing", in: repository.path), 2, "nothing")
    #expect(try Arborist.run("learn", "--since", "2023-11-14", in: repository.path).text.contains("Read 1 new merge "))
    for day in ["2024-02-29", "2000-02-29", "2025-12-31"] {
      #expect(try Arborist.run("learn", "--since", day, in: repository.path).status == 0, "the control")
    }
  }

  @Test func anotherBranchMakesNothingForgotten() throws {
    let repository = try history()
    #expect(try Arborist.run("learn", in: repository.path).text.contains("In all 1 conflict remembered"))
    let other = try Arborist.run("learn", "--base", "topic", in: repository.path)
    #expect(other.text.contains("In all 1 conflict remembered") && !other.text.contains("Forgot"))
    #expect(other.text.contains("topic is not the base: nothing that was learned elsewhere is forgotten"))
    let same = try Arborist.run("learn", "--base", "main", in: repository.path)
    #expect(same.text.contains("In all 1 conflict remembered") && !same.text.contains("is not the base"))
    // The control: a base that lost the merge.
    try repository.git("update-ref", "refs/heads/main", "main^1")
    let lost = try Arborist.run("learn", in: repository.path)
    #expect(lost.text.contains("Forgot 1 conflict: the history of main does not have the merges"))
    #expect(lost.text.contains("In all 0 conflicts remembered"))
  }

  @Test func resolveGoesOnWithoutADamagedMemory() throws {
    let repository = try TestRepository.withConflict()
    let whole = try Arborist.run("resolve", "--dry-run", in: repository.path)
    #expect(whole.status == 0 && whole.errors == [], "the control")
    Files.makeDirectory(repository.gitDirectory + "/arborist")
    try Files.write("nonsense".utf8, to: repository.gitDirectory + "/arborist/resolutions")
    for format in ["text", "json"] {
      let result = try Arborist.run("resolve", "--dry-run", "--format", format, in: repository.path)
      #expect(result.status == 0)
      #expect(result.errorText.contains("is not used: it is no memory of resolutions"))
      if format == "text" { #expect(result.output == whole.output) }
    }
  }

  @Test func aDamagedMemoryIsSaidAndKept() throws {
    let repository = try history()
    Files.makeDirectory(repository.gitDirectory + "/arborist")
    try Files.write("nonsense".utf8, to: repository.gitDirectory + "/arborist/resolutions")
    expectFailure(try Arborist.run("learn", in: repository.path), 4, "it is no memory of resolutions")
  }
}
