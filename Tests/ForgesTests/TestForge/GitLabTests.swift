import Base
import Crypto
import HTTP
import JSON
import TestForge
import TestSupport
import Testing

/// Each rule of the imitated GitLab refuses once and accepts once.
@Suite struct GitLabTests {
  private let request = "/projects/ada%2Fapp/merge_requests/1"

  private func position(_ scene: ForgeScene, _ more: [String: JSONValue]) async throws -> JSONValue {
    let answer = try await scene.call(.get, request)
    var position = answer.json["diff_refs"]?.object ?? [:]
    position["position_type"] = "text"
    position["old_path"] = "file.txt"
    position["new_path"] = "file.txt"
    return .object(position.merging(more) { _, new in new })
  }

  private func discuss(_ scene: ForgeScene, _ more: [String: JSONValue]) async throws -> ForgeScene.Reply {
    try await scene.call(
      .post, request + "/discussions", ["body": "Look", "position": try await position(scene, more)])
  }

  @Test func tokensAreNeeded() async throws {
    let scene = try await ForgeScene.start(.gitlab)
    #expect(try await scene.call(.get, "/projects/ada%2Fapp", token: "").status == 401)
    #expect(try await scene.call(.get, "/projects/ada%2Fapp", token: "glpat-wrong").status == 401)
    #expect(try await scene.call(.get, "/projects/ada%2Fapp").json["path_with_namespace"] == "ada/app")
    let reader = try await scene.forge.addToken(for: "rob", scopes: ["read_api"])
    #expect(try await scene.call(.get, request, token: reader).status == 200)
    #expect(try await scene.call(.post, request + "/notes", ["body": "x"], token: reader).status == 403)
    #expect(try await scene.call(.post, request + "/notes", ["body": "x"]).status == 201)
    #expect(scene.forge.breaches.isEmpty)
  }

  @Test func linesAreNamedByTheSidesThatTheyHave() async throws {
    let scene = try await ForgeScene.start(.gitlab)
    // Line 30 was changed; 28 was not and is line 28 on both sides; 35 is 34 on the base's side.
    #expect(try await discuss(scene, ["new_line": 30]).status == 201)
    #expect(try await discuss(scene, ["old_line": 30]).status == 201)
    #expect(try await discuss(scene, ["old_line": 28, "new_line": 28]).status == 201)
    #expect(try await discuss(scene, ["old_line": 34, "new_line": 35]).status == 201)
    for wrong: [String: JSONValue] in [
      ["new_line": 28], ["old_line": 28], ["old_line": 35, "new_line": 35], ["new_line": 5], [:],
      ["new_line": 30, "new_path": "other.txt", "old_path": "other.txt"],
      ["new_line": 30, "head_sha": .string(scene.base)],
    ] {
      let answer = try await discuss(scene, wrong)
      #expect(answer.status == 400)
      #expect(answer.message.contains("line_code"))
    }
    #expect(try await scene.forge.threads(on: 1, in: "ada/app").count == 4)
    #expect(scene.forge.breaches.isEmpty)
  }

  @Test func rangesAreNamedByLineCodes() async throws {
    let scene = try await ForgeScene.start(.gitlab)
    let name = Insecure.SHA1.hash(data: Array("file.txt".utf8)).map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
    func range(_ start: String, _ end: String) -> [String: JSONValue] {
      [
        "new_line": 32,
        "line_range": [
          "start": ["line_code": .string("\(name)_\(start)"), "type": "new"],
          "end": ["line_code": .string("\(name)_\(end)"), "type": "new"],
        ],
      ]
    }
    #expect(try await discuss(scene, range("31_30", "32_32")).status == 201)
    #expect(try await discuss(scene, range("9_9", "32_32")).status == 400)
  }

  @Test func discussionsAreAnsweredAndSettled() async throws {
    let scene = try await ForgeScene.start(.gitlab)
    let made = try await discuss(scene, ["new_line": 30])
    let id = try #require(made.json["id"]?.string)
    #expect(try await scene.call(.post, request + "/discussions/\(id)/notes", ["body": "Yes"]).status == 201)
    let stranger = try await scene.forge.addToken(for: "eve")
    try await scene.forge.grant(.read, to: "eve", on: "ada/app")
    #expect(try await scene.call(.put, request + "/discussions/\(id)?resolved=true", token: stranger).status == 403)
    let settled = try await scene.call(.put, request + "/discussions/\(id)?resolved=true")
    #expect(settled.json["notes"]?.array?.map { $0["resolved"] } == [true, true])
    let single = try await scene.call(.post, request + "/notes", ["body": "x"])
    #expect(single.json["resolvable"] == false)
    #expect(scene.forge.breaches.isEmpty)
  }

  @Test func draftsAreHandedInTogether() async throws {
    let scene = try await ForgeScene.start(.gitlab)
    for line in [30, 32] {
      let draft: JSONValue = [
        "note": "Look", "position": try await position(scene, ["new_line": .number(Double(line))]),
      ]
      #expect(try await scene.call(.post, request + "/draft_notes", draft).status == 201)
    }
    #expect(try await scene.forge.comments(on: 1, in: "ada/app").isEmpty)
    #expect(try await scene.call(.post, request + "/draft_notes/bulk_publish").status == 204)
    #expect(try await scene.forge.comments(on: 1, in: "ada/app").count == 2)
    #expect(try await scene.call(.get, request + "/draft_notes").json.array?.isEmpty == true)
  }

  @Test func aStatusDoesNotChangeIntoItself() async throws {
    let scene = try await ForgeScene.start(.gitlab)
    func set(_ state: String) async throws -> Int {
      try await scene.call(
        .post, "/projects/ada%2Fapp/statuses/\(scene.head)", ["state": .string(state), "name": "arborist"]
      ).status
    }
    #expect(try await set("pending") == 201)
    #expect(try await set("pending") == 400)
    #expect(try await set("running") == 201)
    #expect(try await set("running") == 400)
    #expect(try await set("success") == 201)
    #expect(try await set("pending") == 201)
    #expect(try await scene.forge.statuses(at: scene.head).map(\.state) == ["success", "pending"])
  }

  @Test func argumentsAreHeldAgainstRules() async throws {
    let scene = try await ForgeScene.start(.gitlab)
    #expect(try await scene.call(.post, request + "/notes", ["text": "x"]).status == 400)
    #expect(scene.forge.breaches.count == 2)
    #expect(try await scene.call(.post, request + "/notes", ["body": "x", "silly": true]).status == 201)
    #expect(scene.forge.breaches.count == 3)
  }

  @Test func pagesAreTurnedByHeaders() async throws {
    var options = TestForge.Options()
    options.largestPage = 2
    let scene = try await ForgeScene.start(.gitlab, options: options)
    for number in 1...3 { _ = try await scene.forge.comment(on: 1, in: "ada/app", by: "ada", "\(number)") }
    let first = try await scene.call(.get, request + "/discussions?per_page=100")
    #expect(first.json.array?.count == 2)
    #expect(first.head["X-Next-Page"] == "2")
    let second = try await scene.call(.get, request + "/discussions?per_page=100&page=2")
    #expect(second.json.array?.count == 1)
    #expect(second.head["X-Next-Page"] == "")
  }

  @Test func mergeabilityIsUncheckedAtFirst() async throws {
    let scene = try await ForgeScene.start(.gitlab)
    #expect(try await scene.call(.get, request).json["detailed_merge_status"] == "unchecked")
    #expect(try await scene.call(.get, request).json["detailed_merge_status"] == "mergeable")
    #expect(try scene.git.id("refs/merge-requests/1/head").hex == scene.head)
  }
}
