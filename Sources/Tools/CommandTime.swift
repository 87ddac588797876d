/// How long a command may take.
struct CommandTime: Hashable {
  /// What there is of time, in seconds.
  struct Limits: Hashable {
    /// Where a call asks for nothing.
    let usual: Int
    /// The most that a call can have.
    let most: Int

    /// For a shell that stays, and for tools that declare no time of their own.
    static let shell = Limits(usual: 300, most: 600)
    /// For a command in a shell of its own.
    static let command = Limits(usual: 120, most: 600)
    /// For a command that becomes a session.
    static let session = Limits(usual: 3600, most: 3600)
  }

  enum Unit: Hashable {
    case seconds
    /// As in the tools that the models know; where it is less than a second, seconds are meant.
    case milliseconds
  }

  let limit: Duration
  /// What became of the time that was asked for, where that is another one; for the end of an answer.
  let note: String

  /// The time for a call that asks for this many units; `nil` where it asks for none.
  init(asked: Int?, limits: Limits, unit: Unit) {
    guard let asked else {
      (limit, note) = (.seconds(limits.usual), "")
      return
    }
    guard asked > 0 else {
      limit = .seconds(limits.usual)
      note = "\n[`timeout` \(asked) is no time, so the limit was the usual one, \(limits.usual) seconds.]"
      return
    }
    let isShort = unit == .milliseconds && asked < 1000
    let time: Duration = unit == .seconds || isShort ? .seconds(asked) : .milliseconds(asked)
    if time > .seconds(limits.most) {
      limit = .seconds(limits.most)
      note = "\n[`timeout` was cut down to \(limits.most) seconds, the most that a command can have.]"
    } else {
      limit = time
      note = isShort ? "\n[`timeout` \(asked) was taken for seconds: milliseconds are expected.]" : ""
    }
  }
}

extension Arguments {
  /// The time that a command may take.
  func time(_ limits: CommandTime.Limits, unit: CommandTime.Unit) -> CommandTime {
    CommandTime(asked: numbers["timeout"], limits: limits, unit: unit)
  }
}
