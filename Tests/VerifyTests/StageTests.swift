import Base
import TestResults
import TestSupport
import Testing

@testable import Verify

@Suite struct StageTests {
  @Test func tellsWhatIsRedAndGreenOnEachTree() async throws {
    let host = try await StageHost()
    let broken = try host.commit(
      .write("calc.py", "def add(a, b):\n    return a - b\n"),
      .write(
        "test_calc.py",
        """
        import unittest, calc
        class Adds(unittest.TestCase):
            def test_add(self): self.assertEqual(calc.add(2, 2), 4)
            def test_zero(self): self.assertEqual(calc.add(0, 0), 0)
        """))
    let mended = try host.commit(.write("calc.py", "def add(a, b):\n    return a + b\n"))
    let stage = host.stage(broken, "python3 -m unittest -v")
    let red = try await stage.run(try host.tree(broken))
    #expect(red.standing.red.map(\.description) == ["test_calc > Adds > test_add"], "\(red.text)")
    #expect(red.standing.green.count == 1)
    #expect(red.commands.map(\.ending) == [.exited(1)])
    let green = try await stage.run(try host.tree(mended))
    #expect(green.standing.isGreen && green.standing.executed == 2, "\(green.text)")
    let again = try await stage.run(try host.tree(broken))
    #expect(again.standing == red.standing)
    await stage.close()
  }
}
