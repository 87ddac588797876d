internal import Base
internal import Merging

/// A replay as a person reads it.
package struct EvaluationReport: Sendable {
  private let evaluation: MergeEvaluation
  private let resolvers: [String]
  private let alone: [String]?

  /// - Parameters:
  ///   - evaluation: What the replay came to.
  ///   - resolvers: The resolvers that were asked together, in their order.
  ///   - alone: Those that were asked alone as well; `nil` where none were.
  package init(_ evaluation: MergeEvaluation, resolvers: [String], alone: [String]?) {
    self.evaluation = evaluation
    self.resolvers = resolvers
    self.alone = alone
  }

  /// The report, with a line end at its end.
  package var text: String {
    var sections: [[String]] = [headline, fileTable, resolverTable(title: "RESOLVER", names: resolvers, alone: false)]
    if let alone { sections.append(resolverTable(title: "RESOLVER ALONE", names: alone, alone: true)) }
    sections.append(countTable("REFUSED BY THE GATE", evaluation.refusals))
    sections.append(countTable("NOT JUDGED", evaluation.apart))
    return sections.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") + "\n" }.joined(separator: "\n")
  }

  private var headline: [String] {
    let (merges, files) = (evaluation.merges, evaluation.files)
    var lines = [
      merges.replayed.counted("merge") + " replayed, \(merges.conflicted) with conflicts; "
        + "\(merges.clean) of these are clean as a whole, \(merges.good) as people committed them.",
      "\(files.files.counted("file")) judged with \(files.conflicts.counted("conflict")): "
        + "\(files.conflicts - files.conflictsLeft) settled, \(files.conflictsLeft) left.",
    ]
    let skipped = [
      (merges.octopus, "of more than two parents"), (merges.unrelated, "without a common ancestor"),
      (merges.unreadable, "that cannot be read"),
    ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
    if !skipped.isEmpty { lines.append("Merges left out: \(skipped.joined(separator: ", ")).") }
    return lines
  }

  private static let fileHeader = [
    "files", "clean", "equal", "white space", "order", "different", "left", "clean of all", "good of clean",
    "good of all",
  ]

  private static func row(_ name: String, _ tally: FileTally) -> [String] {
    let likeness = tally.likeness
    let counts = [
      tally.files, tally.clean, likeness[.equal], likeness[.whiteSpace], likeness[.order], likeness[.different],
      tally.left,
    ]
    let shares = [
      Share(tally.clean, of: tally.files), Share(likeness.good, of: tally.clean), Share(likeness.good, of: tally.files),
    ]
    return [name] + counts.map(String.init) + shares.map(\.text)
  }

  private var fileTable: [String] {
    var table = TextTable(header: ["FILES"] + Self.fileHeader)
    table.add(Self.row("all", evaluation.files))
    if evaluation.byRepository.count > 1 {
      table.add([""])
      for (name, tally) in Self.sorted(evaluation.byRepository) { table.add(Self.row(name, tally)) }
    }
    if !evaluation.byLanguage.isEmpty { table.add([""]) }
    for (name, tally) in Self.sorted(evaluation.byLanguage) { table.add(Self.row(name, tally)) }
    return table.lines
  }

  /// The most files first.
  static func sorted(_ tallies: [String: FileTally]) -> [(key: String, value: FileTally)] {
    tallies.sorted { ($1.value.files, $0.key) < ($0.value.files, $1.key) }
  }

  private func resolverTable(title: String, names: [String], alone: Bool) -> [String] {
    let tallies = alone ? evaluation.alone : evaluation.byResolver
    if names.isEmpty { return [] }
    var header = [title, "settled", "equal", "white space", "order", "different", "unknown", "precision"]
    if alone { header += ["read", "wrong", "wrong of all", "tier"] }
    var table = TextTable(header: header)
    for name in names {
      let tally = tallies[name] ?? HunkTally()
      let likeness = tally.likeness
      var row = [name]
      row += [
        tally.settled, likeness[.equal], likeness[.whiteSpace], likeness[.order], likeness[.different], tally.unknown,
      ].map(String.init)
      row.append(Share(likeness.good, of: likeness.total).text)
      if alone {
        let record = ResolverRecord(
          name: name, settled: likeness.total, equal: likeness.good, read: tally.read, wrong: tally.wrong)
        row += [
          "\(tally.read)", "\(tally.wrong)",
          Share(tally.wrong * likeness[.different], of: tally.read * likeness.total).text, "\(record.tier)",
        ]
      }
      table.add(row)
    }
    return table.lines
  }

  private func countTable(_ title: String, _ counts: [String: Int]) -> [String] {
    if counts.isEmpty { return [] }
    var table = TextTable(header: [title, "count"])
    for (name, count) in counts.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
      table.add([name, "\(count)"])
    }
    return table.lines
  }
}
