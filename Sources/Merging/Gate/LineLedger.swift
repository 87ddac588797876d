/// How often each line stands in the sides of a conflict and in what takes its place.
///
/// Lines are compared without the white space at their ends; blank lines are not counted.
struct LineLedger {
  /// The counts of one line.
  struct Entry: Hashable {
    var line: ArraySlice<UInt8>
    var base = 0
    var ours = 0
    var theirs = 0
    var result = 0

    /// How many of it at least must be in the result because of what our side added; zero where it added none.
    var neededForOurs: Int { ours > base ? max(1, ours - max(0, base - theirs)) : 0 }
    /// The same for their side.
    var neededForTheirs: Int { theirs > base ? max(1, theirs - max(0, base - ours)) : 0 }
    /// Whether there is a letter or a digit in it: a bracket alone stands for anything.
    var hasWord: Bool { line.contains(where: isNameByte) }
  }

  /// One entry for each different line, in the order of base, ours, theirs, result.
  private(set) var entries: [Entry] = []
  private var places: [ArraySlice<UInt8>: Int] = [:]

  init(_ conflict: Conflict, result: [UInt8]) {
    count(conflict.base, \.base)
    count(conflict.ours, \.ours)
    count(conflict.theirs, \.theirs)
    count(result, \.result)
  }

  private mutating func count(_ bytes: [UInt8], _ path: WritableKeyPath<Entry, Int>) {
    for line in HunkLine.split(bytes) {
      let key = line.trimmed
      if key.isEmpty { continue }
      if let place = places[key] {
        entries[place][keyPath: path] += 1
      } else {
        places[key] = entries.count
        var entry = Entry(line: key)
        entry[keyPath: path] = 1
        entries.append(entry)
      }
    }
  }

  /// The lines that a side added and that the result lacks, with how often.
  var lost: [(side: DroppedLine.Side, line: ArraySlice<UInt8>, count: Int)] {
    entries.flatMap { entry in
      [(DroppedLine.Side.ours, entry.neededForOurs), (.theirs, entry.neededForTheirs)].compactMap { side, needed in
        entry.result < needed ? (side, entry.line, needed - entry.result) : nil
      }
    }
  }
}

extension Resolution {
  /// The same resolution with every line in its list of dropped lines that a side added and that it leaves out.
  ///
  /// - Parameters:
  ///   - conflict: The conflict that it settles.
  ///   - reason: Why nothing is lost by it.
  /// - Returns: The resolution with its list made anew.
  package func listingDrops(of conflict: Conflict, because reason: String) -> Resolution {
    listingDrops(of: conflict) { _, _ in reason }
  }

  /// The same where the lines are an edit that is left out because what was edited is gone.
  package func forgoingEdits(of conflict: Conflict, because reason: String) -> Resolution {
    var copy = listingDrops(of: conflict, because: reason)
    copy.forgoesEdits = true
    return copy
  }

  /// The same, with a reason for each line.
  package func listingDrops(
    of conflict: Conflict,
    because reason: (_ side: DroppedLine.Side, _ line: ArraySlice<UInt8>) -> String
  ) -> Resolution {
    var copy = self
    copy.dropped = LineLedger(conflict, result: lines).lost.flatMap { lost in
      let dropped = DroppedLine(side: lost.side, line: Array(lost.line), reason: reason(lost.side, lost.line))
      return Array(repeating: dropped, count: lost.count)
    }
    return copy
  }
}
