import Testing

@testable import Merging

@Suite("token-merge-small") struct SmallTokenMergeTests {
  private func merged(_ base: String, _ ours: String, _ theirs: String, path: String = "a.c") -> String? {
    mergedBothWays(base, ours, theirs, path: path, by: SmallTokenMerge())
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var base: String
    var ours: String
    var theirs: String
    var result: String?
    var testDescription: String { base }

    init(_ base: String, _ ours: String, _ theirs: String, _ result: String? = nil) {
      (self.base, self.ours, self.theirs, self.result) = (base, ours, theirs, result)
    }
  }

  @Test(
    "takes both changes of few words",
    arguments: [
      Case(
        "  return find(name, all).first;\n", "  return search(name, all).first;\n", "  return find(name, all).last;\n",
        "  return search(name, all).last;\n"),
      Case(
        "int count(char *text);\n", "static int count(char *text);\n", "int count(const byte *text);\n",
        "static int count(const byte *text);\n"),
      Case(
        "if (a.isReady && b.isReady) {\n", "if (a.isDone && b.isReady) {\n", "if (a.isReady && b.isOpen) {\n",
        "if (a.isDone && b.isOpen) {\n"),
      Case(
        "let text = read(file, limit)\n", "let lines = read(file, limit)\n", "let text = load(file, limit)\n",
        "let lines = load(file, limit)\n"),
      Case(
        "The bot reads a push and answers at once.\n", "The worker reads a push and answers at once.\n",
        "The bot reads a push and answers with comments.\n", "The worker reads a push and answers with comments.\n"),
      Case(
        "  log(\"a\"); send(message, to: peer);\n", "  log(\"a\"); post(message, to: peer);\n",
        "  log(\"a\"); send(message, to: all);\n", "  log(\"a\"); post(message, to: all);\n"),
    ])
  func takesBoth(_ example: Case) { #expect(merged(example.base, example.ours, example.theirs) == example.result) }

  @Test(
    "leaves what is more than that",
    arguments: [
      // The same words changed.
      Case("return a.first;\n", "return a.last;\n", "return a.middle;\n"),
      // Numbers are chosen, not combined.
      Case("size(4, 8, name)\n", "size(5, 8, name)\n", "size(4, 8, title)\n"),
      // Both add the same word.
      Case("int f(a, b, c, d);\n", "static int f(a, b, c, e);\n", "int f(static g, b, c, d);\n"),
      // Both only add.
      Case("call(alpha, beta, gamma);\n", "call(one, alpha, beta, gamma);\n", "call(alpha, beta, gamma, two);\n"),
      // Most of the line is another one.
      Case("x = a + b;\n", "total = sum(first) - minus(second) * third;\n", "x = a + c;\n"),
      // One side deleted the line.
      Case("x = a + b;\n", "", "x = a + c;\n"),
      // Nothing was there.
      Case("", "x = a;\n", "x = b;\n"),
      // Too many lines.
      Case(
        "a b\nc d\ne f\ng h\ni j\nk l\nm n\n", "a b1\nc d\ne f1\ng h1\ni j1\nk l1\nm1 n\n",
        "a2 b\nc2 d\ne2 f\ng2 h\ni2 j\nk2 l\nm n2\n"),
      // Nothing is left to combine: one side has the other's change.
      Case("f(a, b, c, d)\n", "f(a, b, x, d)\n", "f(a, b, x, d)\n", "f(a, b, x, d)\n"),
      // Another operator binds the other side's words in another way.
      Case(
        "  if (first && second) { run(both); }\n", "  if (first && second && third) { run(both); }\n",
        "  if (first || second) { run(both); }\n"),
      Case("  return !first && second;\n", "  return !first || second;\n", "  return !first && other;\n"),
      Case("  total = price + tax;\n", "  total = price * tax;\n", "  total = cost + tax;\n"),
      Case(
        "  if (ready(peer)) { send(text, peer); }\n", "  if (!ready(peer)) { send(text, peer); }\n",
        "  if (isReady(peer)) { send(text, peer); }\n"),
      // One side calls something else, the other with other arguments.
      Case(
        "  answer = find(name, all, rest);\n", "  answer = search(name, all, rest);\n",
        "  answer = find(name, all);\n"),
      // The side that changed less adds much.
      Case(
        "one two three four five six seven eight nine ten eleven twelve\n",
        "one two three four five six seven eight nine ten eleven twelve and so on and on without any end\n",
        "zero three four five six seven eight nine ten eleven twelve and then the whole again from the start\n"),
    ])
  func leaves(_ example: Case) { #expect(merged(example.base, example.ours, example.theirs) == example.result) }
}
