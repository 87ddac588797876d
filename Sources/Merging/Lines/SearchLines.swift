/// The lines of one side that the search for a path looks at.
///
/// A line that the other side lacks is changed whatever path is found, so the search need not see it. A line with
/// very many matches, such as a blank one, misleads the search where the lines around it have no match at all, and
/// is given up there too.
struct SearchLines {
  /// The numbers of the lines that take part.
  private(set) var numbers: [Int32] = []
  /// For each line of the side, whether it is known to be changed.
  private(set) var changed: [Bool]
  /// Where the lines that take part stand.
  private var positions: [Int32] = []

  /// How many matches a line has on the other side.
  private enum Matches {
    case none, some, tooMany
  }

  /// From this many matches on a line has too many, however long the file.
  private static let mostMatches = 1024
  /// How many lines to each side decide whether a line with too many matches stays.
  private static let window = 100

  /// Chooses among the lines of `middle`; the others are common ends.
  init(_ side: ArraySlice<Int32>, in middle: Range<Int>, countsInOther: [Int32]) {
    changed = Array(repeating: false, count: side.count)
    let limit = min(roughSquareRoot(side.count), Self.mostMatches)
    let first = side.startIndex + middle.lowerBound
    let matches = side[first..<(first + middle.count)].map { number -> Matches in
      switch Int(countsInOther[Int(number)]) {
      case 0: .none
      case limit...: .tooMany
      default: .some
      }
    }
    let misleading = Self.misleading(matches)
    numbers.reserveCapacity(middle.count)
    positions.reserveCapacity(middle.count)
    for (index, match) in matches.enumerated() {
      let position = middle.lowerBound + index
      if match == .none || misleading[index] {
        changed[position] = true
      } else {
        numbers.append(side[side.startIndex + position])
        positions.append(Int32(position))
      }
    }
  }

  /// Enters what the search found for the lines that took part.
  mutating func mark(_ found: [Bool]) {
    for (index, isChanged) in found.enumerated() where isChanged {
      changed[Int(positions[index])] = true
    }
  }

  /// Which lines have too many matches and stand among lines that mostly have none.
  ///
  /// The neighbourhood of a line is the run around it that no line with some matches interrupts. It must hold
  /// lines without a match on both sides of the line, and over three of them to each line with too many matches;
  /// the line itself counts once for either side.
  private static func misleading(_ matches: [Matches]) -> [Bool] {
    var result = Array(repeating: false, count: matches.count)
    guard matches.contains(.tooMany) else { return result }
    // How many lines without a match stand before each index; where the run of an index starts and ends.
    var unmatched = [0]
    var runStart: [Int] = []
    var lastSome = -1
    for (index, match) in matches.enumerated() {
      unmatched.append(unmatched[index] + (match == .none ? 1 : 0))
      if match == .some { lastSome = index }
      runStart.append(lastSome + 1)
    }
    var runEnd = matches.count
    for index in matches.indices.reversed() {
      if matches[index] == .some { runEnd = index }
      guard matches[index] == .tooMany else { continue }
      let low = max(runStart[index], index - window)
      let high = min(runEnd, index + window + 1)
      let before = unmatched[index] - unmatched[low]
      let after = unmatched[high] - unmatched[index + 1]
      let tooMany = (high - low - 1) - before - after + 2
      result[index] = before > 0 && after > 0 && before + after > 3 * tooMany
    }
    return result
  }
}
