internal import Base
internal import Git

/// The names that a branch brought in or took away, and which of its units declare and use them.
///
/// A name is new where no file that the branch changed had it before, and gone where none has it any more. To take back
/// the unit that declares a new name, those that use it have to be taken back as well; to take back one that stopped to
/// use a name that is gone, the one that took its declaration away. It is a guess from words that saves test runs and
/// decides nothing.
struct UnitNames {
  /// For each unit those that have to be taken back with it.
  private(set) var needs: [Set<Int>]
  /// Units that declare a name which files outside of the candidates use, such as a new test.
  private(set) var pinned: Set<Int> = []

  /// - Parameters:
  ///   - difference: The change.
  ///   - outside: The lines of changed files that are no candidates.
  init(_ difference: BranchDifference, outside: [ArraySlice<UInt8>]) {
    let units = difference.units
    needs = Array(repeating: [], count: units.count)
    var (before, after): (Set<[UInt8]>, Set<[UInt8]>) = ([], [])
    for file in difference.files {
      Self.collect(DifferenceReader.lines(of: file.oldContent), into: &before)
      Self.collect(file.lines, into: &after)
    }
    let words = units.map { Words($0, of: difference.files[$0.file], before: before, after: after) }
    var outer: Set<[UInt8]> = []
    Self.collect(outside, into: &outer)
    var users: [[UInt8]: [Int]] = [:]
    var quitters: [[UInt8]: [Int]] = [:]
    for (number, words) in words.enumerated() {
      for name in words.new.keys { users[name, default: []].append(number) }
      for name in words.gone.keys { quitters[name, default: []].append(number) }
    }
    for (number, words) in words.enumerated() {
      for (name, declares) in words.new where declares {
        needs[number].formUnion((users[name] ?? []).filter { $0 != number })
        if outer.contains(name) { pinned.insert(number) }
      }
      for (name, declares) in words.gone where declares {
        for other in quitters[name] ?? [] where other != number { needs[other].insert(number) }
      }
    }
  }

  /// A set of units together with all that they need.
  func closure(of set: some Sequence<Int>) -> Set<Int> {
    var result = Set(set)
    var waiting = Array(result)
    while let next = waiting.popLast() {
      for other in needs[next] where result.insert(other).inserted { waiting.append(other) }
    }
    return result
  }

  private static func collect(_ lines: [ArraySlice<UInt8>], into names: inout Set<[UInt8]>) {
    for line in lines { for name in CodeWords.names(in: line) { names.insert(Array(name)) } }
  }

  /// The new and the gone names of one unit, and whether it declares them.
  private struct Words {
    var new: [[UInt8]: Bool] = [:]
    var gone: [[UInt8]: Bool] = [:]

    private static func stem(_ path: RepositoryPath) -> [[UInt8]] {
      let name = path.name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: true).first ?? []
      return CodeWords.names(in: name).map(Array.init)
    }

    init(_ unit: ChangeUnit, of file: BranchFile, before: Set<[UInt8]>, after: Set<[UInt8]>) {
      // A file is known by its name, too.
      if [.added, .renamed].contains(unit.kind), let path = file.new?.path {
        for name in Self.stem(path) where !before.contains(name) { new[name] = true }
      }
      if [.deleted, .renamed].contains(unit.kind), let path = file.old?.path {
        for name in Self.stem(path) where !after.contains(name) { gone[name] = true }
      }
      for line in unit.hunk?.lines ?? [] where line.kind != .context {
        for (name, declares) in CodeWords.uses(in: line.content) {
          if line.kind == .added, !before.contains(name) { new[name] = (new[name] ?? false) || declares }
          if line.kind == .deleted, !after.contains(name) { gone[name] = (gone[name] ?? false) || declares }
        }
      }
    }
  }
}
