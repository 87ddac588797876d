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

  @Test("What both sides moved out of the conflict alike was not taken away")
  func sharedSurroundings() throws {
    let base = "def short(help: str, limit: int = 45) -> str:\n    pass\n"
    func side(_ more: String) -> String {
      "def short(\n    help: str, limit: int = 45, \(more)\n) -> str:\n    pass\n"
    }
    let (ours, theirs) = (side("sentence: bool = True"), side("suffix: str = \"...\""))
    let joined = "    help: str, limit: int = 45, sentence: bool = True, suffix: str = \"...\"\n"
    let judgement = try judge(base, ours, theirs, joined)
    #expect(judgement.objections.isEmpty && judgement.undone.isEmpty)
    #expect(judgement.missing.map(\.fate) == [.combined, .combined] && judgement.misplaced.isEmpty)
    let other = try judge(base, theirs, ours, joined)
    #expect(other.missing.map(\.fate) == [.combined, .combined] && other.undone.isEmpty)
    // What only one side has beyond its line is still asked for.
    let lossy = try judge(base, ours, theirs, "    help: str, limit: int = 45, sentence: bool = True\n")
    #expect(lossy.missing.map(\.fate) == [.lost])
    // What both sides took out of the conflict and wrote nowhere is gone.
    func without(_ more: String) -> String { "def short(\n    help, \(more)\n):\n    pass\n" }
    let back = try judge(base, without("a"), without("b"), "    help: str, a, b\n")
    #expect(back.undone == [Array("str".utf8)])
  }

  // MARK: Negations

  private func negated(
    _ base: String, _ ours: String, _ theirs: String, _ answer: String, path: String = "a.py"
  ) throws -> [String] {
    try judge(base, ours, theirs, answer, path: path).negated.map { String(decoding: $0, as: UTF8.self) }
  }

  @Test(
    "A negation that no side has is told with what it negates",
    arguments: [
      ("    return bool(not user.level > owner.level and not user.banned)\n", ["user"]),
      ("    return not bool(user.level > owner.level and not user.banned)\n", ["bool"]),
      ("    return bool(user.level > owner.level and not not user.banned)\n", ["user"]),
      ("    return bool(user.level > owner.level != owner.level and not user.banned)\n", ["owner"]),
      ("    return bool(user.level > owner.level and not user.banned)\n", []),
    ])
  func negation(_ answer: String, _ operands: [String]) throws {
    #expect(try negated(line, banned, wrapped, answer) == operands)
  }

  @Test(
    "A negation with a sign counts where it stands before something, in code",
    arguments: [
      ("a.go", "if !ready && open && late {\n", ["ready"]), ("a.c", "if (!(ready && open && late)) {\n", ["ready"]),
      ("a.js", "if (ready != open && late) {\n", ["open"]), ("a.rb", "if not ready && open && late\n", ["ready"]),
      ("a.go", "if ready && open && late { // !ready, not ready\n", []),
      ("a.go", "if ready && open && late(\"!ready\") {\n", []),
      ("a.rs", "if ready!() && open && late {\n", []), ("a.kt", "if (ready!! && open && late) {\n", []),
      ("a.js", "if (ready && open && late(`${!ready}`)) {\n", ["ready"]),
      ("a.md", "Not not ready, open and late\n", []),
    ])
  func signs(_ path: String, _ answer: String, _ operands: [String]) throws {
    func line(_ words: String) -> String { answer.hasPrefix("if (") ? "if (\(words)) {\n" : "if \(words) {\n" }
    #expect(try negated(line("ready"), line("ready && open"), line("ready && late"), answer, path: path) == operands)
  }

  @Test(
    "What a side negates may be negated, as often as both call for",
    arguments: [
      // One negates, the other renamed what it negates.
      ("if ready:\n", "if not ready:\n", "if is_ready:\n", "if not is_ready:\n"),
      // One negates in another form.
      ("if ready:\n", "if not ready:\n", "if ready and open:\n", "if not (ready and open):\n"),
      // Both negate, each something else.
      ("if a(b, c):\n", "if a(not b, c):\n", "if a(b, not c):\n", "if a(not b, not c):\n"),
      // Both had it before.
      ("if not ready:\n", "if not ready and open:\n", "if not ready or late:\n", "if not ready and open or late:\n"),
    ])
  func honestNegation(_ base: String, _ ours: String, _ theirs: String, _ answer: String) throws {
    #expect(try negated(base, ours, theirs, answer).isEmpty)
    let extra = answer.replacing("if ", with: "if not ")
    #expect(try !negated(base, ours, theirs, extra).isEmpty, "the control")
  }

  @Test("Two functions that share lines in the merge are both written out, with the negations in them")
  func sharedNegation() throws {
    func function(_ name: String) -> String {
      "def \(name)(x):\n    if not x:\n        return None\n    return \(name)s[x]\n"
    }
    let (base, ours, theirs) = ("a = 1\n", "a = 1\n" + function("one"), "a = 1\n" + function("two"))
    let sides = [base, ours, theirs].map { Array($0.utf8) }
    let path = Array("a.py".utf8)
    let merge = FileMerge(base: sides[0], ours: sides[1], theirs: sides[2], path: path, resolvers: [])
    let gate = AnswerGate(merge, base: sides[0], ours: sides[1], theirs: sides[2], path: path)
    func negated(_ answers: [Int: String]) -> [String] {
      let judged = gate.judge(answers.mapValues { ConflictAnswer(lines: Array($0.utf8)) })
      return judged.sorted { $0.key < $1.key }.flatMap { $0.value.negated.map { String(decoding: $0, as: UTF8.self) } }
    }
    let last = merge.left.count - 1
    func answers(_ first: String) -> [Int: String] {
      last == 0 ? [0: first + function("two")] : [0: first + "def two(x):\n", last: "    return twos[x]\n"]
    }
    #expect(negated(answers(function("one"))).isEmpty)
    #expect(negated(answers(function("one").replacing("if not x", with: "if not not x"))).contains("x"), "the control")
  }

  @Test("A line that is left out on purpose calls for no negation elsewhere")
  func droppedNegation() throws {
    let (base, ours) = ("work(user)\n", "check(not user)\nwork(user)\n")
    let theirs = "work(user, 2)\n"
    let sides = [base, ours, theirs].map { Array($0.utf8) }
    let merge = FileMerge(
      base: sides[0], ours: sides[1], theirs: sides[2], path: Array("a.py".utf8), resolvers: [])
    let gate = AnswerGate(merge, base: sides[0], ours: sides[1], theirs: sides[2], path: Array("a.py".utf8))
    func judge(_ answer: String) -> [String]? {
      let dropped = DroppedLine(side: .ours, line: Array("check(not user)".utf8), reason: "it is elsewhere")
      return gate.judge([0: ConflictAnswer(lines: Array(answer.utf8), dropped: [dropped])])[0]?
        .negated.map { String(decoding: $0, as: UTF8.self) }
    }
    #expect(judge("work(not owner, 2)\n") == ["owner"])
    #expect(judge("work(user, 2)\n") == [], "the control")
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
