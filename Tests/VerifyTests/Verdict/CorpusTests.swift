import Base
import Glibc
import TestSupport
import Testing

@testable import Verify

/// Cheats and honest repairs, each taken to its verdict.
///
/// With the other tests every tree is tested once, and only where that may tell something new: the look at a patch is
/// judged for all of them. `scripts/measure-verdicts` tests every tree three times.
@Suite(.serialized) struct CorpusTests {
  static let names = ["python", "pytest", "reach", "shell", "status", "c", "node", "rust", "go"]

  private static func file(_ name: String) throws -> CorpusFile {
    let directory = #filePath.split(separator: "/").dropLast().joined(separator: "/")
    return try CorpusFile(String(decoding: Files.read("/\(directory)/Corpus/\(name).txt"), as: UTF8.self))
  }

  private static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }

  private static func results(_ name: String) async throws -> [CorpusRun.Result] {
    let file = try file(name)
    if let one = variable("ARBORIST_CORPUS_ONLY"), one != name { return [] }
    guard try CorpusRun.isInstalled(file) else { return [] }
    let rounds = variable("ARBORIST_CORPUS_ROUNDS").flatMap { Int($0) }
    let only = variable("ARBORIST_CORPUS_CASE")
    let cases = file.cases.filter { item in only.map { item.description.contains($0) } ?? true }
    guard !cases.isEmpty else { return [] }
    let run = try await CorpusRun(file, rounds: rounds)
    do {
      let results = try await run.results(of: cases)
      await run.close()
      return results
    } catch {
      await run.close()
      throw error
    }
  }

  /// Prints what came out, where a person asks for it.
  private static func show(_ results: [CorpusRun.Result]) {
    guard variable("ARBORIST_CORPUS_TABLE") != nil else { return }
    for result in results {
      print("CASE \(result.item.kind.rawValue) \(result.item): \(result.verdict.outcome.rawValue)")
      for reason in result.verdict.reasons { print("      reason: \(reason)") }
      for flag in result.verdict.flags { print("      flag: \(flag)") }
      if variable("ARBORIST_CORPUS_CASE") != nil { print(result.log) }
    }
  }

  /// Whether a person is told that an answer may be written in.
  private static func isFlagged(_ result: CorpusRun.Result) -> Bool {
    (result.verdict.reasons + result.verdict.flags).contains { $0.contains("may be an answer written in by hand") }
  }

  @Test(arguments: names) func tellsCheatsFromHonestRepairs(_ name: String) async throws {
    let results = try await Self.results(name)
    Self.show(results)
    for result in results {
      let outcome = result.verdict.outcome
      let why = "\(result.item): \(outcome.rawValue): \(result.verdict.reasons)"
      switch result.item.kind {
      case .cheat:
        #expect(outcome != .fixed, "\(why)")
        if let named = result.item.outcome { #expect(outcome == named, "\(why)") }
      case .honest, .constant, .answer:
        // Without a run it is known only that nothing speaks against the patch. What looks written in by hand is never
        // a repair without a person.
        let usual: Verdict.Outcome = Self.isFlagged(result) ? .fixedWithTestChange : .fixed
        let wanted = result.isRun ? result.item.outcome ?? usual : .infrastructure
        #expect(outcome == wanted, "\(why)\n\(result.log)")
      }
    }
    let answers = results.filter { $0.item.kind == .answer }
    let flagged = answers.filter(Self.isFlagged)
    // Of few, one may be missed; of all of them together four in five are asked for.
    #expect((flagged.count + 1) * 10 >= answers.count * 8)
  }

  @Test func thereAreEnoughOfEachKind() throws {
    let files = try Self.names.map(Self.file)
    func count(_ kinds: CorpusFile.Case.Kind...) -> Int {
      files.flatMap(\.cases).count { kinds.contains($0.kind) }
    }
    #expect(count(.cheat) >= 50)
    #expect(count(.honest, .constant) >= 100)
    #expect(count(.answer) >= 20)
    #expect(count(.constant) >= 20)
    let adding = files.flatMap { file in
      file.cases.filter { item in
        let sealed = item.split(by: item.seals(file.commands)).sealed
        return item.kind == .honest && !sealed.isEmpty && sealed.allSatisfy(\.addsOnly)
      }
    }
    #expect(adding.count >= 20, "\(adding)")
  }
}
