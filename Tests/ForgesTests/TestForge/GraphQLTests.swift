import HTTP
import JSON
import TestForge
import Testing

/// GraphQL on the imitated GitHub.
@Suite struct GraphQLTests {
  private static let threads = """
    query ($owner: String!, $name: String!, $number: Int!, $after: String) {
      repository(owner: $owner, name: $name) {
        pullRequest(number: $number) {
          reviewThreads(first: 50, after: $after) {
            pageInfo { hasNextPage endCursor }
            nodes {
              id isResolved path line
              comments(first: 1) { nodes { fullDatabaseId body author { login ... on Bot { databaseId } } } }
            }
          }
        }
      }
    }
    """

  private func ask(
    _ scene: ForgeScene, _ query: String, _ variables: JSONValue = [:], token: String? = nil
  ) async throws -> JSONValue {
    try await scene.call(
      .post, scene.forge.graphQLAddress, ["query": .string(query), "variables": variables], token: token
    ).json
  }

  private func place(_ after: String? = nil) -> JSONValue {
    ["owner": "ada", "name": "app", "number": 1, "after": after.map { .string($0) } ?? .null]
  }

  @Test func threadsAreListedPageByPageAndSettled() async throws {
    var options = TestForge.Options()
    options.largestPage = 2
    let scene = try await ForgeScene.start(.github, options: options)
    for line in [29, 30, 31] {
      _ = try await scene.forge.comment(on: 1, in: "ada/app", by: "rob", "At \(line)", file: "file.txt", line: line)
    }
    func list(_ after: String?) async throws -> JSONValue? {
      try await ask(scene, Self.threads, place(after))["data"]?["repository"]?["pullRequest"]?["reviewThreads"]
    }
    let first = try #require(try await list(nil))
    #expect(first["nodes"]?.array?.count == 2)
    #expect(first["pageInfo"]?["hasNextPage"] == true)
    let second = try #require(try await list(first["pageInfo"]?["endCursor"]?.string))
    #expect(second["nodes"]?.array?.count == 1)
    #expect(second["pageInfo"]?["hasNextPage"] == false)
    let id = try #require(second["nodes"]?.array?.first?["id"])
    let settle = "mutation ($id: ID!) { resolveReviewThread(input: {threadId: $id}) { thread { isResolved } } }"
    let settled = try await ask(scene, settle, ["id": id])
    #expect(settled["data"]?["resolveReviewThread"]?["thread"]?["isResolved"] == true)
    #expect(try await scene.forge.threads(on: 1, in: "ada/app").map(\.isResolved) == [false, false, true])
    let reply = """
      mutation ($id: ID!, $body: String!) {
        addPullRequestReviewThreadReply(input: {pullRequestReviewThreadId: $id, body: $body}) { comment { body } }
      }
      """
    let replied = try await ask(scene, reply, ["id": id, "body": "Done"])
    #expect(replied["data"]?["addPullRequestReviewThreadReply"]?["comment"]?["body"] == "Done")
    #expect(scene.forge.breaches.isEmpty)
  }

  @Test(
    .enabled(if: ForgeScene.hasDescriptions, "ARBORIST_TEST_DATA is not set"),
    arguments: [
      "query { viewer { logn } }", "query { viewer { login(first: 1) } }", "query { viewer }",
      "query { repository(owner: \"ada\") { id } }", "query ($n: Int!) { viewer { login } }",
      "query { repository(owner: \"ada\", name: \"app\") { pullRequest(number: \"1\") { id } } }",
      "mutation { minimizeComment(input: {subjectId: \"x\", classifier: SILLY}) { clientMutationId } }",
      "query { viewer { login ",
    ])
  func wrongDocumentsAreBreaches(document: String) async throws {
    let scene = try await ForgeScene.start(.github)
    let answer = try await ask(scene, document)
    #expect(answer["errors"]?.array?.isEmpty == false)
    #expect(answer["data"] == nil)
    #expect(scene.forge.breaches.count == 1)
    let right = try await ask(scene, "query { viewer { login } }")
    #expect(right["data"]?["viewer"]?["login"] == "rob")
    #expect(scene.forge.breaches.count == 1)
  }

  @Test func pagesHaveToBeAskedFor() async throws {
    let scene = try await ForgeScene.start(.github)
    func ask(_ arguments: String) async throws -> JSONValue {
      let query =
        "{ repository(owner: \"ada\", name: \"app\") { pullRequest(number: 1) { comments\(arguments) { totalCount } } } }"
      return try await self.ask(scene, query)
    }
    #expect(try await ask("")["errors"] != nil)
    #expect(try await ask("(first: 101)")["errors"] != nil)
    #expect(try await ask("(first: 100)")["errors"] == nil)
  }

  @Test func aThreadOutsideOfTheDifferenceIsTakenAndNotShown() async throws {
    let scene = try await ForgeScene.start(.github)
    let add = """
      mutation ($pull: ID!, $line: Int!) {
        addPullRequestReviewThread(input: {pullRequestId: $pull, path: "file.txt", line: $line, body: "Look"}) {
          thread { id }
        }
      }
      """
    let pull = JSONValue.string("PR_\(scene.pull.id)")
    let outside = try await ask(scene, add, ["pull": pull, "line": 5])
    #expect(outside["errors"] == nil)
    #expect(outside["data"]?["addPullRequestReviewThread"]?["thread"] == .null)
    let inside = try await ask(scene, add, ["pull": pull, "line": 30])
    #expect(inside["data"]?["addPullRequestReviewThread"]?["thread"]?["id"]?.string?.hasPrefix("PRRT_") == true)
    let listed = try await ask(scene, Self.threads, place())
    let nodes = listed["data"]?["repository"]?["pullRequest"]?["reviewThreads"]?["nodes"]?.array
    #expect(nodes?.count == 1)
  }

  @Test func commentsCanBeHiddenByWhoMaySeeThem() async throws {
    let scene = try await ForgeScene.start(.github)
    let comment = try await scene.forge.comment(on: 1, in: "ada/app", by: "rob", "Old")
    let hide = """
      mutation ($id: ID!) {
        minimizeComment(input: {subjectId: $id, classifier: OUTDATED}) { minimizedComment { isMinimized } }
      }
      """
    let stranger = try await scene.forge.addToken(for: "eve")
    let refused = try await ask(scene, hide, ["id": .string("IC_\(comment.id)")], token: stranger)
    #expect(refused["errors"]?.array?.first?["type"] == "NOT_FOUND")
    let hidden = try await ask(scene, hide, ["id": .string("IC_\(comment.id)")])
    #expect(hidden["data"]?["minimizeComment"]?["minimizedComment"]?["isMinimized"] == true)
    #expect(try await scene.forge.comments(on: 1, in: "ada/app").first?.minimized == "OUTDATED")
  }
}
