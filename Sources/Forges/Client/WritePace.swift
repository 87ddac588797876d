package import Base

/// Keeps writes apart, as forges ask of those who write content.
///
/// Source: GitHub, "Best practices for using the REST API" (a second between writes), and its secondary limits on
/// content (80 a minute, 500 an hour).
package struct WritePace: Sendable, Hashable {
  /// The least time between the beginnings of two writes.
  package let spacing: Duration
  /// The most writes of an hour; `nil` for any number.
  package let hourly: Int?
  /// When the writes of the last hour began or will begin, the oldest first.
  private var turns: [Timestamp] = []

  package init(spacing: Duration, hourly: Int? = nil) {
    self.spacing = spacing
    self.hourly = hourly
  }

  /// When a write that is to begin at some moment may begin; nothing is taken note of.
  package func next(after moment: Timestamp) -> Timestamp {
    var turn = moment
    if let last = turns.last { turn = max(turn, last.adding(spacing)) }
    if let hourly, hourly > 0, turns.count >= hourly {
      turn = max(turn, turns[turns.count - hourly].adding(.seconds(3600)))
    }
    return turn
  }

  /// Takes a turn.
  package mutating func take(_ turn: Timestamp) {
    turns.append(turn)
    let most = max(1, hourly ?? 1)
    if turns.count > most { turns.removeFirst(turns.count - most) }
  }
}
