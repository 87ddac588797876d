import Base
import Forges
import Git
import Publish
import Testing
import Work

@Suite("No secret of ours leaves")
struct ForgeSecretTests {
  private static let token = "ghs_16C7e42F292c6912E7710c838347Ae178B4a"

  @Test("What holds one is stopped, alone; the check is not green and says so; the reason does not hold it")
  func stopped() throws {
    var fixture = try ForgeReviewTests.fixture()
    let spaced = Self.token.map(String.init).joined(separator: " ")
    let clean = try ForgeFixture.finding(4...4, severity: .note)
    let leaking = try ForgeFixture.finding(5...5, title: "Look: \(spaced)", severity: .note)
    #expect(try fixture.review([clean, leaking]).comments.count == 2)
    fixture.secrets = [Self.token]
    let said = try fixture.review([clean, leaking])
    #expect(said.comments.count == 1 && said.state == .neutral)
    #expect(said.stopped.count == 1 && said.stopped[0].hasSuffix("a token, as it is"))
    #expect(!said.stopped[0].contains(Self.token.prefix(8)))
    #expect(try fixture.review([clean]).state == .success)

    var elsewhere = leaking
    elsewhere.path = try ForgeFixture.path("b")
    let summary = try fixture.review([elsewhere])
    #expect(summary.summary?.contains("so it was stopped") == true && summary.state == .neutral)
    #expect(summary.stopped.count == 2)
    for text in [summary.summary ?? ""] + summary.checks.flatMap({ [$0.title, $0.summary] }) {
      #expect(!text.contains("1 6 C 7") && !text.contains(Self.token.prefix(8)))
    }
  }

  @Test("Parts in several comments, in a suggestion and in a failure's reason are found")
  func parts() throws {
    var fixture = try ForgeReviewTests.fixture()
    fixture.secrets = [Self.token]
    var finding = try ForgeFixture.finding(
      5...5, severity: .note, suggestion: "  let a = \"\(Self.token.dropFirst(9))\"")
    #expect(try fixture.review([finding]).comments.isEmpty)
    finding.suggestion = "  let a = \"b\""
    #expect(try fixture.review([finding]).comments.count == 1)
    let made = try fixture.publication(.failed(reason: "401 for \(Self.token)"))
    #expect(made.stopped.count == 2)
    #expect(made.publication.effects.count == 2 && made.publication.endedChecks.count == 1)
  }

  @Test("A commit that adds one is not pushed")
  func commits() throws {
    var fixture = try ForgeReviewTests.fixture()
    fixture.kind = .fix
    var outcome = FixOutcome(verdict: .fixed, reason: "Green.")
    (outcome.commit, outcome.offer) = (ForgeFixture.commit, .repair)
    fixture.offered = Diff(files: [try ForgeFixture.file("a.swift", "@@ -5,1 +5,1 @@\n-a\n+let t = \"\(Self.token)\"")])
    #expect(Said(try fixture.publication(.fix(outcome))).pushes.count == 1)
    fixture.secrets = [Self.token]
    let said = Said(try fixture.publication(.fix(outcome)))
    #expect(said.pushes.isEmpty && said.state == .neutral && said.stopped.count == 1)
    #expect(said.summary?.contains("so it was stopped") == true)
  }

  @Test("A commit in whose message one stands is not pushed, and nobody says that it is")
  func messages() throws {
    var fixture = try ForgeReviewTests.fixture()
    fixture.kind = .fix
    var outcome = FixOutcome(verdict: .fixed, reason: "Green.")
    (outcome.commit, outcome.offer) = (ForgeFixture.commit, .repair)
    fixture.offered = Diff(files: [try ForgeFixture.file("a.swift", "@@ -5,1 +5,1 @@\n-a\n+b")])
    fixture.messages = ["Repair it", "Merge main\n\nThe model says: \(Self.token)."]
    #expect(Said(try fixture.publication(.fix(outcome))).pushes.count == 1)
    fixture.secrets = [Self.token]
    let said = Said(try fixture.publication(.fix(outcome)))
    #expect(said.pushes.isEmpty && said.state == .neutral)
    #expect(said.summary?.contains("so it was stopped") == true && said.summary?.contains("on the branch") == false)
    // The control: words without one.
    fixture.messages = ["Repair it"]
    #expect(Said(try fixture.publication(.fix(outcome))).pushes.count == 1)
  }

  @Test("Whoever carries effects out can look them through once more")
  func texts() throws {
    let fixture = try ForgeReviewTests.fixture()
    let made = try fixture.review([ForgeFixture.finding(5...5, title: "Title", suggestion: "  x()")]).publication
    let texts = made.effects.flatMap { effect -> [String] in
      guard case .forge(let effect) = effect else { return [] }
      return effect.outgoingText
    }
    for part in ["Title", "  x()", "a.swift", "1 findings."] {
      #expect(texts.contains { $0.contains(part) }, "\(part)")
    }
  }
}
