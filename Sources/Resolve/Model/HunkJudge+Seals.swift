internal import Base
internal import Merging
internal import Verify
internal import Work

extension HunkJudge {
  /// What of a file that was edited outside of places may not be edited there; `nil` where all of it may.
  func sealing(_ path: RepositoryPath, _ old: [UInt8], _ new: [UInt8]) -> (kind: String, part: String)? {
    let whole = seals.kind(of: path)
    if whole != nil { return Self.words(whole).map { ($0, "") } }
    return sealedEdits(of: path, old, new).lazy.compactMap { edit in
      Self.words(edit.kind).map { ($0, edit.part.map { " in '\(DisplayText.line(Array($0.utf8)[...]))'" } ?? "") }
    }.first
  }

  /// The same of a file with places: only what stands between these counts.
  func sealing(
    _ path: RepositoryPath, _ marked: MarkedFile, _ reading: MarkedFileReading
  ) -> (kind: String, part: String)? {
    let places: [String: [UInt8]] = marked.places.reduce(into: [:]) { lines, place in
      lines[place.id] = place.ours
      if case .answered(let answer)? = reading.fates[place.id] { lines[place.id] = answer }
    }
    let after = (reading.edited ?? marked).deciding(places).bytes
    return sealing(path, marked.deciding(places).bytes, after)
  }

  /// What was done to the sealed parts of a file.
  private func sealedEdits(of path: RepositoryPath, _ old: [UInt8], _ new: [UInt8]) -> [SealedEdit] {
    seals.split([PatchedFile(path: path, old: .init(content: old), new: .init(content: new))]).sealed
  }

  private static func words(_ kind: SealKind?) -> String? {
    switch kind {
    case nil, .testData: nil
    case .test: "tests"
    case .protected, .runner, .lint, .lockFile: "settings and what decides how tests run"
    }
  }

  /// What the places of a file are sealed as, by the names of their questions: the file as a whole, or the part of it
  /// that is not what a side has it to be.
  func kinds(
    _ file: MarkedFile, _ path: RepositoryPath, _ answers: [HunkQuestion: [UInt8]]
  ) -> [String: SealKind] {
    if let whole = seals.kind(of: path) {
      return Dictionary(answers.keys.map { ($0.id, whole) }) { first, _ in first }
    }
    let sides: [(Conflict) -> [UInt8]] = [\.ours, \.theirs]
    // A place that has no answer is as ours has it.
    let open: [String: [UInt8]] = file.places.reduce(into: [:]) { $0[$1.id] = $1.ours }
    let answered = answers.reduce(into: open) { $0[$1.key.id] = $1.value }
    let merged = file.deciding(answered).bytes
    func kinds(_ questions: [HunkQuestion]) -> Set<SealKind> {
      sides.reduce(into: []) { kinds, side in
        let other = questions.reduce(into: answered) { lines, question in
          if case .lines(_, let conflict) = question.kind { lines[question.id] = side(conflict) }
        }
        kinds.formUnion(sealedEdits(of: path, file.deciding(other).bytes, merged).map(\.kind))
      }
    }
    if kinds(Array(answers.keys)).isEmpty { return [:] }
    return answers.keys.reduce(into: [:]) { result, question in
      let found = kinds([question])
      result[question.id] = SealKind.allCases.first { found.contains($0) }
    }
  }
}
