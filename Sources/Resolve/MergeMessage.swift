internal import Base
internal import Secrets
internal import Templates
internal import Work

/// The message of a merge's commit.
struct MergeMessage {
  let outcome: ResolveOutcome
  let branch: RefName
  let base: String

  /// - Parameters:
  ///   - outcome: What came of the merge.
  ///   - branch: The branch that receives it.
  ///   - base: The base by the name that people know it under.
  init(_ outcome: ResolveOutcome, branch: RefName, base: String) {
    self.outcome = outcome
    self.branch = branch
    self.base = base
  }

  /// The message, with a line end at its end; the same outcome gives the same bytes.
  var text: String {
    get throws {
      let confirmation = outcome.confirmation
      let isVerified = confirmation?.verdict == .verified
      let concerns = outcome.concerns ?? []
      let text = try Message.resolveCommit.render([
        "base": base, "branch": branch.shortDisplay, "count": ConflictCount.resolved(in: outcome.files),
        "unverified": confirmation?.verdict != .verified && confirmation?.verdict != .failed,
        "broken": confirmation?.verdict == .failed
          ? ["text": broken(confirmation?.reason ?? "")] as [String: Any] : false,
        "verified": isVerified ? ["reason": Self.wrapped(confirmation?.reason ?? "")] as [String: Any] : false,
        "unconfirmed": isVerified
          ? [] : Array([confirmation.map { Self.wrapped("Why: \($0.reason)") }].compactMap { $0 }),
        "concerned": concerns.isEmpty ? false : ["concerns": concerns] as [String: Any],
        "files": outcome.files.map { values(of: $0) },
        "edited": (outcome.outside ?? []).isEmpty
          ? false
          : [
            "outside": (outcome.outside ?? []).map { edit in
              ["path": edit.path.display, "line": edit.line, "reason": edit.reason] as [String: Any]
            }
          ] as [String: Any],
        "assisted": models.isEmpty ? false : ["models": models] as [String: Any],
      ])
      return SecretScanner.redacting(text)
    }
  }

  /// A merge that is committed only for what is put on top of it.
  private func broken(_ reason: String) -> String {
    let how =
      outcome.files.isEmpty
      ? "git merges the two without a conflict." : "Arborist resolved \(ConflictCount.resolved(in: outcome.files))."
    return Self.wrapped("\(how) The merge alone is broken, and the next commit repairs it: \(reason)")
  }

  /// The models that made at least one resolution.
  private var models: [String] {
    let makers = Set(outcome.files.flatMap(\.resolved).filter { $0.maker == .model }.map(\.by))
    return makers.sorted()
  }

  private func values(of file: ConflictedFile) -> [String: Any] {
    [
      "path": file.path.display,
      "hunks": grouped(file.resolved).map { hunks -> [String: Any] in
        let hunk = hunks[0]
        return [
          "lines": (hunks.count == 1 ? "line " : "lines ") + hunks.map { "\($0.startLine)" }.joined(separator: ", "),
          "by": hunk.maker == .model ? "the model \(hunk.by)" : hunk.by, "reason": hunk.reason,
          "drops": hunk.dropCount.map { ["count": $0, "lines": hunk.dropNotes] as [String: Any] } ?? false,
        ]
      },
    ]
  }

  /// Neighbours that were resolved by the same, for the same reason and without a loss, are told together; no group is
  /// empty.
  private func grouped(_ hunks: [ResolvedHunk]) -> [[ResolvedHunk]] {
    hunks.reduce(into: []) { groups, hunk in
      if let last = groups.last?.last, last.by == hunk.by, last.maker == hunk.maker, last.reason == hunk.reason,
        last.dropCount == nil, hunk.dropCount == nil
      {
        groups[groups.count - 1].append(hunk)
      } else {
        groups.append([hunk])
      }
    }
  }

  /// A sentence on lines of at most 72 characters, as messages of commits have them.
  static func wrapped(_ text: String) -> String {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, line.count + 1 + word.count > 72 {
        lines.append(line)
        line = ""
      }
      line += line.isEmpty ? String(word) : " \(word)"
    }
    if !line.isEmpty { lines.append(line) }
    return lines.joined(separator: "\n")
  }
}
