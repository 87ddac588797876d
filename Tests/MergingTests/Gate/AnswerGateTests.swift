import Testing

@testable import Merging

@Suite("What an answer made of the two sides of a conflict")
struct AnswerGateTests {
  /// Judges an answer to the one conflict of three files.
  private func judge(
    _ base: String, _ ours: String, _ theirs: String, _ answer: String, path: String = "a.py"
  ) throws -> AnswerJudgement {
    let sides = [base, ours, theirs].map { Array($0.utf8) }
    let merge = FileMerge(
      base: sides[0], ours: sides[1], theirs: sides[2], path: Array(path.utf8), resolvers: [])
    #expect(merge.left.count == 1)
    let gate = AnswerGate(merge, base: sides[0], ours: sides[1], theirs: sides[2], path: Array(path.utf8))
    return try #require(gate.judge([0: ConflictAnswer(lines: Array(answer.utf8))])[0])
  }

  private func words(_ judgement: AnswerJudgement) -> [String] {
    judgement.misplaced.map { "\($0.side) " + String(decoding: $0.word, as: UTF8.self) }
  }

  // MARK: Lines that only seem to be there

  private let base = "    work(user)\n"
  private let ours = "    check(user)\n    work(user)\n"
  private let theirs = "    recheck(user)\n    work(user, 2)\n"

  @Test(
    "A side's line is not in the answer where its bytes stand in a comment, a text or a longer name",
    arguments: [
      "    recheck(user)\n    # check(user)\n    work(user, 2)\n",
      "    recheck(user)\n    work(user, 2)\n",
      "    recheck(user)\n    \"check(user)\"\n    work(user, 2)\n",
      "    recheck(user)\n    work(user, 2)  # check(user)\n",
    ])
  func seeming(_ answer: String) throws {
    let judgement = try judge(base, ours, theirs, answer)
    #expect(judgement.missing.map(\.fate).contains(.lost))
    #expect(judgement.objections.map(\.reason).contains(.lostLine))
  }

  @Test("A line that stands in a literal around several lines is not where its side has it")
  func inLiteral() throws {
    let dead = "    recheck(user)\n    \"\"\"\n    check(user)\n    \"\"\"\n    work(user, 2)\n"
    #expect(try words(judge(base, ours, theirs, dead)) == ["ours check"])
    let right = "    check(user)\n    recheck(user)\n    work(user, 2)\n"
    let judgement = try judge(base, ours, theirs, right)
    #expect(judgement.objections.isEmpty && judgement.misplaced.isEmpty && judgement.missing.isEmpty, "the control")
  }

  @Test("A line is laid out in another way where its words are one behind the other and end as its side has it")
  func laidOut() throws {
    let (base, ours) = ("    work(user)\n", "    check(user, now)\n    work(user)\n")
    let theirs = "    log(user)\n    work(user, 2)\n"
    let wrapped = "    check(user,\n          now)\n    log(user)\n    work(user, 2)\n"
    let judgement = try judge(base, ours, theirs, wrapped)
    #expect(judgement.missing.map(\.fate) == [.laidOut])
    #expect(judgement.objections.isEmpty && judgement.misplaced.isEmpty)
    // What goes on behind it makes something else of it.
    let guarded = "    check(user, now) if False else 0\n    log(user)\n    work(user, 2)\n"
    #expect(try judge(base, ours, theirs, guarded).missing.map(\.fate) == [.combined])
    let two = try judge("x\n", "x, y,\n  z\n", "x w\n", "x, y, z\nx w\n", path: "a.txt")
    #expect(two.missing.map(\.fate) == [.laidOut, .laidOut])
  }

  // MARK: Order

  private let line = "    return user.level > owner.level\n"
  private let banned = "    return user.level > owner.level and not user.banned\n"
  private let wrapped = "    return bool(user.level > owner.level)\n"

  @Test(
    "The words of both sides in another order are told, and so is a sign that was put in another's place",
    arguments: [
      ("    return bool(not user.level > owner.level and user.banned)\n", "ours not"),
      ("    return bool(owner.level > user.level and not user.banned)\n", "ours >"),
      ("    return bool(user.level < owner.level and not user.banned)\n", "ours >"),
    ])
  func order(_ answer: String, _ word: String) throws {
    let judgement = try judge(line, banned, wrapped, answer)
    #expect(judgement.objections.isEmpty && words(judgement).first == word, "\(words(judgement))")
  }

  @Test(
    "Both sides' words, each in its order, are both sides' changes",
    arguments: [
      "    return bool(user.level > owner.level and not user.banned)\n",
      "    return (bool(user.level > owner.level) and not user.banned)\n",
      "    return bool(\n        user.level > owner.level\n        and not user.banned\n    )\n",
    ])
  func inOrder(_ answer: String) throws {
    let judgement = try judge(line, banned, wrapped, answer)
    #expect(judgement.objections.isEmpty && judgement.misplaced.isEmpty, "\(words(judgement))")
  }

  @Test("What a text literal holds of code counts as code; its other words do not")
  func holes() throws {
    let (base, ours) = ("    return name + ': ' + str(n)\n", "    return name.title() + ': ' + str(n)\n")
    let theirs = "    return f'{name:>8}: {n}'\n"
    let right = try judge(base, ours, theirs, "    return f'{name.title():>8}: {n}'\n")
    #expect(right.objections.isEmpty && right.misplaced.isEmpty, "\(words(right))")
    let wrong = try judge(base, ours, theirs, "    return f'{name:>8}.title(): {n}'\n")
    #expect(!wrong.objections.isEmpty, "the control")
  }
}
