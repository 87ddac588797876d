/// Refuses a file with a declaration, an import, a key or a case label twice in one container where neither side has
/// it twice.
struct DuplicateRule: FileRule {
  private let known: [DeclarationKey: Int]

  init(ours: SourceText, theirs: SourceText) {
    known = Self.repeated(in: ours).mapValues(\.count)
      .merging(Self.repeated(in: theirs).mapValues(\.count)) { max($0, $1) }
  }

  func fault(in merged: SourceText) -> FileFault? {
    let new = Self.repeated(in: merged).filter { $0.value.count > known[$0.key, default: 1] }
    // The first in the file, so that the same files give the same answer.
    guard let first = new.values.min(by: { ($0.last ?? 0) < ($1.last ?? 0) }), let line = first.last else { return nil }
    return FileFault(.duplicate, evidence: merged.table[line].filter { $0 != 0x0A }, lines: first)
  }

  /// The lines of each key that stands more than once in one container, where it does most often.
  private static func repeated(in source: SourceText) -> [DeclarationKey: [Int]] {
    struct Place: Hashable {
      var container: Int
      var key: DeclarationKey
    }
    var reader = DeclarationReader(source)
    var lines: [Place: [Int]] = [:]
    // Where each key stands most often, and how often.
    var fullest: [DeclarationKey: (place: Place, count: Int)] = [:]
    while let found = reader.next() {
      let place = Place(container: found.container, key: found.key)
      lines[place, default: []].append(found.line)
      guard let count = lines[place]?.count, count > 1, count > fullest[found.key]?.count ?? 0 else { continue }
      fullest[found.key] = (place, count)
    }
    return fullest.mapValues { Array((lines[$0.place] ?? []).prefix($0.count)) }
  }
}
