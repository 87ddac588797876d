import Base
import Merging
import Resolve
import Testing
import Work

@Suite("What resolvers may only propose is shown where a conflict is left")
struct CandidateTests {
  private struct Proposing: Resolver {
    let name: String
    let narrowed: Bool
    func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
      guard conflict.isNarrowed == narrowed else { return nil }
      return Resolution(resolver: name, lines: conflict.ours + conflict.theirs, reason: "both, one after the other")
    }
  }

  private func merge(_ resolvers: [any Resolver], proposing: [any Resolver], path: String = "a.x") throws
    -> ContentMerge
  {
    ContentMerge(
      ContentConflict(
        path: try #require(RepositoryPath(path)), base: Array("1\nold\n9\n".utf8), ours: Array("1\none\n9\n".utf8),
        theirs: Array("1\ntwo\n9\n".utf8)),
      resolvers: resolvers, proposing: proposing)
  }

  @Test("with its lines, its resolver and its reason, once")
  func shown() throws {
    let resolver = Proposing(name: "both", narrowed: false)
    let hunk = try #require(try merge([], proposing: [resolver, resolver]).file.left.first)
    let expected = CandidateLines(
      by: "both", reason: "both, one after the other", startLine: 2, endLine: 2, lines: ["one", "two"])
    #expect(hunk.candidates == [expected])
  }

  @Test("and nothing where nobody proposes, or the conflict is settled")
  func none() throws {
    #expect(try merge([], proposing: []).file.left.first?.candidates == nil)
    let resolver = Proposing(name: "both", narrowed: false)
    let settled = try merge([resolver], proposing: [resolver])
    #expect(settled.file.left.isEmpty && settled.merged != nil)
    #expect(try merge([], proposing: [resolver], path: "yarn.lock").file.left.first?.candidates == nil)
  }

  @Test("a lock file names its tool, and that it was not run")
  func regeneration() throws {
    let hunk = try #require(try merge([], proposing: [], path: "web/yarn.lock").file.left.first)
    #expect(hunk.regenerate?.command == "yarn install")
    #expect(hunk.regenerate?.directory == "web" && hunk.regenerate?.inputs == ["package.json"])
    #expect(hunk.reason.contains("'yarn install'") && hunk.reason.contains("takes a cell"))
    #expect(try merge([], proposing: []).file.left.first?.regenerate == nil, "the control")
  }

  @Test("what a tool wrote takes the place of the file")
  func regenerated() throws {
    struct Tool: Regenerator {
      func regenerate(_ regeneration: Regeneration) -> RegenerationResult {
        regeneration.command == "yarn install" ? .written(Array("new\n".utf8)) : .notRun("it is not there")
      }
    }
    func merge(_ path: String) throws -> ContentMerge {
      ContentMerge(
        ContentConflict(path: try #require(RepositoryPath(path)), base: [], ours: [1], theirs: [2]), regenerator: Tool()
      )
    }
    #expect(try merge("yarn.lock").merged == Array("new\n".utf8))
    #expect(try merge("yarn.lock").file.left.isEmpty)
    #expect(try merge("Cargo.lock").merged == nil)
    #expect(try merge("Cargo.lock").file.left.first?.reason.contains("it is not there") == true)
  }
}
