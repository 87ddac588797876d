import Base
import Dispatch
import Glibc
import TestSupport
import Testing

@testable import Verify

@Suite struct CorpusTests {
  static let names = ["python", "shell", "c", "node", "rust"]

  private static func file(_ name: String) throws -> CorpusFile {
    let directory = #filePath.split(separator: "/").dropLast().joined(separator: "/")
    return try CorpusFile(String(decoding: Files.read("/\(directory)/Corpus/\(name).txt"), as: UTF8.self))
  }

  /// Runs the cases of a project on a thread of their own: each waits for processes.
  private static func results(_ name: String) async throws -> [CorpusRun.Result] {
    let file = try file(name)
    if let one = getenv("ARBORIST_CORPUS_ONLY"), one.pointee != 0, String(cString: one) != name { return [] }
    guard file.needs.allSatisfy(CorpusRun.isInstalled) else { return [] }
    let only = getenv("ARBORIST_CORPUS_CASE").map { String(cString: $0) }
    let cases = file.cases.filter { item in only.map { item.description.contains($0) } ?? true }
    let run = CorpusRun(file)
    return try await withCheckedThrowingContinuation { continuation in
      DispatchQueue(label: name).async {
        continuation.resume(with: Result { try cases.map { try run.result(of: $0) } })
      }
    }
  }

  /// Prints what came out, where a person asks for it.
  private static func show(_ results: [CorpusRun.Result]) {
    guard getenv("ARBORIST_CORPUS_TABLE") != nil else { return }
    for result in results {
      print("CASE \(result.item.kind.rawValue) \(result.item): \(result.verdict.outcome.rawValue)")
      for reason in result.verdict.reasons { print("      reason: \(reason)") }
      for flag in result.verdict.flags { print("      flag: \(flag)") }
      if getenv("ARBORIST_CORPUS_CASE") != nil { print(result.log) }
    }
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
      case .honest, .constant: #expect(outcome == result.item.outcome ?? .fixed, "\(why)\n\(result.log)")
      case .answer: #expect(outcome == .fixed, "\(why)\n\(result.log)")
      }
    }
    let answers = results.filter { $0.item.kind == .answer }
    let flagged = answers.filter { !$0.verdict.flags.isEmpty }
    // Of few, one may be missed; of all of them together four in five are asked for.
    #expect((flagged.count + 1) * 10 >= answers.count * 8)
  }
}
