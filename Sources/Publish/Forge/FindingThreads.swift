internal import Base
internal import Work

/// Which threads speak of which lines, of all that have one ``FindingKey/place``: a line, or several that are equal and
/// stand in one declaration.
///
/// Threads with one mark speak of one line. Lines are dealt out to marks by what stands around them, and where that tells
/// nothing in their order; so that of equal lines the one that was mended loses its threads, and no other does.
struct FindingThreads {
  /// What a thread is to a finding that it would tell.
  fileprivate enum Standing {
    /// It is there, or the forge cannot say.
    case open
    /// A person settled it, or it came back for the second time: it is never told again.
    case closed
    /// Arborist settled it, because the code was gone; it is told once more where the code comes back.
    case returnable
    /// Arborist settled it for the second time.
    case spent

    /// Whether it is thought that its line is still there.
    var isPresent: Bool { self == .open || self == .closed }
  }

  /// A thread, with the one that told it once more.
  fileprivate struct Entry {
    /// Without regard to whether it was told once more.
    var key: FindingKey
    /// `nil` where an earlier version told it, or its line could not be seen.
    var mark: FindingMark?
    var standing: Standing
    /// The keys of its comments that are not settled.
    var open: [FindingKey]
    /// Whether the forge says that it is not settled.
    var isKnownOpen = false
    var isTaken = false
  }

  private var entries: [Entry]
  /// The lines; `nil` where they cannot be seen.
  private let lines: [PlacedLine]?
  /// The mark of each line that has one, by its place in ``lines``.
  private var marks: [Int: FindingMark]

  /// - Parameters:
  ///   - threads: The threads whose keys have the place.
  ///   - settledByUs: The keys of those that Arborist settled.
  ///   - lines: The lines that are the place now, from above; `nil` where they cannot be seen.
  init(_ threads: [StandingThreads.Thread], settledByUs: Set<String>, lines: [PlacedLine]?) {
    self.lines = lines
    var groups: [String: [StandingThreads.Thread]] = [:]
    for thread in threads { groups[thread.key.once.text, default: []].append(thread) }
    entries = groups.values.compactMap { Entry($0, settledByUs: settledByUs) }.sorted { $0.order < $1.order }
    marks = Self.deal(entries, lines ?? [])
  }

  /// Gives marks to lines: first to the likest, and then what is left in its order.
  private static func deal(_ entries: [Entry], _ lines: [PlacedLine]) -> [Int: FindingMark] {
    var result: [Int: FindingMark] = [:]
    // What is thought to be gone gets what no other thread speaks of.
    for isPresent in [true, false] {
      let present = Set(entries.lazy.filter { $0.standing.isPresent }.compactMap(\.mark))
      var seen = Set(result.values)
      var wanted: [FindingMark] = []
      for mark in entries.compactMap(\.mark) where present.contains(mark) == isPresent && seen.insert(mark).inserted {
        wanted.append(mark)
      }
      var pairs: [(likeness: Int, distance: Int, mark: Int, line: Int)] = []
      for (place, mark) in wanted.enumerated() {
        for (number, line) in lines.enumerated() {
          pairs.append((mark.likeness(to: line), abs(place - number), place, number))
        }
      }
      pairs.sort { ($1.likeness, $0.distance, $0.mark, $0.line) < ($0.likeness, $1.distance, $1.mark, $1.line) }
      var given: Set<Int> = []
      for pair in pairs where result[pair.line] == nil && given.insert(pair.mark).inserted {
        result[pair.line] = wanted[pair.mark]
      }
    }
    return result
  }

  /// The comments whose line is gone; where that cannot be seen, none.
  ///
  /// Those without a mark may speak of any of the lines, and are gone with the last of them.
  var gone: [FindingKey] {
    guard let lines else { return [] }
    let there = Set(marks.values)
    return entries.flatMap { entry in
      (entry.mark.map(there.contains) ?? !lines.isEmpty) ? [] : entry.open
    }
  }

  /// How many threads nobody has settled whose line is there as it was, and of which no finding that was told spoke.
  var silent: Int {
    guard let lines, !lines.isEmpty else { return 0 }
    let there = Set(marks.values)
    return entries.count { $0.isKnownOpen && !$0.isTaken && ($0.mark.map(there.contains) ?? true) }
  }

  /// The line of an open thread that no finding was taken to; `nil` where there is no such thread, or it cannot be seen
  /// which line is its.
  func line(ofOpen key: FindingKey) -> PlacedLine? {
    guard let lines,
      let entry = entries.first(where: { $0.key == key.once && $0.standing == .open && !$0.isTaken })
    else { return nil }
    guard let mark = entry.mark else { return lines.count == 1 ? lines.first : nil }
    return marks.first { $0.value == mark }.flatMap { lines.indices.contains($0.key) ? lines[$0.key] : nil }
  }

  /// Takes another finding to the thread: one that says the same of lines that the thread stands at.
  mutating func take(_ key: FindingKey) {
    for index in entries.indices where entries[index].key == key.once { entries[index].isTaken = true }
  }

  /// How a finding is to be told.
  struct Telling: Hashable {
    var key: FindingKey
    var mark: FindingMark?
  }

  /// Takes a finding to the thread that tells it.
  ///
  /// - Parameters:
  ///   - key: Where it is and who found it; the number does not count.
  ///   - side: The side of its first line.
  ///   - number: Its first line; `nil` where that cannot be seen.
  /// - Returns: How it is to be told; `nil` where it has been.
  mutating func tell(_ key: FindingKey, _ side: Finding.Side, _ number: Int?) -> Telling? {
    let line = number.flatMap { number in lines?.firstIndex { $0.number == number && $0.side == side } }
    let mark = line.flatMap { marks[$0] }
    let own = entries.indices.filter { entries[$0].key.source == key.source && !entries[$0].isTaken }
    let fitting =
      line == nil
      ? own : own.filter { mark != nil && entries[$0].mark == mark } + own.filter { entries[$0].mark == nil }
    for standings in [[Standing.open, .closed], [.returnable], [.spent]] {
      guard let index = fitting.first(where: { standings.contains(entries[$0].standing) }) else { continue }
      entries[index].isTaken = true
      guard entries[index].standing == .returnable else { return nil }
      var again = entries[index].key
      again.isAgain = true
      return Telling(key: again, mark: entries[index].mark ?? mark)
    }
    let told = told(key, line, mark)
    entries.append(
      Entry(key: told.key, mark: told.mark, standing: .closed, open: [], isTaken: true))
    if let line, let mark = told.mark { marks[line] = mark }
    return told
  }

  /// A key that no thread has, and the mark of its line.
  private func told(_ key: FindingKey, _ line: Int?, _ mark: FindingMark?) -> Telling {
    let numbers = Set(entries.lazy.filter { $0.key.source == key.source }.map(\.key.number))
    let number = (1...(numbers.count + 1)).first { !numbers.contains($0) } ?? numbers.count + 1
    let new = FindingKey(place: key.place, source: key.source, number: number)
    guard mark == nil, let line, let place = lines?[line] else { return Telling(key: new, mark: mark) }
    let known = Set(entries.compactMap(\.mark))
    for number in 1...(known.count + 1) {
      let mark = FindingMark(before: place.before, after: place.after, number: number)
      if !known.contains(mark) { return Telling(key: new, mark: mark) }
    }
    return Telling(key: new, mark: nil)
  }
}

extension FindingThreads.Entry {
  /// - Parameters:
  ///   - threads: Those with one key, whether it is told for the first time or once more.
  ///   - settledByUs: The keys of those that Arborist settled.
  fileprivate init?(_ threads: [StandingThreads.Thread], settledByUs: Set<String>) {
    let isTwice = threads.contains { $0.key.isAgain }
    guard let latest = threads.last(where: { $0.key.isAgain == isTwice }) else { return nil }
    let open = threads.filter { $0.isSettled != true }
    let isOurs = settledByUs.contains(latest.key.text)
    key = latest.key.once
    mark = latest.mark ?? threads.lazy.compactMap(\.mark).first
    self.open = open.map(\.key)
    isKnownOpen = open.contains { $0.isSettled == false }
    if !open.isEmpty {
      standing = .open
    } else if isTwice {
      standing = isOurs ? .spent : .closed
    } else {
      standing = isOurs ? .returnable : .closed
    }
  }

  /// From above, as far as that is known.
  fileprivate var order: Order { Order(number: mark?.number ?? 0, key: key.number, text: key.text) }

  fileprivate struct Order: Comparable {
    var number: Int
    var key: Int
    var text: String

    static func < (left: Order, right: Order) -> Bool {
      (left.number, left.key, left.text) < (right.number, right.key, right.text)
    }
  }
}
