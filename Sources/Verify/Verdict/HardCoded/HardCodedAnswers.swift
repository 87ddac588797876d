package import Base
internal import Merging

/// Looks for values that a red test expects and a patch writes into the product.
package enum HardCodedAnswers {
  /// How many are told.
  private static let most = 20

  /// The suspected answers in a patch, at most 20.
  ///
  /// A value is suspected where the patch makes it depend on nothing but a value that the tests put in, or on nothing at
  /// all, and it stands nowhere else in the product. Honest repairs do that too, so it is for a person to say.
  ///
  /// - Parameters:
  ///   - patch: The part of the patch that touches nothing sealed.
  ///   - failures: What is red; where no test is among it, all that the tests hold is taken for expected.
  ///   - paths: All files of the tree that the run began with.
  ///   - seals: What is sealed in it: the tests are read there.
  ///   - read: The bytes of a file of the tree; `nil` where there is none, or it is too large.
  /// - Returns: In the order of paths and lines.
  package static func find(
    in patch: [PatchedFile], failures: [RedFailure], paths: [RepositoryPath], seals: Seals,
    read: (RepositoryPath) -> [UInt8]?
  ) -> [HardCodedAnswer] {
    let kinds = paths.map { ($0, seals.kind(of: $0)) }
    let testFiles = kinds.filter { $0.1 == .test }.map(\.0)
    // Tests inside of sources are read there.
    let inline = patch.filter { $0.old != nil }.map(\.path)
    let dataFiles = kinds.filter { $0.1 == .testData }.map(\.0)
    let expectations = TestExpectations(
      of: failures, testFiles: testFiles + inline, dataFiles: dataFiles, read: read)
    guard !expectations.literals.isEmpty else { return [] }
    var found: [HardCodedAnswer] = []
    for file in patch {
      guard let new = file.new, !LineMerge.isBinary(new.content), seals.kind(of: file.path) == nil else { continue }
      let search = AnswerSearch(file: file, expected: expectations.literals)
      found += search.answers()
    }
    if found.isEmpty { return [] }
    let others = kinds.filter { path, kind in kind == nil && !patch.contains { $0.path == path } }.map(\.0)
    found = found.filter { !stands($0, in: others, read: read) }
    return Array(found.sorted { ($0.path, $0.line) < ($1.path, $1.line) }.prefix(most))
  }

  /// Whether the value stands in other product code already.
  private static func stands(
    _ answer: HardCodedAnswer, in paths: [RepositoryPath], read: (RepositoryPath) -> [UInt8]?
  ) -> Bool {
    var budget = 4 << 20
    let value = answer.value.filter { $0 != "\"" }
    // What is short stands somewhere in any program.
    guard value.count >= 4 else { return false }
    for path in paths where SealedPaths.isCode(path) {
      guard budget > 0, let bytes = read(path) else { continue }
      budget -= bytes.count
      if String(decoding: bytes, as: UTF8.self).has(value) { return true }
    }
    return false
  }
}
