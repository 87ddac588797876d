import Testing

@testable import TestResults

@Suite struct FrameTests {
  /// Unity prints a line for each test of a program, whichever of them failed.
  @Test func aTestThatPassedIsNoPlaceOfAFailure() {
    let output = "/w/tests/a.c:73:empty:PASS\n/w/tests/a.c:38:ascii:FAIL: Expected 1 Was 2\n/w/tests/a.c:75:utf8:PASS\n"
    #expect(Frames.find(in: Array(output.utf8)).map(\.line) == [38])
    #expect(Frames.find(in: Array("a.c:73: PASSED to g:3\n".utf8)).map(\.line) == [73])
  }
}
