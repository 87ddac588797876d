package import Journal

/// What whoever holds the admin token can ask for with a run.
package enum RunOrder: String, Sendable, Hashable, CaseIterable {
  case stop
  case resume
  case undo
}

/// What the buttons of the page do.
package protocol RunControl: Sendable {
  /// What may be asked for with a run that stands so; nothing else gets a button.
  func orders(for run: RunSummary) -> Set<RunOrder>

  /// Sees to it that the order is carried out, by whoever does that. It is durable before this returns.
  func take(_ order: RunOrder, for run: RunSummary) async -> RunOrderAnswer
}

/// What became of an order: a line for whoever gave it.
package enum RunOrderAnswer: Sendable, Hashable {
  case taken(String)
  case refused(String)
}
