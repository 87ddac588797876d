internal import Base

extension LineComment {
  /// All text that leaves with it.
  package var outgoingText: [String] {
    [key, body] + (mark.map { [$0] } ?? []) + (suggestion ?? [])
      + [anchor.path, anchor.oldPath].compactMap { $0?.display }
  }
}

extension ForgeEffect {
  /// All text that leaves with it, for whoever looks it through.
  package var outgoingText: [String] {
    switch self {
    case .comments(let comments, _): comments.flatMap(\.outgoingText)
    case .summary(let body, _): [body]
    case .answer(let answer): [answer.key, answer.body]
    case .settle(let keys): keys
    case .check(let check): [check.name, check.title, check.summary] + check.annotations.flatMap(\.outgoingText)
    }
  }

  /// What a person calls it: `the summary`.
  package var title: String {
    switch self {
    case .comments: "the comments on lines"
    case .summary: "the summary"
    case .answer: "an answer"
    case .settle: "the settling of threads"
    case .check: "a check"
    }
  }
}
