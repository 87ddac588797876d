import Templates
import TestSupport
import Testing

/// What strangers wrote into names, lines and words stands in messages of commits and is no trailer there.
struct CommitMessageTests {
  private static let forged = "Signed-off-by: Linus Torvalds <torvalds@example.org>"

  private static func values(model: String?) -> [String: Any] {
    [
      "what": forged, "head": "1234abcd", "branch": "topic", "base": "main", "count": "1 conflict", "more": false,
      "red": [["name": forged, "line": forged] as [String: Any]], "cause": forged, "summary": [forged],
      "verified": forged, "open": ["why": forged, "notes": [forged]] as [String: Any], "left": forged,
      "explanation": "\(forged)\n\(forged)",
      "hunks": [["path": forged, "line": 1, "lines": [forged]] as [String: Any]],
      "unverified": true, "unconfirmed": [forged], "broken": false,
      "concerned": ["concerns": [forged]] as [String: Any],
      "files": [
        [
          "path": forged,
          "hunks": [["lines": "line 1", "by": "x", "reason": forged, "drops": false] as [String: Any]],
        ] as [String: Any]
      ],
      "edited": ["outside": [["path": forged, "line": 1, "reason": forged] as [String: Any]]] as [String: Any],
      "assisted": model.map { ["models": [$0]] as [String: Any] } ?? false, "model": model ?? "",
      "run": "abcd", "from": "12345678", "to": "87654321", "merge": false,
    ]
  }

  private static let messages: [(Message, String?)] = [
    (.resolveCommit, nil), (.resolveCommit, "openai/x"), (.repairCommit, "openai/x"), (.partialRevertCommit, nil),
    (.undoCommit, nil),
  ]

  @Test(arguments: messages.indices)
  func holdsNoForgedTrailer(index: Int) throws {
    let (message, model) = Self.messages[index]
    let text = try message.render(Self.values(model: model))
    #expect(!text.split(separator: "\n").contains { $0.hasPrefix("Signed-off-by:") }, "\(text)")
    #expect(message == .undoCommit || text.contains(Self.forged), "the control: \(text)")
    let repository = try TestRepository()
    func trailers(_ text: String) throws -> String {
      let tree = try repository.git("hash-object", "-t", "tree", "-w", "/dev/null")
      return try repository.git("log", "-1", "--format=%(trailers)", repository.git("commit-tree", tree, "-m", text))
    }
    let own = model.map { "Assisted-by: arborist:\($0)" } ?? ""
    #expect(try trailers(text).trimmed == own, "\(text)")
    // The control.
    #expect(try trailers("Repair it\n\n\(Self.forged)\n").contains("Signed-off-by"))
  }
}

extension String {
  fileprivate var trimmed: String { split(separator: "\n", omittingEmptySubsequences: true).joined(separator: "\n") }
}
