import Base
import Git
import Resolve
import TestSupport
import Testing
import Work

@Suite("A model answers what a merge left, and only what tests confirm goes on")
struct ModelResolveTests {
  @Test("A right answer becomes one commit of two parents, with the tests of both sides", arguments: Scenes.all)
  func right(_ scene: MergeScene) async throws {
    let stage = try await MergeStage(scene)
    let (outcome, tasks) = try await stage.resolve { _, edit in stage.answerRight(&edit) }
    let commit = try #require(outcome.commit, "\(report(outcome))")
    #expect(outcome.verdict == .resolved && outcome.reach == .branch && outcome.concerns == nil)
    #expect(outcome.confirmation?.verdict == .verified && outcome.models == ["scripted/one"])
    #expect(tasks.count == 1)
    for (path, content) in scene.right { #expect(try await stage.content(path, in: commit) == content) }
    let parents = try await stage.work.perform { try $0.commit(commit).parents }
    #expect(parents == [stage.ours, stage.theirs])
    let message = try await stage.message(of: commit)
    #expect(message.hasSuffix("\n\nAssisted-by: arborist:scripted/one\n"))
    #expect(message.contains("the model scripted/one") && !message.contains("No test has confirmed"))
    let makers = outcome.files.flatMap(\.resolved).map(\.maker)
    #expect(makers.contains(.model) && outcome.files.allSatisfy(\.left.isEmpty))
  }

  private func report(_ outcome: ResolveOutcome) -> String {
    (try? ResolveReport(outcome, branch: RefName("refs/heads/topic"), base: "main").text) ?? outcome.reason
  }
}
