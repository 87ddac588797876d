import Foundation
import Sandbox
import Testing

@testable import Tools

/// What a toolbox knows otherwise, and nothing more, is written down.
struct MemoryChangeTests {
  @Test func addsUpToWhatIsKnown() throws {
    var states = [ToolboxMemory()]
    func next(_ change: (inout ToolboxMemory) -> Void) {
      var state = states.last ?? ToolboxMemory()
      change(&state)
      states.append(state)
    }
    for number in 0..<200 { next { $0.versions["\(number)"] = Fingerprint(of: [UInt8(number)]) } }
    next { $0.versions["7"] = nil }
    next { $0.versions["8"] = Fingerprint(of: []) }
    next { ($0.files, $0.sessions, $0.shells) = (1, 2, 3) }
    next { $0.checkpoints = [CellCheckpoint(number: 4)] }
    next { $0.commands = ["4": "rm"] }
    next { $0.endings = ["1": 0, "2": 1] }
    next { $0.endings["1"] = nil }
    next { $0.checkpoints = [] }
    var built = ToolboxMemory()
    for (old, new) in zip(states, states.dropFirst()) {
      let change = try #require(ToolboxMemoryChange(from: old, to: new))
      let written = try JSONEncoder().encode(change)
      // However much is known, a change takes no more than itself.
      #expect(written.count < 200)
      built.take(try JSONDecoder().decode(ToolboxMemoryChange.self, from: written))
      #expect(built == new)
    }
    #expect(ToolboxMemoryChange(from: built, to: built) == nil)
  }
}
