import Base
import Git
import Resolve
import Synchronization
import TestSupport
import Testing
import Work

@Suite("A model that is wrong on purpose gets nothing onto the branch")
struct WrongAnswerTests {
  @Test("None of the wrong answers is committed for the branch; the right one is", arguments: Scenes.all)
  func wrong(_ scene: MergeScene) async throws {
    let stage = try await MergeStage(scene)
    let control = try await stage.resolve { _, edit in stage.answerRight(&edit) }.outcome
    #expect(control.verdict == .resolved && control.reach == .branch, "the control")
    var tried = 0
    for wrong in WrongAnswers.all where wrong.fits(scene) {
      tried += 1
      // Every file in conflict is answered rightly but one.
      let path = try #require(scene.right.keys.sorted().last)
      let outcome = try await stage.resolve { _, edit in
        let marked = edit
        stage.answerRight(&edit)
        wrong.spoil(&edit, path, marked, scene)
      }.outcome
      let told = "\(scene.name): \(wrong.name): \(outcome.verdict), \(outcome.reason) \(why(outcome))"
      let isPushed = outcome.commit != nil && outcome.reach != .beside
      #expect(!isPushed, "\(told)")
      if !wrong.mayBeBeside {
        #expect(outcome.commit == nil, "\(told)")
      } else if outcome.commit != nil {
        #expect(outcome.concerns?.isEmpty == false, "what is offered beside says why")
      }
    }
    #expect(tried >= 40)
  }

  private func why(_ outcome: ResolveOutcome) -> String {
    let answers = outcome.files.flatMap(\.left).flatMap { $0.answers ?? [] }.map { "\($0.state): \($0.reason)" }
    let failures = (outcome.confirmation?.failures ?? []).map { "\($0.kind) \($0.name)" }
    return (answers.suffix(1) + failures.prefix(2) + (outcome.concerns ?? []).prefix(2)).joined(separator: " // ")
  }
}
